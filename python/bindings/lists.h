// Python lists as arguments and results: copied into a list of compiled code for a call, and what the call
// changed copied back.
#pragma once
#include <Python.h>

#include <vector>

#include "device_runtime/abi.h"
#include "ir/object_types.h"

namespace cantil::bindings {

// Whether Python sees objects of this type as copies: its own lists and sets, which come back after the call.
inline bool is_copied(ir::TypeRef t) {
  return ir::is_object(t, "list") || ir::is_object(t, "set") || ir::is_bytearray(t);
}

// The type of a list or set whose elements are all of one type; null for an empty or a mixed one.
ir::TypeRef typeof_list(PyObject* list);
ir::TypeRef typeof_set(PyObject* set);

// The lists of one call, innermost call of the thread first. Made around unboxing, the call and boxing.
class ListScope {
 public:
  ListScope();
  ~ListScope();
  ListScope(const ListScope&) = delete;
  ListScope& operator=(const ListScope&) = delete;

  // Copies what the call changed back into the Python lists. False with an exception set.
  bool write_back() noexcept;

 private:
  friend cantil_rt_owner* unbox_list(ir::TypeRef, PyObject*);
  friend PyObject* box_list(ir::TypeRef, cantil_rt_owner*) noexcept;
  struct Entry {
    PyObject* list;          // or set; held
    cantil_rt_owner* owner;  // held
    ir::TypeRef type;
  };
  ListScope* outer_;
  std::vector<Entry> entries_;
};

// A list of compiled code (+1) with the elements of a Python one; the same for the same list in one scope.
// Throws.
cantil_rt_owner* unbox_list(ir::TypeRef type, PyObject* list);
// The Python list behind an owner of this scope, or a new one. Takes the count over, also when it fails
// (null).
PyObject* box_list(ir::TypeRef type, cantil_rt_owner* owner) noexcept;

}  // namespace cantil::bindings
