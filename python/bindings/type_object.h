// cantil._core.Type: the Python face of an interned ir::TypeRef. Equal types are the same object.
#pragma once
#include <Python.h>

#include "ir/type.h"

namespace cantil::bindings {

// New reference to the object of a type (its class is the one registered for its kind by cantil._types).
PyObject* wrap_type(ir::TypeRef type);

// The type behind a Type object, or nullptr (no exception set) when `object` is none.
ir::TypeRef unwrap_type(PyObject* object);

// The type that an object denotes where a type is expected: a Type, a NumPy dtype or scalar class, Python's
// bool, int, float, complex and None. Null, without an exception, for anything else.
ir::TypeRef type_denoted_by(PyObject* object);

// Adds Type and the functions that make types to the module. Returns -1 with an exception set when it fails.
int add_type_object(PyObject* module);

// The first object of a type that a class derived from Type stands for. It must not have one yet.
PyObject* wrap_type_as(ir::TypeRef type, PyTypeObject* cls);

}  // namespace cantil::bindings
