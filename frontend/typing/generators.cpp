// Generators: yield, generator expressions, taking the next item.
//
// A call of a function that yields gives an object whose type names the function and the types of its
// arguments (ir/object_types.h); going on with it is a call of the function's other half, which lowering
// makes (lower/generators.h). A generator expression is a nested function of one parameter, the first
// iterable.
#include "frontend/typing/typer.h"
#include "frontend/typing/unify.h"
#include "ir/object_types.h"

namespace cantil::frontend {

using namespace ir;

Expr* Typer::yield_expression(const Node* n) {
  for (const Loop* l : loop_stack_)
    if (l->parallel) fail(Diag::UnsupportedSyntax, n->span, {"yield in a prange loop", "use range()"});
  Expr* item = n->one[0] ? materialise(expression(n->one[0])) : make_none(n->span);
  Stmt* s = make_stmt(StmtKind::Yield, n->span);
  s->value = item;
  emit(s);
  yields_[place(n)] = {s, n->one[0] ? n->one[0]->span : n->span};
  return make_none(n->span);  // nothing can be sent to it
}

Expr* Typer::yield_from(const Node* n) {
  syntax::Node item;
  item.kind = NodeKind::Name;
  item.id = n->id;
  item.span = n->span;
  item.name = ".item";
  const uint32_t local = hidden_local(n, "item");
  scope_.enter(item.name, local);
  run_loop(n, iteration(n->one[0]), &item, [&] {
    Stmt* s = make_stmt(StmtKind::Yield, n->span);
    s->value = local_value(local, item.name, n->span);
    emit(s);
    yields_[place(n)] = {s, n->one[0]->span};
  });
  scope_.leave(1);
  return make_none(n->span);
}

void Typer::finish_yields() {
  TypeRef yields = nullptr;
  const ReturnPlace* first = nullptr;
  bool unknown = false;
  for (auto& [id, place] : yields_) {
    TypeRef t = place.stmt->value->type;
    if (is_undecided(t))
      for (auto& [other, known] : yields_)
        if (known.stmt->value->type->is(TypeKind::Object)) learn(t, known.stmt->value->type);
    if (t->is(TypeKind::Unknown)) {
      unknown = true;
      continue;
    }
    if (t->is_compile_time() && unliteral(t)->is_compile_time())
      fail(Diag::UnsupportedSyntax, place.span,
           {"yielding " + shown_type(t), "yield a number, a tuple, an array or a container"});
    TypeRef joined = yields ? unify(yields, t) : unliteral(t);
    if (!joined)
      fail(Diag::TypeConflict, place.span, {"what the generator yields", shown_type(yields), shown_type(t)},
           {{first->span, "yields " + yields->str() + " here"}});
    yields = joined;
    if (!first) first = &place;
  }
  for (auto& [id, place] : returns_)
    if (TypeRef t = place.stmt->value->type; !t->is_none() && !t->is(TypeKind::Unknown))
      fail(Diag::UnsupportedSyntax, place.span,
           {"a generator that returns a value", "yield it as the last item, or return nothing"});
  if (!yields && unknown) return;  // typed again when a recursive call's type is known
  inst_.yields = yields ? unliteral(yields) : none_type();
  inst_.ret = generator_object_type(inst_.yields, static_cast<int64_t>(fn_.id), inst_.inherited, inst_.args);
  for (auto& [id, place] : yields_)
    if (!place.stmt->value->type->is(TypeKind::Unknown))
      place.stmt->value = convert(place.stmt->value, inst_.yields, place.span);
}

Expr* Typer::resume(Expr* generator, const Span& span) {
  Instance* inst = program_.generator_instance(generator->type);
  Expr* e = make(ExprKind::Resume, tuple_type({bool_type(), generator->type->elem()}), span);
  e->callee = inst;
  e->args = {generator};
  return e;
}

Typer::Iteration Typer::generator_iteration(Expr* generator, const Span& span) {
  Expr* g = evaluate_now(generator);
  Iteration it;
  it.index_type = i64();
  it.sequential = true;
  auto last = std::make_shared<Expr*>(nullptr);  // what was taken in this round
  it.live = [this, g, last, span](Expr*) {
    *last = make_temp(resume(g, span));
    return make_op(Opcode::TupleGet, bool_type(), {*last}, span, 0);
  };
  it.item = [this, g, last, span](Expr*) {
    return make_op(Opcode::TupleGet, g->type->elem(), {*last}, span, 1);
  };
  return it;
}

// next(g), next(g, default).
Expr* Typer::next_call(CallArgs& args) {
  const Span& span = args.span;
  if (args.positional.empty() || args.positional.size() > 2 || !args.keywords.empty())
    fail(Diag::WrongArgumentCount, span, {"next()", "1 or 2", std::to_string(args.count())});
  Expr* g = unwrap(args.positional[0], span);
  if (!is_generator_object(g->type))
    fail(Diag::UserRaised, span, {shown_type(g->type) + " is no iterator: take iter() of it first"});
  Expr* taken = make_temp(resume(g, span));
  Expr* there = make_op(Opcode::TupleGet, bool_type(), {taken}, span, 0);
  Expr* item = make_op(Opcode::TupleGet, g->type->elem(), {taken}, span, 1);
  if (args.positional.size() == 1)
    return guarded(logical_not(there, span), "builtins.StopIteration", "", item, span);
  Expr* other = make_temp(args.positional[1]);
  TypeRef t = unify(item->type, other->type);
  if (!t) fail(Diag::TypeConflict, span, {"what next() gives", shown_type(item->type), type_name(other)});
  Expr* seq = make(ExprKind::Seq, t, span);
  if (other->kind == ExprKind::Temp) {
    Stmt* s = make_stmt(StmtKind::Eval, span);
    s->value = other;
    seq->block.push_back(s);
  }
  seq->args = {make_cond(there, convert(item, t, span), convert(materialise(other), t, span), t, span)};
  return seq;
}

// (element for target in iterable if test …): the function that has these loops as its body.
Expr* Typer::generator_expression(const Node* n) {
  if (on_cuda()) fail(Diag::NotInKernel, n->span, {"a generator expression", "use a loop"});
  std::shared_ptr<syntax::Tree>& tree = program_.generator_expressions[n];
  if (!tree) {
    tree = std::make_shared<syntax::Tree>();
    tree->file = fn_.tree->file;
    auto make_node = [&](NodeKind kind, uint32_t id, const Span& span) {
      Node* x = tree->make(kind);
      x->id = id;
      x->span = span;
      return x;
    };
    Node* yield = make_node(NodeKind::Yield, n->id, n->one[0]->span);
    yield->one = {n->one[0]};
    Node* inner = make_node(NodeKind::ExprStmt, n->id, n->span);
    inner->one = {yield};
    for (size_t k = n->list[0].size(); k-- > 0;) {
      const Node* g = n->list[0][k];
      for (size_t i = g->list[0].size(); i-- > 0;) {
        Node* test = make_node(NodeKind::If, g->list[0][i]->id, g->list[0][i]->span);
        test->one = {g->list[0][i]};
        test->list = {{inner}, {}};
        inner = test;
      }
      Node* source = g->one[1];
      if (k == 0) {
        source = make_node(NodeKind::Name, g->one[1]->id, g->one[1]->span);
        source->name = ".0";
      }
      Node* loop = make_node(NodeKind::For, g->id, n->span);
      loop->one = {g->one[0], source};
      loop->list = {{inner}, {}};
      inner = loop;
    }
    Node* arg = make_node(NodeKind::Arg, n->id, n->span);
    arg->name = ".0";
    arg->one = {nullptr};
    Node* params = make_node(NodeKind::Arguments, n->id, n->span);
    params->one = {nullptr, nullptr};
    params->list = {{}, {arg}, {}, {}, {}};
    Node* root = tree->root = make_node(NodeKind::FunctionDef, n->id, n->span);
    root->name = "<genexpr>";
    root->one = {params, nullptr};
    root->list = {{inner}, {}};
  }
  Function& f = nested_function(tree->root, tree);
  CallArgs args;
  args.span = n->span;
  args.node = n->id;
  const Node* source = n->list[0][0]->one[1];
  args.positional = {expression(source)};
  return call_value(function_value(f, n->span), std::move(args));
}

}  // namespace cantil::frontend
