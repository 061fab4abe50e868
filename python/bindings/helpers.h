// The cold parts of calls that are written in Python (cantil/_binding.py, cantil/_tracebacks.py). The
// extension imports them from its package; a module compiled ahead of time has them inside.
#pragma once
#include "python/bindings/ref.h"

namespace cantil::bindings {

// The attribute `name` of the helper `module` ("_binding"). Throws PythonError.
Ref helper(const char* module, const char* name);

}  // namespace cantil::bindings
