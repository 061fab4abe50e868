// cantil._core.Dispatcher: what @njit makes of a function. Its call is the hot path of the CPU side.
//
// A call binds its arguments, takes their types, compares them with those of the last specialisation, unboxes
// into a buffer on the stack, calls the entry point and boxes the result. Only a call with new types leaves
// this path.
#pragma once
#include <Python.h>

#include <memory>

#include "frontend/function.h"

namespace cantil::bindings {

// The compiler's function behind a decorated object (Dispatcher or cuda.jit's kernel), or nullptr for any
// other object.
std::shared_ptr<frontend::Function> function_of(PyObject* object);

int add_dispatcher(PyObject* module);

}  // namespace cantil::bindings
