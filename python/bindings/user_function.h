// A decorated Python function as the compiler sees it.
#pragma once
#include <Python.h>

#include <memory>
#include <vector>

#include "frontend/function.h"
#include "ir/type.h"

namespace cantil::bindings {

// Makes the front end's function of a Python function, to be captured when it is first compiled. `options` is
// the dict that cantil._options normalises. Throws PythonError.
std::shared_ptr<frontend::Function> make_user_function(PyObject* py_func, PyObject* options,
                                                       frontend::FunctionRole role);

// One entry of the options dict as an integer; 0 when it is missing.
long option(PyObject* options, const char* name);

// The argument types of a sequence of Type objects. Throws PythonError.
std::vector<ir::TypeRef> types_of(PyObject* sequence);

// (return type or None, (argument types…)) as C++ types. Throws PythonError.
void read_signature(PyObject* signature, std::vector<ir::TypeRef>& args, ir::TypeRef& ret);

PyObject* wrap_types(const std::vector<ir::TypeRef>& types);

// Types of a call's bound values, or a TypingError about the first one that has none. Throws.
void typeof_arguments(PyObject* const* values, size_t count, const frontend::Function& f,
                      std::vector<ir::TypeRef>& types);

// "int64, float64" for messages.
std::string type_list(const std::vector<ir::TypeRef>& types);

}  // namespace cantil::bindings
