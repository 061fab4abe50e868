// Lists, sets and dicts written with * and **: what is unpacked there is not of a length known here, so that
// they are put together item by item, as comprehensions are.
#include "frontend/typing/static_containers.h"
#include "frontend/typing/typer.h"
#include "ir/object_types.h"

namespace cantil::frontend {

using namespace ir;

// The type of an expression that is typed only to see it: nothing of it stays.
TypeRef Typer::type_ahead(const Node* n) {
  Env before = env_;
  TypeRef t = nullptr;
  sub_block(before, [&] { t = expression(n)->type; });
  env_ = before;
  return t;
}

bool Typer::unpacks(const std::vector<Node*>& items) {
  for (const Node* e : items)
    if (e->kind == NodeKind::Starred)
      if (TypeRef t = type_ahead(e->one[0]); !t->is_tuple() && !t->is(TypeKind::Unknown)) return true;
  return false;
}

Expr* Typer::display(const Node* n, const char* cls) {
  auto each = [&](const Node* at, Iteration it, const std::function<void(Expr*)>& give) {
    syntax::Node item;
    item.kind = NodeKind::Name;
    item.id = at->id;
    item.span = at->span;
    item.name = ".item";
    const uint32_t local = hidden_local(at, "item");
    scope_.enter(item.name, local);
    run_loop(at, std::move(it), &item, [&] { give(local_value(local, item.name, at->span)); });
    scope_.leave(1);
  };
  return collect(n, cls, [&](const std::function<void(Expr*)>& give) {
    for (size_t i = 0; i < n->list[0].size(); ++i) {
      const Node* e = n->list[0][i];
      if (n->kind != NodeKind::Dict) {
        if (e->kind == NodeKind::Starred)
          each(e, iteration(e->one[0]), give);
        else
          give(expression(e));
        continue;
      }
      if (e) {
        Expr* key = expression(e);
        give(make_tuple({key, expression(n->list[1][i])}, n->span));
        continue;
      }
      const Node* from = n->list[1][i];
      Expr* d = unwrap(expression(from), from->span);
      Iteration it;
      if (is_dict(d->type)) {
        it = table_iteration(d, "items", from->span);
      } else if (auto items = is_static_dict(d->type) ? static_items(d, "items", from->span) : std::nullopt) {
        it.index_type = i64();
        it.mixed = true;
        it.items = std::move(*items);
      } else if (d->type->is(TypeKind::Unknown)) {
        it.index_type = i64();
        it.unknown = true;
      } else {
        fail(Diag::UnsupportedSyntax, from->span, {"** of " + type_name(d) + " in a dict", "unpack a dict"});
      }
      each(from, std::move(it), give);
    }
  });
}

}  // namespace cantil::frontend
