// One of several functions, chosen when the program runs: its place among them, and the closures' variables.
//
// No address is taken: a call compares the place with each and calls that function, so that the types of what
// they give are inferred and LLVM can inline them. The same works in kernels, and is the same in every
// process.
#include "frontend/typing/closures.h"
#include "frontend/typing/typer.h"
#include "frontend/typing/unify.h"

namespace cantil::frontend {

using namespace ir;

Expr* Typer::chosen(Expr* choice, size_t i, const Span& span) {
  TypeRef t = choice->type->elems[i];
  if (t->is_compile_time()) return make_static(t, span);
  return make_op(Opcode::TupleGet, t, {choice}, span, static_cast<int64_t>(i) + 1);
}

Expr* Typer::to_choice(Expr* e, TypeRef to, const Span& span) {
  if (e->type->is(TypeKind::Choice)) {
    Expr* c = make_temp(e);
    Expr* r = nullptr;
    for (size_t i = e->type->elems.size(); i-- > 0;) {
      Expr* one = to_choice(chosen(c, i, span), to, span);
      Expr* is = make_op(
          Opcode::Eq, bool_type(),
          {make_op(Opcode::TupleGet, i64(), {c}, span, 0), make_const(i64(), static_cast<int64_t>(i), span)},
          span);
      r = r ? make_cond(is, one, r, to, span) : one;
    }
    return r;
  }
  size_t place = 0;
  while (place < to->elems.size() && to->elems[place] != e->type) ++place;
  for (size_t i = 0; place == to->elems.size() && i < to->elems.size(); ++i)
    if (e->type->is(TypeKind::Closure) && can_convert(e->type, to->elems[i])) {
      e = try_convert(e, to->elems[i], span);
      place = i;
    }
  CANTIL_CHECK(place < to->elems.size());
  std::vector<Expr*> parts = {make_const(i64(), static_cast<int64_t>(place), span)};
  for (size_t i = 0; i < to->elems.size(); ++i) parts.push_back(i == place ? e : make_none(span));
  return make_op(Opcode::TupleMake, to, std::move(parts), span);
}

Expr* Typer::call_choice(Expr* choice, CallArgs args) {
  const Span& span = args.span;
  Expr* c = make_temp(choice);
  Expr* seq = make(ExprKind::Seq, nullptr, span);
  auto before = [&](Expr*& e) {  // evaluated once, whichever function is called
    e = make_temp(e);
    if (e->kind != ExprKind::Temp) return;
    Stmt* s = make_stmt(StmtKind::Eval, span);
    s->value = e;
    seq->block.push_back(s);
  };
  before(c);
  for (Expr*& a : args.positional) before(a);
  for (auto& [name, a] : args.keywords) before(a);
  std::vector<Expr*> results;
  TypeRef t = nullptr;
  for (size_t i = 0; i < c->type->elems.size(); ++i) {
    Expr* result = nullptr;
    const Env here = env_;
    Block b = sub_block(here, [&] { result = call_value(chosen(c, i, span), args); });
    if (!b.empty() &&
        !result->type->is(TypeKind::Unknown)) {  // what is done before it belongs to this one only
      Expr* with = make(ExprKind::Seq, result->type, span);
      with->block = std::move(b);
      with->args = {result};
      result = with;
    }
    results.push_back(result);
    TypeRef r = result->type;
    if (r->is(TypeKind::Unknown)) return results.back();
    TypeRef both = t ? unify(t, r) : unliteral(r);
    if (!both)
      fail(Diag::TypeConflict, span, {"what the function called here gives", shown_type(t), shown_type(r)});
    t = both;
  }
  if (t->is_compile_time()) t = kept_type(t);
  Expr* r = nullptr;
  for (size_t i = results.size(); i-- > 0;) {
    Expr* one = convert(materialise(results[i]), t, span);
    Expr* is = make_op(
        Opcode::Eq, bool_type(),
        {make_op(Opcode::TupleGet, i64(), {c}, span, 0), make_const(i64(), static_cast<int64_t>(i), span)},
        span);
    r = r ? make_cond(is, one, r, t, span) : one;
  }
  seq->type = t;
  seq->args = {r};
  return seq;
}

}  // namespace cantil::frontend
