// The library's index; empty until the snapshot of stdlib/ is part of the build.
#include "frontend/library.h"

#include "support/diagnostics.h"

namespace cantil::frontend {

const std::vector<uint32_t>& library_overloads(std::string_view) {
  static const std::vector<uint32_t> none;
  return none;
}

Function& library_function(uint32_t) { throw InternalError("the library is empty"); }

}  // namespace cantil::frontend
