// Calls that users' own overloads serve, and arguments that have to be literals.
#include "frontend/extensions.h"

#include "frontend/typing/typer.h"

namespace cantil::frontend {

using namespace ir;

// The local that an expression reads, where it is a parameter that still has what the call gave it.
std::optional<size_t> Typer::parameter_read(const Expr* e) const {
  while (e->kind == ExprKind::Temp) e = e->args[0];
  if (e->kind != ExprKind::Read || e->local >= inst_.args.size() || e->type != inst_.args[e->local])
    return std::nullopt;
  return e->local;
}

Expr* Typer::literally(CallArgs& args) {
  if (args.positional.size() != 1 || !args.keywords.empty())
    fail(Diag::WrongArgumentCount, args.span, {"literally()", "1", std::to_string(args.count())});
  Expr* x = args.positional[0];
  if (x->type->is_compile_time()) return x;
  if (auto parameter = parameter_read(x)) throw NeedsLiteral{*parameter};
  fail(Diag::NeedsConstant, args.span, {"the argument of literally()"});
}

// A function that was called wants a literal for `e`: returns when it is one.
void Typer::require_literal(const Expr* e, const std::string& what, const Span& span) const {
  if (e->type->is_compile_time()) return;
  if (auto parameter = parameter_read(e)) throw NeedsLiteral{*parameter};
  fail(Diag::NeedsConstant, span, {what});
}

Expr* Typer::call_extension(const std::string& key, const CallArgs& args) {
  ExtensionCall call;
  call.key = key;
  call.target = program_.target();
  for (Expr* a : args.positional) {
    if (a->type->is(TypeKind::Unknown)) return make_static(unknown_type(), args.span);
    call.positional.push_back(a->type);
  }
  for (auto& [name, a] : args.keywords) {
    if (a->type->is(TypeKind::Unknown)) return make_static(unknown_type(), args.span);
    call.keywords.emplace_back(name, a->type);
  }
  for (bool literals_only : {false, true}) {
    call.literals_only = literals_only;
    const std::vector<Implementation> found = implementations(call, args.span);
    bool again = false;
    for (size_t i = 0; i < found.size() && !again; ++i) {
      const Implementation& f = found[i];
      if (!f.llvm.empty()) return call_llvm(f, args);
      CallArgs own = args;
      if (f.takes_class)
        own.positional.insert(own.positional.begin(), make_static(builtin_type(key), args.span));
      program_.remember(f.function);
      try {
        return call_user(*f.function, own, f.wants_literals ? Literals::Keep : Literals::Report);
      } catch (const WantsLiteral&) {
        if (literals_only) fail(Diag::NeedsConstant, args.span, {"an argument of this call"});
        again = true;  // the user's function is asked again, with the literal
      } catch (const CompileError&) {
        if (i + 1 == found.size()) throw;
      }
    }
    if (!again) break;
  }
  return nullptr;
}

// An intrinsic: a function of LLVM's, put into the code.
Expr* Typer::call_llvm(const Implementation& f, const CallArgs& args) {
  if (!args.keywords.empty())
    fail(Diag::UnknownKeyword, args.span, {"this intrinsic", args.keywords[0].first});
  std::vector<Expr*> operands;
  for (size_t i = 0; i < args.positional.size() && i < f.parameters.size(); ++i)
    operands.push_back(convert(materialise(args.positional[i]), f.parameters[i], args.span));
  Expr* e = make_op(Opcode::CallLlvm, f.result, std::move(operands), args.span);
  e->text = f.llvm;
  return e;
}

}  // namespace cantil::frontend
