// Calls of functions from elsewhere: CUDA C++, PTX.
#include "frontend/typing/external_calls.h"

#include "frontend/typing/unify.h"
#include "ir/layout.h"

namespace cantil::frontend {

using namespace ir;

namespace {

// What the declared type is in a register of the callee: C++'s bool is a byte.
Expr* as_declared(Typer& t, const External& e, Expr* value, TypeRef declared, const Span& span) {
  value = t.materialise(t.unwrap(value, span));
  auto refuse = [&]() {
    fail(Diag::NoOverload, span,
         {e.symbol + "()", value->type->str() + " where " + declared->str() + " is declared"});
  };
  if (declared->is(TypeKind::Pointer)) {
    if (value->type->is_array()) {
      if (declared->elem() != value->type->elem() && memory_size(declared->elem()) != 0) refuse();
      return t.make_op(Opcode::ArrayData, declared, {value}, span);
    }
    if (value->type != declared) refuse();
    return value;
  }
  if (!value->type->is_number() || (value->type->is_complex() && !declared->is_complex())) refuse();
  Expr* number = t.cast_number(value, declared, span);
  return declared->is_bool() ? t.cast_number(number, int_type(8, false), span) : number;
}

}  // namespace

Expr* external_call(Typer& t, const External& e, CallArgs& args) {
  const Span& span = args.span;
  if (!t.on_cuda()) fail(Diag::OnlyInKernel, span, {e.symbol});
  if (!args.keywords.empty()) fail(Diag::UnknownKeyword, span, {e.symbol + "()", args.keywords[0].first});
  if (args.positional.size() != e.args.size())
    fail(Diag::WrongArgumentCount, span,
         {e.symbol + "()", std::to_string(e.args.size()), std::to_string(args.positional.size())});
  std::vector<Expr*> operands;
  for (size_t i = 0; i < e.args.size(); ++i) {
    if (args.positional[i]->type->is(TypeKind::Unknown)) return args.positional[i];
    operands.push_back(as_declared(t, e, args.positional[i], e.args[i], span));
  }
  t.program().externals.insert(e.symbol + ":" + e.key);
  TypeRef held = e.ret->is_bool() ? int_type(8, false) : e.ret;
  auto as_result = [&](Expr* value) {
    return e.ret->is_bool() ? t.cast_number(value, bool_type(), span) : value;
  };
  if (e.c_abi) {
    Expr* call = t.make_op(Opcode::CallC, held, std::move(operands), span);
    call->text = e.symbol;
    return e.ret->is_none() ? call : as_result(t.make_temp(call));
  }
  // Numba's convention: a status is returned, and the result written through the first argument.
  TypeRef place_type = pointer_type(held->is_none() ? int_type(64) : held);
  Expr* place = t.make_temp(t.make_op(Opcode::LocalArray, place_type, {}, span, 1));
  operands.insert(operands.begin(), place);
  Expr* call = t.make_op(Opcode::CallC, int_type(32), std::move(operands), span);
  call->text = e.symbol;
  Expr* status = t.make_temp(call);
  Stmt* run = t.make_stmt(StmtKind::Eval, span);
  run->value = status;
  Expr* result = e.ret->is_none() ? t.make_static(none_type(), span)
                                  : as_result(t.make_op(Opcode::Load, held, {place}, span));
  Expr* all = t.make(ExprKind::Seq, result->type, span);
  all->block.push_back(run);
  all->args = {result};
  return e.ret->is_none() ? all : t.make_temp(all);
}

Expr* from_buffer_call(Typer& t, const std::string& name, CallArgs& args) {
  if (name != "cffi.from_buffer") return nullptr;
  const Span& span = args.span;
  if (args.positional.size() != 1 || !args.keywords.empty())
    fail(Diag::WrongArgumentCount, span, {"ffi.from_buffer()", "1", std::to_string(args.count())});
  Expr* a = args.positional[0];
  if (a->type->is(TypeKind::Unknown)) return a;
  if (!a->type->is_array() || a->type->layout == Layout::A)
    fail(Diag::NoOverload, span, {"ffi.from_buffer()", type_list(args.positional)});
  a = t.materialise(a);
  return t.make_op(Opcode::ArrayData, pointer_type(a->type->elem()), {a}, span);
}

}  // namespace cantil::frontend
