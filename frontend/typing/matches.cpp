// match: each case is a condition, and names for parts of the subject.
//
// What the types decide is decided here: a case that cannot match is not typed. Conditions look at the parts
// of the subject from left to right and stop at the first that does not fit, as Python does.
#include <map>

#include "frontend/typing/typer.h"
#include "frontend/typing/unify.h"
#include "ir/object_types.h"

namespace cantil::frontend {

using namespace ir;
using syntax::ConstKind;

namespace {

class Matcher {
 public:
  Matcher(Typer& t, const Span& span) : t_(t), span_(span) {}

  struct Captures {
    std::vector<std::pair<const Node*, Expr*>> names;  // the pattern and what it binds its name to
  };

  Expr* yes() const { return t_.make_static(literal_bool(true), span_); }
  Expr* no() const { return t_.make_static(literal_bool(false), span_); }

  // a and b, where b is evaluated only if a holds.
  Expr* both(Expr* a, Expr* b) const {
    if (auto k = t_.literal(a)) return *k ? b : a;
    if (auto k = t_.literal(b); k && *k) return a;
    return t_.make_cond(a, t_.materialise(b), t_.make_const(bool_type(), 0, span_), bool_type(), span_);
  }
  Expr* either(Expr* a, Expr* b) const {
    if (auto k = t_.literal(a)) return *k ? a : b;
    if (auto k = t_.literal(b); k && !*k) return a;
    return t_.make_cond(a, t_.make_const(bool_type(), 1, span_), t_.materialise(b), bool_type(), span_);
  }

  Expr* matches(const Node* p, Expr* x, Captures& out) const {
    switch (p->kind) {
      case NodeKind::MatchValue:
        return equals(x, t_.expression(p->one[0]), p->span);
      case NodeKind::MatchSingleton:
        return is_singleton(x, p);
      case NodeKind::MatchAs: {
        Expr* cond = p->one[0] ? matches(p->one[0], x, out) : yes();
        if (!p->name.empty()) out.names.emplace_back(p, x);
        return cond;
      }
      case NodeKind::MatchOr:
        return any_of(p, x, out);
      case NodeKind::MatchSequence:
        return sequence(p, x, out);
      case NodeKind::MatchClass:
        return instance(p, x, out);
      case NodeKind::MatchMapping:
        return mapping(p, x, out);
      default:
        fail(Diag::UnsupportedSyntax, p->span, {"this pattern", "use if statements"});
    }
  }

 private:
  static bool is_text(TypeRef t) {
    return t->is(TypeKind::LiteralStr) || t->name == "unicode_type" || t->name == "str";
  }

  Expr* equals(Expr* x, Expr* value, const Span& span) const {
    TypeRef a = x->type->is(TypeKind::Optional) ? x->type->elem() : x->type;
    const bool comparable = unliteral(a)->is_number() == unliteral(value->type)->is_number() &&
                            is_text(a) == is_text(value->type) && a->is_tuple() == value->type->is_tuple();
    if (!comparable) return no();
    return t_.truth(t_.compare(Operator::Eq, x, value, span), span);
  }

  Expr* is_singleton(Expr* x, const Node* p) const {
    if (p->value.kind == ConstKind::None)
      return t_.truth(t_.compare(Operator::Is, x, t_.make_none(p->span), p->span), p->span);
    if (!unliteral(x->type)->is_bool()) return no();
    Expr* wanted = t_.make_static(literal_bool(p->value.i != 0), p->span);
    return t_.truth(t_.compare(Operator::Eq, x, wanted, p->span), p->span);
  }

  Expr* any_of(const Node* p, Expr* x, Captures& out) const {
    Expr* cond = no();
    std::vector<std::pair<Expr*, Captures>> ways;
    for (const Node* one : p->list[0]) {
      Captures names;
      Expr* c = matches(one, x, names);
      if (auto k = t_.literal(c); k && !*k) continue;
      if (!t_.literal(c)) c = t_.make_temp(c);
      ways.emplace_back(c, std::move(names));
      cond = either(cond, c);
      if (t_.literal(c)) break;
    }
    if (ways.empty()) return no();
    // All bind the same names.
    for (auto& [node, last] : ways.back().second.names) {
      Expr* value = last;
      for (size_t i = ways.size() - 1; i-- > 0;)
        for (auto& [other, x2] : ways[i].second.names) {
          if (other->name != node->name) continue;
          TypeRef t = unify(x2->type, value->type);
          if (!t)
            fail(Diag::TypeConflict, other->span,
                 {"'" + node->name + "'", shown_type(x2->type), shown_type(value->type)});
          value = t_.make_cond(ways[i].first, t_.convert(t_.materialise(x2), t, span_),
                               t_.convert(t_.materialise(value), t, span_), t, span_);
        }
      out.names.emplace_back(node, value);
    }
    return cond;
  }

  // Tuples, named tuples, lists and ranges are sequences; arrays and strings are not.
  Expr* sequence(const Node* p, Expr* x, Captures& out) const {
    const std::vector<Node*>& parts = p->list[0];
    size_t star = parts.size();
    for (size_t i = 0; i < parts.size(); ++i)
      if (parts[i]->kind == NodeKind::MatchStar) star = i;
    const bool open = star < parts.size();
    const size_t least = parts.size() - (open ? 1 : 0);
    Expr* cond = yes();
    if (x->type->is(TypeKind::Optional)) {
      cond = t_.logical_not(t_.compare(Operator::Is, x, t_.make_none(span_), span_), span_);
      x = t_.make_op(Opcode::OptionalGet, x->type->elem(), {x}, span_);
    }
    TypeRef t = x->type;
    if (t->is_tuple()) {
      const size_t have = t->elems.size();
      if (open ? have < least : have != least) return no();
      for (size_t i = 0, at = 0; i < parts.size(); ++i) {
        if (i == star) {
          std::vector<Expr*> rest;
          for (; rest.size() < have - least; ++at) rest.push_back(t_.tuple_item(x, at, span_));
          if (!parts[i]->name.empty())
            out.names.emplace_back(parts[i], t_.make_tuple(std::move(rest), span_));
        } else {
          cond = both(cond, matches(parts[i], t_.tuple_item(x, at++, span_), out));
        }
      }
      return cond;
    }
    if (!is_list(t) && !t->is(TypeKind::Range)) return no();
    CallArgs args;
    args.positional = {x};
    args.span = span_;
    Expr* length = t_.to_i64(t_.call_builtin("builtins.len", args));
    Expr* wanted = t_.make_const(i64(), static_cast<int64_t>(least), span_);
    cond = both(cond, t_.make_op(open ? Opcode::Ge : Opcode::Eq, bool_type(), {length, wanted}, span_));
    for (size_t i = 0; i < parts.size(); ++i) {
      const auto from_end = static_cast<int64_t>(i) - static_cast<int64_t>(parts.size());
      if (i == star) {
        if (parts[i]->name.empty()) continue;
        // list(x[i : n - the rest])
        std::vector<Expr*> bounds = {t_.make_int(static_cast<int64_t>(i), span_)};
        const int present = from_end == -1 ? 1 : 3;
        if (present == 3) bounds.push_back(t_.make_int(from_end + 1, span_));
        Expr* slice = t_.make_op(Opcode::TupleMake, slice_type(present), std::move(bounds), span_);
        CallArgs rest;
        rest.positional = {t_.subscript_value(x, slice, span_)};
        rest.span = span_;
        out.names.emplace_back(parts[i], t_.call_builtin("builtins.list", rest));
        continue;
      }
      Expr* index = t_.make_int(i < star ? static_cast<int64_t>(i) : from_end, span_);
      cond = both(cond, matches(parts[i], t_.subscript_value(x, index, span_), out));
    }
    return cond;
  }

  Expr* instance(const Node* p, Expr* x, Captures& out) const {
    Expr* cls = t_.expression(p->one[0]);
    Expr* cond = yes();
    if (x->type->is(TypeKind::Optional)) {
      cond = t_.logical_not(t_.compare(Operator::Is, x, t_.make_none(span_), span_), span_);
      x = t_.make_op(Opcode::OptionalGet, x->type->elem(), {x}, span_);
    }
    if (!t_.is_instance(x->type, cls, p->span)) return no();
    const std::vector<Node*>& positional = p->list[0];
    const std::vector<std::string>& fields = x->type->fields;
    for (size_t i = 0; i < positional.size(); ++i) {
      Expr* part = nullptr;
      if (x->type->is_tuple() && !fields.empty()) {
        if (i >= fields.size())
          fail(Diag::UserRaised, p->span,
               {x->type->name + "() accepts " + std::to_string(fields.size()) + " positional sub-patterns (" +
                std::to_string(positional.size()) + " given)"});
        part = t_.tuple_item(x, i, span_);
      } else if (i == 0 && positional.size() == 1) {
        part = x;  // int(x), float(x), …: the value itself
      } else {
        fail(Diag::UserRaised, p->span, {"a pattern of this class accepts 1 positional sub-pattern"});
      }
      cond = both(cond, matches(positional[i], part, out));
    }
    for (size_t i = 0; i < p->list[1].size(); ++i)
      cond = both(cond, matches(p->list[1][i], t_.attribute_of(x, p->names[i], p->span), out));
    return cond;
  }

  Expr* mapping(const Node* p, Expr* x, Captures& out) const {
    if (!is_dict(x->type)) return no();
    if (!p->name.empty())
      fail(Diag::UnsupportedSyntax, p->span,
           {"** in a pattern", "take the values that are needed by their keys"});
    Expr* cond = yes();
    for (size_t i = 0; i < p->list[0].size(); ++i) {
      Expr* key = t_.expression(p->list[0][i]);
      cond = both(cond, t_.truth(t_.compare(Operator::In, key, x, span_), span_));
      cond = both(cond, matches(p->list[1][i], t_.subscript_value(x, key, span_), out));
    }
    return cond;
  }

  Typer& t_;
  Span span_;
};

}  // namespace

void Typer::match_statement(const Node* n) {
  Expr* subject = expression(n->one[0]);
  if (subject->type->is(TypeKind::Unknown)) return;
  // The parts of a tuple that is written here are looked at one by one.
  if (subject->kind == ExprKind::Op && subject->opcode == Opcode::TupleMake && subject->type->is_tuple()) {
    for (Expr*& part : subject->args) part = evaluate_now(part);
  } else {
    subject = evaluate_now(subject);
  }
  match_cases(n, 0, subject);
}

// The cases from the nth on.
void Typer::match_cases(const Node* n, size_t nth, Expr* subject) {
  if (nth == n->list[0].size()) return;
  const Node* c = n->list[0][nth];
  Matcher matcher(*this, c->one[0]->span);
  Matcher::Captures captures;
  Expr* cond = matcher.matches(c->one[0], subject, captures);
  auto known = literal(cond);
  if (known && !*known) return match_cases(n, nth + 1, subject);
  auto bind_names = [&] {
    std::vector<Expr*> values;
    for (auto& [node, value] : captures.names) values.push_back(evaluate_now(value));
    for (size_t i = 0; i < values.size(); ++i)
      assign_local(static_cast<uint32_t>(scope_.find(captures.names[i].first->name)), values[i],
                   captures.names[i].first->span);
  };
  const Node* guard = c->one[1];
  if (!guard && known) {
    bind_names();
    return block(c->list[0]);
  }
  // With a guard the names are bound before it is known whether this is the case.
  const uint32_t matched = guard ? hidden_local(c->one[0], "matched") : 0;
  if (guard) assign_local(matched, make_const(bool_type(), 0, c->one[0]->span), c->one[0]->span);
  Env start = env_;
  Stmt* s = make_stmt(StmtKind::If, c->one[0]->span);
  s->value = materialise(cond);
  s->body = sub_block(start, [&] {
    bind_names();
    if (!guard) return block(c->list[0]);
    Expr* holds = truth(expression(guard), guard->span);
    if (auto k = literal(holds); k && !*k) return;
    Env before = env_;
    Stmt* inner = make_stmt(StmtKind::If, guard->span);
    inner->value = materialise(holds);
    inner->body = sub_block(before, [&] {
      assign_local(matched, make_const(bool_type(), 1, guard->span), guard->span);
      block(c->list[0]);
    });
    Env after = env_;
    env_ = join(after, before);
    convert_to(env_, inner->body, after, guard->span);
    inner->orelse = sub_block(before, [&] {});
    env_ = join(after, before);
    convert_to(env_, inner->orelse, before, guard->span);
    emit(inner);
  });
  Env after_case = env_;
  if (!guard) {
    s->orelse = sub_block(start, [&] { match_cases(n, nth + 1, subject); });
    Env after_rest = env_;
    env_ = join(after_case, after_rest);
    convert_to(env_, s->body, after_case, n->span);
    convert_to(env_, s->orelse, after_rest, n->span);
    return emit(s);
  }
  env_ = join(after_case, start);
  convert_to(env_, s->body, after_case, n->span);
  s->orelse = sub_block(start, [&] {});
  env_ = join(after_case, start);
  convert_to(env_, s->orelse, start, n->span);
  emit(s);
  if (!env_.reachable) return;
  Env before = env_;
  Stmt* rest = make_stmt(StmtKind::If, n->span);
  Expr* read = make(ExprKind::Read, bool_type(), n->span);
  read->local = matched;
  rest->value = make_op(Opcode::Not, bool_type(), {read}, n->span);
  rest->body = sub_block(before, [&] { match_cases(n, nth + 1, subject); });
  Env after_rest = env_;
  env_ = join(after_rest, before);
  convert_to(env_, rest->body, after_rest, n->span);
  rest->orelse = sub_block(before, [&] {});
  env_ = join(after_rest, before);
  convert_to(env_, rest->orelse, before, n->span);
  emit(rest);
}

}  // namespace cantil::frontend
