// The table of SLEEF's functions, derived from ir/math.def and SLEEF's naming rules.
#include "cpu_codegen/vector_math.h"

#include <dlfcn.h>

#include <deque>
#include <mutex>
#include <string_view>
#include <vector>

#include "ir/ir.h"

namespace cantil::cpu_codegen {
namespace {

// Found by the extension's run path in a wheel, as the system's library elsewhere.
void* open_library() { return dlopen("libsleef.so.3", RTLD_NOW | RTLD_LOCAL); }

void* library() {
  static void* handle = open_library();
  return handle;
}

// One instruction set. `lanes` counts float64; float32 has twice as many.
struct Isa {
  int lanes;
  const char* needs;
  const char* suffix;  // SLEEF's name of it
};
constexpr Isa kIsas[] = {
    {2, "+sse2", "sse2"}, {2, "+avx2", "avx2128"}, {4, "+avx2", "avx2"}, {8, "+avx512f", "avx512f"}};

// Descriptors refer to their names, so these live for ever. A function is listed where the library at hand
// has it.
std::vector<llvm::VecDesc> make_table(const std::string& features, bool fast) {
  static std::deque<std::string> names;
  auto keep = [](std::string s) { return llvm::StringRef(names.emplace_back(std::move(s))); };
  auto has = [&](std::string_view feature) {
    return feature == "+sse2" ||
           ("," + features + ",").find("," + std::string(feature) + ",") != std::string::npos;
  };
  // Accuracies in the order in which they are taken, in tenths of an ULP.
  const std::vector<const char*> accuracies = fast ? std::vector<const char*>{"u35", "u10", "u15", "u05"}
                                                   : std::vector<const char*>{"u10", "u15", "u05"};
  const bool avx2 = has("+avx2");
  std::vector<llvm::VecDesc> table;
  for (int k = 0; k <= static_cast<int>(ir::MathFn::Signbit); ++k) {
    const ir::MathInfo& info = ir::math_info(static_cast<ir::MathFn>(k));
    if (!*info.sleef) continue;
    for (const Isa& isa : kIsas) {
      if (!has(isa.needs) || (avx2 && std::string_view(isa.needs) == "+sse2")) continue;
      for (bool is_double : {true, false}) {
        const int lanes = is_double ? isa.lanes : 2 * isa.lanes;
        for (const char* accuracy : accuracies) {
          std::string vector = std::string("Sleef_") + info.sleef + (is_double ? "d" : "f") +
                               std::to_string(lanes) + "_" + accuracy + isa.suffix;
          if (!dlsym(library(), vector.c_str())) continue;
          std::string prefix = "_ZGV_LLVM_N" + std::to_string(lanes) + std::string(info.arity, 'v');
          table.emplace_back(keep(is_double ? info.libm64 : info.libm32), keep(vector),
                             llvm::ElementCount::getFixed(lanes), false, keep(prefix), std::nullopt);
          break;
        }
      }
    }
  }
  return table;
}

}  // namespace

bool vector_math_available() { return library() != nullptr; }

void* vector_math_symbol(const std::string& name) {
  return library() ? dlsym(library(), name.c_str()) : nullptr;
}

void add_vector_math(llvm::TargetLibraryInfoImpl& info, const std::string& features, bool fast) {
  if (!vector_math_available()) return;
  static std::mutex mutex;
  static std::deque<std::pair<std::string, std::vector<llvm::VecDesc>>> tables;
  std::lock_guard lock(mutex);
  const std::string key = (fast ? "f:" : "a:") + features;
  for (auto& [k, table] : tables)
    if (k == key) return info.addVectorizableFunctions(table);
  tables.emplace_back(key, make_table(features, fast));
  info.addVectorizableFunctions(tables.back().second);
}

}  // namespace cantil::cpu_codegen
