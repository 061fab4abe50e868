// Inlining on the structured IR.
//
// A body whose only return is its last op is copied in place of the call. Any other becomes a loop that runs
// once:
//
//   while { yield true } { …; set .result, v; break; … ; break }
//
// where each return is "set the result, break". A return inside the callee's own loops leaves them one by
// one: it sets .left first, and after each such loop stands `if .left { break }`.
#include "ir/passes/inline.h"

#include <unordered_map>
#include <unordered_set>

#include "ir/builder.h"
#include "ir/clone.h"

namespace cantil::ir {
namespace {

using Seen = std::unordered_set<const Function*>;

bool region_reaches_barrier(const Region& r, Seen& seen);

bool function_reaches_barrier(const Function& f, Seen& seen) {
  return seen.insert(&f).second && region_reaches_barrier(*f.body, seen);
}

bool region_reaches_barrier(const Region& r, Seen& seen) {
  for (const Op* op : r.ops) {
    if (op->code == Opcode::Barrier || op->code == Opcode::Collective) return true;
    if (op->code == Opcode::Call && function_reaches_barrier(*op->func, seen)) return true;
    for (const Region* nested : op->regions) {
      if (region_reaches_barrier(*nested, seen)) return true;
    }
  }
  return false;
}

bool has_return(const Region& r) {
  for (const Op* op : r.ops) {
    if (op->code == Opcode::Return) return true;
    for (const Region* nested : op->regions) {
      if (has_return(*nested)) return true;
    }
  }
  return false;
}

bool is_loop(const Op& op) { return op.code == Opcode::For || op.code == Opcode::While; }

class Inliner {
 public:
  Inliner(Module& m, Function* into) : module_(m), into_(into) {}

  void run() { visit(into_->body); }

 private:
  void visit(Region* region) {
    std::vector<Op*> ops;
    ops.swap(region->ops);
    for (size_t k = 0; k < ops.size(); ++k) {
      Op* op = ops[k];
      for (Value*& operand : op->operands) operand = resolve(operand);
      if (op->code == Opcode::Call && !open_.count(op->func) && op->func != into_ &&
          reaches_barrier(*op->func)) {
        const size_t first = region->ops.size();
        put_body(*op, region);
        // What was put there may call further ones.
        open_.insert(op->func);
        Region tail;
        tail.ops.assign(region->ops.begin() + static_cast<ptrdiff_t>(first), region->ops.end());
        region->ops.resize(first);
        visit_ops(tail.ops, region);
        open_.erase(op->func);
        continue;
      }
      region->ops.push_back(op);
      for (Region* nested : op->regions) visit(nested);
    }
  }

  void visit_ops(const std::vector<Op*>& ops, Region* region) {
    Region* holder = module_.new_region(region->parent);
    holder->ops = ops;
    visit(holder);
    for (Op* op : holder->ops) {
      op->parent = region;
      region->ops.push_back(op);
    }
  }

  Value* resolve(Value* v) const {
    for (auto found = results_.find(v); found != results_.end(); found = results_.find(v)) v = found->second;
    return v;
  }

  void put_body(const Op& call, Region* at) {
    const Function& callee = *call.func;
    Cloner cloner(module_, into_);
    for (size_t k = 0; k < callee.params.size(); ++k) cloner.rename(callee.params[k], call.operands[k]);
    for (const Variable* v : callee.variables) {
      cloner.rename(v, module_.new_variable(into_, "." + callee.name + "." + v->name, v->type, v->span));
    }
    const std::vector<Op*>& ops = callee.body->ops;
    const bool tail_only =
        !ops.empty() && ops.back()->code == Opcode::Return && !has_return_before_last(*callee.body);
    if (tail_only || !has_return(*callee.body)) {
      Value* result = nullptr;
      for (const Op* op : ops) {
        if (op->code == Opcode::Return) {
          if (!op->operands.empty()) result = cloner.renamed(op->operands[0]);
        } else {
          cloner.op(*op, at);
        }
      }
      give_result(call, result, at);
      return;
    }
    Builder b(module_, into_, at);
    b.set_span(call.span);
    result_ = call.result != nullptr && !call.result->type->is_none()
                  ? module_.new_variable(into_, "." + callee.name + ".result", call.result->type)
                  : nullptr;
    left_ = nullptr;
    Op* once = b.while_();
    Region* body = once->regions[1];
    cloner.region(*callee.body, body);
    replace_returns(body, 0);
    if (left_ != nullptr) {
      // Must be down before the body begins, also when the call stands in a loop.
      Region* before = module_.new_region(at->parent);
      Builder first(module_, into_, before);
      first.set(left_, first.const_bool(false));
      at->ops.insert(at->ops.end() - 1, before->ops.begin(), before->ops.end());
      for (Op* op : before->ops) op->parent = at;
    }
    b.set_region(once->regions[0]);
    b.op(Opcode::Yield, {b.const_bool(true)});
    if (body->ops.empty() || !ends(*body->ops.back())) {
      b.set_region(body);
      b.op(Opcode::Break);
    }
    b.set_region(at);
    give_result(call, result_ != nullptr ? b.get(result_) : nullptr, at);
  }

  static bool ends(const Op& op) {
    return op.code == Opcode::Return || op.code == Opcode::Break || op.code == Opcode::Continue ||
           op.code == Opcode::Raise || op.code == Opcode::Yield;
  }

  static bool has_return_before_last(const Region& r) {
    for (size_t k = 0; k + 1 < r.ops.size(); ++k) {
      for (const Region* nested : r.ops[k]->regions) {
        if (has_return(*nested)) return true;
      }
    }
    return false;
  }

  void give_result(const Op& call, Value* result, Region* at) {
    if (call.result == nullptr) return;
    if (result == nullptr) {
      Builder b(module_, into_, at);
      b.set_span(call.span);
      result = b.undef(call.result->type);
    }
    results_[call.result] = result;
  }

  // `depth`: in how many of the callee's own loops we are.
  void replace_returns(Region* region, int depth) {
    std::vector<Op*> ops;
    ops.swap(region->ops);
    Builder b(module_, into_, region);
    for (Op* op : ops) {
      b.set_span(op->span);
      if (op->code == Opcode::Return) {
        if (result_ != nullptr) b.set(result_, op->operands[0]);
        if (depth > 0) {
          if (left_ == nullptr) left_ = module_.new_variable(into_, ".left", bool_type());
          b.set(left_, b.const_bool(true));
        }
        b.op(Opcode::Break);
        return;
      }
      region->ops.push_back(op);
      const bool returns = !op->regions.empty() && region_returns(*op);
      for (Region* nested : op->regions) replace_returns(nested, depth + (is_loop(*op) ? 1 : 0));
      if (returns && is_loop(*op)) {
        Op* leave = b.if_(b.get(left_));
        b.set_region(leave->regions[0]);
        b.op(Opcode::Break);
        b.set_region(region);
      }
    }
  }

  static bool region_returns(const Op& op) {
    for (const Region* nested : op.regions) {
      if (has_return(*nested)) return true;
    }
    return false;
  }

  Module& module_;
  Function* into_;
  std::unordered_set<const Function*> open_;  // being put in place: a call to one of these is recursion
  std::unordered_map<const Value*, Value*> results_;
  Variable* result_ = nullptr;
  Variable* left_ = nullptr;
};

}  // namespace

bool reaches_barrier(const Function& f) {
  Seen seen;
  return function_reaches_barrier(f, seen);
}

void inline_barrier_functions(Module& m) {
  if (m.functions.empty()) return;
  Function* entry = m.functions[0];
  if (reaches_barrier(*entry)) Inliner(m, entry).run();
}

}  // namespace cantil::ir
