// math.* and NumPy's functions of the same meaning, on scalars: leaf operations of the IR.
#include <unordered_map>

#include "frontend/typing/typer.h"
#include "frontend/typing/unify.h"

namespace cantil::frontend {

using namespace ir;

namespace {

// NumPy's names that differ from math.def's.
const std::unordered_map<std::string, std::string>& numpy_names() {
  static const auto* table = new std::unordered_map<std::string, std::string>{
      {"arcsin", "asin"},   {"arccos", "acos"},   {"arctan", "atan"},   {"arctan2", "atan2"},
      {"arcsinh", "asinh"}, {"arccosh", "acosh"}, {"arctanh", "atanh"}, {"asin", "asin"},
      {"acos", "acos"},     {"atan", "atan"},     {"atan2", "atan2"},   {"asinh", "asinh"},
      {"acosh", "acosh"},   {"atanh", "atanh"},
  };
  return *table;
}

// NumPy has no ufunc of these names, or gives them another meaning.
bool numpy_lacks(const std::string& f) {
  return f == "gamma" || f == "lgamma" || f == "erf" || f == "erfc" || f == "fma" || f == "rsqrt" ||
         f == "remainder" || f == "pow";
}

// The name among math.def's that this function goes by; "" where it is none of them.
std::string math_name(const std::string& name) {
  bool python = name.rfind("math.", 0) == 0;
  if (!python && name.rfind("numpy.", 0) != 0) return "";
  std::string f = name.substr(python ? 5 : 6);
  if (!python) {
    if (numpy_lacks(f)) return "";
    auto it = numpy_names().find(f);
    if (it != numpy_names().end()) f = it->second;
  }
  MathFn fn;
  return find_math(f, fn) ? f : "";
}

}  // namespace

bool is_math_name(const std::string& name) { return !math_name(name).empty(); }

Expr* Typer::math_call(const std::string& name, CallArgs& args) {
  const Span& span = args.span;
  bool python = name.rfind("math.", 0) == 0;
  std::string f = math_name(name);
  if (f.empty() || !args.keywords.empty()) return nullptr;
  MathFn fn;
  CANTIL_CHECK(find_math(f, fn));
  const MathInfo& info = math_info(fn);
  if (static_cast<int>(args.positional.size()) != info.arity) return nullptr;
  std::vector<Expr*> a;
  TypeRef t = nullptr;
  for (Expr* e : args.positional) {
    e = materialise(unwrap(e, span));
    if (!e->type->is_real()) return nullptr;  // complex numbers and arrays: stdlib/
    a.push_back(e);
    if (info.kind == MathKind::I && a.size() == 2) break;
    t = t ? arith_type(t, e->type) : e->type;
  }
  if (!t->is_float()) t = f64();
  if (t->bits == 16) t = float_type(32);
  // math.floor and math.ceil give integers, NumPy's floats.
  bool to_int = python && (fn == MathFn::Floor || fn == MathFn::Ceil || fn == MathFn::Trunc);
  if (to_int && !a[0]->type->is_float()) return cast_number(a[0], int_result(a[0]->type, a[0]->type), span);
  for (size_t i = 0; i < a.size(); ++i)
    a[i] = info.kind == MathKind::I && i == 1 ? cast_number(a[i], int_type(32), span)
                                              : cast_number(a[i], t, span);
  Expr* e = make_op(Opcode::Math, info.kind == MathKind::P ? bool_type() : t, std::move(a), span,
                    static_cast<int64_t>(fn));
  return to_int ? cast_number(e, i64(), span) : e;
}

}  // namespace cantil::frontend
