// Compiling ahead of time, as cantil/_aot uses it: code for a named CPU as bytes.
#pragma once
#include <Python.h>

namespace cantil::bindings {

int add_ahead(PyObject* module);

}  // namespace cantil::bindings
