// Along which axis of the block the thread loops run innermost.
#pragma once
#include "ir/ir.h"

namespace cantil::cpu_codegen {

// On a GPU both axes are the same; here the innermost one becomes vectors, so neighbours along it should be
// neighbours in memory. Sets the thread loops' flag where that is y: `x, y = cuda.grid(2); a[x, y]`.
void choose_axis(ir::Function& kernel);

}  // namespace cantil::cpu_codegen
