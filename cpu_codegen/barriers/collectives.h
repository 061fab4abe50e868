// Operations of a warp, and barriers that combine, on the way to loop form.
//
// Each becomes three steps: every thread that takes part stores its mask, its lane operand and its value in
// arrays of one element a thread; block.collective, at block level, works for all warps of the block at once
// and clears the masks (so that a thread which is not there the next time does not count); every thread reads
// its result.
#pragma once
#include "ir/ir.h"

namespace cantil::cpu_codegen {

bool has_collectives(const ir::Function& kernel);

// Rewrites the collectives of a kernel into which device functions with collectives have been put, syncwarp
// into a barrier. Conditions around them lose their else, which becomes a condition of its own: what is
// divergent can then be a mask (plan.h). A grid's barrier stays as it is: that is for fibers.
void lower_collectives(ir::Module& m, ir::Function& kernel);

}  // namespace cantil::cpu_codegen
