// The C runtime as Python sees it: threads, leak counts; and diagnostics raised from Python.
#pragma once
#include <Python.h>

namespace cantil::bindings {

int add_runtime(PyObject* module);

}  // namespace cantil::bindings
