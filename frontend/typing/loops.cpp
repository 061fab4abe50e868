// Loops: what a for statement iterates over, the fixpoint over types, prange.
#include "frontend/typing/typer.h"
#include "frontend/typing/unify.h"
#include "ir/object_types.h"

namespace cantil::frontend {

using namespace ir;

namespace {

// Numba's index type (docs/design/numeric_types.md): int32 for narrow signed bounds, uint64 for unsigned
// ones, int64 for the rest and for mixtures.
TypeRef range_index_type(const std::vector<Expr*>& args) {
  TypeRef t = nullptr;
  for (Expr* a : args) {
    TypeRef u = unliteral(a->type);
    if (u->is_bool()) u = i64();
    u = !u->is_signed ? int_type(64, false) : int_type(u->bits <= 32 ? 32 : 64);
    t = !t || t == u ? u : i64();
  }
  return t;
}

}  // namespace

Typer::Iteration Typer::range_iteration(std::vector<Expr*> args, const Span& span) {
  Iteration it;
  if (args.empty() || args.size() > 3)
    fail(Diag::WrongArgumentCount, span, {"range", "1 to 3", std::to_string(args.size())});
  for (Expr*& a : args) {
    a = unwrap(a, span);
    if (a->type->is(TypeKind::Unknown)) {
      it.unknown = true;
      return it;
    }
    TypeRef t = unliteral(a->type);
    if (!t->is_int() && !t->is_bool()) fail(Diag::NoOverload, span, {"range", type_name(a)});
  }
  TypeRef t = range_index_type(args);
  it.index_type = t;
  Expr* zero = make_const(t, 0, span);
  Expr* one = make_const(t, 1, span);
  auto part = [&](Expr* a) { return evaluate_now(cast_number(a, t, span)); };
  it.range[0] = args.size() == 1 ? zero : part(args[0]);
  it.range[1] = part(args.size() == 1 ? args[0] : args[1]);
  it.range[2] = args.size() == 3 ? part(args[2]) : one;
  Expr* start = it.range[0];
  Expr* step = it.range[2];
  if (args.size() == 3) {
    auto v = literal(args[2]);
    if (v && *v == 0) fail(Diag::UserRaised, span, {"range() arg 3 must not be zero"});
    if (!v) {
      Stmt* s = make_stmt(StmtKind::If, span);
      s->value = make_op(Opcode::Eq, bool_type(), {step, zero}, span);
      s->body.push_back(make_raise("builtins.ValueError", "range() arg 3 must not be zero", span));
      emit(s);
    }
  }
  it.item = [this, start, step, t, span](Expr* i) {
    return make_op(Opcode::Add, t, {start, make_op(Opcode::Mul, t, {cast_number(i, t, span), step}, span)},
                   span);
  };
  CallArgs len;
  len.span = span;
  len.positional = {it.range[0], it.range[1], it.range[2]};
  it.length = nullptr;  // made only where it is asked for: range_length in stdlib/iteration.py
  return it;
}

// A temporary that is evaluated here, before the loop, however late its first use.
Expr* Typer::evaluate_now(Expr* e) {
  Expr* t = make_temp(e);
  if (t->kind == ExprKind::Temp) {
    Stmt* s = make_stmt(StmtKind::Eval, e->span);
    s->value = t;
    emit(s);
  }
  return t;
}

Typer::Iteration Typer::iteration_of_value(Expr* e, const Span& span) {
  e = unwrap(e, span);
  TypeRef t = e->type;
  Iteration it;
  it.index_type = i64();
  if (t->is(TypeKind::Unknown)) {
    it.unknown = true;
    if (auto held = holds_.find(t->value); held != holds_.end()) it.unknown_item = held->second;
    return it;
  }
  if (t->is(TypeKind::Range)) {
    Expr* r = evaluate_now(e);
    it.index_type = t->elem();
    for (int i = 0; i < 3; ++i)
      it.range[i] = evaluate_now(make_op(Opcode::TupleGet, t->elem(), {r}, span, i));
    Expr *start = it.range[0], *step = it.range[2];
    TypeRef et = t->elem();
    it.item = [this, start, step, et, span](Expr* i) {
      return make_op(Opcode::Add, et,
                     {start, make_op(Opcode::Mul, et, {cast_number(i, et, span), step}, span)}, span);
    };
    return it;
  }
  if (t->is_array() && t->ndim > 0) {
    Expr* a = evaluate_now(e);
    it.length = array_dim(a, 0, span);
    // The index runs over [0, n): as an unsigned number it needs no wrapping.
    it.item = [this, a, span](Expr* i) {
      return subscript_value(a, make_op(Opcode::Bitcast, int_type(64, false), {i}, span), span);
    };
    return it;
  }
  if (is_list(t) || is_bytearray(t)) {  // may grow and shrink meanwhile
    Expr* l = evaluate_now(e);
    it.length = load_field(l, "size", span);
    it.live = [this, l, span](Expr* i) {
      return make_op(Opcode::Lt, bool_type(), {i, load_field(l, "size", span)}, span);
    };
    it.item = [this, l, span](Expr* i) {
      Expr* data =
          make_op(Opcode::BufferData, pointer_type(l->type->elem()), {load_field(l, "items", span)}, span);
      Expr* item = load_pointer(make_op(Opcode::PtrIndex, data->type, {data, i}, span), span);
      return is_bytearray(l->type) ? to_i64(item) : item;
    };
    return it;
  }
  if (is_set(t) || is_dict(t)) return table_iteration(e, "keys", span);
  if (unliteral(t)->is_text() || t->is_bytes()) return text_iteration(e, span);
  if (t->is_tuple()) {
    TypeRef elem = nullptr;
    for (TypeRef x : t->elems) {
      if (elem && unliteral(x) != elem)
        fail(Diag::NotIterable, span, {"a tuple of mixed types, " + shown_type(t)});
      elem = unliteral(x);
    }
    it.length = make_const(i64(), static_cast<int64_t>(t->elems.size()), span);
    if (!elem) {
      it.item = [this, span](Expr*) { return make_none(span); };
      return it;
    }
    Expr* tuple = evaluate_now(convert(e, unliteral(t), span));
    it.item = [this, tuple, elem, span](Expr* i) {
      return make_op(Opcode::TupleIndex, elem, {tuple, i}, span);
    };
    return it;
  }
  fail(Diag::NotIterable, span, {shown_type(t)});
}

Expr* Typer::entry(Expr* table, const char* field, Expr* index, const Span& span) {
  Expr* row = load_field(table, field, span);
  Expr* data = make_op(Opcode::BufferData, pointer_type(row->type->elem()), {row}, span);
  return load_pointer(make_op(Opcode::PtrIndex, data->type, {data, index}, span), span);
}

// Over the entries in the order of insertion, save those that are gone.
Typer::Iteration Typer::table_iteration(Expr* e, const std::string& what, const Span& span) {
  Expr* table = evaluate_now(e);
  Iteration it;
  it.index_type = i64();
  it.length = load_field(table, "used", span);
  it.live = [this, table, span](Expr* i) {
    return make_op(Opcode::Lt, bool_type(), {i, load_field(table, "used", span)}, span);
  };
  it.alive = [this, table, span](Expr* i) {
    return make_op(Opcode::Ne, bool_type(), {entry(table, "hashes", i, span), make_const(i64(), -1, span)},
                   span);
  };
  it.item = [this, table, what, span](Expr* i) {
    if (what == "items")
      return make_tuple({entry(table, "keys", i, span), entry(table, "items", i, span)}, span);
    return entry(table, what == "values" ? "items" : "keys", i, span);
  };
  return it;
}

std::optional<Typer::Iteration> Typer::dict_view(const Node* n) {
  if (n->kind != NodeKind::Call || n->one[0]->kind != NodeKind::Attribute || !n->list[0].empty() ||
      !n->list[1].empty())
    return std::nullopt;
  const std::string& method = n->one[0]->name;
  if ((method != "items" && method != "keys" && method != "values") || find_captured(n->one[0]))
    return std::nullopt;
  Expr* base = unwrap(expression(n->one[0]->one[0]), n->span);
  if (is_dict(base->type)) return table_iteration(base, method, n->span);
  if (base->type->is(TypeKind::Unknown)) {
    Iteration it;
    it.index_type = i64();
    it.unknown = true;
    return it;
  }
  CallArgs args;
  args.span = n->span;
  args.node = n->id;
  return iteration_of_value(call_value(attribute_of(base, method, n->span), std::move(args)), n->span);
}

// `if not cond: continue`
Stmt* Typer::skip_unless(Expr* cond, const Span& span) {
  Env before = env_;
  Stmt* s = make_stmt(StmtKind::If, span);
  s->value = materialise(logical_not(cond, span));
  s->body = sub_block(before, [&] { leave_loop(false, span); });
  env_ = before;
  return s;
}

// Several at once, as zip has it: as long as the shortest.
Typer::Iteration Typer::side_by_side(std::vector<Iteration>& parts, const Span& span) {
  Iteration it;
  it.index_type = i64();
  bool live = false;
  for (Iteration& p : parts) {
    if (p.unknown) {
      it.unknown = true;
      return it;
    }
    if (p.keep || p.alive)
      fail(Diag::UnsupportedSyntax, span,
           {p.keep ? "filter() beside another iterable" : "a set or dict beside another iterable",
            "make a list of it first"});
    if (!p.length) {
      CallArgs a;
      a.span = span;
      a.positional = {p.range[0], p.range[1], p.range[2]};
      p.length = to_i64(call_library_or_fail("cantil.library.range_length", a, "range"));
    }
    p.length = evaluate_now(p.length);
    it.length = it.length ? make_op(Opcode::Min, i64(), {it.length, p.length}, span) : p.length;
    live = live || p.live;
  }
  it.length = evaluate_now(it.length);
  if (live)
    it.live = [this, parts, span](Expr* i) {
      Expr* all = nullptr;
      for (const Iteration& p : parts) {
        Expr* one = p.live ? p.live(i) : make_op(Opcode::Lt, bool_type(), {i, p.length}, span);
        all = all ? make_op(Opcode::And, bool_type(), {all, one}, span) : one;
      }
      return all;
    };
  return it;
}

Typer::Iteration Typer::iteration(const Node* n) {
  if (auto view = dict_view(n)) return *view;
  const Captured* c = n->kind == NodeKind::Call ? find_captured(n->one[0]) : nullptr;
  if (!c || c->kind != Captured::Kind::Builtin || !n->list[1].empty()) {
    if (!(c && c->kind == Captured::Kind::Builtin && c->text == "builtins.enumerate"))
      return iteration_of_value(expression(n), n->span);
  }
  const std::string& f = c->text;
  const std::vector<Node*>& args = n->list[0];
  auto length = [&](Iteration& it) {
    if (it.length || it.unknown) return;
    CallArgs a;
    a.span = n->span;
    a.positional = {it.range[0], it.range[1], it.range[2]};
    it.length = evaluate_now(to_i64(call_library_or_fail("cantil.library.range_length", a, "range")));
  };
  if (f == "builtins.range" || f == "cantil.prange") {
    Iteration it = range_iteration(expressions(args), n->span);
    bool nested = false;
    for (Loop* l : loop_stack_) nested = nested || l->parallel;
    it.parallel = f == "cantil.prange" && options_.parallel && !on_cuda() && !nested;
    it.inner_prange = f == "cantil.prange" && options_.parallel && nested;
    return it;
  }
  if (f == "builtins.enumerate" && !args.empty()) {
    Iteration inner = iteration(args[0]);
    length(inner);
    Expr* start = args.size() > 1 ? expression(args[1]) : make_int(0, n->span);
    for (const Node* k : n->list[1]) {
      if (k->name != "start" || args.size() > 1) fail(Diag::UnknownKeyword, n->span, {"enumerate", k->name});
      start = expression(k->one[0]);
    }
    start = evaluate_now(to_i64(start));
    Iteration it = inner;
    if (inner.keep || inner.alive)
      fail(Diag::UnsupportedSyntax, n->span,
           {inner.keep ? "enumerate of filter()" : "enumerate of a set or dict", "make a list of it first"});
    for (Expr*& r : it.range) r = nullptr;
    it.index_type = i64();
    if (inner.unknown) return it;
    auto item = inner.item;
    Span span = n->span;
    it.item = [this, item, start, span](Expr* i) {
      return make_tuple({make_op(Opcode::Add, i64(), {start, i}, span), item(i)}, span);
    };
    return it;
  }
  if (f == "builtins.zip" && !args.empty()) {
    std::vector<Iteration> parts;
    for (const Node* a : args) parts.push_back(iteration(a));
    Iteration it = side_by_side(parts, n->span);
    if (it.unknown) return it;
    Span span = n->span;
    it.item = [this, parts, span](Expr* i) {
      std::vector<Expr*> items;
      for (const Iteration& p : parts) items.push_back(p.item(i));
      return make_tuple(std::move(items), span);
    };
    return it;
  }
  if (f == "builtins.map" && args.size() > 1) {
    Expr* function = expression(args[0]);
    if (function->kind != ExprKind::Static) function = evaluate_now(function);
    std::vector<Iteration> parts;
    for (size_t i = 1; i < args.size(); ++i) parts.push_back(iteration(args[i]));
    Iteration it = side_by_side(parts, n->span);
    if (it.unknown) return it;
    Span span = n->span;
    it.item = [this, parts, function, span](Expr* i) {
      CallArgs call;
      call.span = span;
      for (const Iteration& p : parts) call.positional.push_back(make_temp(p.item(i)));
      return call_value(function, std::move(call));
    };
    return it;
  }
  if (f == "builtins.filter" && args.size() == 2) {
    Expr* function = expression(args[0]);
    if (function->kind != ExprKind::Static && !function->type->is_none()) function = evaluate_now(function);
    Iteration it = iteration(args[1]);
    length(it);
    if (it.unknown) return it;
    if (it.keep) fail(Diag::UnsupportedSyntax, n->span, {"filter of filter()", "make a list of it first"});
    for (Expr*& r : it.range) r = nullptr;
    it.index_type = i64();
    Span span = n->span;
    it.keep = [this, function, span](Expr* item) {
      if (function->type->is_none()) return item;
      CallArgs call;
      call.span = span;
      call.positional = {item};
      return call_value(function, std::move(call));
    };
    return it;
  }
  if (f == "builtins.reversed" && args.size() == 1) {
    Iteration it = iteration(args[0]);
    length(it);
    if (it.unknown) return it;
    if (it.keep || it.alive)
      fail(Diag::UnsupportedSyntax, n->span, {"reversed() of this iterable", "make a list of it first"});
    auto live = it.live;
    if (live) it.length = evaluate_now(it.length);
    for (Expr*& r : it.range) r = nullptr;
    it.index_type = i64();
    auto item = it.item;
    Expr* last =
        evaluate_now(make_op(Opcode::Sub, i64(), {it.length, make_const(i64(), 1, n->span)}, n->span));
    Span span = n->span;
    auto at = [this, last, span](Expr* i) { return make_op(Opcode::Sub, i64(), {last, i}, span); };
    it.item = [item, at](Expr* i) { return item(at(i)); };
    if (live)  // ends where it began, or when what it would look at is gone
      it.live = [this, live, at, last, span](Expr* i) {
        Expr* begun = make_op(Opcode::Le, bool_type(), {i, last}, span);
        return make_op(Opcode::And, bool_type(), {begun, live(at(i))}, span);
      };
    return it;
  }
  return iteration_of_value(expression(n), n->span);
}

uint32_t Typer::hidden_local(const Node* n, const char* tag) {
  auto [it, fresh] = hidden_.try_emplace({n->id, tag}, static_cast<uint32_t>(inst_.locals.size()));
  if (fresh) {
    inst_.locals.push_back(std::string(".") + tag + std::to_string(n->id));
    inst_.checked.push_back(false);
  }
  return it->second;
}

void Typer::fixpoint(const Node* n, Loop& loop, const std::function<Stmt*()>& round_head,
                     const std::function<void(Stmt*)>& body, bool endless) {
  Env before = env_;
  Stmt* s = nullptr;
  size_t else_list = 1;
  for (int round = 0;; ++round) {
    CANTIL_CHECK(round < 100);
    Env head = join(before, loop.head);
    loop.head = head;
    loop.breaks = loop.continues = Env{};
    loop_stack_.push_back(&loop);
    s = round_head();
    s->body = sub_block(head, [&] { body(s); });
    Env end = env_;
    loop_stack_.pop_back();
    Env new_head = join(head, join(loop.continues, end));
    convert_to(new_head, s->body, end, n->span);
    Env done = new_head;
    if (endless) done.reachable = false;
    s->orelse = sub_block(done, [&] {
      const bool has_else = n->kind == NodeKind::For || n->kind == NodeKind::While;
      if (env_.reachable && has_else) block(n->list[else_list]);
    });
    Env after_else = env_;
    Env exit = join(after_else, loop.breaks);
    convert_to(exit, s->orelse, after_else, n->span);
    bool stable = same(new_head, head) && same(exit, loop.exit);
    loop.head = new_head;
    loop.exit = exit;
    if (stable) break;
  }
  convert_to(loop.head, *out_, before, n->span);
  emit(s);
  env_ = loop.exit;
}

void Typer::for_statement(const Node* n) {
  run_loop(n, iteration(n->one[1]), n->one[0], [&] { block(n->list[0]); });
}

// A loop whose end is found step by step: while i is one more than before and there is such an item.
void Typer::run_live_loop(const Node* n, const Iteration& it, const std::function<void(Expr*)>& body) {
  Loop& loop = loops_[n->id];
  const uint32_t index = hidden_local(n, "i");
  assign_local(index, make_const(i64(), -1, n->span), n->span);
  auto read = [&] {
    Expr* e = make(ExprKind::Read, i64(), n->span);
    e->local = index;
    return e;
  };
  auto round_head = [&] { return make_stmt(StmtKind::While, n->span); };
  auto round = [&](Stmt* s) {
    Env head = env_;
    s->head = sub_block(head, [&] {
      assign_local(index, make_op(Opcode::Add, i64(), {read(), make_const(i64(), 1, n->span)}, n->span),
                   n->span);
      s->value = it.live(read());
    });
    if (it.alive) emit(skip_unless(it.alive(read()), n->span));
    body(it.item(read()));
  };
  fixpoint(n, loop, round_head, round, false);
}

void Typer::run_loop(const Node* n, Iteration it, const Node* target, const std::function<void()>& body) {
  auto take = [&](Expr* item) {
    if (it.keep) {
      item = make_temp(item);
      Expr* kept = truth(it.keep(item), n->span);
      if (auto k = literal(kept); !k || !*k) emit(skip_unless(kept, n->span));
    }
    assign(target, make_temp(item), n->span);
    body();
  };
  if (it.live) return run_live_loop(n, it, take);
  Loop& loop = loops_[n->id];
  Env before = env_;
  if (it.unknown) {  // a recursive call's result: typed again once it is known
    Span span = n->span;
    it.index_type = i64();
    TypeRef item = it.unknown_item ? it.unknown_item : unknown_type();
    it.item = [this, item, span](Expr*) { return make_static(item, span); };
    it.length = make_const(i64(), 0, span);
  }
  bool direct = it.range[0] != nullptr && !it.keep;
  loop.parallel = it.parallel && direct;
  const int named = target->kind == NodeKind::Name ? scope_.find(target->name) : -1;
  uint32_t index = direct && named >= 0 ? static_cast<uint32_t>(named) : hidden_local(n, "i");
  Expr* length = direct ? nullptr : it.length;
  if (loop.parallel) {
    refuse_array_dependences(n);
    make_array_parts(n, loop, it);
  }
  auto round_head = [&] {
    Stmt* s = make_stmt(StmtKind::For, n->span);
    s->local = index;
    s->to = it.index_type;
    s->parallel = loop.parallel;
    s->inner_prange = it.inner_prange;
    if (direct)
      s->args = {it.range[0], it.range[1], it.range[2]};
    else
      s->args = {make_const(i64(), 0, n->span), length, make_const(i64(), 1, n->span)};
    return s;
  };
  auto round = [&](Stmt* s) {
    if (loop.parallel) find_reductions(n, s, loop, before);
    LocalState& i = env_.at(index);
    i = LocalState{};
    i.type = it.index_type;
    i.origin = target->span;
    keep_for_handlers(index, target->span);
    Expr* read = make(ExprKind::Read, it.index_type, target->span);
    read->local = index;
    if (!direct) return take(it.item(read));
    if (target->kind != NodeKind::Name) assign(target, read, n->span);
    body();
  };
  fixpoint(n, loop, round_head, round, false);
  // What a parallel iteration keeps for itself is not seen after the loop.
  if (loop.parallel && env_.reachable)
    for (uint32_t p : loop.privates) {
      const LocalState* s = before.find(p);
      env_.at(p) = s ? *s : LocalState{};
    }
  if (loop.parallel) fold_array_parts(loop, n->span);
}

void Typer::while_statement(const Node* n) {
  Loop& loop = loops_[n->id];
  // A condition that is known from the types: `while True`, `while 1`; false means no loop at all.
  bool endless = false;
  {
    const Node* test = n->one[0];
    if (test->kind == NodeKind::Constant || test->kind == NodeKind::Name)
      if (test->kind == NodeKind::Constant || scope_.find(test->name) < 0)
        if (auto k = literal(truth(expression(test), test->span))) {
          if (!*k) return block(n->list[1]);
          endless = true;
        }
  }
  Stmt* current = nullptr;
  auto round_head = [&] {
    current = make_stmt(StmtKind::While, n->span);
    return current;
  };
  auto body = [&](Stmt* s) {
    Env head = env_;
    s->head = sub_block(head, [&] {
      s->value = endless ? nullptr : materialise(truth(expression(n->one[0]), n->one[0]->span));
    });
    block(n->list[0]);
  };
  fixpoint(n, loop, round_head, body, endless);
}

}  // namespace cantil::frontend
