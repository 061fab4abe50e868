// Forwarding of single sets, and dead ops.
//
// A variable with one set in the whole function: a get after that set, in the same region or in one nested in
// a later op of it, sees the value of that set's latest run, which is the value in scope. Any other get (an
// earlier iteration's value, a set under a condition) stays.
#include "cpu_codegen/barriers/forward.h"

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

namespace cantil::cpu_codegen {
namespace {

using ir::Opcode;

class Forwarding {
 public:
  void run(ir::Function& f) {
    count(f.body);
    rewrite(f.body);
    drop_unread(f.body);
    std::erase_if(f.variables,
                  [&](const ir::Variable* v) { return sets_.count(v) != 0 && read_.count(v) == 0; });
    for (uint32_t k = 0; k < f.variables.size(); ++k) f.variables[k]->id = k;
  }

 private:
  void count(const ir::Region* r) {
    for (const ir::Op* op : r->ops) {
      if (op->code == Opcode::VarSet) ++sets_[op->var];
      for (const ir::Region* nested : op->regions) count(nested);
    }
  }

  ir::Value* resolve(ir::Value* v) const {
    const auto found = renamed_.find(v);
    return found == renamed_.end() ? v : found->second;
  }

  void rewrite(ir::Region* r) {
    std::vector<const ir::Variable*> in_scope;
    std::erase_if(r->ops, [&](ir::Op* op) {
      for (ir::Value*& operand : op->operands) operand = resolve(operand);
      if (op->code == Opcode::VarGet) {
        const auto known = known_.find(op->var);
        if (known != known_.end()) {
          renamed_[op->result] = known->second;
          return true;
        }
        read_.insert(op->var);
      } else if (op->code == Opcode::VarSet && sets_[op->var] == 1) {
        known_[op->var] = op->operands[0];
        in_scope.push_back(op->var);
      }
      for (ir::Region* nested : op->regions) rewrite(nested);
      return false;
    });
    for (const ir::Variable* v : in_scope) known_.erase(v);
  }

  void drop_unread(ir::Region* r) {
    std::erase_if(r->ops,
                  [&](const ir::Op* op) { return op->code == Opcode::VarSet && read_.count(op->var) == 0; });
    for (ir::Op* op : r->ops) {
      for (ir::Region* nested : op->regions) drop_unread(nested);
    }
  }

  std::unordered_map<const ir::Variable*, int> sets_;
  std::unordered_map<const ir::Variable*, ir::Value*> known_;
  std::unordered_map<const ir::Value*, ir::Value*> renamed_;
  std::unordered_set<const ir::Variable*> read_;
};

using Uses = std::unordered_map<const ir::Value*, int>;

void count_uses(const ir::Region* r, Uses& uses) {
  for (const ir::Op* op : r->ops) {
    for (const ir::Value* operand : op->operands) ++uses[operand];
    for (const ir::Region* nested : op->regions) count_uses(nested, uses);
  }
}

bool is_removable(const ir::Op& op) {
  return ir::op_info(op.code).effects == ir::Effects::Pure || op.code == Opcode::VarGet ||
         op.code == Opcode::ThreadVarGet;
}

// Backwards, so that one pass removes whole chains.
void remove_unused(ir::Region* r, Uses& uses) {
  std::vector<ir::Op*> kept;
  for (auto it = r->ops.rbegin(); it != r->ops.rend(); ++it) {
    ir::Op* op = *it;
    if (is_removable(*op) && uses[op->result] == 0) {
      for (const ir::Value* operand : op->operands) --uses[operand];
      continue;
    }
    for (auto nested = op->regions.rbegin(); nested != op->regions.rend(); ++nested)
      remove_unused(*nested, uses);
    kept.push_back(op);
  }
  std::reverse(kept.begin(), kept.end());
  r->ops = std::move(kept);
}

}  // namespace

void forward_single_sets(ir::Function& f) { Forwarding().run(f); }

void remove_dead_ops(ir::Function& f) {
  Uses uses;
  count_uses(f.body, uses);
  remove_unused(f.body, uses);
}

}  // namespace cantil::cpu_codegen
