// Loops: the fixpoint over types, bodies that are written out for each item, prange.
#include <algorithm>

#include "frontend/typing/static_containers.h"
#include "frontend/typing/typer.h"
#include "frontend/typing/unify.h"
#include "ir/object_types.h"

namespace cantil::frontend {

using namespace ir;

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

// The body once for each of the items, which have types of their own.
void Typer::unrolled(const Node* n, const std::vector<Expr*>& items, const std::function<void(Expr*)>& body) {
  const uint32_t broke = hidden_local(n, "broke");
  assign_local(broke, make_const(bool_type(), 0, n->span), n->span);
  unrolled_from(n, items, 0, broke, body);
}

void Typer::unrolled_from(const Node* n, const std::vector<Expr*>& items, size_t nth, uint32_t broke,
                          const std::function<void(Expr*)>& body) {
  if (nth == items.size()) {
    if (n->kind == NodeKind::For) block(n->list[1]);
    return;
  }
  const uint64_t around = copy_;
  copy_ = copies_.try_emplace({around, n->id, nth}, copies_.size() + 1).first->second;
  Loop& loop = loops_[place(n)];
  loop.once = true;
  loop.broke = broke;
  fixpoint(
      n, loop, [&] { return make_stmt(StmtKind::While, n->span); },
      [&](Stmt*) {
        body(items[nth]);
        if (env_.reachable) leave_loop(false, n->span);
      },
      true);
  copy_ = around;
  if (!env_.reachable) return;
  if (!loop.breaks_off) return unrolled_from(n, items, nth + 1, broke, body);
  Env before = env_;
  Stmt* s = make_stmt(StmtKind::If, n->span);
  Expr* read = make(ExprKind::Read, bool_type(), n->span);
  read->local = broke;
  s->value = make_op(Opcode::Not, bool_type(), {read}, n->span);
  s->body = sub_block(before, [&] { unrolled_from(n, items, nth + 1, broke, body); });
  Env after = env_;
  env_ = join(after, before);
  convert_to(env_, s->body, after, n->span);
  s->orelse = sub_block(before, [] {});
  env_ = join(after, before);
  convert_to(env_, s->orelse, before, n->span);
  emit(s);
}

// A loop whose end is found step by step: while i is one more than before and there is such an item.
void Typer::run_live_loop(const Node* n, const Iteration& it, const std::function<void(Expr*)>& body) {
  Loop& loop = loops_[place(n)];
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
  if (it.mixed) return unrolled(n, it.items, take);
  if (it.live) return run_live_loop(n, it, take);
  Loop& loop = loops_[place(n)];
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
  int named = target->kind == NodeKind::Name ? scope_.find(target->name) : -1;
  if (named >= 0 && cells_.count(static_cast<uint32_t>(named))) named = -1;
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
    if (named < 0) assign(target, read, n->span);
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
  Loop& loop = loops_[place(n)];
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
