// cantil._core.UniversalFunction: what vectorize and guvectorize make of a function.
//
// It holds a numpy.ufunc over the loops compiled so far and calls that; where none of its loops takes the
// arguments, and new ones may be compiled, Python code (cantil._ufuncs) says for which types.
#pragma once
#include <Python.h>

#include <memory>

#include "frontend/function.h"

namespace cantil::bindings {

// The compiler's function behind one, or nullptr for any other object.
std::shared_ptr<frontend::Function> function_of_ufunc(PyObject* object);

int add_ufunc(PyObject* module);

}  // namespace cantil::bindings
