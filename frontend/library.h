// The library's functions (stdlib/), by the name they are declared for. Filled from the snapshot that the build makes.
#pragma once
#include <cstdint>
#include <string_view>
#include <vector>

#include "frontend/function.h"

namespace cantil::frontend {

// All functions decorated @overload(X), by X's canonical name ("numpy.sin", "operator.add", "method:array.copy").
const std::vector<uint32_t>& library_overloads(std::string_view qualified_name);
Function& library_function(uint32_t id);

}  // namespace cantil::frontend
