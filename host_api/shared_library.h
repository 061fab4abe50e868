// A shared library opened at run time, and a checked way to its symbols.
#pragma once

#include <dlfcn.h>

#include <filesystem>
#include <string>

#include "host_api/error.h"

namespace cantil::host_api {

class SharedLibrary {
 public:
  // Throws LibraryError with the loader's reason. The code stays loaded for good: NVIDIA's libraries keep
  // memory pools and threads of their own, which unloading would leak.
  explicit SharedLibrary(const std::filesystem::path& path)
      : path_(path), handle_(dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE)) {
    if (handle_ == nullptr) {
      const char* reason = dlerror();
      throw LibraryError(path.string() + " could not be opened: " + (reason != nullptr ? reason : "unknown"));
    }
  }
  ~SharedLibrary() {
    if (handle_ != nullptr) {
      dlclose(handle_);
    }
  }
  SharedLibrary(const SharedLibrary&) = delete;
  SharedLibrary& operator=(const SharedLibrary&) = delete;

  const std::filesystem::path& path() const { return path_; }

  template <class Pointer>
  bool try_bind(Pointer& function, const char* symbol) const {
    function = reinterpret_cast<Pointer>(dlsym(handle_, symbol));
    return function != nullptr;
  }
  template <class Pointer>
  void bind(Pointer& function, const char* symbol) const {
    if (!try_bind(function, symbol)) {
      throw LibraryError(path_.string() + " has no function " + symbol +
                         "; it is of another version than Cantil knows.");
    }
  }

 private:
  std::filesystem::path path_;
  void* handle_;
};

}  // namespace cantil::host_api
