// Calls of ufuncs: on scalars and arrays, with out=, where=, dtype= and casting=, and their methods.
#include "frontend/library.h"
#include "frontend/typing/typer.h"
#include "frontend/typing/ufuncs.h"
#include "frontend/typing/unify.h"
#include "ir/object_types.h"

namespace cantil::frontend {

using namespace ir;

namespace {

TypeRef element_type(Expr* e) { return e->type->is_array() ? e->type->elem() : e->type; }

bool is_operand(TypeRef t) { return unliteral(t)->is_number() || (t->is_array() && t->elem()->is_number()); }

struct UfuncKeywords {
  std::vector<Expr*> out;  // one for each result, or none; null: a new array
  Expr* where = nullptr;   // null: everywhere
  TypeRef dtype = nullptr;
  Casting casting = Casting::SameKind;
  bool casting_given = false;
};

bool read_casting(const std::string& text, Casting& out) {
  if (text == "no" || text == "equiv")
    out = Casting::No;
  else if (text == "safe")
    out = Casting::Safe;
  else if (text == "same_kind")
    out = Casting::SameKind;
  else if (text == "unsafe")
    out = Casting::Unsafe;
  else
    return false;
  return true;
}

// np.add.reduce: the ufunc's name and the method's.
bool split_method(const std::string& name, std::string& ufunc, std::string& method) {
  const size_t dot = name.rfind('.');
  if (name.compare(0, 6, "numpy.") != 0 || dot == std::string::npos || dot < 6) return false;
  ufunc = name.substr(0, dot);
  method = name.substr(dot + 1);
  return is_ufunc_method(method) && find_ufunc(ufunc);
}

}  // namespace

bool is_ufunc_method(const std::string& name) {
  return name == "reduce" || name == "accumulate" || name == "reduceat" || name == "outer" || name == "at";
}

Expr* Typer::ufunc_call(const std::string& name, CallArgs& args) {
  const Ufunc* u = find_ufunc(name);
  if (!u) return nullptr;
  const Span& span = args.span;
  const size_t count = u->operand_count;
  if (args.positional.size() < count) return nullptr;
  std::vector<Expr*> operands(args.positional.begin(), args.positional.begin() + static_cast<long>(count));
  UfuncKeywords k;
  k.out.assign(args.positional.begin() + static_cast<long>(count), args.positional.end());
  for (auto& [key, value] : args.keywords) {
    if (key == "out" && k.out.empty()) {
      if (value->type->is_tuple())
        for (size_t i = 0; i < value->type->elems.size(); ++i) k.out.push_back(tuple_item(value, i, span));
      else
        k.out = {value};
    } else if (key == "where") {
      if (literal(value) != 1) k.where = unwrap(value, span);
    } else if (key == "dtype") {
      if (value->type->is_none()) continue;
      Expr* dtype = dtype_value(value);
      if (!dtype) return nullptr;
      k.dtype = dtype->type->elem();
    } else if (key == "casting" && value->type->is(TypeKind::LiteralStr)) {
      if (!read_casting(value->type->name, k.casting))
        fail(Diag::UserRaised, span,
             {"casting must be one of 'no', 'equiv', 'safe', 'same_kind', or 'unsafe' (got '" +
              value->type->name + "')"});
      k.casting_given = true;
    } else if (key != "order" && key != "subok") {
      return nullptr;
    }
  }
  for (Expr*& o : k.out) {
    o = unwrap(o, span);
    if (o->type->is_none())
      o = nullptr;
    else if (!o->type->is_array() || !o->type->elem()->is_number())
      return nullptr;
  }
  for (Expr*& e : operands) {
    e = unwrap(e, span);
    if (!is_operand(e->type)) {
      Expr* array = as_array(e, span);
      if (!array) return nullptr;
      e = array;
    }
  }
  if (k.where && !element_type(k.where)->is_bool() && !k.where->type->is(TypeKind::LiteralBool)) {
    if (k.where->type->is_array() || unliteral(k.where->type)->is_number())
      fail(Diag::CannotCast, span, {type_name(k.where), "bool, which where= takes"});
    return nullptr;
  }
  bool any_out = false;
  for (Expr* o : k.out) any_out = any_out || o;
  if (!any_out) k.out.clear();
  const UfuncLoop* loop = nullptr;
  if (k.dtype) {
    std::vector<TypeRef> types;
    for (Expr* e : operands) {
      TypeRef t = unliteral(element_type(e));
      // A Python number is of any width of its kind.
      if (!e->type->is_array() && casts(t, k.dtype, Casting::SameKind)) t = k.dtype;
      types.push_back(t);
    }
    loop = find_loop_with_result(*u, types, k.dtype, k.casting);
  } else {
    const bool constrains = k.out.size() == 1 && k.casting == Casting::SameKind;
    loop = choose_loop(*u, operands, constrains ? k.out[0]->type->elem() : nullptr);
  }
  if (!loop) return nullptr;
  if (k.casting_given)
    for (size_t i = 0; i < operands.size(); ++i)
      if (operands[i]->type->is_array() && !casts(element_type(operands[i]), loop->operands[i], k.casting))
        fail(Diag::CannotCast, span, {element_type(operands[i])->str(), loop->operands[i]->str()});
  if (k.out.empty()) return ufunc_result(*loop, std::move(operands), k.where, span);

  std::vector<TypeRef> parts = ufunc_parts(*loop, operands, span);
  const size_t results = parts.empty() ? 1 : parts.size();
  if (k.out.size() > results) return nullptr;
  if (results == 1) {
    TypeRef result = loop->result;
    if (result && !casts(result, k.out[0]->type->elem(), k.casting))
      fail(Diag::CannotCast, span, {result->str(), k.out[0]->type->elem()->str()});
    auto body = [&](const std::vector<Expr*>& x) { return apply_loop(*loop, x, span); };
    if (!k.where) return write_into(k.out[0], operands, body, span);
    // Where the mask does not hold, what is there stays.
    Expr* out = make_temp(k.out[0]);
    TypeRef kept = out->type->elem();
    operands.push_back(out);
    operands.push_back(k.where);
    return write_into(
        out, operands,
        [&](const std::vector<Expr*>& x) {
          std::vector<Expr*> own(x.begin(), x.end() - 2);
          Expr* r = materialise(body(own));
          if (r->type->is(TypeKind::Unknown)) return r;
          return make_op(
              Opcode::Select, kept,
              {materialise(truth(x.back(), span)), cast_number(r, kept, span), materialise(x[x.size() - 2])},
              span);
        },
        span);
  }
  // Several results: all are computed before one is written, which may be an operand.
  Expr* all = make_temp(ufunc_result(*loop, operands, k.where, span));
  if (all->type->is(TypeKind::Unknown)) return all;
  std::vector<Expr*> given;
  for (size_t i = 0; i < results; ++i) {
    Expr* r = make_temp(tuple_item(all, i, span));
    Expr* out = i < k.out.size() ? k.out[i] : nullptr;
    given.push_back(
        out ? make_temp(write_into(out, {r}, [](const std::vector<Expr*>& x) { return x[0]; }, span)) : r);
  }
  return make_tuple(std::move(given), span);
}

Expr* Typer::ufunc_result(const UfuncLoop& loop, std::vector<Expr*> operands, Expr* where, const Span& span) {
  const size_t own = operands.size();
  if (where) operands.push_back(where);
  // What where= leaves out is undefined in NumPy; here it is 0.
  auto body = [&](const std::vector<Expr*>& x, int part) {
    Expr* r = materialise(
        apply_loop(loop, std::vector<Expr*>(x.begin(), x.begin() + static_cast<long>(own)), span));
    if (part >= 0 && r->type->is_tuple()) r = tuple_item(make_temp(r), static_cast<size_t>(part), span);
    if (!where || !r->type->is_number()) return r;
    return make_op(Opcode::Select, r->type,
                   {materialise(truth(x.back(), span)), r,
                    r->type->is_complex() ? cast_number(make_int(0, span), r->type, span)
                                          : make_const(r->type, 0, span)},
                   span);
  };
  if (is_elementwise(operands)) {
    std::vector<TypeRef> parts =
        ufunc_parts(loop, {operands.begin(), operands.begin() + static_cast<long>(own)}, span);
    if (parts.empty())
      return make_map(operands, [&](const std::vector<Expr*>& x) { return body(x, -1); }, span);
    for (Expr*& e : operands) e = make_temp(e);
    std::vector<Expr*> results;  // one array for each
    for (size_t k = 0; k < parts.size(); ++k)
      results.push_back(make_temp(make_map(
          operands, [&](const std::vector<Expr*>& x) { return body(x, static_cast<int>(k)); }, span)));
    return make_tuple(std::move(results), span);
  }
  for (Expr*& e : operands) e = materialise(e);
  const bool saved = options_.numpy_errors;
  options_.numpy_errors = true;
  Expr* e = body(operands, -1);
  options_.numpy_errors = saved;
  return e;
}

// The types of a loop's results when it has several.
std::vector<TypeRef> Typer::ufunc_parts(const UfuncLoop& loop, const std::vector<Expr*>& operands,
                                        const Span& span) {
  if (loop.result) return {};
  std::vector<Expr*> params;
  for (Expr* e : operands) params.push_back(make(ExprKind::Param, unliteral(element_type(e)), span));
  TypeRef t = apply_loop(loop, params, span)->type;
  return t->is_tuple() ? t->elems : std::vector<TypeRef>{};
}

// out=: the array itself is the result.
Expr* Typer::write_into(Expr* out, std::vector<Expr*> operands, const ScalarBody& body, const Span& span) {
  out = make_temp(out);
  Expr* e = make_map_into(out, std::move(operands), body, span);
  if (e->type->is(TypeKind::Unknown)) return e;
  e->text = "ufunc";
  Expr* seq = make(ExprKind::Seq, out->type, span);
  Stmt* s = make_stmt(StmtKind::Eval, span);
  s->value = e;
  seq->block.push_back(s);
  seq->args = {out};
  return seq;
}

// np.add.reduce(a, …) and the others are in stdlib/ufunc_methods.py, which gets the ufunc's name and the
// ufunc.
Expr* Typer::ufunc_method(const std::string& name, CallArgs& args) {
  std::string ufunc, method;
  if (!split_method(name, ufunc, method)) return nullptr;
  const size_t operands = find_ufunc(ufunc)->operand_count;
  if (operands != 2 && method != "at")
    fail(Diag::UserRaised, args.span, {method + " only supported for binary functions"});
  CallArgs call = args;
  // A tuple is an array where operands stand, and an index or several axes elsewhere.
  for (size_t i = 0; i < call.positional.size(); ++i)
    if (is_list(call.positional[i]->type) ||
        (method != "at" && i < (method == "reduce" || method == "accumulate" ? 1 : 2)))
      if (Expr* array = as_array(call.positional[i], args.span)) call.positional[i] = array;
  call.positional.insert(call.positional.begin(), {make_static(literal_str(ufunc.substr(6)), args.span),
                                                   make_static(builtin_type(ufunc), args.span)});
  return call_library_or_fail("cantil.library.ufunc_" + method, call,
                              "np." + ufunc.substr(6) + "." + method + "()");
}

}  // namespace cantil::frontend
