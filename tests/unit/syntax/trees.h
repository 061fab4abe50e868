// Small builders of syntax trees for the unit tests.
#pragma once
#include <initializer_list>
#include <string>

#include "frontend/syntax/tree.h"

namespace cantil::syntax::testing {

class Builder {
 public:
  Builder() : tree_(std::make_unique<Tree>()) {}

  Node* name(const std::string& id) { return named(NodeKind::Name, id); }
  Node* attribute(Node* value, const std::string& attr) {
    Node* n = named(NodeKind::Attribute, attr);
    n->one[0] = value;
    return n;
  }
  Node* chain(std::initializer_list<const char*> parts) {
    Node* n = nullptr;
    for (const char* part : parts) n = n ? attribute(n, part) : name(part);
    return n;
  }
  Node* integer(int64_t v) {
    Node* n = make(NodeKind::Constant);
    n->value.kind = ConstKind::Int;
    n->value.i = v;
    return n;
  }
  Node* binop(Operator op, Node* left, Node* right) {
    Node* n = make(NodeKind::BinOp);
    n->op = op;
    n->one = {left, right};
    return n;
  }
  Node* call(Node* func, std::vector<Node*> args) {
    Node* n = make(NodeKind::Call);
    n->one[0] = func;
    n->list[0] = std::move(args);
    return n;
  }
  Node* expr(Node* value) { return with_one(NodeKind::ExprStmt, value); }
  Node* ret(Node* value) { return with_one(NodeKind::Return, value); }
  Node* assign(Node* target, Node* value) {
    Node* n = with_one(NodeKind::Assign, value);
    n->list[0] = {target};
    return n;
  }
  Node* global(std::vector<std::string> names) {
    Node* n = make(NodeKind::Global);
    n->names = std::move(names);
    return n;
  }
  Node* arguments(std::initializer_list<const char*> names) {
    Node* n = make(NodeKind::Arguments);
    for (const char* s : names) n->list[1].push_back(named(NodeKind::Arg, s));
    return n;
  }
  Node* lambda(Node* args, Node* body) {
    Node* n = make(NodeKind::Lambda);
    n->one = {args, body};
    return n;
  }
  Node* function(const std::string& id, Node* args, std::vector<Node*> body) {
    Node* n = named(NodeKind::FunctionDef, id);
    n->one[0] = args;
    n->list[0] = std::move(body);
    return n;
  }
  Node* list_comp(Node* elt, Node* target, Node* iter, std::vector<Node*> ifs) {
    Node* g = make(NodeKind::Comprehension);
    g->one = {target, iter};
    g->list[0] = std::move(ifs);
    Node* n = with_one(NodeKind::ListComp, elt);
    n->list[0] = {g};
    return n;
  }
  Node* walrus(const std::string& target, Node* value) {
    Node* n = make(NodeKind::NamedExpr);
    n->one = {name(target), value};
    return n;
  }
  Node* make(NodeKind kind) { return tree_->make(kind); }
  Node* named(NodeKind kind, const std::string& id) {
    Node* n = make(kind);
    n->name = id;
    return n;
  }
  Node* with_one(NodeKind kind, Node* child) {
    Node* n = make(kind);
    n->one[0] = child;
    return n;
  }

 private:
  std::unique_ptr<Tree> tree_;
};

}  // namespace cantil::syntax::testing
