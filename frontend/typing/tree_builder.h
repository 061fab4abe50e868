// Functions that the compiler writes itself: a syntax tree put together, and typed like a user's.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "frontend/function.h"
#include "frontend/syntax/tree.h"

namespace cantil::frontend {

class TreeBuilder {
 public:
  using Node = syntax::Node;
  using NodeKind = syntax::NodeKind;

  // A function of these parameters; all its nodes stand at `span`. The names that it leaves free are to be
  // put into its captures.
  TreeBuilder(std::string name, const std::vector<std::string>& parameters, const Span& span);

  Node* make(NodeKind kind);
  Node* name(const std::string& id);
  Node* number(int64_t value);
  Node* text(const std::string& value);
  Node* attribute(Node* of, const std::string& attr);
  Node* binary(syntax::Operator op, Node* a, Node* b);
  Node* compare(syntax::Operator op, Node* a, Node* b);
  Node* choose(Node* test, Node* yes, Node* no);
  Node* call(Node* callee, std::vector<Node*> args);
  Node* tuple(std::vector<Node*> elems);
  Node* slice(Node* lower, Node* upper);
  Node* subscript(Node* of, Node* index);
  // a.shape[axis]
  Node* dim(const std::string& array, int axis);
  // A copy of another tree's node; `change` may return what is to stand in place of one, or null.
  template <class Change>
  Node* copy(const Node* n, Change&& change) {
    if (!n) return nullptr;
    if (Node* other = change(n)) return other;
    Node* c = make(n->kind);
    const uint32_t id = c->id;
    *c = *n;
    c->id = id;
    for (Node*& child : c->one) child = copy(child, change);
    for (auto& list : c->list)
      for (Node*& child : list) child = copy(child, change);
    return c;
  }

  // Statements, for a body.
  Node* assign(Node* target, Node* value);
  Node* run(Node* expression);
  Node* give(Node* value);
  Node* loop(const std::string& variable, Node* iterable, std::vector<Node*> body);
  Node* when(Node* test, std::vector<Node*> body);
  Node* raise(const std::string& cls, const std::string& message);  // cls: a captured name

  std::vector<Node*>& body() { return tree_->root->list[0]; }
  std::shared_ptr<syntax::Tree> tree() const { return tree_; }

 private:
  std::shared_ptr<syntax::Tree> tree_;
  Span span_;
};

// What free names of such functions stand for.
Captured captured_builtin(const std::string& name);
Captured captured_function(std::shared_ptr<Function> f);
Captured captured_type(ir::TypeRef type);
Captured captured_value_error();

}  // namespace cantil::frontend
