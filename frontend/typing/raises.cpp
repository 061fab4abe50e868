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
      if (!a->type->is(TypeKind::LiteralStr)) a = materialise(a);
      TypeRef t = a->type;
      if (t->is(TypeKind::Ellipsis) && a == e->args[0]) {
        s->args.push_back(a);
        continue;
      }
      const bool text = unliteral(t)->is_text() || t->is_bytes();
      if (!t->is_number() && !text && !t->is_none() && !t->is_tuple())
        fail(Diag::UnsupportedSyntax, a->span,
             {"an exception argument of type " + shown_type(t), "use numbers, str and tuples of them"});
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
  Block raise_block;
  if (n->one[1]) {
    // The message is computed only where it is needed.
    Env before = env_;
    raise_block = sub_block(env_, [&] {
      Expr* m = expression(n->one[1]);
      if (!m->type->is(TypeKind::LiteralStr)) m = materialise(m);
      if (m->type->is(TypeKind::Unknown)) return;
      const bool text = unliteral(m->type)->is_text() || m->type->is_bytes();
      if (!m->type->is_number() && !text && !m->type->is_none() && !m->type->is_tuple())
        fail(Diag::UnsupportedSyntax, n->one[1]->span,
             {"an assertion message of type " + type_name(m), "use a number, a str or a tuple"});
      raise->args.push_back(m);
    });
    env_ = before;
  }
  raise_block.push_back(raise);
  if (k) {
    for (Stmt* s : raise_block) emit(s);
    env_.reachable = false;
    return;
  }
  if (cond->type->is(TypeKind::Unknown)) return;
  Stmt* s = make_stmt(StmtKind::If, n->span);
  s->value = cond;
  s->body = std::move(raise_block);
  emit(s);
}

}  // namespace cantil::frontend
