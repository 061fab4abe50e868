// Element-wise work over arrays: operators and ufuncs, np.where, assignment to whole views. The result is one
// Map, MapInto or Reduce expression whose body is typed on scalars by the ordinary rules.
#include "frontend/library.h"
#include "frontend/typing/typer.h"
#include "frontend/typing/ufuncs.h"
#include "frontend/typing/unify.h"

namespace cantil::frontend {

using namespace ir;

namespace {

TypeRef element_type(Expr* e) { return e->type->is_array() ? e->type->elem() : e->type; }

// The layout of a fresh result, as Numba: Fortran's where arrays have it and none has C's.
Layout result_layout(const std::vector<Expr*>& operands) {
  bool c = false, f = false;
  for (Expr* e : operands) {
    if (!e->type->is_array() || e->type->ndim == 0) continue;
    c = c || e->type->layout == Layout::C;
    f = f || e->type->layout == Layout::F;
  }
  return f && !c ? Layout::F : Layout::C;
}

// A type that an element-wise op can take as it is.
bool is_operand(TypeRef t) { return unliteral(t)->is_number() || (t->is_array() && t->elem()->is_number()); }

}  // namespace

bool Typer::is_elementwise(const std::vector<Expr*>& operands) const {
  bool array = false;
  for (Expr* e : operands) {
    if (!is_operand(e->type)) return false;
    array = array || e->type->is_array();
  }
  return array;
}

Elementwise* Typer::make_elementwise(const std::vector<Expr*>& operands, const ScalarBody& body,
                                     const Span& span) {
  Elementwise* each = program_.make_elementwise();
  std::vector<Expr*> params;
  for (Expr* e : operands) {
    Expr* p = make(ExprKind::Param, element_type(e), span);
    each->params.push_back(p);
    // A constant stays one in the body, where it can still simplify.
    params.push_back(e->kind == ExprKind::Const && e->type->is_number() ? e : p);
  }
  // As in arrays everywhere: division by zero gives what NumPy gives.
  const bool saved = options_.numpy_errors;
  options_.numpy_errors = true;
  try {
    each->body = materialise(body(params));
  } catch (...) {
    options_.numpy_errors = saved;
    throw;
  }
  options_.numpy_errors = saved;
  return each;
}

Expr* Typer::make_map(std::vector<Expr*> operands, const ScalarBody& body, const Span& span) {
  int ndim = 0;
  for (Expr*& e : operands) {
    e = materialise(e);
    if (e->type->is_array()) ndim = std::max<int>(ndim, e->type->ndim);
  }
  Elementwise* each = make_elementwise(operands, body, span);
  if (each->body->type->is(TypeKind::Unknown)) return each->body;
  if (!each->body->type->is_number())
    fail(Diag::CannotCast, span, {type_name(each->body), "an element of an array"});
  // In a kernel it has to become part of what uses it, which lower_arrays sees. In the library's bodies the
  // place that is at fault is their caller's.
  if (on_cuda() && fn_.is_library)
    fail(Diag::NotInKernel, span,
         {"an operation that makes an array", "write the result into an existing one: out[...] = …"});
  Expr* e = make(ExprKind::Map, array_type(each->body->type, ndim, result_layout(operands)), span);
  e->args = std::move(operands);
  e->each = each;
  return e;
}

Expr* Typer::make_map_into(Expr* target, std::vector<Expr*> operands, const ScalarBody& body,
                           const Span& span) {
  if (target->type->readonly) fail(Diag::ReadonlyArray, span);
  for (Expr*& e : operands) {
    e = materialise(e);
    if (e->type->is_array() && e->type->ndim > target->type->ndim)
      fail(Diag::CannotCast, span, {type_name(e), target->type->str()});
  }
  TypeRef elem = target->type->elem();
  Elementwise* each = make_elementwise(operands, body, span);
  if (each->body->type->is(TypeKind::Unknown)) return each->body;
  if (each->body->type->is_complex() && !elem->is_complex())
    fail(Diag::CannotCast, span, {type_name(each->body), elem->str()});
  each->body = cast_number(each->body, elem, span);
  Expr* e = make(ExprKind::MapInto, none_type(), span);
  e->args = {target};
  e->args.insert(e->args.end(), operands.begin(), operands.end());
  e->each = each;
  return e;
}

Expr* Typer::make_reduce(ReduceOp op, Expr* start, std::vector<Expr*> operands, const ScalarBody& body,
                         const Span& span) {
  for (Expr*& e : operands) e = materialise(e);
  Elementwise* each = make_elementwise(operands, body, span);
  if (each->body->type->is(TypeKind::Unknown)) return each->body;
  each->body = cast_number(each->body, start->type, span);
  Expr* e = make(ExprKind::Reduce, tuple_type({start->type, i64()}), span);
  e->imm = static_cast<int64_t>(op);
  e->args = {start};
  e->args.insert(e->args.end(), operands.begin(), operands.end());
  e->each = each;
  return make_temp(e);
}

// A library body that is one returned expression is typed in place, on the arguments themselves; any other is
// called.
Expr* Typer::apply_body(Function& f, const std::vector<Expr*>& args, const Span& span) {
  const Node* root = f.tree->root;
  const std::vector<Node*>& body = root->list[0];
  const Node* last = body.empty() ? nullptr : body.back();
  const bool documented = body.size() == 2 && body[0]->kind == NodeKind::ExprStmt;
  if (!last || last->kind != NodeKind::Return || !last->one[0] || (body.size() != 1 && !documented))
    return call_instance(f, args, span);
  Instance* in_place = program_.make_instance();
  in_place->function = &f;
  in_place->options = options_;
  Block statements;
  Typer inner(program_, *in_place);
  inner.out_ = &statements;
  inner.env_.reachable = true;
  for (size_t i = 0; i < args.size(); ++i) inner.substitutes_.push_back(make_temp(args[i]));
  Expr* e = inner.expression(last->one[0]);
  CANTIL_CHECK(statements.empty());
  return e;
}

Expr* Typer::apply_loop(const UfuncLoop& loop, const std::vector<Expr*>& operands, const Span& span) {
  std::vector<Expr*> args;
  for (size_t i = 0; i < operands.size(); ++i)
    args.push_back(cast_number(operands[i], loop.operands[i], span));
  Expr* e = materialise(apply_body(library_function(loop.body), args, span));
  if (e->type->is(TypeKind::Unknown) || !loop.result || !e->type->is_number()) return e;
  return cast_number(e, loop.result, span);
}

// The loop for these operands. Where there is none as the types stand, integer literals count as of any
// integer type.
const UfuncLoop* Typer::choose_loop(const Ufunc& u, const std::vector<Expr*>& operands,
                                    TypeRef result) const {
  std::vector<TypeRef> types;
  for (Expr* e : operands) types.push_back(unliteral(element_type(e)));
  if (const UfuncLoop* loop = find_loop(u, types, result)) return loop;
  TypeRef whole = nullptr;
  for (Expr* e : operands)
    if (!literal(e) && element_type(e)->is_int()) whole = element_type(e);
  if (!whole) return nullptr;
  for (size_t i = 0; i < operands.size(); ++i)
    if (literal(operands[i])) types[i] = whole;
  return find_loop(u, types, result);
}

Expr* Typer::array_operator(const char* ufunc, std::vector<Expr*> operands, const Span& span) {
  if (!ufunc || !is_elementwise(operands)) return nullptr;
  CallArgs args;
  args.positional = std::move(operands);
  args.span = span;
  return ufunc_call(ufunc, args);
}

bool Typer::inplace_operator(const char* ufunc, Expr* target, Expr* value, const Span& span) {
  const Ufunc* u = ufunc ? find_ufunc(ufunc) : nullptr;
  value = unwrap(value, span);
  if (value->type->is(TypeKind::Unknown)) return true;
  if (!u || !is_operand(value->type)) return false;
  target = make_temp(target);
  const UfuncLoop* loop = choose_loop(*u, {target, value}, target->type->elem());
  if (!loop) {
    const UfuncLoop* any = choose_loop(*u, {target, value}, nullptr);
    if (any && any->result) fail(Diag::CannotCast, span, {any->result->str(), target->type->elem()->str()});
    return false;
  }
  Stmt* s = make_stmt(StmtKind::Eval, span);
  s->value = make_map_into(
      target, {target, value}, [&](const std::vector<Expr*>& x) { return apply_loop(*loop, x, span); }, span);
  if (s->value->type->is(TypeKind::Unknown)) return true;
  s->value->text = "ufunc";
  emit(s);
  return true;
}

bool Typer::assign_view(Expr* view, Expr* value, const Span& span) {
  if (!view->type->is_array() || !view->type->elem()->is_number() || !is_operand(value->type)) return false;
  if (value->type->is_array() && value->type->ndim > view->type->ndim)
    return false;  // the library drops leading axes of length 1
  Stmt* s = make_stmt(StmtKind::Eval, span);
  s->value = make_map_into(view, {value}, [](const std::vector<Expr*>& x) { return x[0]; }, span);
  emit(s);
  return true;
}

Expr* Typer::where_call(CallArgs& args) {
  std::vector<Expr*>& a = args.positional;
  if (a.size() != 3 || !args.keywords.empty()) return nullptr;
  std::vector<Expr*> operands;
  for (Expr* e : a) operands.push_back(unwrap(e, args.span));
  if (!is_elementwise(operands)) return nullptr;
  const Span span = args.span;
  TypeRef t = promote(unliteral(element_type(operands[1])), unliteral(element_type(operands[2])));
  return make_map(
      operands,
      [&](const std::vector<Expr*>& x) {
        return make_op(
            Opcode::Select, t,
            {materialise(truth(x[0], span)), cast_number(x[1], t, span), cast_number(x[2], t, span)}, span);
      },
      span);
}

// cantil.library.elementwise(f, a, b…): f of the elements.
Expr* Typer::elementwise_call(CallArgs& args) {
  const Span span = args.span;
  Expr* f = args.positional[0];
  std::vector<Expr*> operands(args.positional.begin() + 1, args.positional.end());
  for (Expr* e : operands)
    if (!is_operand(e->type)) fail(Diag::NoOverload, span, {"elementwise()", type_list(operands)});
  auto body = [&](const std::vector<Expr*>& x) {
    CallArgs scalar;
    scalar.positional = x;
    scalar.span = span;
    return call_value(f, scalar);
  };
  if (is_elementwise(operands)) return make_map(operands, body, span);
  return body(operands);
}

}  // namespace cantil::frontend
