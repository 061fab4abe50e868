// Which arguments an explicit signature accepts, and which of several fits best.
#include "python/bindings/conversion.h"

#include <algorithm>
#include <array>
#include <optional>

namespace cantil::bindings {

using ir::Layout;
using ir::TypeKind;
using ir::TypeRef;

namespace {

Conversion integers(TypeRef from, TypeRef to) {
  if (from->is_signed == to->is_signed)
    return to->bits > from->bits ? Conversion::Promote : Conversion::Unsafe;
  return to->is_signed && to->bits > from->bits ? Conversion::Safe : Conversion::Unsafe;
}

// The bits of an integer's magnitude, against those of a float's mantissa.
bool fits_float(int integer_bits, int float_bits) {
  return float_bits == 64 ? integer_bits <= 32 : integer_bits <= 16;
}

Conversion numbers(TypeRef from, TypeRef to) {
  if (from->is_bool()) return to->is_int() ? Conversion::Promote : Conversion::Safe;
  if (to->is_bool()) return Conversion::Unsafe;
  if (from->is_int()) {
    if (to->is_int()) return integers(from, to);
    int float_bits = to->is_complex() ? to->bits / 2 : to->bits;
    // Numba counts 64-bit integers to float64 as safe although large ones round.
    return fits_float(from->bits, float_bits) || float_bits == 64 ? Conversion::Safe : Conversion::Unsafe;
  }
  if (from->is_float()) {
    if (to->is_int()) return Conversion::Unsafe;
    if (to->is_float()) return to->bits > from->bits ? Conversion::Promote : Conversion::Unsafe;
    return to->bits / 2 >= from->bits ? Conversion::Safe : Conversion::Unsafe;
  }
  return to->is_complex() && to->bits > from->bits ? Conversion::Promote
         : to->is_complex()                        ? Conversion::Unsafe
                                                   : Conversion::None;
}

Conversion arrays(TypeRef from, TypeRef to) {
  bool fits = from->elem() == to->elem() && from->ndim == to->ndim &&
              (to->layout == Layout::A || to->layout == from->layout) && (!from->readonly || to->readonly) &&
              (from->aligned || !to->aligned);
  return fits ? Conversion::Safe : Conversion::None;
}

}  // namespace

Conversion conversion(TypeRef from, TypeRef to) {
  if (from == to) return Conversion::Exact;
  if (from->is_number() && to->is_number()) return numbers(from, to);
  if (from->is_array() && to->is_array()) return arrays(from, to);
  if (to->is(TypeKind::Optional)) {
    if (from->is_none()) return Conversion::Safe;
    return std::max(conversion(from, to->elem()), Conversion::Promote);
  }
  if (from->is_tuple() && to->is_tuple() && from->elems.size() == to->elems.size() &&
      from->name == to->name) {
    Conversion worst = Conversion::Exact;
    for (size_t i = 0; i < from->elems.size(); ++i)
      worst = std::max(worst, conversion(from->elems[i], to->elems[i]));
    return worst;
  }
  return Conversion::None;
}

int best_match(const std::vector<TypeRef>& args, const std::vector<const std::vector<TypeRef>*>& candidates) {
  using Score = std::array<int, 3>;  // unsafe, safe, promotions
  std::optional<Score> best;
  int winner = -1;
  for (size_t c = 0; c < candidates.size(); ++c) {
    const std::vector<TypeRef>& to = *candidates[c];
    if (to.size() != args.size()) continue;
    Score score{};
    bool fits = true;
    for (size_t i = 0; i < args.size() && fits; ++i) {
      switch (conversion(args[i], to[i])) {
        case Conversion::Exact:
          break;
        case Conversion::Promote:
          ++score[2];
          break;
        case Conversion::Safe:
          ++score[1];
          break;
        case Conversion::Unsafe:
          ++score[0];
          break;
        case Conversion::None:
          fits = false;
          break;
      }
    }
    if (fits && (!best || score < *best)) {
      best = score;
      winner = static_cast<int>(c);
    }
  }
  return winner;
}

}  // namespace cantil::bindings
