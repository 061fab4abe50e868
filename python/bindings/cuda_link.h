// NVRTC and nvJitLink for cantil.cuda: `_core.nvrtc_compile`, `_core.nvjitlink`, and where CUDA's parts are.
#pragma once
#include <Python.h>

namespace cantil::bindings {

int add_cuda_link(PyObject* module);

}  // namespace cantil::bindings
