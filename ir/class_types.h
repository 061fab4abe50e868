// Object types of classes that users define: their name, their fields, and types that are named before they
// are known.
//
// Such a type is an Object whose `value` is the class's number; two classes of one name differ in it. Fields
// may be of types that are defined later (deferred_type), also of the class itself: what they stand for is
// put in when the layout is first asked for.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "ir/object_types.h"

namespace cantil::ir {

// The first field of each instance: the Python object that stands for it, or null. Compiled code leaves it
// alone.
inline constexpr const char* kFaceField = ".face";

// A new class. `name` is what messages call it; the type's own spelling has the prefix and a digest of what
// tells it from others of that name.
TypeRef new_class_type(std::string_view prefix, std::string_view name, std::string_view module);
inline bool is_class_instance(TypeRef t) { return t->is(TypeKind::Object) && t->value > 0; }

// "Point" of instance.jitclass.Point#1a2b.
std::string class_name(TypeRef instance);
// The type of this spelling, or null.
TypeRef find_class_type(std::string_view spelling);

// Once for each class. Returns false, and takes nothing, where the references among the fields cannot be
// described in a block's header.
bool set_class_fields(TypeRef instance, std::vector<std::pair<std::string, TypeRef>> fields);
// As they were set, with deferred types resolved. Throws InternalError where one has not been defined.
std::vector<std::pair<std::string, TypeRef>> class_fields(TypeRef instance);

// A type that stands for another one, to be defined before it is used.
TypeRef new_deferred_type();
inline bool is_deferred(TypeRef t) { return t->is(TypeKind::Object) && t->value < 0; }
// False when it has been defined already.
bool define_deferred(TypeRef deferred, TypeRef actual);
// What it was defined as, or null.
TypeRef deferred_as(TypeRef deferred);
// `t` with the deferred types in it replaced; null when one of them is not defined yet.
TypeRef resolve_deferred(TypeRef t);

}  // namespace cantil::ir
