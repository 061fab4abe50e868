// Which of a module's code fits this machine, by the compiler's own CPUID table.
#include "python/bindings/aot/cpu_level.h"

#include <sstream>

namespace cantil::aot {
namespace {

bool has_feature(const std::string& name) {
  static const struct {
    const char* name;
    bool there;
  } table[] = {
#define FEATURE(text) {text, __builtin_cpu_supports(text) != 0},
#include "python/bindings/aot/cpu_features.def"
#undef FEATURE
  };
  for (const auto& row : table)
    if (name == row.name) return row.there;
  return false;
}

}  // namespace

int choose_level(const cantil_aot_module& module, std::string& missing) {
  __builtin_cpu_init();
  for (uint32_t level = 0; level < module.level_count; ++level) {
    std::istringstream names(module.level_features[level]);
    missing.clear();
    for (std::string name; names >> name;)
      if (!has_feature(name)) missing += (missing.empty() ? "" : ", ") + name;
    if (missing.empty()) return static_cast<int>(level);
  }
  return -1;
}

}  // namespace cantil::aot
