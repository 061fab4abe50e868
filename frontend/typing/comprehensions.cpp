// Comprehensions, and iterables that are collected into lists because no value stands for them.
#include "frontend/typing/closures.h"
#include "frontend/typing/typer.h"
#include "frontend/typing/unify.h"
#include "ir/object_types.h"

namespace cantil::frontend {

using namespace ir;

// The loops of a comprehension from the nth on; its names are its own.
void Typer::generators(const Node* n, size_t nth, const std::function<void()>& innermost) {
  if (nth == n->list[0].size()) return innermost();
  const Node* g = n->list[0][nth];
  Iteration it = iteration(g->one[1]);
  size_t names = 0;
  std::function<void(const Node*)> enter = [&](const Node* target) {
    if (target->kind == NodeKind::Name) {
      scope_.enter(target->name, hidden_local(n, target->name.c_str()));
      ++names;
    } else if (target->kind == NodeKind::Tuple || target->kind == NodeKind::List) {
      for (const Node* e : target->list[0]) enter(e);
    } else {
      fail(Diag::NotAssignable, target->span, {"this expression"});
    }
  };
  enter(g->one[0]);
  run_loop(g, std::move(it), g->one[0], [&] {
    for (const Node* test : g->list[0]) {
      Expr* kept = truth(expression(test), test->span);
      if (auto k = literal(kept); k && *k) continue;
      emit(skip_unless(kept, test->span));
    }
    generators(n, nth + 1, innermost);
  });
  scope_.leave(names);
}

namespace {

TypeRef container_of(const char* cls, TypeRef item) {
  if (std::string_view(cls) == "dict") return dict_type(item->elems[0], item->elems[1]);
  return std::string_view(cls) == "set" ? set_type(item) : list_type(item);
}

}  // namespace

// Typed until the type of its items stands.
Expr* Typer::collect(const Node* n, const char* cls,
                     const std::function<void(const std::function<void(Expr*)>& give)>& loops) {
  const std::string shown = std::string("a ") + cls;
  if (on_cuda()) fail(Diag::NotInKernel, n->span, {shown, "use a tuple, or cuda.local.array"});
  const uint32_t local = hidden_local(n, cls);
  const int64_t id = static_cast<int64_t>(place(n)) + 1;
  TypeRef elem = nullptr;
  if (auto known = learned_.find(id); known != learned_.end() && is_list(known->second))
    elem = known->second->elem();
  const Env before = env_;
  // A way out of the loops inside is not one of the loops or tries around.
  std::vector<Finally*> finally;
  finally.swap(finally_);
  for (int round = 0;; ++round) {
    CANTIL_CHECK(round < 100);
    TypeRef joined = elem;
    bool unknown = false;
    TypeRef held = nullptr;  // an empty container: what it holds says what this one does
    Block b = sub_block(before, [&] {
      if (elem) assign_local(local, new_container(container_of(cls, elem), n->span), n->span);
      loops([&](Expr* item) {
        if (item->type->is(TypeKind::Unknown)) {
          if (is_undecided(item->type) && joined && joined->is(TypeKind::Object)) learn(item->type, joined);
          if (is_undecided(item->type)) held = item->type;
          unknown = true;
          return;
        }
        TypeRef both = joined ? unify(joined, item->type) : kept_type(item->type);
        if (!both)
          fail(Diag::TypeConflict, n->span,
               {"an element of this " + std::string(cls), shown_type(joined), type_name(item)});
        joined = both;
        if (!elem || joined != elem) return;
        Expr* to = make(ExprKind::Read, container_of(cls, elem), n->span);
        to->local = local;
        Expr* value = convert(materialise(item), elem, n->span);
        if (is_dict(to->type)) {
          value = make_temp(value);
          return store_subscript(to, tuple_item(value, 0, n->span), tuple_item(value, 1, n->span), n->span);
        }
        CallArgs args;
        args.positional = {to, value};
        args.span = n->span;
        Stmt* s = make_stmt(StmtKind::Eval, n->span);
        s->value =
            call_library_or_fail(is_set(to->type) ? "method:set.add" : "method:list.append", args, shown);
        emit(s);
      });
    });
    if (!joined || (unknown && joined == elem)) {
      finally_.swap(finally);
      env_ = before;
      if (!joined && held && std::string_view(cls) == "list") {
        holds_[id] = held;
        return make_static(undecided_type("list", id), n->span);
      }
      return make_static(unknown_type(), n->span);
    }
    if (joined == elem) {
      finally_.swap(finally);
      env_ = before;
      Expr* seq = make(ExprKind::Seq, container_of(cls, elem), n->span);
      seq->block = std::move(b);
      Expr* read = make(ExprKind::Read, seq->type, n->span);
      read->local = local;
      seq->args = {read};
      seq->imm = id;
      return seq;
    }
    if (joined->is_compile_time() || !can_be_element(joined))
      fail(Diag::UnsupportedSyntax, n->span,
           {shown + " of " + shown_type(joined), "use numbers, tuples of them, arrays or lists"});
    elem = joined;
  }
}

Expr* Typer::comprehension(const Node* n) {
  const char* cls = n->kind == NodeKind::DictComp ? "dict" : n->kind == NodeKind::SetComp ? "set" : "list";
  return collect(n, cls, [&](const std::function<void(Expr*)>& give) {
    generators(n, 0, [&] {
      if (n->kind != NodeKind::DictComp) return give(expression(n->one[0]));
      Expr* key = expression(n->one[0]);
      give(make_tuple({key, expression(n->one[1])}, n->span));
    });
  });
}

Expr* Typer::collected(const Node* n) {
  if (n->kind == NodeKind::GeneratorExp) return comprehension(n);
  if (n->kind != NodeKind::Call) return nullptr;
  if (n->one[0]->kind == NodeKind::Attribute && n->list[0].empty() && n->list[1].empty() &&
      !find_captured(n->one[0])) {
    const std::string& method = n->one[0]->name;
    if (method != "items" && method != "keys" && method != "values") return nullptr;
    Env before = env_;
    bool is_view = false;
    sub_block(before, [&] { is_view = is_dict(expression(n->one[0]->one[0])->type); });
    env_ = before;
    return is_view ? collect_iteration(n) : nullptr;
  }
  const Captured* c = find_captured(n->one[0]);
  if (!c || c->kind != Captured::Kind::Builtin) return nullptr;
  static const char* const kNames[] = {"builtins.zip", "builtins.enumerate", "builtins.map",
                                       "builtins.filter", "builtins.reversed"};
  bool known = false;
  for (const char* name : kNames) known = known || c->text == name;
  return known ? collect_iteration(n) : nullptr;
}

Expr* Typer::collect_iteration(const Node* n) {
  return collect(n, "list", [&](const std::function<void(Expr*)>& give) {
    Iteration it = iteration(n);
    // The item has a name that no program can write.
    syntax::Node item;
    item.kind = NodeKind::Name;
    item.id = n->id;
    item.span = n->span;
    item.name = ".item";
    const uint32_t local = hidden_local(n, "item");
    scope_.enter(item.name, local);
    run_loop(n, std::move(it), &item, [&] { give(local_value(local, item.name, n->span)); });
    scope_.leave(1);
  });
}

}  // namespace cantil::frontend
