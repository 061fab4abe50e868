// cantil._core.Kernel and Launcher: what @cuda.jit makes of a function, and that with a launch configuration.
//
// Launcher's call is the hot path of the CUDA side: it takes the arguments' types, compares them with the
// last specialisation's, unboxes into a buffer on the stack and enqueues the launch; it allocates nothing and
// waits for nothing unless host arrays were passed.
#pragma once
#include <Python.h>

#include <memory>

#include "frontend/function.h"

namespace cantil::bindings {

std::shared_ptr<frontend::Function> function_of_kernel(PyObject* object);

int add_cuda_kernel(PyObject* module);

}  // namespace cantil::bindings
