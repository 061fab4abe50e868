// Lists of mixed types and dicts of names: what is known of every item while compiling, as Numba's literal
// lists and dicts of literal keys. They are tuples that cannot be changed; **kwargs is such a dict.
#include "frontend/typing/static_containers.h"

#include <algorithm>

#include "frontend/typing/typer.h"

namespace cantil::frontend {

using namespace ir;

namespace {

Expr* renamed(Expr* tuple, TypeRef type) {
  if (tuple->type->is_tuple()) tuple->type = type;
  return tuple;
}

}  // namespace

Expr* Typer::static_list(std::vector<Expr*> items, const Span& span) {
  std::vector<std::string> names;
  for (size_t i = 0; i < items.size(); ++i) names.push_back("[" + std::to_string(i) + "]");
  Expr* tuple = make_tuple(std::move(items), span);
  if (!tuple->type->is_tuple()) return tuple;
  return renamed(tuple, named_tuple_type("list of mixed types", std::move(names), tuple->type->elems, -2));
}

Expr* Typer::static_dict(const std::vector<std::string>& names, std::vector<Expr*> values, const Span& span) {
  Expr* tuple = make_tuple(std::move(values), span);
  if (!tuple->type->is_tuple()) return tuple;
  return renamed(tuple, static_dict_type(names, tuple->type->elems));
}

// What iterating over one gives: `what` is "keys" (or nothing), "values" or "items".
std::optional<std::vector<Expr*>> Typer::static_items(Expr* e, const std::string& what, const Span& span) {
  TypeRef t = e->type;
  if (!is_static_container(t)) return std::nullopt;
  Expr* tuple = make_temp(e);
  if (tuple->kind == ExprKind::Temp) evaluate_now(tuple);
  std::vector<Expr*> items;
  for (size_t i = 0; i < t->elems.size(); ++i) {
    Expr* value = tuple_item(tuple, i, span);
    if (is_static_list(t) || what == "values") {
      items.push_back(value);
      continue;
    }
    Expr* key = make_static(literal_str(t->fields[i]), span);
    items.push_back(what == "items" ? make_tuple({key, value}, span) : key);
  }
  return items;
}

Expr* Typer::static_method(Expr* receiver, const std::string& method, CallArgs& args) {
  TypeRef t = receiver->type;
  const Span& span = args.span;
  std::vector<Expr*>& a = args.positional;
  if (is_static_dict(t)) {
    if ((method == "keys" || method == "values" || method == "items") && args.count() == 0)
      return make_tuple(*static_items(receiver, method, span), span);
    if (method == "get" && !a.empty() && args.count() <= 2 && a[0]->type->is(TypeKind::LiteralStr)) {
      auto at = std::find(t->fields.begin(), t->fields.end(), a[0]->type->name);
      if (at != t->fields.end())
        return tuple_item(receiver, static_cast<size_t>(at - t->fields.begin()), span);
      return a.size() == 2 ? a[1] : make_none(span);
    }
  } else if (method == "index" || method == "count" || method == "copy") {
    if (method == "copy") return receiver;
    Expr* plain = make_tuple(*static_items(receiver, "", span), span);
    a.insert(a.begin(), plain);
    if (Expr* e = call_library("method:tuple." + method, args)) return e;
  }
  fail(Diag::UnknownAttribute, span, {"a " + t->name + ", which cannot be changed,", method});
}

}  // namespace cantil::frontend
