// The passes' entry points, one file each.
#pragma once
#include "ir/ir.h"

namespace cantil::ir {

void run_promote(Module& m);           // variables that are set once
void run_fold(Module& m);              // constants and simple algebra
void run_simplify_control(Module& m);  // branches and loops whose course is known
void run_fuse_arrays(Module& m);       // chains of element-wise ops into one
void run_lower_arrays(Module& m);      // element-wise ops into loops
void run_ranges(Module& m);            // needless index.wrap and bounds.check
void run_dce(Module& m);               // ops and variables without use
void run_version_loops(Module& m);     // loops twice: for what only the run time knows
void run_scalar_loops(Module& m);      // loops that vectors do not help
void run_may_raise(Module& m);         // Function::may_raise
void run_ownership(Module& m);         // retain and release

}  // namespace cantil::ir
