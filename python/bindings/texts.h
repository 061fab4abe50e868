// str and bytes across the border: compiled code reads the characters of Python's objects where they are.
#pragma once
#include <Python.h>

#include "device_runtime/abi.h"
#include "ir/type.h"

namespace cantil::bindings {

// The object as a text of this type (+1). Throws PythonError where it is none.
cantil_rt_owner* unbox_text(ir::TypeRef type, PyObject* object);
// The text as a Python object; takes the reference over.
PyObject* box_text(ir::TypeRef type, cantil_rt_owner* text) noexcept;
void install_text_hooks();  // hash() of this process

}  // namespace cantil::bindings
