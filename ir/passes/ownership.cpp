// ownership: places retains, releases and moves, so that every counted heap block is freed once and none too
// early.
//
// The model. A counted value (layout.h: is_counted) is a borrowed reference, except that the result of call,
// call_c, alloc, object.new, buffer.new and a counted load is owned (+1). Variables of counted types own what
// they hold. Parameters are borrowed for the whole call; a returned value is owned by the caller.
//
// Before this pass var.set means "own the new, drop the old" and return means "hand out an owned reference".
// After it, the protocol with the code generator, for Host functions:
//   - Every variable of a counted type starts as null (all its owners; the same null that undef is).
//   - var.set and var.get are plain stores and loads. call and call_c results are stored nowhere by the
//   emitter: this
//     pass has seen to them. retain/release act on every owner inside a value (tuples, optionals that are
//     present); both are null-safe.
//   - On every way out of the function (return, raise, an exception passing through: the failing status of a
//   call,
//     bounds.check or alloc) the emitter releases what each counted variable of Function::variables holds,
//     after the operands of return or raise have been read. A variable that was moved from holds null by
//     then.
//   - parallel_for: a counted variable that is set anywhere in the body is private to the chunk's function:
//   null at its
//     start, released at its end and on its exceptional exit, and not released by the function around it for
//     that body. Other variables are read from the frame around and not released by the chunk.
// Device and Kernel functions have no counted heap (the verifier rejects alloc there): this pass leaves them
// alone, and the emitter neither initialises nor releases their variables.
//
// How. All ops get a position in program order. For each reference that needs care (an owned result, or a
// var.get whose variable is overwritten while the value, or one derived from it, is still in use) we know the
// last op of its region that uses it. Its count is handed to the last var.set or return that stores it, or is
// released after its last use. Where control can leave in between, a hidden variable holds it meanwhile.
#include <algorithm>
#include <vector>

#include "ir/layout.h"
#include "ir/passes/passes.h"
#include "ir/walk.h"

namespace cantil::ir {
namespace {

// Whether a value of this type can hold the address of a counted block without counting it, or the count
// itself.
bool holds_address(TypeRef t) {
  switch (t->kind) {
    case TypeKind::Pointer:
      return true;
    case TypeKind::Tuple:
      return std::any_of(t->elems.begin(), t->elems.end(), holds_address);
    case TypeKind::Optional:
      return holds_address(t->elem());
    default:
      return is_counted(t);
  }
}

constexpr int kNone = -1;

// What is known of a value that holds an address.
struct Info {
  int def = kNone;  // position of the defining op
  int last =
      kNone;  // position of the last op, in the value's own region, that uses it or a value derived from it
  bool escapes = false;  // an address was stored in a variable that does not count
  bool owned = false;
  Op* mover = nullptr;  // the var.set or return in the value's region that takes the count over
  Variable* hidden = nullptr;
};

struct Uses {             // of a counted variable
  std::vector<int> sets;  // positions, ascending
  int gets = 0;
  Op* only_set = nullptr;  // meaningful when there is one
};

struct Exit {
  int position;
  int loop;  // position of the loop or try that is left, kNone when the function is
};

class Ownership {
 public:
  explicit Ownership(Function& f) : f_(f), m_(*f.module) {}

  void run() {
    if (!needed()) return;
    number(*f_.body, kNone, kNone, kNone);
    find_lifetimes();
    for (size_t i = 0; i < order_.size(); ++i) classify(*order_[i]);
    for (size_t i = 0; i < order_.size(); ++i) choose_mover(*order_[i]);
    for (size_t i = 0; i < order_.size(); ++i) hold(*order_[i]);
    for (size_t i = 0; i < order_.size(); ++i) consume(*order_[i]);
    rebuild();
  }

 private:
  // Most functions touch only borrowed arrays: they are told apart by one look at the ops.
  bool needed() const {
    for (const Variable* v : f_.variables)
      if (is_counted(v->type)) return true;
    if (is_counted(f_.ret)) return true;
    bool owned = false;
    for_each_op(*f_.body,
                [&](const Op& op) { owned = owned || (gives_owned(op) && is_counted(op.result->type)); });
    return owned;
  }

  // ---- Facts ----

  // `caught`: position of the try whose body this is, where exceptions go.
  void number(const Region& r, int around, int loop, int caught) {
    for (Op* op : r.ops) {
      int position = static_cast<int>(order_.size());
      order_.push_back(op);
      op->number = static_cast<uint32_t>(position);
      end_.push_back(position);
      loop_.push_back(loop);
      around_.push_back(around);
      for (Region* nested : op->regions) {
        const bool body = op->code == Opcode::Try && nested == op->regions[0];
        number(*nested, position, is_loop(op->code) ? position : loop, body ? position : caught);
      }
      end_[static_cast<size_t>(position)] = static_cast<int>(order_.size()) - 1;
      if (op->code == Opcode::Break || op->code == Opcode::Continue) {
        exits_.push_back({position, loop});
      } else if (op->code == Opcode::Leave) {
        exits_.push_back({position, try_around(position, op->imm)});
      } else if (op->code == Opcode::Return) {
        exits_.push_back({position, kNone});
      } else if (may_raise_here(*op)) {
        exits_.push_back({position, caught});
      }
      if (op->var && is_counted(op->var->type)) {
        Uses& u = uses(op->var);
        if (op->code == Opcode::VarSet) {
          u.sets.push_back(position);
          u.only_set = op;
        } else {
          ++u.gets;
        }
      }
    }
  }

  int try_around(int position, int64_t nth) const {
    for (position = around_[static_cast<size_t>(position)]; position != kNone;
         position = around_[static_cast<size_t>(position)])
      if (order_[static_cast<size_t>(position)]->code == Opcode::Try && nth-- == 0) break;
    return position;
  }

  // The op at `position`, or the one around it, that lies directly in `r`.
  int in_region(int position, const Region* r) const {
    while (position != kNone && order_[static_cast<size_t>(position)]->parent != r)
      position = around_[static_cast<size_t>(position)];
    return position;
  }

  void find_lifetimes() {
    info_.resize(f_.next_value);
    for (size_t i = 0; i < order_.size(); ++i)
      if (Value* v = order_[i]->result) info(v).def = static_cast<int>(i);
    // Backwards, so that a derived value's last use is known before that of what it comes from.
    for (size_t i = order_.size(); i-- > 0;) {
      const Op& op = *order_[i];
      // What an uncounted load finds in an object lives as long as that does.
      bool derives = op.result && !gives_owned(op) &&
                     (op_info(op.code).effects == Effects::Pure || op.code == Opcode::Load) &&
                     (holds_address(op.result->type) || op.code == Opcode::Bitcast);
      bool stores_address =
          op.code == Opcode::VarSet && !is_counted(op.var->type) && holds_address(op.var->type);
      for (Value* v : op.operands) {
        if (!v->def || !tracked(v)) continue;
        Info& in = info(v);
        const Region* home = v->def->parent;
        in.last = std::max(in.last, in_region(static_cast<int>(i), home));
        if (stores_address) in.escapes = true;
        if (!derives) continue;
        const Info& d = info(op.result);
        if (op.parent == home) in.last = std::max(in.last, d.last);
        in.escapes = in.escapes || d.escapes;
      }
    }
  }

  // Whether lifetimes matter: the value holds an address, or is an address turned into a number.
  static bool tracked(const Value* v) {
    return holds_address(v->type) ||
           (v->def->code == Opcode::Bitcast && v->type->is_int() && holds_address(v->def->operands[0]->type));
  }

  bool set_within(const Variable* x, int after, int before) {
    const std::vector<int>& sets = uses(x).sets;
    auto at = std::upper_bound(sets.begin(), sets.end(), after);
    return at != sets.end() && *at < before;
  }

  // Position just after what belongs to the op at `last`: the op itself is excluded when it is a plain op,
  // since an op reads its operands before it does anything; all of its regions are included otherwise.
  int horizon(int last) const {
    const Op& op = *order_[static_cast<size_t>(last)];
    return op.regions.empty() ? last : end_[static_cast<size_t>(last)] + 1;
  }

  // Control can leave the region of the op at `from` at a position in (from, to). `only_loops`: by break or
  // continue.
  bool leaves(int from, int to, bool only_loops = false) const {
    auto at = std::upper_bound(exits_.begin(), exits_.end(), from,
                               [](int p, const Exit& e) { return p < e.position; });
    for (; at != exits_.end() && at->position < to; ++at) {
      if (at->loop == kNone ? !only_loops : at->loop < from) return true;
    }
    return false;
  }

  // ---- Decisions ----

  // Marks the references whose count this pass must place.
  void classify(Op& op) {
    if (!op.result || !is_counted(op.result->type)) return;
    Info& in = info(op.result);
    if (gives_owned(op)) {
      in.owned = true;
    } else if (op.code == Opcode::VarGet && in.last != kNone) {
      int until = in.escapes ? region_end(op) : horizon(in.last);
      if (!set_within(op.var, in.def, until)) return;
      // The variable lets go of the value while it is in use: take a count of our own.
      in.owned = true;
      after(in.def, make(Opcode::Retain, {op.result}));
    }
  }

  int region_end(const Op& op) const { return end_[index(op.parent->ops.back())] + 1; }

  // The references that a stored value is made of, as far as they can be told apart.
  void leaves_of(Value* v, std::vector<Value*>& out) const {
    if (!is_counted(v->type)) return;
    const Op* d = v->def;
    if (d && !info_[v->id].owned) {
      switch (d->code) {
        case Opcode::TupleMake:
        case Opcode::OptionalMake:
          for (Value* x : d->operands) leaves_of(x, out);
          return;
        case Opcode::ArrayMake:
          leaves_of(d->operands[0], out);
          return;
        case Opcode::ArrayOwner:
          leaves_of(d->operands[0], out);
          return;
        case Opcode::OptionalNone:
        case Opcode::Undef:
          return;
        default:
          break;
      }
    }
    out.push_back(v);
  }

  static bool consumes(const Op& op) {
    return (op.code == Opcode::VarSet && is_counted(op.var->type)) ||
           (op.code == Opcode::Return && !op.operands.empty() && is_counted(op.operands[0]->type));
  }

  // The last consumer directly in an owned value's region takes its count over, if what is used afterwards
  // stays alive.
  void choose_mover(Op& op) {
    if (!consumes(op)) return;
    scratch_.clear();
    leaves_of(op.operands[0], scratch_);
    for (Value* leaf : scratch_) {
      Info& in = info(leaf);
      if (!in.owned || leaf->def->parent != op.parent || in.escapes) continue;
      int here = static_cast<int>(index(&op));
      // A later use then borrows from the variable, which must keep the value until then.
      if (op.code == Opcode::VarSet && in.last > here &&
          (is_temporary(op.var) || set_within(op.var, here, horizon(in.last))))
        continue;
      in.mover = &op;
    }
  }

  // Keeps an owned value in a hidden variable where control may leave, and releases what nobody took over.
  void hold(Op& op) {
    if (!op.result || !is_counted(op.result->type) || !info(op.result).owned) return;
    Value* v = op.result;
    Info& in = info(v);
    if (in.last == kNone) in.last = in.def;
    const Op& last = *order_[static_cast<size_t>(in.last)];
    int until = in.mover ? static_cast<int>(index(in.mover)) : end_[static_cast<size_t>(in.last)] + 1;
    if (in.escapes) until = region_end(op);
    bool keep = in.escapes || (!in.mover && is_terminator(last.code));  // until the function ends
    if (keep || leaves(in.def, until)) {
      in.hidden = m_.new_variable(&f_, "." + std::string(op.code == Opcode::VarGet ? "kept" : "owned"),
                                  v->type, op.span);
      // Another round of the loop may find the last one's value still there.
      bool looped = loop_[static_cast<size_t>(in.def)] != kNone;
      if (looped && (keep || leaves(in.def, until, true))) {
        Op* old = make(Opcode::VarGet, {}, v->type, in.hidden);
        after(in.def, old);
        after(in.def, make(Opcode::VarSet, {v}, nullptr, in.hidden));
        after(in.def, make(Opcode::Release, {old->result}));
      } else {
        after(in.def, make(Opcode::VarSet, {v}, nullptr, in.hidden));
      }
    }
    if (in.mover || keep) return;
    after(in.last, make(Opcode::Release, {v}));
    if (in.hidden) forget(in.hidden, in.last, false);
  }

  // At a var.set or return: a count for each reference that goes in, by a move where there is one to move.
  void consume(Op& op) {
    if (!consumes(op)) return;
    int here = static_cast<int>(index(&op));
    bool returns = op.code == Opcode::Return;
    scratch_.clear();
    leaves_of(op.operands[0], scratch_);
    moved_.clear();
    Op* old = nullptr;
    if (!returns && (uses(op.var).sets.size() > 1 || loop_[static_cast<size_t>(here)] != kNone))
      old = make(Opcode::VarGet, {}, op.var->type, op.var);
    for (Value* leaf : scratch_) {
      Variable* from = nullptr;  // to be emptied, since its count goes along
      bool moves = move(op, leaf, returns, from);
      if (moves && std::find(moved_.begin(), moved_.end(), leaf) != moved_.end()) moves = false;
      if (moves && from && std::find(emptied_.begin(), emptied_.end(), from) != emptied_.end()) moves = false;
      if (!moves) {
        before(here, make(Opcode::Retain, {leaf}));
        continue;
      }
      moved_.push_back(leaf);
      if (!from) continue;
      emptied_.push_back(from);
      forget(from, here, returns);
    }
    emptied_.clear();
    if (old) {
      before(here, old);
      after(here, make(Opcode::Release, {old->result}));
    }
  }

  bool move(const Op& op, const Value* leaf, bool returns, Variable*& from) {
    const Op* d = leaf->def;
    if (!d) return false;  // a parameter
    const Info& in = info(leaf);
    if (in.owned) {
      from = in.hidden;
      if (in.mover == &op) return true;
      return returns && in.hidden && !in.escapes && (!in.mover || index(&op) < index(in.mover));
    }
    if (d->code != Opcode::VarGet) return false;
    from = d->var;
    if (returns) return true;  // the variable ends here and still holds this value, else it would be owned
    const Uses& u = uses(d->var);
    return is_temporary(d->var) && !in.escapes && op.parent == d->parent && u.only_set->parent == d->parent &&
           u.sets[0] < in.def && in.last == static_cast<int>(index(&op)) && d->var != op.var;
  }

  // Set once and read once: where both lie in one region, the reading is the last use.
  bool is_temporary(const Variable* v) {
    const Uses& u = uses(v);
    return u.gets == 1 && u.sets.size() == 1;
  }

  // ---- Edits ----

  struct Edit {
    int position;
    bool before;
    Op* op;
  };

  Op* make(Opcode code, std::vector<Value*> operands, TypeRef type = nullptr, Variable* var = nullptr) {
    Op* op = m_.new_op(code);
    op->operands = std::move(operands);
    op->var = var;
    if (type) {
      op->result = m_.new_value(&f_, type);
      op->result->def = op;
    }
    return op;
  }

  void before(int position, Op* op) { edits_.push_back({position, true, op}); }
  void after(int position, Op* op) { edits_.push_back({position, false, op}); }

  void forget(Variable* v, int position, bool in_front) {
    Op* null = make(Opcode::Undef, {}, v->type);
    edits_.push_back({position, in_front, null});
    edits_.push_back({position, in_front, make(Opcode::VarSet, {null->result}, nullptr, v)});
  }

  void rebuild() {
    std::stable_sort(edits_.begin(), edits_.end(),
                     [](const Edit& a, const Edit& b) { return a.position < b.position; });
    std::vector<Region*> changed;
    for (const Edit& e : edits_) changed.push_back(order_[static_cast<size_t>(e.position)]->parent);
    std::sort(changed.begin(), changed.end());
    changed.erase(std::unique(changed.begin(), changed.end()), changed.end());
    std::vector<Op*> ops;
    for (Region* r : changed) {
      ops.clear();
      for (Op* op : r->ops) {
        int position = static_cast<int>(index(op));
        auto [from, to] =
            std::equal_range(edits_.begin(), edits_.end(), Edit{position, false, nullptr},
                             [](const Edit& a, const Edit& b) { return a.position < b.position; });
        for (auto e = from; e != to; ++e)
          if (e->before) place(ops, e->op, *op, r);
        ops.push_back(op);
        for (auto e = from; e != to; ++e)
          if (!e->before) place(ops, e->op, *op, r);
      }
      r->ops = ops;
    }
  }

  static void place(std::vector<Op*>& ops, Op* op, const Op& beside, Region* r) {
    op->parent = r;
    op->span = beside.span;
    ops.push_back(op);
  }

  static size_t index(const Op* op) { return op->number; }
  Info& info(const Value* v) { return info_[v->id]; }
  Uses& uses(const Variable* v) { return uses_[v]; }

  Function& f_;
  Module& m_;
  std::vector<Op*> order_;
  std::vector<int> end_;     // position of the last op nested in each op
  std::vector<int> loop_;    // position of the loop around, kNone outside
  std::vector<int> around_;  // position of the op around, kNone in the body
  std::vector<Exit> exits_;
  std::vector<Info> info_;  // by value id
  std::unordered_map<const Variable*, Uses> uses_;
  std::vector<Edit> edits_;
  std::vector<Value*> scratch_, moved_;
  std::vector<Variable*> emptied_;
};

}  // namespace

void run_ownership(Module& m) {
  for (Function* f : m.functions)
    if (f->kind == FunctionKind::Host) Ownership(*f).run();
}

}  // namespace cantil::ir
