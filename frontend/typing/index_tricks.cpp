// np.r_, np.c_, np.mgrid, np.ogrid and np.s_: objects whose indexing makes arrays. A slice in it is a range
// of numbers, with an imaginary step so many numbers up to the end.
#include "frontend/typing/typer.h"
#include "frontend/typing/unify.h"

namespace cantil::frontend {

using namespace ir;

Expr* Typer::index_trick(const std::string& name, const Node* index, const Span& span) {
  if (name == "numpy.s_") return index_expression(index);
  if (name == "numpy.index_exp") {
    Expr* e = index_expression(index);
    return e->type->is_tuple() ? e : make_tuple({e}, span);
  }
  const bool joins = name == "numpy.r_" || name == "numpy.c_";
  if (!joins && name != "numpy.mgrid" && name != "numpy.ogrid") return nullptr;
  const bool several = index->kind == NodeKind::Tuple;
  std::vector<const Node*> nodes = {index};
  if (several) nodes.assign(index->list[0].begin(), index->list[0].end());
  std::vector<Expr*> items;
  for (const Node* n : nodes) {
    if (n->kind != NodeKind::Slice) {
      if (!joins) fail(Diag::BadIndex, n->span, {"np." + name.substr(6), "anything but slices"});
      Expr* e = unwrap(expression(n), span);
      if (e->type->is(TypeKind::Unknown)) return e;
      if (!e->type->is_array() && !unliteral(e->type)->is_number()) {
        Expr* array = as_array(e, span);
        if (!array) fail(Diag::BadIndex, n->span, {"np." + name.substr(6), type_name(e)});
        e = array;
      }
      items.push_back(make_temp(materialise(e)));
      continue;
    }
    CallArgs axis;
    axis.span = span;
    for (int i = 0; i < 3; ++i) {
      Expr* e = n->one[i] ? unwrap(expression(n->one[i]), span) : nullptr;
      if (e && e->type->is(TypeKind::Unknown)) return e;
      if (!e || e->type->is_none()) e = i == 1 ? nullptr : make_int(i == 2, span);
      if (!e) fail(Diag::BadIndex, n->span, {"np." + name.substr(6), "a slice without an end"});
      axis.positional.push_back(materialise(e));
    }
    axis.positional.push_back(make_static(literal_bool(several && !joins), span));
    items.push_back(
        make_temp(call_library_or_fail("cantil.library.grid_axis", axis, "np." + name.substr(6))));
    if (items.back()->type->is(TypeKind::Unknown)) return items.back();
  }
  if (!joins && !several) return items[0];
  CallArgs all;
  all.span = span;
  all.positional = {make_tuple(std::move(items), span)};
  return call_library_or_fail("cantil.library.index_" + name.substr(6), all, "np." + name.substr(6));
}

}  // namespace cantil::frontend
