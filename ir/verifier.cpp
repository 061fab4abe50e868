// The walk over a module: scopes, control flow, placement. Rules for single ops are in verifier_ops.cpp.
#include "ir/verifier.h"

#include "ir/verifier_ops.h"
#include "ir/walk.h"

namespace cantil::ir {
namespace {

class Verifier {
 public:
  Verifier(const Function& f, VerifyOptions options, std::vector<std::string>& out)
      : f_(f), options_(options), out_(out) {}

  void run() {
    if (!f_.ret || !f_.body || f_.params.size() != f_.param_names.size()) return report("is not complete");
    if (f_.ret->is_compile_time()) report("returns the compile-time type " + f_.ret->str());
    if (f_.kind == FunctionKind::Kernel && !f_.ret->is_none()) report("is a kernel and must return none");
    for (size_t i = 0; i < f_.variables.size(); ++i) {
      const Variable* v = f_.variables[i];
      if (v->id != i) report("variable " + v->name + " is not numbered by its place");
      if (!v->type || v->type->is_compile_time())
        report("variable " + v->name + " has the compile-time type " + (v->type ? v->type->str() : "?"));
    }
    visible_.assign(f_.next_value, nullptr);
    seen_.assign(f_.next_value, false);
    for (const Value* p : f_.params) {
      if (p->type->is_compile_time()) report("a parameter has the compile-time type " + p->type->str());
      define(*p);
    }
    if (f_.body->parent) report("the body's parent is not null");
    region(*f_.body, Scope{});
    if (!f_.ret->is_none() && falls_through(*f_.body)) report("control can reach the end without a return");
  }

 private:
  // What encloses a region, as far as control ops care.
  struct Scope {
    bool breaks = false;       // break may be here
    bool continues = false;    // continue may be here
    bool parallel = false;     // inside a parallel_for: no return
    bool condition = false;    // directly a while's condition or an element-wise op's region: ends with yield
    bool elementwise = false;  // inside an element-wise op's region: no return
    int tries = 0;             // of this function (or parallel body) around
    int handlers = 0;
  };

  void report(const std::string& what) { out_.push_back("@" + f_.symbol + ": " + what); }

  void report(const Op& op, const std::string& what) {
    std::string text = "@" + f_.symbol + ": ";
    if (op.result) text += "%" + std::to_string(op.result->id) + " = ";
    text += std::string(op_info(op.code).mnemonic) + ": " + what;
    if (op.span.valid()) text += " (line " + std::to_string(op.span.line) + ")";
    out_.push_back(std::move(text));
  }

  void define(const Value& v) {
    if (v.id >= seen_.size())
      return report("%" + std::to_string(v.id) + " is beyond the function's count of values");
    if (seen_[v.id]) return report("%" + std::to_string(v.id) + " is defined twice");
    seen_[v.id] = true;
    visible_[v.id] = &v;
  }

  void region(const Region& r, Scope scope) {
    for (const Value* a : r.args) define(*a);
    bool ended = false;
    for (const Op* op : r.ops) {
      if (ended) {
        report(*op, "stands behind the end of its region");
        ended = false;  // once is enough
      }
      if (op->parent != &r) report(*op, "its parent is not the region it is in");
      std::string wrong = check_op(f_, *op);
      if (!wrong.empty()) report(*op, wrong);
      for (const Value* v : op->operands)
        if (v && (v->id >= visible_.size() || visible_[v->id] != v))
          report(*op, "uses %" + std::to_string(v->id) + " where it is not defined");
      place(*op, scope, op == r.ops.back());
      if (wrong.empty()) nested(*op, scope);
      if (op->result) define(*op->result);
      ended = is_terminator(op->code);
    }
    if (scope.condition && (r.ops.empty() || r.ops.back()->code != Opcode::Yield))
      report(*r.parent, "its region does not end with yield");
    for (const Value* a : r.args) hide(*a);
    for (const Op* op : r.ops)
      if (op->result) hide(*op->result);
  }

  void hide(const Value& v) {
    if (v.id < visible_.size()) visible_[v.id] = nullptr;
  }

  void nested(const Op& op, Scope scope) {
    switch (op.code) {
      case Opcode::If:
        scope.condition = false;
        region(*op.regions[0], scope);
        region(*op.regions[1], scope);
        return;
      case Opcode::Try: {
        scope.condition = false;
        ++scope.tries;
        region(*op.regions[0], scope);
        ++scope.handlers;
        region(*op.regions[1], scope);
        return;
      }
      case Opcode::While:
        region(*op.regions[0],
               Scope{false, false, scope.parallel, true, scope.elementwise, scope.tries, scope.handlers});
        region(*op.regions[1],
               Scope{true, true, scope.parallel, false, scope.elementwise, scope.tries, scope.handlers});
        return;
      case Opcode::For:
        region(*op.regions[0],
               Scope{true, true, scope.parallel, false, scope.elementwise, scope.tries, scope.handlers});
        return;
      case Opcode::ParallelFor:
        region(*op.regions[0], Scope{false, true, true, false, scope.elementwise});
        return;
      case Opcode::ThreadLoop:
        region(*op.regions[0], Scope{false, true, scope.parallel, false, scope.elementwise});
        return;
      case Opcode::Map:
      case Opcode::MapInto:
      case Opcode::Reduce:
        region(*op.regions[0], Scope{false, false, scope.parallel, true, true});
        return;
      default:
        return;
    }
  }

  // Invariants 4, 7 and 8: whether an op may stand here.
  void place(const Op& op, const Scope& scope, bool last) {
    bool device = f_.kind != FunctionKind::Host;
    switch (op.code) {
      case Opcode::Break:
        if (!scope.breaks) report(op, "is not in a loop that it may leave");
        return;
      case Opcode::Continue:
        if (!scope.continues) report(op, "is not in a loop");
        return;
      case Opcode::Return:
        if (scope.parallel) report(op, "leaves a parallel_for");
        if (scope.elementwise) report(op, "leaves an element-wise op");
        return;
      case Opcode::Yield:
        if (!scope.condition || !last)
          report(op, "is not at the end of a while's condition or an element-wise op");
        return;
      case Opcode::Leave:
        if (op.imm < 0 || op.imm >= scope.tries) report(op, "leaves a try that is not around it");
        return;
      case Opcode::ExceptionStatus:
      case Opcode::ExceptionSave:
        if (!scope.handlers) report(op, "is not in a handler");
        return;
      case Opcode::Try:
      case Opcode::ParallelFor:
      case Opcode::Alloc:
      case Opcode::ObjectNew:
      case Opcode::BufferNew:
      case Opcode::ConstText:
      case Opcode::Retain:
      case Opcode::Release:
        if (device) report(op, "is in device code");
        return;
      case Opcode::Sreg:
      case Opcode::Barrier:
      case Opcode::SharedArray:
      case Opcode::DynShared:
      case Opcode::DynSharedSize:
      case Opcode::AtomicRmw:
      case Opcode::Fence:
      case Opcode::Collective:
      case Opcode::AccessCheck:
      case Opcode::SyncMark:
        if (!device) report(op, "is in host code");
        return;
      case Opcode::ThreadLoop:
      case Opcode::ThreadVarGet:
      case Opcode::ThreadVarSet:
      case Opcode::ThreadArray:
      case Opcode::BlockCollective:
        if (!options_.after_split) report(op, "is there before barrier splitting");
        return;
      default:
        return;
    }
  }

  const Function& f_;
  VerifyOptions options_;
  std::vector<std::string>& out_;
  std::vector<const Value*> visible_;  // by id: the value where it may be used now
  std::vector<bool> seen_;
};

}  // namespace

std::vector<std::string> verify(const Module& m, VerifyOptions options) {
  std::vector<std::string> out;
  for (size_t i = 0; i < m.functions.size(); ++i) {
    const Function& f = *m.functions[i];
    for (size_t k = 0; k < i; ++k)
      if (m.functions[k]->symbol == f.symbol)
        out.push_back("@" + f.symbol + ": two functions have this symbol");
    Verifier(f, options, out).run();
  }
  return out;
}

}  // namespace cantil::ir
