// Finds the range of a loop's variables: what they hold on entry, what they are set to, and steps that only
// go one way.
#include "ir/passes/loop_range.h"

#include <algorithm>

#include "ir/walk.h"

namespace cantil::ir {
namespace {

bool is_integral(TypeRef t) { return t->is_int() || t->is_bool(); }

bool has_own_break(const Region& r) {
  for (const Op* op : r.ops) {
    if (op->code == Opcode::Break) return true;
    const bool choice = op->code == Opcode::If || op->code == Opcode::Try;
    if (choice && (has_own_break(*op->regions[0]) || has_own_break(*op->regions[1]))) return true;
  }
  return false;
}

const Op* innermost_loop(const Op& op) {
  const Op* around = op.parent->parent;
  while (around && !is_loop(around->code)) around = around->parent->parent;
  return around;
}

// Whether x is a reading of v, perhaps in a wider type.
bool reads(const Value* x, const Variable* v) {
  const Op* d = x->def;
  if (d && d->code == Opcode::Cast && is_integral(d->operands[0]->type) && is_integral(x->type) &&
      type_interval(d->operands[0]->type).within(type_interval(x->type)))
    d = d->operands[0]->def;
  return d && d->code == Opcode::VarGet && d->var == v;
}

}  // namespace

Interval sreg_interval(Sreg s) {
  constexpr Wide kInt32 = 2147483647;
  switch (s) {
    case Sreg::TidX:
    case Sreg::TidY:
      return {0, 1023};
    case Sreg::TidZ:
      return {0, 63};
    case Sreg::CtaidX:
      return {0, kInt32 - 1};
    case Sreg::CtaidY:
    case Sreg::CtaidZ:
      return {0, 65534};
    case Sreg::NtidX:
    case Sreg::NtidY:
      return {1, 1024};
    case Sreg::NtidZ:
      return {1, 64};
    case Sreg::NctaidX:
      return {1, kInt32};
    case Sreg::NctaidY:
    case Sreg::NctaidZ:
      return {1, 65535};
    case Sreg::LaneId:
      return {0, 31};
    case Sreg::WarpSize:
      return {32, 32};
    case Sreg::LaneMaskLt:
      return {0, kInt32};
  }
  return type_interval(int_type(32));
}

Interval index_interval(TypeRef t, Interval start, Interval stop, Interval step) {
  Interval all = type_interval(t);
  Interval r = all;
  if (step.lo > 0) {
    r = {start.lo, stop.hi - 1};
    if (t->bits == 64) r.hi = std::min(r.hi, start.hi + step.hi * kMaxTrips);
  } else if (step.hi < 0) {
    r = {stop.lo + 1, start.hi};
    if (t->bits == 64) r.lo = std::max(r.lo, start.lo + step.lo * kMaxTrips);
  } else {
    r = {std::min(start.lo, stop.lo + 1), std::max(start.hi, stop.hi - 1)};
  }
  return {std::max(r.lo, all.lo), std::min(r.hi, all.hi)};
}

void LoopTable::prepare(Function& f) { number(*f.body); }

void LoopTable::number(const Region& r) {
  for (const Op* op : r.ops) {
    int position = next_++;
    if (op->code == Opcode::VarSet) {
      all_sets_.push_back({position, op});
      sets_[op->var].push_back({position, op});
    }
    if (op->regions.empty()) {
      if (op->code == Opcode::VarGet) extents_[op] = {position, position};
      continue;
    }
    for (const Region* nested : op->regions) {
      for (const Value* a : nested->args) arguments_[a] = op;
      number(*nested);
    }
    extents_[op] = {position, next_ - 1};
  }
}

std::vector<const Variable*> LoopTable::assigned(const Op& op) const {
  Extent e = extent(op);
  auto at = std::lower_bound(all_sets_.begin(), all_sets_.end(), std::pair<int, const Op*>{e.first, nullptr});
  std::vector<const Variable*> out;
  for (; at != all_sets_.end() && at->first <= e.last; ++at) {
    const Variable* v = at->second->var;
    if (std::find(out.begin(), out.end(), v) == out.end()) out.push_back(v);
  }
  return out;
}

std::vector<const Op*> LoopTable::sets(const Op& op, const Variable* v) const {
  std::vector<const Op*> out;
  auto found = sets_.find(v);
  if (found == sets_.end()) return out;
  Extent e = extent(op);
  for (const auto& [position, set] : found->second)
    if (position >= e.first && position <= e.last) out.push_back(set);
  return out;
}

bool LoopTable::inside(const Op& op, const Op& of) const {
  auto found = extents_.find(&op);
  if (found == extents_.end()) return false;
  Extent e = extent(of);
  return found->second.first >= e.first && found->second.last <= e.last;
}

bool LoopTable::has_break(const Op& loop) const { return has_own_break(*loop.regions.back()); }

const Op* LoopTable::loop_of(const Value* arg) const {
  auto found = arguments_.find(arg);
  return found == arguments_.end() ? nullptr : found->second;
}

// v = v + step or v - step, with a v read inside the loop.
bool LoopRange::own_step(const Variable* v, const Op& set, const Value*& step, bool& negative) const {
  const Op* d = set.operands[0]->def;
  if (!d || (d->code != Opcode::Add && d->code != Opcode::Sub)) return false;
  auto own = [&](const Value* x) {
    return x->def && x->def->code == Opcode::VarGet && x->def->var == v && table_.inside(*x->def, loop_);
  };
  negative = d->code == Opcode::Sub;
  if (own(d->operands[0])) return step = d->operands[1], true;
  if (!negative && own(d->operands[1])) return step = d->operands[0], true;
  return false;
}

// The variable of `x and y`: set to y where x is true and to x, or False, where it is not.
bool LoopRange::conjunction(const Variable* v, const Value*& x, const Value*& y) const {
  const Op *first = nullptr, *second = nullptr;
  for (const Op* set : table_.sets(loop_, v)) {
    if (second) return false;
    (first ? second : first) = set;
  }
  if (!second) return false;
  const Op* choice = first->parent->parent;
  if (!choice || choice->code != Opcode::If || choice->regions[0] != first->parent ||
      choice->regions[1] != second->parent || choice->parent != loop_.regions[0])
    return false;
  x = choice->operands[0];
  y = first->operands[0];
  const Value* otherwise = second->operands[0];
  return otherwise == x ||
         (otherwise->def && otherwise->def->code == Opcode::Const && !otherwise->def->constant.i);
}

// Whether the condition, where it is true, keeps v at or below `bound` (up), or at or above it.
bool LoopRange::guard(const Value* condition, const Variable* v, bool up, Wide& bound, int depth) {
  const Op* d = condition->def;
  if (!d || depth == 0) return false;
  const Value *x = nullptr, *y = nullptr;
  switch (d->code) {
    case Opcode::And:
      x = d->operands[0];
      y = d->operands[1];
      break;
    case Opcode::VarGet:
      if (!conjunction(d->var, x, y)) return false;
      break;
    case Opcode::Lt:
    case Opcode::Le:
    case Opcode::Gt:
    case Opcode::Ge: {
      bool less = d->code == Opcode::Lt || d->code == Opcode::Le;
      bool strict = d->code == Opcode::Lt || d->code == Opcode::Gt;
      if (!reads(d->operands[less == up ? 0 : 1], v)) return false;
      Interval limit = value(d->operands[less == up ? 1 : 0]);
      bound = up ? limit.hi - strict : limit.lo + strict;
      return true;
    }
    default:
      return false;
  }
  return guard(x, v, up, bound, depth - 1) || guard(y, v, up, bound, depth - 1);
}

bool LoopRange::guarded(const Variable* v, bool up, Wide& bound) {
  if (loop_.code != Opcode::While || loop_.regions[0]->ops.empty()) return false;
  const Op* yield = loop_.regions[0]->ops.back();
  return yield->code == Opcode::Yield && guard(yield->operands[0], v, up, bound, 4);
}

Interval LoopRange::of(const Variable* v) {
  Interval all = type_interval(v->type);
  auto [at, first] = ranges_.emplace(v, all);
  if (!first) return at->second;
  Interval base = entry_(v);
  Interval up{0, 0}, down{0, 0};  // the sum of the steps that go up, and of those that go down
  int count = 0;
  bool only_steps = true;  // one at a time, each after the loop's condition
  for (const Op* set : table_.sets(loop_, v)) {
    const Value* step = nullptr;
    bool negative = false;
    if (!own_step(v, *set, step, negative)) {
      base = join(base, value(set->operands[0]));
      only_steps = false;
      continue;
    }
    Interval s = value(step);
    if (negative) s = {-s.hi, -s.lo};
    ++count;
    only_steps = only_steps && innermost_loop(*set) == &loop_;
    up.hi += std::max<Wide>(s.hi, 0);
    down.lo += std::min<Wide>(s.lo, 0);
  }
  if (count == 0) return ranges_[v] = base;
  bool wide = v->type->is_int() && v->type->bits == 64;
  if (down.lo == 0) return ranges_[v] = stepped(v, {base.lo, base.hi}, up.hi, true, only_steps, wide);
  if (up.hi == 0) return ranges_[v] = stepped(v, {base.lo, base.hi}, down.lo, false, only_steps, wide);
  return ranges_[v] = all;  // it goes both ways
}

// The range of a variable that begins in `base` and whose steps in one round come to `step` at most, all in
// one direction.
Interval LoopRange::stepped(const Variable* v, Interval base, Wide step, bool up, bool only_steps,
                            bool wide) {
  Interval all = type_interval(v->type);
  Wide& end = up ? base.hi : base.lo;
  auto fits = [&](Wide x) { return up ? x <= all.hi : x >= all.lo; };
  Wide by_trips = end + step * (wide ? kMaxTrips : Wide{1} << 33);
  Wide bound = 0;
  bool guards = only_steps && guarded(v, up, bound);
  // Beyond the bound by one round's steps, for these follow the comparison.
  Wide by_guard = (up ? std::max(end, bound) : std::min(end, bound)) + step;
  bool trips_fit = fits(by_trips), guard_fits = guards && fits(by_guard);
  if (trips_fit && guard_fits) {
    end = up ? std::min(by_trips, by_guard) : std::max(by_trips, by_guard);
  } else if (trips_fit || guard_fits) {
    end = trips_fit ? by_trips : by_guard;
  } else if (guards && wide && (up ? step : -step) <= kGuardedStep) {
    end = up ? all.hi : all.lo;
  } else {
    return all;  // it may wrap
  }
  return base;
}

Interval LoopRange::value(const Value* v) {
  Interval all = type_interval(v->type);
  if (--budget_ < 0) return all;
  Interval r = compute(v);
  return r.within(all) ? r : all;
}

Interval LoopRange::compute(const Value* v) {
  Interval all = type_interval(v->type);
  Interval r;
  if (known_(v, r)) return r;
  const Op* d = v->def;
  if (!d) {
    const Op* loop = table_.loop_of(v);
    if (!loop || !is_loop(loop->code)) return all;
    return index_interval(v->type, value(loop->operands[0]), value(loop->operands[1]),
                          value(loop->operands[2]));
  }
  switch (d->code) {
    case Opcode::Const:
      r.lo = r.hi = v->type->is_int() && !v->type->is_signed
                        ? static_cast<Wide>(static_cast<uint64_t>(d->constant.i))
                        : static_cast<Wide>(d->constant.i);
      return r;
    case Opcode::Sreg:
      return sreg_interval(d->sreg());
    case Opcode::ArrayDim:
      return {0, kMaxAxis};
    case Opcode::Cast:
    case Opcode::Bitcast:  // the same number where it fits the type, which value() sees to
      return is_integral(d->operands[0]->type) && !v->type->is_bool() ? value(d->operands[0]) : all;
    case Opcode::Select:
      return join(value(d->operands[1]), value(d->operands[2]));
    case Opcode::VarGet:
      // A variable that the loop does not assign still has its value from before.
      return table_.sets(loop_, d->var).empty() ? entry_(d->var) : of(d->var);
    default:
      break;
  }
  if (v->type->is_bool() || d->operands.empty() || d->operands.size() > 2 ||
      op_info(d->code).effects != Effects::Pure)
    return all;
  for (const Value* x : d->operands)
    if (!is_integral(x->type)) return all;
  Interval a = value(d->operands[0]), b = d->operands.size() > 1 ? value(d->operands[1]) : a;
  return op_interval(d->code, a, b, r) ? r : all;
}

}  // namespace cantil::ir
