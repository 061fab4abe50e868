// Reductions of whole arrays: np.sum(a), a.max(), np.any(a)…, one number each. With an axis or other
// arguments they are the library's.
#include <limits>
#include <unordered_map>

#include "frontend/typing/typer.h"

namespace cantil::frontend {

using namespace ir;

namespace {

enum class Kind : uint8_t { Sum, Prod, Min, Max, Mean, Any, All, Count };

// By the part behind "numpy." or "array.".
const Kind* find_kind(const std::string& name) {
  static const auto* table = new std::unordered_map<std::string, Kind>{
      {"sum", Kind::Sum},   {"prod", Kind::Prod}, {"min", Kind::Min}, {"max", Kind::Max},
      {"mean", Kind::Mean}, {"any", Kind::Any},   {"all", Kind::All}, {"count_nonzero", Kind::Count},
  };
  auto it = table->find(name);
  return it == table->end() ? nullptr : &it->second;
}

// The type in which elements are added and multiplied.
TypeRef sum_type(TypeRef t) {
  if (t->is_bool()) return i64();
  return t->is_int() ? int_type(64, t->is_signed) : t;
}

}  // namespace

Expr* Typer::reduction_call(const std::string& name, CallArgs& args) {
  const bool numpy = name.compare(0, 6, "numpy.") == 0, method = name.compare(0, 6, "array.") == 0;
  if ((!numpy && !method) || args.positional.size() != 1 || !args.keywords.empty()) return nullptr;
  const Kind* kind = find_kind(name.substr(6));
  if (!kind) return nullptr;
  const Span span = args.span;
  Expr* a = unwrap(args.positional[0], span);
  if (!a->type->is_array() || !a->type->elem()->is_number()) return nullptr;
  TypeRef t = a->type->elem();
  auto same = [](const std::vector<Expr*>& x) { return x[0]; };
  auto nonzero = [&](const std::vector<Expr*>& x) { return materialise(truth(x[0], span)); };
  auto fold = [&](ReduceOp op, Expr* start, const ScalarBody& body) {
    return make_reduce(op, start, {a}, body, span);
  };
  Expr* r = nullptr;
  switch (*kind) {
    case Kind::Sum:
      r = fold(ReduceOp::Add, make_const(sum_type(t), 0, span), same);
      break;
    case Kind::Prod:
      r = fold(ReduceOp::Mul, make_const(sum_type(t), 1, span), same);
      break;
    case Kind::Count:
      r = fold(ReduceOp::Add, make_const(i64(), 0, span), nonzero);
      break;
    case Kind::Any:
      r = fold(ReduceOp::Or, make_const(bool_type(), 0, span), nonzero);
      break;
    case Kind::All:
      r = fold(ReduceOp::And, make_const(bool_type(), 1, span), nonzero);
      break;
    case Kind::Mean: {
      TypeRef s = t->is_float() || t->is_complex() ? t : f64();
      r = fold(ReduceOp::Add, make_const(s, 0, span), same);
      if (r->type->is(TypeKind::Unknown)) return r;
      Expr *total = tuple_item(r, 0, span),
           *count = cast_number(tuple_item(r, 1, span), s->is_complex() ? float_type(s->bits / 2) : s, span);
      if (!s->is_complex()) return make_op(Opcode::Div, s, {total, count}, span);
      total = make_temp(total);
      count = make_temp(count);
      TypeRef part = count->type;
      return make_op(Opcode::ComplexMake, s,
                     {make_op(Opcode::Div, part, {make_op(Opcode::Real, part, {total}, span), count}, span),
                      make_op(Opcode::Div, part, {make_op(Opcode::Imag, part, {total}, span), count}, span)},
                     span);
    }
    case Kind::Min:
    case Kind::Max: {
      const bool least = *kind == Kind::Min;
      if (t->is_complex()) return nullptr;
      Expr* start = nullptr;
      if (t->is_bool()) {
        start = make_const(t, least, span);
        r = fold(least ? ReduceOp::And : ReduceOp::Or, start, same);
      } else {
        if (t->is_float()) {
          const double inf = std::numeric_limits<double>::infinity();
          start = make_float(t, least ? inf : -inf, span);
        } else {
          const int bits = t->bits;
          const int64_t top = t->is_signed ? INT64_MAX >> (64 - bits)
                              : bits == 64 ? -1
                                           : (int64_t{1} << bits) - 1;
          start = make_const(t, least ? top : t->is_signed ? -top - 1 : 0, span);
        }
        r = fold(least ? ReduceOp::Minimum : ReduceOp::Maximum, start, same);
      }
      if (r->type->is(TypeKind::Unknown)) return r;
      Expr* empty =
          make_op(Opcode::Eq, bool_type(), {tuple_item(r, 1, span), make_const(i64(), 0, span)}, span);
      return guarded(empty, "builtins.ValueError",
                     least ? "zero-size array to reduction operation minimum which has no identity"
                           : "zero-size array to reduction operation maximum which has no identity",
                     tuple_item(r, 0, span), span);
    }
  }
  return r->type->is(TypeKind::Unknown) ? r : tuple_item(r, 0, span);
}

}  // namespace cantil::frontend
