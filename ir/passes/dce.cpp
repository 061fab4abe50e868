// dce: marks what has an effect, and what that needs, and removes the rest: ops behind the end of a region,
// ops without effect whose results nobody needs, variables that nobody reads. Variables of counted types keep
// their var.set, since those own references once the ownership pass has run.
#include <algorithm>
#include <vector>

#include "ir/layout.h"
#include "ir/passes/passes.h"
#include "ir/walk.h"

namespace cantil::ir {
namespace {

bool removable(const Op& op) {
  Effects e = op_info(op.code).effects;
  if (op.code == Opcode::Load && (op.imm & 2)) return false;  // volatile
  return e == Effects::Pure || e == Effects::Read;
}

bool is_set(Opcode c) { return c == Opcode::VarSet || c == Opcode::ThreadVarSet; }

class Dce {
 public:
  explicit Dce(Function& f) : f_(f) {}

  void run() {
    live_variables_.assign(f_.variables.size(), false);
    sets_.resize(f_.variables.size());
    cut(*f_.body);
    for_each_op(*f_.body, [&](Op& op) {
      op.number = 0;
      if (is_set(op.code) && !is_counted(op.var->type)) {
        sets_[op.var->id].push_back(&op);
        if (live_variables_[op.var->id])
          mark(op);  // a reduction's loop names its variable before the body sets it
      } else if (!removable(op)) {
        mark(op);
        for (const Reduction& r : op.reductions) mark(r.var);
      }
      if (op.var && is_counted(op.var->type)) live_variables_[op.var->id] = true;
    });
    while (!work_.empty()) {
      Op* op = work_.back();
      work_.pop_back();
      for (Value* v : op->operands)
        if (v->def) mark(*v->def);
      if (op->var && !is_set(op->code)) mark(op->var);
    }
    sweep(*f_.body);
    std::erase_if(f_.variables, [&](const Variable* v) { return !live_variables_[v->id]; });
    for (size_t i = 0; i < f_.variables.size(); ++i) f_.variables[i]->id = static_cast<uint32_t>(i);
  }

 private:
  // Nothing runs behind a terminator.
  static void cut(Region& r) {
    for (size_t i = 0; i < r.ops.size(); ++i) {
      for (Region* nested : r.ops[i]->regions) cut(*nested);
      if (is_terminator(r.ops[i]->code)) {
        r.ops.resize(i + 1);
        return;
      }
    }
  }

  void mark(Op& op) {
    if (op.number) return;
    op.number = 1;
    work_.push_back(&op);
  }

  void mark(const Variable* v) {
    if (live_variables_[v->id]) return;
    live_variables_[v->id] = true;
    for (Op* set : sets_[v->id]) mark(*set);
  }

  static void sweep(Region& r) {
    std::erase_if(r.ops, [](const Op* op) { return op->number == 0; });
    for (Op* op : r.ops)
      for (Region* nested : op->regions) sweep(*nested);
  }

  Function& f_;
  std::vector<bool> live_variables_;
  std::vector<std::vector<Op*>> sets_;
  std::vector<Op*> work_;
};

}  // namespace

void run_dce(Module& m) {
  for (Function* f : m.functions) Dce(*f).run();
}

}  // namespace cantil::ir
