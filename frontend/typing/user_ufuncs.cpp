// Calls of the user's own universal functions (vectorize) from compiled code: on numbers a plain call, on
// arrays an element-wise expression like NumPy's own.
#include "frontend/typing/typer.h"
#include "frontend/typing/ufuncs.h"

namespace cantil::frontend {

using namespace ir;

namespace {

TypeRef element_of(Expr* e) { return unliteral(e->type->is_array() ? e->type->elem() : e->type); }

bool is_operand(TypeRef t) { return t->is_number() || (t->is_array() && t->elem()->is_number()); }

}  // namespace

Expr* Typer::call_user_ufunc(Function& f, CallArgs args) {
  const Span span = args.span;
  ensure_captured(f);
  const size_t count = parameters(f.tree->root).positional.size();
  std::vector<Expr*> operands = args.positional;
  Expr* out = nullptr;
  if (operands.size() == count + 1) {
    out = operands.back();
    operands.pop_back();
  }
  for (auto& [key, value] : args.keywords) {
    if (key != "out" || out) fail(Diag::UnknownKeyword, span, {f.name + "()", key});
    out = value;
  }
  if (out && out->type->is_none()) out = nullptr;
  if (operands.size() != count)
    fail(Diag::WrongArgumentCount, span,
         {f.name + "()", std::to_string(count), std::to_string(args.positional.size())});
  std::vector<TypeRef> types;
  for (Expr*& e : operands) {
    if (e->type->is(TypeKind::Unknown)) return e;
    e = unwrap(e, span);
    if (!is_operand(unliteral(e->type))) fail(Diag::NoOverload, span, {f.name + "()", type_list(operands)});
    types.push_back(element_of(e));
  }
  if (out && !out->type->is_array()) fail(Diag::NoOverload, span, {f.name + "()'s out", type_name(out)});

  // As NumPy: the first of the signatures into which all operands can be cast safely. Without signatures the
  // function is compiled for the types at hand.
  TypeRef ret = nullptr;
  if (!f.signatures.empty()) {
    size_t at = 0;
    while (at < f.signatures.size() && !can_cast_safely(types, f.signatures[at])) ++at;
    if (at == f.signatures.size()) fail(Diag::NoOverload, span, {f.name + "()", type_list(operands)});
    types = f.signatures[at];
    ret = f.signature_returns[at];
  }
  auto body = [&](const std::vector<Expr*>& x) {
    std::vector<Expr*> converted;
    for (size_t i = 0; i < x.size(); ++i) converted.push_back(cast_number(materialise(x[i]), types[i], span));
    Expr* e = call_instance(f, converted, span);
    if (e->type->is(TypeKind::Unknown)) return e;
    if (!e->type->is_number()) fail(Diag::UfuncElement, span, {f.name, type_name(e)});
    return ret ? cast_number(e, ret, span) : e;
  };
  if (out) return write_into(out, operands, body, span);
  if (is_elementwise(operands)) return make_map(operands, body, span);
  return body(operands);
}

}  // namespace cantil::frontend
