// What the array bodies in stdlib/ have beyond Python: views with any shape and strides, tuples changed at a
// run-time position; and advanced indexing, split into a basic view and the library's gather and scatter.
#include <algorithm>

#include "frontend/typing/typer.h"
#include "frontend/typing/unify.h"
#include "ir/layout.h"

namespace cantil::frontend {

using namespace ir;

namespace {

bool is_integer(TypeRef t) {
  t = unliteral(t);
  return t->is_int() || t->is_bool();
}

// An array that indexes: of integers, or a mask.
bool is_index_array(TypeRef t) { return t->is_array() && (t->elem()->is_int() || t->elem()->is_bool()); }

}  // namespace

Expr* Typer::array_library_call(const std::string& f, CallArgs& args) {
  const Span& span = args.span;
  std::vector<Expr*>& a = args.positional;
  // strided_view(base, T, offset, shape, strides), packed_view(base, T, offset, shape) in C order, and
  // fortran_view(base, T, offset, shape): the memory of `base`, kept alive by the view. Nothing is checked.
  if (f == "strided_view" || f == "packed_view" || f == "fortran_view") {
    CANTIL_CHECK(a[0]->type->is_array() && a[1]->type->is(TypeKind::TypeObject) && a[3]->type->is_tuple());
    Layout layout = f == "packed_view" ? Layout::C : f == "fortran_view" ? Layout::F : Layout::A;
    TypeRef elem = a[1]->type->elem();
    Expr* base = make_temp(a[0]);
    Expr* data = make_op(Opcode::ArrayData, pointer_type(base->type->elem()), {base}, span);
    if (base->type->elem() != elem) data = make_op(Opcode::Bitcast, pointer_type(elem), {data}, span);
    if (literal(a[2]) != 0) data = make_op(Opcode::PtrOffset, data->type, {data, to_i64(a[2])}, span);
    std::vector<Expr*> parts = {make_op(Opcode::ArrayOwner, owner_type(), {base}, span), data};
    Expr* shape = make_temp(a[3]);
    size_t ndim = shape->type->elems.size();
    if (layout == Layout::F && ndim <= 1) layout = Layout::C;
    for (size_t i = 0; i < ndim; ++i) parts.push_back(to_i64(tuple_item(shape, i, span)));
    if (layout == Layout::A) {
      Expr* strides = make_temp(a[4]);
      CANTIL_CHECK(strides->type->elems.size() == ndim);
      for (size_t i = 0; i < ndim; ++i) parts.push_back(to_i64(tuple_item(strides, i, span)));
    }
    if (ndim == 0) layout = Layout::C;
    return make_op(
        Opcode::ArrayMake,
        array_type(elem, static_cast<int>(ndim), layout, base->type->readonly, base->type->aligned),
        std::move(parts), span);
  }
  // tuple_drop(t, i), tuple_insert(t, i, v), tuple_set(t, i, v): a tuple of int64 without, with or with
  // another item at the run-time position i, which is in range.
  if (f == "tuple_drop" || f == "tuple_insert" || f == "tuple_set") {
    Expr* t = make_temp(a[0]);
    Expr* at = make_temp(to_i64(a[1]));
    Expr* v = f == "tuple_drop" ? nullptr : make_temp(to_i64(a[2]));
    auto item = [&](size_t i) { return to_i64(tuple_item(t, i, span)); };
    auto test = [&](Opcode op, size_t i) {
      return make_op(op, bool_type(), {at, make_const(i64(), static_cast<int64_t>(i), span)}, span);
    };
    auto select = [&](Expr* c, Expr* x, Expr* y) { return make_op(Opcode::Select, i64(), {c, x, y}, span); };
    size_t n = t->type->elems.size();
    std::vector<Expr*> out;
    if (f == "tuple_drop") {
      for (size_t i = 0; i + 1 < n; ++i) out.push_back(select(test(Opcode::Gt, i), item(i), item(i + 1)));
    } else if (f == "tuple_set") {
      for (size_t i = 0; i < n; ++i) out.push_back(select(test(Opcode::Eq, i), v, item(i)));
    } else {
      for (size_t i = 0; i <= n; ++i) {
        if (n == 0) {
          out.push_back(v);
          continue;
        }
        // Before the new item the old ones stand where they stood, behind it one further on.
        Expr* rest = i == 0   ? item(0)
                     : i == n ? item(n - 1)
                              : select(test(Opcode::Gt, i), item(i), item(i - 1));
        out.push_back(select(test(Opcode::Eq, i), v, rest));
      }
    }
    return make_tuple(std::move(out), span);
  }
  return nullptr;
}

bool Typer::split_advanced(Expr* base, const std::vector<Expr*>& indices, Advanced& out, const Span& span) {
  TypeRef t = base->type;
  size_t consumed = 0;
  bool any = false;
  for (Expr* i : indices) {
    if (is_index_array(i->type)) {
      any = true;
      consumed += i->type->elem()->is_bool() ? i->type->ndim : 1;
    } else if (is_integer(i->type) || i->type->is(TypeKind::Slice)) {
      ++consumed;
    } else if (!i->type->is_none() && !i->type->is(TypeKind::Ellipsis)) {
      return false;
    }
  }
  if (!any) return false;
  if (consumed > t->ndim)
    fail(Diag::TooManyIndices, span, {t->str(), std::to_string(t->ndim), std::to_string(consumed)});
  Expr* a = make_temp(base);
  // `basic`: the view with a full slice for each axis that an index array takes. `axes`: where these are
  // among the view's axes. NumPy puts the new axes where the first index array was when all (integers count)
  // stand together, else first.
  std::vector<Expr*> basic, arrays;
  std::vector<int> axes;
  int view_axis = 0, array_axis = 0, first = -1;
  bool open = false, closed = false, together = true;
  auto advanced = [&] {
    if (closed) together = false;
    open = true;
    if (first < 0) first = view_axis;
  };
  auto other = [&] {
    if (open) closed = true;
  };
  auto take = [&](Expr* index) {
    basic.push_back(make_op(Opcode::TupleMake, slice_type(0), {}, span));
    arrays.push_back(index);
    axes.push_back(view_axis++);
    ++array_axis;
  };
  for (Expr* i : indices) {
    if (i->type->is(TypeKind::Ellipsis)) {
      other();
      basic.push_back(i);
      int rest = t->ndim - static_cast<int>(consumed);
      view_axis += rest;
      array_axis += rest;
    } else if (i->type->is_none() || i->type->is(TypeKind::Slice)) {
      other();
      basic.push_back(i);
      array_axis += i->type->is_none() ? 0 : 1;
      ++view_axis;
    } else if (is_integer(i->type)) {
      advanced();
      basic.push_back(i);
      ++array_axis;
    } else if (i->type->elem()->is_bool()) {
      advanced();
      CallArgs call;
      call.span = span;
      std::vector<Expr*> dims;
      for (int k = 0; k < i->type->ndim; ++k) dims.push_back(array_dim(a, array_axis + k, span));
      call.positional = {i, make_tuple(std::move(dims), span)};
      int n = i->type->ndim;
      Expr* places = make_temp(call_library_or_fail("cantil.library.mask_places", call, "indexing"));
      if (places->type->is(TypeKind::Unknown)) return false;
      for (int k = 0; k < n; ++k) take(tuple_item(places, static_cast<size_t>(k), span));
    } else {
      advanced();
      take(i);
    }
  }
  Expr* view = make_temp(subscript_value(a, make_tuple(std::move(basic), span), span));
  TypeRef vt = view->type;
  CANTIL_CHECK(vt->is_array());
  // The axes that index arrays take come first.
  std::vector<int> order = axes;
  for (int k = 0; k < vt->ndim; ++k)
    if (std::find(axes.begin(), axes.end(), k) == axes.end()) order.push_back(k);
  bool same_order = true;
  for (int k = 0; k < vt->ndim; ++k) same_order = same_order && order[static_cast<size_t>(k)] == k;
  if (!same_order) {
    std::vector<Expr*> parts = {make_op(Opcode::ArrayOwner, owner_type(), {view}, span),
                                make_op(Opcode::ArrayData, pointer_type(vt->elem()), {view}, span)};
    for (int k : order) parts.push_back(array_dim(view, k, span));
    for (int k : order) parts.push_back(make_op(Opcode::ArrayStride, i64(), {view}, span, k));
    view = make_temp(make_op(Opcode::ArrayMake,
                             array_type(vt->elem(), vt->ndim, Layout::A, vt->readonly, vt->aligned),
                             std::move(parts), span));
  }
  out.view = view;
  out.places = make_tuple(std::move(arrays), span);
  out.position = make_int(together ? first : 0, span);
  return true;
}

}  // namespace cantil::frontend
