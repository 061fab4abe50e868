// ranges: removes index.wrap and bounds.check whose outcome is certain, and decides comparisons that are.
//
// One walk in program order. Each value, and each version of a variable, is a symbol (facts.h); conditions of
// branches and loops add facts for the region they guard, and for what follows when the other branch leaves.
// Variables that a loop changes get a new symbol at its head, whose range loop_range.h finds from the
// assignments in the loop.
//
// What is taken for granted beside the types: an array axis is shorter than 2^56, no loop makes more than
// 2^54 steps (200 days at one a nanosecond), and a counter that is compared with a bound before it grows by
// less than 2^48 does not pass 2^63. An index that breaks one of these is out of bounds by far whether it is
// wrapped or not.
#include <vector>

#include "ir/passes/facts.h"
#include "ir/passes/float_bounds.h"
#include "ir/passes/loop_range.h"
#include "ir/passes/passes.h"
#include "ir/walk.h"

namespace cantil::ir {
namespace {

bool is_integral(TypeRef t) { return t->is_int() || t->is_bool(); }
bool is_compare(Opcode c) { return c >= Opcode::Eq && c <= Opcode::Ge; }

class Ranges {
 public:
  explicit Ranges(Function& f) : f_(f) {}

  void run() {
    bool any = false;
    for_each_op(*f_.body, [&](const Op& op) {
      any = any || op.code == Opcode::IndexWrap || op.code == Opcode::BoundsCheck || op.code == Opcode::If;
    });
    if (!any) return;
    replaced_.assign(f_.next_value, nullptr);
    value_symbols_.assign(f_.next_value, 0);
    variable_symbols_.assign(f_.variables.size(), 0);
    loops_.prepare(f_);
    about_.resize(1);
    region(*f_.body);
  }

 private:
  // ---- Symbols ----

  // How a bool, tuple or array came about, for looking inside.
  struct About {
    const Op* def = nullptr;
    Sym condition = 0, then = 0, otherwise = 0;  // a variable after an if
  };

  Sym fresh(TypeRef t) { return fresh(is_integral(t) ? type_interval(t) : Interval{}); }

  Sym fresh(Interval range, const Op* def = nullptr) {
    Sym s = facts_.fresh(range);
    about(s).def = def;
    return s;
  }

  About& about(Sym s) {
    if (about_.size() <= s) about_.resize(s + 1);
    return about_[s];
  }

  Sym symbol(const Value* v) {
    Sym& s = value_symbols_[v->id];
    if (!s) {
      Sym made = fresh(v->type);
      if (v->def) about(made).def = v->def;
      s = made;
    }
    return s;
  }

  Sym symbol(const Variable* v) {
    Sym& s = variable_symbols_[v->id];
    if (!s) s = fresh(v->type);
    return s;
  }

  void set_variable(const Variable* v, Sym s) { variable_symbols_[v->id] = s; }

  // A part of a value that has none of its own: axis of an array, element of a tuple.
  Sym part(Sym whole, int64_t i, Interval range) {
    Sym& s = parts_[static_cast<uint64_t>(whole) << 16 | static_cast<uint64_t>(i & 0xFFFF)];
    if (!s) s = fresh(range);
    return s;
  }

  // ---- The walk ----

  void region(Region& r) {
    bool removed = false;
    for (Op* op : r.ops) {
      for (Value*& v : op->operands)
        if (replaced_[v->id]) v = replaced_[v->id];
      keep_ = true;
      visit(*op);
      op->number = keep_ ? 1 : 0;
      removed = removed || !keep_;
    }
    if (removed) std::erase_if(r.ops, [](const Op* op) { return op->number == 0; });
  }

  void guarded_region(Region& r, Sym condition, bool truth) {
    if (condition) assume(condition, truth);
    region(r);
  }

  void visit(Op& op) {
    switch (op.code) {
      case Opcode::Const:
        if (is_integral(op.result->type)) {
          Wide v = op.result->type->is_int() && !op.result->type->is_signed
                       ? static_cast<Wide>(static_cast<uint64_t>(op.constant.i))
                       : static_cast<Wide>(op.constant.i);
          define(op, fresh(Interval{v, v}, &op));
        }
        return;
      case Opcode::VarGet:
        define(op, symbol(op.var));
        return;
      case Opcode::VarSet:
        set_variable(op.var, symbol(op.operands[0]));
        return;
      case Opcode::Sreg:
        define(op, fresh(sreg_interval(op.sreg())));
        return;
      case Opcode::ArrayDim: {
        Sym array = symbol(op.operands[0]);
        const Op* made = about(array).def;
        if (made && made->code == Opcode::ArrayMake) {
          define(op, symbol(made->operands[2 + static_cast<size_t>(op.imm)]));
          facts_.assume_range(symbol(op.result), {0, kMaxAxis});
        } else {
          define(op, part(array, op.imm, {0, kMaxAxis}));
        }
        return;
      }
      case Opcode::TupleGet: {
        if (!is_integral(op.result->type)) return;
        Sym tuple = symbol(op.operands[0]);
        const Op* made = about(tuple).def;
        define(op, made && made->code == Opcode::TupleMake
                       ? symbol(made->operands[static_cast<size_t>(op.imm)])
                       : part(tuple, op.imm, type_interval(op.result->type)));
        return;
      }
      case Opcode::Cast:
      case Opcode::Bitcast:  // the same number where both types have it
        cast(op);
        return;
      case Opcode::Select:
        select(op);
        return;
      case Opcode::IndexWrap:
        if (facts_.range(symbol(op.operands[0])).lo >= 0) {
          replaced_[op.result->id] = op.operands[0];
          keep_ = false;
        }
        return;
      case Opcode::BoundsCheck:
        bounds_check(op);
        return;
      case Opcode::If:
        branch(op);
        return;
      case Opcode::For:
      case Opcode::ParallelFor:
        for_loop(op);
        return;
      case Opcode::While:
        while_loop(op);
        return;
      case Opcode::Try:  // control comes to the handler from anywhere in the body
        forget_assigned(op);
        scoped(*op.regions[0]);
        forget_assigned(op);
        scoped(*op.regions[1]);
        keep_ = true;
        forget_assigned(op);
        return;
      case Opcode::ThreadLoop:
        forget_assigned(op);
        scoped(*op.regions[0]);
        keep_ = true;
        forget_assigned(op);
        return;
      default:
        if (is_compare(op.code) && is_integral(op.operands[0]->type)) {
          compare(op);
        } else if ((op.code == Opcode::Eq || op.code == Opcode::Ne) && op.operands[0]->type->is_float()) {
          compare_with_zero(op);
        } else if (op.result && is_integral(op.result->type) && !op.operands.empty() && op.regions.empty()) {
          arithmetic(op);
        }
    }
  }

  void define(const Op& op, Sym s) { value_symbols_[op.result->id] = s; }

  void scoped(Region& r) {
    size_t mark = facts_.mark();
    region(r);
    facts_.undo(mark);
  }

  // ---- Values ----

  void cast(const Op& op) {
    TypeRef from = op.operands[0]->type, to = op.result->type;
    if (!is_integral(from) || !is_integral(to)) return;
    Sym s = symbol(op.operands[0]);
    if (to->is_bool() && !from->is_bool()) {
      define(op, fresh(Interval{0, 1}, &op));
    } else if (facts_.range(s).within(type_interval(to))) {
      define(op, s);
    }
  }

  void select(const Op& op) {
    if (!is_integral(op.result->type)) return;
    Sym a = symbol(op.operands[1]), b = symbol(op.operands[2]);
    Sym s = fresh(join(facts_.range(a), facts_.range(b)));
    about(s) = {nullptr, symbol(op.operands[0]), a, b};
    define(op, s);
  }

  void arithmetic(const Op& op) {
    TypeRef t = op.result->type;
    if (t->is_bool() || !is_integral(op.operands[0]->type)) {
      define(op, fresh(type_interval(t), &op));  // and, or, not of conditions
      return;
    }
    Interval all = type_interval(t);
    Sym a = symbol(op.operands[0]);
    Sym b = op.operands.size() > 1 && is_integral(op.operands[1]->type) ? symbol(op.operands[1]) : a;
    Interval ra = facts_.range(a), rb = facts_.range(b), r;
    if (op.code == Opcode::Popc || op.code == Opcode::Clz || op.code == Opcode::Ctz) {
      define(op, fresh(Interval{0, t->bits}));
      return;
    }
    bool known = op_interval(op.code, ra, rb, r);
    if (known && op.code == Opcode::Sub) {
      if (facts_.proves_le(b, a, 0)) r.lo = std::max<Wide>(r.lo, 0);
      if (facts_.proves_le(b, a, -1)) r.lo = std::max<Wide>(r.lo, 1);
    }
    if (!known || !r.within(all)) return;  // symbol() gives it the type's range
    if ((op.code == Opcode::Add || op.code == Opcode::Sub) && rb.is_point()) {
      define(op, facts_.shifted(a, op.code == Opcode::Add ? rb.lo : -rb.lo));
      return;
    }
    if (op.code == Opcode::Add && ra.is_point()) {
      define(op, facts_.shifted(b, ra.lo));
      return;
    }
    Sym s = fresh(r);
    relate(op.code, s, a, b, ra, rb);
    define(op, s);
  }

  // Bounds of a result in terms of its operands.
  void relate(Opcode code, Sym s, Sym a, Sym b, Interval ra, Interval rb) {
    switch (code) {
      case Opcode::Add:
        facts_.assume_le(s, a, rb.hi);
        facts_.assume_le(a, s, -rb.lo);
        facts_.assume_le(s, b, ra.hi);
        facts_.assume_le(b, s, -ra.lo);
        return;
      case Opcode::Sub:
        facts_.assume_le(s, a, -rb.lo);
        facts_.assume_le(a, s, rb.hi);
        return;
      case Opcode::FloorDiv:
      case Opcode::TruncDiv:
      case Opcode::Shr:
        if (ra.lo >= 0) facts_.assume_le(s, a, 0);
        return;
      case Opcode::Mod:
      case Opcode::Rem:
        facts_.assume_le(s, b, -1);
        if (ra.lo >= 0) facts_.assume_le(s, a, 0);
        return;
      case Opcode::And:
        if (ra.lo >= 0) facts_.assume_le(s, a, 0);
        if (rb.lo >= 0) facts_.assume_le(s, b, 0);
        return;
      case Opcode::Min:
        facts_.assume_le(s, a, 0);
        facts_.assume_le(s, b, 0);
        return;
      case Opcode::Max:
        facts_.assume_le(a, s, 0);
        facts_.assume_le(b, s, 0);
        return;
      default:
        return;
    }
  }

  // ---- Conditions ----

  void compare(Op& op) {
    Sym a = symbol(op.operands[0]), b = symbol(op.operands[1]);
    int outcome = decide(op.code, a, b);
    if (outcome < 0) {
      define(op, fresh(Interval{0, 1}, &op));
      return;
    }
    become(op, outcome);
  }

  // The check of a divisor: a sum of squares and something positive is not zero.
  void compare_with_zero(Op& op) {
    define(op, fresh(Interval{0, 1}, &op));
    const Op* zero = op.operands[1]->def;
    if (!zero || zero->code != Opcode::Const || zero->constant.f != 0) return;
    if (float_low(op.operands[0]) > 0) become(op, op.code == Opcode::Ne);
  }

  void become(Op& op, int outcome) {
    op.code = Opcode::Const;
    op.operands.clear();
    op.constant = ConstValue{};
    op.constant.i = outcome;
    define(op, fresh(Interval{outcome, outcome}, &op));
  }

  // 1 true, 0 false, -1 not known.
  int decide(Opcode code, Sym a, Sym b) const {
    switch (code) {
      case Opcode::Lt:
        return facts_.proves_le(a, b, -1) ? 1 : facts_.proves_le(b, a, 0) ? 0 : -1;
      case Opcode::Le:
        return facts_.proves_le(a, b, 0) ? 1 : facts_.proves_le(b, a, -1) ? 0 : -1;
      case Opcode::Gt:
        return decide(Opcode::Lt, b, a);
      case Opcode::Ge:
        return decide(Opcode::Le, b, a);
      case Opcode::Eq:
        if (facts_.proves_le(a, b, -1) || facts_.proves_le(b, a, -1)) return 0;
        return facts_.proves_le(a, b, 0) && facts_.proves_le(b, a, 0) ? 1 : -1;
      case Opcode::Ne: {
        int equal = decide(Opcode::Eq, a, b);
        return equal < 0 ? -1 : 1 - equal;
      }
      default:
        return -1;
    }
  }

  // Adds what follows from a condition's being true or false.
  void assume(Sym s, bool truth, int depth = 8) {
    if (!s || depth == 0) return;
    const About a = about(s);
    if (a.condition) {
      // After `if c: x = t else: x = e`: where one of them is known to be the opposite, the other one it was.
      Wide opposite = truth ? 0 : 1;
      Interval t = facts_.range(a.then), e = facts_.range(a.otherwise);
      if ((e.is_point() && e.lo == opposite) || (a.otherwise == a.condition && truth)) {
        assume(a.condition, true, depth - 1);
        assume(a.then, truth, depth - 1);
      } else if ((t.is_point() && t.lo == opposite) || (a.then == a.condition && !truth)) {
        assume(a.condition, false, depth - 1);
        assume(a.otherwise, truth, depth - 1);
      }
      return;
    }
    if (!a.def) return;
    const Op& op = *a.def;
    if (is_compare(op.code) && is_integral(op.operands[0]->type)) {
      assume_compare(op.code, symbol(op.operands[0]), symbol(op.operands[1]), truth);
    } else if (op.code == Opcode::Not) {
      assume(symbol(op.operands[0]), !truth, depth - 1);
    } else if ((op.code == Opcode::And && truth) || (op.code == Opcode::Or && !truth)) {
      assume(symbol(op.operands[0]), truth, depth - 1);
      assume(symbol(op.operands[1]), truth, depth - 1);
    } else if (op.code == Opcode::Cast && is_integral(op.operands[0]->type)) {
      Sym x = symbol(op.operands[0]);
      if (truth) {
        assume_differs(x, {0, 0});
      } else {
        facts_.assume_range(x, {0, 0});
      }
    }
  }

  void assume_compare(Opcode code, Sym a, Sym b, bool truth) {
    switch (code) {
      case Opcode::Lt:
        return truth ? facts_.assume_le(a, b, -1) : facts_.assume_le(b, a, 0);
      case Opcode::Le:
        return truth ? facts_.assume_le(a, b, 0) : facts_.assume_le(b, a, -1);
      case Opcode::Gt:
        return assume_compare(Opcode::Lt, b, a, truth);
      case Opcode::Ge:
        return assume_compare(Opcode::Le, b, a, truth);
      case Opcode::Ne:
        return assume_compare(Opcode::Eq, a, b, !truth);
      default:
        break;
    }
    if (truth) {
      facts_.assume_le(a, b, 0);
      facts_.assume_le(b, a, 0);
    } else {
      assume_differs(a, facts_.range(b));
      assume_differs(b, facts_.range(a));
    }
  }

  // s is not the only value of `other`.
  void assume_differs(Sym s, Interval other) {
    if (!other.is_point()) return;
    Interval r = facts_.range(s);
    if (r.lo == other.lo) ++r.lo;
    if (r.hi == other.lo) --r.hi;
    facts_.assume_range(s, r);
  }

  void bounds_check(const Op& op) {
    Sym i = symbol(op.operands[0]), n = symbol(op.operands[1]);
    if (facts_.range(i).lo >= 0 && facts_.proves_le(i, n, -1)) {
      keep_ = false;
      return;
    }
    facts_.assume_range(i, {0, facts_.range(i).hi});
    facts_.assume_le(i, n, -1);
  }

  // ---- Control ----

  struct End {  // of a variable, where a branch ends
    Sym symbol;
    Interval range;
  };

  void branch_end(const std::vector<const Variable*>& assigned, const std::vector<Sym>& before,
                  std::vector<End>& out) {
    for (size_t i = 0; i < assigned.size(); ++i) {
      Sym s = symbol(assigned[i]);
      out.push_back({s, facts_.range(s)});
      set_variable(assigned[i], before[i]);
    }
  }

  void branch(Op& op) {
    Sym condition = symbol(op.operands[0]);
    std::vector<const Variable*> assigned = loops_.assigned(op);
    std::vector<Sym> before;
    for (const Variable* v : assigned) before.push_back(symbol(v));
    std::vector<End> ends[2];
    bool falls[2];
    for (int k = 0; k < 2; ++k) {
      size_t mark = facts_.mark();
      guarded_region(*op.regions[static_cast<size_t>(k)], condition, k == 0);
      branch_end(assigned, before, ends[k]);
      facts_.undo(mark);
      falls[k] = falls_through(*op.regions[static_cast<size_t>(k)]);
    }
    keep_ = true;
    for (size_t i = 0; i < assigned.size(); ++i) {
      const End &t = ends[0][i], &e = ends[1][i];
      if (t.symbol == e.symbol || !falls[1]) {
        set_variable(assigned[i], t.symbol);
      } else if (!falls[0]) {
        set_variable(assigned[i], e.symbol);
      } else {
        Sym s = fresh(is_integral(assigned[i]->type) ? join(t.range, e.range) : Interval{});
        if (assigned[i]->type->is_bool()) about(s) = {nullptr, condition, t.symbol, e.symbol};
        set_variable(assigned[i], s);
      }
    }
    if (falls[0] != falls[1]) assume(condition, falls[0]);
  }

  // Gives the variables that a loop assigns symbols for their values at the head of any round.
  std::vector<Interval> enter_loop(const Op& op, const std::vector<const Variable*>& assigned) {
    LoopRange range(
        loops_, op,
        [this](const Value* v, Interval& out) {
          Sym s = value_symbols_[v->id];
          if (s) out = facts_.range(s);
          return s != 0;
        },
        [this](const Variable* v) { return facts_.range(symbol(v)); });
    std::vector<Interval> ranges;
    for (const Variable* v : assigned) ranges.push_back(is_integral(v->type) ? range.of(v) : Interval{});
    for (size_t i = 0; i < assigned.size(); ++i) set_variable(assigned[i], fresh(ranges[i]));
    return ranges;
  }

  void forget_assigned(const Op& op) {
    for (const Variable* v : loops_.assigned(op)) set_variable(v, fresh(v->type));
  }

  void for_loop(Op& op) {
    std::vector<const Variable*> assigned = loops_.assigned(op);
    std::vector<Interval> ranges;
    Sym start = symbol(op.operands[0]), stop = symbol(op.operands[1]), step = symbol(op.operands[2]);
    if (op.code == Opcode::For) {
      ranges = enter_loop(op, assigned);
    } else {
      forget_assigned(op);  // private to each thread
    }
    Value* arg = op.regions[0]->args[0];
    Interval steps = facts_.range(step);
    Sym i = fresh(index_interval(arg->type, facts_.range(start), facts_.range(stop), steps));
    value_symbols_[arg->id] = i;
    size_t mark = facts_.mark();
    if (steps.lo > 0) {
      facts_.assume_le(start, i, 0);
      facts_.assume_le(i, stop, -1);
    } else if (steps.hi < 0) {
      facts_.assume_le(i, start, 0);
      facts_.assume_le(stop, i, -1);
    }
    region(*op.regions[0]);
    facts_.undo(mark);
    keep_ = true;
    if (op.code != Opcode::For) return forget_assigned(op);
    for (size_t k = 0; k < assigned.size(); ++k) set_variable(assigned[k], fresh(ranges[k]));
  }

  void while_loop(Op& op) {
    std::vector<const Variable*> assigned = loops_.assigned(op);
    std::vector<Interval> ranges = enter_loop(op, assigned);
    size_t mark = facts_.mark();
    region(*op.regions[0]);
    const Region& condition = *op.regions[0];
    Sym truth = symbol(condition.ops.back()->operands[0]);
    std::vector<Sym> at_exit;
    for (const Variable* v : assigned) at_exit.push_back(symbol(v));
    guarded_region(*op.regions[1], truth, true);
    facts_.undo(mark);
    keep_ = true;
    bool breaks = loops_.has_break(op);
    for (size_t k = 0; k < assigned.size(); ++k)
      set_variable(assigned[k], breaks ? fresh(ranges[k]) : at_exit[k]);
    if (!breaks) assume(truth, false);
  }

  Function& f_;
  Facts facts_;
  LoopTable loops_;
  std::vector<Value*> replaced_;
  std::vector<Sym> value_symbols_;     // by value id
  std::vector<Sym> variable_symbols_;  // by variable id: its present version
  std::vector<About> about_;           // by symbol
  std::unordered_map<uint64_t, Sym> parts_;
  bool keep_ = true;  // whether the op being visited stays
};

}  // namespace

void run_ranges(Module& m) {
  for (Function* f : m.functions) Ranges(*f).run();
}

}  // namespace cantil::ir
