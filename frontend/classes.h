// What the front end knows of a class that a user has made compilable: its methods as functions. Its fields
// are part of its type (ir/class_types.h).
#pragma once
#include <map>
#include <memory>
#include <string>

#include "frontend/function.h"
#include "ir/class_types.h"

namespace cantil::frontend {

struct UserClass {
  struct Property {
    std::shared_ptr<Function> getter, setter;  // setter may be null
  };
  ir::TypeRef instance = nullptr;
  std::map<std::string, std::shared_ptr<Function>> methods;  // by name; "__init__" and operators too
  std::map<std::string, std::shared_ptr<Function>> static_methods;
  std::map<std::string, Property> properties;
  std::map<std::string, Captured> constants;
  bool is_struct = false;  // a structref: it has fields only
};

// Classes live as long as the process, like their types.
void add_class(std::unique_ptr<UserClass> cls);
const UserClass& class_of(ir::TypeRef instance);

// Adds a type to a cache key: users' classes in it by what they are made of, functions by what they do. False
// when that is not known.
bool hash_type(Hasher& h, ir::TypeRef t);

}  // namespace cantil::frontend
