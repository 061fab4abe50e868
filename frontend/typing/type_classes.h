// Names for sets of types: parameters' annotations in the library, and isinstance().
#pragma once
#include <string>

#include "frontend/syntax/tree.h"
#include "ir/type.h"

namespace cantil::frontend {

// "Integer", "Array", "float64"…: true when `t` is of that class. `known` is false when there is no such
// class.
bool is_of_class(ir::TypeRef t, const std::string& name, bool* known = nullptr);

// A parameter's annotation (null takes anything): a class name, `A | B`, None, or `Literal…` for compile-time
// values.
bool matches(const syntax::Node* annotation, ir::TypeRef t);
bool wants_literal(const syntax::Node* annotation);

}  // namespace cantil::frontend
