// Finds BLAS and LAPACK routines in this process.
#pragma once
#include <atomic>

namespace cantil::device_runtime {

struct BlasFunction {
  void* address = nullptr;
  bool wide = false;  // its integers have 64 bits
};

// "dgesv": in a library that is loaded already (NumPy's own is, once NumPy is), else by the bindings' lookup.
BlasFunction find_blas(const char* name);

// One routine for the four element types; looked up when first asked for.
class Routine {
 public:
  // The name without its first letter, or the real and the complex types' own ("orgqr", "ungqr").
  constexpr explicit Routine(const char* real, const char* complex = nullptr)
      : real_(real), complex_(complex ? complex : real) {}
  BlasFunction get(int kind);

 private:
  const char* real_;
  const char* complex_;
  std::atomic<const BlasFunction*> found_[4] = {};
};

}  // namespace cantil::device_runtime
