// prange: reductions, what each iteration has for itself, and what must not be carried from one to the next.
#include "frontend/typing/typer.h"
#include "frontend/typing/unify.h"

namespace cantil::frontend {

using namespace ir;

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
  std::map<std::string, Span> read_at, assigned_at, reduced_at;
};

void collect_uses_of_target(const Node* t, Uses& u);

void collect_uses(const Node* n, Uses& u) {
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
      u.reduced_at.emplace(candidate, n->span);
      return collect_uses(operand, u);
    }
  }
  if (n->kind == NodeKind::Name) {
    u.read.insert(n->name);
    u.read_at.emplace(n->name, n->span);
    return;
  }
  if (n->kind == NodeKind::Assign) {
    collect_uses(n->one[0], u);
    for (const Node* t : n->list[0]) collect_uses_of_target(t, u);
    return;
  }
  if (n->kind == NodeKind::AugAssign || n->kind == NodeKind::For || n->kind == NodeKind::NamedExpr ||
      n->kind == NodeKind::AnnAssign) {
    collect_uses_of_target(n->one[0], u);
    if (n->kind == NodeKind::AugAssign) collect_uses(n->one[0], u);
    for (size_t i = 1; i < n->one.size(); ++i) collect_uses(n->one[i], u);
    for (const auto& l : n->list)
      for (const Node* c : l) collect_uses(c, u);
    return;
  }
  for (const Node* c : n->one) collect_uses(c, u);
  for (const auto& l : n->list)
    for (const Node* c : l) collect_uses(c, u);
}

void collect_uses_of_target(const Node* t, Uses& u) {
  if (t->kind == NodeKind::Name) {
    u.assigned.insert(t->name);
    u.assigned_at.emplace(t->name, t->span);
  } else if (t->kind == NodeKind::Tuple || t->kind == NodeKind::List) {
    for (const Node* e : t->list[0]) collect_uses_of_target(e, u);
  } else if (t->kind == NodeKind::Starred) {
    collect_uses_of_target(t->one[0], u);
  } else {
    collect_uses(t, u);
  }
}

}  // namespace

void Typer::find_reductions(const Node* n, Stmt* s, Loop& loop, const Env& before) {
  Uses u;
  for (const Node* b : n->list[0]) collect_uses(b, u);
  loop.privates.clear();
  auto make_private = [&](const std::string& name) {
    uint32_t id = static_cast<uint32_t>(scope_.find(name));
    loop.privates.insert(id);
    auto at = u.assigned_at.find(name);
    loop.assigned_at[id] = at != u.assigned_at.end() ? at->second : u.reduced_at[name];
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
    if (u.read.count(name))
      fail(Diag::PrangeDependence, u.read_at[name], {name},
           {{u.reduced_at[name], "and here it changes from iteration to iteration"}});
    if (ops.size() > 1)
      fail(Diag::PrangeDependence, u.reduced_at[name], {name},
           {{n->span, "two kinds of reduction in this loop"}});
    const LocalState& here = env_.at(static_cast<uint32_t>(id));
    if (here.type->is_array()) {
      take_array_part(static_cast<uint32_t>(id), loop, n->span);
      continue;
    }
    s->reductions.push_back({static_cast<uint32_t>(id), here.type, *ops.begin()});
  }
}

// ---- Arrays that are reduced: `total += row`. Each piece of the loop adds up in an array of its own.

void Typer::make_array_parts(const Node* n, Loop& loop, const Iteration& it) {
  loop.array_parts.clear();
  Uses u;
  for (const Node* b : n->list[0]) collect_uses(b, u);
  for (auto& [name, ops] : u.reductions) {
    const int id = scope_.find(name);
    const LocalState* outside = id < 0 ? nullptr : env_.find(static_cast<uint32_t>(id));
    if (!outside || !outside->type || !outside->type->is_array() || u.assigned.count(name) || ops.size() > 1)
      continue;
    TypeRef t = outside->type->elem();
    Expr* neutral = nullptr;
    const char* fold = nullptr;
    switch (*ops.begin()) {
      case ReduceOp::Add:
        neutral = t->is_float() ? make_float(t, -0.0, n->span) : make_const(t, 0, n->span);
        fold = "cantil.library.fold_parts_add";
        break;
      case ReduceOp::Mul:
        neutral = make_const(t, 1, n->span);
        fold = "cantil.library.fold_parts_mul";
        break;
      case ReduceOp::And:
        neutral = make_const(t, t->is_bool() ? 1 : wrap_int(t, -1), n->span);
        fold = "cantil.library.fold_parts_and";
        break;
      case ReduceOp::Or:
        neutral = make_const(t, 0, n->span);
        fold = "cantil.library.fold_parts_or";
        break;
      case ReduceOp::Xor:
        neutral = make_const(t, 0, n->span);
        fold = "cantil.library.fold_parts_xor";
        break;
      default:  // min and max of arrays make no array
        continue;
    }
    CallArgs args;
    args.span = n->span;
    args.positional = {local_value(static_cast<uint32_t>(id), name, n->span), neutral, it.range[0],
                       it.range[1], it.range[2]};
    Expr* parts = evaluate_now(call_library_or_fail("cantil.library.array_parts", args, "prange"));
    loop.array_parts[static_cast<uint32_t>(id)] = {parts, fold};
  }
}

// At the head of an iteration: the name stands for this piece's array.
void Typer::take_array_part(uint32_t local, Loop& loop, const Span& span) {
  auto part = loop.array_parts.find(local);
  if (part == loop.array_parts.end()) return;
  loop.privates.insert(local);
  env_.at(local) = LocalState{};
  Expr* piece = make_op(Opcode::ParallelChunk, i64(), {}, span);
  assign_local(local, subscript_value(part->second.array, piece, span), span);
}

// Behind the loop: all pieces into the array itself.
void Typer::fold_array_parts(const Loop& loop, const Span& span) {
  for (const auto& [local, part] : loop.array_parts) {
    if (!env_.reachable) return;
    CallArgs args;
    args.span = span;
    args.positional = {local_value(local, inst_.locals[local], span), part.array};
    Stmt* s = make_stmt(StmtKind::Eval, span);
    s->value = call_library_or_fail(part.fold, args, "prange");
    emit(s);
  }
}

// ---- Elements that one iteration writes and another one reads: `a[i] = a[i - 1]`

namespace {

// An access to an array: what stands between the brackets.
struct Access {
  const Node* node;
  std::vector<const Node*> indices;
};

struct Accesses {
  std::map<std::string, std::vector<Access>> written, read;
};

void collect_accesses(const Node* n, Accesses& out, bool is_target);

void add_access(const Node* n, Accesses& out, bool written, bool also_read) {
  const Node *base = n->one[0], *index = n->one[1];
  collect_accesses(index, out, false);
  if (base->kind != NodeKind::Name) return collect_accesses(base, out, false);
  Access a{n, {}};
  if (index->kind == NodeKind::Tuple) {
    a.indices.assign(index->list[0].begin(), index->list[0].end());
  } else {
    a.indices.push_back(index);
  }
  if (written) out.written[base->name].push_back(a);
  if (!written || also_read) out.read[base->name].push_back(a);
}

// Of what every iteration does: what stands under a condition may be arranged so that nothing meets.
void collect_accesses(const Node* n, Accesses& out, bool is_target) {
  if (!n) return;
  switch (n->kind) {
    case NodeKind::If:
    case NodeKind::While:
    case NodeKind::Try:
    case NodeKind::IfExp:
    case NodeKind::FunctionDef:
    case NodeKind::Lambda:
      return;
    case NodeKind::Subscript:
      return add_access(n, out, is_target, false);
    case NodeKind::Assign:
      collect_accesses(n->one[0], out, false);
      for (const Node* t : n->list[0]) collect_accesses(t, out, true);
      return;
    case NodeKind::AugAssign:
      collect_accesses(n->one[1], out, false);
      if (n->one[0]->kind == NodeKind::Subscript) add_access(n->one[0], out, true, true);
      return;
    default:
      for (const Node* c : n->one) collect_accesses(c, out, is_target && n->kind == NodeKind::Starred);
      for (const auto& l : n->list)
        for (const Node* c : l) collect_accesses(c, out, is_target);
  }
}

std::optional<int64_t> whole_number(const Node* n) {
  if (n->kind == NodeKind::Constant && n->value.kind == syntax::ConstKind::Int) return n->value.i;
  if (n->kind == NodeKind::UnaryOp && n->op == Operator::USub)
    if (auto v = whole_number(n->one[0])) return -*v;
  return std::nullopt;
}

// c where the index is i + c.
std::optional<int64_t> distance(const Node* n, const std::string& i) {
  if (n->kind == NodeKind::Name && n->name == i) return 0;
  if (n->kind != NodeKind::BinOp || (n->op != Operator::Add && n->op != Operator::Sub)) return std::nullopt;
  const Node *a = n->one[0], *b = n->one[1];
  if (a->kind == NodeKind::Name && a->name == i)
    if (auto c = whole_number(b)) return n->op == Operator::Add ? *c : -*c;
  if (n->op == Operator::Add && b->kind == NodeKind::Name && b->name == i) return whole_number(a);
  return std::nullopt;
}

// Whether iterations some steps apart meet in an element.
bool meet_apart(const Access& w, const Access& r, const std::string& i, int64_t step) {
  if (w.indices.size() != r.indices.size()) return false;
  bool apart = false;
  for (size_t k = 0; k < w.indices.size(); ++k) {
    const auto x = distance(w.indices[k], i), y = distance(r.indices[k], i);
    if (x && y) {
      if (*x == *y) return false;  // an axis on which each iteration keeps to itself
      if ((*x - *y) % step != 0) return false;
      apart = true;
      continue;
    }
    const auto c = whole_number(w.indices[k]), d = whole_number(r.indices[k]);
    if (c && d && *c != *d) return false;
    if (x || y) return false;  // i against something else: not known
  }
  return apart;
}

}  // namespace

void Typer::refuse_array_dependences(const Node* n) {
  if (n->one[0]->kind != NodeKind::Name || n->one[1]->kind != NodeKind::Call) return;
  const std::vector<Node*>& range = n->one[1]->list[0];
  const auto by = range.size() == 3 ? whole_number(range[2]) : 1;
  if (!by || *by == 0) return;
  Accesses all;
  for (const Node* b : n->list[0]) collect_accesses(b, all, false);
  for (const auto& [name, writes] : all.written) {
    const int id = scope_.find(name);
    const LocalState* s = id < 0 ? nullptr : env_.find(static_cast<uint32_t>(id));
    if (!s || !s->type || !s->type->is_array()) continue;
    auto reads = all.read.find(name);
    if (reads == all.read.end()) continue;
    for (const Access& w : writes)
      for (const Access& r : reads->second)
        if (meet_apart(w, r, n->one[0]->name, *by))
          fail(Diag::PrangeDependence, r.node->span, {name},
               {{w.node->span, "another iteration writes this element here"}});
  }
}

}  // namespace cantil::frontend
