// dtypes as values and the functions on them, what arrays are made of where one is wanted, and the table of
// NumPy's functions that the compiler itself knows.
#include <unordered_map>

#include "frontend/library_values.h"
#include "frontend/typing/typer.h"
#include "frontend/typing/ufuncs.h"
#include "frontend/typing/unify.h"
#include "ir/layout.h"
#include "ir/object_types.h"

namespace cantil::frontend {

using namespace ir;

namespace {

// NumPy's letter for a type.
char dtype_letter(TypeRef t) {
  if (t->is_bool()) return '?';
  if (t->is_float()) return t->bits == 16 ? 'e' : t->bits == 32 ? 'f' : 'd';
  if (t->is_complex()) return t->bits == 64 ? 'F' : 'D';
  const char letter = t->bits == 8 ? 'b' : t->bits == 16 ? 'h' : t->bits == 32 ? 'i' : 'l';
  return t->is_signed ? letter : static_cast<char>(letter - 'a' + 'A');
}

// The dtype that NumPy reads from a text ("f8", "<i4", "int32", "float", "d"), or null.
TypeRef dtype_of_text(std::string text) {
  if (!text.empty() && (text[0] == '<' || text[0] == '=' || text[0] == '|')) text.erase(0, 1);
  if (text.empty()) return nullptr;
  if (TypeRef t = dtype_named(text)) return t;
  if (text == "bool") return bool_type();
  if (text == "int") return i64();
  if (text == "float") return f64();
  if (text == "complex") return complex_type(128);
  if (text.size() == 1) {
    for (TypeRef t : {bool_type(), int_type(8), int_type(16), int_type(32), i64(), int_type(8, false),
                      int_type(16, false), int_type(32, false), int_type(64, false), float_type(16),
                      float_type(32), f64(), complex_type(64), complex_type(128)})
      if (dtype_letter(t) == text[0]) return t;
    if (text == "q" || text == "p") return i64();
    if (text == "Q" || text == "P") return int_type(64, false);
    return nullptr;
  }
  if (text == "b1") return bool_type();
  if (text.size() > 3 || text.find_first_not_of("0123456789", 1) != std::string::npos) return nullptr;
  const int bits = std::stoi(text.substr(1)) * 8;
  const bool power = bits == 8 || bits == 16 || bits == 32 || bits == 64;
  if (text[0] == 'i' && power) return int_type(bits);
  if (text[0] == 'u' && power) return int_type(bits, false);
  if (text[0] == 'f' && power && bits > 8) return float_type(bits);
  if (text[0] == 'c' && (bits == 64 || bits == 128)) return complex_type(bits);
  return nullptr;
}

// What np.issubdtype knows: "floating" of float32.
bool is_kind(TypeRef t, const std::string& kind) {
  if (kind == "generic") return true;
  if (kind == "bool_") return t->is_bool();
  if (kind == "signedinteger") return t->is_int() && t->is_signed;
  if (kind == "unsignedinteger") return t->is_int() && !t->is_signed;
  if (kind == "integer") return t->is_int();
  if (kind == "floating") return t->is_float();
  if (kind == "complexfloating") return t->is_complex();
  if (kind == "inexact") return t->is_float() || t->is_complex();
  return kind == "number" && !t->is_bool();
}

}  // namespace

Expr* Typer::dtype_value(Expr* e) const {
  Typer* self = const_cast<Typer*>(this);
  if (e->type->is(TypeKind::TypeObject)) return e;
  if (e->type->is(TypeKind::LiteralStr)) {
    TypeRef t = dtype_of_text(e->type->name);
    return t ? self->make_static(type_object(t), e->span) : nullptr;
  }
  return nullptr;
}

Expr* Typer::dtype_attribute(TypeRef t, const std::string& attr, const Span& span) {
  if (!t->is_number()) return nullptr;
  auto text = [&](std::string s) { return make_static(literal_str(std::move(s)), span); };
  const std::string kind = t->is_bool()    ? "b"
                           : t->is_int()   ? (t->is_signed ? "i" : "u")
                           : t->is_float() ? "f"
                                           : "c";
  const int64_t size = static_cast<int64_t>(memory_size(t));
  if (attr == "kind") return text(kind);
  if (attr == "name") return text(t->is_bool() ? "bool" : t->str());
  if (attr == "char") return text(std::string(1, dtype_letter(t)));
  if (attr == "str") return text((size == 1 ? "|" : "<") + kind + std::to_string(size));
  if (attr == "byteorder") return text(size == 1 ? "|" : "=");
  if (attr == "alignment") return make_int(t->is_complex() ? size / 2 : size, span);
  if (attr == "ndim") return make_int(0, span);
  if (attr == "shape") return make_tuple({}, span);
  if (attr == "isnative") return make_static(literal_bool(true), span);
  if (attr == "hasobject" || attr == "isalignedstruct") return make_static(literal_bool(false), span);
  if (attr == "base") return make_static(type_object(t), span);
  return nullptr;
}

Expr* Typer::as_array(Expr* e, const Span& span) {
  const std::function<bool(TypeRef)> fits = [&](TypeRef t) {
    if (unliteral(t)->is_number() || t->is_array()) return true;
    if (is_list(t)) return fits(t->elem());
    if (!t->is_tuple() || !t->name.empty()) return false;
    for (TypeRef x : t->elems)
      if (!fits(x)) return false;
    return true;
  };
  TypeRef t = e->type;
  if (!t->is(TypeKind::Range) && !((is_list(t) || t->is_tuple()) && fits(t))) return nullptr;
  CallArgs args;
  args.positional = {e};
  args.span = span;
  Expr* r = call_overload("numpy.asarray", args, false);
  return r && r->type->is_array() ? make_temp(r) : nullptr;
}

Expr* Typer::numpy_call(const std::string& name, CallArgs& args) {
  if (name.compare(0, 6, "numpy.") != 0) return nullptr;
  const Span& span = args.span;
  std::vector<Expr*>& a = args.positional;
  if (name == "numpy.einsum") return einsum_call(args);
  if (Expr* e = array_iterator_call(name, args)) return e;
  if (Expr* e = ufunc_method(name, args)) return e;
  auto type_of = [&](Expr* e) -> TypeRef {
    if (Expr* dtype = dtype_value(e)) return dtype->type->elem();
    if (e->type->is_array()) return e->type->elem();
    return unliteral(e->type)->is_number() ? unliteral(e->type) : nullptr;
  };
  auto type_result = [&](TypeRef t) { return make_static(type_object(t), span); };
  auto yes_or_no = [&](bool b) { return make_static(literal_bool(b), span); };
  if (name == "numpy.dtype" && a.size() == 1) {
    Expr* dtype = dtype_value(a[0]);
    return dtype ? type_result(dtype->type->elem()) : nullptr;
  }
  if (name == "numpy.result_type" || name == "numpy.promote_types") {
    TypeRef t = nullptr;
    for (Expr* e : a) {
      TypeRef own = type_of(e);
      if (!own || !own->is_number()) return nullptr;
      t = t ? promote(t, own) : own;
    }
    return t ? type_result(t) : nullptr;
  }
  if (name == "numpy.can_cast" && a.size() >= 2) {
    TypeRef from = type_of(a[0]), to = type_of(a[1]);
    std::string rule = "safe";
    if (a.size() == 3 && a[2]->type->is(TypeKind::LiteralStr)) rule = a[2]->type->name;
    for (auto& [key, value] : args.keywords)
      if (key == "casting" && value->type->is(TypeKind::LiteralStr)) rule = value->type->name;
    if (!from || !to) return nullptr;
    return yes_or_no(casts(from, to,
                           rule == "unsafe"      ? Casting::Unsafe
                           : rule == "same_kind" ? Casting::SameKind
                           : rule == "safe"      ? Casting::Safe
                                                 : Casting::No));
  }
  if (name == "numpy.issubdtype" && a.size() == 2) {
    TypeRef t = type_of(a[0]);
    if (!t) return nullptr;
    if (a[1]->type->is(TypeKind::Builtin)) return yes_or_no(is_kind(t, a[1]->type->name.substr(6)));
    TypeRef other = type_of(a[1]);
    return other ? yes_or_no(t == other) : nullptr;
  }
  return nullptr;
}

}  // namespace cantil::frontend
