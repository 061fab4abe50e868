// cantil._core.Container: a heap object of compiled code as Python holds it. cantil.typed's List and Dict
// derive from it.
#pragma once
#include <Python.h>

#include "device_runtime/abi.h"
#include "ir/type.h"

namespace cantil::bindings {

// The type of a Container's object; null when `object` is none, or one that holds nothing yet.
ir::TypeRef type_of_container(PyObject* object);
// Its object with a count of the caller's own. Throws when it holds none of this type.
cantil_rt_owner* unbox_container(ir::TypeRef type, PyObject* object);
// An instance of the class registered for the object's. Takes the count over, also when it fails (null).
PyObject* box_container(ir::TypeRef type, cantil_rt_owner* owner) noexcept;

int add_container(PyObject* module);

}  // namespace cantil::bindings
