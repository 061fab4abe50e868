// The public names of library functions, by object identity: for `from math import sqrt` and `f = np.sin`.
#pragma once
#include <Python.h>

#include <string>

namespace cantil::bindings {

// The canonical name of a function, class or namespace of the library's modules ("numpy.sin"), or "" when it
// is not one. Throws PythonError. Needs the GIL.
std::string public_name(PyObject* object);

// Whether the object is one of this package's own (a stub such as cuda.threadIdx), judged by the module of
// its class.
bool is_own_object(PyObject* object);

}  // namespace cantil::bindings
