// The choice of lockstep loops, and the canonical form of those with differing bounds.
#include "cpu_codegen/barriers/lockstep.h"

#include <algorithm>
#include <optional>

#include "cpu_codegen/barriers/steps.h"
#include "ir/builder.h"

namespace cantil::cpu_codegen {
namespace {

using ir::Opcode;

constexpr int64_t kUnrolled =
    64;  // iterations, over all nested loops, that LLVM unrolls: such loops are no hindrance

bool is_loop(const ir::Op& op) { return op.code == Opcode::For || op.code == Opcode::While; }

std::optional<int64_t> constant(const ir::Value* v) {
  if (v->def == nullptr || v->def->code != Opcode::Const) return std::nullopt;
  return v->def->constant.i;
}

class Selector {
 public:
  Selector(ir::Module& m, ir::Function& kernel, const Plan& plan, int axis, bool all)
      : module_(m),
        kernel_(kernel),
        plan_(plan),
        axis_(static_cast<size_t>(axis)),
        all_(all),
        steps_(kernel) {}

  Lockstep run() {
    visit(kernel_.body);
    for (ir::Op* loop : differing_) rewrite(loop);
    return std::move(chosen_);
  }

 private:
  // True when a loop was chosen in it.
  bool visit(ir::Region* r) {
    bool any = false;
    for (ir::Op* op : r->ops) {
      if (plan_.is_block_construct(op)) {
        for (ir::Region* nested : op->regions) any |= visit(nested);
      } else if (op->code == Opcode::If && op->regions[1]->ops.empty()) {
        if (visit(op->regions[0])) {
          chosen_.masks.insert(op);
          any = true;
        }
      } else if (op->code == Opcode::For && suits(*op)) {
        chosen_.loops.insert(op);
        if (!has_simple_bounds(*op)) differing_.push_back(op);
        visit(op->regions[0]);
        any = true;
      }
    }
    return any;
  }

  // ---- What suits ----

  struct Contents {
    bool leaves = false;      // a return, or a break or continue of the loop itself
    bool stuck = false;       // a loop in it that can neither be unrolled nor run in lockstep
    bool obstacles = false;   // what does not become vectors
    bool long_loops = false;  // a loop in it that is run in lockstep
    bool far = false;         // an access that jumps from one iteration to the next
    std::vector<const ir::Value*> indices;
    int good = 0, bad = 0;  // accesses that lie well, or not, when threads run together
  };

  bool suits(const ir::Op& loop) {
    if (const auto found = suits_.find(&loop); found != suits_.end()) return found->second;
    Contents c;
    c.indices.push_back(loop.regions[0]->args[0]);
    const bool jumps = !constant(loop.operands[2]);
    look(loop.regions[0], loop, true, jumps, c);
    bool is = !c.leaves && !c.stuck && (c.long_loops || iterations(loop) > kUnrolled);
    if (is) is = c.far ? c.good >= c.bad : !c.obstacles && 4 * c.bad <= c.good;
    if (all_) is = !c.leaves;
    suits_[&loop] = is;
    return is;
  }

  // `own`: a break here leaves the loop in question.
  void look(const ir::Region* r, const ir::Op& loop, bool own, bool jumps, Contents& c) {
    for (const ir::Op* op : r->ops) {
      Steps address;
      // What does not change from one iteration to the next is read once and speaks for neither order.
      if (steps_.is_access(*op, address) && varies(*op, c.indices)) {
        address.along[axis_] == Step::Other ? ++c.bad : ++c.good;
        c.far |= jumps;
      }
      switch (op->code) {
        case Opcode::Return:
          c.leaves = true;
          break;
        case Opcode::Break:
        case Opcode::Continue:
          c.leaves |= own;
          break;
        case Opcode::Raise:
        case Opcode::BoundsCheck:
        case Opcode::AtomicRmw:
        case Opcode::Print:
        case Opcode::CallC:
        case Opcode::CallLlvm:
          c.obstacles = true;
          break;
        case Opcode::Call:
          c.obstacles |= op->func->may_raise;
          break;
        case Opcode::While:
          c.stuck = true;
          break;
        case Opcode::For:
          c.indices.push_back(op->regions[0]->args[0]);
          if (iterations(*op) > kUnrolled) {
            if (suits(*op) && reachable(*op, loop)) {
              c.long_loops = true;
            } else {
              c.stuck = true;
            }
          }
          break;
        default:
          break;
      }
      for (const ir::Region* nested : op->regions) look(nested, loop, own && !is_loop(*op), jumps, c);
    }
  }

  // Only conditions without an else become masks.
  static bool reachable(const ir::Op& inner, const ir::Op& outer) {
    for (const ir::Op* op = inner.parent->parent; op != &outer; op = op->parent->parent) {
      if (op->code == Opcode::If ? !op->regions[1]->ops.empty() : op->code != Opcode::For) return false;
    }
    return true;
  }

  // Of the loop and those nested in it together; more than kUnrolled when not known.
  static int64_t iterations(const ir::Op& loop) {
    const auto start = constant(loop.operands[0]), stop = constant(loop.operands[1]),
               step = constant(loop.operands[2]);
    if (!start || !stop || !step || *step == 0) return kUnrolled + 1;
    const int64_t span = *step > 0 ? *stop - *start : *start - *stop;
    const int64_t stride = *step > 0 ? *step : -*step;
    if (span <= 0) return 0;
    if (span > 1 << 20) return kUnrolled + 1;
    int64_t inner = 1;
    for_each_nested(loop.regions[0],
                    [&](const ir::Op& nested) { inner = std::max(inner, iterations(nested)); });
    return std::min<int64_t>((span + stride - 1) / stride * inner, kUnrolled + 1);
  }

  template <class Visit>
  static void for_each_nested(const ir::Region* r, const Visit& visit) {
    for (const ir::Op* op : r->ops) {
      if (op->code == Opcode::For) {
        visit(*op);
      } else {
        for (const ir::Region* nested : op->regions) for_each_nested(nested, visit);
      }
    }
  }

  // Whether the address depends on one of the indices (of the loop and those in it).
  static bool varies(const ir::Op& access, const std::vector<const ir::Value*>& indices) {
    const size_t address = access.code == Opcode::StoreElem  ? access.operands.size() - 1
                           : access.code == Opcode::LoadElem ? access.operands.size()
                                                             : 1;
    return std::any_of(access.operands.begin(), access.operands.begin() + static_cast<ptrdiff_t>(address),
                       [&](const ir::Value* v) { return depends(v, indices, 12); });
  }
  static bool depends(const ir::Value* v, const std::vector<const ir::Value*>& indices, int depth) {
    if (v->def == nullptr) return std::find(indices.begin(), indices.end(), v) != indices.end();
    if (v->def->code == Opcode::VarGet || depth == 0) return true;
    return std::any_of(v->def->operands.begin(), v->def->operands.end(),
                       [&](const ir::Value* operand) { return depends(operand, indices, depth - 1); });
  }

  // Bounds that block level can surely compute: from constants, parameters and what is the same for the
  // block.
  bool has_simple_bounds(const ir::Op& loop) const {
    return std::all_of(loop.operands.begin(), loop.operands.end(),
                       [&](const ir::Value* v) { return is_simple(v, 12); });
  }

  bool is_simple(const ir::Value* v, int depth) const {
    const ir::Op* def = v->def;
    if (def == nullptr)
      return std::find(kernel_.params.begin(), kernel_.params.end(), v) != kernel_.params.end();
    if (depth == 0 || !at_block_level(def->parent)) return false;
    switch (def->code) {
      case Opcode::Sreg:
        return def->sreg() >= ir::Sreg::CtaidX && def->sreg() <= ir::Sreg::NctaidZ;
      case Opcode::Const:
        return true;
      case Opcode::Add:
      case Opcode::Sub:
      case Opcode::Mul:
      case Opcode::Min:
      case Opcode::Max:
      case Opcode::Cast:
      case Opcode::ArrayDim:
        return std::all_of(def->operands.begin(), def->operands.end(),
                           [&](const ir::Value* operand) { return is_simple(operand, depth - 1); });
      default:
        return false;
    }
  }

  // Regions are visited from the outside in, so that what is chosen around is known.
  bool at_block_level(const ir::Region* r) const {
    for (const ir::Op* op = r->parent; op != nullptr; op = op->parent->parent) {
      if (!plan_.is_block_construct(op) && chosen_.loops.count(op) == 0 && op->code != Opcode::If)
        return false;
      if (op->code == Opcode::If && !op->regions[1]->ops.empty() && !plan_.is_block_construct(op))
        return false;
    }
    return true;
  }

  // ---- Bounds that differ ----

  void rewrite(ir::Op* loop) {
    ir::Region* around = loop->parent;
    ir::Region* before = module_.new_region(around->parent);
    ir::Builder b(module_, &kernel_, before);
    b.set_span(loop->span);
    ir::Value *start = loop->operands[0], *stop = loop->operands[1], *step = loop->operands[2];
    ir::Value* trips = count_trips(b, start, stop, step);
    ir::Value* most = b.value(Opcode::ThreadMax, {trips});
    ir::Value *zero = b.const_i64(0), *one = b.const_i64(1);
    for (ir::Op* op : before->ops) op->parent = around;
    around->ops.insert(std::find(around->ops.begin(), around->ops.end(), loop), before->ops.begin(),
                       before->ops.end());

    ir::Region* body = loop->regions[0];
    ir::Value* index = body->args[0];
    std::vector<ir::Op*> ops;
    ops.swap(body->ops);
    ir::Value* k = module_.new_value(&kernel_, ir::i64());
    body->args[0] = k;
    loop->operands = {zero, most, one};
    b.set_region(body);
    ir::Op* mask = b.if_(b.value(Opcode::Lt, {k, trips}));
    chosen_.masks.insert(mask);
    b.set_region(mask->regions[0]);
    // The index keeps its identity: it is now the result of an op.
    ir::Value* own = b.cast(k, index->type);
    ir::Op* made = b.op(Opcode::Add, {start, b.value(Opcode::Mul, {own, step})});
    made->result = index;
    index->def = made;
    for (ir::Op* op : ops) op->parent = mask->regions[0];
    mask->regions[0]->ops.insert(mask->regions[0]->ops.end(), ops.begin(), ops.end());
  }

  // How many iterations, as int64; exact for every loop that could ever end.
  ir::Value* count_trips(ir::Builder& b, ir::Value* start, ir::Value* stop, ir::Value* step) {
    const auto wide = [&](ir::Value* v) { return b.cast(v, ir::i64()); };
    const ir::TypeRef natural = ir::int_type(64, false);
    const auto unsigned_of = [&](ir::Value* v) { return b.value(Opcode::Bitcast, {v}, natural); };
    const ir::TypeRef type = start->type;
    const auto zero = [&] { return b.const_int(type, 0); };
    ir::Value* up = b.value(Opcode::Gt, {step, zero()});
    ir::Value* some =
        b.value(Opcode::Select, {up, b.value(Opcode::Lt, {start, stop}), b.value(Opcode::Lt, {stop, start})},
                ir::bool_type());
    ir::Value *from = wide(start), *to = wide(stop), *by = wide(step);
    ir::Value* span = b.value(
        Opcode::Select, {up, b.value(Opcode::Sub, {to, from}), b.value(Opcode::Sub, {from, to})}, ir::i64());
    ir::Value* stride = b.value(Opcode::Select, {up, by, b.value(Opcode::Neg, {by})}, ir::i64());
    ir::Value* left = unsigned_of(b.value(Opcode::Sub, {span, b.const_i64(1)}));
    ir::Value* whole =
        b.value(Opcode::Bitcast, {b.value(Opcode::TruncDiv, {left, unsigned_of(stride)})}, ir::i64());
    ir::Value* count = b.value(Opcode::Add, {whole, b.const_i64(1)});
    return b.value(Opcode::Select, {some, count, b.const_i64(0)}, ir::i64());
  }

  ir::Module& module_;
  ir::Function& kernel_;
  const Plan& plan_;
  size_t axis_;
  bool all_;
  StepAnalysis steps_;
  Lockstep chosen_;
  std::vector<ir::Op*> differing_;
  std::unordered_map<const ir::Op*, bool> suits_;
};

}  // namespace

Lockstep choose_lockstep(ir::Module& m, ir::Function& kernel, const Plan& plan, int axis, bool all) {
  return Selector(m, kernel, plan, axis, all).run();
}

}  // namespace cantil::cpu_codegen
