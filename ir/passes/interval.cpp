// Arithmetic ops on intervals.
#include "ir/passes/interval.h"

namespace cantil::ir {

bool op_interval(Opcode opcode, const Interval& a, const Interval& b, Interval& out) {
  if (a.lo > a.hi || b.lo > b.hi) return false;  // unreachable code
  switch (opcode) {
    case Opcode::Add:
      out = a + b;
      return true;
    case Opcode::Sub:
      out = a - b;
      return true;
    case Opcode::Mul:
      if (std::max(a.hi, b.hi) >> 63 != 0) return false;  // the product of two uint64 may not fit Wide
      out = a * b;
      return true;
    case Opcode::Neg:
      out = {-a.hi, -a.lo};
      return true;
    case Opcode::Not:
      out = {-1 - a.hi, -1 - a.lo};
      return true;
    case Opcode::FloorDiv:
      if (b.lo < 1) return false;
      out = {floor_quotient(a.lo, a.lo < 0 ? b.lo : b.hi), floor_quotient(a.hi, a.hi < 0 ? b.hi : b.lo)};
      return true;
    case Opcode::TruncDiv:
      if (b.lo < 1) return false;
      out = {a.lo / (a.lo < 0 ? b.lo : b.hi), a.hi / (a.hi < 0 ? b.hi : b.lo)};
      return true;
    case Opcode::Mod:
      if (b.lo < 1) return false;
      out = {0, a.lo >= 0 ? std::min(a.hi, b.hi - 1) : b.hi - 1};
      return true;
    case Opcode::Rem:
      if (b.lo < 1) return false;
      out = {a.lo >= 0 ? 0 : std::max(a.lo, 1 - b.hi), a.hi <= 0 ? 0 : std::min(a.hi, b.hi - 1)};
      return true;
    case Opcode::And:
      if (a.lo < 0 && b.lo < 0) return false;
      out = {0, a.lo < 0 ? b.hi : b.lo < 0 ? a.hi : std::min(a.hi, b.hi)};
      return true;
    case Opcode::Or:
    case Opcode::Xor:
      if (a.lo < 0 || b.lo < 0) return false;
      out = {0, ones_above(std::max(a.hi, b.hi))};
      return true;
    case Opcode::Shr:
      if (b.lo < 0 || b.hi > 63) return false;
      out = {a.lo >> (a.lo < 0 ? b.lo : b.hi), a.hi >> (a.hi < 0 ? b.hi : b.lo)};
      return true;
    case Opcode::Shl:
      if (b.lo < 0 || b.hi > 62) return false;
      out = a * Interval{Wide{1} << b.lo, Wide{1} << b.hi};
      return true;
    case Opcode::Min:
      out = {std::min(a.lo, b.lo), std::min(a.hi, b.hi)};
      return true;
    case Opcode::Max:
      out = {std::max(a.lo, b.lo), std::max(a.hi, b.hi)};
      return true;
    default:
      return false;
  }
}

}  // namespace cantil::ir
