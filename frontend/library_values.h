// What dotted names mean in library files, without Python: dtypes, constants, exception classes, functions.
#pragma once
#include <string>

#include "frontend/function.h"

namespace cantil::frontend {

// The value of a canonical name: "numpy.float32" is a Type, "math.pi" a Float, "builtins.ValueError" an
// ExceptionClass, "numpy" a Module, and what is none of these a Builtin.
Captured library_value(const std::string& canonical);

// Whether a canonical name is a module or a namespace, so that an attribute behind it belongs to the name.
bool is_library_namespace(const std::string& canonical);

// The type of a dtype's bare name ("float64", "uint8", "bool_"), or null.
ir::TypeRef dtype_named(std::string_view name);

}  // namespace cantil::frontend
