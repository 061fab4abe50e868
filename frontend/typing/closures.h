// The type of a function that has values from where it was defined.
//
// It is the tuple of those values, told from other tuples by its name, which no class can have; `value` is
// the function's id. The IR sees a plain tuple (runtime_type).
#pragma once
#include "frontend/function.h"

namespace cantil::frontend {

inline ir::TypeRef closure_type(const Function& f, const std::vector<ir::TypeRef>& values) {
  return ir::named_tuple_type("function(" + f.name + ")", f.environment, values, static_cast<int64_t>(f.id));
}

inline bool is_closure(ir::TypeRef t) { return t->is_tuple() && t->name.rfind("function(", 0) == 0; }

}  // namespace cantil::frontend
