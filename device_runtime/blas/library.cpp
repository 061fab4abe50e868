// The search: every loaded library with a name like a BLAS's, every spelling of a symbol that is in use.
#include "device_runtime/blas/library.h"

#include <dlfcn.h>
#include <link.h>

#include <cstring>
#include <mutex>
#include <string>
#include <vector>

#include "device_runtime/blas/blas.h"

namespace cantil::device_runtime {

namespace {

std::atomic<void* (*)(const char*)> foreign_lookup{nullptr};

bool looks_like_blas(const char* path) {
  const char* name = std::strrchr(path, '/');
  name = name ? name + 1 : path;
  for (const char* part :
       {"openblas", "blas", "lapack", "mkl_rt", "flexiblas", "armpl", "libblis", "libnvpl"})
    if (std::strstr(name, part)) return true;
  return false;
}

// Libraries that do all of LAPACK come first, so that one library serves everything.
std::vector<std::string> loaded_libraries() {
  std::vector<std::string> out;
  dl_iterate_phdr(
      [](dl_phdr_info* info, size_t, void* out) {
        if (info->dlpi_name && looks_like_blas(info->dlpi_name)) {
          auto& list = *static_cast<std::vector<std::string>*>(out);
          bool whole = std::strstr(info->dlpi_name, "openblas") || std::strstr(info->dlpi_name, "mkl_rt");
          list.insert(whole ? list.begin() : list.end(), info->dlpi_name);
        }
        return 0;
      },
      &out);
  return out;
}

}  // namespace

void set_lapack_lookup(void* (*lookup)(const char*)) noexcept { foreign_lookup = lookup; }

BlasFunction find_blas(const char* name) {
  // How OpenBLAS for NumPy and SciPy is spelled, then everybody else; "64_" says that integers have 64 bits.
  struct Spelling {
    const char *prefix, *suffix;
    bool wide;
  };
  static constexpr Spelling kSpellings[] = {{"scipy_", "_64_", true},
                                            {"scipy_", "_", false},
                                            {"", "_64_", true},
                                            {"", "64_", true},
                                            {"", "_", false}};
  for (const std::string& path : loaded_libraries()) {
    void* library = dlopen(path.c_str(), RTLD_LAZY | RTLD_NOLOAD);
    if (!library) continue;
    for (const Spelling& s : kSpellings)
      if (void* f = dlsym(library, (std::string(s.prefix) + name + s.suffix).c_str()))
        return {f, s.wide};  // the library stays open with it
    dlclose(library);
  }
  if (auto lookup = foreign_lookup.load())
    if (void* f = lookup(name)) return {f, false};
  return {};
}

BlasFunction Routine::get(int kind) {
  std::atomic<const BlasFunction*>& slot = found_[kind];
  if (const BlasFunction* f = slot.load(std::memory_order_acquire)) return *f;
  BlasFunction f = find_blas((std::string(1, "sdcz"[kind]) + (kind < 2 ? real_ : complex_)).c_str());
  if (f.address) slot.store(new BlasFunction(f), std::memory_order_release);  // kept for good
  return f;
}

}  // namespace cantil::device_runtime
