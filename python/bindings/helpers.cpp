// The cold parts of calls that are written in Python, from the package.
#include "python/bindings/helpers.h"

#include <string>

namespace cantil::bindings {

Ref helper(const char* module, const char* name) {
  return import_attribute((std::string("cantil.") + module).c_str(), name);
}

}  // namespace cantil::bindings
