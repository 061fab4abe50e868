// with: objmode, whose block runs as Python, and the managers that only set something for their block.
#include <set>

#include "frontend/lower/lower.h"
#include "frontend/object_blocks.h"
#include "frontend/typing/typer.h"
#include "ir/layout.h"
#include "ir/object_types.h"

namespace cantil::frontend {

using namespace ir;
using syntax::ConstKind;

namespace {

void collect_names(const Node* n, std::set<std::string>& out) {
  if (!n) return;
  if (n->kind == NodeKind::Name) out.insert(n->name);
  for (const Node* c : n->one) collect_names(c, out);
  for (const auto& l : n->list)
    for (const Node* c : l) collect_names(c, out);
}

// return, break and continue would leave the block; yield has no place in it.
const Node* leaves(const Node* n, bool in_loop) {
  if (!n) return nullptr;
  switch (n->kind) {
    case NodeKind::Return:
    case NodeKind::Yield:
    case NodeKind::YieldFrom:
      return n;
    case NodeKind::Break:
    case NodeKind::Continue:
      return in_loop ? nullptr : n;
    case NodeKind::FunctionDef:
    case NodeKind::Lambda:
    case NodeKind::ClassDef:
      return nullptr;
    default:
      break;
  }
  const bool loop = n->kind == NodeKind::For || n->kind == NodeKind::While;
  for (const Node* c : n->one)
    if (const Node* found = leaves(c, in_loop || loop)) return found;
  for (const auto& l : n->list)
    for (const Node* c : l)
      if (const Node* found = leaves(c, in_loop || loop)) return found;
  return nullptr;
}

}  // namespace

// int64, float64[:, ::1], "float64[:]": a type written in the program.
TypeRef Typer::written_type(const Node* n) {
  if (n->kind == NodeKind::Constant && n->value.kind == ConstKind::Str) return parse_type(n->value.s);
  if (n->kind == NodeKind::Subscript) {
    TypeRef elem = written_type(n->one[0]);
    if (!elem) return nullptr;
    const Node* index = n->one[1];
    std::vector<const Node*> axes;
    if (index->kind == NodeKind::Tuple)
      axes.assign(index->list[0].begin(), index->list[0].end());
    else
      axes.push_back(index);
    Layout layout = Layout::A;
    for (size_t i = 0; i < axes.size(); ++i) {
      if (axes[i]->kind != NodeKind::Slice) return nullptr;
      const Node* step = axes[i]->one[2];
      if (!step) continue;
      if (step->kind != NodeKind::Constant || step->value.i != 1) return nullptr;
      layout = i + 1 == axes.size() ? Layout::C : Layout::F;
    }
    return array_type(elem, static_cast<int>(axes.size()), layout);
  }
  Expr* e = expression(n);
  if (e->type->is(TypeKind::LiteralStr)) return parse_type(e->type->name);
  return e->type->is(TypeKind::TypeObject) ? e->type->elem() : nullptr;
}

void Typer::with_statement(const Node* n) {
  const Node* item = n->list[0][0];
  const Node* manager = item->one[0];
  const Captured* c =
      manager->kind == NodeKind::Call ? find_captured(manager->one[0]) : find_captured(manager);
  const std::string name = c && c->kind == Captured::Kind::Builtin ? c->text : "";
  if (name == "cantil.objmode" && n->list[0].size() == 1) return object_block(n);
  if (name == "cantil.objmode")
    fail(Diag::UnsupportedSyntax, n->list[0][1]->one[0]->span,
         {"another manager beside objmode", "write it as a with statement of its own inside"});
  fail(Diag::UnsupportedSyntax, manager->span,
       {"a with statement",
        "call what its manager does before and after, in try and finally; objmode() runs a "
        "block as Python"});
}

void Typer::object_block(const Node* n) {
  if (on_cuda()) fail(Diag::NotInKernel, n->span, {"objmode", "prepare what is needed before the launch"});
  for (const Loop* l : loop_stack_)
    if (l->parallel)
      fail(Diag::UnsupportedSyntax, n->span,
           {"objmode in a prange loop", "use range(), or move it out of the loop"});
  const Node* manager = n->list[0][0]->one[0];
  if (n->list[0][0]->one[1])
    fail(Diag::UnsupportedSyntax, n->list[0][0]->one[1]->span,
         {"'as' of objmode", "name the variables that the block gives: objmode(x='float64')"});
  for (const Node* s : n->list[1])
    if (const Node* out = leaves(s, false))
      fail(Diag::UnsupportedSyntax, out->span,
           {"leaving an objmode block this way", "set a variable in the block, and test it behind"});
  ObjectBlock block;
  const Function* outermost = &fn_;
  while (outermost->outer) outermost = outermost->outer;
  block.function = outermost->id;
  block.line = n->span.line;
  block.col = n->span.col;
  if (manager->kind == NodeKind::Call) {
    if (!manager->list[0].empty())
      fail(Diag::UnsupportedSyntax, manager->list[0][0]->span,
           {"a positional argument of objmode",
            "name the variables that the block gives: objmode(x='float64')"});
    for (const Node* k : manager->list[1]) {
      TypeRef t = k->name.empty() ? nullptr : written_type(k->one[0]);
      if (!t || t->is_compile_time())
        fail(Diag::UserRaised, k->one[0]->span,
             {"objmode needs a type for " + (k->name.empty() ? std::string("this") : "'" + k->name + "'") +
              ", such as 'int64' or 'float64[:]'"});
      block.outputs.push_back(k->name);
      block.output_types.push_back(t);
    }
  }
  std::set<std::string> names;
  for (const Node* s : n->list[1]) collect_names(s, names);
  std::vector<Expr*> values;
  for (const std::string& name : names) {
    const int local = scope_.find(name);
    if (local < 0) continue;
    const LocalState* s = env_.find(static_cast<uint32_t>(local));
    if (!s || !s->type || s->maybe) continue;  // made in the block
    Expr* value = materialise(local_value(static_cast<uint32_t>(local), name, n->span));
    if (value->type->is(TypeKind::Unknown)) return unknown_outputs(block, n->span);
    if (value->type->is_compile_time()) continue;  // a function or a type: Python has its own
    if (value->type->is(TypeKind::Closure) || value->type->is(TypeKind::Choice))
      fail(Diag::UnsupportedSyntax, n->span,
           {"the nested function '" + name + "' in objmode", "define it in the block"});
    block.inputs.push_back(name);
    block.input_types.push_back(runtime_type(value->type));
    values.push_back(value);
  }
  const Span& span = manager->span;
  Expr* packed = make_tuple(values, span);
  TypeRef in = runtime_type(packed->type), out = object_block_result(block);
  Expr* place = make_temp(make_op(Opcode::LocalArray, pointer_type(in), {}, span, 1));
  Stmt* store = make_stmt(StmtKind::Eval, span);
  store->value = make_op(Opcode::Store, none_type(), {place, packed}, span);
  emit(store);
  Expr* call =
      make_op(Opcode::CallC, owner_type(), {make_const(i64(), add_object_block(block), span), place}, span);
  call->text = "cantil_rt_object_block";
  Expr* owner = evaluate_now(call);
  Expr* from = make_op(Opcode::OwnerData, pointer_type(out), {owner}, span);
  Expr* result = evaluate_now(make_op(Opcode::Load, out, {from}, span, is_counted(out) ? kCountedAccess : 0));
  program_.exception_bases[kPythonException] = {"builtins.Exception", "builtins.BaseException"};
  Expr* status = make_op(Opcode::TupleGet, i64(), {result}, span, 0);
  Stmt* failed = make_stmt(StmtKind::If, span);
  failed->value = make_op(Opcode::Ne, bool_type(), {status, make_const(i64(), 0, span)}, span);
  Stmt* raise = make_stmt(StmtKind::Raise, span);
  raise->text = kPythonException;
  raise->args = {status};
  failed->body.push_back(raise);
  emit(failed);
  for (size_t i = 0; i < block.outputs.size(); ++i) {
    const int local = scope_.find(block.outputs[i]);
    if (local < 0) continue;  // nobody reads it
    assign_local(static_cast<uint32_t>(local), tuple_item(result, i + 1, span), span);
  }
}

void Typer::unknown_outputs(const ObjectBlock& block, const Span& span) {
  for (size_t i = 0; i < block.outputs.size(); ++i)
    if (const int local = scope_.find(block.outputs[i]); local >= 0)
      assign_local(static_cast<uint32_t>(local), make_static(unknown_type(), span), span);
}

}  // namespace cantil::frontend
