// What stands in the brackets of `kernel[…]`.
#pragma once
#include <Python.h>

#include "python/bindings/cuda_device.h"

namespace cantil::bindings {

// Reads (blocks, threads[, stream[, shared memory]]). Throws CompileError for what can never be launched,
// PythonError (TypeError) for what is no configuration. Needs the GIL.
void read_configuration(PyObject* given, CudaLaunch& config);

}  // namespace cantil::bindings
