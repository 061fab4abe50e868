// Lower bounds of floating-point values, from their definitions.
//
// Rounding is monotonic: what holds of exact sums and products of bounds holds of rounded ones, computed in
// the type at hand. Each step still gives a little away, for functions that are not rounded exactly and for
// sums whose order fastmath leaves open.
#include "ir/passes/float_bounds.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace cantil::ir {
namespace {

constexpr double kNone = -std::numeric_limits<double>::infinity();
constexpr int kSteps = 64;  // values looked at

// A little less, and nothing that the type rounds to zero.
double margin(double x, TypeRef t) {
  if (x > 0) {
    x *= 0.999;
    const double least = t->bits == 64 ? 1e-290 : t->bits == 32 ? 1e-35 : 1e-4;
    return x < least ? 0 : x;
  }
  return x == 0 || x == kNone ? x : x * 1.001;
}

double low(const Value* v, int& budget);

bool is_constant(const Value* v) { return v->def && v->def->code == Opcode::Const; }

double low_of(const Op& op, TypeRef t, int& budget) {
  auto operand = [&](size_t i) { return low(op.operands[i], budget); };
  switch (op.code) {
    case Opcode::Const:
      return std::isnan(op.constant.f) ? kNone : op.constant.f;
    case Opcode::Add: {
      const double a = operand(0);
      return a == kNone ? kNone : margin(a + operand(1), t);
    }
    case Opcode::Mul: {
      if (op.operands[0] == op.operands[1]) {
        const double a = operand(0);
        return a > 0 ? margin(a * a, t) : 0;
      }
      const double a = operand(0);
      if (!(a >= 0)) return kNone;
      const double b = operand(1);
      return b >= 0 ? margin(a * b, t) : kNone;
    }
    case Opcode::Max: {
      // b > a ? b : a. Where b is NaN that is a.
      const double a = operand(0);
      if (is_constant(op.operands[0])) return a;
      return is_constant(op.operands[1]) ? std::max(a, operand(1)) : std::min(a, operand(1));
    }
    case Opcode::Min:
      return std::min(operand(0), operand(1));
    case Opcode::Select:
      return std::min(operand(1), operand(2));
    case Opcode::Cast: {
      TypeRef from = op.operands[0]->type;
      if (from->is_float()) return margin(operand(0), t);
      return from->is_bool() || (from->is_int() && !from->is_signed) ? 0 : kNone;
    }
    case Opcode::Math:
      switch (op.math()) {
        case MathFn::Sqrt: {
          const double a = operand(0);
          return a > 0 ? margin(std::sqrt(a), t) : 0;
        }
        case MathFn::Fabs:
          return std::max(operand(0), 0.0);
        case MathFn::Exp: {
          const double a = operand(0);
          return a > -50 ? margin(std::exp(std::min(a, 50.0)), t) : 0;
        }
        case MathFn::Cosh:
          return 0.999;
        case MathFn::Hypot:
          return 0;
        default:
          return kNone;
      }
    default:
      return kNone;
  }
}

double low(const Value* v, int& budget) {
  if (--budget < 0 || !v->def || !v->type->is_float()) return kNone;
  const double x = low_of(*v->def, v->type, budget);
  return std::isnan(x) ? kNone : x;
}

}  // namespace

double float_low(const Value* v) {
  int budget = kSteps;
  return low(v, budget);
}

}  // namespace cantil::ir
