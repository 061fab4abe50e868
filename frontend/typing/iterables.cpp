// What a loop runs over: ranges, arrays, tuples, containers, generators, and zip, map and the like of them.
#include <algorithm>

#include "frontend/typing/array_iterators.h"
#include "frontend/typing/static_containers.h"
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
  if (is_generator_object(t)) return generator_iteration(e, span);
  if (is_set(t) || is_dict(t)) return table_iteration(e, "keys", span);
  if (unliteral(t)->is_text() || t->is_bytes()) return text_iteration(e, span);
  if (is_array_iterator(t)) return array_iteration(e, span);
  if (t->is_tuple()) {
    if (auto items = static_items(e, "", span)) {
      it.mixed = true;
      it.items = std::move(*items);
      return it;
    }
    TypeRef elem = nullptr;
    for (TypeRef x : t->elems) {
      if ((elem && unliteral(x) != elem) || unliteral(x)->is_compile_time()) {
        Expr* tuple = make_temp(e);
        if (tuple->kind == ExprKind::Temp) evaluate_now(tuple);
        it.mixed = true;
        for (size_t i = 0; i < t->elems.size(); ++i) it.items.push_back(tuple_item(tuple, i, span));
        return it;
      }
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
  if (auto items = is_static_dict(base->type) ? static_items(base, method, n->span) : std::nullopt) {
    Iteration it;
    it.index_type = i64();
    it.mixed = true;
    it.items = std::move(*items);
    return it;
  }
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
Typer::Iteration Typer::side_by_side(std::vector<Iteration>& parts, const Span& span, bool strict) {
  Iteration it;
  it.index_type = i64();
  bool live = strict;
  for (Iteration& p : parts) {
    if (p.unknown) {
      it.unknown = true;
      return it;
    }
    CANTIL_CHECK(!p.keep && !p.alive && !p.mixed);  // iterations() and mixed_beside() see to that
    it.sequential = it.sequential || p.sequential;
    if (p.sequential) continue;
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
  if (it.length) it.length = evaluate_now(it.length);
  if (!live && !it.sequential) return it;
  // From left to right, and no further than the first that has ended: what comes behind it is not asked.
  it.live = [this, parts, strict, span](Expr* i) {
    auto one = [&](const Iteration& p) {
      return p.live ? p.live(i) : make_op(Opcode::Lt, bool_type(), {i, p.length}, span);
    };
    auto differs = [&](size_t at, const char* how) {
      std::string text = "zip() argument " + std::to_string(at + 1) + " is " + how + " than argument" +
                         (at > 1 ? "s 1-" + std::to_string(at) : " 1");
      return make_raise("builtins.ValueError", std::move(text), span);
    };
    Expr* all = make_const(bool_type(), 1, span);
    for (size_t k = parts.size(); k-- > 0;) {
      Expr* none = make_const(bool_type(), 0, span);
      if (strict) {
        Expr* seq = make(ExprKind::Seq, bool_type(), span);
        if (k > 0) {
          Stmt* s = make_stmt(StmtKind::If, span);  // what stands behind it needs a way that leads there
          s->value = make_const(bool_type(), 1, span);
          s->body.push_back(differs(k, "shorter"));
          seq->block.push_back(s);
        } else {
          for (size_t j = 1; j < parts.size(); ++j) {
            Stmt* s = make_stmt(StmtKind::If, span);
            s->value = one(parts[j]);
            s->body.push_back(differs(j, "longer"));
            seq->block.push_back(s);
          }
        }
        seq->args = {none};
        none = seq;
      }
      all = make_cond(one(parts[k]), all, none, bool_type(), span);
    }
    return all;
  };
  return it;
}

std::vector<Typer::Iteration> Typer::iterations(const std::vector<Node*>& nodes, size_t from) {
  std::vector<Iteration> out;
  // Where it is found one after another which items there are.
  auto one_by_one = [&](Expr* iterable, const Span& span) {
    CallArgs args;
    args.positional = {iterable};
    args.span = span;
    return iteration_of_value(call_library_or_fail("builtins.iter", args, "iter()"), span);
  };
  for (size_t i = from; i < nodes.size(); ++i) {
    const Node* n = nodes[i];
    if (n->kind == NodeKind::Starred) {
      Expr* t = evaluate_now(expression(n->one[0]));
      if (!t->type->is(TypeKind::Unknown) && !t->type->is_tuple())
        fail(Diag::UnpackNotTuple, n->span, {type_name(t)});
      if (t->type->is(TypeKind::Unknown)) out.emplace_back().unknown = true;
      for (size_t k = 0; t->type->is_tuple() && k < t->type->elems.size(); ++k) {
        Expr* item = tuple_item(t, k, n->span);
        out.push_back(is_table(item->type) ? one_by_one(item, n->span) : iteration_of_value(item, n->span));
      }
      continue;
    }
    // One that is typed only to see what it is leaves nothing behind.
    Env before = env_;
    bool uneven = false;
    sub_block(before, [&] {
      Iteration it = iteration(n);
      uneven = it.keep || it.alive;
    });
    env_ = before;
    out.push_back(uneven ? one_by_one(expression(n), n->span) : iteration(n));
  }
  return out;
}

// Whether all of several iterables are tuples, some of them of mixed types: then their items are known one by
// one.
bool Typer::mixed_beside(std::vector<Iteration>& parts, const Span& span) {
  bool mixed = false;
  for (const Iteration& p : parts) mixed = mixed || p.mixed;
  if (!mixed) return false;
  size_t shortest = SIZE_MAX;
  for (Iteration& p : parts) {
    if (!p.mixed) {
      auto n = p.length ? p.length->kind == ExprKind::Const : false;
      if (!n || p.live)
        fail(Diag::NotIterable, span, {"a tuple of mixed types beside an iterable that is no tuple"});
      for (int64_t i = 0; i < p.length->constant.i; ++i)
        p.items.push_back(p.item(make_const(i64(), i, span)));
    }
    shortest = std::min(shortest, p.items.size());
  }
  for (Iteration& p : parts) p.items.resize(shortest);
  return true;
}

Typer::Iteration Typer::iteration(const Node* n) {
  if (auto view = dict_view(n)) return *view;
  const Captured* c = n->kind == NodeKind::Call ? find_captured(n->one[0]) : nullptr;
  const bool known = c && c->kind == Captured::Kind::Builtin;
  if (!known || (!n->list[1].empty() && c->text != "builtins.enumerate" && c->text != "builtins.zip"))
    return iteration_of_value(expression(n), n->span);
  const std::string& f = c->text;
  const std::vector<Node*>& args = n->list[0];
  const bool starred =
      std::any_of(args.begin(), args.end(), [](const Node* a) { return a->kind == NodeKind::Starred; });
  if (starred && f != "builtins.zip" && f != "builtins.map")
    return iteration_of_value(expression(n), n->span);
  auto length = [&](Iteration& it) {
    if (it.mixed) fail(Diag::NotIterable, n->span, {"a tuple of mixed types in " + f.substr(9) + "()"});
    if (it.length || it.unknown || it.sequential) return;
    CallArgs a;
    a.span = n->span;
    a.positional = {it.range[0], it.range[1], it.range[2]};
    it.length = evaluate_now(to_i64(call_library_or_fail("cantil.library.range_length", a, "range")));
  };
  if (f == "builtins.range" || f == "cantil.prange") {
    Iteration it = range_iteration(expressions(args), n->span);
    bool nested = false;
    for (Loop* l : loop_stack_) nested = nested || l->parallel;
    it.parallel = f == "cantil.prange" && options_.parallel && !on_cuda() && !nested && !inst_.is_generator;
    it.inner_prange = f == "cantil.prange" && options_.parallel && nested;
    return it;
  }
  if (f == "builtins.enumerate" && !args.empty()) {
    Iteration inner = iteration(args[0]);
    if (!inner.mixed) length(inner);
    Expr* start = args.size() > 1 ? expression(args[1]) : make_int(0, n->span);
    for (const Node* k : n->list[1]) {
      if (k->name != "start" || args.size() > 1) fail(Diag::UnknownKeyword, n->span, {"enumerate", k->name});
      start = expression(k->one[0]);
    }
    start = evaluate_now(to_i64(start));
    Iteration it = inner;
    for (size_t i = 0; i < it.items.size(); ++i)
      it.items[i] = make_tuple(
          {make_op(Opcode::Add, i64(), {start, make_const(i64(), static_cast<int64_t>(i), n->span)}, n->span),
           it.items[i]},
          n->span);
    if (it.mixed) return it;
    if (inner.keep || inner.alive) return iteration_of_value(expression(n), n->span);
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
    bool strict = false;
    for (const Node* k : n->list[1]) {
      std::optional<int64_t> value = k->name == "strict" ? literal(truth(expression(k->one[0]), n->span)) : 0;
      if (k->name != "strict") fail(Diag::UnknownKeyword, n->span, {"zip()", k->name});
      if (!value) fail(Diag::NeedsConstant, k->one[0]->span, {"zip()'s argument 'strict'"});
      strict = *value != 0;
    }
    std::vector<Iteration> parts = iterations(args, 0);
    if (parts.empty()) return iteration_of_value(make_tuple({}, n->span), n->span);
    if (mixed_beside(parts, n->span)) {
      Iteration it;
      it.index_type = i64();
      it.mixed = true;
      for (size_t i = 0; i < parts[0].items.size(); ++i) {
        std::vector<Expr*> items;
        for (const Iteration& p : parts) items.push_back(p.items[i]);
        it.items.push_back(make_tuple(std::move(items), n->span));
      }
      return it;
    }
    Iteration it = side_by_side(parts, n->span, strict);
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
    std::vector<Iteration> parts = iterations(args, 1);
    if (mixed_beside(parts, n->span)) {
      Iteration it;
      it.index_type = i64();
      it.mixed = true;
      for (size_t i = 0; i < parts[0].items.size(); ++i) {
        CallArgs call;
        call.span = n->span;
        for (const Iteration& p : parts) call.positional.push_back(p.items[i]);
        it.items.push_back(call_value(function, std::move(call)));
      }
      return it;
    }
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
    if (it.keep) return iteration_of_value(expression(n), n->span);
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
    if (it.keep || it.alive || it.sequential)
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

}  // namespace cantil::frontend
