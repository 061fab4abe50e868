// simplify_control: an if with a constant condition becomes the branch that is taken, an if without contents
// goes, and so does a loop that cannot run; what stands behind an op that control never passes is dropped.
#include <vector>

#include "ir/passes/passes.h"
#include "ir/walk.h"

namespace cantil::ir {
namespace {

const Op* constant(const Value* v) { return v->def && v->def->code == Opcode::Const ? v->def : nullptr; }

// Whether the constants show that a for does not run.
bool runs_never(const Op& loop) {
  const Op *start = constant(loop.operands[0]), *stop = constant(loop.operands[1]),
           *step = constant(loop.operands[2]);
  if (!start || !stop || !step) return false;
  int64_t a = start->constant.i, b = stop->constant.i;
  if (!loop.operands[0]->type->is_signed) return static_cast<uint64_t>(a) >= static_cast<uint64_t>(b);
  return step->constant.i > 0 ? a >= b : a <= b;
}

void simplify(Region& r);

void take(std::vector<Op*>& ops, Region& from, Region& to) {
  for (Op* op : from.ops) {
    if (op->code == Opcode::Yield) continue;
    op->parent = &to;
    ops.push_back(op);
  }
}

// Appends what is left of `op` to `ops`.
void simplify_op(Op* op, std::vector<Op*>& ops, Region& r) {
  for (Region* nested : op->regions) simplify(*nested);
  switch (op->code) {
    case Opcode::If:
      if (const Op* c = constant(op->operands[0])) return take(ops, *op->regions[c->constant.i ? 0 : 1], r);
      if (op->regions[0]->ops.empty() && op->regions[1]->ops.empty()) return;
      break;
    case Opcode::While: {
      Region& condition = *op->regions[0];
      const Op* yield = condition.ops.empty() ? nullptr : condition.ops.back();
      if (!yield || yield->code != Opcode::Yield) break;
      const Op* c = constant(yield->operands[0]);
      if (c && !c->constant.i) return take(ops, condition, r);
      break;
    }
    case Opcode::Try:
      if (op->regions[0]->ops.empty()) return;
      break;
    case Opcode::For:
    case Opcode::ParallelFor:
      if (runs_never(*op)) return;
      break;
    default:
      break;
  }
  ops.push_back(op);
}

bool changes(const Region& r) {
  for (const Op* op : r.ops)
    if (!op->regions.empty()) return true;
  return false;
}

void simplify(Region& r) {
  if (changes(r)) {
    std::vector<Op*> ops;
    ops.reserve(r.ops.size());
    for (Op* op : r.ops) simplify_op(op, ops, r);
    r.ops = std::move(ops);
  }
  for (size_t i = 0; i < r.ops.size(); ++i) {
    if (passes(*r.ops[i])) continue;
    r.ops.resize(i + 1);
    return;
  }
}

}  // namespace

void run_simplify_control(Module& m) {
  for (Function* f : m.functions) simplify(*f->body);
}

}  // namespace cantil::ir
