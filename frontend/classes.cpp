// The table of users' classes.
#include "frontend/classes.h"

#include <mutex>
#include <unordered_map>

#include "support/diagnostics.h"

namespace cantil::frontend {
namespace {

struct Classes {
  std::mutex mutex;
  std::unordered_map<ir::TypeRef, std::unique_ptr<UserClass>> by_type;
};

Classes& classes() {
  static auto* c = new Classes;
  return *c;
}

}  // namespace

void add_class(std::unique_ptr<UserClass> cls) {
  Classes& c = classes();
  std::lock_guard lock(c.mutex);
  ir::TypeRef type = cls->instance;
  c.by_type[type] = std::move(cls);
}

const UserClass& class_of(ir::TypeRef instance) {
  Classes& c = classes();
  std::lock_guard lock(c.mutex);
  auto found = c.by_type.find(instance);
  CANTIL_CHECK(found != c.by_type.end());
  return *found->second;
}

}  // namespace cantil::frontend
