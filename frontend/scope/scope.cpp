// Collecting the names that assignments, loops, imports and definitions bind.
#include "frontend/scope/scope.h"

#include "frontend/function.h"

namespace cantil::frontend {

using syntax::Node;
using syntax::NodeKind;

Scope::Scope(const Node* root) {
  Parameters p = parameters(root);
  for (const std::string& n : p.positional) add(n);
  if (!p.vararg.empty()) add(p.vararg);
  for (const std::string& n : p.keyword_only) add(n);
  if (!p.kwarg.empty()) add(p.kwarg);
  parameter_count_ = locals_.size();
  if (root->kind == NodeKind::Lambda) {
    walk(root->one[1]);
    return;
  }
  for (const Node* s : root->list[0]) walk(s);
}

void Scope::add(const std::string& name) {
  if (global_.count(name)) return;
  auto [it, is_new] = ids_.emplace(name, static_cast<uint32_t>(locals_.size()));
  if (is_new) locals_.push_back(name), bindings_.push_back(0);
  ++bindings_[it->second];
}

void Scope::target(const Node* n) {
  if (!n) return;
  switch (n->kind) {
    case NodeKind::Name:
      add(n->name);
      break;
    case NodeKind::Tuple:
    case NodeKind::List:
      for (const Node* e : n->list[0]) target(e);
      break;
    case NodeKind::Starred:
      target(n->one[0]);
      break;
    default:
      walk(n);  // a subscript or attribute binds nothing, but may hold a walrus
  }
}

void Scope::walk_children(const Node* n) {
  for (const Node* c : n->one)
    if (c) walk(c);
  for (const auto& l : n->list)
    for (const Node* c : l)
      if (c) walk(c);
}

// A comprehension is a scope of its own: only what := assigns in it is ours.
void Scope::walk_inner(const Node* n) {
  if (n->kind == NodeKind::NamedExpr) add(n->one[0]->name);
  if (n->kind == NodeKind::Lambda) return;
  for (const Node* c : n->one)
    if (c) walk_inner(c);
  for (const auto& l : n->list)
    for (const Node* c : l)
      if (c) walk_inner(c);
}

void Scope::walk(const Node* n) {
  switch (n->kind) {
    case NodeKind::Assign:
      for (const Node* t : n->list[0]) target(t);
      walk(n->one[0]);
      break;
    case NodeKind::AugAssign:
    case NodeKind::AnnAssign:
    case NodeKind::For:
    case NodeKind::NamedExpr:
      target(n->one[0]);
      walk_children(n);
      break;
    case NodeKind::WithItem:
      target(n->one[1]);
      walk(n->one[0]);
      break;
    case NodeKind::Delete:
      for (const Node* t : n->list[0]) target(t);
      break;
    case NodeKind::ExceptHandler:
      if (!n->name.empty()) add(n->name);
      walk_children(n);
      break;
    case NodeKind::Global:
      for (const std::string& g : n->names) global_[g] = true;
      break;
    case NodeKind::FunctionDef:
    case NodeKind::ClassDef:
      add(n->name);  // its body is a scope of its own
      break;
    case NodeKind::Import:
      for (const Node* a : n->list[0])
        add(a->names.empty() || a->names[0].empty() ? a->name.substr(0, a->name.find('.')) : a->names[0]);
      break;
    case NodeKind::MatchAs:
    case NodeKind::MatchStar:
    case NodeKind::MatchMapping:
      if (!n->name.empty()) add(n->name);
      walk_children(n);
      break;
    case NodeKind::Yield:
    case NodeKind::YieldFrom:
      yields_ = true;
      walk_children(n);
      break;
    case NodeKind::Lambda:
      break;  // a scope of its own
    case NodeKind::ListComp:
    case NodeKind::SetComp:
    case NodeKind::DictComp:
    case NodeKind::GeneratorExp:
      walk_inner(n);
      break;
    default:
      walk_children(n);
  }
}

}  // namespace cantil::frontend
