// Where control goes on leaving a region.
#include "ir/walk.h"

namespace cantil::ir {
namespace {

// Whether a break in `r` (not in a loop nested in it) is there.
bool has_break(const Region& r) {
  for (const Op* op : r.ops) {
    if (op->code == Opcode::Break) return true;
    const bool choice = op->code == Opcode::If || op->code == Opcode::Try;
    if (choice && (has_break(*op->regions[0]) || has_break(*op->regions[1]))) return true;
  }
  return false;
}

bool has_leave(const Region& r) {
  for (const Op* op : r.ops) {
    if (op->code == Opcode::Leave) return true;
    for (const Region* nested : op->regions)
      if (has_leave(*nested)) return true;
  }
  return false;
}

bool yields_true(const Region& condition) {
  if (condition.ops.empty() || condition.ops.back()->code != Opcode::Yield) return false;
  const Op* def = condition.ops.back()->operands[0]->def;
  return def && def->code == Opcode::Const && def->constant.i != 0;
}

}  // namespace

bool passes(const Op& op) {
  if (is_terminator(op.code)) return false;
  if (op.code == Opcode::If) return falls_through(*op.regions[0]) || falls_through(*op.regions[1]);
  if (op.code == Opcode::Try) {
    for (const Region* r : op.regions)
      if (falls_through(*r) || has_leave(*r)) return true;
    return false;
  }
  if (op.code == Opcode::While) return !yields_true(*op.regions[0]) || has_break(*op.regions[1]);
  return true;
}

bool falls_through(const Region& r) {
  for (const Op* op : r.ops)
    if (!passes(*op)) return false;
  return true;
}

}  // namespace cantil::ir
