// a.flat, np.ndindex, np.ndenumerate and np.nditer as values, and loops over them. What one step gives is in
// stdlib/array_iterators.py.
#include "frontend/typing/array_iterators.h"

#include "frontend/typing/typer.h"
#include "frontend/typing/unify.h"
#include "ir/object_types.h"

namespace cantil::frontend {

using namespace ir;

namespace {

bool is_integer(TypeRef t) { return unliteral(t)->is_int() || unliteral(t)->is_bool(); }

}  // namespace

Expr* Typer::make_array_iterator(const char* kind, std::vector<Expr*> parts, const Span& span) {
  std::vector<std::string> fields;
  for (size_t i = 0; i < parts.size(); ++i) fields.push_back(std::to_string(i));
  Expr* e = make_tuple(std::move(parts), span);
  if (!e->type->is_tuple()) return e;
  std::vector<TypeRef> elems = e->type->elems;
  e->type = named_tuple_type(kind, std::move(fields), std::move(elems), kArrayIterator);
  return e;
}

Expr* Typer::array_iterator_call(const std::string& name, CallArgs& args) {
  const Span& span = args.span;
  std::vector<Expr*>& a = args.positional;
  if (name == "numpy.ndindex" && args.keywords.empty()) {
    std::vector<Expr*> dims = a;
    if (a.size() == 1 && a[0]->type->is_tuple()) {
      Expr* shape = make_temp(a[0]);
      dims.clear();
      for (size_t i = 0; i < shape->type->elems.size(); ++i) dims.push_back(tuple_item(shape, i, span));
    }
    for (Expr*& d : dims) {
      d = unwrap(d, span);
      if (!is_integer(d->type)) return nullptr;
      d = to_i64(d);
    }
    CallArgs check;
    check.positional = {make_temp(make_tuple(dims, span))};
    check.span = span;
    Expr* checked = make_temp(call_library_or_fail("cantil.library.index_shape", check, "np.ndindex()"));
    std::vector<Expr*> parts;
    for (size_t i = 0; i < dims.size(); ++i) parts.push_back(tuple_item(checked, i, span));
    return make_array_iterator("ndindex", std::move(parts), span);
  }
  if (name == "numpy.ndenumerate" && a.size() == 1 && args.keywords.empty()) {
    Expr* array = unwrap(a[0], span);
    if (!array->type->is_array()) array = as_array(array, span);
    return array ? make_array_iterator("ndenumerate", {array}, span) : nullptr;
  }
  if (name == "numpy.nditer" && a.size() == 1) {
    Expr* order = make_static(literal_str("K"), span);
    for (auto& [key, value] : args.keywords) {
      if (key != "order" || !value->type->is(TypeKind::LiteralStr)) return nullptr;
      order = value;
    }
    Expr* over = make_temp(unwrap(a[0], span));
    std::vector<Expr*> arrays;
    if (over->type->is_array()) {
      arrays = {over};
    } else if (over->type->is_tuple() && !over->type->elems.empty()) {
      for (size_t i = 0; i < over->type->elems.size(); ++i) {
        Expr* item = tuple_item(over, i, span);
        if (unliteral(item->type)->is_number()) {
          CallArgs wrap;
          wrap.positional = {item};
          wrap.span = span;
          item = call_library_or_fail("numpy.asarray", wrap, "np.nditer()");
        }
        if (!item->type->is_array()) return nullptr;
        arrays.push_back(item);
      }
    } else {
      return nullptr;
    }
    CallArgs views;
    views.positional = {make_tuple(arrays, span), order};
    views.span = span;
    Expr* all = make_temp(call_library_or_fail("cantil.library.iteration_views", views, "np.nditer()"));
    if (all->type->is(TypeKind::Unknown)) return all;
    std::vector<Expr*> parts;
    for (size_t i = 0; i < arrays.size(); ++i) parts.push_back(tuple_item(all, i, span));
    return make_array_iterator("nditer", std::move(parts), span);
  }
  return nullptr;
}

Typer::Iteration Typer::array_iteration(Expr* iterator, const Span& span) {
  Expr* over = evaluate_now(iterator);
  const std::string kind = over->type->name;
  const size_t n = over->type->elems.size();
  Iteration it;
  it.index_type = i64();
  auto library = [this, span](const char* name, std::vector<Expr*> args) {
    CallArgs call;
    call.positional = std::move(args);
    call.span = span;
    return call_library_or_fail(std::string("cantil.library.") + name, call, "iteration");
  };
  Expr* shape = nullptr;
  std::vector<Expr*> parts;
  for (size_t i = 0; i < n; ++i) parts.push_back(evaluate_now(tuple_item(over, i, span)));
  shape = evaluate_now(kind == "ndindex" ? make_tuple(parts, span) : attribute_of(parts[0], "shape", span));
  it.length = evaluate_now(to_i64(library("index_count", {shape})));
  // The index runs over [0, n): as an unsigned number it needs no wrapping.
  auto position = [this, span](Expr* i) { return make_op(Opcode::Bitcast, int_type(64, false), {i}, span); };
  if (kind == "flatiter") {
    it.item = [=](Expr* i) { return library("flat_item", {parts[0], position(i)}); };
  } else if (kind == "ndindex") {
    it.item = [=](Expr* i) { return library("index_tuple", {i, shape}); };
  } else if (kind == "ndenumerate") {
    it.item = [=](Expr* i) { return library("enumerated_item", {parts[0], i}); };
  } else {
    it.item = [=, this](Expr* i) {
      Expr* places = make_temp(library("index_tuple", {i, shape}));
      std::vector<Expr*> items;
      for (Expr* p : parts) items.push_back(library("item_view", {p, places}));
      return n == 1 ? items[0] : make_tuple(std::move(items), span);
    };
  }
  return it;
}

bool Typer::store_flat(Expr* flat, Expr* index, Expr* value, const Span& span) {
  Expr* array = tuple_item(make_temp(flat), 0, span);
  if (array->type->readonly) fail(Diag::ReadonlyArray, span);
  if (value->type->is(TypeKind::Unknown)) return true;
  if (!value->type->is_array() && !unliteral(value->type)->is_number())
    if (Expr* items = as_array(value, span)) value = items;
  CallArgs args;
  args.span = span;
  args.positional = {array, index ? index : make_op(Opcode::TupleMake, slice_type(0), {}, span), value};
  if (args.positional[1]->type->is(TypeKind::Unknown)) return true;
  if (Expr* places = as_array(args.positional[1], span)) args.positional[1] = places;
  Stmt* s = make_stmt(StmtKind::Eval, span);
  s->value = call_library_or_fail("cantil.library.flat_set", args, "assigning to a.flat");
  emit(s);
  return true;
}

}  // namespace cantil::frontend
