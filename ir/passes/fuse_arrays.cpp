// fuse_arrays: a map whose result is only an operand of another element-wise op behind it in the same region
// is computed there, so that a whole expression becomes one loop without temporaries.
//
// The map moves from its place to its user's. What it reads must be the same there: nothing in between may
// write memory. Nor may anything in between raise, save other element-wise ops and allocations, whose order
// nobody can rely on.
#include <algorithm>
#include <unordered_map>
#include <vector>

#include "ir/passes/passes.h"
#include "ir/walk.h"

namespace cantil::ir {
namespace {

// Whether a map may be computed behind this op instead of before it. A call is looked into, some levels deep:
// the library's arithmetic on slices neither writes nor raises.
bool may_pass(const Op& op, int depth = 0) {
  switch (op.code) {
    case Opcode::Call:
      return op.func && depth < 4 &&
             std::all_of(
                 op.func->body->ops.begin(), op.func->body->ops.end(),
                 [&](const Op* inner) { return may_pass(*inner, depth + 1); });
    case Opcode::Return:
      return depth > 0;
    case Opcode::VarSet:  // a map's operands are values; its region has only variables of its own
    case Opcode::Map:
    case Opcode::Alloc:
    case Opcode::ObjectNew:
    case Opcode::BufferNew:
    case Opcode::Yield:
      return true;
    case Opcode::Reduce:
      break;
    case Opcode::If:
    case Opcode::While:
    case Opcode::For:
      break;
    default: {
      const Effects e = op_info(op.code).effects;
      return e == Effects::Pure || e == Effects::Read;
    }
  }
  for (const Region* r : op.regions)
    if (!std::all_of(r->ops.begin(), r->ops.end(),
                     [&](const Op* nested) { return may_pass(*nested, depth); }))
      return false;
  return true;
}

// Dearer than what storing and loading an element costs: not to be done again for each repetition along a
// broadcast axis.
bool is_dear(const Region& r) {
  bool dear = false;
  for_each_op(r, [&](const Op& op) {
    dear = dear || op.code == Opcode::Call || op.code == Opcode::Div || op.code == Opcode::FloorDiv ||
           op.code == Opcode::Mod || (op.code == Opcode::Math && math_info(op.math()).sleef[0] != '\0') ||
           !op.regions.empty();
  });
  return dear;
}

int dimensions(const Op& op) {
  int n = 0;
  for (const Value* v : op.operands)
    if (v->type->is_array()) n = std::max<int>(n, v->type->ndim);
  return n;
}

class Fuse {
 public:
  explicit Fuse(Function& f) : f_(f) {}

  void run() {
    bool any = false;
    for_each_op(*f_.body, [&](const Op& op) { any = any || op.code == Opcode::Map; });
    if (!any) return;
    uses_.assign(f_.next_value, 0);
    for_each_op(*f_.body, [&](const Op& op) {
      for (const Value* v : op.operands) ++uses_[v->id];
    });
    region(*f_.body);
  }

 private:
  void region(Region& r) {
    for (size_t i = 0; i < r.ops.size(); ++i) r.ops[i]->number = static_cast<uint32_t>(i);
    for (size_t i = 0; i < r.ops.size(); ++i) {
      for (Region* nested : r.ops[i]->regions)
        if (!is_elementwise(r.ops[i]->code)) region(*nested);
      if (is_elementwise(r.ops[i]->code)) operands(r, *r.ops[i]);
    }
    std::erase_if(r.ops, [](const Op* op) { return op->code == Opcode::Map && op->number == kMoved; });
  }

  // Operands that come in with a moved map were looked at when that map was.
  void operands(Region& r, Op& op) {
    for (size_t i = first_mapped(op.code); i < op.operands.size();) {
      Op* map = op.operands[i]->def;
      if (map && fits(r, *map, op)) {
        i += merge(*map, op, i);
      } else {
        ++i;
      }
    }
  }

  bool fits(const Region& r, const Op& map, const Op& user) const {
    if (map.code != Opcode::Map || map.parent != &r || uses_[map.result->id] != 1 || map.number == kMoved)
      return false;
    if (map.result->type->ndim < dimensions(user) && is_dear(*map.regions[0])) return false;
    for (uint32_t k = map.number + 1; k < user.number; ++k)
      if (r.ops[k]->number != kMoved && !may_pass(*r.ops[k])) return false;
    return true;
  }

  // Puts the map's computation into its user; gives the number of operands now in its place.
  size_t merge(Op& map, Op& user, size_t at) {
    if (f_.parallel)
      f_.module->notes.push_back({ParallelNote::Fused, map.span, user.span, "array expression"});
    const size_t first = first_mapped(user.code);
    Region& into = *user.regions[0];
    Region& from = *map.regions[0];
    Value* stands_for = into.args[at - first];
    std::unordered_map<const Value*, Value*> renamed;
    user.operands.erase(user.operands.begin() + static_cast<ptrdiff_t>(at));
    into.args.erase(into.args.begin() + static_cast<ptrdiff_t>(at - first));
    size_t placed = 0;
    for (size_t k = 0; k < map.operands.size(); ++k) {
      auto there = std::find(user.operands.begin() + static_cast<ptrdiff_t>(first), user.operands.end(),
                             map.operands[k]);
      if (there != user.operands.end()) {
        renamed[from.args[k]] = into.args[static_cast<size_t>(there - user.operands.begin()) - first];
        --uses_[map.operands[k]->id];
        continue;
      }
      user.operands.insert(user.operands.begin() + static_cast<ptrdiff_t>(at + placed), map.operands[k]);
      into.args.insert(into.args.begin() + static_cast<ptrdiff_t>(at + placed - first), from.args[k]);
      ++placed;
    }
    for (Op* op : from.ops) op->parent = &into;
    Value* yielded = nullptr;
    if (!from.ops.empty() && from.ops.back()->code == Opcode::Yield) {
      yielded = from.ops.back()->operands[0];
      from.ops.pop_back();
      auto found = renamed.find(yielded);
      if (found != renamed.end()) yielded = found->second;
    }
    if (yielded) {
      renamed[stands_for] = yielded;
      into.ops.insert(into.ops.begin(), from.ops.begin(), from.ops.end());
    } else {
      into.ops = from.ops;  // the map raises for every element: so does the whole
    }
    for_each_op(into, [&](Op& op) {
      for (Value*& v : op.operands)
        if (auto found = renamed.find(v); found != renamed.end()) v = found->second;
    });
    from.ops.clear();
    map.number = kMoved;
    return placed;
  }

  static constexpr uint32_t kMoved = UINT32_MAX;
  Function& f_;
  std::vector<uint32_t> uses_;  // by value id
};

}  // namespace

void run_fuse_arrays(Module& m) {
  for (Function* f : m.functions) Fuse(*f).run();
}

}  // namespace cantil::ir
