// The types of lists of mixed types and of dicts from names to values of mixed types: named tuples, whose
// names no class can have.
#pragma once
#include <string>
#include <vector>

#include "ir/type.h"

namespace cantil::frontend {

inline bool is_static_list(ir::TypeRef t) { return t->is_tuple() && t->name == "list of mixed types"; }
inline bool is_static_dict(ir::TypeRef t) { return t->is_tuple() && t->name == "LiteralStrKeyDict"; }
inline bool is_static_container(ir::TypeRef t) { return is_static_list(t) || is_static_dict(t); }

inline ir::TypeRef static_dict_type(std::vector<std::string> names, std::vector<ir::TypeRef> values) {
  return ir::named_tuple_type("LiteralStrKeyDict", std::move(names), std::move(values), -1);
}

}  // namespace cantil::frontend
