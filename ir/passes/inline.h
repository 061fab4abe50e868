// Calls replaced by the callee's body, on the structured IR. LLVM inlines for speed; this is for what must be
// one function.
#pragma once
#include "ir/ir.h"

namespace cantil::ir {

// Whether a barrier is in `f` or in a function that it calls, however deep.
bool reaches_barrier(const Function& f);

// Puts the bodies of functions that reach a barrier in place of the calls to them, in functions[0] and
// whatever is put there. A recursive function stays called.
void inline_barrier_functions(Module& m);

}  // namespace cantil::ir
