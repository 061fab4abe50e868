// version_loops: a loop nest that LLVM cannot vectorise for want of something that only the run time knows is
// there twice, behind one test of all that it wants to be true:
//
// - indices that are neither negative nor out of bounds, so that index.wrap and bounds.check are not needed:
//   `for i in range(r, n - r): … a[i - 1]`. What an index is at least and at most is a sum of values from
//   before the nest, found from the bounds of the loops.
// - arrays of any layout whose elements follow each other along the last axis;
// - a last axis of exactly as many elements as constant indices name: `p[j, 0], p[j, 1], p[j, 2]`.
//
// The other copy is what was there before; where it has to wrap, it is not worth vectorising.
#include <algorithm>
#include <map>
#include <optional>
#include <unordered_set>
#include <vector>

#include "ir/builder.h"
#include "ir/clone.h"
#include "ir/layout.h"
#include "ir/passes/passes.h"
#include "ir/walk.h"

namespace cantil::ir {
namespace {

constexpr size_t kMostOps = 400;      // of one nest
constexpr size_t kBudget = 1600;      // of all nests of a function
constexpr size_t kMostForms = 4;      // ways in which one bound may come about
constexpr size_t kMostTests = 24;     // of one nest
constexpr int kValueBits = 48;        // values from before the nest are tested to be this small
constexpr int kAxisBits = 56;         // lengths of arrays are, anyway
constexpr int kSumBits = 61;          // no sum of products may need more
constexpr int64_t kWidestRecord = 4;  // constant indices of a last axis

// A sum of leaves (values that the nest does not change) times constants.
struct Form {
  int64_t constant = 0;
  std::map<int, int64_t> terms;  // by leaf
  int bits = 1;

  bool operator==(const Form& o) const { return constant == o.constant && terms == o.terms; }
};

using Forms = std::vector<Form>;

struct Leaf {
  const void* base = nullptr;  // a value or a variable
  int axis = -1;               // of an array; -1 for the value itself
  bool is_variable = false;
  Value* value = nullptr;  // to take it from; null for a variable
  Variable* variable = nullptr;
};

int bits_of(int64_t c) {
  int n = 1;
  for (uint64_t m = c < 0 ? static_cast<uint64_t>(-(c + 1)) : static_cast<uint64_t>(c); m; m >>= 1) ++n;
  return n;
}

bool is_index_type(TypeRef t) { return t->is_int() && t->bits == 64; }

std::optional<int64_t> constant_of(const Value* v) {
  if (!v->def || v->def->code != Opcode::Const || !v->type->is_int()) return std::nullopt;
  return v->def->constant.i;
}

// How an array is walked in a nest, and what could be known of it.
struct Use {
  Value* array = nullptr;
  Variable* variable = nullptr;  // where the array is read from one
  bool inner_varies = false;     // some last index changes with an innermost loop
  bool constant_last = true;     // all last indices are constants…
  int64_t widest = 0;            // …up to this one
  bool next_varies = false;      // and the index before the last changes with an innermost loop
};

// One nest, and what would make it fast.
class Nest {
 public:
  Nest(Function& f, Op& loop, const std::unordered_map<const Value*, const Op*>& argument_loops)
      : f_(f), loop_(loop), argument_loops_(argument_loops) {
    for (const Value* a : loop.regions[0]->args) inside_.insert(a);
    for_each_op(*loop.regions[0], [&](const Op& op) {
      ++size_;
      if (op.result) inside_.insert(op.result);
      for (const Region* r : op.regions)
        for (const Value* a : r->args) inside_.insert(a);
      if (op.code == Opcode::VarSet) set_.insert(op.var);
      for (const Reduction& r : op.reductions) set_.insert(r.var);
    });
  }

  size_t size() const { return size_; }

  // Looks at everything in the nest; what can be assumed is then known.
  void look() {
    for_each_op(*loop_.regions[0], [&](Op& op) {
      if (op.code == Opcode::IndexWrap) wrap(op);
      if (op.code == Opcode::BoundsCheck) check(op);
    });
    for_each_op(*loop_.regions[0], [&](Op& op) {
      if (op.code == Opcode::LoadElem || op.code == Opcode::StoreElem) access(op);
    });
    for (auto it = uses_.begin(); it != uses_.end();)
      it = wanted(it->second) ? std::next(it) : uses_.erase(it);
  }

  const std::unordered_set<const Op*>& needless() const { return needless_; }
  bool worthwhile() const { return (varying_ || !uses_.empty()) && tests_.size() <= kMostTests; }
  bool wraps() const { return varying_; }

  // What inner loops alone could do without (their wraps that change with them), to see whether this nest
  // can.
  bool covers(const Nest& inner) const {
    for (const Op* op : inner.needless_)
      if (!needless_.count(op)) return false;
    for (const auto& [key, use] : inner.uses_)
      if (!uses_.count(key)) return false;
    return true;
  }

  // Replaces the loop by both versions; appends to `out`.
  void split(Builder& b) {
    b.set_span(loop_.span);
    Op* branch = b.if_(condition(b));
    Region* at = b.region();
    Cloner cloner(b.module(), &f_);
    Op* fast = cloner.op(loop_, branch->regions[0]);
    simplify(*fast->regions[0], *loop_.regions[0], cloner);
    loop_.parent = branch->regions[1];
    branch->regions[1]->ops.push_back(&loop_);
    if (varying_) {
      loop_.imm |= loop_.code == Opcode::For ? kForPlain : 0;
      for_each_op(*loop_.regions[0], [](Op& op) {
        if (op.code == Opcode::For) op.imm |= kForPlain;
      });
    }
    b.set_region(at);
  }

 private:
  using Key = std::pair<const void*, bool>;

  bool outside(const Value* v) const { return !inside_.count(v); }

  // ---- Leaves

  int leaf(Leaf l) {
    for (size_t i = 0; i < leaves_.size(); ++i)
      if (leaves_[i].base == l.base && leaves_[i].axis == l.axis) return static_cast<int>(i);
    leaves_.push_back(l);
    return static_cast<int>(leaves_.size()) - 1;
  }

  // What does not change in the nest, as it can be had before it.
  std::optional<Leaf> leaf_of(const Value* v) const {
    Leaf l;
    const Op* d = v->def;
    if (d && d->code == Opcode::ArrayDim) {
      std::optional<Leaf> array = leaf_of(d->operands[0]);
      if (!array || array->axis >= 0) return std::nullopt;
      array->axis = static_cast<int>(d->imm);
      return array;
    }
    if (outside(v)) {
      l.base = v;
      l.value = const_cast<Value*>(v);
      return l;
    }
    if (d && d->code == Opcode::VarGet && !set_.count(d->var)) {
      l.base = d->var;
      l.is_variable = true;
      l.variable = d->var;
      return l;
    }
    return std::nullopt;
  }

  // ---- Bounds

  static void add(Forms& out, Form f) {
    if (std::find(out.begin(), out.end(), f) == out.end()) out.push_back(std::move(f));
  }

  static std::optional<Forms> sum(const Forms& a, const Forms& b, int64_t sign) {
    Forms out;
    for (const Form& x : a)
      for (const Form& y : b) {
        Form f = x;
        f.constant += sign * y.constant;
        for (const auto& [l, c] : y.terms)
          if ((f.terms[l] += sign * c) == 0) f.terms.erase(l);
        f.bits = std::max(x.bits, y.bits) + 1;
        if (f.bits > kSumBits) return std::nullopt;
        add(out, std::move(f));
      }
    if (out.size() > kMostForms) return std::nullopt;
    return out;
  }

  static std::optional<Forms> scaled(const Forms& a, int64_t by) {
    Forms out;
    for (Form f : a) {
      f.bits += bits_of(by);
      if (f.bits > kSumBits) return std::nullopt;
      f.constant *= by;
      for (auto& [l, c] : f.terms) c *= by;
      if (by == 0) f.terms.clear();
      add(out, std::move(f));
    }
    return out;
  }

  static std::optional<Forms> all_of(std::optional<Forms> a, std::optional<Forms> b) {
    if (!a || !b) return std::nullopt;
    for (Form& f : *b) add(*a, std::move(f));
    if (a->size() > kMostForms) return std::nullopt;
    return a;
  }

  // Each form is a bound that v keeps if all of them are looked at: v is at least the least of them (at most
  // the greatest, where `high`).
  std::optional<Forms> bound(const Value* v, bool high, int depth = 12) {
    if (depth == 0 || !v->type->is_int()) return std::nullopt;
    const Op* d = v->def;
    if (auto c = constant_of(v)) {
      if (!v->type->is_signed && v->type->bits == 64 && *c < 0) return std::nullopt;
      Form f;
      f.constant = *c;
      f.bits = bits_of(*c);
      if (f.bits > kValueBits) return std::nullopt;
      return Forms{f};
    }
    if (std::optional<Leaf> l = leaf_of(v)) {
      Form f;
      const bool is_dim = l->axis >= 0;
      f.bits = is_dim ? kAxisBits : kValueBits;
      f.terms[leaf(*l)] = 1;
      return Forms{f};
    }
    if (auto it = argument_loops_.find(v); it != argument_loops_.end())
      return index_bound(*it->second, high, depth - 1);
    if (!d || d->operands.empty()) return std::nullopt;
    auto operand = [&](size_t i, bool h) { return bound(d->operands[i], h, depth - 1); };
    if (d->code == Opcode::Cast || d->code == Opcode::Bitcast) {
      TypeRef from = d->operands[0]->type;
      if (!is_index_type(v->type) || !from->is_int()) return std::nullopt;
      return operand(0, high);
    }
    if (!is_index_type(v->type)) return std::nullopt;  // narrower arithmetic may wrap
    switch (d->code) {
      case Opcode::Add:
      case Opcode::Sub: {
        const bool subtract = d->code == Opcode::Sub;
        std::optional<Forms> a = operand(0, high);
        if (!a) return a;
        std::optional<Forms> b = operand(1, high != subtract);
        return b ? sum(*a, *b, subtract ? -1 : 1) : b;
      }
      case Opcode::Mul:
        for (size_t k = 0; k < 2; ++k)
          if (auto c = constant_of(d->operands[k])) {
            std::optional<Forms> a = operand(1 - k, high == (*c >= 0));
            return a ? scaled(*a, *c) : a;
          }
        return std::nullopt;
      case Opcode::Neg: {
        std::optional<Forms> a = operand(0, !high);
        return a ? scaled(*a, -1) : a;
      }
      case Opcode::Min:
      case Opcode::Max:
        // One of the two bounds would do on one side; both always do.
        return all_of(operand(0, high), operand(1, high));
      case Opcode::Select:
        return all_of(operand(1, high), operand(2, high));
      default:
        return std::nullopt;
    }
  }

  std::optional<Forms> index_bound(const Op& loop, bool high, int depth) {
    const auto step = constant_of(loop.operands[2]);
    if (!step || *step == 0) return std::nullopt;
    const bool up = *step > 0;
    if (up != high) return bound(loop.operands[0], high, depth);
    std::optional<Forms> stop = bound(loop.operands[1], high, depth);
    if (!stop) return stop;
    Form one;
    one.constant = up ? -1 : 1;
    return sum(*stop, {one}, 1);
  }

  // Adds tests that each form is not negative; false where one of them cannot hold.
  bool require(const Forms& forms) {
    for (const Form& f : forms)
      if (f.terms.empty() && f.constant < 0) return false;
    for (const Form& f : forms) {
      if (f.terms.empty()) continue;
      auto [it, is_new] = tests_.try_emplace(f.terms, f.constant);
      if (!is_new) it->second = std::min(it->second, f.constant);
    }
    return true;
  }

  // ---- What could be assumed

  // Whether v changes in an innermost loop.
  bool varies(const Value* v) {
    if (outside(v)) return false;
    auto [known, is_new] = varies_.try_emplace(v, false);
    if (!is_new) return known->second;
    bool yes = false;
    if (auto it = argument_loops_.find(v); it != argument_loops_.end())
      yes = is_innermost(*it->second);
    else if (v->def)
      yes = std::any_of(v->def->operands.begin(), v->def->operands.end(),
                        [&](const Value* o) { return varies(o); });
    return varies_[v] = yes;
  }

  // Around no other loop than those of a few steps, which will be unrolled.
  static bool is_innermost(const Op& loop) {
    bool inner = true;
    for_each_op(*loop.regions[0], [&](const Op& op) {
      if (!is_loop(op.code)) return;
      if (op.code == Opcode::For) {
        const auto from = constant_of(op.operands[0]), to = constant_of(op.operands[1]);
        if (from && to && *to - *from <= 8 && *from - *to <= 8) return;
      }
      inner = false;
    });
    return inner;
  }

  bool not_negative(const Value* v) {
    std::optional<Forms> low = bound(v, false);
    return low && require(*low);
  }

  void wrap(const Op& op) {
    if (!not_negative(op.operands[0])) return;
    needless_.insert(&op);
    varying_ = varying_ || varies(op.operands[0]);
  }

  void check(const Op& op) {
    const Value* i = op.operands[0];
    if (i->def && i->def->code == Opcode::IndexWrap) i = i->def->operands[0];
    std::optional<Forms> low = bound(i, false), high = bound(i, true), length = bound(op.operands[1], false);
    if (!low || !high || !length) return;
    Form one;
    one.constant = 1;
    std::optional<Forms> room = sum(*length, *high, -1);
    if (room) room = sum(*room, {one}, -1);
    if (!room) return;
    for (Form& f : *room) low->push_back(std::move(f));
    if (!require(*low)) return;
    needless_.insert(&op);
    varying_ = true;  // a check keeps any loop around it from being vectorised
  }

  void access(const Op& op) {
    Value* array = op.operands[0];
    TypeRef t = array->type;
    const int n = t->ndim;
    if (n == 0 || t->layout == Layout::F) return;
    std::optional<Leaf> l = leaf_of(array);
    if (!l) return;
    Use& use = uses_[{l->base, l->is_variable}];
    use.array = array;
    use.variable = l->variable;
    const Value* last = plain(op.operands[static_cast<size_t>(n)]);
    use.inner_varies = use.inner_varies || varies(last);
    const auto c = constant_of(last);
    if (c && *c >= 0 && n > 1) {
      use.widest = std::max(use.widest, *c + 1);
      use.next_varies = use.next_varies || varies(op.operands[static_cast<size_t>(n) - 1]);
    } else {
      use.constant_last = false;
    }
  }

  // The index behind a wrap that is taken for needless.
  const Value* plain(const Value* i) const {
    return i->def && needless_.count(i->def) && i->def->code == Opcode::IndexWrap ? i->def->operands[0] : i;
  }

  static bool is_record(const Use& u) {
    return u.constant_last && u.next_varies && u.widest >= 2 && u.widest <= kWidestRecord;
  }

  static bool wanted(const Use& u) {
    return is_record(u) || (u.array->type->layout == Layout::A && u.inner_varies);
  }

  // ---- Both versions

  Value* take(Builder& b, const Leaf& l) {
    Value* v = l.is_variable ? b.get(l.variable) : l.value;
    if (l.axis >= 0) return b.dim(v, l.axis);
    return v->type == i64() ? v : b.cast(v, i64());
  }

  Value* condition(Builder& b) {
    Value* all = nullptr;
    auto require = [&](Value* c) { all = all ? b.value(Opcode::And, {all, c}) : c; };
    std::vector<Value*> values(leaves_.size(), nullptr);
    for (const auto& [terms, constant] : tests_) {
      Value* total = b.const_i64(constant);
      for (const auto& [l, factor] : terms) {
        Value*& v = values[static_cast<size_t>(l)];
        if (!v) {
          const Leaf& from = leaves_[static_cast<size_t>(l)];
          v = take(b, from);
          if (from.axis < 0) {  // small enough that no sum wraps
            Value* shifted = b.value(Opcode::Add, {v, b.const_i64(int64_t{1} << kValueBits)});
            Value* low = b.value(Opcode::Ge, {shifted, b.const_i64(0)});
            Value* high = b.value(Opcode::Lt, {shifted, b.const_i64(int64_t{2} << kValueBits)});
            require(b.value(Opcode::And, {low, high}));
          }
        }
        total =
            b.value(Opcode::Add, {total, factor == 1 ? v : b.value(Opcode::Mul, {v, b.const_i64(factor)})});
      }
      require(b.value(Opcode::Ge, {total, b.const_i64(0)}));
    }
    for (auto& [key, use] : uses_) {
      Value* array = use.variable ? b.get(use.variable) : use.array;
      TypeRef t = array->type;
      const int n = t->ndim;
      const int64_t size = static_cast<int64_t>(memory_size(t->elem()));
      if (t->layout == Layout::A) require(b.value(Opcode::Eq, {b.stride(array, n - 1), b.const_i64(size)}));
      if (!is_record(use)) continue;
      if (t->layout == Layout::A)
        require(b.value(Opcode::Eq, {b.stride(array, n - 2), b.const_i64(size * use.widest)}));
      else
        require(b.value(Opcode::Eq, {b.dim(array, n - 1), b.const_i64(use.widest)}));
    }
    return all ? all : b.const_bool(true);
  }

  // Walks both copies in step: `original` has the ops by which the decisions were made.
  void simplify(Region& copy, const Region& original, Cloner& cloner) {
    std::vector<Op*> ops;
    ops.swap(copy.ops);
    Builder b(*f_.module, &f_, &copy);
    for (size_t i = 0; i < ops.size(); ++i) {
      Op* op = ops[i];
      const Op& from = *original.ops[i];
      for (Value*& v : op->operands)
        if (auto it = replaced_.find(v); it != replaced_.end()) v = it->second;
      for (size_t r = 0; r < op->regions.size(); ++r) simplify(*op->regions[r], *from.regions[r], cloner);
      if (needless_.count(&from)) {
        if (op->code == Opcode::IndexWrap) replaced_[op->result] = op->operands[0];
        continue;
      }
      const bool store = op->code == Opcode::StoreElem;
      if (store || op->code == Opcode::LoadElem) {
        if (std::optional<Leaf> l = leaf_of(from.operands[0])) {
          auto use = uses_.find({l->base, l->is_variable});
          if (use != uses_.end()) {
            b.set_span(op->span);
            Value* at = address(b, *op, use->second);
            op->code = store ? Opcode::Store : Opcode::Load;
            op->imm = op->operands[0]->type->aligned ? 0 : kUnalignedAccess;
            op->operands = store ? std::vector<Value*>{at, op->operands.back()} : std::vector<Value*>{at};
          }
        }
      }
      copy.ops.push_back(op);
    }
  }

  Value* address(Builder& b, const Op& op, const Use& use) {
    Value* array = op.operands[0];
    TypeRef t = array->type;
    const size_t n = t->ndim;
    auto index = [&](size_t k) { return op.operands[1 + k]; };
    Value* data = b.value(Opcode::ArrayData, {array}, pointer_type(t->elem()));
    const bool record = is_record(use);
    size_t from = 0;
    Value* linear = nullptr;
    if (t->layout == Layout::A) {  // the outer axes by their strides
      const size_t inner = record ? 2 : 1;
      for (; from + inner < n; ++from)
        data = b.value(Opcode::PtrOffset,
                       {data, b.value(Opcode::Mul, {index(from), b.stride(array, static_cast<int>(from))})});
    }
    for (; from < n; ++from) {
      if (linear) {
        Value* length =
            record && from + 1 == n ? b.const_i64(use.widest) : b.dim(array, static_cast<int>(from));
        linear = b.value(Opcode::Add, {b.value(Opcode::Mul, {linear, length}), index(from)});
      } else {
        linear = index(from);
      }
    }
    return b.value(Opcode::PtrIndex, {data, linear});
  }

  Function& f_;
  Op& loop_;
  const std::unordered_map<const Value*, const Op*>& argument_loops_;
  std::unordered_set<const Value*> inside_;
  std::unordered_set<const Variable*> set_;
  size_t size_ = 0;
  bool varying_ = false;
  std::vector<Leaf> leaves_;
  std::map<std::map<int, int64_t>, int64_t> tests_;  // terms to the least constant that they come with
  std::unordered_set<const Op*> needless_;
  std::map<Key, Use> uses_;
  std::unordered_map<const Value*, bool> varies_;
  std::unordered_map<const Value*, Value*> replaced_;
};

class VersionLoops {
 public:
  explicit VersionLoops(Function& f) : f_(f) {}

  void run() {
    bool any = false, loops = false;
    for_each_op(*f_.body, [&](const Op& op) {
      if (op.code == Opcode::For || op.code == Opcode::ParallelFor) {
        loops = loops || op.code == Opcode::For;
        for (const Value* a : op.regions[0]->args) argument_loops_[a] = &op;
      }
      any = any || op.code == Opcode::IndexWrap || op.code == Opcode::BoundsCheck || may_gain(op);
    });
    if (any && loops) visit(*f_.body);
  }

 private:
  void visit(Region& r) {
    std::vector<Op*> ops;
    ops.swap(r.ops);
    Builder b(*f_.module, &f_, &r);
    for (Op* op : ops) {
      if (op->code == Opcode::For && split(*op, b)) continue;
      for (Region* nested : op->regions) visit(*nested);
      r.ops.push_back(op);
    }
  }

  // Whether an access could be one of those of the second and third kind.
  static bool may_gain(const Op& op) {
    if (op.code != Opcode::LoadElem && op.code != Opcode::StoreElem) return false;
    TypeRef t = op.operands[0]->type;
    return t->layout == Layout::A || (t->ndim > 1 && constant_of(op.operands[t->ndim]));
  }

  bool split(Op& loop, Builder& b) {
    bool parallel = false;
    for_each_op(*loop.regions[0],
                [&](const Op& op) { parallel = parallel || op.code == Opcode::ParallelFor; });
    if (parallel) return false;
    Nest nest(f_, loop, argument_loops_);
    nest.look();
    if (!nest.worthwhile() || nest.size() > kMostOps || spent_ + nest.size() > kBudget) return false;
    bool covered = true;
    for_each_op(*loop.regions[0], [&](Op& inner) {
      if (!covered || inner.code != Opcode::For) return;
      Nest alone(f_, inner, argument_loops_);
      alone.look();
      covered = !alone.worthwhile() || nest.covers(alone);
    });
    if (!covered) return false;
    spent_ += nest.size();
    nest.split(b);
    return true;
  }

  Function& f_;
  std::unordered_map<const Value*, const Op*> argument_loops_;
  size_t spent_ = 0;
};

}  // namespace

void run_version_loops(Module& m) {
  for (Function* f : m.functions)
    if (f->kind == FunctionKind::Host) VersionLoops(*f).run();
}

}  // namespace cantil::ir
