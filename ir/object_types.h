// Python objects in compiled code: owners with a name. Compiled code counts them and reads the data that they
// stand for; what it is depends on the name.
#pragma once
#include "ir/type.h"

namespace cantil::ir {

// np.random.Generator: its data is NumPy's bitgen_t.
inline TypeRef generator_type() {
  Type t;
  t.kind = TypeKind::Owner;
  t.name = "NumPyRandomGeneratorType";
  return intern(std::move(t));
}

inline bool is_object(TypeRef t) { return t->is(TypeKind::Owner) && !t->name.empty(); }
inline bool is_generator(TypeRef t) { return is_object(t) && t->name == "NumPyRandomGeneratorType"; }

}  // namespace cantil::ir
