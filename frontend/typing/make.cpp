// Building typed expressions, and converting them between types.
#include <cmath>

#include "frontend/typing/closures.h"
#include "frontend/typing/typer.h"
#include "frontend/typing/unify.h"
#include "ir/class_types.h"

namespace cantil::frontend {

using namespace ir;

Expr* Typer::make(ExprKind kind, TypeRef type, const Span& span) {
  Expr* e = program_.make_expr();
  e->kind = kind;
  e->type = type;
  e->span = span;
  return e;
}

Expr* Typer::make_const(TypeRef type, int64_t v, const Span& span) {
  Expr* e = make(ExprKind::Const, type, span);
  e->constant.i = v;
  if (type->is_float() || type->is_complex()) e->constant.f = static_cast<double>(v);
  return e;
}

Expr* Typer::make_float(TypeRef type, double v, const Span& span) {
  Expr* e = make(ExprKind::Const, type, span);
  e->constant.f = v;
  return e;
}

Expr* Typer::make_op(Opcode op, TypeRef type, std::vector<Expr*> args, const Span& span, int64_t imm) {
  Expr* e = make(ExprKind::Op, type, span);
  e->opcode = op;
  e->args = std::move(args);
  e->imm = imm;
  return e;
}

Expr* Typer::make_temp(Expr* e) {
  if (e->kind == ExprKind::Static || e->kind == ExprKind::Const || e->kind == ExprKind::Temp ||
      e->type->is(TypeKind::Unknown))
    return e;
  Expr* t = make(ExprKind::Temp, e->type, e->span);
  t->args = {e};
  return t;
}

Expr* Typer::make_cond(Expr* cond, Expr* a, Expr* b, TypeRef type, const Span& span) {
  Expr* e = make(ExprKind::Cond, type, span);
  e->args = {cond, a, b};
  return e;
}

Expr* Typer::make_tuple(std::vector<Expr*> elems, const Span& span) {
  std::vector<TypeRef> types;
  for (Expr*& e : elems) {
    if (e->type->is(TypeKind::Unknown)) return make_static(unknown_type(), span);
    types.push_back(e->type);
  }
  return make_op(Opcode::TupleMake, tuple_type(std::move(types)), std::move(elems), span);
}

Expr* Typer::tuple_item(Expr* tuple, size_t i, const Span& span) {
  TypeRef t = tuple->type->elems[i];
  if (t->is_compile_time()) return make_static(t, span);
  if (tuple->kind == ExprKind::Op && tuple->opcode == Opcode::TupleMake) return tuple->args[i];
  return make_op(Opcode::TupleGet, t, {tuple}, span, static_cast<int64_t>(i));
}

Expr* Typer::array_dim(Expr* array, int axis, const Span& span) {
  return make_op(Opcode::ArrayDim, i64(), {array}, span, axis);
}

Stmt* Typer::make_stmt(StmtKind kind, const Span& span) {
  Stmt* s = program_.make_stmt();
  s->kind = kind;
  s->span = span;
  return s;
}

Stmt* Typer::make_raise(std::string cls, std::string message, const Span& span) {
  Stmt* s = make_stmt(StmtKind::Raise, span);
  s->text = std::move(cls);
  if (!message.empty()) s->args.push_back(make_static(literal_str(std::move(message)), span));
  return s;
}

std::optional<int64_t> Typer::literal(Expr* e) const {
  if (e->type->is(TypeKind::LiteralInt) || e->type->is(TypeKind::LiteralBool)) return e->type->value;
  return std::nullopt;
}

Expr* Typer::materialise(Expr* e) {
  switch (e->type->kind) {
    case TypeKind::LiteralInt:
      return make_const(i64(), e->type->value, e->span);
    case TypeKind::LiteralBool:
      return make_const(bool_type(), e->type->value, e->span);
    case TypeKind::LiteralStr:
      return on_cuda() ? e : text_value(e);
    default:
      return e;
  }
}

Expr* Typer::cast_number(Expr* e, TypeRef to, const Span& span) {
  e = materialise(e);
  if (e->type == to) return e;
  if (e->kind == ExprKind::Const &&
      e->type->is_number()) {  // constants convert here: cheaper, and literals stay readable in dumps
    double v = e->type->is_float() ? e->constant.f
               : e->type->is_signed || e->type->is_bool()
                   ? static_cast<double>(e->constant.i)
                   : static_cast<double>(static_cast<uint64_t>(e->constant.i));
    if (to->is_float() && !e->type->is_complex() && to->bits == 64) return make_float(to, v, span);
    if (to->is_float() && !e->type->is_complex() && to->bits == 32)
      return make_float(to, static_cast<float>(v), span);
    if (to->is_complex() && !e->type->is_complex())
      return make_float(to, to->bits == 64 ? static_cast<float>(v) : v, span);
    if (to->is_int() && to->bits == 64 && (e->type->is_int() || e->type->is_bool()))
      return make_const(to, e->constant.i, span);
  }
  return make_op(Opcode::Cast, to, {e}, span);
}

Expr* Typer::try_convert(Expr* e, TypeRef to, const Span& span) {
  if (e->type == to || e->type->is(TypeKind::Unknown) || to->is(TypeKind::Unknown)) return e;
  if (!can_convert(e->type, to)) return nullptr;
  if (e->type->is(TypeKind::LiteralStr) && to->is_text()) return text_value(e);
  if (to->is_number() && unliteral(e->type)->is_number()) return cast_number(e, to, span);
  if (e->type->is(TypeKind::Optional) && !to->is(TypeKind::Optional))
    return try_convert(unwrap(e, span), to, span);
  if (to->is(TypeKind::Optional)) {
    if (e->type->is_none()) return make_op(Opcode::OptionalNone, to, {}, span);
    if (!e->type->is(TypeKind::Optional))
      return make_op(Opcode::OptionalMake, to, {try_convert(e, to->elem(), span)}, span);
    Expr* t = make_temp(e);
    Expr* inner = try_convert(make_op(Opcode::OptionalGet, e->type->elem(), {t}, span), to->elem(), span);
    return make_cond(make_op(Opcode::OptionalIsNone, bool_type(), {t}, span),
                     make_op(Opcode::OptionalNone, to, {}, span),
                     make_op(Opcode::OptionalMake, to, {inner}, span), to, span);
  }
  if (to->is(TypeKind::Choice)) return to_choice(e, to, span);
  if (to->is_tuple() || to->is(TypeKind::Closure)) {
    if (unliteral(e->type) == to) {  // only literals differ: the same representation
      if (e->kind == ExprKind::Op && e->opcode == Opcode::TupleMake)
        return make_op(Opcode::TupleMake, to, e->args, span);
      Expr* r = make(ExprKind::Temp, to, span);
      r->args = {e};
      return r;
    }
    Expr* t = make_temp(e);
    std::vector<Expr*> elems;
    for (size_t i = 0; i < to->elems.size(); ++i)
      elems.push_back(try_convert(tuple_item(t, i, span), to->elems[i], span));
    return make_op(Opcode::TupleMake, to, std::move(elems), span);
  }
  if (to->is_array()) {
    Expr* t = make_temp(e);
    std::vector<Expr*> parts = {make_op(Opcode::ArrayOwner, owner_type(), {t}, span),
                                make_op(Opcode::ArrayData, pointer_type(to->elem()), {t}, span)};
    for (int i = 0; i < to->ndim; ++i) parts.push_back(array_dim(t, i, span));
    if (to->layout == Layout::A)
      for (int i = 0; i < to->ndim; ++i) parts.push_back(make_op(Opcode::ArrayStride, i64(), {t}, span, i));
    return make_op(Opcode::ArrayMake, to, std::move(parts), span);
  }
  if (to->is(TypeKind::Range)) {
    Expr* t = make_temp(e);
    std::vector<Expr*> parts;
    for (int i = 0; i < 3; ++i)
      parts.push_back(
          cast_number(make_op(Opcode::TupleGet, e->type->elem(), {t}, span, i), to->elem(), span));
    return make_op(Opcode::TupleMake, to, std::move(parts), span);
  }
  return nullptr;
}

Expr* Typer::convert(Expr* e, TypeRef to, const Span& span) {
  if (Expr* r = try_convert(e, to, span)) return r;
  fail(Diag::CannotCast, span, {type_name(e), shown_type(to)});
}

Expr* Typer::truth(Expr* e, const Span& span) {
  TypeRef t = e->type;
  switch (t->kind) {
    case TypeKind::Bool:
    case TypeKind::LiteralBool:
    case TypeKind::Unknown:
      return e;
    case TypeKind::LiteralInt:
      return make_static(literal_bool(t->value != 0), span);
    case TypeKind::LiteralStr:
      return make_static(literal_bool(!t->name.empty()), span);
    case TypeKind::None:
      return make_static(literal_bool(false), span);
    case TypeKind::Int:
    case TypeKind::Float:
    case TypeKind::Complex:
      return make_op(Opcode::Ne, bool_type(), {e, make_const(t, 0, span)}, span);
    case TypeKind::Tuple:
      return make_static(literal_bool(!t->elems.empty()), span);
    case TypeKind::Closure:
    case TypeKind::Choice:
    case TypeKind::Function:
    case TypeKind::Builtin:
    case TypeKind::Module:
    case TypeKind::TypeObject:
      return make_static(literal_bool(true), span);
    case TypeKind::Optional: {
      Expr* tmp = make_temp(e);
      Expr* inner = truth(make_op(Opcode::OptionalGet, t->elem(), {tmp}, span), span);
      return make_cond(make_op(Opcode::OptionalIsNone, bool_type(), {tmp}, span),
                       make_const(bool_type(), 0, span), materialise(inner), bool_type(), span);
    }
    default: {
      if (t->is_text() || t->is_bytes())
        return make_op(Opcode::Ne, bool_type(), {text_length(e, span), make_const(i64(), 0, span)}, span);
      CallArgs args;
      args.positional = {e};
      args.span = span;
      if (Expr* r = call_library("builtins.bool", args)) return r;
      if (is_class_instance(t)) return class_truth(e, span);
      fail(Diag::NotBoolean, span, {shown_type(t)});
    }
  }
}

Expr* Typer::guarded(Expr* bad, const char* cls, const char* message, Expr* value, const Span& span) {
  Expr* e = make(ExprKind::Seq, value->type, span);
  Stmt* s = make_stmt(StmtKind::If, span);
  s->value = bad;
  s->body.push_back(make_raise(cls, message, span));
  e->block.push_back(s);
  e->args = {value};
  return e;
}

Expr* Typer::unwrap(Expr* e, const Span& span) {
  if (!e->type->is(TypeKind::Optional)) return e;
  Expr* t = make_temp(e);
  Expr* value = make_op(Opcode::OptionalGet, e->type->elem(), {t}, span);
  return guarded(make_op(Opcode::OptionalIsNone, bool_type(), {t}, span), "builtins.TypeError",
                 ("expected " + e->type->elem()->str() + ", got None").c_str(), value, span);
}

std::string shown_type(TypeRef t) {
  if (is_class_instance(t)) return class_name(t);
  return t->is(TypeKind::LiteralStr) ? "str" : unliteral(t)->str();
}

std::string type_list(const std::vector<Expr*>& es) {
  std::string out;
  for (size_t i = 0; i < es.size(); ++i) {
    if (i) out += i + 1 == es.size() ? " and " : ", ";
    out += shown_type(es[i]->type);
  }
  return out;
}

}  // namespace cantil::frontend
