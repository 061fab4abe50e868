// promote: a variable that is set once, where the set comes before every get, is its value: the gets are
// replaced and the variable goes. Arguments and temporaries of array type thereby stay borrowed references
// that nobody counts, and the later passes see through names. Variables that are set more often are LLVM's
// business.
#include <algorithm>
#include <vector>

#include "ir/passes/passes.h"
#include "ir/walk.h"

namespace cantil::ir {
namespace {

class Promote {
 public:
  explicit Promote(Function& f) : f_(f) {}

  void run() {
    for (size_t i = 0; i < f_.variables.size(); ++i) f_.variables[i]->id = static_cast<uint32_t>(i);
    states_.assign(f_.variables.size(), State{});
    for_each_op(*f_.body, [&](Op& op) {
      if (op.code == Opcode::VarSet) ++states_[op.var->id].sets;
      for (const Reduction& r : op.reductions) states_[r.var->id].fits = false;
    });
    find(*f_.body);
    for (State& s : states_) s.fits = s.fits && s.sets == 1;
    if (std::none_of(states_.begin(), states_.end(), [](const State& s) { return s.fits; })) return;
    values_.assign(f_.next_value, nullptr);
    replace(*f_.body);
    std::erase_if(f_.variables, [&](const Variable* v) { return states_[v->id].fits; });
    for (size_t i = 0; i < f_.variables.size(); ++i) f_.variables[i]->id = static_cast<uint32_t>(i);
  }

 private:
  struct State {
    int sets = 0;
    bool fits = true;
    bool in_scope = false;  // the set has been passed, in this region or one around it
    Value* value = nullptr;
  };

  void find(const Region& r) {
    std::vector<uint32_t> here;
    for (const Op* op : r.ops) {
      if (op->code == Opcode::VarGet && !states_[op->var->id].in_scope) states_[op->var->id].fits = false;
      if (op->code == Opcode::VarSet && !states_[op->var->id].in_scope) {
        states_[op->var->id].in_scope = true;
        here.push_back(op->var->id);
      }
      for (const Region* nested : op->regions) find(*nested);
    }
    for (uint32_t v : here) states_[v].in_scope = false;
  }

  void replace(Region& r) {
    for (Op* op : r.ops) {
      for (Value*& v : op->operands)
        if (values_[v->id]) v = values_[v->id];
      if (op->code == Opcode::VarSet && states_[op->var->id].fits)
        states_[op->var->id].value = op->operands[0];
      if (op->code == Opcode::VarGet && states_[op->var->id].fits)
        values_[op->result->id] = states_[op->var->id].value;
      for (Region* nested : op->regions) replace(*nested);
    }
    std::erase_if(r.ops, [&](const Op* op) {
      return (op->code == Opcode::VarSet || op->code == Opcode::VarGet) && states_[op->var->id].fits;
    });
  }

  Function& f_;
  std::vector<State> states_;
  std::vector<Value*> values_;  // by id of a get's result: what stands for it
};

}  // namespace

void run_promote(Module& m) {
  for (Function* f : m.functions) Promote(*f).run();
}

}  // namespace cantil::ir
