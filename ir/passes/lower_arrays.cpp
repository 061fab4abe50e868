// lower_arrays: map, map.into and reduce become loops.
//
// Each becomes one nest: loops over the outer axes, and in the innermost one a loop over the last axis of the
// order in which the result lies in memory. That loop is there twice where only the run time knows: once for
// operands that all advance by one element (independent iterations, which LLVM vectorises), once for any byte
// strides, 0 where an axis is broadcast. Where all arrays turn out to be contiguous and of one shape, the
// whole is one row: the outer loops then run once and the last one over all elements.
//
// map.into reads everything before it writes, as NumPy does: an operand whose memory overlaps the target's,
// and that is not the very same view, sends the result through a temporary. Device code has no heap for that:
// there overlapping views are the program's own affair.
//
// In a function compiled for parallel runs the outermost loop is a parallel_for: over rows, or over blocks of
// one long row. Inside of a parallel loop it stays what it is: the work is shared out already.
#include <algorithm>
#include <map>
#include <optional>
#include <vector>

#include "ir/builder.h"
#include "ir/clone.h"
#include "ir/layout.h"
#include "ir/passes/passes.h"
#include "ir/walk.h"
#include "support/diagnostics.h"

namespace cantil::ir {
namespace {

// Elements that one task of a parallel run takes from a long row: enough to pay for starting it.
constexpr int64_t kBlock = 16384;

// As many lengths as a message names: an error keeps little room for its values.
constexpr size_t kMaxLengths = 40;

bool is_const(const Value* v, int64_t n) {
  return v->def && v->def->code == Opcode::Const && v->type->is_int() && v->def->constant.i == n;
}

// An array as the loops see it, by axes of the result.
struct Walked {
  Value* array = nullptr;
  Value* data = nullptr;
  size_t argument = 0;          // of the region; meaningless for the target
  std::vector<Value*> dims;     // null where the array has no such axis
  std::vector<Value*> strides;  // in bytes, already 0 where the axis is broadcast; null for always 0
  Value* inner_unit = nullptr;  // what must hold for steps of one element along the inner axis; null: always
  bool never_unit = false;
  Value* row = nullptr;  // address of the current row
};

class LowerArrays {
 public:
  explicit LowerArrays(Function& f) : m_(*f.module), f_(f), b_(m_, &f, nullptr) {}

  void run() { visit(f_.body); }

 private:
  void visit(Region* r) {
    if (std::none_of(r->ops.begin(), r->ops.end(),
                     [](const Op* op) { return is_elementwise(op->code) || !op->regions.empty(); }))
      return;
    std::vector<Op*> ops;
    ops.swap(r->ops);
    for (Op* op : ops) {
      parallel_ += op->code == Opcode::ParallelFor;
      for (Region* nested : op->regions) visit(nested);
      parallel_ -= op->code == Opcode::ParallelFor;
      if (!is_elementwise(op->code)) {
        r->ops.push_back(op);
        continue;
      }
      b_.set_region(r);
      b_.set_span(op->span);
      lower(*op);
    }
  }

  // ---- Small helpers over the builder

  Value* mul(Value* a, Value* b) {
    if (is_const(a, 1)) return b;
    if (is_const(b, 1)) return a;
    return b_.value(Opcode::Mul, {a, b});
  }
  Value* add(Value* a, Value* b) {
    if (is_const(a, 0)) return b;
    if (is_const(b, 0)) return a;
    return b_.value(Opcode::Add, {a, b});
  }
  Value* eq(Value* a, Value* b) { return b_.value(Opcode::Eq, {a, b}); }
  Value* select(Value* c, Value* a, Value* b) { return b_.value(Opcode::Select, {c, a, b}, a->type); }
  // Conjunctions and disjunctions where null stands for what changes nothing.
  Value* both(Value* a, Value* b) { return !a ? b : !b ? a : b_.value(Opcode::And, {a, b}); }
  Value* either(Value* a, Value* b) { return !a ? b : !b ? a : b_.value(Opcode::Or, {a, b}); }
  static int64_t itemsize(const Value* array) {
    return static_cast<int64_t>(memory_size(array->type->elem()));
  }

  // The length of an axis; where the array was just put together, the value that it was made from. One value
  // for an array that comes twice, which then does not stretch to itself.
  Value* dim(Value* array, int axis) {
    const Op* d = array->def;
    if (d && d->code == Opcode::ArrayMake) return d->operands[2 + static_cast<size_t>(axis)];
    Value*& known = dims_[{array, axis}];
    if (!known) known = b_.dim(array, axis);
    return known;
  }
  Value* stride(Value* array, int axis) {
    const Op* d = array->def;
    if (d && d->code == Opcode::ArrayMake && array->type->layout == Layout::A)
      return d->operands[2 + array->type->ndim + static_cast<size_t>(axis)];
    return b_.stride(array, axis);
  }
  Value* data(Value* array) {
    return b_.value(Opcode::ArrayData, {array}, pointer_type(array->type->elem()));
  }

  // ---- One op

  void lower(Op& op) {
    op_ = &op;
    arrays_.clear();
    dims_.clear();
    target_.reset();
    region_ = op.regions[0];
    const size_t first = first_mapped(op.code);
    n_ = 0;
    for (size_t i = 0; i < op.operands.size(); ++i)
      if (op.operands[i]->type->is_array()) n_ = std::max<int>(n_, op.operands[i]->type->ndim);
    for (size_t i = first; i < op.operands.size(); ++i)
      if (op.operands[i]->type->is_array()) {
        arrays_.push_back({});
        arrays_.back().array = op.operands[i];
        arrays_.back().argument = i - first;
      }
    choose_order();
    for (Walked& w : arrays_) open(w);
    switch (op.code) {
      case Opcode::Map:
        return map();
      case Opcode::MapInto:
        return map_into();
      default:
        return reduce();
    }
  }

  // From the outermost axis to the innermost: as the result lies in memory.
  void choose_order() {
    bool fortran = false;
    if (op_->code == Opcode::Map) {
      fortran = op_->result->type->layout == Layout::F;
    } else if (op_->code == Opcode::MapInto) {
      fortran = op_->operands[0]->type->layout == Layout::F;
    } else {
      fortran = std::all_of(arrays_.begin(), arrays_.end(),
                            [](const Walked& w) { return w.array->type->layout == Layout::F; });
    }
    order_.clear();
    for (int k = 0; k < n_; ++k) order_.push_back(fortran && n_ > 1 ? n_ - 1 - k : k);
    fortran_ = fortran && n_ > 1;
  }

  void open(Walked& w) {
    const int own = w.array->type->ndim, lead = n_ - own;
    w.data = data(w.array);
    w.dims.assign(static_cast<size_t>(n_), nullptr);
    w.strides.assign(static_cast<size_t>(n_), nullptr);
    for (int k = 0; k < own; ++k) w.dims[static_cast<size_t>(lead + k)] = dim(w.array, k);
  }

  // The shape that all arrays have together, after a check that they have one.
  void broadcast() {
    shape_.assign(static_cast<size_t>(n_), nullptr);
    Value* bad = nullptr;
    Value* one = n_ ? b_.const_i64(1) : nullptr;
    for (size_t a = 0; a < shape_.size(); ++a) {
      Value*& out = shape_[a];
      for (const Walked& w : arrays_) {
        Value* d = w.dims[a];
        if (!d || d == out) continue;
        if (!out || is_const(out, 1)) {
          out = d;
          continue;
        }
        if (is_const(d, 1)) continue;
        Value* stretched = eq(out, one);
        Value* wrong = both(b_.value(Opcode::Ne, {d, out}), b_.value(Opcode::Ne, {d, one}));
        bad = either(bad, both(wrong, b_.value(Opcode::Not, {stretched})));
        out = select(stretched, d, out);
      }
    }
    raise_if(bad);
  }

  // The target's shape, after a check that every operand stretches to it.
  void broadcast_to(const Walked& target) {
    shape_ = target.dims;
    Value* bad = nullptr;
    Value* one = n_ ? b_.const_i64(1) : nullptr;
    for (const Walked& w : arrays_)
      for (size_t a = 0; a < shape_.size(); ++a) {
        Value* d = w.dims[a];
        if (!d || d == shape_[a] || is_const(d, 1)) continue;
        bad = either(bad, both(b_.value(Opcode::Ne, {d, shape_[a]}), b_.value(Opcode::Ne, {d, one})));
      }
    raise_if(bad);
  }

  void raise_if(Value* bad) {
    if (!bad) return;
    Op* branch = b_.if_(bad);
    Region* at = b_.region();
    b_.set_region(branch->regions[0]);
    RaiseSite site = m_.sites[static_cast<size_t>(op_->imm)];
    std::vector<Value*> named = shapes(site);
    const int64_t index = named.empty() ? op_->imm : add_site(m_, std::move(site));
    b_.raise(index, std::move(named));
    b_.set_region(at);
  }

  // Completes the message of a copy of the op's site (copies of the op share that), which ends where the
  // shapes are to be named; gives the shapes. Device code cannot carry them.
  std::vector<Value*> shapes(RaiseSite& site) {
    std::vector<Value*> out;
    if (f_.kind != FunctionKind::Host || site.args.size() != 1 || site.args[0].kind != RaiseArg::Str)
      return out;
    const bool assigns = site.args[0].s.find("input array") != std::string::npos;
    site.args.insert(site.args.begin(), text_arg(""));
    site.args[0].kind = RaiseArg::Join;
    size_t lengths = 0;
    auto name = [&](const char* before, Value* array) {
      lengths += array->type->ndim;
      if (lengths > kMaxLengths) return;
      std::vector<Value*> dims;
      for (int k = 0; k < array->type->ndim; ++k) dims.push_back(dim(array, k));
      RaiseArg a;
      a.kind = RaiseArg::Runtime;
      a.type = tuple_type(std::vector<TypeRef>(dims.size(), i64()));
      out.push_back(b_.value(Opcode::TupleMake, std::move(dims), a.type));
      site.args.push_back(text_arg(before));
      site.args.push_back(std::move(a));
    };
    for (const Walked& w : arrays_) name(" ", w.array);
    if (op_->code == Opcode::MapInto) name(assigns ? " into shape " : " ", op_->operands[0]);
    if (!assigns) site.args.push_back(text_arg(" "));
    return out;
  }

  static RaiseArg text_arg(const char* text) {
    RaiseArg a;
    a.kind = RaiseArg::Str;
    a.s = text;
    return a;
  }

  // Whether this axis of the array may have to stretch: its length is not that of the result by construction.
  bool may_stretch(const Walked& w, size_t axis) const { return w.dims[axis] != shape_[axis]; }

  void find_strides(Walked& w) {
    const int lead = n_ - w.array->type->ndim;
    for (int k = lead; k < n_; ++k) {
      size_t a = static_cast<size_t>(k);
      if (is_const(w.dims[a], 1)) continue;  // always 0
      Value* s = stride(w.array, k - lead);
      w.strides[a] = may_stretch(w, a) ? select(eq(w.dims[a], b_.const_i64(1)), b_.const_i64(0), s) : s;
    }
    if (!order_.empty()) find_unit(w);
  }

  void find_unit(Walked& w) {
    const size_t inner = static_cast<size_t>(order_.back());
    TypeRef t = w.array->type;
    if (!w.strides[inner]) return;  // the same element all along the row: no steps at all
    const bool known =
        t->ndim == 1 ? t->layout != Layout::A : t->layout == (fortran_ ? Layout::F : Layout::C);
    if (known) {
      if (may_stretch(w, inner)) w.inner_unit = eq(w.dims[inner], shape_[inner]);
      return;
    }
    w.inner_unit = eq(w.strides[inner], b_.const_i64(itemsize(w.array)));
  }

  // Whether an array covers the result's elements one after another: a condition, null for always, nothing
  // for never.
  std::optional<Value*> contiguous(const Walked& w) {
    TypeRef t = w.array->type;
    if (t->ndim != n_) return std::nullopt;
    if (n_ > 1 && t->layout == (fortran_ ? Layout::C : Layout::F)) return std::nullopt;
    Value* ok = nullptr;
    for (size_t a = 0; a < shape_.size(); ++a) {
      if (!w.strides[a]) return std::nullopt;
      if (may_stretch(w, a)) ok = both(ok, eq(w.dims[a], shape_[a]));
    }
    if (t->layout != Layout::A) return ok;
    Value* expected = b_.const_i64(itemsize(w.array));
    for (size_t k = order_.size(); k-- > 0;) {
      const size_t a = static_cast<size_t>(order_[k]);
      ok = both(ok, eq(w.strides[a], expected));
      if (k) expected = mul(expected, shape_[a]);
    }
    return ok;
  }

  // ---- Results

  Value* total() {
    Value* n = b_.const_i64(1);
    for (Value* d : shape_) n = mul(n, d);
    return n;
  }

  // Strides of a new array of the result's shape, in the order of the loops.
  void new_strides(Walked& w, int64_t size) {
    Value* s = b_.const_i64(size);
    w.strides.assign(static_cast<size_t>(n_), nullptr);
    for (size_t k = order_.size(); k-- > 0;) {
      const size_t a = static_cast<size_t>(order_[k]);
      w.strides[a] = s;
      if (k) s = mul(s, shape_[a]);
    }
  }

  Value* allocate(TypeRef elem) {
    Op* alloc = b_.op(Opcode::Alloc, {mul(total(), b_.const_i64(static_cast<int64_t>(memory_size(elem))))},
                      owner_type());
    alloc->imm = op_->imm + 1;
    return alloc->result;
  }

  void map() {
    // Kernels have no heap: what is left here has no array to go to.
    if (f_.kind != FunctionKind::Host)
      fail(Diag::NotInKernel, op_->span,
           {"an operation that makes an array", "write the result into an existing one: out[...] = …"});
    broadcast();
    for (Walked& w : arrays_) find_strides(w);
    TypeRef t = op_->result->type;
    Value* owner = allocate(t->elem());
    Walked out;
    out.data = b_.value(Opcode::OwnerData, {owner}, pointer_type(t->elem()));
    out.dims = shape_;
    std::vector<Value*> parts = {owner, out.data};
    parts.insert(parts.end(), shape_.begin(), shape_.end());
    // The op's own result stays the name of the array.
    Op* made = b_.op(Opcode::ArrayMake, std::move(parts), t);
    made->result = op_->result;
    made->result->def = made;
    out.array = made->result;
    new_strides(out, static_cast<int64_t>(memory_size(t->elem())));
    target_ = out;
    nest();
  }

  void map_into() {
    Walked out;
    out.array = op_->operands[0];
    open(out);
    broadcast_to(out);
    for (Walked& w : arrays_) find_strides(w);
    find_strides(out);
    TypeRef elem = out.array->type->elem();
    Value* overlap = f_.kind == FunctionKind::Host ? overlaps(out) : nullptr;
    if (!overlap) {
      target_ = out;
      return nest();
    }
    // The loops write to the temporary where there is one, and what they wrote is then copied.
    Walked temporary = out;
    new_strides(temporary, static_cast<int64_t>(memory_size(elem)));
    Variable* owner = m_.new_variable(&f_, ".overlap", owner_type());
    Variable* where = m_.new_variable(&f_, ".target", out.data->type);
    b_.set(where, out.data);
    Region* at = b_.region();
    Op* branch = b_.if_(overlap);
    b_.set_region(branch->regions[0]);
    Value* made = allocate(elem);
    b_.set(owner, made);
    b_.set(where, b_.value(Opcode::OwnerData, {made}, out.data->type));
    b_.set_region(at);
    Walked to = out;
    to.data = b_.get(where);
    for (size_t a = 0; a < to.strides.size(); ++a)
      if (out.strides[a]) to.strides[a] = select(overlap, temporary.strides[a], out.strides[a]);
    if (out.inner_unit) to.inner_unit = either(overlap, out.inner_unit);
    target_ = to;
    nest();
    branch = b_.if_(overlap);
    b_.set_region(branch->regions[0]);
    temporary.data = b_.get(where);
    copy(temporary, out);
    b_.set(owner, b_.undef(owner_type()));
    b_.set_region(at);
  }

  // Whether some operand shares memory with the target without being the same view of it; null for never.
  Value* overlaps(const Walked& out) {
    if (is_new(out.array)) return nullptr;
    Value* any = nullptr;
    std::optional<std::pair<Value*, Value*>> target;
    for (const Walked& w : arrays_) {
      if (w.array == out.array) continue;
      if (!target) target = extent(out);
      auto [low, high] = extent(w);
      Value* meets =
          both(b_.value(Opcode::Lt, {low, target->second}), b_.value(Opcode::Lt, {target->first, high}));
      if (Value* same = same_view(w, out)) meets = both(meets, b_.value(Opcode::Not, {same}));
      any = either(any, meets);
    }
    return any;
  }

  // Made here from memory that nothing else has yet.
  static bool is_new(const Value* array) {
    const Op* d = array->def;
    return d && d->code == Opcode::ArrayMake && d->operands[0]->def &&
           d->operands[0]->def->code == Opcode::Alloc;
  }

  // First address and end of an array's memory. Broadcast axes have stride 0 and add nothing.
  std::pair<Value*, Value*> extent(const Walked& w) {
    Value* zero = b_.const_i64(0);
    Value* low = b_.value(Opcode::Bitcast, {w.data}, i64());
    Value* high = add(low, b_.const_i64(itemsize(w.array)));
    for (size_t a = 0; a < shape_.size(); ++a) {
      if (!w.strides[a]) continue;
      Value* reach = mul(b_.value(Opcode::Sub, {w.dims[a], b_.const_i64(1)}), w.strides[a]);
      if (w.array->type->layout == Layout::A) {
        low = add(low, b_.value(Opcode::Min, {reach, zero}));
        high = add(high, b_.value(Opcode::Max, {reach, zero}));
      } else {
        high = add(high, reach);
      }
    }
    return {low, high};
  }

  // A condition, null where it cannot hold.
  Value* same_view(const Walked& w, const Walked& out) {
    if (w.array->type->ndim != out.array->type->ndim || itemsize(w.array) != itemsize(out.array))
      return nullptr;
    Value* x = b_.value(Opcode::Bitcast, {w.data}, i64());
    Value* y = b_.value(Opcode::Bitcast, {out.data}, i64());
    Value* same = eq(x, y);
    for (size_t a = 0; a < shape_.size(); ++a) {
      if (!w.strides[a] || !out.strides[a]) return nullptr;
      same = both(same, eq(w.strides[a], out.strides[a]));
    }
    return same;
  }

  // A plain nest: each element of `from` to its place in `to`.
  void copy(const Walked& from, const Walked& to) {
    Region* at = b_.region();
    Value *source = from.data, *dest = to.data;
    for (int axis : order_) {
      const size_t a = static_cast<size_t>(axis);
      Op* loop = b_.for_(b_.const_i64(0), shape_[a], b_.const_i64(1));
      loop->imm = kForPlain;
      b_.set_region(loop->regions[0]);
      Value* i = loop->regions[0]->args[0];
      source = b_.value(Opcode::PtrOffset, {source, mul(i, from.strides[a])});
      if (to.strides[a]) dest = b_.value(Opcode::PtrOffset, {dest, mul(i, to.strides[a])});
    }
    Value* x = b_.value(Opcode::Load, {source}, source->type->elem());
    b_.op(Opcode::Store, {dest, x})->imm = to.array->type->aligned ? 0 : 1;
    b_.set_region(at);
  }

  void reduce() {
    broadcast();
    for (Walked& w : arrays_) find_strides(w);
    if (n_ == 0) shape_.clear();
    Value* count = total();
    nest();
    // The op's own result stays the name of the count.
    Op* named = b_.op(Opcode::Add, {count, b_.const_i64(0)});
    named->result = op_->result;
    named->result->def = named;
  }

  // ---- The loops

  void nest() {
    if (n_ == 0) {
      for (Walked& w : arrays_) w.row = w.data;
      if (target_) target_->row = target_->data;
      return body(nullptr, true, {});
    }
    flat_ = nullptr;
    bool always_flat = n_ == 1;
    if (n_ > 1) find_flat(always_flat);
    Value* unit = nullptr;
    for_each([&](Walked& w) { unit = both(unit, w.inner_unit); });
    const size_t inner = static_cast<size_t>(order_.back());
    Value* length = always_flat && n_ > 1 ? total()
                    : flat_               ? select(flat_, total(), shape_[inner])
                                          : shape_[inner];
    Region* at = b_.region();
    Value* zero = b_.const_i64(0);
    Value* one = b_.const_i64(1);
    Value* from = zero;
    size_t first_axis = 0;
    const size_t outer_axes = always_flat ? 0 : order_.size() - 1;
    for_each([&](Walked& w) { w.row = w.data; });
    if (f_.parallel && parallel_ > 0)
      m_.notes.push_back({ParallelNote::Nested, op_->span, {}, elementwise_name(op_->code)});
    if (f_.parallel && f_.kind == FunctionKind::Host && parallel_ == 0) {
      // Tasks: rows of the outermost axis, or blocks of the single row.
      Value* block = b_.const_i64(kBlock);
      Value* blocks = b_.value(Opcode::FloorDiv, {add(length, b_.const_i64(kBlock - 1)), block});
      Value* tasks = outer_axes == 0 ? blocks : shape_[static_cast<size_t>(order_[0])];
      if (outer_axes && flat_) tasks = select(flat_, blocks, tasks);
      Op* loop = b_.for_(zero, tasks, one, true);
      loop->str = elementwise_name(op_->code);
      if (op_->code == Opcode::Reduce) loop->reductions = op_->reductions;
      b_.set_region(loop->regions[0]);
      Value* task = loop->regions[0]->args[0];
      if (outer_axes == 0 || flat_) {
        Value* start = mul(task, block);
        Value* stop = b_.value(Opcode::Min, {add(start, block), length});
        from = outer_axes == 0 ? start : select(flat_, start, zero);
        length = outer_axes == 0 ? stop : select(flat_, stop, length);
      }
      if (outer_axes) {
        advance(order_[0], flat_ ? select(flat_, zero, task) : task);
        first_axis = 1;
      }
    }
    for (size_t k = first_axis; k < outer_axes; ++k) {
      const int axis = order_[k];
      Value* count = shape_[static_cast<size_t>(axis)];
      Op* loop = b_.for_(zero, flat_ ? select(flat_, one, count) : count, one);
      b_.set_region(loop->regions[0]);
      advance(axis, loop->regions[0]->args[0]);
    }
    rows(from, length, one, unit);
    b_.set_region(at);
  }

  template <class F>
  void for_each(F&& visit) {
    for (Walked& w : arrays_) visit(w);
    if (target_) visit(*target_);
  }

  void find_flat(bool& always) {
    Value* all = nullptr;
    bool possible = true;
    for_each([&](Walked& w) {
      if (!possible) return;
      // A new array, or the temporary that stands for the target, is contiguous by its strides.
      std::optional<Value*> c = contiguous(w);
      if (!c)
        possible = false;
      else
        all = both(all, *c);
    });
    if (!possible) return;
    always = all == nullptr;
    flat_ = all;
  }

  void advance(int axis, Value* index) {
    for_each([&](Walked& w) {
      if (Value* s = w.strides[static_cast<size_t>(axis)])
        w.row = b_.value(Opcode::PtrOffset, {w.row, mul(index, s)});
    });
  }

  void rows(Value* from, Value* to, Value* one, Value* unit) {
    // What does not change along a row is read once. There is such an element: outer axes that are run over
    // are not empty.
    std::vector<Value*> fixed(arrays_.size(), nullptr);
    const size_t inner = static_cast<size_t>(order_.back());
    for (size_t i = 0; i < arrays_.size(); ++i)
      if (!arrays_[i].strides[inner]) fixed[i] = load(arrays_[i], arrays_[i].row);
    Region* at = b_.region();
    Op* branch = unit ? b_.if_(unit) : nullptr;
    for (int version = 0; version < (unit ? 2 : 1); ++version) {
      if (branch) b_.set_region(branch->regions[static_cast<size_t>(version)]);
      Op* loop = b_.for_(from, to, one);
      const bool steps = version == 0;
      loop->imm = (op_->code == Opcode::Reduce ? 0 : kForIndependent) | (steps ? 0 : kForPlain);
      b_.set_region(loop->regions[0]);
      body(loop->regions[0]->args[0], steps, fixed);
    }
    b_.set_region(at);
  }

  Value* load(const Walked& w, Value* address) {
    Op* x = b_.op(Opcode::Load, {address}, address->type->elem());
    x->imm = w.array->type->aligned ? 0 : 1;
    return x->result;
  }

  Value* address(const Walked& w, Value* index, bool steps) {
    if (!index) return w.row;
    Value* s = w.strides[static_cast<size_t>(order_.back())];
    if (!s) return w.row;
    return steps ? b_.value(Opcode::PtrIndex, {w.row, index})
                 : b_.value(Opcode::PtrOffset, {w.row, mul(index, s)});
  }

  // One element. The region is copied: its variables are set anew for each element, so both versions may
  // share them.
  void body(Value* index, bool steps, const std::vector<Value*>& fixed) {
    const size_t first = first_mapped(op_->code);
    Cloner cloner(m_, &f_);
    for (size_t i = first; i < op_->operands.size(); ++i)
      if (!op_->operands[i]->type->is_array()) cloner.rename(region_->args[i - first], op_->operands[i]);
    for (size_t i = 0; i < arrays_.size(); ++i) {
      const Walked& w = arrays_[i];
      Value* x = !fixed.empty() && fixed[i] ? fixed[i] : load(w, address(w, index, steps));
      cloner.rename(region_->args[w.argument], x);
    }
    if (!clone_body(cloner)) return;
    Value* result = cloner.renamed(region_->ops.back()->operands[0]);
    if (op_->code == Opcode::Reduce) return fold(result);
    b_.op(Opcode::Store, {address(*target_, index, steps), result})->imm =
        target_->array->type->aligned ? 0 : 1;
  }

  // False when the region always raises, and there is nothing to store.
  bool clone_body(Cloner& cloner) {
    for (const Op* op : region_->ops) {
      if (op->code == Opcode::Yield) return true;
      cloner.op(*op, b_.region());
    }
    return false;
  }

  void fold(Value* x) {
    const Reduction& r = op_->reductions[0];
    Value* so_far = b_.get(r.var);
    Value* result = nullptr;
    switch (r.op) {
      case ReduceOp::Add: {
        Op* sum = b_.op(Opcode::Add, {so_far, x});
        // As NumPy, which adds in pairs: many partial sums are quicker and closer to the true one.
        if (x->type->is_float() || x->type->is_complex()) sum->imm = kAddAnyOrder;
        result = sum->result;
        break;
      }
      case ReduceOp::Mul:
        result = b_.value(Opcode::Mul, {so_far, x});
        break;
      case ReduceOp::Min:
        result = b_.value(Opcode::Min, {so_far, x});
        break;
      case ReduceOp::Max:
        result = b_.value(Opcode::Max, {so_far, x});
        break;
      case ReduceOp::And:
        result = b_.value(Opcode::And, {so_far, x});
        break;
      case ReduceOp::Or:
        result = b_.value(Opcode::Or, {so_far, x});
        break;
      case ReduceOp::Xor:
        result = b_.value(Opcode::Xor, {so_far, x});
        break;
      case ReduceOp::Minimum:
      case ReduceOp::Maximum: {
        const bool least = r.op == ReduceOp::Minimum;
        result = x->type->is_float() ? b_.math(least ? MathFn::Minimum : MathFn::Maximum, {so_far, x})
                                     : b_.value(least ? Opcode::Min : Opcode::Max, {so_far, x});
        break;
      }
    }
    b_.set(r.var, result);
  }

  Module& m_;
  Function& f_;
  Builder b_;
  Op* op_ = nullptr;
  Region* region_ = nullptr;
  int n_ = 0;
  bool fortran_ = false;
  std::vector<int> order_;
  std::vector<Walked> arrays_;
  std::map<std::pair<const Value*, int>, Value*> dims_;
  std::optional<Walked> target_;
  std::vector<Value*> shape_;
  Value* flat_ = nullptr;
  int parallel_ = 0;  // parallel loops around
};

}  // namespace

void run_lower_arrays(Module& m) {
  for (Function* f : m.functions) LowerArrays(*f).run();
}

}  // namespace cantil::ir
