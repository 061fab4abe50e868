// raise and assert.
#include "frontend/typing/typer.h"

namespace cantil::frontend {

using namespace ir;

void Typer::raise_statement(const Node* n) {
  if (raise_again(n)) return;
  Expr* e = expression(n->one[0]);
  if (e->type->is(TypeKind::Unknown)) return;
  Stmt* s = make_stmt(StmtKind::Raise, n->span);
  TypeRef cls = e->type;
  if (e->type->is(TypeKind::ExceptionInstance)) {
    cls = e->type->elem();
    for (Expr* a : e->args) {
      a = materialise(a);
      TypeRef t = a->type;
      if (t->is(TypeKind::Ellipsis) && a == e->args[0]) {
        s->args.push_back(a);
        continue;
      }
      if (!t->is_number() && !t->is(TypeKind::LiteralStr) && !t->is_none() && !t->is_tuple())
        fail(Diag::UnsupportedSyntax, a->span,
             {"an exception argument of type " + shown_type(t), "use numbers and string literals"});
      s->args.push_back(a);
    }
  }
  if (!cls->is(TypeKind::ExceptionClass)) fail(Diag::BadException, n->one[0]->span, {type_name(e)});
  s->text = cls->name;
  s->class_ref = cls->value;
  emit(s);
  env_.reachable = false;
}

void Typer::assert_statement(const Node* n) {
  Expr* cond = logical_not(expression(n->one[0]), n->span);
  auto k = literal(cond);
  if (k && !*k) return;
  Stmt* raise = make_stmt(StmtKind::Raise, n->span);
  raise->text = "builtins.AssertionError";
  if (n->one[1]) {
    Expr* m = materialise(expression(n->one[1]));
    if (!m->type->is_number() && !m->type->is(TypeKind::LiteralStr) && !m->type->is_none())
      fail(Diag::UnsupportedSyntax, n->one[1]->span,
           {"an assertion message of type " + type_name(m), "use a number or a string literal"});
    raise->args.push_back(m);
  }
  if (k) {
    emit(raise);
    env_.reachable = false;
    return;
  }
  if (cond->type->is(TypeKind::Unknown)) return;
  Stmt* s = make_stmt(StmtKind::If, n->span);
  s->value = cond;
  s->body.push_back(raise);
  emit(s);
}

}  // namespace cantil::frontend
