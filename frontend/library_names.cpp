// Canonical names of library functions.
#include "frontend/library_names.h"

#include <unordered_map>

namespace cantil::frontend {
namespace {

const std::unordered_map<std::string_view, std::string_view>& aliases() {
  static const std::unordered_map<std::string_view, std::string_view> table = {
#define ALIAS(spelling, canonical) {spelling, canonical},
#include "frontend/library_aliases.def"
#undef ALIAS
  };
  return table;
}

// Whether `name` is the package or something in it.
bool is_within(std::string_view name, std::string_view package) {
  return name.substr(0, package.size()) == package &&
         (name.size() == package.size() || name[package.size()] == '.');
}

}  // namespace

std::string canonical_name(std::string_view name) {
  if (auto found = aliases().find(name); found != aliases().end()) return std::string(found->second);
  if (is_within(name, "numba")) return "cantil" + std::string(name.substr(5));
  constexpr std::string_view kDunder = "operator.__";
  if (name.substr(0, kDunder.size()) == kDunder && name.size() > kDunder.size() + 2 &&
      name.substr(name.size() - 2) == "__")
    return "operator." + std::string(name.substr(kDunder.size(), name.size() - kDunder.size() - 2));
  return std::string(name);
}

bool is_library_name(std::string_view canonical) {
  for (std::string_view package : {"builtins", "math", "cmath", "operator", "random", "itertools",
                                   "functools", "heapq", "bisect", "collections", "numpy", "cantil"})
    if (is_within(canonical, package)) return true;
  return false;
}

}  // namespace cantil::frontend
