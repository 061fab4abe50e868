// Joining, converting and promoting types. The rules follow Numba's (NBEP 1) and NumPy's where a user can see
// the result.
#include "frontend/typing/unify.h"

#include <algorithm>

#include "frontend/typing/closures.h"

namespace cantil::frontend {

using namespace ir;

namespace {

// Bits of mantissa a float needs to hold every value of the integer type, as NumPy sees it: 8 bit -> f16, 16
// -> f32, else f64.
int float_bits_for(TypeRef integer) {
  if (integer->is_bool() || integer->bits == 8) return 16;
  return integer->bits == 16 ? 32 : 64;
}

TypeRef promote_ints(TypeRef a, TypeRef b) {
  if (a->is_signed == b->is_signed) return a->bits >= b->bits ? a : b;
  TypeRef s = a->is_signed ? a : b, u = a->is_signed ? b : a;
  if (s->bits > u->bits) return s;
  return u->bits < 64 ? int_type(u->bits * 2, true) : float_type(64);
}

bool same_but_layout(TypeRef a, TypeRef b) {
  return a->is_array() && b->is_array() && a->ndim == b->ndim && a->elem() == b->elem();
}

}  // namespace

TypeRef promote(TypeRef a, TypeRef b) {
  a = unliteral(a);
  b = unliteral(b);
  if (a == b) return a;
  if (a->is_bool()) return b;
  if (b->is_bool()) return a;
  if (a->is_int() && b->is_int()) return promote_ints(a, b);
  if (a->is_complex() || b->is_complex()) {
    auto part = [](TypeRef t) {
      return t->is_complex() ? t->bits / 2 : std::max(32, t->is_float() ? int{t->bits} : float_bits_for(t));
    };
    return complex_type(2 * std::max(part(a), part(b)));
  }
  auto bits = [](TypeRef t) { return t->is_float() ? int{t->bits} : float_bits_for(t); };
  if (a->is_bfloat() || b->is_bfloat()) {  // with float16: neither holds the other
    TypeRef other = a->is_bfloat() ? b : a;
    if (bits(other) == 16) return other->is_float() && !other->is_bfloat() ? float_type(32) : bfloat16_type();
  }
  return float_type(std::max(bits(a), bits(b)));
}

TypeRef int_result(TypeRef a, TypeRef b) {
  auto is_signed = [](TypeRef t) { return t->is_bool() || t->is_signed; };
  return int_type(64, is_signed(a) || is_signed(b));
}

TypeRef arith_type(TypeRef a, TypeRef b) {
  a = unliteral(a);
  b = unliteral(b);
  if ((a->is_int() || a->is_bool()) && (b->is_int() || b->is_bool())) return int_result(a, b);
  TypeRef t = promote(a, b);
  // Numba's overloads take uint16 with float32 to float64, where NumPy's promotion would stay at 32 bits.
  auto is_uint16 = [](TypeRef x) { return x->is_int() && !x->is_signed && x->bits == 16; };
  if ((is_uint16(a) || is_uint16(b)) && t->is_float() && t->bits == 32) return float_type(64);
  if ((is_uint16(a) || is_uint16(b)) && t->is_complex() && t->bits == 64) return complex_type(128);
  return t;
}

namespace {

// One of either's functions, or the same function with variables of either's types.
TypeRef unify_functions(TypeRef a, TypeRef b) {
  if (a->is(TypeKind::Closure) && b->is(TypeKind::Closure) && a->value == b->value &&
      a->fields == b->fields) {
    std::vector<TypeRef> elems;
    for (size_t i = 0; i < a->elems.size(); ++i)
      if (TypeRef e = unify(a->elems[i], b->elems[i])) elems.push_back(e);
    if (elems.size() == a->elems.size()) return closure_type(a->value, a->name, a->fields, std::move(elems));
  }
  std::vector<TypeRef> all;
  for (TypeRef t : {a, b})
    t->is(TypeKind::Choice) ? (void)all.insert(all.end(), t->elems.begin(), t->elems.end())
                            : all.push_back(t);
  return choice_type(std::move(all));
}

}  // namespace

TypeRef unify(TypeRef a, TypeRef b) {
  if (a == b) return a;
  if (!a || a->is(TypeKind::Unknown)) return b;
  if (!b || b->is(TypeKind::Unknown)) return a;
  a = unliteral(a);
  b = unliteral(b);
  if (a == b) return a;
  if (a->is_number() && b->is_number()) return promote(a, b);
  if (a->is_function() && b->is_function()) return unify_functions(a, b);
  if (a->is_none() || b->is_none()) {
    TypeRef other = kept_type(a->is_none() ? b : a);
    if (other->is(TypeKind::Optional)) return other;
    return other->is_compile_time() ? nullptr : optional_type(other);
  }
  if (a->is(TypeKind::Optional) || b->is(TypeKind::Optional)) {
    TypeRef inner =
        unify(a->is(TypeKind::Optional) ? a->elem() : a, b->is(TypeKind::Optional) ? b->elem() : b);
    return inner ? optional_type(inner) : nullptr;
  }
  if (a->is_tuple() && b->is_tuple() && a->elems.size() == b->elems.size() && a->name == b->name &&
      a->value == b->value) {
    std::vector<TypeRef> elems;
    for (size_t i = 0; i < a->elems.size(); ++i) {
      TypeRef e = unify(a->elems[i], b->elems[i]);
      if (!e) return nullptr;
      elems.push_back(e);
    }
    return a->name.empty() ? tuple_type(std::move(elems))
                           : named_tuple_type(a->name, a->fields, std::move(elems), a->value);
  }
  if (same_but_layout(a, b))
    return array_type(a->elem(), a->ndim, a->layout == b->layout ? a->layout : Layout::A,
                      a->readonly || b->readonly, a->aligned && b->aligned);
  if (a->is(TypeKind::Range) && b->is(TypeKind::Range)) return range_type(promote(a->elem(), b->elem()));
  if (a->is(TypeKind::Slice) && b->is(TypeKind::Slice) && a->value == b->value) return a;
  return nullptr;
}

int conversion_cost(TypeRef from, TypeRef to) {
  if (from == to) return 0;
  from = unliteral(from);
  if (from == to) return 0;
  if (from->is(TypeKind::Unknown)) return 0;
  if (to->is(TypeKind::Optional)) {
    if (from->is_none()) return 1;
    int c = conversion_cost(from->is(TypeKind::Optional) ? from->elem() : from, to->elem());
    return c < 0 ? c : std::max(c, 1);
  }
  if (from->is(TypeKind::Optional)) return conversion_cost(from->elem(), to) < 0 ? -1 : 3;
  if (from->is_number() && to->is_number()) {
    if (from->is_complex() && !to->is_complex()) return -1;
    TypeRef p = promote(from, to);
    if (p != to) return 3;
    bool same_kind = from->kind == to->kind && from->is_signed == to->is_signed;
    return same_kind ? 1 : 2;
  }
  if (to->is(TypeKind::Choice) && from->is_function()) {
    auto one_of = [&](TypeRef f) {
      return std::any_of(to->elems.begin(), to->elems.end(), [&](TypeRef t) {
        return f == t || (f->is(TypeKind::Closure) && conversion_cost(f, t) >= 0);
      });
    };
    if (!from->is(TypeKind::Choice)) return one_of(from) ? 1 : -1;
    return std::all_of(from->elems.begin(), from->elems.end(), one_of) ? 1 : -1;
  }
  const bool closures = from->is(TypeKind::Closure) && to->is(TypeKind::Closure) && from->value == to->value;
  const bool tuples = from->is_tuple() && to->is_tuple();
  if ((closures || tuples) && from->elems.size() == to->elems.size()) {
    int worst = 0;
    for (size_t i = 0; i < from->elems.size(); ++i) {
      int c = conversion_cost(from->elems[i], to->elems[i]);
      if (c < 0) return -1;
      worst = std::max(worst, c);
    }
    return worst;
  }
  if (same_but_layout(from, to)) {
    bool fits = (to->layout == Layout::A || to->layout == from->layout) &&
                (to->readonly || !from->readonly) && (from->aligned || !to->aligned);
    return fits ? 1 : -1;
  }
  if (from->is(TypeKind::Range) && to->is(TypeKind::Range)) return conversion_cost(from->elem(), to->elem());
  if (from->is(TypeKind::Pointer) && to->is(TypeKind::Pointer)) return -1;
  return -1;
}

bool can_convert(TypeRef from, TypeRef to) { return conversion_cost(from, to) >= 0; }

}  // namespace cantil::frontend
