// cantil._core.ExternalFunction: a function of CUDA C++ or PTX that kernels call.
#pragma once
#include <Python.h>

#include <memory>

#include "frontend/function.h"

namespace cantil::bindings {

// The function of an ExternalFunction; null for any other object.
std::shared_ptr<frontend::Function> function_of_external(PyObject* object);

// Whether an object is `from_buffer` of a cffi.FFI, which kernels call to have an array's address.
bool is_from_buffer(PyObject* object);
bool is_ffi(PyObject* object);

int add_external_function(PyObject* module);

}  // namespace cantil::bindings
