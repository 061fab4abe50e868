// cuda.libdevice: every function of NVIDIA's device library under its own name.
#include "frontend/typing/libdevice.h"

#include <unordered_map>

#include "frontend/typing/typer.h"
#include "frontend/typing/unify.h"

namespace cantil::frontend {

using namespace ir;

namespace {

const char kPrefix[] = "cantil.cuda.libdevice.";

struct Entry {
  const char *result, *parameters;
};

const std::unordered_map<std::string, Entry>& entries() {
  static const auto* table = new std::unordered_map<std::string, Entry>{
#define LIBDEVICE(name, result, parameters) {name, {result, parameters}},
#include "frontend/typing/libdevice.def"
#undef LIBDEVICE
  };
  return *table;
}

// math.def's functions by their libdevice symbols.
const std::unordered_map<std::string, MathFn>& math_symbols() {
  static const auto* table = [] {
    auto* t = new std::unordered_map<std::string, MathFn>;
    const char* const symbols[][2] = {
#define MATH(name, text, arity, d, f, nvd, nvf, sleef, kind) {nvd, nvf},
#include "ir/math.def"
#undef MATH
    };
    for (size_t i = 0; i < std::size(symbols); ++i)
      for (const char* symbol : symbols[i])
        if (*symbol) t->emplace(symbol, static_cast<MathFn>(i));
    return t;
  }();
  return *table;
}

TypeRef type_of_letter(char letter) {
  switch (letter) {
    case 'f':
      return float_type(32);
    case 'd':
      return f64();
    case 'h':
      return int_type(16);
    case 'i':
      return int_type(32);
    case 'l':
      return i64();
    default:
      return none_type();
  }
}

}  // namespace

Expr* libdevice_call(Typer& t, const std::string& name, CallArgs& args) {
  if (name.rfind(kPrefix, 0) != 0) return nullptr;
  const std::string f = name.substr(sizeof kPrefix - 1), shown = "cuda.libdevice." + f;
  auto it = entries().find(f);
  if (it == entries().end()) return nullptr;
  const Span& span = args.span;
  if (!t.on_cuda()) fail(Diag::OnlyInKernel, span, {shown});
  if (!args.keywords.empty()) fail(Diag::UnknownKeyword, span, {shown + "()", args.keywords[0].first});

  std::vector<TypeRef> inputs, outputs;
  for (const char* p = it->second.parameters; *p; ++p) {
    if (*p == '*')
      outputs.push_back(type_of_letter(*++p));
    else
      inputs.push_back(type_of_letter(*p));
  }
  if (args.positional.size() != inputs.size())
    fail(Diag::WrongArgumentCount, span,
         {shown + "()", std::to_string(inputs.size()), std::to_string(args.positional.size())});
  std::vector<Expr*> operands;
  for (size_t i = 0; i < inputs.size(); ++i) {
    Expr* e = t.materialise(t.unwrap(args.positional[i], span));
    if (!e->type->is_real()) fail(Diag::NoOverload, span, {shown + "()", type_list(args.positional)});
    // float16 travels as its bits.
    if (inputs[i]->is_int() && inputs[i]->bits == 16 && e->type->is_float() && e->type->bits == 16)
      operands.push_back(t.make_op(Opcode::Bitcast, inputs[i], {e}, span));
    else
      operands.push_back(t.cast_number(e, inputs[i], span));
  }
  TypeRef result = type_of_letter(*it->second.result);
  const std::string symbol = "__nv_" + f;
  if (auto m = math_symbols().find(symbol); m != math_symbols().end() && outputs.empty())
    return t.make_op(Opcode::Math, result, std::move(operands), span, static_cast<int64_t>(m->second));

  std::vector<Expr*> places;
  for (TypeRef out : outputs) {
    places.push_back(t.make_temp(t.make_op(Opcode::LocalArray, pointer_type(out), {}, span, 1)));
    operands.push_back(places.back());
  }
  Expr* call = t.make_op(Opcode::CallC, result, std::move(operands), span);
  call->text = t.on_simulator() ? "cantil_rt_nv_" + f : symbol;
  if (outputs.empty()) return call;
  std::vector<Expr*> parts;
  if (!result->is_none()) parts.push_back(call = t.make_temp(call));
  Stmt* run = t.make_stmt(StmtKind::Eval, span);
  run->value = call;
  for (size_t i = 0; i < outputs.size(); ++i)
    parts.push_back(t.make_op(Opcode::Load, outputs[i], {places[i]}, span));
  Expr* all = t.make_tuple(std::move(parts), span);
  Expr* e = t.make(ExprKind::Seq, all->type, span);
  e->block.push_back(run);
  e->args = {all};
  return t.make_temp(e);
}

}  // namespace cantil::frontend
