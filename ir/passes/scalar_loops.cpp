// scalar_loops: marks innermost loops that vectors do not help: those that do little with elements which lie
// apart in memory, a column of a matrix or a strided slice. LLVM takes it for cheap to collect such elements
// into a vector; it costs more than it saves, unless something dear is computed from them.
#include <unordered_set>

#include "ir/passes/passes.h"
#include "ir/walk.h"

namespace cantil::ir {
namespace {

// What takes long enough for vectors to pay in any case.
bool is_dear(const Op& op) {
  if (op.code == Opcode::Call || op.code == Opcode::Div) return true;
  return op.code == Opcode::Math && (op.math() == MathFn::Sqrt || math_info(op.math()).sleef[0] != '\0');
}

class Innermost {
 public:
  explicit Innermost(Op& loop) : loop_(loop) {
    for (const Value* a : loop.regions[0]->args) changes_.insert(a);
    look(*loop.regions[0]);
  }

  // A third of the accesses or more.
  bool is_scalar() const { return !dear_ && apart_ * 3 >= accesses_ && apart_ > 0; }

 private:
  void look(const Region& r) {
    for (const Op* op : r.ops) {
      bool changes = op->code == Opcode::VarGet;
      for (const Value* v : op->operands) changes = changes || changes_.count(v);
      if (op->result && changes) changes_.insert(op->result);
      dear_ = dear_ || is_dear(*op);
      if (op->code == Opcode::LoadElem || op->code == Opcode::StoreElem) access(*op);
      if (op->code == Opcode::Load || op->code == Opcode::Store) ++accesses_;
      for (const Region* nested : op->regions) look(*nested);
    }
  }

  void access(const Op& op) {
    TypeRef t = op.operands[0]->type;
    if (t->ndim == 0) return;
    const size_t fast = t->layout == Layout::F ? 1 : t->ndim;
    bool any = false, apart = false;
    for (size_t k = 1; k <= t->ndim; ++k) {
      if (!changes_.count(op.operands[k])) continue;
      any = true;
      apart = apart || k != fast || t->layout == Layout::A;
    }
    if (!any) return;
    ++accesses_;
    apart_ += apart;
  }

  Op& loop_;
  std::unordered_set<const Value*> changes_;
  bool dear_ = false;
  int accesses_ = 0, apart_ = 0;
};

void visit(const Region& r) {
  for (Op* op : r.ops) {
    bool innermost = op->code == Opcode::For;
    for (const Region* nested : op->regions) {
      for_each_op(*nested, [&](const Op& inner) { innermost = innermost && !is_loop(inner.code); });
      visit(*nested);
    }
    if (innermost && !(op->imm & kForPlain) && Innermost(*op).is_scalar()) op->imm |= kForScalar;
  }
}

}  // namespace

void run_scalar_loops(Module& m) {
  for (Function* f : m.functions)
    if (f->kind == FunctionKind::Host) visit(*f->body);
}

}  // namespace cantil::ir
