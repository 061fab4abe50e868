// Users' extensions of the library, and users' classes: what cantil.extending and cantil.experimental
// register.
#pragma once
#include <Python.h>

#include <string>

namespace cantil::bindings {

// The key under which overloads of an object are registered ("extension.module.function"), or "".
std::string extension_key(PyObject* object);
// The compiled function that stands for a plain one in compiled code (register_jitable); null for others.
PyObject* compiled_twin(PyObject* function);

int add_extensions(PyObject* module);

}  // namespace cantil::bindings
