// The table of vector functions: SLEEF's, derived from ir/math.def and SLEEF's naming rules, and our own.
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

// Those of device_runtime/vector_math, which go before SLEEF's.
struct Own {
  ir::MathFn function;
  bool is_double;
  int lanes;
  const char* name;
};
constexpr Own kOwn[] = {{ir::MathFn::Exp, true, 8, "cantil_rt_vm_exp_d8"},
                        {ir::MathFn::Log, true, 8, "cantil_rt_vm_log_d8"},
                        {ir::MathFn::Tanh, true, 8, "cantil_rt_vm_tanh_d8"},
                        {ir::MathFn::Pow, true, 8, "cantil_rt_vm_pow_d8"},
                        {ir::MathFn::Pow, false, 16, "cantil_rt_vm_pow_f16"}};

const Own* find_own(ir::MathFn function, bool is_double, int lanes) {
  for (const Own& own : kOwn)
    if (own.function == function && own.is_double == is_double && own.lanes == lanes) return &own;
  return nullptr;
}

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
  const bool avx2 = has("+avx2"), own_too = has("+avx512f") && has("+avx512dq") && has("+avx512vl");
  std::vector<llvm::VecDesc> table;
  for (int k = 0; k <= static_cast<int>(ir::MathFn::Signbit); ++k) {
    const ir::MathInfo& info = ir::math_info(static_cast<ir::MathFn>(k));
    if (!*info.sleef) continue;
    for (const Isa& isa : kIsas) {
      if (!has(isa.needs) || (avx2 && std::string_view(isa.needs) == "+sse2")) continue;
      for (bool is_double : {true, false}) {
        const int lanes = is_double ? isa.lanes : 2 * isa.lanes;
        std::string prefix = "_ZGV_LLVM_N" + std::to_string(lanes) + std::string(info.arity, 'v');
        auto add = [&](std::string vector) {
          table.emplace_back(keep(is_double ? info.libm64 : info.libm32), keep(std::move(vector)),
                             llvm::ElementCount::getFixed(lanes), false, keep(std::move(prefix)),
                             std::nullopt);
        };
        const Own* own = own_too ? find_own(static_cast<ir::MathFn>(k), is_double, lanes) : nullptr;
        if (own) {
          add(own->name);
          continue;
        }
        for (const char* accuracy : accuracies) {
          std::string vector = std::string("Sleef_") + info.sleef + (is_double ? "d" : "f") +
                               std::to_string(lanes) + "_" + accuracy + isa.suffix;
          if (!dlsym(library(), vector.c_str())) continue;
          add(std::move(vector));
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
