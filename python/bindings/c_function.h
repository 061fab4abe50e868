// cantil._core.CFunction: a compiled function at an address that C code can call (cfunc).
#pragma once
#include <Python.h>

namespace cantil::bindings {

int add_c_function(PyObject* module);

}  // namespace cantil::bindings
