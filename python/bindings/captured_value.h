// Python objects as the compiler's captured values.
#pragma once
#include <Python.h>

#include <string>

#include "frontend/function.h"

namespace cantil::bindings {

// Freezes an object that a free name stands for. `path` is its canonical name when it was reached through
// modules
// ("numpy.sin"), else "". `self` is the function being captured, `self_object` its Python function: a
// reference to it is not owned, so that a recursive function does not keep itself alive. Throws PythonError.
// Needs the GIL.
frontend::Captured captured_value(PyObject* object, const std::string& path, frontend::Function& self,
                                  PyObject* self_object);

// Whether attribute chains continue behind this object while capturing: modules, plain classes, enum members
// and the package's own namespaces (cuda.threadIdx).
bool is_namespace(PyObject* object);

}  // namespace cantil::bindings
