// Loops: what a for statement iterates over, the fixpoint over types, prange.
#include "frontend/typing/typer.h"
#include "frontend/typing/unify.h"

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

Typer::Iteration Typer::iteration(const Node* n) {
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
    Iteration it;
    it.index_type = i64();
    for (const Node* a : args) {
      parts.push_back(iteration(a));
      length(parts.back());
      if (parts.back().unknown) {
        it.unknown = true;
        return it;
      }
      Expr* len = parts.back().length;
      it.length = it.length ? make_op(Opcode::Min, i64(), {it.length, len}, n->span) : len;
    }
    it.length = evaluate_now(it.length);
    Span span = n->span;
    it.item = [this, parts, span](Expr* i) {
      std::vector<Expr*> items;
      for (const Iteration& p : parts) items.push_back(p.item(i));
      return make_tuple(std::move(items), span);
    };
    return it;
  }
  if (f == "builtins.reversed" && args.size() == 1) {
    Iteration it = iteration(args[0]);
    length(it);
    if (it.unknown) return it;
    for (Expr*& r : it.range) r = nullptr;
    it.index_type = i64();
    auto item = it.item;
    Expr* last =
        evaluate_now(make_op(Opcode::Sub, i64(), {it.length, make_const(i64(), 1, n->span)}, n->span));
    Span span = n->span;
    it.item = [this, item, last, span](Expr* i) {
      return item(make_op(Opcode::Sub, i64(), {last, i}, span));
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
      if (env_.reachable) block(n->list[else_list]);
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
  Iteration it = iteration(n->one[1]);
  Loop& loop = loops_[n->id];
  Env before = env_;
  if (it.unknown) {  // a recursive call's result: typed again once it is known
    Span span = n->span;
    it.index_type = i64();
    it.item = [this, span](Expr*) { return make_static(unknown_type(), span); };
    it.length = make_const(i64(), 0, span);
  }
  bool direct = it.range[0] != nullptr;
  loop.parallel = it.parallel && direct;
  uint32_t index = direct && n->one[0]->kind == NodeKind::Name
                       ? static_cast<uint32_t>(scope_.find(n->one[0]->name))
                       : hidden_local(n, "i");
  Expr* length = direct ? nullptr : it.length;
  Stmt* current = nullptr;
  auto round_head = [&] {
    Stmt* s = make_stmt(StmtKind::For, n->span);
    current = s;
    s->local = index;
    s->to = it.index_type;
    s->parallel = loop.parallel;
    if (direct)
      s->args = {it.range[0], it.range[1], it.range[2]};
    else
      s->args = {make_const(i64(), 0, n->span), length, make_const(i64(), 1, n->span)};
    return s;
  };
  auto body = [&](Stmt* s) {
    if (loop.parallel) find_reductions(n, s, loop, before);
    LocalState& i = env_.at(index);
    i = LocalState{};
    i.type = it.index_type;
    i.origin = n->one[0]->span;
    Expr* read = make(ExprKind::Read, it.index_type, n->one[0]->span);
    read->local = index;
    if (!direct)
      assign(n->one[0], make_temp(it.item(read)), n->span);
    else if (n->one[0]->kind != NodeKind::Name)
      assign(n->one[0], read, n->span);
    block(n->list[0]);
  };
  fixpoint(n, loop, round_head, body, false);
  // What a parallel iteration keeps for itself is not seen after the loop.
  if (loop.parallel && env_.reachable)
    for (uint32_t p : loop.privates) {
      const LocalState* s = before.find(p);
      env_.at(p) = s ? *s : LocalState{};
    }
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

namespace {

// x op= e, x = x op e, x = min(x, e), x = max(x, e): the operator, when the statement is that form for
// `name`.
std::optional<ReduceOp> reduction_of(const Node* s, const std::string& name, const Node*& operand) {
  auto by_operator = [](Operator op) -> std::optional<ReduceOp> {
    switch (op) {
      case Operator::Add:
      case Operator::Sub:
        return ReduceOp::Add;
      case Operator::Mult:
        return ReduceOp::Mul;
      case Operator::BitAnd:
        return ReduceOp::And;
      case Operator::BitOr:
        return ReduceOp::Or;
      case Operator::BitXor:
        return ReduceOp::Xor;
      default:
        return std::nullopt;
    }
  };
  auto is_name = [&](const Node* x) { return x->kind == NodeKind::Name && x->name == name; };
  if (s->kind == NodeKind::AugAssign && is_name(s->one[0])) {
    operand = s->one[1];
    return by_operator(s->op);
  }
  if (s->kind != NodeKind::Assign || s->list[0].size() != 1 || !is_name(s->list[0][0])) return std::nullopt;
  const Node* v = s->one[0];
  if (v->kind == NodeKind::BinOp) {
    if (is_name(v->one[0])) {
      operand = v->one[1];
      return by_operator(v->op);
    }
    if (is_name(v->one[1]) && v->op != Operator::Sub) {
      operand = v->one[0];
      return by_operator(v->op);
    }
  }
  if (v->kind == NodeKind::Call && v->one[0]->kind == NodeKind::Name && v->list[0].size() == 2 &&
      v->list[1].empty() && (v->one[0]->name == "min" || v->one[0]->name == "max")) {
    bool first = is_name(v->list[0][0]);
    if (!first && !is_name(v->list[0][1])) return std::nullopt;
    operand = v->list[0][first ? 1 : 0];
    return v->one[0]->name == "min" ? ReduceOp::Min : ReduceOp::Max;
  }
  return std::nullopt;
}

struct Uses {
  std::map<std::string, std::set<ReduceOp>> reductions;
  std::set<std::string> assigned, read;
  std::map<std::string, Span> read_at;
};

void collect_target(const Node* t, Uses& u);

void collect(const Node* n, Uses& u) {
  if (!n) return;
  auto candidate = [&]() -> std::string {
    if (n->kind == NodeKind::AugAssign && n->one[0]->kind == NodeKind::Name) return n->one[0]->name;
    if (n->kind == NodeKind::Assign && n->list[0].size() == 1 && n->list[0][0]->kind == NodeKind::Name)
      return n->list[0][0]->name;
    return {};
  }();
  if (!candidate.empty()) {
    const Node* operand = nullptr;
    if (auto op = reduction_of(n, candidate, operand)) {
      u.reductions[candidate].insert(*op);
      return collect(operand, u);
    }
  }
  if (n->kind == NodeKind::Name) {
    u.read.insert(n->name);
    u.read_at.emplace(n->name, n->span);
    return;
  }
  if (n->kind == NodeKind::Assign) {
    collect(n->one[0], u);
    for (const Node* t : n->list[0]) collect_target(t, u);
    return;
  }
  if (n->kind == NodeKind::AugAssign || n->kind == NodeKind::For || n->kind == NodeKind::NamedExpr ||
      n->kind == NodeKind::AnnAssign) {
    collect_target(n->one[0], u);
    if (n->kind == NodeKind::AugAssign) collect(n->one[0], u);
    for (size_t i = 1; i < n->one.size(); ++i) collect(n->one[i], u);
    for (const auto& l : n->list)
      for (const Node* c : l) collect(c, u);
    return;
  }
  for (const Node* c : n->one) collect(c, u);
  for (const auto& l : n->list)
    for (const Node* c : l) collect(c, u);
}

void collect_target(const Node* t, Uses& u) {
  if (t->kind == NodeKind::Name) {
    u.assigned.insert(t->name);
  } else if (t->kind == NodeKind::Tuple || t->kind == NodeKind::List) {
    for (const Node* e : t->list[0]) collect_target(e, u);
  } else if (t->kind == NodeKind::Starred) {
    collect_target(t->one[0], u);
  } else {
    collect(t, u);
  }
}

}  // namespace

void Typer::find_reductions(const Node* n, Stmt* s, Loop& loop, const Env& before) {
  Uses u;
  for (const Node* b : n->list[0]) collect(b, u);
  loop.privates.clear();
  auto make_private = [&](const std::string& name) {
    uint32_t id = static_cast<uint32_t>(scope_.find(name));
    loop.privates.insert(id);
    env_.at(id) = LocalState{};
  };
  if (n->one[0]->kind == NodeKind::Name)
    loop.privates.insert(static_cast<uint32_t>(scope_.find(n->one[0]->name)));
  for (const std::string& name : u.assigned)
    if (scope_.find(name) >= 0) make_private(name);
  for (auto& [name, ops] : u.reductions) {
    int id = scope_.find(name);
    const LocalState* outside = id < 0 ? nullptr : before.find(static_cast<uint32_t>(id));
    bool exists = outside && outside->type && !u.assigned.count(name);
    if (!exists) {
      if (id >= 0) make_private(name);
      continue;
    }
    if (u.read.count(name) || ops.size() > 1)
      fail(Diag::PrangeDependence, u.read.count(name) ? u.read_at[name] : n->span, {name});
    const LocalState& here = env_.at(static_cast<uint32_t>(id));
    if (here.type->is_array()) continue;  // in-place operations on an array's elements
    s->reductions.push_back({static_cast<uint32_t>(id), here.type, *ops.begin()});
  }
}

}  // namespace cantil::frontend
