// The plan: a closure from barriers over what the constructs around them need.
#include "cpu_codegen/barriers/plan.h"

#include <algorithm>

#include "ir/builder.h"
#include "ir/passes/inline.h"

namespace cantil::cpu_codegen {

using ir::Opcode;

namespace {

bool is_loop(const ir::Op& op) { return op.code == Opcode::For || op.code == Opcode::While; }

bool is_division(Opcode c) {
  return c == Opcode::FloorDiv || c == Opcode::Mod || c == Opcode::TruncDiv || c == Opcode::Rem;
}

bool is_collective(const ir::Op& op) {
  return op.code == Opcode::Collective || op.code == Opcode::BlockCollective;
}

// Whether all threads of the block have to come here, not only those of a warp.
bool has_block_barrier(const ir::Region& r) {
  return std::any_of(r.ops.begin(), r.ops.end(), [](const ir::Op* op) {
    return op->code == Opcode::Barrier || (is_collective(*op) && ir::is_barrier(op->collective())) ||
           std::any_of(op->regions.begin(), op->regions.end(),
                       [](const ir::Region* nested) { return has_block_barrier(*nested); });
  });
}

bool is_constant(const ir::Value* v) { return v->def != nullptr && v->def->code == Opcode::Const; }

}  // namespace

Plan::Plan(ir::Module& m, ir::Function& kernel, const Lockstep& lockstep)
    : module_(m), kernel_(kernel), lockstep_(lockstep), constructs_(lockstep.loops) {
  uniformity_.emplace(kernel);
  find_sets(kernel.body);
  find_barriers(kernel.body);
  if (failure_.empty()) find_returns(kernel.body, true);
  if (failure_.empty() && hazard_ != nullptr && !thread_returns_.empty()) {
    // Block level goes on when all threads have returned; nothing there may then raise or divide by zero.
    fail(*hazard_, "what a barrier depends on may raise, and threads may have returned before");
  }
  if (failure_.empty()) choose_variables();
}

void Plan::fail(const ir::Op& at, const std::string& what) {
  if (!failure_.empty()) return;
  failure_ = what;
  if (at.span.line > 0) failure_ += " (line " + std::to_string(at.span.line) + ")";
}

// ---- Closure
// -----------------------------------------------------------------------------------------------------

void Plan::find_sets(ir::Region* r) {
  for (ir::Op* op : r->ops) {
    if (op->code == Opcode::VarSet) sets_[op->var].push_back(op);
    for (ir::Region* nested : op->regions) find_sets(nested);
  }
}

void Plan::find_barriers(ir::Region* r) {
  // By index, here and below: marking a while may put ops before the ones at hand.
  for (size_t k = 0; k < r->ops.size() && failure_.empty(); ++k) {
    ir::Op* op = r->ops[k];
    if (op->code == Opcode::Collective && op->collective() == ir::CollectiveOp::SyncGrid)
      return fail(*op, "the blocks of the grid wait for each other");
    if (op->code == Opcode::Barrier || is_collective(*op)) mark_around(r);
    if (op->code == Opcode::Call && ir::reaches_barrier(*op->func))
      fail(*op, "a recursive function has a barrier");
    for (size_t n = 0; n < op->regions.size(); ++n) find_barriers(op->regions[n]);
  }
}

void Plan::find_returns(ir::Region* r, bool is_body) {
  for (size_t k = 0; k < r->ops.size() && failure_.empty(); ++k) {
    ir::Op* op = r->ops[k];
    if (op->code == Opcode::Return && !(is_body && k + 1 == r->ops.size())) {
      if (uniformity_->uniform_control(r)) {
        mark_around(r);
      } else {
        thread_returns_.insert(op);
      }
    }
    for (size_t n = 0; n < op->regions.size(); ++n) find_returns(op->regions[n], false);
  }
}

void Plan::mark_around(const ir::Region* r) {
  for (ir::Op* op = r->parent; op != nullptr && failure_.empty(); op = op->parent->parent) mark(op);
}

void Plan::mark(ir::Op* construct, bool is_exit) {
  if (!failure_.empty()) return;
  if (construct->code == Opcode::If && !is_exit && !is_block_construct(construct) &&
      !uniformity_->uniform(construct->operands[0]) && !has_block_barrier(*construct->regions[0]) &&
      !has_block_barrier(*construct->regions[1])) {
    // Some warps, or some of a warp's threads, work together here: the others look on.
    if (warp_masks_.insert(construct).second) {
      lockstep_.masks.insert(construct);
      mark_around(construct->parent);
    }
    return;
  }
  if (!constructs_.insert(construct).second) return;
  switch (construct->code) {
    case Opcode::If:
      need(construct->operands[0], *construct);
      break;
    case Opcode::For:
      if (!uniformity_->leaves_together(construct)) {
        return fail(*construct, "threads may leave a loop with a barrier at different times");
      }
      for (ir::Value* bound : construct->operands) need(bound, *construct);
      mark_exits(construct->regions[0], construct);
      break;
    case Opcode::While:
      if (!uniformity_->leaves_together(construct)) {
        return fail(*construct, "threads may leave a loop with a barrier at different times");
      }
      if (!is_simple_condition(*construct->regions[0])) move_condition(construct);
      need(construct->regions[0]->ops.back()->operands[0], *construct);
      mark_exits(construct->regions[1], construct);
      break;
    default:
      return fail(*construct, "a barrier stands in an unexpected construct");
  }
  mark_around(construct->parent);
}

// Whatever decides whether a block-level loop is left has to be decided at block level.
void Plan::mark_exits(ir::Region* r, const ir::Op* loop) {
  for (size_t k = 0; k < r->ops.size() && failure_.empty(); ++k) {
    ir::Op* op = r->ops[k];
    if (op->code == Opcode::Break || op->code == Opcode::Continue) {
      for (ir::Op* around = r->parent; around != loop && failure_.empty(); around = around->parent->parent)
        mark(around, true);
    }
    if (is_loop(*op)) continue;
    for (ir::Region* nested : op->regions) mark_exits(nested, loop);
  }
}

void Plan::need(ir::Value* v, const ir::Op& by) {
  if (!failure_.empty() || !needed_.insert(v).second) return;
  if (!uniformity_->uniform(v)) {
    return fail(by, by.code == Opcode::If
                        ? "a barrier stands under a condition that may differ between threads"
                        : "the course of a loop with a barrier may differ between threads");
  }
  const ir::Op* def = v->def;
  if (def == nullptr) return;  // a parameter, or the index of a loop around `by`
  if (def->code == Opcode::VarGet) return need(def->var, by);
  if (traps(*def)) hazard_ = def;
  for (ir::Value* operand : def->operands) need(operand, by);
  // Where it is defined is around `by`, hence at block level already or about to be.
  mark_around(def->parent);
}

void Plan::need(ir::Variable* v, const ir::Op& by) {
  if (!needed_variables_.insert(v).second) return;
  for (size_t k = 0; k < sets_[v].size(); ++k) {
    ir::Op* set = sets_[v][k];
    need(set->operands[0], by);
    mark_around(set->parent);
  }
}

// A condition region that can run at block level as it is: no control, no effects.
bool Plan::is_simple_condition(const ir::Region& condition) {
  for (const ir::Op* op : condition.ops) {
    if (op->code == Opcode::Yield || op->code == Opcode::VarGet) continue;
    if (ir::op_info(op->code).effects != ir::Effects::Pure || !uniformity_->uniform(op->result)) return false;
  }
  return true;
}

// while { c…; yield x } { body }  ->  while { yield true } { c…; if x {} else { break }; body }
void Plan::move_condition(ir::Op* loop) {
  ir::Region* condition = loop->regions[0];
  ir::Region* body = loop->regions[1];
  const ir::Op* yield = condition->ops.back();
  ir::Region* start = module_.new_region(loop);
  start->ops.assign(condition->ops.begin(), condition->ops.end() - 1);
  ir::Builder b(module_, &kernel_, start);
  b.set_span(yield->span);
  ir::Op* test = b.if_(yield->operands[0]);
  b.set_region(test->regions[1]);
  b.op(Opcode::Break);
  for (ir::Op* op : start->ops) op->parent = body;
  body->ops.insert(body->ops.begin(), start->ops.begin(), start->ops.end());
  condition->ops.clear();
  b.set_region(condition);
  b.op(Opcode::Yield, {b.const_bool(true)});
}

// ---- Variables and ops
// -------------------------------------------------------------------------------------------

bool Plan::traps(const ir::Op& op) const {
  if (is_division(op.code)) return !is_constant(op.operands[1]) || op.operands[1]->def->constant.i == 0;
  return op.code == Opcode::TupleIndex || op.code == Opcode::Call;
}

// A variable that is not needed may still have one copy for the block, where that costs nothing: all its sets
// are at block level and store what block level can compute.
void Plan::choose_variables() {
  for (const ir::Variable* v : kernel_.variables) {
    if (!uniformity_->uniform(v)) continue;
    const auto found = sets_.find(v);
    if (found == sets_.end()) continue;
    if (needed_variables_.count(v) != 0 ||
        std::all_of(found->second.begin(), found->second.end(), [&](const ir::Op* set) {
          return at_block_level(set->parent) && is_unmasked(set->parent);
        })) {
      block_variables_.insert(v);
    }
  }
  for (bool changed = true; changed;) {
    changed = false;
    computable_.clear();
    for (auto it = block_variables_.begin(); it != block_variables_.end();) {
      const auto& sets = sets_[*it];
      const bool keep = needed_variables_.count(*it) != 0 ||
                        std::all_of(sets.begin(), sets.end(),
                                    [&](const ir::Op* set) { return computable(set->operands[0]); });
      changed |= !keep;
      it = keep ? std::next(it) : block_variables_.erase(it);
    }
  }
  computable_.clear();
}

bool Plan::is_unmasked(const ir::Region* r) const {
  for (const ir::Op* op = r->parent; op != nullptr; op = op->parent->parent) {
    if (is_mask(op)) return false;
  }
  return true;
}

bool Plan::computable(const ir::Value* v) {
  if (needed_.count(v) != 0) return true;
  const ir::Op* def = v->def;
  if (def == nullptr) {
    // A parameter, or a loop's index: that of a thread-level loop cannot be seen from block level.
    return uniformity_->uniform(v);
  }
  const auto found = computable_.find(v);
  if (found != computable_.end()) return found->second;
  bool is = uniformity_->uniform(v) && at_block_level(def->parent) && !traps(*def);
  if (is) {
    if (def->code == Opcode::VarGet) {
      is = is_block_variable(def->var);
    } else if (is_collective(*def)) {
      is = true;                                  // a barrier's answer
    } else if (def->code != Opcode::ThreadMax) {  // that one becomes a variable of the block
      is = ir::op_info(def->code).effects == ir::Effects::Pure &&
           std::all_of(def->operands.begin(), def->operands.end(),
                       [&](const ir::Value* o) { return computable(o); });
    }
  }
  computable_[v] = is;
  return is;
}

bool Plan::is_block_op(const ir::Op& op) {
  if (op.code == Opcode::VarSet) return is_block_variable(op.var);
  return op.result != nullptr && computable(op.result);
}

bool Plan::is_hazardous(const ir::Op& op) const { return traps(op); }

}  // namespace cantil::cpu_codegen
