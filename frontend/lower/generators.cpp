// A generator's body as a function that goes on where it stopped.
//
// The IR is structured, so that there is no jump into the middle of a loop. Instead a variable, `.resume`,
// says which yield is looked for (0: none, run as usual). Ops between yields run only when it is 0; an if,
// while, for or try with the yield in it is entered without asking its condition; the yield itself sets it to
// 0. LLVM threads these tests into jumps.
//
// Between two calls everything lives in the generator's frame: a value used on the other side of a yield
// becomes a variable, and every variable that may be read on the other side is a field. A field is loaded
// when the function is entered and stored when it yields. Arguments that the body never assigns are read from
// the frame directly.
#include "frontend/lower/generators.h"

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

#include "ir/builder.h"
#include "ir/layout.h"
#include "ir/object_types.h"
#include "ir/walk.h"
#include "support/diagnostics.h"

namespace cantil::frontend {

using namespace ir;

namespace {

class Resumable {
 public:
  Resumable(Module& m, const GeneratorBody& g)
      : m_(m), g_(g), f_(g.resume), b_(m, f_, nullptr), result_(f_->ret) {}

  void run() {
    find_paths();
    number(*f_->body);
    find_crossing(*f_->body);
    spill(*f_->body);
    for (const auto& [op, interval] : leads_)
      if (op->code == Opcode::For) count_iterations(op);
    choose_kept();
    resume_ = m_.new_variable(f_, ".resume", i64());
    Region* body = transform(f_->body);
    finish(body);
    make();
  }

 private:
  struct Interval {
    int low = 0, high = -1;
    void add(int k) {
      if (high < low) low = k;
      high = k;
    }
    bool empty() const { return high < low; }
  };

  // ---- Which ops and regions lead to a yield, and to which

  void find_paths() {
    paths_[f_->body];
    for (size_t i = 0; i < g_.yields.size(); ++i) {
      const int k = static_cast<int>(i) + 1;
      const Op* op = g_.yields[i];
      yield_of_[op] = k;
      leads_[op].add(k);
      for (const Region* r = op->parent; r; r = r->parent ? r->parent->parent : nullptr) {
        paths_[r].add(k);
        if (r->parent) leads_[r->parent].add(k);
      }
    }
    // A loop's condition is taken apart with its body.
    for (auto& [op, interval] : leads_)
      if (op->code == Opcode::While) paths_[op->regions[0]];
  }

  bool leads(const Op* op) const { return leads_.count(op) != 0; }
  bool is_path(const Region* r) const { return paths_.count(r) != 0; }

  // ---- Segments: the ops of a path's region between those that lead to yields

  void number(const Region& r) {
    const bool path = is_path(&r);
    int segment = path ? ++segments_ : 0;
    for (const Op* op : r.ops) {
      if (path) {
        const bool alone = leads(op) || op->code == Opcode::Yield;
        if (alone) segment = ++segments_;
        segment_[op] = segment;
        if (alone) segment = ++segments_;
      }
      for (const Region* nested : op->regions) number(*nested);
    }
  }

  // Of the op around (or at) `op` that lies in a path's region.
  int segment_at(const Op* op) const {
    while (!is_path(op->parent)) op = op->parent->parent;
    return segment_.at(op);
  }

  // The op around (or at) `op` that lies directly in `r`, or null.
  static const Op* in_region(const Op* op, const Region* r) {
    while (op && op->parent != r) op = op->parent->parent;
    return op;
  }

  // ---- Values that are used in another segment than the one that makes them

  bool crosses(const Value* v, const Op* user) const {
    if (!v->def) return region_args_.count(v) != 0;
    const Region* home = v->def->parent;
    if (!is_path(home)) return false;
    const Op* at = in_region(user, home);
    return at && segment_.at(at) != segment_.at(v->def);
  }

  void find_crossing(const Region& r) {
    if (r.parent && leads(r.parent))
      for (const Value* arg : r.args) region_args_.insert(arg);
    for (Op* op : r.ops) {
      for (Value* v : op->operands)
        if (crosses(v, op)) variable_of(v);
      for (Region* nested : op->regions) find_crossing(*nested);
    }
  }

  Variable* variable_of(const Value* v) {
    Variable*& var = spilled_[v];
    if (!var) var = m_.new_variable(f_, ".kept", v->type);
    return var;
  }

  // Stores such values where they are made, and reads them where they are used. Operands of the ops that lead
  // to yields are read when those are taken apart.
  void spill(Region& r) {
    std::vector<Op*> ops;
    for (Op* op : r.ops) {
      const bool later = is_path(&r) && (leads(op) || op->code == Opcode::Yield);
      for (Value*& v : op->operands)
        if (auto at = spilled_.find(v); at != spilled_.end() && !later && crosses(v, op)) {
          Op* get = new_op(Opcode::VarGet, {}, v->type, at->second, *op, &r);
          ops.push_back(get);
          segment_copy(get, op);
          v = get->result;
        }
      ops.push_back(op);
      for (Region* nested : op->regions) spill(*nested);
      if (op->result)
        if (auto at = spilled_.find(op->result); at != spilled_.end()) {
          ops.push_back(new_op(Opcode::VarSet, {op->result}, nullptr, at->second, *op, &r));
          segment_copy(ops.back(), op);
        }
    }
    r.ops = std::move(ops);
  }

  void segment_copy(const Op* to, const Op* from) {
    if (auto at = segment_.find(from); at != segment_.end()) segment_[to] = at->second;
  }

  Op* new_op(Opcode code, std::vector<Value*> operands, TypeRef type, Variable* var, const Op& beside,
             Region* r) {
    Op* op = m_.new_op(code);
    op->operands = std::move(operands);
    op->var = var;
    op->span = beside.span;
    op->parent = r;
    if (type) {
      op->result = m_.new_value(f_, type);
      op->result->def = op;
    }
    return op;
  }

  // ---- Variables that live in the frame

  struct Accesses {
    const Op* first = nullptr;
    int segment = 0;
    bool local = true;  // all in the segment of the first, which sets it, and below the region of that
    int sets = 0, gets = 0;
  };

  void choose_kept() {
    std::unordered_map<const Variable*, Accesses> seen;
    for_each_op(*f_->body, [&](const Op& op) {
      auto note = [&](const Variable* v, bool sets) {
        Accesses& a = seen[v];
        (sets ? a.sets : a.gets) += 1;
        const int segment = segment_at(&op);
        if (!a.first) {
          a.first = &op;
          a.segment = segment;
          a.local = sets && op.code == Opcode::VarSet;
        } else {
          a.local = a.local && segment == a.segment && in_region(&op, a.first->parent);
        }
      };
      if (op.var) note(op.var, op.code == Opcode::VarSet);
      for (const Reduction& r : op.reductions) note(r.var, true);
    });
    std::unordered_set<const Variable*> counters;
    for (const auto& [op, c] : counters_) counters.insert({c.next, c.step, c.left});
    for (const auto& [value, var] : spilled_)
      if (!value->def) seen[var].local = false;
    for (Variable* v : f_->variables) {
      const Accesses& a = seen[v];
      const bool is_param = std::find(g_.params.begin(), g_.params.end(), v) != g_.params.end();
      if (is_param && a.sets == 0) {
        if (a.gets) constant_.push_back(v);
      } else if (counters.count(v) || (!a.local && a.gets) || is_param) {
        kept_.push_back(v);
      }
    }
    // Owners first: only the beginning of a block can hold some (object_types.h).
    std::vector<Variable*> fields = kept_;
    fields.insert(fields.end(), constant_.begin(), constant_.end());
    std::stable_partition(fields.begin(), fields.end(),
                          [](const Variable* v) { return is_counted(v->type); });
    std::vector<TypeRef> types;
    for (Variable* v : fields) {
      field_[v] = static_cast<int64_t>(types.size()) + 1;
      types.push_back(v->type);
    }
    frame_ = frame_type(types);
    if (!can_be_element(tuple_type(types)))
      fail(Diag::UnsupportedSyntax, f_->span,
           {"a generator that keeps so many arrays and containers", "put them into a list or a tuple"});
  }

  // ---- Taking the body apart

  Value* is_running() { return b_.value(Opcode::Eq, {b_.get(resume_), b_.const_i64(0)}); }
  Value* looks_for(const Interval& i) {
    if (i.empty()) return b_.const_bool(false);
    Value* r = b_.get(resume_);
    if (i.low == i.high) return b_.value(Opcode::Eq, {r, b_.const_i64(i.low)});
    return b_.value(Opcode::And, {b_.value(Opcode::Ge, {r, b_.const_i64(i.low)}),
                                  b_.value(Opcode::Le, {r, b_.const_i64(i.high)})});
  }
  Value* enters(const Op* op) { return b_.value(Opcode::Or, {is_running(), looks_for(leads_.at(op))}); }
  Value* read(const Value* v) {
    auto at = spilled_.find(v);
    CANTIL_CHECK(at != spilled_.end());
    return b_.get(at->second);
  }

  // Runs `fill` with the builder in a region of an if.
  template <typename F>
  void when(Value* cond, F&& fill) {
    Op* op = b_.if_(cond);
    inside(op->regions[0], fill);
  }
  template <typename F>
  void inside(Region* r, F&& fill) {
    Region* at = b_.region();
    b_.set_region(r);
    fill();
    b_.set_region(at);
  }

  void move(Op* op, Region* to) {
    op->parent = to;
    to->ops.push_back(op);
  }

  // A region with what `r` does from the place that is looked for.
  Region* transform(Region* r) {
    Region* out = m_.new_region(r->parent);
    transform_into(r->ops, out);
    return out;
  }

  void transform_into(const std::vector<Op*>& ops, Region* out) {
    inside(out, [&] {
      for (size_t i = 0; i < ops.size();) {
        b_.set_span(ops[i]->span);
        if (leads(ops[i])) {
          take_apart(ops[i++]);
          continue;
        }
        size_t end = i;
        while (end < ops.size() && !leads(ops[end])) ++end;
        Op* guard = b_.if_(is_running());
        for (; i < end; ++i) move(ops[i], guard->regions[0]);
      }
    });
  }

  void take_apart(Op* op) {
    switch (op->code) {
      case Opcode::VarSet:
        return yield(op);
      case Opcode::If:
        return when(enters(op), [&] {
          Value* chosen = b_.value(Opcode::Or, {b_.value(Opcode::And, {is_running(), read(op->operands[0])}),
                                                looks_in(op->regions[0])});
          Op* choice = b_.if_(chosen);
          for (size_t k = 0; k < 2; ++k) transform_into(op->regions[k]->ops, choice->regions[k]);
        });
      case Opcode::While:
        return when(enters(op), [&] { while_loop(op); });
      case Opcode::For:
        return for_loop(op);
      case Opcode::Try:
        return when(enters(op), [&] {
          Op* t = b_.op(Opcode::Try);
          transform_into(op->regions[0]->ops, t->regions[0]);
          for (Op* handled : op->regions[1]->ops) move(handled, t->regions[1]);
        });
      default:
        throw InternalError("a yield inside an op that cannot be resumed");
    }
  }

  Value* looks_in(const Region* r) {
    auto at = paths_.find(r);
    return at == paths_.end() ? b_.const_bool(false) : looks_for(at->second);
  }

  void yield(Op* op) {
    const int k = yield_of_.at(op);
    Op* here = b_.if_(looks_for({k, k}));
    inside(here->regions[0], [&] { b_.set(resume_, b_.const_i64(0)); });
    inside(here->regions[1], [&] {
      when(is_running(), [&] {
        Value* item = read(op->operands[0]);
        Value* frame = b_.value(Opcode::Bitcast, {f_->params[0]}, frame_);
        for (Variable* v : kept_) store(frame, v, b_.get(v));
        store_state(frame, k);
        b_.ret(b_.value(Opcode::TupleMake, {b_.const_bool(true), item}, result_));
      });
    });
  }

  void while_loop(const Op* op) {
    Variable* goes_on = m_.new_variable(f_, ".goes_on", bool_type());
    Op* loop = b_.while_();
    std::vector<Op*> head = op->regions[0]->ops;
    const Op* end = head.back();
    CANTIL_CHECK(end->code == Opcode::Yield);
    head.pop_back();
    transform_into(head, loop->regions[0]);
    inside(loop->regions[0], [&] {
      b_.set(goes_on, b_.const_bool(true));
      when(is_running(), [&] { b_.set(goes_on, read(end->operands[0])); });
      b_.op(Opcode::Yield, {b_.get(goes_on)});
    });
    transform_into(op->regions[1]->ops, loop->regions[1]);
  }

  // Counts down how many iterations are left, so that the index may be at the end of its type.
  struct Counter {
    Variable *next = nullptr, *step = nullptr, *left = nullptr;
  };

  void count_iterations(const Op* op) {
    TypeRef t = op->operands[0]->type;
    counters_[op] = {m_.new_variable(f_, ".next", t), m_.new_variable(f_, ".step", t),
                     m_.new_variable(f_, ".left", int_type(64, false))};
  }

  void for_loop(const Op* op) {
    TypeRef t = op->operands[0]->type;
    TypeRef natural = int_type(64, false);
    const auto [next, step, left] = counters_.at(op);
    when(is_running(), [&] {
      Value* start = read(op->operands[0]);
      Value* stop = read(op->operands[1]);
      Value* by = read(op->operands[2]);
      b_.set(next, start);
      b_.set(step, by);
      b_.set(left, b_.const_int(natural, 0));
      auto wide = [&](Value* v) {
        v = b_.cast(v, int_type(64, t->is_signed));
        return t->is_signed ? b_.value(Opcode::Bitcast, {v}, natural) : v;
      };
      auto count = [&](Value* from, Value* to, Value* stride) {
        when(b_.value(Opcode::Lt, {from, to}), [&] {
          Value* last = b_.value(Opcode::Sub,
                                 {b_.value(Opcode::Sub, {wide(to), wide(from)}), b_.const_int(natural, 1)});
          b_.set(left, b_.value(Opcode::Add,
                                {b_.value(Opcode::TruncDiv, {last, stride}), b_.const_int(natural, 1)}));
        });
      };
      Op* up = b_.if_(b_.value(Opcode::Gt, {by, b_.const_int(t, 0)}));
      inside(up->regions[0], [&] { count(start, stop, wide(by)); });
      if (t->is_signed)
        inside(up->regions[1],
               [&] { count(stop, start, b_.value(Opcode::Sub, {b_.const_int(natural, 0), wide(by)})); });
    });
    when(enters(op), [&] {
      Op* loop = b_.while_();
      inside(loop->regions[0], [&] {
        Value* more = b_.value(Opcode::Ne, {b_.get(left), b_.const_int(natural, 0)});
        Value* looks = b_.value(Opcode::Not, {is_running()});
        b_.op(Opcode::Yield, {b_.value(Opcode::Or, {looks, more})});
      });
      inside(loop->regions[1], [&] {
        when(is_running(), [&] {
          Value* index = b_.get(next);
          if (auto at = spilled_.find(op->regions[0]->args[0]); at != spilled_.end())
            b_.set(at->second, index);
          b_.set(next, b_.value(Opcode::Add, {index, b_.get(step)}));
          b_.set(left, b_.value(Opcode::Sub, {b_.get(left), b_.const_int(natural, 1)}));
        });
      });
      transform_into(op->regions[0]->ops, loop->regions[1]);
    });
  }

  // ---- The frame

  void store_state(Value* frame, int64_t state) {
    Op* at = b_.op(Opcode::ObjectField, {frame}, pointer_type(i64()));
    b_.op(Opcode::Store, {at->result, b_.const_i64(state)});
  }

  Value* field(Value* frame, const Variable* v) {
    Op* at = b_.op(Opcode::ObjectField, {frame}, pointer_type(v->type));
    at->imm = field_.at(v);
    return at->result;
  }

  void store(Value* frame, const Variable* v, Value* x) {
    b_.op(Opcode::Store, {field(frame, v), x})->imm = is_counted(v->type) ? kCountedAccess : 0;
  }

  Value* load(Value* frame, const Variable* v, bool borrowed) {
    Op* op = b_.op(Opcode::Load, {field(frame, v)}, v->type);
    op->imm = is_counted(v->type) && !borrowed ? kCountedAccess : 0;
    return op->result;
  }

  Value* nothing_left() {
    return b_.value(Opcode::TupleMake, {b_.const_bool(false), b_.undef(result_->elems[1])}, result_);
  }

  // The entry: takes everything out of the frame.
  void finish(Region* body) {
    Region* entry = m_.new_region(nullptr);
    b_.set_span(f_->span);
    inside(entry, [&] {
      Value* frame = b_.value(Opcode::Bitcast, {f_->params[0]}, frame_);
      Op* at = b_.op(Opcode::ObjectField, {frame}, pointer_type(i64()));
      Value* state = b_.value(Opcode::Load, {at->result}, i64());
      when(b_.value(Opcode::Lt, {state, b_.const_i64(0)}), [&] { b_.ret(nothing_left()); });
      store_state(frame, -1);
      b_.set(resume_, state);
      for (Variable* v : kept_) b_.set(v, load(frame, v, false));
      for (Variable* v : constant_) constants_[v] = load(frame, v, true);
    });
    replace_constants(*body);
    for (Op* op : body->ops) move(op, entry);
    inside(entry, [&] { b_.ret(nothing_left()); });
    f_->body = entry;
  }

  void replace_constants(Region& r) {
    std::vector<Op*> ops;
    for (Op* op : r.ops) {
      for (Value*& v : op->operands)
        if (auto at = replaced_.find(v); at != replaced_.end()) v = at->second;
      auto constant = op->code == Opcode::VarGet ? constants_.find(op->var) : constants_.end();
      if (constant != constants_.end()) {
        replaced_[op->result] = constant->second;
        continue;
      }
      ops.push_back(op);
      for (Region* nested : op->regions) replace_constants(*nested);
    }
    r.ops = std::move(ops);
  }

  void make() {
    Builder b(m_, g_.make, g_.make->body);
    b.set_span(g_.make->span);
    RaiseSite site;
    site.cls = "builtins.MemoryError";
    site.span = g_.make->span;
    site.function = g_.make->name;
    Op* frame = b.op(Opcode::ObjectNew, {}, frame_);
    frame->imm = add_site(m_, std::move(site));
    for (size_t i = 0; i < g_.params.size(); ++i) {
      auto at = field_.find(g_.params[i]);
      if (at == field_.end()) continue;
      Op* place = b.op(Opcode::ObjectField, {frame->result}, pointer_type(g_.params[i]->type));
      place->imm = at->second;
      b.op(Opcode::Store, {place->result, g_.make->params[i]})->imm =
          is_counted(g_.params[i]->type) ? kCountedAccess : 0;
    }
    b.ret(b.value(Opcode::Bitcast, {frame->result}, g_.make->ret));
  }

  Module& m_;
  const GeneratorBody& g_;
  Function* f_;
  Builder b_;
  TypeRef result_;
  std::unordered_map<const Op*, int> yield_of_;
  std::unordered_map<const Op*, Interval> leads_;
  std::unordered_map<const Region*, Interval> paths_;
  std::unordered_map<const Op*, int> segment_;  // of ops in paths' regions
  int segments_ = 0;
  std::unordered_set<const Value*> region_args_;  // of loops that lead to yields
  std::unordered_map<const Value*, Variable*> spilled_;
  std::vector<Variable*> kept_;                      // in the frame between calls
  std::vector<Variable*> constant_;                  // arguments that are never assigned
  std::unordered_map<const Op*, Counter> counters_;  // of the for loops that lead to yields
  std::unordered_map<const Variable*, int64_t> field_;
  std::unordered_map<const Variable*, Value*> constants_;
  std::unordered_map<const Value*, Value*> replaced_;
  Variable* resume_ = nullptr;
  TypeRef frame_ = nullptr;
};

}  // namespace

void make_resumable(Module& module, const GeneratorBody& body) { Resumable(module, body).run(); }

}  // namespace cantil::frontend
