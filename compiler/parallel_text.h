// What became of parallel code, as lines for parallel_diagnostics.
#pragma once
#include <string>

#include "ir/ir.h"

namespace cantil::compiler {

// A line an event, its parts separated by tabs: "loop", "nested" or "fused", the user's function, the first
// and the last line of the place, what it is, and for "fused" the line it is computed at.
std::string parallel_text(const ir::Module& m);

}  // namespace cantil::compiler
