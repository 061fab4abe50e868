// The classes of heap objects that containers are made of: which fields an object of a type has, and where.
//
// An object is a counted block; its fields lie behind the block's header in their memory form, one after
// another.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "ir/type.h"

namespace cantil::ir {

struct ObjectField {
  std::string name;
  TypeRef type;
  size_t offset;  // from the first field
};

// The fields of an object type. The answer lives as long as the process.
const std::vector<ObjectField>& object_fields(TypeRef object);
// The index of a field, -1 when there is none of this name.
int object_field(TypeRef object, std::string_view name);
bool is_object_class(std::string_view name, size_t parameters);

// Where owners lie in a row of elements made of these parts: bit i of `words` for the 8 bytes at 8 * i of
// each.
struct OwnerMap {
  size_t size = 0;  // bytes of one element
  bool any = false;
  uint64_t words[3] = {0, 0, 0};
};
OwnerMap owner_map(const std::vector<TypeRef>& parts);
// Whether a buffer can hold elements of this type: owners can be described in their first 1536 bytes only.
bool can_be_element(TypeRef t);

// list(T): how many there are, and a row with room for more. ListType[T], Numba's typed list, differs in that
// Python sees the object itself instead of a copy.
TypeRef list_type(TypeRef elem);
TypeRef typed_list_type(TypeRef elem);
TypeRef bytearray_type();  // a list of uint8 in its form
// Hash tables: rows of entries in the order of insertion, and an index into them by hash.
TypeRef set_type(TypeRef elem);  // set(T); SetType[T] is what ListType is to list
TypeRef dict_type(TypeRef key, TypeRef value);

// A generator that has been called: what it yields, the options that its body has from its caller, the id of
// its function, the types of its arguments. In memory it is a frame, whose fields are found when the body has
// been lowered.
TypeRef generator_object_type(TypeRef yields, int64_t function, int64_t inherited, std::vector<TypeRef> args);
TypeRef frame_type(std::vector<TypeRef> kept);

inline bool is_object(TypeRef t, std::string_view cls) { return t->is(TypeKind::Object) && t->name == cls; }
inline bool is_list(TypeRef t) { return is_object(t, "list") || is_object(t, "ListType"); }
inline bool is_set(TypeRef t) { return is_object(t, "set") || is_object(t, "SetType"); }
inline bool is_bytearray(TypeRef t) { return is_object(t, "bytearray"); }
inline bool is_dict(TypeRef t) { return is_object(t, "DictType"); }
inline bool is_generator_object(TypeRef t) { return is_object(t, "generator"); }
inline bool is_table(TypeRef t) { return is_set(t) || is_dict(t); }

// str and bytes, which are owners too: where their parts stand in the block's header
// (device_runtime/text/text.h).
constexpr int kTextLength = 40, kTextHash = 48, kTextKind = 56;

// Python objects in compiled code: owners with a name. Compiled code counts them and reads the data that they
// stand for; what it is depends on the name. np.random.Generator: its data is NumPy's bitgen_t.
inline TypeRef generator_type() {
  Type t;
  t.kind = TypeKind::Owner;
  t.name = "NumPyRandomGeneratorType";
  return intern(std::move(t));
}
inline bool is_generator(TypeRef t) {
  return t->is(TypeKind::Owner) && t->name == "NumPyRandomGeneratorType";
}

}  // namespace cantil::ir
