// After a mistake in one statement typing goes on with the next, so that a function's mistakes are reported
// together. What the statement would have assigned is Unknown from there on, which says nothing more.
#include "frontend/typing/typer.h"

namespace cantil::frontend {

using namespace ir;

namespace {

constexpr size_t kMaxErrors = 3;  // a report has 25 lines

// What may be said only because the statement before was left out.
bool may_follow(Diag id) {
  return id == Diag::MaybeUndefined || id == Diag::UntypedContainer || id == Diag::RecursionType ||
         id == Diag::ReturnConflict || id == Diag::TypeConflict || id == Diag::Internal;
}

void assigned_names(const Node* n, std::vector<std::string>& names) {
  if (!n || n->kind == NodeKind::Lambda) return;
  if (n->kind == NodeKind::Name || n->kind == NodeKind::FunctionDef) names.push_back(n->name);
  for (const Node* c : n->one) assigned_names(c, names);
  for (const auto& list : n->list)
    for (const Node* c : list) assigned_names(c, names);
}

}  // namespace

Typer::Place Typer::place() const {
  return {out_,  loop_stack_.size(), protected_.size(), handlers_.size(), finally_.size(), packing_.size(),
          depth_};
}

bool Typer::recover(const Node* statement, const Place& at, CompileError& error) {
  // Inside a loop or a try, whose states are being joined: typing goes on behind that.
  if (fn_.is_library || at.loops != 0 || at.protecteds != 0 || !substitutes_.empty()) return false;
  // These say what the names of the statements behind them mean.
  if (statement->kind == NodeKind::Global || statement->kind == NodeKind::Nonlocal) return false;
  explain(error.diagnostics()[0]);
  for (Diagnostic& d : error.diagnostics()) {
    if (errors_.size() == kMaxErrors) break;
    if (!errors_.empty() && may_follow(d.id)) continue;
    bool known = false;
    for (const Diagnostic& e : errors_)
      known = known || (e.id == d.id && e.span.file == d.span.file && e.span.line == d.span.line);
    if (!known) errors_.push_back(d);
  }
  if (errors_.size() == kMaxErrors) throw CompileError(errors_);
  out_ = at.out;
  loop_stack_.resize(at.loops);
  protected_.resize(at.protecteds);
  while (handlers_.size() > at.handlers) handlers_.pop_back();
  finally_.resize(at.finals);
  packing_.resize(at.packing);
  depth_ = at.depth;
  // All names of the statement that are locals: more than it assigns, but nothing that follows can be wrong
  // by it.
  std::vector<std::string> names;
  assigned_names(statement, names);
  env_.reachable = true;
  for (const std::string& name : names) {
    const int local = scope_.find(name);
    if (local < 0 || static_cast<size_t>(local) >= env_.locals.size()) continue;
    if (env_.locals[static_cast<size_t>(local)].type && is_only_read(statement, name)) continue;
    LocalState unknown;
    unknown.type = unknown_type();
    unknown.origin = statement->span;
    env_.locals[static_cast<size_t>(local)] = unknown;
  }
  return true;
}

// Whether an assignment's statement uses a name without assigning it.
bool Typer::is_only_read(const Node* statement, const std::string& name) {
  std::vector<std::string> targets;
  if (statement->kind == NodeKind::Assign) {
    for (const Node* t : statement->list[0]) {
      if (t->kind == NodeKind::Subscript || t->kind == NodeKind::Attribute) continue;
      assigned_names(t, targets);
    }
  } else if (statement->kind == NodeKind::AugAssign || statement->kind == NodeKind::AnnAssign) {
    assigned_names(statement->one[0], targets);
  } else if (statement->kind != NodeKind::ExprStmt && statement->kind != NodeKind::Return) {
    return false;
  }
  for (const std::string& t : targets)
    if (t == name) return false;
  return true;
}

}  // namespace cantil::frontend
