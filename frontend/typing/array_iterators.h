// The types of a.flat, np.ndindex, np.ndenumerate and np.nditer: named tuples of what they run over.
#pragma once
#include <string_view>

#include "ir/type.h"

namespace cantil::frontend {

// The place of a named tuple's class, where there is none in Python.
inline constexpr int64_t kArrayIterator = -1000;

inline bool is_array_iterator(ir::TypeRef t) { return t->is_tuple() && t->value == kArrayIterator; }
inline bool is_array_iterator(ir::TypeRef t, std::string_view kind) {
  return is_array_iterator(t) && t->name == kind;
}

}  // namespace cantil::frontend
