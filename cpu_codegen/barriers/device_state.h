// Makes device functions independent of the block they run in.
#pragma once
#include "ir/ir.h"

namespace cantil::cpu_codegen {

// Every sreg, shared array and dynamic shared memory that a function other than functions[0] uses becomes a
// parameter, given by its callers. Shared arrays then all belong to functions[0], at its start: one per op,
// as in CUDA, where a device function's shared array is the same one in each call.
void lower_device_state(ir::Module& m);

}  // namespace cantil::cpu_codegen
