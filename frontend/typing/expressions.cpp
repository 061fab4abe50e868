// Expressions by node kind.
#include "frontend/typing/typer.h"
#include "frontend/typing/unify.h"

namespace cantil::frontend {

using namespace ir;
using syntax::ConstKind;

std::vector<Expr*> Typer::expressions(const std::vector<Node*>& ns) {
  std::vector<Expr*> out;
  for (const Node* n : ns) out.push_back(expression(n));
  return out;
}

namespace {

const char* construct_name(NodeKind k) {
  switch (k) {
    case NodeKind::Await:
      return "await";
    case NodeKind::Starred:
      return "star unpacking";
    default:
      return "this syntax";
  }
}

}  // namespace

Expr* Typer::arm(const Node* n) {
  size_t before = out_->size();
  Expr* e = expression(n);
  if (out_->size() != before)
    fail(Diag::UnsupportedSyntax, n->span,
         {"an assignment inside an expression that may not run", "assign in a statement of its own"});
  return e;
}

namespace {

// Expressions recurse, here, in lowering and in LLVM: one that is nested deeper than any stack should be
// asked to hold is refused.
constexpr int kMaxDepth = 1000;

struct DepthGuard {
  explicit DepthGuard(int& depth) : depth_(depth) { ++depth_; }
  ~DepthGuard() { --depth_; }
  int& depth_;
};

}  // namespace

Expr* Typer::expression(const Node* n) {
  DepthGuard guard(depth_);
  if (depth_ > kMaxDepth)
    fail(Diag::UnsupportedSyntax, n->span,
         {"an expression of more than 1000 levels", "split it into several statements"});
  switch (n->kind) {
    case NodeKind::Constant:
      switch (n->value.kind) {
        case ConstKind::None:
          return make_none(n->span);
        case ConstKind::Bool:
          return make_static(literal_bool(n->value.i != 0), n->span);
        case ConstKind::Int:
          return make_int(n->value.i, n->span);
        case ConstKind::BigInt: {
          // Up to 2**64 - 1 there is a type for it.
          unsigned long long v = 0;
          bool fits = !n->value.s.empty() && n->value.s.size() <= 20 && n->value.s[0] != '-';
          if (fits) {
            unsigned __int128 wide = 0;
            for (char c : n->value.s) wide = wide * 10 + static_cast<unsigned>(c - '0');
            fits = wide >> 64 == 0;
            v = static_cast<unsigned long long>(wide);
          }
          if (!fits) fail(Diag::OutOfRangeLiteral, n->span, {n->value.s});
          return make_const(int_type(64, false), static_cast<int64_t>(v), n->span);
        }
        case ConstKind::Float:
          return make_float(f64(), n->value.f, n->span);
        case ConstKind::Complex: {
          Expr* e = make(ExprKind::Const, complex_type(128), n->span);
          e->constant.f = n->value.f;
          e->constant.im = n->value.im;
          return e;
        }
        case ConstKind::Str:
          return make_static(literal_str(n->value.s), n->span);
        case ConstKind::Ellipsis:
          return make_static(ellipsis_type(), n->span);
        default:
          return bytes_value(n->value.s, n->span);
      }
    case NodeKind::Name:
      return name(n);
    case NodeKind::Attribute:
      return attribute(n);
    case NodeKind::Call:
      return call(n);
    case NodeKind::BinOp: {
      Expr* a = expression(n->one[0]);
      Expr* b = expression(n->one[1]);
      meet(a, b);
      return binary(n->op, a, b, n->span);
    }
    case NodeKind::UnaryOp: {
      Expr* a = expression(n->one[0]);
      return n->op == Operator::Not ? logical_not(a, n->span) : unary(n->op, a, n->span);
    }
    case NodeKind::BoolOp: {
      // From the right: a and (b and c).
      std::vector<Expr*> values;
      bool is_and = n->op == Operator::And;
      for (const Node* v : n->list[0]) {
        Expr* e = v == n->list[0][0] ? expression(v) : arm(v);
        // What is known now decides now; operands behind it are not even typed.
        Expr* t = truth(e, v->span);
        if (auto known = literal(t)) {
          if ((*known != 0) == is_and && v != n->list[0].back()) continue;
          values.push_back(e);
          if ((*known != 0) != is_and) break;
          continue;
        }
        values.push_back(e);
      }
      Expr* r = values.back();
      for (size_t i = values.size() - 1; i-- > 0;) {
        Expr* a = make_temp(values[i]);
        TypeRef t = unify(a->type, r->type);
        if (!t)
          fail(Diag::TypeConflict, n->span,
               {is_and ? "the value of 'and'" : "the value of 'or'", shown_type(a->type),
                shown_type(r->type)});
        if (t->is(TypeKind::Unknown)) return make_static(t, n->span);
        Expr* left = convert(materialise(a), t, n->span);
        Expr* right = convert(materialise(r), t, n->span);
        Expr* cond = truth(a, n->span);
        r = is_and ? make_cond(cond, right, left, t, n->span) : make_cond(cond, left, right, t, n->span);
      }
      return r;
    }
    case NodeKind::Compare: {
      Expr* left = expression(n->one[0]);
      Expr* result = nullptr;
      std::vector<Expr*> parts;
      for (size_t i = 0; i < n->ops.size(); ++i) {
        Expr* right = i ? arm(n->list[0][i]) : expression(n->list[0][i]);
        if (i + 1 < n->ops.size()) right = make_temp(right);
        meet(left, right);
        parts.push_back(compare(n->ops[i], left, right, n->span));
        left = right;
      }
      result = parts.back();
      for (size_t i = parts.size() - 1; i-- > 0;) {
        if (auto k = literal(parts[i])) {
          if (!*k) result = parts[i];
          continue;
        }
        Expr* cond = truth(parts[i], n->span);
        if (cond->type->is(TypeKind::Unknown)) return cond;
        result = make_cond(cond, materialise(truth(result, n->span)), make_const(bool_type(), 0, n->span),
                           bool_type(), n->span);
      }
      return result;
    }
    case NodeKind::IfExp: {
      Expr* cond = truth(expression(n->one[0]), n->one[0]->span);
      if (auto k = literal(cond)) return expression(n->one[*k ? 1 : 2]);
      Expr* a = arm(n->one[1]);
      Expr* b = arm(n->one[2]);
      meet(a, b);
      TypeRef t = unify(a->type, b->type);
      if (!t) fail(Diag::TypeConflict, n->span, {"this expression", type_name(a), type_name(b)});
      if (t->is_compile_time() && !t->is(TypeKind::Unknown)) {
        if (a->type == b->type && !unliteral(t)->is_compile_time())
          t = unliteral(t);
        else
          return a;
      }
      if (t->is(TypeKind::Unknown) || cond->type->is(TypeKind::Unknown)) return make_static(t, n->span);
      return make_cond(cond, convert(a, t, n->span), convert(b, t, n->span), t, n->span);
    }
    case NodeKind::NamedExpr: {
      Expr* value = make_temp(expression(n->one[1]));
      assign(n->one[0], value, n->span);
      return value;
    }
    case NodeKind::Tuple: {
      for (const Node* e : n->list[0])
        if (e->kind == NodeKind::Starred) {
          std::vector<Expr*> elems;
          for (const Node* x : n->list[0]) {
            if (x->kind != NodeKind::Starred) {
              elems.push_back(expression(x));
              continue;
            }
            Expr* t = make_temp(expression(x->one[0]));
            if (!t->type->is_tuple()) fail(Diag::UnpackNotTuple, x->span, {type_name(t)});
            for (size_t i = 0; i < t->type->elems.size(); ++i) elems.push_back(tuple_item(t, i, x->span));
          }
          return make_tuple(std::move(elems), n->span);
        }
      return make_tuple(expressions(n->list[0]), n->span);
    }
    case NodeKind::Subscript: {
      Expr* base = expression(n->one[0]);
      return subscript(base, n->one[1], n->span);
    }
    case NodeKind::List:
      return list_literal(n);
    case NodeKind::Dict:
      return dict_literal(n);
    case NodeKind::Set:
      return set_literal(n);
    case NodeKind::ListComp:
    case NodeKind::SetComp:
    case NodeKind::DictComp:
      return comprehension(n);
    case NodeKind::Slice:
      return index_expression(n);
    case NodeKind::JoinedStr:
      return joined_text(n);
    case NodeKind::GeneratorExp:
      return generator_expression(n);
    case NodeKind::Yield:
      return yield_expression(n);
    case NodeKind::YieldFrom:
      return yield_from(n);
    case NodeKind::Lambda:
      define_defaults(n);
      return function_value(nested_function(n), n->span);
    default:
      fail(Diag::UnsupportedSyntax, n->span, {construct_name(n->kind), ""});
  }
}

}  // namespace cantil::frontend
