// Which outer names a function uses: Python's scoping rules over the tree, and the attribute chains behind
// free names.
//
// A name belongs to the innermost function, lambda or comprehension that binds it; a class body's names are
// seen only in the body itself. `global` makes a name free here and in the scopes inside. The tree has no
// Store/Load marks: what binds follows from the field a name stands in.
#include <set>
#include <unordered_set>

#include "frontend/function.h"

namespace cantil::frontend {
namespace {

using syntax::Node;
using syntax::NodeKind;

struct Scope {
  const Scope* outer = nullptr;
  bool is_class = false;
  std::unordered_set<std::string> bound;
  std::unordered_set<std::string> outside;  // declared global or nonlocal
  std::unordered_set<std::string> global;
};

void bind_target(const Node* n, Scope& s) {
  if (!n) return;
  switch (n->kind) {
    case NodeKind::Name:
      s.bound.insert(n->name);
      break;
    case NodeKind::Starred:
      bind_target(n->one[0], s);
      break;
    case NodeKind::Tuple:
    case NodeKind::List:
      for (const Node* e : n->list[0]) bind_target(e, s);
      break;
    default:
      break;
  }
}

void bind_arguments(const Node* args, Scope& s) {
  for (const Node* arg : args->one)
    if (arg) s.bound.insert(arg->name);
  for (int kind = 0; kind < 3; ++kind)
    for (const Node* arg : args->list[static_cast<size_t>(kind)]) s.bound.insert(arg->name);
}

void collect_bindings(const Node* n, Scope& s);

void collect_all(const std::vector<Node*>& nodes, Scope& s) {
  for (const Node* n : nodes) collect_bindings(n, s);
}

void collect_children(const Node* n, Scope& s) {
  for (const Node* child : n->one) collect_bindings(child, s);
  for (const std::vector<Node*>& children : n->list) collect_all(children, s);
}

// Default values of a nested function's or lambda's parameters run in the scope around it.
void collect_defaults(const Node* args, Scope& s) {
  collect_all(args->list[3], s);
  collect_all(args->list[4], s);
}

// Adds the names that `n` binds in the scope it stands in. Inside comprehensions only := reaches that scope.
void collect_bindings(const Node* n, Scope& s) {
  if (!n) return;
  switch (n->kind) {
    case NodeKind::FunctionDef:
    case NodeKind::AsyncFunctionDef:
      s.bound.insert(n->name);
      collect_defaults(n->one[0], s);
      collect_all(n->list[1], s);
      return;
    case NodeKind::ClassDef:
      s.bound.insert(n->name);
      collect_all(n->list[0], s);
      collect_all(n->list[1], s);
      collect_all(n->list[3], s);
      return;
    case NodeKind::Lambda:
      collect_defaults(n->one[0], s);
      return;
    case NodeKind::Assign:
    case NodeKind::Delete:
      for (const Node* target : n->list[0]) bind_target(target, s);
      break;
    case NodeKind::AugAssign:
    case NodeKind::AnnAssign:
    case NodeKind::For:
    case NodeKind::AsyncFor:
    case NodeKind::NamedExpr:
      bind_target(n->one[0], s);
      break;
    case NodeKind::WithItem:
      bind_target(n->one[1], s);
      break;
    case NodeKind::Alias: {
      if (n->name == "*") return;
      s.bound.insert(n->names.empty() ? n->name.substr(0, n->name.find('.')) : n->names[0]);
      return;
    }
    case NodeKind::ExceptHandler:
    case NodeKind::MatchAs:
    case NodeKind::MatchStar:
    case NodeKind::MatchMapping:
      if (!n->name.empty()) s.bound.insert(n->name);
      break;
    case NodeKind::Global:
      for (const std::string& name : n->names) s.global.insert(name);
      [[fallthrough]];
    case NodeKind::Nonlocal:
      for (const std::string& name : n->names) s.outside.insert(name);
      return;
    default:
      break;
  }
  collect_children(n, s);
}

void finish_bindings(Scope& s) {
  for (const std::string& name : s.outside) s.bound.erase(name);
}

class Uses {
 public:
  void function(const Node* n, const Scope* outer) {
    Scope s;
    s.outer = outer;
    bind_arguments(n->one[0], s);
    if (n->kind == NodeKind::Lambda) {
      collect_bindings(n->one[1], s);
    } else {
      collect_all(n->list[0], s);
    }
    finish_bindings(s);
    if (n->kind == NodeKind::Lambda) {
      visit(n->one[1], s);
    } else {
      visit_all(n->list[0], s);
    }
  }

  std::vector<std::vector<std::string>> take() { return std::move(chains_); }

 private:
  static bool is_free(const std::string& name, const Scope& from) {
    for (const Scope* s = &from; s; s = s->outer) {
      if (s->is_class && s != &from) continue;
      if (s->global.count(name)) return true;
      if (s->bound.count(name)) return false;
    }
    return true;
  }

  void add(std::vector<std::string> chain) {
    if (seen_.insert(chain).second) chains_.push_back(std::move(chain));
  }

  void visit_all(const std::vector<Node*>& nodes, const Scope& s) {
    for (const Node* n : nodes) visit(n, s);
  }

  void visit_defaults(const Node* args, const Scope& s) {
    visit_all(args->list[4], s);
    visit_all(args->list[3], s);
  }

  void attribute(const Node* n, const Scope& s) {
    const Node* bottom = n;
    size_t length = 1;
    for (; bottom->kind == NodeKind::Attribute; bottom = bottom->one[0]) ++length;
    if (bottom->kind != NodeKind::Name) {
      visit(bottom, s);
      return;
    }
    if (!is_free(bottom->name, s)) return;
    std::vector<std::string> chain(length);
    for (; n->kind == NodeKind::Attribute; n = n->one[0]) chain[--length] = n->name;
    chain[0] = bottom->name;
    add(std::move(chain));
  }

  // The first iterable runs in the scope around the comprehension, everything else inside it.
  void comprehension(const Node* n, const Scope& s) {
    const std::vector<Node*>& generators = n->list[0];
    visit(generators[0]->one[1], s);
    Scope inner;
    inner.outer = &s;
    for (const Node* g : generators) bind_target(g->one[0], inner);
    for (size_t i = 0; i < generators.size(); ++i) {
      const Node* g = generators[i];
      visit(g->one[0], inner);  // a target may be an attribute or a subscript of something free
      if (i > 0) visit(g->one[1], inner);
      visit_all(g->list[0], inner);
    }
    for (const Node* child : n->one) visit(child, inner);
  }

  void visit(const Node* n, const Scope& s) {
    if (!n) return;
    switch (n->kind) {
      case NodeKind::Name:
        if (is_free(n->name, s)) add({n->name});
        return;
      case NodeKind::Attribute:
        attribute(n, s);
        return;
      case NodeKind::FunctionDef:
      case NodeKind::AsyncFunctionDef:
        visit_all(n->list[1], s);
        visit_defaults(n->one[0], s);
        function(n, &s);
        return;
      case NodeKind::Lambda:
        visit_defaults(n->one[0], s);
        function(n, &s);
        return;
      case NodeKind::ClassDef: {
        visit_all(n->list[3], s);
        visit_all(n->list[0], s);
        visit_all(n->list[1], s);
        Scope body;
        body.outer = &s;
        body.is_class = true;
        collect_all(n->list[2], body);
        finish_bindings(body);
        visit_all(n->list[2], body);
        return;
      }
      case NodeKind::ListComp:
      case NodeKind::SetComp:
      case NodeKind::DictComp:
      case NodeKind::GeneratorExp:
        comprehension(n, s);
        return;
      case NodeKind::AnnAssign:  // annotations of local names are not evaluated
        visit(n->one[0], s);
        visit(n->one[2], s);
        return;
      default:
        break;
    }
    for (const Node* child : n->one) visit(child, s);
    for (const std::vector<Node*>& children : n->list) visit_all(children, s);
  }

  std::set<std::vector<std::string>> seen_;
  std::vector<std::vector<std::string>> chains_;
};

}  // namespace

std::vector<std::vector<std::string>> free_chains(const syntax::Node* root) {
  Uses uses;
  uses.function(root, nullptr);
  return uses.take();
}

}  // namespace cantil::frontend
