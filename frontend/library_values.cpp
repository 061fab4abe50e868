// Values of canonical names.
#include "frontend/library_values.h"

#include <cmath>
#include <limits>
#include <numbers>
#include <unordered_map>

namespace cantil::frontend {
namespace {

using Kind = Captured::Kind;

bool starts_with(std::string_view text, std::string_view prefix) {
  return text.substr(0, prefix.size()) == prefix;
}
bool ends_with(std::string_view text, std::string_view suffix) {
  return text.size() >= suffix.size() && text.substr(text.size() - suffix.size()) == suffix;
}

// Python's own exceptions, and NumPy's, are told by their names.
bool is_exception_name(std::string_view name) {
  for (std::string_view suffix : {"Error", "Exception", "Warning", "ExceptionGroup"})
    if (ends_with(name, suffix)) return true;
  for (std::string_view other :
       {"StopIteration", "StopAsyncIteration", "KeyboardInterrupt", "SystemExit", "GeneratorExit"})
    if (name == other) return true;
  return false;
}

const std::unordered_map<std::string_view, double>& constants() {
  constexpr double kInf = std::numeric_limits<double>::infinity(),
                   kNan = std::numeric_limits<double>::quiet_NaN();
  static const std::unordered_map<std::string_view, double> table = {
      {"math.pi", std::numbers::pi},
      {"math.e", std::numbers::e},
      {"math.tau", 2 * std::numbers::pi},
      {"math.inf", kInf},
      {"math.nan", kNan},
      {"cmath.pi", std::numbers::pi},
      {"cmath.e", std::numbers::e},
      {"cmath.tau", 2 * std::numbers::pi},
      {"cmath.inf", kInf},
      {"cmath.nan", kNan},
      {"numpy.pi", std::numbers::pi},
      {"numpy.e", std::numbers::e},
      {"numpy.inf", kInf},
      {"numpy.nan", kNan},
      {"numpy.euler_gamma", std::numbers::egamma},
  };
  return table;
}

// `bool`, `int`, `float`, `complex` as Python has them.
ir::TypeRef python_type(std::string_view name) {
  if (name == "bool") return ir::bool_type();
  if (name == "int") return ir::i64();
  if (name == "float") return ir::f64();
  if (name == "complex") return ir::complex_type(128);
  return nullptr;
}

Captured type_value(ir::TypeRef type) {
  Captured c;
  c.kind = Kind::Type;
  c.type = type;
  return c;
}

}  // namespace

ir::TypeRef dtype_named(std::string_view name) {
  static const std::unordered_map<std::string_view, ir::TypeRef> table = {
      {"bool_", ir::bool_type()},          {"boolean", ir::bool_type()},
      {"int8", ir::int_type(8)},           {"int16", ir::int_type(16)},
      {"int32", ir::int_type(32)},         {"int64", ir::int_type(64)},
      {"uint8", ir::int_type(8, false)},   {"uint16", ir::int_type(16, false)},
      {"uint32", ir::int_type(32, false)}, {"uint64", ir::int_type(64, false)},
      {"byte", ir::int_type(8)},           {"ubyte", ir::int_type(8, false)},
      {"short", ir::int_type(16)},         {"ushort", ir::int_type(16, false)},
      {"intc", ir::int_type(32)},          {"uintc", ir::int_type(32, false)},
      {"int_", ir::int_type(64)},          {"uint", ir::int_type(64, false)},
      {"longlong", ir::int_type(64)},      {"ulonglong", ir::int_type(64, false)},
      {"intp", ir::int_type(64)},          {"uintp", ir::int_type(64, false)},
      {"float16", ir::float_type(16)},     {"float32", ir::float_type(32)},
      {"float64", ir::float_type(64)},     {"half", ir::float_type(16)},
      {"single", ir::float_type(32)},      {"double", ir::float_type(64)},
      {"complex64", ir::complex_type(64)}, {"complex128", ir::complex_type(128)},
      {"csingle", ir::complex_type(64)},   {"cdouble", ir::complex_type(128)},
  };
  auto found = table.find(name);
  return found == table.end() ? nullptr : found->second;
}

bool is_library_namespace(const std::string& canonical) {
  for (const char* name : {"math",
                           "cmath",
                           "operator",
                           "random",
                           "builtins",
                           "itertools",
                           "functools",
                           "heapq",
                           "bisect",
                           "collections",
                           "numpy",
                           "numpy.linalg",
                           "numpy.random",
                           "numpy.fft",
                           "numpy.lib",
                           "numpy.polynomial",
                           "numpy.polynomial.polynomial",
                           "numpy.polynomial.polyutils",
                           "numpy.lib.stride_tricks",
                           "numpy.exceptions",
                           "cantil",
                           "cantil.types",
                           "cantil.library",
                           "cantil.cuda",
                           "cantil.typed",
                           "cantil.extending"})
    if (canonical == name) return true;
  return starts_with(canonical, "cantil.cuda.");  // threadIdx.x, shared.array, atomic.add
}

Captured library_value(const std::string& canonical) {
  size_t dot = canonical.rfind('.');
  std::string_view module = std::string_view(canonical).substr(0, dot == std::string::npos ? 0 : dot);
  std::string_view name = std::string_view(canonical).substr(dot == std::string::npos ? 0 : dot + 1);
  Captured c;
  if (auto found = constants().find(canonical); found != constants().end()) {
    c.kind = Kind::Float;
    c.type = ir::f64();
    c.scalar.f = found->second;
    return c;
  }
  if (canonical == "numpy.newaxis") {
    c.kind = Kind::None;
    return c;
  }
  if (module == "builtins") {
    if (ir::TypeRef t = python_type(name)) return type_value(t);
    if (name == "Ellipsis") {
      c.kind = Kind::Ellipsis;
      return c;
    }
  }
  if (module == "numpy" || module == "cantil" || module == "cantil.types") {
    if (ir::TypeRef t = dtype_named(name)) return type_value(t);
    if (module == "cantil" && name == "bfloat16") return type_value(ir::bfloat16_type());
    if (module == "numpy" && name == "bool") return type_value(ir::bool_type());
  }
  if (module == "cantil.library" && name == "unicode_type") return type_value(ir::text_type());
  if (module == "cantil.library" && name == "bytes_type") return type_value(ir::bytes_type());
  if ((module == "builtins" || starts_with(module, "numpy")) && is_exception_name(name)) {
    c.kind = Kind::ExceptionClass;
    c.text = canonical;
    return c;
  }
  c.kind = is_library_namespace(canonical) && !starts_with(canonical, "cantil.cuda.") ? Kind::Module
                                                                                      : Kind::Builtin;
  c.text = canonical;
  return c;
}

}  // namespace cantil::frontend
