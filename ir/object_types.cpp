// The table of object classes.
#include "ir/object_types.h"

#include <mutex>
#include <unordered_map>

#include "ir/class_types.h"
#include "ir/layout.h"
#include "support/diagnostics.h"

namespace cantil::ir {
namespace {

using Parameters = std::vector<TypeRef>;

constexpr size_t kAnyNumber = SIZE_MAX;

struct ObjectClass {
  const char* name;
  size_t parameters;  // kAnyNumber: as many as there are
  std::vector<ObjectField> (*fields)(const Parameters&);
};

// All without offsets.
std::vector<ObjectField> list_fields(const Parameters& p) {
  return {{"size", i64(), 0}, {"capacity", i64(), 0}, {"items", buffer_type(p[0]), 0}};
}

// `size` entries are alive of the `used` first ones; one that is gone has the hash -1, which nothing else
// has. `index` has mask + 1 places (none before the first look-up): an entry's number, -1 where it is free,
// -2 where one was.
std::vector<ObjectField> table_fields(const Parameters& p) {
  std::vector<ObjectField> fields = {{"size", i64(), 0},
                                     {"used", i64(), 0},
                                     {"capacity", i64(), 0},
                                     {"mask", i64(), 0},
                                     {"index", buffer_type(int_type(32)), 0},
                                     {"hashes", buffer_type(i64()), 0},
                                     {"keys", buffer_type(p[0]), 0}};
  if (p.size() > 1) fields.push_back({"items", buffer_type(p[1]), 0});
  return fields;
}

// Where a generator goes on (0 at the start, -1 when it is done or running); what it keeps lies behind, in
// its frame.
std::vector<ObjectField> generator_fields(const Parameters&) { return {{"state", i64(), 0}}; }

std::vector<ObjectField> frame_fields(const Parameters& p) {
  std::vector<ObjectField> fields = generator_fields(p);
  for (size_t i = 0; i < p.size(); ++i) fields.push_back({std::to_string(i), p[i], 0});
  return fields;
}

const ObjectClass kClasses[] = {
    {"list", 1, list_fields},
    {"ListType", 1, list_fields},
    {"set", 1, table_fields},
    {"SetType", 1, table_fields},
    {"DictType", 2, table_fields},
    {"bytearray", 1, list_fields},
    {"generator", kAnyNumber, generator_fields},
    {"frame", kAnyNumber, frame_fields},
};

size_t align_up(size_t at, size_t align) { return (at + align - 1) / align * align; }

const ObjectClass* find_class(std::string_view name) {
  for (const ObjectClass& c : kClasses)
    if (name == c.name) return &c;
  return nullptr;
}

}  // namespace

bool is_object_class(std::string_view name, size_t parameters) {
  const ObjectClass* c = find_class(name);
  return c && c->parameters == parameters;  // generators and frames have no spelling
}

const std::vector<ObjectField>& object_fields(TypeRef object) {
  static auto* mutex = new std::mutex;
  static auto* known = new std::unordered_map<TypeRef, std::vector<ObjectField>>;
  std::lock_guard lock(*mutex);
  auto [at, is_new] = known->try_emplace(object);
  if (!is_new) return at->second;
  std::vector<ObjectField> fields;
  try {
    if (is_class_instance(object)) {
      fields.push_back({kFaceField, i64(), 0});
      for (auto& [name, type] : class_fields(object)) fields.push_back({name, type, 0});
    } else {
      const ObjectClass* c = find_class(object->name);
      CANTIL_CHECK(object->is(TypeKind::Object) && c &&
                   (c->parameters == kAnyNumber || c->parameters == object->elems.size()));
      fields = c->fields(object->elems);
    }
  } catch (...) {
    known->erase(at);
    throw;
  }
  size_t end = 0;
  for (ObjectField& f : fields) {
    f.offset = align_up(end, memory_align(f.type));
    end = f.offset + memory_size(f.type);
  }
  return at->second = std::move(fields);
}

int object_field(TypeRef object, std::string_view name) {
  const std::vector<ObjectField>& fields = object_fields(object);
  for (size_t i = 0; i < fields.size(); ++i)
    if (fields[i].name == name) return static_cast<int>(i);
  return -1;
}

OwnerMap owner_map(const std::vector<TypeRef>& parts) {
  OwnerMap map;
  size_t align = 1;
  for (TypeRef t : parts) {
    const size_t at = align_up(map.size, memory_align(t));
    align = std::max(align, memory_align(t));
    std::vector<Leaf> leaves;
    append_leaves(t, 0, leaves);
    for (const Leaf& leaf : leaves) {
      if (leaf.kind != LeafKind::Owner) continue;
      const size_t word = (at + leaf.offset) / 8;
      CANTIL_CHECK(word < 192);
      map.words[word / 64] |= uint64_t{1} << (word % 64);
      map.any = true;
    }
    map.size = at + memory_size(t);
  }
  map.size = align_up(map.size, align);
  return map;
}

bool can_be_element(TypeRef t) {
  std::vector<Leaf> leaves;
  append_leaves(t, 0, leaves);
  for (const Leaf& leaf : leaves)
    if (leaf.kind == LeafKind::Owner && leaf.offset >= 1536) return false;
  return !t->is_compile_time();
}

TypeRef list_type(TypeRef elem) { return object_type("list", {elem}); }
TypeRef typed_list_type(TypeRef elem) { return object_type("ListType", {elem}); }
TypeRef bytearray_type() { return object_type("bytearray", {int_type(8, false)}); }
TypeRef set_type(TypeRef elem) { return object_type("set", {elem}); }
TypeRef dict_type(TypeRef key, TypeRef value) { return object_type("DictType", {key, value}); }

TypeRef generator_object_type(TypeRef yields, int64_t function, int64_t inherited,
                              std::vector<TypeRef> args) {
  Type t;
  t.kind = TypeKind::Object;
  t.name = "generator";
  t.elems = {yields, literal_int(inherited), literal_int(function)};
  t.elems.insert(t.elems.end(), args.begin(), args.end());
  return intern(std::move(t));
}

TypeRef frame_type(std::vector<TypeRef> kept) { return object_type("frame", std::move(kept)); }

}  // namespace cantil::ir
