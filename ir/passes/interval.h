// Intervals of integers, wide enough that no bound of a 64-bit type and no sum or product of two overflows.
#pragma once
#include <algorithm>
#include <cstdint>

#include "ir/ir.h"

namespace cantil::ir {

__extension__ typedef __int128 Wide;

struct Interval {
  Wide lo = 0, hi = 0;

  bool is_point() const { return lo == hi; }
  bool within(const Interval& o) const { return lo >= o.lo && hi <= o.hi; }
};

// All values of an integer type or bool.
inline Interval type_interval(TypeRef t) {
  if (t->is_bool()) return {0, 1};
  if (!t->is_signed) return {0, (Wide{1} << t->bits) - 1};
  return {-(Wide{1} << (t->bits - 1)), (Wide{1} << (t->bits - 1)) - 1};
}

inline Interval join(const Interval& a, const Interval& b) {
  return {std::min(a.lo, b.lo), std::max(a.hi, b.hi)};
}

inline Interval operator+(const Interval& a, const Interval& b) { return {a.lo + b.lo, a.hi + b.hi}; }
inline Interval operator-(const Interval& a, const Interval& b) { return {a.lo - b.hi, a.hi - b.lo}; }

// Bounds of 64-bit types only: the products then fit.
inline Interval operator*(const Interval& a, const Interval& b) {
  Wide p[4] = {a.lo * b.lo, a.lo * b.hi, a.hi * b.lo, a.hi * b.hi};
  return {*std::min_element(p, p + 4), *std::max_element(p, p + 4)};
}

// The smallest 2^k - 1 that is at least x (x >= 0).
inline Wide ones_above(Wide x) {
  Wide ones = 0;
  while (ones < x) ones = ones * 2 + 1;
  return ones;
}

// Python's quotient by a positive number.
inline Wide floor_quotient(Wide a, Wide b) {
  Wide q = a / b;
  return a % b < 0 ? q - 1 : q;
}

// The result of an arithmetic op on intervals, exact integers without wrap-around; false where nothing is
// known beyond the type. Operand b is unused for unary ops.
bool op_interval(Opcode opcode, const Interval& a, const Interval& b, Interval& out);

}  // namespace cantil::ir
