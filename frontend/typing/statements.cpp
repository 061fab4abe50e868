// Statements but for loops: blocks, assignment, if, return, raise, assert.
#include <algorithm>

#include "frontend/typing/static_containers.h"
#include "frontend/typing/typer.h"
#include "frontend/typing/unify.h"
#include "ir/class_types.h"
#include "ir/layout.h"

namespace cantil::frontend {

using namespace ir;

Typer::Typer(Program& program, Instance& instance)
    : program_(program),
      inst_(instance),
      fn_(*instance.function),
      options_(instance.options),
      scope_(instance.function->tree->root) {}

// What a round of typing has left behind, when what it learned of an empty container begins another.
void Typer::reset() {
  scope_ = Scope(fn_.tree->root);
  loops_.clear();
  loop_stack_.clear();
  hidden_.clear();
  protected_.clear();
  handlers_.clear();
  finally_.clear();
  handler_states_.clear();
  final_heads_.clear();
  final_states_.clear();
  packing_.clear();
  returns_.clear();
  yields_.clear();
  copy_ = 0;
  undecided_.clear();
  literal_of_.clear();
  falls_off_ = false;
  errors_.clear();
  depth_ = 0;
}

void Typer::run() {
  for (int round = 0;; ++round) {
    CANTIL_CHECK(round < 1000);
    try {
      run_once();
      return;
    } catch (const Retype&) {
      reset();
    }
  }
}

void Typer::run_once() {
  inst_.locals = scope_.locals();
  inst_.checked.assign(inst_.locals.size(), false);
  inst_.body.clear();
  inst_.is_generator = scope_.yields();
  find_cells();
  env_ = Env{};
  env_.reachable = true;
  env_.locals.resize(inst_.locals.size());
  const Node* root = fn_.tree->root;
  const Node* params = root->one[0];
  std::vector<Span> spans;
  for (int k = 0; k < 2; ++k)
    for (const Node* a : params->list[k]) spans.push_back(a->span);
  if (params->one[0]) spans.push_back(params->one[0]->span);
  for (const Node* a : params->list[2]) spans.push_back(a->span);
  for (size_t i = 0; i < inst_.args.size(); ++i) {
    env_.locals[i].type = inst_.args[i];
    if (on_cuda() && inst_.args[i]->is(TypeKind::Object))
      fail(Diag::NotInKernel, i < spans.size() ? spans[i] : root->span,
           {is_class_instance(inst_.args[i]) ? "an instance of a class" : "a list", "pass an array"});
    env_.locals[i].origin = i < spans.size() ? spans[i] : root->span;
  }
  out_ = &inst_.body;
  if (inst_.is_generator && on_cuda())
    fail(Diag::NotInKernel, root->span,
         {"a generator", "use a loop, or store what it would yield in an array"});
  try {
    if (!fn_.options.locals.empty())  // parameters can be declared too
      for (size_t i = 0; i < inst_.args.size(); ++i)
        if (fn_.options.locals.contains(inst_.locals[i]))
          assign_local(static_cast<uint32_t>(i),
                       local_value(static_cast<uint32_t>(i), inst_.locals[i], env_.locals[i].origin),
                       env_.locals[i].origin);
    for (uint32_t i = 0; i < inst_.args.size();
         ++i)  // a parameter that a nested function assigns gets a cell
      if (cells_.count(i) &&
          std::find(fn_.cells.begin(), fn_.cells.end(), inst_.locals[i]) == fn_.cells.end())
        assign_cell(i, raw_value(i, inst_.locals[i], env_.locals[i].origin), env_.locals[i].origin);
    if (root->kind == NodeKind::Lambda) {
      Stmt* s = make_stmt(StmtKind::Return, root->one[1]->span);
      s->value = expression(root->one[1]);
      emit(s);
      returns_[place(root->one[1])] = {s, s->span};
    } else {
      block(root->list[0]);
      falls_off_ = env_.reachable;
    }
  } catch (CompileError& e) {
    explain(e.diagnostics()[0]);
    if (errors_.empty() || errors_.size() == e.diagnostics().size()) throw;
    errors_.insert(errors_.end(), e.diagnostics().begin(), e.diagnostics().end());
  }
  if (!errors_.empty()) throw CompileError(errors_);
  finish_returns();
  if (!undecided_.empty()) {
    const auto& [id, span] = *undecided_.begin();
    fail(Diag::UntypedContainer, span, {"list"});
  }
}

Block Typer::sub_block(const Env& start, const std::function<void()>& body) {
  Block b;
  Block* saved = out_;
  out_ = &b;
  env_ = start;
  body();
  out_ = saved;
  return b;
}

void Typer::block(const std::vector<Node*>& body) {
  for (const Node* s : body) {
    if (!env_.reachable) return;
    const Place at = place();
    try {
      statement(s);
    } catch (CompileError& e) {
      if (!recover(s, at, e)) throw;
    }
  }
}

void Typer::convert_to(const Env& target, Block& b, const Env& from, const Span& span) {
  if (!from.reachable) return;
  for (size_t i = 0; i < target.locals.size(); ++i) {
    const LocalState& to = target.locals[i];
    const LocalState* is = from.find(static_cast<uint32_t>(i));
    if (is && is->type && to.type && is_undecided(is->type) && to.type->is(TypeKind::Object))
      learn(is->type, to.type);
    if (!is || !is->type || !to.type || to.conflict || is->type == to.type ||
        to.type->is(TypeKind::Unknown) || is->type->is(TypeKind::Unknown))
      continue;
    Stmt* s = make_stmt(StmtKind::Assign, span);
    s->local = static_cast<uint32_t>(i);
    Expr* e = nullptr;
    if (is->type->is_none()) {
      e = make_none(span);
    } else if (is->type->is_compile_time()) {
      e = make_static(is->type, span);
    } else {
      e = make(ExprKind::Read, is->type, span);
      e->local = s->local;
    }
    // In a round that is not the last one the target may still lack what this path brings: that round is
    // thrown away.
    s->value = try_convert(e, to.type, span);
    if (!s->value) continue;
    s->kind = StmtKind::Convert;
    s->from = is->type;
    s->to = to.type;
    b.push_back(s);
  }
}

namespace {

const char* statement_name(NodeKind k) {
  switch (k) {
    case NodeKind::AsyncFunctionDef:
      return "an async function";
    case NodeKind::ClassDef:
      return "a class definition";
    case NodeKind::AsyncWith:
      return "a with statement";
    case NodeKind::TryStar:
      return "except*";
    case NodeKind::Import:
    case NodeKind::ImportFrom:
      return "import inside a function";
    case NodeKind::Global:
      return "assignment to a global";
    case NodeKind::AsyncFor:
      return "async for";
    default:
      return "this statement";
  }
}

const char* statement_help(NodeKind k) {
  switch (k) {
    case NodeKind::Import:
    case NodeKind::ImportFrom:
      return "import at module level";
    case NodeKind::Global:
      return "globals are constants in compiled code: return the value instead";
    default:
      return "";
  }
}

}  // namespace

void Typer::statement(const Node* n) {
  switch (n->kind) {
    case NodeKind::Pass:
      return;
    case NodeKind::ExprStmt: {
      if (n->one[0]->kind == NodeKind::Constant) return;  // a docstring
      Expr* e = expression(n->one[0]);
      if (e->kind == ExprKind::Static || e->kind == ExprKind::Const) return;
      Stmt* s = make_stmt(StmtKind::Eval, n->span);
      s->value = e;
      emit(s);
      return;
    }
    case NodeKind::Assign: {
      if (n->one[0]->kind == NodeKind::Lambda) return function_definition(n);
      Expr* value = expression(n->one[0]);
      if (n->list[0].size() > 1) value = make_temp(value);
      for (const Node* t : n->list[0]) assign(t, value, n->span);
      return;
    }
    case NodeKind::AnnAssign:
      if (n->one[2]) assign(n->one[0], expression(n->one[2]), n->span);
      return;
    case NodeKind::AugAssign: {
      const Node* target = n->one[0];
      if (target->kind == NodeKind::Name) {
        Expr* old = name(target);
        Expr* value = expression(n->one[1]);
        meet(old, value);
        if (Expr* e = class_inplace(n->op, old, value, n->span))
          return assign_local(static_cast<uint32_t>(scope_.find(target->name)), e, n->span);
        if (old->type->is(TypeKind::Object) && !is_class_instance(old->type)) {  // in place, too
          CallArgs args;
          args.positional = {old, value};
          args.span = n->span;
          std::string fn = std::string("cantil.library.inplace_") + syntax::operator_class(n->op);
          if (Expr* e = call_library(fn, args)) {
            Stmt* s = make_stmt(StmtKind::Eval, n->span);
            s->value = e;
            emit(s);
            return;
          }
        }
        if (old->type->is_array()) {  // in place
          if (inplace_operator(operator_ufunc(n->op, false), old, value, n->span)) return;
          CallArgs args;
          args.positional = {old, value};
          args.span = n->span;
          std::string fn = std::string("cantil.library.inplace_") + syntax::operator_class(n->op);
          if (Expr* e = call_library(fn, args)) {
            Stmt* s = make_stmt(StmtKind::Eval, n->span);
            s->value = e;
            emit(s);
            return;
          }
        }
        assign_local(static_cast<uint32_t>(scope_.find(target->name)), binary(n->op, old, value, n->span),
                     n->span);
        return;
      }
      if (target->kind == NodeKind::Subscript) {
        Expr* base = make_temp(expression(target->one[0]));
        Expr* index = index_expression(target->one[1]);
        // Evaluated once. A slice is a value of its parts, which are looked at when it is used.
        auto once = [&](Expr* part) {
          if (!part->type->is(TypeKind::Slice)) return make_temp(part);
          for (Expr*& bound : part->args) bound = make_temp(bound);
          return part;
        };
        bool selects = false;  // elements in any order, which are read as a copy; anything else is a view
        if (index->type->is_tuple() && index->kind == ExprKind::Op && index->opcode == Opcode::TupleMake) {
          for (Expr*& part : index->args) {
            part = once(part);
            selects = selects || part->type->is_array();
          }
        } else {
          index = once(index);
          selects = index->type->is_array() || index->type->is_tuple();
        }
        Expr* old = subscript_value(base, index, target->span);
        Expr* value = expression(n->one[1]);
        if (base->type->is_array() && old->type->is_array() && !selects &&
            inplace_operator(operator_ufunc(n->op, false), old, value, n->span))
          return;
        store_subscript(base, index, binary(n->op, old, value, n->span), n->span);
        return;
      }
      if (target->kind == NodeKind::Attribute) return class_augmented(n);
      fail(Diag::NotAssignable, target->span, {"this expression"});
    }
    case NodeKind::If:
      return if_statement(n);
    case NodeKind::For:
      return for_statement(n);
    case NodeKind::While:
      return while_statement(n);
    case NodeKind::Return:
      return return_statement(n);
    case NodeKind::Raise:
      return raise_statement(n);
    case NodeKind::Assert:
      return assert_statement(n);
    case NodeKind::Try:
      return try_statement(n);
    case NodeKind::Match:
      return match_statement(n);
    case NodeKind::With:
      return with_statement(n);
    case NodeKind::Nonlocal:
      return;  // cells.cpp
    case NodeKind::Break:
    case NodeKind::Continue: {
      bool is_break = n->kind == NodeKind::Break;
      CANTIL_CHECK(!loop_stack_.empty());  // Python refuses it before we see it
      Loop& loop = *loop_stack_.back();
      if (is_break && loop.parallel)
        fail(Diag::UnsupportedSyntax, n->span,
             {"break in a prange loop",
              "use range(), or a flag that makes the remaining iterations do nothing"});
      return leave_loop(is_break, n->span);
    }
    case NodeKind::FunctionDef:
      return function_definition(n);
    case NodeKind::Delete:
      for (const Node* t : n->list[0]) {
        if (t->kind == NodeKind::Subscript) {
          Expr* base = unwrap(expression(t->one[0]), t->span);
          Expr* index = index_expression(t->one[1]);
          if (base->type->is(TypeKind::Unknown) || index->type->is(TypeKind::Unknown)) continue;
          CallArgs args;
          args.positional = {base, index};
          args.span = t->span;
          Expr* e = call_special(base, "__delitem__", {index}, t->span);
          if (!e) e = call_library("operator.delitem", args);
          if (!e) fail(Diag::NotAssignable, t->span, {"(del of) an element of " + type_name(base)});
          Stmt* s = make_stmt(StmtKind::Eval, n->span);
          s->value = e;
          emit(s);
          continue;
        }
        if (t->kind != NodeKind::Name) fail(Diag::UnsupportedSyntax, t->span, {"del of an attribute", ""});
        name(t);
        LocalState& s = env_.at(static_cast<uint32_t>(scope_.find(t->name)));
        s = LocalState{};
        Stmt* undefine = make_stmt(StmtKind::Undefine, n->span);
        undefine->local = static_cast<uint32_t>(scope_.find(t->name));
        emit(undefine);
        keep_for_handlers(undefine->local, n->span);
      }
      return;
    default:
      fail(Diag::UnsupportedSyntax, n->span,
           {n->kind == NodeKind::Unknown ? "'" + n->name + "'" : statement_name(n->kind),
            statement_help(n->kind)});
  }
}

Expr* Typer::as_declared(uint32_t local, Expr* value, const Span& span) {
  const auto& declared = fn_.options.locals;
  if (declared.empty() || value->type->is(TypeKind::Unknown)) return value;
  const auto found = declared.find(inst_.locals[local]);
  if (found == declared.end()) return value;
  TypeRef wanted = found->second, given = unliteral(value->type);
  if (wanted == given) return value;
  if (!wanted->is_number() || !given->is_number() || (given->is_complex() && !wanted->is_complex()))
    fail(Diag::CannotCast, span, {type_name(value), shown_type(wanted)});
  return cast_number(value, wanted, span);
}

void Typer::assign_local(uint32_t local, Expr* value, const Span& span) {
  cells_.count(local) ? assign_cell(local, value, span) : assign_raw(local, value, span);
}

void Typer::assign_raw(uint32_t local, Expr* value, const Span& span) {
  value = as_declared(local, value, span);
  LocalState& s = env_.at(local);
  s = LocalState{};
  s.origin = span;
  s.type = value->type;
  if (value->type->is(TypeKind::ExceptionInstance) || value->type->is(TypeKind::BoundMethod))
    fail(Diag::UnsupportedSyntax, span,
         {value->type->is(TypeKind::BoundMethod) ? "a method kept in a variable"
                                                 : "an exception kept in a variable",
          "use it directly"});
  if (value->type->is(TypeKind::Slice))
    fail(Diag::UnsupportedSyntax, span, {"a slice kept in a variable", "write it where it is used"});
  Stmt* st = make_stmt(StmtKind::Assign, span);
  st->local = local;
  st->value = value;
  emit(st);
  if (value->kind == ExprKind::Seq && value->imm)
    literal_of_[local] = value->imm;
  else
    literal_of_.erase(local);
  keep_for_handlers(local, span);
}

void Typer::assign(const Node* target, Expr* value, const Span& span) {
  switch (target->kind) {
    case NodeKind::Name: {
      int id = scope_.find(target->name);
      if (id < 0)
        fail(Diag::UnsupportedSyntax, target->span,
             {"assignment to a global", "globals are constants in compiled code: return the value instead"});
      return assign_local(static_cast<uint32_t>(id), value, target->span);
    }
    case NodeKind::Tuple:
    case NodeKind::List:
      return unpack(target, value, span);
    case NodeKind::Subscript: {
      Expr* base = expression(target->one[0]);
      Expr* index = index_expression(target->one[1]);
      if (index->type->is(TypeKind::LiteralStr) && store_field(base, index->type->name, value, target->span))
        return;
      return store_subscript(base, index, value, target->span);
    }
    case NodeKind::Attribute: {
      Expr* base = expression(target->one[0]);
      if (base->type->is(TypeKind::Optional) && is_class_instance(base->type->elem()))
        base = unwrap(base, target->span);
      if (is_class_instance(base->type)) return class_store(base, target->name, value, target->span);
      if (base->type->is(TypeKind::Unknown) && !is_undecided(base->type)) return;
      if (fn_.is_library && base->type->is(TypeKind::Object) && object_field(base->type, target->name) >= 0) {
        Stmt* s = make_stmt(StmtKind::Eval, span);
        s->value = store_pointer(field_pointer(base, target->name.c_str(), span), value, span);
        emit(s);
        return;
      }
      if (store_field(base, target->name, value, target->span)) return;
      if (base->type->is_array() && target->name == "flat") {
        store_flat(make_array_iterator("flatiter", {base}, span), nullptr, value, span);
        return;
      }
      fail(Diag::NotAssignable, target->span, {"the attribute '" + target->name + "' of " + type_name(base)});
    }
    default:
      fail(Diag::NotAssignable, target->span, {"this expression"});
  }
}

// A field of an array's element: records[i].x = value, records[i]["x"] = value. The element is read and
// written anew but for this field, so that only the field's bytes are stored.
bool Typer::store_field(Expr* base, const std::string& field, Expr* value, const Span& span) {
  if (base->kind != ExprKind::Op || base->opcode != Opcode::LoadElem || !base->type->is_tuple()) return false;
  TypeRef record = base->type;
  size_t k = 0;
  while (k < record->fields.size() && record->fields[k] != field) ++k;
  if (k == record->fields.size()) return false;
  if (base->args[0]->type->readonly) fail(Diag::ReadonlyArray, span);
  std::vector<Leaf> leaves;
  for (size_t i = 0; i <= k; ++i)
    append_leaves(record->elems[i], leaves.empty() ? 0 : leaves.back().offset + leaf_size(leaves.back().kind),
                  leaves);
  std::vector<Leaf> own;
  append_leaves(record->elems[k], 0, own);
  const size_t offset = leaves[leaves.size() - own.size()].offset;
  TypeRef part = pointer_type(record->elems[k]);
  Expr* place = make_op(Opcode::ElemPtr, pointer_type(record), base->args, span);
  place = make_op(Opcode::PtrOffset, place->type,
                  {place, make_const(i64(), static_cast<int64_t>(offset), span)}, span);
  Stmt* s = make_stmt(StmtKind::Eval, span);
  s->value = make_op(Opcode::Store, none_type(),
                     {make_op(Opcode::Bitcast, part, {place}, span), convert(value, record->elems[k], span)},
                     span, base->args[0]->type->aligned ? 0 : 1);
  emit(s);
  return true;
}

void Typer::unpack(const Node* target, Expr* value, const Span& span) {
  const std::vector<Node*>& names = target->list[0];
  value = unwrap(value, span);
  if (value->type->is(TypeKind::Unknown)) {
    for (const Node* t : names) assign(t->kind == NodeKind::Starred ? t->one[0] : t, value, span);
    return;
  }
  if (value->type->is_array() && value->type->ndim >= 1) {  // as many elements as names, checked when it runs
    Expr* a = make_temp(value);
    Stmt* s = make_stmt(StmtKind::If, span);
    s->value =
        make_op(Opcode::Ne, bool_type(),
                {array_dim(a, 0, span), make_const(i64(), static_cast<int64_t>(names.size()), span)}, span);
    s->body.push_back(make_raise(
        "builtins.ValueError", "unpacking: the array's length is not " + std::to_string(names.size()), span));
    emit(s);
    std::vector<Expr*> items;
    for (size_t i = 0; i < names.size(); ++i)
      items.push_back(make_temp(subscript_value(a, make_int(static_cast<int64_t>(i), span), span)));
    for (size_t i = 0; i < names.size(); ++i) assign(names[i], items[i], span);
    return;
  }
  if (is_list(value->type)) {
    for (const Node* t : names)
      if (t->kind == NodeKind::Starred)
        fail(Diag::UnsupportedSyntax, t->span, {"a starred name in unpacking a list", "slice the list"});
    Expr* l = evaluate_now(value);
    CallArgs args;
    args.positional = {l, make_int(static_cast<int64_t>(names.size()), span)};
    args.span = span;
    Stmt* s = make_stmt(StmtKind::Eval, span);
    s->value = call_library_or_fail("cantil.library.check_unpack", args, "unpacking");
    emit(s);
    std::vector<Expr*> items;
    for (size_t i = 0; i < names.size(); ++i)
      items.push_back(evaluate_now(subscript_value(l, make_int(static_cast<int64_t>(i), span), span)));
    for (size_t i = 0; i < names.size(); ++i) assign(names[i], items[i], span);
    return;
  }
  if (!value->type->is_tuple()) fail(Diag::UnpackNotTuple, span, {type_name(value)});
  size_t have = value->type->elems.size(), star = names.size();
  for (size_t i = 0; i < names.size(); ++i)
    if (names[i]->kind == NodeKind::Starred) star = i;
  bool fits = star == names.size() ? have == names.size() : have + 1 >= names.size();
  if (!fits) fail(Diag::UnpackCount, span, {shown_type(value->type), std::to_string(names.size())});
  // All of the right side is evaluated before anything is assigned: `a, b = b, a`.
  std::vector<Expr*> items;
  Expr* tuple = value->kind == ExprKind::Op && value->opcode == Opcode::TupleMake ? value : make_temp(value);
  for (size_t i = 0; i < have; ++i) {
    Expr* item = make_temp(tuple_item(tuple, i, span));
    if (item->kind == ExprKind::Temp) {
      Stmt* s = make_stmt(StmtKind::Eval, span);
      s->value = item;
      emit(s);
    }
    items.push_back(item);
  }
  size_t starred = star == names.size() ? 0 : have + 1 - names.size();
  for (size_t i = 0, at = 0; i < names.size(); ++i) {
    if (i != star) {
      assign(names[i], items[at++], span);
      continue;
    }
    std::vector<Expr*> rest(items.begin() + static_cast<long>(at),
                            items.begin() + static_cast<long>(at + starred));
    at += starred;
    assign(names[i]->one[0], make_tuple(std::move(rest), span), span);
  }
}

std::optional<std::pair<uint32_t, bool>> Typer::none_test(const Node* test) const {
  if (test->kind != NodeKind::Compare || test->ops.size() != 1 || test->one[0]->kind != NodeKind::Name)
    return std::nullopt;
  const Node* right = test->list[0][0];
  if (right->kind != NodeKind::Constant || right->value.kind != syntax::ConstKind::None) return std::nullopt;
  Operator op = test->ops[0];
  int id = scope_.find(test->one[0]->name);
  if (id < 0) return std::nullopt;
  if (op == Operator::Is || op == Operator::Eq) return std::pair{static_cast<uint32_t>(id), true};
  if (op == Operator::IsNot || op == Operator::NotEq) return std::pair{static_cast<uint32_t>(id), false};
  return std::nullopt;
}

// Inside a branch of `x is None` an optional x has one known form.
void Typer::narrow(const Node* test, bool value) {
  auto t = none_test(test);
  if (!t) return;
  LocalState& s = env_.at(t->first);
  if (!s.type || s.conflict || s.maybe || !s.type->is(TypeKind::Optional)) return;
  Stmt* st = make_stmt(StmtKind::Convert, test->span);
  st->local = t->first;
  st->from = s.type;
  Expr* read = make(ExprKind::Read, s.type, test->span);
  read->local = t->first;
  bool is_none = t->second == value;
  s.type = is_none ? none_type() : s.type->elem();
  st->to = s.type;
  st->value = is_none ? make_none(test->span) : make_op(Opcode::OptionalGet, s.type, {read}, test->span);
  emit(st);
}

void Typer::if_statement(const Node* n) {
  Expr* cond = truth(expression(n->one[0]), n->one[0]->span);
  if (auto k = literal(cond)) return block(n->list[*k ? 0 : 1]);
  Env start = env_;
  Stmt* s = make_stmt(StmtKind::If, n->span);
  s->value = cond;
  s->body = sub_block(start, [&] {
    narrow(n->one[0], true);
    block(n->list[0]);
  });
  Env after_then = env_;
  s->orelse = sub_block(start, [&] {
    narrow(n->one[0], false);
    block(n->list[1]);
  });
  Env after_else = env_;
  env_ = join(after_then, after_else);
  convert_to(env_, s->body, after_then, n->span);
  convert_to(env_, s->orelse, after_else, n->span);
  if (!cond->type->is(TypeKind::Unknown)) emit(s);
}

void Typer::return_statement(const Node* n) {
  if (!loop_stack_.empty())
    for (Loop* l : loop_stack_)
      if (l->parallel)
        fail(Diag::UnsupportedSyntax, n->span,
             {"return in a prange loop", "use range(), or store the result and return after the loop"});
  return_value(n->id, n->one[0] ? expression(n->one[0]) : make_none(n->span), n->span,
               n->one[0] ? n->one[0]->span : n->span);
}

void Typer::finish_returns() {
  if (inst_.is_generator) return finish_yields();
  TypeRef ret = falls_off_ ? none_type() : nullptr;
  const ReturnPlace* first = nullptr;
  for (auto& [id, place] : returns_) {
    TypeRef t = place.stmt->value->type;
    if (is_undecided(t))
      for (auto& [other, known] : returns_)
        if (known.stmt->value->type->is(TypeKind::Object)) learn(t, known.stmt->value->type);
    if (t->is(TypeKind::Unknown)) continue;
    if (t->is_compile_time() && unliteral(t)->is_compile_time())
      fail(Diag::UnsupportedSyntax, place.span,
           {"returning " + shown_type(t), "return a number, a tuple or an array"});
    if (is_static_list(t))
      fail(Diag::UnsupportedSyntax, place.span,
           {"returning a " + t->name, "return a tuple or a named tuple"});
    TypeRef joined = ret ? unify(ret, t) : unliteral(t);
    if (!joined) {
      std::vector<Note> notes;
      if (first)
        notes.push_back({first->span, "returns " + ret->str() + " here"});
      else if (falls_off_)
        notes.push_back(
            {fn_.tree->root->span, "the end of the function, which returns None, is reached too"});
      fail(Diag::ReturnConflict, place.span, {shown_type(t), shown_type(ret)}, notes);
    }
    ret = joined;
    if (!first) first = &place;
  }
  // Optional(none) and literals inside tuples become plain run-time types.
  if (ret) ret = unliteral(ret);
  if (ret && !ret->is_none() && fn_.role == FunctionRole::CudaKernel)
    fail(Diag::KernelReturns, first->span, {shown_type(ret)});
  if (inst_.ret_hint && ret) {
    if (!can_convert(ret, inst_.ret_hint))
      fail(Diag::CannotCast, first ? first->span : fn_.tree->root->span,
           {shown_type(ret), shown_type(inst_.ret_hint) + ", the return type of the signature"});
    ret = inst_.ret_hint;
  }
  inst_.ret = ret;
  if (!ret) {  // no return was seen: either all are behind a recursive call, or every path raises
    if (returns_.empty()) inst_.ret = none_type();
    return;
  }
  for (auto& [id, place] : returns_)
    if (!place.stmt->value->type->is(TypeKind::Unknown))
      place.stmt->value = ret->is_none() ? place.stmt->value : convert(place.stmt->value, ret, place.span);
  if (falls_off_ && !ret->is_none()) {
    Stmt* s = make_stmt(StmtKind::Return, fn_.tree->root->span);
    s->value = convert(make_none(s->span), ret, s->span);
    inst_.body.push_back(s);
  }
}

}  // namespace cantil::frontend
