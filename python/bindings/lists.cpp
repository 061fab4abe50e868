// Python lists as arguments and results of compiled code.
//
// While a call runs, each list that went in stands beside its Python original, so that aliases and nested
// lists stay what they are. Afterwards the elements are compared: only those that differ are boxed again.
#include "python/bindings/lists.h"

#include <cstring>

#include "ir/layout.h"
#include "ir/object_types.h"
#include "python/bindings/box.h"
#include "python/bindings/errors.h"
#include "python/bindings/owner.h"
#include "python/bindings/ref.h"
#include "python/bindings/typeof.h"
#include "python/bindings/unbox.h"
#include "support/diagnostics.h"

namespace cantil::bindings {

using ir::TypeKind;
using ir::TypeRef;

namespace {

thread_local ListScope* innermost = nullptr;

// object_types.cpp's fields of "list".
struct ListObject {
  int64_t size, capacity;
  cantil_rt_owner* items;
};

ListObject* list_of(cantil_rt_owner* owner) {
  return reinterpret_cast<ListObject*>(reinterpret_cast<char*>(owner) + CANTIL_RT_HEADER);
}
char* items_of(const ListObject* list) { return reinterpret_cast<char*>(list->items) + CANTIL_RT_HEADER; }

cantil_rt_owner* allocate(const std::vector<TypeRef>& parts, int64_t count) {
  const ir::OwnerMap map = ir::owner_map(parts);
  const auto size = static_cast<int64_t>(map.size);
  cantil_rt_owner* owner =
      map.any ? cantil_rt_alloc_counted(count * size, size, map.words[0], map.words[1], map.words[2])
              : cantil_rt_alloc(count * size);
  if (!owner) {
    PyErr_NoMemory();
    throw PythonError{};
  }
  return owner;
}

cantil_rt_owner* new_list(TypeRef type, int64_t count) {
  const std::vector<ir::ObjectField>& fields = ir::object_fields(type);
  CANTIL_CHECK(fields.size() == 3 && fields[0].offset == offsetof(ListObject, size) &&
               fields[1].offset == offsetof(ListObject, capacity) &&
               fields[2].offset == offsetof(ListObject, items));
  cantil_rt_owner* owner = allocate({fields[0].type, fields[1].type, fields[2].type}, 1);
  try {
    ListObject* list = list_of(owner);
    list->items = allocate({type->elem()}, count);
    list->capacity = count;
  } catch (...) {
    release_owner(owner);
    throw;
  }
  return owner;
}

// object_types.cpp's fields of "set".
struct SetObject {
  int64_t size, used, capacity, mask;
  cantil_rt_owner *index, *hashes, *keys;
};
SetObject* set_of(cantil_rt_owner* owner) {
  return reinterpret_cast<SetObject*>(reinterpret_cast<char*>(owner) + CANTIL_RT_HEADER);
}
int64_t* hashes_of(const SetObject* set) {
  return reinterpret_cast<int64_t*>(reinterpret_cast<char*>(set->hashes) + CANTIL_RT_HEADER);
}
constexpr int64_t kGone = -1, kNoHashYet = -2;  // stdlib/tables.py

// A set with room for `count` entries; stdlib/tables.py makes its index when it is first looked into.
cantil_rt_owner* new_set(TypeRef type, int64_t count) {
  std::vector<TypeRef> parts;
  for (const ir::ObjectField& f : ir::object_fields(type)) parts.push_back(f.type);
  CANTIL_CHECK(parts.size() == 7 && ir::object_fields(type)[6].offset == offsetof(SetObject, keys));
  cantil_rt_owner* owner = allocate(parts, 1);
  try {
    SetObject* set = set_of(owner);
    set->keys = allocate({type->elem()}, count);
    set->hashes = allocate({ir::i64()}, count);
    for (int64_t i = 0; i < count; ++i) hashes_of(set)[i] = kNoHashYet;
    set->capacity = count;
  } catch (...) {
    release_owner(owner);
    throw;
  }
  return owner;
}

// Whether the element at `at` is the number that `object` is, bit for bit. False where that is not known.
bool is_unchanged(TypeRef type, const char* at, PyObject* object) {
  if (type == common_types.float64 && PyFloat_CheckExact(object)) {
    double d = PyFloat_AS_DOUBLE(object);
    return std::memcmp(&d, at, sizeof d) == 0;
  }
  if (type == common_types.int64 && PyLong_CheckExact(object)) {
    int64_t v;
    std::memcpy(&v, at, sizeof v);
    if (is_small_int(object)) return small_int(object) == v;
    int overflow = 0;
    return PyLong_AsLongLongAndOverflow(object, &overflow) == v && !overflow;
  }
  if (type->is_text() || type->is_bytes()) {
    cantil_rt_owner* owner;
    std::memcpy(&owner, at, sizeof owner);
    return object_of(owner) == object;
  }
  if (type->is_bool() && PyBool_Check(object)) return (*at != 0) == (object == Py_True);
  return false;
}

}  // namespace

TypeRef typeof_list(PyObject* list) {
  const Py_ssize_t n = PyList_GET_SIZE(list);
  if (n == 0) return nullptr;
  PyObject* first = PyList_GET_ITEM(list, 0);
  if (Py_EnterRecursiveCall(" in looking at a list")) {  // it holds itself
    PyErr_Clear();
    return nullptr;
  }
  TypeRef elem = typeof_value(first);
  Py_LeaveRecursiveCall();
  if (!elem || elem->is_compile_time() || elem->is_none() || !ir::can_be_element(elem)) return nullptr;
  if (elem == common_types.float64 && PyFloat_CheckExact(first)) {
    for (Py_ssize_t i = 1; i < n; ++i)
      if (!PyFloat_CheckExact(PyList_GET_ITEM(list, i))) return nullptr;
  } else {
    for (Py_ssize_t i = 1; i < n; ++i)
      if (typeof_value(PyList_GET_ITEM(list, i)) != elem) return nullptr;
  }
  return ir::list_type(elem);
}

TypeRef typeof_set(PyObject* set) {
  Ref items(PySequence_List(set));
  if (!items) {
    PyErr_Clear();
    return nullptr;
  }
  TypeRef list = typeof_list(items.get());
  return list ? ir::set_type(list->elem()) : nullptr;
}

ListScope::ListScope() : outer_(innermost) { innermost = this; }

ListScope::~ListScope() {
  innermost = outer_;
  for (const Entry& e : entries_) {
    Py_DECREF(e.list);
    release_owner(e.owner);
  }
}

cantil_rt_owner* unbox_list(TypeRef type, PyObject* list) {
  const bool is_set = ir::is_set(type), is_bytearray = ir::is_bytearray(type);
  if (!(is_bytearray ? PyByteArray_Check(list)
        : is_set     ? PySet_Check(list)
                     : PyList_Check(list)) ||
      !innermost) {
    PyErr_Format(PyExc_TypeError, "%s is expected, not %R", type->str().c_str(), list);
    throw PythonError{};
  }
  for (const ListScope::Entry& e : innermost->entries_)
    if (e.list == list && e.type == type) {
      cantil_rt_retain(e.owner);
      return e.owner;
    }
  if (is_bytearray) {
    const Py_ssize_t n = PyByteArray_GET_SIZE(list);
    cantil_rt_owner* owner = new_list(type, n);
    innermost->entries_.push_back({Py_NewRef(list), owner, type});
    std::memcpy(items_of(list_of(owner)), PyByteArray_AS_STRING(list), static_cast<size_t>(n));
    list_of(owner)->size = n;
    cantil_rt_retain(owner);
    return owner;
  }
  if (is_set) {
    Ref items = checked(PySequence_List(list));
    const Py_ssize_t n = PyList_GET_SIZE(items.get());
    cantil_rt_owner* owner = new_set(type, n);
    innermost->entries_.push_back({Py_NewRef(list), owner, type});
    SetObject* made = set_of(owner);
    const size_t size = ir::owner_map({type->elem()}).size;
    const ir::Packed packed = ir::pack({type->elem()});
    char* at = reinterpret_cast<char*>(made->keys) + CANTIL_RT_HEADER;
    for (Py_ssize_t i = 0; i < n; ++i, at += size)
      unbox_element(packed, type->elem(), PyList_GET_ITEM(items.get(), i), at);
    made->size = made->used = n;
    cantil_rt_retain(owner);
    return owner;
  }
  const Py_ssize_t n = PyList_GET_SIZE(list);
  cantil_rt_owner* owner = new_list(type, n);
  innermost->entries_.push_back(
      {Py_NewRef(list), owner, type});  // before the elements: a list may hold itself
  ListObject* made = list_of(owner);
  char* at = items_of(made);
  TypeRef elem = type->elem();
  if (elem == common_types.float64) {
    for (Py_ssize_t i = 0; i < n; ++i) {
      double d = PyFloat_AsDouble(PyList_GET_ITEM(list, i));
      if (d == -1.0 && PyErr_Occurred()) throw PythonError{};
      std::memcpy(at + 8 * i, &d, sizeof d);
    }
  } else {
    const size_t size = ir::owner_map({elem}).size;
    const ir::Packed packed = ir::pack({elem});
    for (Py_ssize_t i = 0; i < n; ++i, at += size) unbox_element(packed, elem, PyList_GET_ITEM(list, i), at);
  }
  made->size = n;
  cantil_rt_retain(owner);
  return owner;
}

namespace {

Ref box_set(TypeRef type, cantil_rt_owner* owner) {
  const SetObject* from = set_of(owner);
  Ref result = checked(PySet_New(nullptr));
  const size_t size = ir::owner_map({type->elem()}).size;
  const ir::Packed packed = ir::pack({type->elem()});
  for (int64_t i = 0; i < from->used; ++i) {
    if (hashes_of(from)[i] == kGone) continue;
    const char* at =
        reinterpret_cast<const char*>(from->keys) + CANTIL_RT_HEADER + static_cast<size_t>(i) * size;
    check_status(PySet_Add(result.get(), checked(box_element(type->elem(), packed, at)).get()));
  }
  return result;
}

}  // namespace

bool ListScope::write_back() noexcept {
  return guarded(false, [&] {
    for (size_t k = 0; k < entries_.size(); ++k) {
      const Entry e = entries_[k];
      if (ir::is_bytearray(e.type)) {
        const ListObject* from = list_of(e.owner);
        if (from->size != PyByteArray_GET_SIZE(e.list))
          check_status(PyByteArray_Resize(e.list, static_cast<Py_ssize_t>(from->size)));
        if (from->size > 0)
          std::memcpy(PyByteArray_AS_STRING(e.list), items_of(from), static_cast<size_t>(from->size));
        continue;
      }
      if (ir::is_set(e.type)) {
        Ref now = box_set(e.type, e.owner);
        const int same = PyObject_RichCompareBool(now.get(), e.list, Py_EQ);
        check_status(same);
        if (same) continue;
        check_status(PySet_Clear(e.list));
        Ref done = checked(PyObject_CallMethod(e.list, "update", "O", now.get()));
        continue;
      }
      const ListObject* from = list_of(e.owner);
      TypeRef elem = e.type->elem();
      const size_t size = ir::owner_map({elem}).size;
      const ir::Packed packed = ir::pack({elem});
      const char* at = from->items ? items_of(from) : nullptr;
      for (int64_t i = 0; i < from->size; ++i, at += size) {
        const bool had = i < PyList_GET_SIZE(e.list);
        if (had && is_unchanged(elem, at, PyList_GET_ITEM(e.list, i))) continue;
        Ref item = checked(box_element(elem, packed, at));
        if (had) {
          if (PyList_GET_ITEM(e.list, i) == item.get()) continue;
          check_status(PyList_SetItem(e.list, static_cast<Py_ssize_t>(i), item.release()));
        } else {
          check_status(PyList_Append(e.list, item.get()));
        }
      }
      if (PyList_GET_SIZE(e.list) > from->size)
        check_status(
            PyList_SetSlice(e.list, static_cast<Py_ssize_t>(from->size), PyList_GET_SIZE(e.list), nullptr));
    }
    return true;
  });
}

PyObject* box_list(TypeRef type, cantil_rt_owner* owner) noexcept {
  if (innermost)
    for (const ListScope::Entry& e : innermost->entries_)
      if (e.owner == owner) {
        release_owner(owner);
        return Py_NewRef(e.list);
      }
  PyObject* result = guarded([&] {
    if (ir::is_set(type)) return box_set(type, owner).release();
    const ListObject* from = list_of(owner);
    if (ir::is_bytearray(type))
      return checked(PyByteArray_FromStringAndSize(from->size > 0 ? items_of(from) : nullptr,
                                                   static_cast<Py_ssize_t>(from->size)))
          .release();
    Ref list = checked(PyList_New(static_cast<Py_ssize_t>(from->size)));
    TypeRef elem = type->elem();
    const size_t size = ir::owner_map({elem}).size;
    const ir::Packed packed = ir::pack({elem});
    const char* at = from->items ? items_of(from) : nullptr;
    for (int64_t i = 0; i < from->size; ++i, at += size)
      PyList_SET_ITEM(list.get(), static_cast<Py_ssize_t>(i),
                      checked(box_element(elem, packed, at)).release());
    return list.release();
  });
  release_owner(owner);
  return result;
}

}  // namespace cantil::bindings
