// Which arguments an explicit signature accepts, and which of several fits best.
#pragma once
#include <cstdint>
#include <vector>

#include "ir/type.h"

namespace cantil::bindings {

// Ordered from best to worst.
enum class Conversion : uint8_t { Exact, Promote, Safe, Unsafe, None };

Conversion conversion(ir::TypeRef from, ir::TypeRef to);

// The index of the candidate that takes `args` with the fewest unsafe, then safe, then promoting conversions;
// -1 when none takes them. The first of equals wins.
int best_match(const std::vector<ir::TypeRef>& args,
               const std::vector<const std::vector<ir::TypeRef>*>& candidates);

}  // namespace cantil::bindings
