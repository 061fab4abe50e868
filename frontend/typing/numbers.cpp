// Arithmetic and comparison of scalars: Numba's result types, Python's meaning of // % and division by zero,
// and comparisons of signed with unsigned that are right for every value.
#include "frontend/typing/typer.h"
#include "frontend/typing/unify.h"

namespace cantil::frontend {

using namespace ir;

Expr* Typer::fold_literals(Operator op, Expr* a, Expr* b, const Span& span) {
  if (!a->type->is(TypeKind::LiteralInt) || !b->type->is(TypeKind::LiteralInt)) return nullptr;
  int64_t x = a->type->value, y = b->type->value, r = 0;
  switch (op) {
    case Operator::Add:
      return __builtin_add_overflow(x, y, &r) ? nullptr : make_int(r, span);
    case Operator::Sub:
      return __builtin_sub_overflow(x, y, &r) ? nullptr : make_int(r, span);
    case Operator::Mult:
      return __builtin_mul_overflow(x, y, &r) ? nullptr : make_int(r, span);
    case Operator::FloorDiv:
    case Operator::Mod: {
      if (y == 0 || (x == INT64_MIN && y == -1)) return nullptr;
      int64_t q = x / y, m = x % y;
      if (m != 0 && (m < 0) != (y < 0)) {
        --q;
        m += y;
      }
      return make_int(op == Operator::FloorDiv ? q : m, span);
    }
    case Operator::LShift:
      return y < 0 || y > 62 || x < 0 || x > (INT64_MAX >> y) ? nullptr : make_int(x << y, span);
    case Operator::RShift:
      return y < 0 || y > 63 ? nullptr : make_int(x >> y, span);
    case Operator::BitAnd:
      return make_int(x & y, span);
    case Operator::BitOr:
      return make_int(x | y, span);
    case Operator::BitXor:
      return make_int(x ^ y, span);
    case Operator::Eq:
      return make_static(literal_bool(x == y), span);
    case Operator::NotEq:
      return make_static(literal_bool(x != y), span);
    case Operator::Lt:
      return make_static(literal_bool(x < y), span);
    case Operator::LtE:
      return make_static(literal_bool(x <= y), span);
    case Operator::Gt:
      return make_static(literal_bool(x > y), span);
    case Operator::GtE:
      return make_static(literal_bool(x >= y), span);
    default:
      return nullptr;
  }
}

Expr* Typer::number_binary(Operator op, Expr* a, Expr* b, const Span& span) {
  TypeRef ta = a->type, tb = b->type;
  bool whole = (ta->is_int() || ta->is_bool()) && (tb->is_int() || tb->is_bool());
  bool complex = ta->is_complex() || tb->is_complex();
  auto simple = [&](Opcode code, TypeRef t) {
    return make_op(code, t, {cast_number(a, t, span), cast_number(b, t, span)}, span);
  };
  switch (op) {
    case Operator::Add:
      return simple(Opcode::Add, arith_type(ta, tb));
    case Operator::Sub:
      return simple(Opcode::Sub, arith_type(ta, tb));
    case Operator::Mult:
      return simple(Opcode::Mul, arith_type(ta, tb));
    case Operator::Div: {
      if (complex) return nullptr;  // stdlib/numbers.py
      TypeRef t = whole ? f64() : arith_type(ta, tb);
      if (b->kind == ExprKind::Const && (b->constant.i != 0 || b->constant.f != 0))
        return simple(Opcode::Div, t);
      if (numpy_errors()) return simple(Opcode::Div, t);
      b = make_temp(b);
      Expr* zero = make_op(Opcode::Eq, bool_type(), {b, make_const(tb, 0, span)}, span);
      return guarded(zero, "builtins.ZeroDivisionError",
                     whole ? "division by zero" : "float division by zero", simple(Opcode::Div, t), span);
    }
    case Operator::FloorDiv:
    case Operator::Mod: {
      if (!whole) return nullptr;  // stdlib/numbers.py
      TypeRef t = int_result(ta, tb);
      Opcode code = op == Operator::FloorDiv ? Opcode::FloorDiv : Opcode::Mod;
      if (b->kind == ExprKind::Const && b->constant.i != 0) return simple(code, t);
      b = make_temp(cast_number(b, t, span));
      Expr* zero = make_op(Opcode::Eq, bool_type(), {b, make_const(t, 0, span)}, span);
      if (!numpy_errors())
        return guarded(
            zero, "builtins.ZeroDivisionError",
            op == Operator::FloorDiv ? "integer division or modulo by zero" : "integer modulo by zero",
            simple(code, t), span);
      // NumPy's answer is 0; the divisor is replaced so that the division itself stays defined.
      zero = make_temp(zero);
      b = make_op(Opcode::Select, t, {zero, make_const(t, 1, span), b}, span);
      return make_op(Opcode::Select, t, {zero, make_const(t, 0, span), simple(code, t)}, span);
    }
    case Operator::Pow: {
      if (complex) return nullptr;
      if (!whole) {
        TypeRef t = arith_type(ta, tb);
        if (ta->is_float() && ta->bits == 32 && !tb->is_float())
          t = ta;  // a wide exponent does not widen the result
        if (b->kind == ExprKind::Const && tb->is_int() && b->constant.i == 2) {
          a = make_temp(cast_number(a, t, span));
          return make_op(Opcode::Mul, t, {a, a}, span);
        }
        if (t->bits == 16) t = float_type(32);
        return make_op(Opcode::Math, t, {cast_number(a, t, span), cast_number(b, t, span)}, span,
                       static_cast<int64_t>(MathFn::Pow));
      }
      TypeRef t = int_result(ta, tb);
      if (b->kind == ExprKind::Const && tb->is_int() && (b->constant.i == 2 || b->constant.i == 3)) {
        a = make_temp(cast_number(a, t, span));
        Expr* square = make_op(Opcode::Mul, t, {a, a}, span);
        return b->constant.i == 2 ? square : make_op(Opcode::Mul, t, {square, a}, span);
      }
      return nullptr;  // stdlib/numbers.py
    }
    case Operator::BitAnd:
    case Operator::BitOr:
    case Operator::BitXor: {
      if (!whole) return nullptr;
      Opcode code = op == Operator::BitAnd ? Opcode::And : op == Operator::BitOr ? Opcode::Or : Opcode::Xor;
      return simple(code, ta->is_bool() && tb->is_bool() ? ta : int_result(ta, tb));
    }
    case Operator::LShift:
    case Operator::RShift: {
      if (!whole) return nullptr;
      TypeRef t = int_result(ta, ta);
      // The count is only looked at as an unsigned number, so a negative one counts as too large.
      Expr* count = cast_number(b, t, span);
      return make_op(op == Operator::LShift ? Opcode::Shl : Opcode::Shr, t, {cast_number(a, t, span), count},
                     span);
    }
    default:
      return nullptr;
  }
}

Expr* Typer::number_compare(Operator op, Expr* a, Expr* b, const Span& span) {
  TypeRef ta = a->type, tb = b->type;
  if ((ta->is_complex() || tb->is_complex()) && op != Operator::Eq && op != Operator::NotEq) return nullptr;
  Opcode code;
  switch (op) {
    case Operator::Eq:
      code = Opcode::Eq;
      break;
    case Operator::NotEq:
      code = Opcode::Ne;
      break;
    case Operator::Lt:
      code = Opcode::Lt;
      break;
    case Operator::LtE:
      code = Opcode::Le;
      break;
    case Operator::Gt:
      code = Opcode::Gt;
      break;
    case Operator::GtE:
      code = Opcode::Ge;
      break;
    default:
      return nullptr;
  }
  auto at = [&](TypeRef t) {
    return make_op(code, bool_type(), {cast_number(a, t, span), cast_number(b, t, span)}, span);
  };
  if (ta == tb) return at(ta);
  if (ta->is_int() && tb->is_int() && ta->is_signed != tb->is_signed) {
    TypeRef u = ta->is_signed ? tb : ta;
    if (u->bits < 64) return at(i64());
    // int64 against uint64: a negative value is below every unsigned one, otherwise compare as unsigned.
    bool left_signed = ta->is_signed;
    Expr*& s = left_signed ? a : b;
    s = make_temp(s);
    bool when_negative = op == Operator::NotEq || (left_signed ? op == Operator::Lt || op == Operator::LtE
                                                               : op == Operator::Gt || op == Operator::GtE);
    if (s->kind == ExprKind::Const)
      return s->constant.i < 0 ? make_static(literal_bool(when_negative), span) : at(u);
    Expr* negative = make_op(Opcode::Lt, bool_type(), {s, make_const(s->type, 0, span)}, span);
    return make_op(Opcode::Select, bool_type(),
                   {negative, make_const(bool_type(), when_negative, span), at(u)}, span);
  }
  if ((ta->is_int() || ta->is_bool()) && (tb->is_int() || tb->is_bool())) return at(promote(ta, tb));
  return at(arith_type(ta, tb));
}

}  // namespace cantil::frontend
