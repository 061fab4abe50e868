// The table of users' classes.
#include "ir/class_types.h"

#include <map>
#include <mutex>
#include <unordered_map>

#include "ir/layout.h"
#include "support/diagnostics.h"
#include "support/hash.h"

namespace cantil::ir {
namespace {

struct ClassTable {
  std::mutex mutex;
  int64_t next = 1;
  std::map<std::string, TypeRef, std::less<>> by_spelling;
  std::unordered_map<TypeRef, std::vector<std::pair<std::string, TypeRef>>> fields;
  int64_t next_deferred = -1;
  std::unordered_map<TypeRef, TypeRef> deferred;
};

ClassTable& table() {
  static auto* t = new ClassTable;  // never destroyed, as types are not
  return *t;
}

TypeRef numbered(std::string name, int64_t number) {
  Type t;
  t.kind = TypeKind::Object;
  t.name = std::move(name);
  t.value = number;
  return intern(std::move(t));
}

TypeRef resolve_locked(const ClassTable& c, TypeRef t, int depth) {
  if (depth > 50) return nullptr;  // a deferred type that was defined by itself
  if (is_deferred(t)) {
    auto found = c.deferred.find(t);
    return found == c.deferred.end() ? nullptr : resolve_locked(c, found->second, depth + 1);
  }
  if (t->elems.empty()) return t;
  Type made = *t;
  for (TypeRef& e : made.elems)
    if (!(e = resolve_locked(c, e, depth))) return nullptr;
  return made.elems == t->elems ? t : intern(std::move(made));
}

}  // namespace

TypeRef new_class_type(std::string_view prefix, std::string_view name, std::string_view module) {
  ClassTable& c = table();
  std::lock_guard lock(c.mutex);
  // Told apart by the module first, so that the spelling is the same in the next process.
  for (uint64_t again = 0;; ++again) {
    const std::string digest = Hasher().str(module).u64(again).hex().substr(0, 4);
    std::string spelling = std::string(prefix) + std::string(name) + "#" + digest;
    if (c.by_spelling.contains(spelling)) continue;
    TypeRef t = numbered(spelling, c.next++);
    c.by_spelling.emplace(std::move(spelling), t);
    return t;
  }
}

std::string class_name(TypeRef instance) {
  std::string name = instance->name.substr(0, instance->name.rfind('#'));
  for (std::string_view prefix : {"instance.jitclass.", "structref."})
    if (name.rfind(prefix, 0) == 0) return name.substr(prefix.size());
  return name;
}

TypeRef find_class_type(std::string_view spelling) {
  ClassTable& c = table();
  std::lock_guard lock(c.mutex);
  auto found = c.by_spelling.find(spelling);
  return found == c.by_spelling.end() ? nullptr : found->second;
}

bool set_class_fields(TypeRef instance, std::vector<std::pair<std::string, TypeRef>> fields) {
  size_t end = sizeof(void*);
  for (const auto& [name, type] : fields) {
    std::vector<Leaf> leaves;
    const size_t align = memory_align(type);
    end = (end + align - 1) / align * align;
    append_leaves(type, end, leaves);
    for (const Leaf& leaf : leaves)
      if (leaf.kind == LeafKind::Owner && leaf.offset >= 1536) return false;
    end += memory_size(type);
  }
  ClassTable& c = table();
  std::lock_guard lock(c.mutex);
  return c.fields.emplace(instance, std::move(fields)).second;
}

std::vector<std::pair<std::string, TypeRef>> class_fields(TypeRef instance) {
  ClassTable& c = table();
  std::lock_guard lock(c.mutex);
  auto found = c.fields.find(instance);
  CANTIL_CHECK(found != c.fields.end());
  std::vector<std::pair<std::string, TypeRef>> fields = found->second;
  for (auto& [name, type] : fields) {
    TypeRef actual = resolve_locked(c, type, 0);
    if (!actual) throw InternalError("the type of the field '" + name + "' was never defined");
    type = actual;
  }
  return fields;
}

TypeRef new_deferred_type() {
  ClassTable& c = table();
  std::lock_guard lock(c.mutex);
  const int64_t number = c.next_deferred--;
  return numbered("DeferredType#" + std::to_string(-number), number);
}

bool define_deferred(TypeRef deferred, TypeRef actual) {
  ClassTable& c = table();
  std::lock_guard lock(c.mutex);
  return c.deferred.emplace(deferred, actual).second;
}

TypeRef deferred_as(TypeRef deferred) {
  ClassTable& c = table();
  std::lock_guard lock(c.mutex);
  auto found = c.deferred.find(deferred);
  return found == c.deferred.end() ? nullptr : found->second;
}

TypeRef resolve_deferred(TypeRef t) {
  ClassTable& c = table();
  std::lock_guard lock(c.mutex);
  return resolve_locked(c, t, 0);
}

}  // namespace cantil::ir
