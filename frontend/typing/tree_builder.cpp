// Putting syntax trees together.
#include "frontend/typing/tree_builder.h"

namespace cantil::frontend {

using syntax::ConstKind;
using syntax::Node;
using syntax::NodeKind;
using syntax::Operator;

TreeBuilder::TreeBuilder(std::string name, const std::vector<std::string>& parameters, const Span& span)
    : tree_(std::make_shared<syntax::Tree>()), span_(span) {
  tree_->file = span.file;
  Node* root = tree_->root = make(NodeKind::FunctionDef);
  root->name = std::move(name);
  Node* arguments = root->one[0] = make(NodeKind::Arguments);
  for (const std::string& p : parameters) {
    Node* arg = make(NodeKind::Arg);
    arg->name = p;
    arguments->list[1].push_back(arg);
  }
}

Node* TreeBuilder::make(NodeKind kind) {
  Node* n = tree_->make(kind);
  n->span = span_;
  return n;
}

Node* TreeBuilder::name(const std::string& id) {
  Node* n = make(NodeKind::Name);
  n->name = id;
  return n;
}

Node* TreeBuilder::number(int64_t value) {
  Node* n = make(NodeKind::Constant);
  n->value.kind = ConstKind::Int;
  n->value.i = value;
  return n;
}

Node* TreeBuilder::text(const std::string& value) {
  Node* n = make(NodeKind::Constant);
  n->value.kind = ConstKind::Str;
  n->value.s = value;
  return n;
}

Node* TreeBuilder::attribute(Node* of, const std::string& attr) {
  Node* n = make(NodeKind::Attribute);
  n->one[0] = of;
  n->name = attr;
  return n;
}

Node* TreeBuilder::binary(Operator op, Node* a, Node* b) {
  Node* n = make(NodeKind::BinOp);
  n->op = op;
  n->one = {a, b};
  return n;
}

Node* TreeBuilder::compare(Operator op, Node* a, Node* b) {
  Node* n = make(NodeKind::Compare);
  n->one[0] = a;
  n->list[0] = {b};
  n->ops = {op};
  return n;
}

Node* TreeBuilder::choose(Node* test, Node* yes, Node* no) {
  Node* n = make(NodeKind::IfExp);
  n->one = {test, yes, no};
  return n;
}

Node* TreeBuilder::call(Node* callee, std::vector<Node*> args) {
  Node* n = make(NodeKind::Call);
  n->one[0] = callee;
  n->list[0] = std::move(args);
  return n;
}

Node* TreeBuilder::tuple(std::vector<Node*> elems) {
  Node* n = make(NodeKind::Tuple);
  n->list[0] = std::move(elems);
  return n;
}

Node* TreeBuilder::slice(Node* lower, Node* upper) {
  Node* n = make(NodeKind::Slice);
  n->one[0] = lower;
  n->one[1] = upper;
  return n;
}

Node* TreeBuilder::subscript(Node* of, Node* index) {
  Node* n = make(NodeKind::Subscript);
  n->one = {of, index};
  return n;
}

Node* TreeBuilder::dim(const std::string& array, int axis) {
  return subscript(attribute(name(array), "shape"), number(axis));
}

Node* TreeBuilder::assign(Node* target, Node* value) {
  Node* n = make(NodeKind::Assign);
  n->one[0] = value;
  n->list[0] = {target};
  return n;
}

Node* TreeBuilder::run(Node* expression) {
  Node* n = make(NodeKind::ExprStmt);
  n->one[0] = expression;
  return n;
}

Node* TreeBuilder::give(Node* value) {
  Node* n = make(NodeKind::Return);
  n->one[0] = value;
  return n;
}

Node* TreeBuilder::loop(const std::string& variable, Node* iterable, std::vector<Node*> body) {
  Node* n = make(NodeKind::For);
  n->one = {name(variable), iterable};
  n->list[0] = std::move(body);
  return n;
}

Node* TreeBuilder::when(Node* test, std::vector<Node*> body) {
  Node* n = make(NodeKind::If);
  n->one[0] = test;
  n->list[0] = std::move(body);
  return n;
}

Node* TreeBuilder::raise(const std::string& cls, const std::string& message) {
  Node* n = make(NodeKind::Raise);
  n->one[0] = call(name(cls), {text(message)});
  return n;
}

Captured captured_builtin(const std::string& name) {
  Captured c;
  c.kind = Captured::Kind::Builtin;
  c.text = name;
  return c;
}

Captured captured_function(std::shared_ptr<Function> f) {
  Captured c;
  c.kind = Captured::Kind::Function;
  c.function = std::move(f);
  return c;
}

Captured captured_type(ir::TypeRef type) {
  Captured c;
  c.kind = Captured::Kind::Type;
  c.type = type;
  return c;
}

Captured captured_value_error() {
  Captured c;
  c.kind = Captured::Kind::ExceptionClass;
  c.text = "builtins.ValueError";
  c.names = {"builtins.Exception", "builtins.BaseException"};
  return c;
}

}  // namespace cantil::frontend
