// try, except, else, finally, and raise again.
//
// An exception can come from anywhere in a protected body, so the state that a handler starts from is the
// join of the states before the body and after each assignment in it. A local has one variable per type:
// wherever the body assigns one, its value is also put where the handler reads it (keep_for_handlers). The
// body is typed until that state stands.
//
// finally runs once for all ways out. A hidden variable says which way was taken; return, break and continue
// in the body set it (and the value to return), then leave the try; what follows the final part goes on from
// there.
#include "frontend/typing/closures.h"
#include "frontend/typing/typer.h"
#include "frontend/typing/unify.h"

namespace cantil::frontend {

using namespace ir;

namespace {

enum Way : int64_t { kThrough, kRaised, kReturned, kBroke, kContinued };

}  // namespace

void Typer::keep_for_handlers(uint32_t local, const Span& span) {
  for (Env* head : protected_) {
    *head = join(*head, env_);
    Env only;
    only.reachable = true;
    only.locals.resize(head->locals.size());
    only.at(local) = head->at(local);
    convert_to(only, *out_, env_, span);
  }
}

Block Typer::protected_block(Env& head, const Span& span, const std::function<void()>& body) {
  Env before = env_;
  for (int round = 0;; ++round) {
    CANTIL_CHECK(round < 100);
    Env known = head = join(head, before);
    Block b = sub_block(before, [&] {
      convert_to(head, *out_, before, span);
      protected_.push_back(&head);
      body();
      protected_.pop_back();
    });
    if (same(known, head)) return b;
  }
}

void Typer::try_statement(const Node* n) {
  if (on_cuda()) fail(Diag::NotInKernel, n->span, {"try", "check for the error before it happens"});
  if (n->list[3].empty()) return except_statement(n);
  finally_statement(n);
}

void Typer::except_statement(const Node* n) {
  Stmt* s = make_stmt(StmtKind::Try, n->span);
  const Node* at = n;
  Env& head = handler_states_[place(at)];
  s->body = protected_block(head, n->span, [&] { block(n->list[0]); });
  Env after_body = env_;
  if (!n->list[2].empty() && after_body.reachable) {
    s->orelse = sub_block(after_body, [&] { block(n->list[2]); });
    after_body = env_;
  }
  std::vector<Env> ends;
  for (const Node* h : n->list[1]) {
    s->handlers.emplace_back();
    Handler& handler = s->handlers.back();
    if (h->one[0]) {
      Expr* classes = expression(h->one[0]);
      std::vector<TypeRef> types =
          classes->type->is_tuple() ? classes->type->elems : std::vector<TypeRef>{classes->type};
      for (TypeRef t : types) {
        if (!t->is(TypeKind::ExceptionClass)) fail(Diag::BadException, h->one[0]->span, {t->str()});
        handler.classes.push_back(exception_key(t->name, t->value));
      }
    } else {
      handler.classes.push_back("builtins.BaseException");
    }
    int name = h->name.empty() ? -1 : scope_.find(h->name);
    handlers_.push_back({s, name});
    handler.body = sub_block(head, [&] {
      if (name >= 0) {  // it is known by its name only: `raise e`
        LocalState& e = env_.at(static_cast<uint32_t>(name));
        e = LocalState{};
        e.origin = h->span;
        e.type = exception_instance(exception_class("builtins.BaseException", -1), {});
      }
      block(h->list[0]);
      if (name >= 0 && env_.reachable) {
        env_.at(static_cast<uint32_t>(name)) = LocalState{};
        Stmt* undefine = make_stmt(StmtKind::Undefine, h->span);
        undefine->local = static_cast<uint32_t>(name);
        emit(undefine);
      }
    });
    handlers_.pop_back();
    ends.push_back(env_);
  }
  Env after = after_body;
  for (const Env& e : ends) after = join(after, e);
  convert_to(after, n->list[2].empty() ? s->body : s->orelse, after_body, n->span);
  for (size_t i = 0; i < ends.size(); ++i) convert_to(after, s->handlers[i].body, ends[i], n->span);
  emit(s);
  env_ = after;
}

bool Typer::raise_again(const Node* n) {
  const Node* what = n->one[0];
  if (!what) {
    if (handlers_.empty())
      fail(Diag::UnsupportedSyntax, n->span, {"a bare raise outside an except clause", "name the exception"});
  } else {
    if (what->kind != NodeKind::Name || scope_.find(what->name) < 0) return false;
    int name = scope_.find(what->name);
    bool caught = false;
    for (const HandlerPlace& h : handlers_) caught = caught || h.name == name;
    if (!caught) return false;
    if (handlers_.back().name != name)
      fail(Diag::UnsupportedSyntax, n->span,
           {"raising an outer except clause's exception in an inner one", "raise a new one"});
  }
  Stmt* s = make_stmt(StmtKind::Reraise, n->span);
  s->target = handlers_.back().stmt;
  s->target->saves = true;
  emit(s);
  env_.reachable = false;
  return true;
}

void Typer::finally_statement(const Node* n) {
  Finally frame;
  frame.stmt = make_stmt(StmtKind::Finally, n->span);
  frame.stmt->saves = true;
  frame.loops = loop_stack_.size();
  frame.way = hidden_local(n, "way");
  frame.result = hidden_local(n, "result");
  Env& head = final_heads_[place(n)];
  Env& entry = final_states_[place(n)];
  frame.entry = &entry;
  auto set_way = [&](Way way) { assign_local(frame.way, make_const(i64(), way, n->span), n->span); };
  set_way(kThrough);
  Env before = env_, normal;
  for (int round = 0;; ++round) {
    CANTIL_CHECK(round < 100);
    Env known = entry;
    env_ = before;
    frame.stmt->body = protected_block(head, n->span, [&] {
      finally_.push_back(&frame);
      if (n->list[1].empty())
        block(n->list[0]);
      else
        except_statement(n);
      finally_.pop_back();
    });
    normal = env_;
    entry = join(entry, normal);
    convert_to(entry, frame.stmt->body, normal, n->span);
    frame.stmt->handlers.assign(1, {});
    Handler& raised = frame.stmt->handlers[0];
    raised.body = sub_block(head, [&] {
      set_way(kRaised);
      entry = join(entry, env_);
      convert_to(entry, *out_, env_, n->span);
    });
    if (same(known, entry)) break;
  }
  emit(frame.stmt);
  env_ = entry;
  block(n->list[3]);
  if (!env_.reachable) return;
  // Where to go on. Without a normal way out, the last of the others needs no question.
  std::vector<Way> ways;
  if (frame.returns) ways.push_back(kReturned);
  if (frame.breaks) ways.push_back(kBroke);
  if (frame.continues) ways.push_back(kContinued);
  ways.push_back(kRaised);
  for (Way way : ways) {
    Env start = env_;
    Block b = sub_block(start, [&] {
      if (way == kReturned) {
        const LocalState& r = env_.at(frame.result);
        if (r.conflict) fail(Diag::ReturnConflict, r.conflict_origin, {r.conflict->str(), r.type->str()});
        Expr* value = nullptr;
        if (r.type->is_none())
          value = make_none(n->span);
        else if (r.type->is_compile_time())
          value = make_static(r.type, n->span);
        else {
          value = make(ExprKind::Read, r.type, n->span);
          value->local = frame.result;
        }
        return_value(n->id, value, n->span, n->span);
      } else if (way == kRaised) {
        Stmt* again = make_stmt(StmtKind::Reraise, n->span);
        again->target = frame.stmt;
        emit(again);
      } else {
        leave_loop(way == kBroke, n->span);
      }
    });
    if (way == ways.back() && !normal.reachable) {
      out_->insert(out_->end(), b.begin(), b.end());
      env_.reachable = false;
      return;
    }
    Expr* taken = make(ExprKind::Read, i64(), n->span);
    taken->local = frame.way;
    Stmt* s = make_stmt(StmtKind::If, n->span);
    s->value = make_op(Opcode::Eq, bool_type(), {taken, make_const(i64(), way, n->span)}, n->span);
    s->body = std::move(b);
    emit(s);
    env_ = start;
  }
}

// Leaves the try whose final part must run first.
void Typer::leave_to_finally(int64_t way, const Span& span) {
  Finally& f = *finally_.back();
  assign_local(f.way, make_const(i64(), way, span), span);
  *f.entry = join(*f.entry, env_);
  convert_to(*f.entry, *out_, env_, span);
  Stmt* s = make_stmt(StmtKind::Leave, span);
  s->target = f.stmt;
  emit(s);
  env_.reachable = false;
}

void Typer::return_value(uint32_t node, Expr* value, const Span& span, const Span& value_span) {
  if (!finally_.empty()) {
    finally_.back()->returns = true;
    assign_local(finally_.back()->result, value, value_span);
    return leave_to_finally(kReturned, span);
  }
  Stmt* s = make_stmt(StmtKind::Return, span);
  s->value = value;
  if (TypeRef t = value->type; t->is(TypeKind::Function))  // a value like any other for the caller
    s->value = make_op(Opcode::TupleMake, closure_of(program_.function(t->value), {}), {}, span);
  emit(s);
  returns_[place_of(node)] = {s, value_span};
  env_.reachable = false;
}

void Typer::leave_loop(bool is_break, const Span& span) {
  if (!finally_.empty() && finally_.back()->loops >= loop_stack_.size()) {
    (is_break ? finally_.back()->breaks : finally_.back()->continues) = true;
    return leave_to_finally(is_break ? kBroke : kContinued, span);
  }
  Loop& loop = *loop_stack_.back();
  if (loop.once) {
    if (is_break) {
      assign_local(loop.broke, make_const(bool_type(), 1, span), span);
      loop.breaks_off = true;
    }
    is_break = true;
  }
  convert_to(is_break ? loop.exit : loop.head, *out_, env_, span);
  Env& sum = is_break ? loop.breaks : loop.continues;
  sum = join(sum, env_);
  emit(make_stmt(is_break ? StmtKind::Break : StmtKind::Continue, span));
  env_.reachable = false;
}

}  // namespace cantil::frontend
