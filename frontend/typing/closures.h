// The types of functions as values: closures, and one of several functions.
#pragma once
#include "frontend/function.h"

namespace cantil::frontend {

inline ir::TypeRef closure_of(const Function& f, const std::vector<ir::TypeRef>& values) {
  return ir::closure_type(static_cast<int64_t>(f.id), f.name, f.environment, values);
}

// The type as which a value is kept where its type has to have a value: a function that is known becomes the
// one choice of a choice.
inline ir::TypeRef kept_type(ir::TypeRef t) {
  t = ir::unliteral(t);
  return t->is(ir::TypeKind::Function) || t->is(ir::TypeKind::Builtin) ? ir::choice_type({t}) : t;
}

}  // namespace cantil::frontend
