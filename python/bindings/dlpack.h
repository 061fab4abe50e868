// DLPack capsules over device memory: `_core.dlpack_export` and `_core.dlpack_import`.
#pragma once
#include <Python.h>

namespace cantil::bindings {

int add_dlpack(PyObject* module);

}  // namespace cantil::bindings
