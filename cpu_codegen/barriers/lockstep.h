// Loops of threads that all threads of a block had better run together, iteration by iteration.
//
// A loop that each thread runs for itself keeps x from being the innermost loop, and walks memory in the
// order of one thread, not in the order that a GPU's coalesced accesses are written for. Where it pays, such
// a `for` is therefore run at block level, with its body as thread loops; the conditions around it become
// masks on those.
#pragma once
#include <unordered_set>

#include "cpu_codegen/barriers/plan.h"
#include "ir/ir.h"

namespace cantil::cpu_codegen {

// Chooses loops (all that can be, or those for which it pays) of a kernel for which `plan` (made without any)
// holds. Rewrites those whose bounds may differ between threads:  for i = start to stop step s { body }
// becomes
//   trips = …; most = thread_max trips; for k = 0 to most step 1 { if k < trips { i = start + k * s; body } }
Lockstep choose_lockstep(ir::Module& m, ir::Function& kernel, const Plan& plan, int axis, bool all);

}  // namespace cantil::cpu_codegen
