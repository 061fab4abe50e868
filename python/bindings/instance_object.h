// Instances of users' classes as Python objects (cantil._core.Instance), and the classes themselves.
#pragma once
#include <Python.h>

#include "device_runtime/abi.h"
#include "ir/type.h"

namespace cantil::bindings {

// The type of an instance; null for any other object.
ir::TypeRef type_of_instance(PyObject* object);
// The type of the instances of a compiled class (@jitclass); null for any other class.
ir::TypeRef type_of_class(PyObject* cls);

// The counted object behind an instance (+1). Throws PythonError where `object` is none of this type.
cantil_rt_owner* unbox_instance(ir::TypeRef type, PyObject* object);
// The Python object of an instance: the same one as long as somebody holds it. Takes the count over, also
// when it fails (null).
PyObject* box_instance(ir::TypeRef type, cantil_rt_owner* owner) noexcept;

int add_instance(PyObject* module);

}  // namespace cantil::bindings
