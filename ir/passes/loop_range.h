// The ranges of variables that a loop changes, found from the assignments in it before the loop is walked.
#pragma once
#include <functional>
#include <unordered_map>
#include <vector>

#include "ir/passes/interval.h"

namespace cantil::ir {

constexpr Wide kMaxAxis = Wide{1} << 56;   // an array axis is shorter
constexpr Wide kMaxTrips = Wide{1} << 54;  // no loop makes more steps
constexpr Wide kGuardedStep = Wide{1}
                              << 48;  // a step by which a counter that is compared with a bound does not wrap

// Values of the special registers, by CUDA's limits.
Interval sreg_interval(Sreg s);

// The index of a for with these bounds.
Interval index_interval(TypeRef t, Interval start, Interval stop, Interval step);

// Where variables are assigned, for a whole function.
class LoopTable {
 public:
  void prepare(Function& f);

  // The variables assigned inside an op's regions, each once, in order of first assignment.
  std::vector<const Variable*> assigned(const Op& op) const;
  // The var.set ops of `v` inside an op's regions.
  std::vector<const Op*> sets(const Op& op, const Variable* v) const;
  bool inside(const Op& op, const Op& of) const;
  bool has_break(const Op& loop) const;
  // The for whose region has this argument; null for parameters.
  const Op* loop_of(const Value* arg) const;

 private:
  struct Extent {
    int first, last;
  };
  void number(const Region& r);
  Extent extent(const Op& op) const { return extents_.at(&op); }

  int next_ = 0;
  std::unordered_map<const Op*, Extent> extents_;
  std::vector<std::pair<int, const Op*>> all_sets_;  // in program order
  std::unordered_map<const Variable*, std::vector<std::pair<int, const Op*>>> sets_;
  std::unordered_map<const Value*, const Op*> arguments_;
};

// Ranges of variables at any time inside one loop.
class LoopRange {
 public:
  // `known` gives the range of a value that has been walked; `entry` that of a variable before the loop.
  LoopRange(const LoopTable& table, const Op& loop, std::function<bool(const Value*, Interval&)> known,
            std::function<Interval(const Variable*)> entry)
      : table_(table), loop_(loop), known_(std::move(known)), entry_(std::move(entry)) {}

  Interval of(const Variable* v);

 private:
  Interval value(const Value* v);
  Interval compute(const Value* v);
  bool own_step(const Variable* v, const Op& set, const Value*& step, bool& negative) const;
  Interval stepped(const Variable* v, Interval base, Wide step, bool up, bool only_steps, bool wide);
  bool guarded(const Variable* v, bool up, Wide& bound);
  bool guard(const Value* condition, const Variable* v, bool up, Wide& bound, int depth);
  bool conjunction(const Variable* v, const Value*& x, const Value*& y) const;

  const LoopTable& table_;
  const Op& loop_;
  std::function<bool(const Value*, Interval&)> known_;
  std::function<Interval(const Variable*)> entry_;
  std::unordered_map<const Variable*, Interval> ranges_;  // found, or everything while being found
  int budget_ = 400;
};

}  // namespace cantil::ir
