// Interned types: one process-wide hash table, with the scalar types answered from a fixed array. Spelling is
// in type_text.cpp.
#include "ir/type.h"

#include <algorithm>
#include <deque>
#include <functional>
#include <mutex>
#include <shared_mutex>
#include <tuple>
#include <unordered_set>

#include "support/diagnostics.h"

namespace cantil::ir {
namespace {

void mix(size_t& h, size_t v) { h = (h ^ v) * 0x9E3779B97F4A7C15ull + (h >> 29); }

struct TypeHash {
  size_t operator()(const Type* t) const {
    size_t h = static_cast<size_t>(t->kind);
    mix(h, size_t{t->bits} | size_t{t->is_signed} << 8 | size_t{t->ndim} << 16 |
               static_cast<size_t>(t->layout) << 24 | size_t{t->readonly} << 32 | size_t{t->aligned} << 33);
    mix(h, static_cast<size_t>(t->value));
    if (!t->name.empty()) mix(h, std::hash<std::string>()(t->name));
    for (const std::string& f : t->fields) mix(h, std::hash<std::string>()(f));
    for (const Type* e : t->elems) mix(h, e->id);
    return h;
  }
};

struct TypeEqual {
  bool operator()(const Type* a, const Type* b) const {
    return a->kind == b->kind && a->bits == b->bits && a->is_signed == b->is_signed && a->ndim == b->ndim &&
           a->layout == b->layout && a->readonly == b->readonly && a->aligned == b->aligned &&
           a->value == b->value && a->elems == b->elems && a->name == b->name && a->fields == b->fields;
  }
};

class Table {
 public:
  TypeRef intern(Type&& t) {
    {
      std::shared_lock lock(mutex_);
      auto found = set_.find(&t);
      if (found != set_.end()) return *found;
    }
    std::unique_lock lock(mutex_);
    auto found = set_.find(&t);
    if (found != set_.end()) return *found;
    t.id = static_cast<uint32_t>(arena_.size());
    arena_.push_back(std::move(t));
    set_.insert(&arena_.back());
    return &arena_.back();
  }

 private:
  std::shared_mutex mutex_;
  std::deque<Type> arena_;
  std::unordered_set<const Type*, TypeHash, TypeEqual> set_;
};

// Never destroyed: types outlive every static that may still hold one.
Table& table() {
  static Table* t = new Table;
  return *t;
}

Type make(TypeKind kind, int bits = 0, bool is_signed = false) {
  Type t;
  t.kind = kind;
  t.bits = static_cast<uint8_t>(bits);
  t.is_signed = is_signed;
  return t;
}

Type make_of(TypeKind kind, TypeRef elem) {
  Type t = make(kind);
  t.elems.push_back(elem);
  return t;
}

Type make_named(TypeKind kind, std::string name, int64_t value = 0) {
  Type t = make(kind);
  t.name = std::move(name);
  t.value = value;
  return t;
}

// The types that are asked for all the time, without a lock.
struct Scalars {
  TypeRef none, boolean, owner, unknown, ellipsis, text, bytes;
  TypeRef ints[2][4];  // [signed][log2(bits) - 3]
  TypeRef floats[3];   // 16, 32, 64
  TypeRef bfloat;
  TypeRef complexes[2];

  Scalars() {
    auto in = [](Type t) { return table().intern(std::move(t)); };
    none = in(make(TypeKind::None));
    boolean = in(make(TypeKind::Bool));
    owner = in(make(TypeKind::Owner));
    unknown = in(make(TypeKind::Unknown));
    ellipsis = in(make(TypeKind::Ellipsis));
    text = in(make_named(TypeKind::Owner, "unicode_type"));
    bytes = in(make_named(TypeKind::Owner, "bytes"));
    for (int s = 0; s < 2; ++s)
      for (int k = 0; k < 4; ++k) ints[s][k] = in(make(TypeKind::Int, 8 << k, s != 0));
    for (int k = 0; k < 3; ++k) floats[k] = in(make(TypeKind::Float, 16 << k));
    Type brain = make(TypeKind::Float, 16);
    brain.value = 1;
    bfloat = in(std::move(brain));
    for (int k = 0; k < 2; ++k) complexes[k] = in(make(TypeKind::Complex, 64 << k));
  }
};

const Scalars& scalars() {
  static const Scalars* s = new Scalars;
  return *s;
}

}  // namespace

TypeRef intern(Type t) {
  scalars();  // so that scalar ids are the lowest ones whatever is interned first
  return table().intern(std::move(t));
}

TypeRef none_type() { return scalars().none; }
TypeRef bool_type() { return scalars().boolean; }
TypeRef owner_type() { return scalars().owner; }
TypeRef text_type() { return scalars().text; }
TypeRef bytes_type() { return scalars().bytes; }
TypeRef unknown_type() { return scalars().unknown; }
TypeRef undecided_type(std::string cls, int64_t value) {
  CANTIL_CHECK(value > 0);
  return intern(make_named(TypeKind::Unknown, std::move(cls), value));
}
TypeRef ellipsis_type() { return scalars().ellipsis; }

TypeRef int_type(int bits, bool is_signed) {
  CANTIL_CHECK(bits == 8 || bits == 16 || bits == 32 || bits == 64);
  return scalars().ints[is_signed][bits == 8 ? 0 : bits == 16 ? 1 : bits == 32 ? 2 : 3];
}

TypeRef float_type(int bits) {
  CANTIL_CHECK(bits == 16 || bits == 32 || bits == 64);
  return scalars().floats[bits == 16 ? 0 : bits == 32 ? 1 : 2];
}

TypeRef bfloat16_type() { return scalars().bfloat; }

TypeRef complex_type(int bits) {
  CANTIL_CHECK(bits == 64 || bits == 128);
  return scalars().complexes[bits == 64 ? 0 : 1];
}

TypeRef tuple_type(std::vector<TypeRef> elems) {
  Type t = make(TypeKind::Tuple);
  t.elems = std::move(elems);
  return intern(std::move(t));
}

TypeRef named_tuple_type(std::string name, std::vector<std::string> fields, std::vector<TypeRef> elems,
                         int64_t class_ref) {
  CANTIL_CHECK(!name.empty() && fields.size() == elems.size());
  Type t = make_named(TypeKind::Tuple, std::move(name), class_ref);
  t.fields = std::move(fields);
  t.elems = std::move(elems);
  return intern(std::move(t));
}

TypeRef array_type(TypeRef elem, int ndim, Layout layout, bool readonly, bool aligned) {
  CANTIL_CHECK(ndim >= 0 && ndim < 256);
  Type t = make_of(TypeKind::Array, elem);
  t.ndim = static_cast<uint8_t>(ndim);
  t.layout = layout;
  t.readonly = readonly;
  t.aligned = aligned;
  return intern(std::move(t));
}

TypeRef optional_type(TypeRef elem) { return intern(make_of(TypeKind::Optional, elem)); }
TypeRef pointer_type(TypeRef elem) { return intern(make_of(TypeKind::Pointer, elem)); }

TypeRef range_type(TypeRef int_elem) {
  CANTIL_CHECK(int_elem->is_int());
  return intern(make_of(TypeKind::Range, int_elem));
}

TypeRef slice_type(int present) {
  CANTIL_CHECK(present >= 0 && present < 8);
  return intern(make_named(TypeKind::Slice, "", present));
}

TypeRef object_type(std::string name, std::vector<TypeRef> parameters) {
  Type t = make_named(TypeKind::Object, std::move(name));
  t.elems = std::move(parameters);
  return intern(std::move(t));
}

TypeRef closure_type(int64_t id, std::string name, std::vector<std::string> fields,
                     std::vector<TypeRef> elems) {
  CANTIL_CHECK(fields.size() == elems.size());
  Type t = make_named(TypeKind::Closure, std::move(name), id);
  t.fields = std::move(fields);
  t.elems = std::move(elems);
  return intern(std::move(t));
}

TypeRef choice_type(std::vector<TypeRef> functions) {
  auto order = [](TypeRef t) { return std::tuple(t->kind, t->value, t->id); };
  std::sort(functions.begin(), functions.end(), [&](TypeRef a, TypeRef b) { return order(a) < order(b); });
  functions.erase(std::unique(functions.begin(), functions.end()), functions.end());
  Type t = make(TypeKind::Choice);
  t.elems = std::move(functions);
  return intern(std::move(t));
}

TypeRef buffer_type(TypeRef elem) { return intern(make_of(TypeKind::Buffer, elem)); }

TypeRef literal_int(int64_t value) { return intern(make_named(TypeKind::LiteralInt, "", value)); }
TypeRef literal_bool(bool value) { return intern(make_named(TypeKind::LiteralBool, "", value)); }
TypeRef literal_str(std::string value) { return intern(make_named(TypeKind::LiteralStr, std::move(value))); }
TypeRef module_type(std::string name) { return intern(make_named(TypeKind::Module, std::move(name))); }
TypeRef builtin_type(std::string name) { return intern(make_named(TypeKind::Builtin, std::move(name))); }

TypeRef function_type(int64_t id, std::string name) {
  return intern(make_named(TypeKind::Function, std::move(name), id));
}

TypeRef type_object(TypeRef of) { return intern(make_of(TypeKind::TypeObject, of)); }

TypeRef exception_class(std::string name, int64_t class_ref) {
  return intern(make_named(TypeKind::ExceptionClass, std::move(name), class_ref));
}

TypeRef exception_instance(TypeRef cls, std::vector<TypeRef> args) {
  CANTIL_CHECK(cls->is(TypeKind::ExceptionClass));
  Type t = make_of(TypeKind::ExceptionInstance, cls);
  t.elems.insert(t.elems.end(), args.begin(), args.end());
  return intern(std::move(t));
}

TypeRef bound_method(TypeRef receiver, std::string name) {
  Type t = make_of(TypeKind::BoundMethod, receiver);
  t.name = std::move(name);
  return intern(std::move(t));
}

TypeRef unliteral(TypeRef t) {
  switch (t->kind) {
    case TypeKind::LiteralInt:
      return i64();
    case TypeKind::LiteralBool:
      return bool_type();
    case TypeKind::LiteralStr:
      return text_type();
    case TypeKind::Tuple: {
      std::vector<TypeRef> elems;
      elems.reserve(t->elems.size());
      for (TypeRef e : t->elems) elems.push_back(unliteral(e));
      if (elems == t->elems) return t;
      Type u = *t;
      u.elems = std::move(elems);
      return intern(std::move(u));
    }
    default:
      return t;
  }
}

std::vector<TypeRef> tuple_parts(TypeRef t) {
  switch (t->kind) {
    case TypeKind::Tuple:
      return t->elems;
    case TypeKind::Range:
      return std::vector<TypeRef>(3, t->elem());
    case TypeKind::Slice:
      return std::vector<TypeRef>(
          static_cast<size_t>(__builtin_popcountll(static_cast<unsigned long long>(t->value))), i64());
    default:
      return {};
  }
}

}  // namespace cantil::ir
