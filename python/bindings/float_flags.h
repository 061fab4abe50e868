// The floating-point exceptions that NumPy reports (as warnings, by default) of code that ran.
#pragma once
#include <xmmintrin.h>

namespace cantil::bindings {

// Clears the flags of this thread; at the end those from before are back, with what raise() added.
class FloatFlags {
 public:
  static constexpr unsigned kAll =
      _MM_EXCEPT_INVALID | _MM_EXCEPT_DIV_ZERO | _MM_EXCEPT_OVERFLOW | _MM_EXCEPT_UNDERFLOW;

  FloatFlags() : before_(_mm_getcsr()) { clear(); }
  ~FloatFlags() { _mm_setcsr(before_); }
  FloatFlags(const FloatFlags&) = delete;
  FloatFlags& operator=(const FloatFlags&) = delete;

  unsigned raised() const { return _mm_getcsr() & kAll; }
  void clear() { _mm_setcsr(before_ & ~static_cast<unsigned>(_MM_EXCEPT_MASK)); }
  void raise(unsigned flags) { before_ |= flags; }

 private:
  unsigned before_;
};

}  // namespace cantil::bindings
