// One call of compiled code: arguments unboxed, entry point called, result boxed or exception raised.
#pragma once
#include "python/bindings/specialisation.h"

namespace cantil::bindings {

// `values` are one for each of the specialisation's arguments, of its types or such that convert to them.
// `keeper` lives as long as the code; `globals` are for the frames of a traceback.
PyObject* run(Specialisation& s, PyObject* const* values, PyObject* keeper, PyObject* globals);

}  // namespace cantil::bindings
