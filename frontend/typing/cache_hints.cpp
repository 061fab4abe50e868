// cuda.ldca and its like: loads and stores of one element with a hint for the caches.
#include "frontend/typing/cache_hints.h"

#include <set>

#include "frontend/typing/unify.h"

namespace cantil::frontend {

using namespace ir;

Expr* cache_hint_call(Typer& t, const std::string& f, CallArgs& args) {
  static const std::set<std::string> kNames = {"ldca", "ldcg", "ldcs", "ldlu", "ldcv",
                                               "stcg", "stcs", "stwb", "stwt"};
  if (!kNames.count(f)) return nullptr;
  const bool stores = f[0] == 's';
  const Span& span = args.span;
  const std::string shown = "cuda." + f;
  std::vector<Expr*>& a = args.positional;
  if (!args.keywords.empty()) fail(Diag::UnknownKeyword, span, {shown + "()", args.keywords[0].first});
  const size_t want = stores ? 3 : 2;
  if (a.size() != want)
    fail(Diag::WrongArgumentCount, span, {shown, std::to_string(want), std::to_string(a.size())});
  Expr* array = t.make_temp(a[0]);
  if (!array->type->is_array()) fail(Diag::NoOverload, span, {shown, type_list(a)});
  TypeRef elem = array->type->elem();
  if (!elem->is_int() && !elem->is_float()) fail(Diag::NoOverload, span, {shown, type_list(a)});
  if (stores && array->type->readonly) fail(Diag::ReadonlyArray, span);
  std::vector<Expr*> indices;
  if (a[1]->type->is_tuple()) {
    Expr* tuple = t.make_temp(a[1]);
    for (size_t i = 0; i < tuple->type->elems.size(); ++i) indices.push_back(t.tuple_item(tuple, i, span));
  } else {
    indices.push_back(a[1]);
  }
  if (indices.size() != array->type->ndim)
    fail(Diag::TooManyIndices, span,
         {array->type->str(), std::to_string(array->type->ndim), std::to_string(indices.size())});
  for (Expr* i : indices)
    if (!unliteral(i->type)->is_int()) fail(Diag::BadIndex, span, {array->type->str(), i->type->str()});
  Expr* place = t.element(array, indices, span);
  if (t.on_simulator() && !stores) return place;  // caches are the host's business
  place->opcode = Opcode::ElemPtr;
  place->type = pointer_type(elem);
  Expr* value = nullptr;
  if (stores) {
    value = t.materialise(t.unwrap(a[2], span));
    if (!value->type->is_real()) fail(Diag::NoOverload, span, {shown, type_list(a)});
    value = t.cast_number(value, elem, span);
    if (t.on_simulator()) return t.make_op(Opcode::Store, none_type(), {place, value}, span);
  }
  // The bits travel as an integer; ptx_codegen writes the instruction.
  TypeRef bits = int_type(elem->bits);
  const bool is_bits = elem->is_int();
  std::vector<Expr*> operands = {place};
  if (stores) operands.push_back(is_bits ? value : t.make_op(Opcode::Bitcast, bits, {value}, span));
  Expr* call =
      t.make_op(Opcode::CallC, stores ? none_type() : (is_bits ? elem : bits), std::move(operands), span);
  call->text = "cantil_ptx_" + f + "_b" + std::to_string(elem->bits);
  return stores || is_bits ? call : t.make_op(Opcode::Bitcast, elem, {t.make_temp(call)}, span);
}

}  // namespace cantil::frontend
