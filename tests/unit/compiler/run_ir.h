// Runs the IR's textual form as machine code: passes, host back end, loader, call.
#pragma once
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <type_traits>
#include <vector>

#include "cpu_codegen/compile.h"
#include "cpu_codegen/loader.h"

namespace cantil::test {

// Arguments in the packed form of ir/layout.h.
class Packer {
 public:
  template <class T>
  Packer& add(const T& v) {
    static_assert(std::is_trivially_copyable_v<T>);
    const size_t at = (bytes_.size() + alignof(T) - 1) / alignof(T) * alignof(T);
    bytes_.resize(at + sizeof v);
    std::memcpy(bytes_.data() + at, &v, sizeof v);
    return *this;
  }
  // An array with C layout.
  template <class T>
  Packer& array(T* data, std::vector<int64_t> shape, void* owner = nullptr) {
    add(owner);
    add(static_cast<const void*>(data));
    for (int64_t n : shape) add(n);
    return *this;
  }
  const void* data() {
    bytes_.resize((bytes_.size() + 7) / 8 * 8);
    return bytes_.data();
  }

 private:
  std::vector<unsigned char> bytes_;
};

class RunIr {
 public:
  // `passes`: run the host's pipeline of passes first, as a compilation does.
  explicit RunIr(const std::string& text, bool passes = true, cpu_codegen::Options options = {});

  int32_t call(void* ret, const void* args) const { return entry_(ret, args); }

  // The result of a call that must not raise.
  template <class R, class... Args>
  R operator()(const Args&... args) const {
    Packer p;
    (p.add(args), ...);
    alignas(8) unsigned char buffer[256] = {};
    expect_success(call(buffer, p.data()));
    R result;
    std::memcpy(&result, buffer, sizeof result);
    return result;
  }

  const cpu_codegen::Compiled& compiled() const { return compiled_; }
  void* entry() const { return reinterpret_cast<void*>(entry_); }

 private:
  static void expect_success(int32_t status);

  cpu_codegen::Compiled compiled_;
  std::unique_ptr<cpu_codegen::LoadedObject> object_;
  int32_t (*entry_)(void*, const void*) = nullptr;
};

}  // namespace cantil::test
