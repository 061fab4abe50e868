// Where pointers come from, which reads atomic operations may overlap, and the rewriting of accesses.
#include "cpu_codegen/instrument.h"

#include <algorithm>
#include <deque>
#include <optional>
#include <unordered_set>

#include "device_runtime/abi.h"
#include "ir/builder.h"
#include "ir/layout.h"

namespace cantil::cpu_codegen {
namespace {

using ir::Opcode;

bool is_users(const std::string& name) { return !name.empty() && name[0] != '.'; }

template <class Visit>
void for_each_op(const ir::Region& r, const Visit& visit) {
  for (ir::Op* op : r.ops) {
    visit(*op);
    for (const ir::Region* nested : op->regions) for_each_op(*nested, visit);
  }
}

bool makes_array(const ir::Op& op) {
  return op.code == Opcode::SharedArray || op.code == Opcode::LocalArray || op.code == Opcode::DynShared;
}

constexpr int kUndetermined = -1;  // of a device function's parameter, until its callers have been seen

// The memory that a pointer or array belongs to.
struct Root {
  int space = CANTIL_RT_UNKNOWN;
  const void* what = nullptr;  // the same for the same memory, null when not known
  std::string name;
  bool is_view = false;  // indices count from another place than the array's start
};

int merge(int a, int b) {
  if (a == kUndetermined || a == b) return b;
  return b == kUndetermined ? a : CANTIL_RT_UNKNOWN;
}

using Spaces = std::unordered_map<const ir::Value*, int>;

class FunctionPass {
 public:
  FunctionPass(ir::Module& m, ir::Function& f, const ArrayNames& names, Spaces& spaces,
               std::vector<CheckedSite>& sites)
      : module_(m), function_(f), names_(names), spaces_(spaces), sites_(sites) {
    for_each_op(*function_.body, [&](ir::Op& op) {
      if (op.code == Opcode::VarSet) sets_[op.var].push_back(&op);
    });
  }

  // What this function passes to those it calls; true when that says something new.
  bool note_arguments() {
    bool changed = false;
    for_each_op(*function_.body, [&](ir::Op& op) {
      if (op.code != Opcode::Call) return;
      for (size_t k = 0; k < op.operands.size() && k < op.func->params.size(); ++k) {
        const ir::Value* v = op.func->params[k];
        if (!v->type->is(ir::TypeKind::Array) && !v->type->is(ir::TypeKind::Pointer)) continue;
        int& known = spaces_.emplace(v, kUndetermined).first->second;
        const int merged = merge(known, root_of(op.operands[k]).space);
        changed |= merged != known;
        known = merged;
      }
    });
    return changed;
  }

  void run() {
    for_each_op(*function_.body, [&](ir::Op& op) {
      if (op.code == Opcode::AtomicRmw) relax_around(op);
    });
    rewrite(*function_.body);
  }

 private:
  // ---- Roots ----

  Root root_of(const ir::Value* v) {
    std::unordered_set<const ir::Variable*> open;
    return root_of(v, open);
  }

  Root root_of(const ir::Value* v, std::unordered_set<const ir::Variable*>& open) {
    const ir::Op* def = v->def;
    if (def == nullptr) return of_parameter(v);
    switch (def->code) {
      case Opcode::SharedArray:
      case Opcode::DynShared:
      case Opcode::LocalArray: {
        const auto name = names_.find(def);
        return {def->code == Opcode::LocalArray ? CANTIL_RT_LOCAL : CANTIL_RT_SHARED, def,
                name == names_.end() ? "" : name->second};
      }
      case Opcode::ConstData:
        return {CANTIL_RT_CONST, def, ""};
      case Opcode::ArrayMake: {
        Root r = root_of(def->operands[1], open);
        // The whole of a new array; anything else is a view, by other indices than the array's own.
        const ir::Op* data = def->operands[1]->def;
        if (data == nullptr || !makes_array(*data)) r.is_view = true;
        return r;
      }
      case Opcode::ArrayData:
      case Opcode::ElemPtr:
      case Opcode::PtrOffset:
      case Opcode::PtrIndex:
      case Opcode::OptionalGet:
        return root_of(def->operands[0], open);
      case Opcode::Bitcast:
        return def->operands[0]->type->is(ir::TypeKind::Pointer) ? root_of(def->operands[0], open) : Root{};
      case Opcode::TupleGet: {
        const ir::Op* made = def->operands[0]->def;
        if (made != nullptr && made->code == Opcode::TupleMake)
          return root_of(made->operands[static_cast<size_t>(def->imm)], open);
        Root r = root_of(def->operands[0], open);
        if (!r.name.empty()) r.name += "[" + std::to_string(def->imm) + "]";
        if (made != nullptr) r = {};  // not the parameter itself
        return r;
      }
      case Opcode::Select:
        return both(root_of(def->operands[1], open), root_of(def->operands[2], open));
      case Opcode::VarGet:
        return of_variable(def->var, open);
      default:
        return {};
    }
  }

  Root of_parameter(const ir::Value* v) {
    const auto at = std::find(function_.params.begin(), function_.params.end(), v);
    if (at == function_.params.end()) return {};
    const auto k = static_cast<size_t>(at - function_.params.begin());
    const std::string name = k < function_.param_names.size() ? function_.param_names[k] : "";
    // What a kernel gets lies in global memory; what a device function gets, its callers say.
    int space = CANTIL_RT_GLOBAL;
    if (function_.kind != ir::FunctionKind::Kernel) {
      const auto known = spaces_.find(v);
      space = known == spaces_.end() ? CANTIL_RT_UNKNOWN : known->second;
    }
    return {space, v, is_users(name) ? name : ""};
  }

  Root of_variable(const ir::Variable* v, std::unordered_set<const ir::Variable*>& open) {
    std::optional<Root> all;
    if (open.insert(v).second) {
      for (const ir::Op* set : sets_[v]) {
        // A variable that is made from itself (a, b = b, a) adds nothing.
        const ir::Op* def = set->operands[0]->def;
        if (def != nullptr && def->code == Opcode::VarGet && open.count(def->var) != 0) continue;
        const Root one = root_of(set->operands[0], open);
        all = all ? both(*all, one) : one;
      }
      open.erase(v);
    }
    Root r = all.value_or(Root{});
    if (is_users(v->name)) r.name = v->name, r.is_view = false;
    return r;
  }

  static Root both(const Root& a, const Root& b) {
    Root r;
    r.space = merge(a.space, b.space);
    if (a.what == b.what) r.what = a.what;
    if (a.name == b.name) r.name = a.name;
    r.is_view = a.is_view || b.is_view;
    return r;
  }

  // ---- Reads that atomic operations may overlap ----
  // `if best[0] < x: atomic.max(best, 0, x)`, and the first guess of a compare-and-swap loop: what they read
  // is only a hint, since the atomic operation looks again.

  void relax_around(const ir::Op& atomic) {
    const Root target = root_of(atomic.operands[0]);
    if (target.what == nullptr) return;
    std::unordered_set<const void*> seen;
    if (atomic.atomic() == ir::AtomicOp::Cas) {
      for (size_t k = 1; k < atomic.operands.size(); ++k) relax(atomic.operands[k], target, seen);
    }
    for (const ir::Op* op = atomic.parent->parent; op != nullptr; op = op->parent->parent) {
      if (op->code == Opcode::If) relax(op->operands[0], target, seen);
      if (op->code == Opcode::While) {
        const ir::Op* yield = op->regions[0]->ops.back();
        if (yield->code == Opcode::Yield) relax(yield->operands[0], target, seen);
      }
    }
  }

  void relax(const ir::Value* v, const Root& target, std::unordered_set<const void*>& seen) {
    const ir::Op* def = v->def;
    if (def == nullptr || !seen.insert(def).second) return;
    if (def->code == Opcode::LoadElem || def->code == Opcode::Load) {
      if (root_of(def->operands[0]).what == target.what) relaxed_.insert(def);
      return;
    }
    if (def->code == Opcode::VarGet) {
      if (!seen.insert(def->var).second) return;
      for (const ir::Op* set : sets_[def->var]) relax(set->operands[0], target, seen);
      return;
    }
    for (const ir::Value* operand : def->operands) relax(operand, target, seen);
  }

  // ---- Rewriting ----

  int64_t add_site(CheckedSite::Kind kind, const Span& span, std::string array = "", size_t bytes = 0) {
    if (sites_.size() == CANTIL_RT_ACCESS_SITES) {
      sites_.back() = {kind, "", 0, {}, function_.name, true};
    } else {
      sites_.push_back(
          {kind, std::move(array), static_cast<uint32_t>(bytes), span, function_.name, function_.is_library});
    }
    return static_cast<int64_t>(sites_.size()) - 1;
  }

  void rewrite(ir::Region& r) {
    std::vector<ir::Op*> ops;
    ops.swap(r.ops);
    ir::Builder b(module_, &function_, &r);
    for (ir::Op* op : ops) {
      b.set_span(op->span);
      switch (op->code) {
        case Opcode::LoadElem:
          to_pointer(b, *op, op->operands.size(), Opcode::Load);
          check(b, *op, 0, CheckedSite::Kind::Read, ir::memory_size(op->result->type));
          break;
        case Opcode::StoreElem:
          to_pointer(b, *op, op->operands.size() - 1, Opcode::Store);
          check(b, *op, 0, CheckedSite::Kind::Write, ir::memory_size(op->operands[1]->type));
          break;
        case Opcode::Load:
          check(b, *op, 0, CheckedSite::Kind::Read, ir::memory_size(op->result->type));
          break;
        case Opcode::Store:
          check(b, *op, 0, CheckedSite::Kind::Write, ir::memory_size(op->operands[1]->type));
          break;
        case Opcode::AtomicRmw:
          check(b, *op, 0, CheckedSite::Kind::Atomic, ir::memory_size(op->result->type));
          break;
        case Opcode::MemCopy:
        case Opcode::MemSet:
          check_range(b, *op);
          break;
        case Opcode::Collective:
        case Opcode::Barrier:
          mark(b, CheckedSite::Kind::Barrier, op->span);
          break;
        case Opcode::Return:
          if (function_.kind == ir::FunctionKind::Kernel && r.parent != nullptr)
            mark(b, CheckedSite::Kind::Return, op->span);
          break;
        default:
          break;
      }
      op->parent = &r;
      r.ops.push_back(op);
      for (ir::Region* nested : op->regions) rewrite(*nested);
    }
  }

  void mark(ir::Builder& b, CheckedSite::Kind kind, const Span& span) {
    const int64_t site = add_site(kind, span);
    b.op(Opcode::SyncMark)->imm = kind == CheckedSite::Kind::Return ? site + CANTIL_RT_ACCESS_SITES : site;
  }

  // An access to an element as one through a pointer; operands[1, end) are the indices.
  static void to_pointer(ir::Builder& b, ir::Op& op, size_t end, Opcode code) {
    const ir::TypeRef array = op.operands[0]->type;
    const auto indices_end = op.operands.begin() + static_cast<ptrdiff_t>(end);
    ir::Value* pointer =
        b.value(Opcode::ElemPtr, {op.operands.begin(), indices_end}, ir::pointer_type(array->elem()));
    std::vector<ir::Value*> operands{pointer};
    operands.insert(operands.end(), indices_end, op.operands.end());
    op.code = code;
    op.operands = std::move(operands);
    op.imm = array->aligned ? 0 : 1;
  }

  // operands[at] is the pointer.
  void check(ir::Builder& b, ir::Op& op, size_t at, CheckedSite::Kind kind, size_t bytes) {
    ir::Value* pointer = op.operands[at];
    const Root root = root_of(pointer);
    std::vector<ir::Value*> operands{pointer};
    // The element that is accessed, through any fields of it.
    const ir::Op* def = pointer->def;
    while (def != nullptr && def->code == Opcode::PtrOffset) def = def->operands[0]->def;
    if (def != nullptr && def->code == Opcode::ElemPtr) {
      for (size_t k = 1; k < def->operands.size(); ++k) {
        operands.push_back(def->operands[k]);
        operands.push_back(b.dim(def->operands[0], static_cast<int>(k) - 1));
      }
    }
    const int access = kind == CheckedSite::Kind::Read    ? CANTIL_RT_READ
                       : kind == CheckedSite::Kind::Write ? CANTIL_RT_WRITE
                                                          : CANTIL_RT_ATOMIC;
    const std::string name = root.is_view && !root.name.empty() ? "a view of " + root.name : root.name;
    const int64_t space = root.space == kUndetermined ? CANTIL_RT_UNKNOWN : root.space;
    int64_t imm = add_site(kind, op.span, name, bytes) | int64_t{access} << 12 | space << 14 |
                  static_cast<int64_t>(bytes) << 20;
    if (relaxed_.count(&op) != 0) imm |= 1 << 17;
    // Threads that all store the same constant do not disturb each other.
    if (op.code == Opcode::Store && is_constant(op.operands[1])) {
      operands.push_back(op.operands[1]);
      imm |= 1 << 18;
    }
    ir::Op* made = b.op(Opcode::AccessCheck, std::move(operands));
    made->imm = imm;
    op.operands[at] = made->result;
  }

  static bool is_constant(const ir::Value* v) {
    while (v->def != nullptr && v->def->code == Opcode::Cast) v = v->def->operands[0];
    return v->def != nullptr && v->def->code == Opcode::Const;
  }

  // mem.copy and mem.set of what is known in size: whole values, copied or cleared.
  void check_range(ir::Builder& b, ir::Op& op) {
    const ir::Op* size = op.operands[2]->def;
    if (size == nullptr || size->code != Opcode::Const || size->constant.i <= 0) return;
    const auto bytes = static_cast<size_t>(size->constant.i);
    check(b, op, 0, CheckedSite::Kind::Write, bytes);
    if (op.code == Opcode::MemCopy) check(b, op, 1, CheckedSite::Kind::Read, bytes);
  }

  ir::Module& module_;
  ir::Function& function_;
  const ArrayNames& names_;
  Spaces& spaces_;  // of device functions' parameters
  std::vector<CheckedSite>& sites_;
  std::unordered_map<const ir::Variable*, std::vector<const ir::Op*>> sets_;
  std::unordered_set<const ir::Op*> relaxed_;
};

}  // namespace

ArrayNames array_names(const ir::Module& m) {
  ArrayNames names;
  for (const ir::Function* f : m.functions) {
    std::unordered_map<const ir::Variable*, const ir::Op*> held;
    for_each_op(*f->body, [&](const ir::Op& op) {
      if (op.code != Opcode::VarSet) return;
      const ir::Op* def = op.operands[0]->def;
      while (def != nullptr && (def->code == Opcode::ArrayMake || def->code == Opcode::VarGet)) {
        if (def->code == Opcode::VarGet) {
          const auto found = held.find(def->var);
          def = found == held.end() ? nullptr : found->second;
        } else {
          def = def->operands[1]->def;
        }
      }
      if (def == nullptr || !makes_array(*def)) return;
      held[op.var] = def;
      if (is_users(op.var->name)) names.emplace(def, op.var->name);
    });
  }
  return names;
}

std::vector<CheckedSite> instrument(ir::Module& m, const ArrayNames& names) {
  std::vector<CheckedSite> sites;
  Spaces spaces;
  std::deque<FunctionPass> passes;
  for (ir::Function* f : m.functions) passes.emplace_back(m, *f, names, spaces, sites);
  for (bool changed = true; changed;) {
    changed = false;
    for (FunctionPass& pass : passes) changed |= pass.note_arguments();
  }
  for (FunctionPass& pass : passes) pass.run();
  return sites;
}

}  // namespace cantil::cpu_codegen
