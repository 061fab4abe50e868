// Operators: which rule an operator on given types follows.
#include <algorithm>

#include "frontend/extensions.h"
#include "frontend/typing/static_containers.h"
#include "frontend/typing/typer.h"
#include "frontend/typing/unify.h"
#include "ir/class_types.h"

namespace cantil::frontend {

using namespace ir;

namespace {

// The operator module's function of a binary operator: library overloads are declared on it.
const char* operator_function(Operator op) {
  switch (op) {
    case Operator::Add:
      return "operator.add";
    case Operator::Sub:
      return "operator.sub";
    case Operator::Mult:
      return "operator.mul";
    case Operator::MatMult:
      return "operator.matmul";
    case Operator::Div:
      return "operator.truediv";
    case Operator::FloorDiv:
      return "operator.floordiv";
    case Operator::Mod:
      return "operator.mod";
    case Operator::Pow:
      return "operator.pow";
    case Operator::LShift:
      return "operator.lshift";
    case Operator::RShift:
      return "operator.rshift";
    case Operator::BitOr:
      return "operator.or_";
    case Operator::BitXor:
      return "operator.xor";
    case Operator::BitAnd:
      return "operator.and_";
    case Operator::Invert:
      return "operator.invert";
    case Operator::UAdd:
      return "operator.pos";
    case Operator::USub:
      return "operator.neg";
    case Operator::Eq:
      return "operator.eq";
    case Operator::NotEq:
      return "operator.ne";
    case Operator::Lt:
      return "operator.lt";
    case Operator::LtE:
      return "operator.le";
    case Operator::Gt:
      return "operator.gt";
    case Operator::GtE:
      return "operator.ge";
    default:
      return "";
  }
}

bool is_number(TypeRef t) { return unliteral(t)->is_number(); }

}  // namespace

const char* operator_ufunc(Operator op, bool unary) {
  switch (op) {
    case Operator::Add:
      return "numpy.add";
    case Operator::Sub:
      return "numpy.subtract";
    case Operator::Mult:
      return "numpy.multiply";
    case Operator::Div:
      return "numpy.divide";
    case Operator::FloorDiv:
      return "numpy.floor_divide";
    case Operator::Mod:
      return "numpy.remainder";
    case Operator::Pow:
      return "numpy.power";
    case Operator::LShift:
      return "numpy.left_shift";
    case Operator::RShift:
      return "numpy.right_shift";
    case Operator::BitOr:
      return "numpy.bitwise_or";
    case Operator::BitXor:
      return "numpy.bitwise_xor";
    case Operator::BitAnd:
      return "numpy.bitwise_and";
    case Operator::Invert:
      return "numpy.invert";
    case Operator::UAdd:
      return unary ? "numpy.positive" : nullptr;
    case Operator::USub:
      return unary ? "numpy.negative" : nullptr;
    case Operator::Eq:
      return "numpy.equal";
    case Operator::NotEq:
      return "numpy.not_equal";
    case Operator::Lt:
      return "numpy.less";
    case Operator::LtE:
      return "numpy.less_equal";
    case Operator::Gt:
      return "numpy.greater";
    case Operator::GtE:
      return "numpy.greater_equal";
    default:
      return nullptr;
  }
}

Expr* Typer::binary(Operator op, Expr* a, Expr* b, const Span& span) {
  if (a->type->is(TypeKind::Unknown) || b->type->is(TypeKind::Unknown))
    return make_static(unknown_type(), span);
  a = unwrap(a, span);
  b = unwrap(b, span);
  if (is_polynomial(a->type) || is_polynomial(b->type))
    fail(Diag::UnsupportedSyntax, span,
         {"arithmetic with a Polynomial", "use np.polynomial.polynomial's functions on p.coef"});
  if (Expr* folded = fold_literals(op, a, b, span)) return folded;
  if (Expr* e = class_binary(op, a, b, span)) return e;
  if (Expr* folded = fold_texts(op, a, b, span)) return folded;
  if (op == Operator::Mod && a->type->is(TypeKind::LiteralStr)) return percent_format(a, b, span);
  if (fn_.is_library) {
    // In the library an integer literal takes the precision of what it meets, so that one body serves float32
    // and float64.
    auto weak = [&](Expr*& literal, Expr* other) {
      if (literal->type->is(TypeKind::LiteralInt) && (other->type->is_float() || other->type->is_complex()))
        literal = cast_number(
            literal, other->type->is_complex() ? float_type(other->type->bits / 2) : other->type, span);
    };
    weak(a, b);
    weak(b, a);
  }
  if (is_number(a->type) && is_number(b->type))
    if (Expr* e = number_binary(op, materialise(a), materialise(b), span)) return e;
  if (Expr* e = array_operator(operator_ufunc(op, false), {a, b}, span)) return e;
  if (op == Operator::Add && a->type->is_tuple() && b->type->is_tuple()) {
    Expr *ta = make_temp(a), *tb = make_temp(b);
    std::vector<Expr*> elems;
    for (size_t i = 0; i < ta->type->elems.size(); ++i) elems.push_back(tuple_item(ta, i, span));
    for (size_t i = 0; i < tb->type->elems.size(); ++i) elems.push_back(tuple_item(tb, i, span));
    return make_tuple(std::move(elems), span);
  }
  if (op == Operator::Mult && (a->type->is_tuple() || b->type->is_tuple())) {
    Expr* t = make_temp(a->type->is_tuple() ? a : b);
    if (auto n = literal(t == a || (t->kind == ExprKind::Temp && t->args[0] == a) ? b : a)) {
      std::vector<Expr*> elems;
      for (int64_t k = 0; k < *n; ++k)
        for (size_t i = 0; i < t->type->elems.size(); ++i) elems.push_back(tuple_item(t, i, span));
      return make_tuple(std::move(elems), span);
    }
  }
  CallArgs args;
  args.positional = {a, b};
  args.span = span;
  if (Expr* e = call_library(operator_function(op), args)) return e;
  fail(Diag::NoOperator, span, {syntax::operator_text(op), type_list({a, b})});
}

Expr* Typer::unary(Operator op, Expr* a, const Span& span) {
  if (a->type->is(TypeKind::Unknown)) return a;
  a = unwrap(a, span);
  if (auto v = literal(a)) {
    bool is_bool = a->type->is(TypeKind::LiteralBool);
    if (op == Operator::USub && *v != INT64_MIN) return make_int(-*v, span);
    if (op == Operator::UAdd) return make_int(*v, span);
    if (op == Operator::Invert && !is_bool) return make_int(~*v, span);
  }
  TypeRef t = unliteral(a->type);
  if (t->is_number()) {
    a = materialise(a);
    bool whole = t->is_int() || t->is_bool();
    switch (op) {
      case Operator::UAdd:
        return whole ? cast_number(a, int_result(t, t), span) : a;
      case Operator::USub:
        if (a->kind == ExprKind::Const && (t->is_float() || t->is_complex())) {
          Expr* c = make(ExprKind::Const, t, span);
          c->constant.f = -a->constant.f;
          c->constant.im = -a->constant.im;
          return c;
        }
        if (whole) a = cast_number(a, int_result(t, t), span);
        return make_op(Opcode::Neg, a->type, {a}, span);
      case Operator::Invert:
        if (t->is_bool()) return make_op(Opcode::Not, t, {a}, span);
        if (t->is_int()) {
          a = cast_number(a, int_result(t, t), span);
          return make_op(Opcode::Not, a->type, {a}, span);
        }
        break;
      default:
        break;
    }
  }
  if (Expr* e = class_unary(op, a, span)) return e;
  if (Expr* e = array_operator(operator_ufunc(op, true), {a}, span)) return e;
  CallArgs args;
  args.positional = {a};
  args.span = span;
  if (Expr* e = call_library(operator_function(op), args)) return e;
  fail(Diag::NoOperator, span, {std::string("unary ") + syntax::operator_text(op), type_name(a)});
}

Expr* Typer::logical_not(Expr* e, const Span& span) {
  Expr* t = truth(e, span);
  if (t->type->is(TypeKind::Unknown)) return t;
  if (auto k = literal(t)) return make_static(literal_bool(!*k), span);
  return make_op(Opcode::Not, bool_type(), {t}, span);
}

Expr* Typer::compare(Operator op, Expr* a, Expr* b, const Span& span) {
  TypeRef ta = a->type, tb = b->type;
  auto known = [&](bool v) { return make_static(literal_bool(v), span); };
  if (ta->is(TypeKind::Unknown) || tb->is(TypeKind::Unknown)) return make_static(unknown_type(), span);
  if (op == Operator::Is || op == Operator::IsNot) {
    bool negate = op == Operator::IsNot;
    if (tb->is_none() || ta->is_none()) {
      Expr* other = tb->is_none() ? a : b;
      if (other->type->is_none()) return known(!negate);
      if (!other->type->is(TypeKind::Optional)) return known(negate);
      Expr* r = make_op(Opcode::OptionalIsNone, bool_type(), {other}, span);
      return negate ? make_op(Opcode::Not, bool_type(), {r}, span) : r;
    }
    if (ta->is_compile_time() && tb->is_compile_time() && !is_number(ta))
      return known((ta == tb || (ta->is(TypeKind::TypeObject) && tb->is(TypeKind::TypeObject) &&
                                 ta->elem() == tb->elem())) != negate);
    if (is_number(ta) && is_number(tb)) return compare(negate ? Operator::NotEq : Operator::Eq, a, b, span);
    if (ta->is_array() && tb->is_array()) {
      auto address = [&](Expr* x) {
        return make_op(Opcode::Bitcast, i64(),
                       {make_op(Opcode::ArrayData, pointer_type(x->type->elem()), {x}, span)}, span);
      };
      return make_op(negate ? Opcode::Ne : Opcode::Eq, bool_type(), {address(a), address(b)}, span);
    }
    if (unliteral(ta) != unliteral(tb)) return known(negate);
    if (ta->is(TypeKind::Object)) {
      auto address = [&](Expr* x) {
        const char* first = object_fields(x->type)[0].name.c_str();
        return make_op(Opcode::Bitcast, i64(), {field_pointer(x, first, span)}, span);
      };
      return make_op(negate ? Opcode::Ne : Opcode::Eq, bool_type(), {address(a), address(b)}, span);
    }
    if (unliteral(ta)->is(TypeKind::Owner)) {
      auto address = [&](Expr* x) { return make_op(Opcode::OwnerAddress, i64(), {text_value(x)}, span); };
      return make_op(negate ? Opcode::Ne : Opcode::Eq, bool_type(), {address(a), address(b)}, span);
    }
    fail(Diag::NoOperator, span, {syntax::operator_text(op), type_list({a, b})});
  }
  if (op == Operator::In || op == Operator::NotIn) {
    if (is_static_dict(tb)) {
      if (!ta->is(TypeKind::LiteralStr))
        fail(Diag::NeedsConstant, span, {"the key of a dict of mixed types"});
      const bool has = std::find(tb->fields.begin(), tb->fields.end(), ta->name) != tb->fields.end();
      return known(has == (op == Operator::In));
    }
    if (tb->is_tuple()) {
      Expr* needle = make_temp(a);
      Expr* hay = make_temp(b);
      Expr* r = known(false);
      for (size_t i = tb->elems.size(); i-- > 0;) {
        Expr* eq = truth(compare(Operator::Eq, needle, tuple_item(hay, i, span), span), span);
        if (auto k = literal(eq)) {
          if (*k) r = eq;
          continue;
        }
        r = make_cond(eq, make_const(bool_type(), 1, span), materialise(r), bool_type(), span);
      }
      return op == Operator::NotIn ? logical_not(r, span) : r;
    }
    if (Expr* e = call_special(b, "__contains__", {a}, span)) {
      e = truth(e, span);
      return op == Operator::NotIn ? logical_not(e, span) : e;
    }
    CallArgs args;
    args.positional = {b, a};
    args.span = span;
    if (Expr* e = call_library("operator.contains", args))
      return op == Operator::NotIn ? logical_not(e, span) : e;
    fail(Diag::NoOperator, span, {syntax::operator_text(op), type_list({a, b})});
  }
  bool equality = op == Operator::Eq || op == Operator::NotEq;
  if (equality && (ta->is_none() || tb->is_none())) {
    if (!ta->is(TypeKind::Optional) && !tb->is(TypeKind::Optional))
      return known((ta == tb) == (op == Operator::Eq));
    return compare(op == Operator::Eq ? Operator::Is : Operator::IsNot, a, b, span);
  }
  if (equality && ta->is(TypeKind::TypeObject) && tb->is(TypeKind::TypeObject))
    return known((ta->elem() == tb->elem()) == (op == Operator::Eq));
  // A dtype equals its names.
  if (equality && (ta->is(TypeKind::TypeObject) || tb->is(TypeKind::TypeObject)))
    if (Expr* x = dtype_value(a), *y = dtype_value(b); x && y)
      return known((x->type->elem() == y->type->elem()) == (op == Operator::Eq));
  if (ta->is(TypeKind::LiteralStr) && tb->is(TypeKind::LiteralStr)) {
    int c = ta->name.compare(tb->name);
    switch (op) {
      case Operator::Eq:
        return known(c == 0);
      case Operator::NotEq:
        return known(c != 0);
      case Operator::Lt:
        return known(c < 0);
      case Operator::LtE:
        return known(c <= 0);
      case Operator::Gt:
        return known(c > 0);
      default:
        return known(c >= 0);
    }
  }
  a = unwrap(a, span);
  b = unwrap(b, span);
  if (Expr* folded = fold_literals(op, a, b, span)) return folded;
  if (is_class_instance(a->type) || is_class_instance(b->type)) {
    CallArgs args;
    args.positional = {a, b};
    args.span = span;
    if (is_extended(operator_function(op)))
      if (Expr* e = call_extension(operator_function(op), args)) return e;
    if (Expr* e = class_compare(op, a, b, span)) return e;
  }
  auto is_text = [](TypeRef t) { return unliteral(t)->is_text() || t->is_bytes(); };
  if (equality && (is_text(ta) || is_text(tb)) && unliteral(ta) != unliteral(tb) && !ta->is_array() &&
      !tb->is_array() && !ta->is(TypeKind::Object) && !tb->is(TypeKind::Object))
    return known(op == Operator::NotEq);
  if (is_number(a->type) && is_number(b->type))
    if (Expr* e = number_compare(op, materialise(a), materialise(b), span)) return e;
  if (Expr* e = array_operator(operator_ufunc(op, false), {a, b}, span)) return e;
  if (a->type->is_tuple() && b->type->is_tuple()) {
    Expr *x = make_temp(a), *y = make_temp(b);
    size_t na = x->type->elems.size(), nb = y->type->elems.size(), n = std::min(na, nb);
    if (equality) {
      if (na != nb) return known(op == Operator::NotEq);
      Expr* r = known(true);
      for (size_t i = n; i-- > 0;) {
        Expr* eq = truth(compare(Operator::Eq, tuple_item(x, i, span), tuple_item(y, i, span), span), span);
        if (auto k = literal(eq)) {
          if (!*k) r = eq;
          continue;
        }
        r = make_cond(eq, materialise(r), make_const(bool_type(), 0, span), bool_type(), span);
      }
      return op == Operator::NotEq ? logical_not(r, span) : r;
    }
    // Lexicographic: the first unequal pair decides, else the lengths.
    bool less = op == Operator::Lt || op == Operator::LtE,
         or_equal = op == Operator::LtE || op == Operator::GtE;
    Expr* r = known(na == nb ? or_equal : (na < nb) == less);
    for (size_t i = n; i-- > 0;) {
      Expr *xi = make_temp(tuple_item(x, i, span)), *yi = make_temp(tuple_item(y, i, span));
      Expr* eq = truth(compare(Operator::Eq, xi, yi, span), span);
      Expr* strict = truth(compare(less ? Operator::Lt : Operator::Gt, xi, yi, span), span);
      if (auto k = literal(eq)) {
        if (!*k) r = strict;
        continue;
      }
      r = make_cond(eq, materialise(r), materialise(strict), bool_type(), span);
    }
    return r;
  }
  CallArgs args;
  args.positional = {a, b};
  args.span = span;
  if (Expr* e = call_library(operator_function(op), args)) return e;
  fail(Diag::NoOperator, span, {syntax::operator_text(op), type_list({a, b})});
}

}  // namespace cantil::frontend
