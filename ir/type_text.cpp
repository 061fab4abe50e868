// Types as text: Numba's spelling for users, an exact one for the IR's textual form, and the reader of both
// and of signature strings.
#include <cctype>
#include <cstring>
#include <string_view>
#include <unordered_map>

#include "ir/class_types.h"
#include "ir/object_types.h"

namespace cantil::ir {
namespace {

// ---- Writing ----

// "ValueError" for builtins.ValueError, the qualified name for others.
std::string exception_name(const std::string& qualified) {
  constexpr std::string_view kBuiltins = "builtins.";
  return qualified.rfind(kBuiltins, 0) == 0 ? qualified.substr(kBuiltins.size()) : qualified;
}

const char* layout_letter(Layout l) { return l == Layout::C ? "C" : l == Layout::F ? "F" : "A"; }

std::string spell(TypeRef t, bool exact);

bool is_typed_class(std::string_view name) {
  return name == "ListType" || name == "DictType" || name == "SetType";
}

std::string spell_tuple(TypeRef t, bool exact) {
  std::string out;
  if (t->name.empty()) {
    bool uniform = !t->elems.empty();
    for (TypeRef e : t->elems) uniform = uniform && e == t->elems[0];
    if (uniform)
      return "UniTuple(" + spell(t->elems[0], exact) + " x " + std::to_string(t->elems.size()) + ")";
    out = "Tuple(";
    for (size_t i = 0; i < t->elems.size(); ++i) out += (i ? ", " : "") + spell(t->elems[i], exact);
    return out + ")";
  }
  if (exact) {  // fields and class too: "P#3(x: int64, y: float64)"
    out = t->name + "#" + std::to_string(t->value) + "(";
    for (size_t i = 0; i < t->elems.size(); ++i)
      out += (i ? ", " : "") + t->fields[i] + ": " + spell(t->elems[i], true);
    return out + ")";
  }
  bool uniform = !t->elems.empty();
  for (TypeRef e : t->elems) uniform = uniform && e == t->elems[0];
  if (uniform)
    return t->name + "(" + spell(t->elems[0], false) + " x " + std::to_string(t->elems.size()) + ")";
  out = t->name + "(";
  for (size_t i = 0; i < t->elems.size(); ++i) out += (i ? ", " : "") + spell(t->elems[i], false);
  return out + ")";
}

std::string spell(TypeRef t, bool exact) {
  switch (t->kind) {
    case TypeKind::None:
      return "none";
    case TypeKind::Bool:
      return "bool";
    case TypeKind::Int:
      return (t->is_signed ? "int" : "uint") + std::to_string(t->bits);
    case TypeKind::Float:
      return t->is_bfloat() ? "bfloat16" : "float" + std::to_string(t->bits);
    case TypeKind::Complex:
      return "complex" + std::to_string(t->bits);
    case TypeKind::Tuple:
      return spell_tuple(t, exact);
    case TypeKind::Array:
      return std::string(t->aligned ? "" : "unaligned ") + (t->readonly ? "readonly " : "") + "array(" +
             spell(t->elem(), exact) + ", " + std::to_string(t->ndim) + "d, " + layout_letter(t->layout) +
             ")";
    case TypeKind::Optional:
      return "OptionalType(" + spell(t->elem(), exact) + ")";
    case TypeKind::Pointer:
      return spell(t->elem(), exact) + "*";
    case TypeKind::Owner:
      if (t->is_bytes()) return "bytes(uint8, 1d, C)";
      return t->name.empty() ? "owner" : t->name;
    case TypeKind::Range:
      return "range_state_" + spell(t->elem(), exact);
    case TypeKind::Slice:
      return std::string("slice<") + (t->value & 1 ? "a:" : ":") + (t->value & 2 ? "b" : "") +
             (t->value & 4 ? ":c>" : ">");
    case TypeKind::Object: {
      if (t->value != 0) return t->name;  // a user's class
      if (t->name == "bytearray") return "bytearray(uint8, 1d, C)";
      if (t->name == "generator") return "generator(" + spell(t->elem(), exact) + ")";
      const bool typed =
          is_typed_class(t->name);  // ListType[int64], DictType[int64,float64] as Numba spells them
      std::string out = t->name + (typed ? "[" : "(");
      for (size_t i = 0; i < t->elems.size(); ++i)
        out += (i ? typed ? "," : ", " : "") + spell(t->elems[i], exact);
      return out + (typed ? "]" : ")");
    }
    case TypeKind::Closure:
      return "function(" + t->name + ")";
    case TypeKind::Choice: {
      std::string out = "one of ";
      for (size_t i = 0; i < t->elems.size(); ++i) out += (i ? ", " : "") + spell(t->elems[i], exact);
      return out;
    }
    case TypeKind::Buffer:
      return "buffer(" + spell(t->elem(), exact) + ")";
    case TypeKind::LiteralInt:
      return "Literal[int](" + std::to_string(t->value) + ")";
    case TypeKind::LiteralBool:
      return t->value ? "Literal[bool](True)" : "Literal[bool](False)";
    case TypeKind::LiteralStr:
      return "Literal[str](" + t->name + ")";
    case TypeKind::Module:
      return "module(" + t->name + ")";
    case TypeKind::Builtin:
    case TypeKind::Function:
      return "function(" + t->name + ")";
    case TypeKind::TypeObject:
      return "class(" + spell(t->elem(), exact) + ")";
    case TypeKind::ExceptionClass:
      return exception_name(t->name);
    case TypeKind::ExceptionInstance:
      return exception_name(t->elem()->name) + "(...)";
    case TypeKind::BoundMethod:
      return "BoundFunction(" + t->name + " for " + spell(t->elem(), exact) + ")";
    case TypeKind::Ellipsis:
      return "...";
    case TypeKind::Unknown:
      return "undefined";
  }
  return "";
}

// ---- Reading ----

TypeRef scalar_by_name(std::string_view word) {
  static const auto* names = [] {
    auto* m = new std::unordered_map<std::string_view, TypeRef>;
    auto add = [m](TypeRef t, std::initializer_list<std::string_view> spellings) {
      for (std::string_view s : spellings) m->emplace(s, t);
    };
    add(none_type(), {"none", "void"});
    add(bool_type(), {"bool", "boolean", "bool_", "b1"});
    add(int_type(8), {"int8", "i1", "char"});
    add(int_type(16), {"int16", "i2", "short"});
    add(int_type(32), {"int32", "i4", "intc"});
    add(int_type(64), {"int64", "i8", "intp", "int_", "long_", "longlong", "ssize_t"});
    add(int_type(8, false), {"uint8", "u1", "uchar", "byte"});
    add(int_type(16, false), {"uint16", "u2", "ushort"});
    add(int_type(32, false), {"uint32", "u4", "uintc"});
    add(int_type(64, false), {"uint64", "u8", "uintp", "uint", "ulong", "ulonglong", "size_t"});
    add(float_type(16), {"float16", "f2"});
    add(float_type(32), {"float32", "f4", "float_"});
    add(float_type(64), {"float64", "f8", "double"});
    add(bfloat16_type(), {"bfloat16"});
    add(complex_type(64), {"complex64", "c8"});
    add(complex_type(128), {"complex128", "c16"});
    add(owner_type(), {"owner"});
    add(generator_type(), {"NumPyRandomGeneratorType"});
    add(text_type(), {"unicode_type", "string"});
    add(unknown_type(), {"undefined"});
    return m;
  }();
  auto found = names->find(word);
  return found == names->end() ? nullptr : found->second;
}

class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  TypeRef whole() {
    TypeRef t = type();
    skip();
    return at_ == text_.size() ? t : nullptr;
  }

  TypeRef prefix(size_t& used) {
    TypeRef t = type();
    used = at_;
    while (used > 0 && std::isspace(static_cast<unsigned char>(text_[used - 1]))) --used;
    return t;
  }

 private:
  void skip() {
    while (at_ < text_.size() && std::isspace(static_cast<unsigned char>(text_[at_]))) ++at_;
  }

  bool accept(std::string_view s) {
    skip();
    if (text_.substr(at_, s.size()) != s) return false;
    at_ += s.size();
    return true;
  }

  // A name; dots belong to it (a namedtuple may be called "Outer.P").
  std::string_view word() {
    skip();
    size_t from = at_;
    while (at_ < text_.size() && (std::isalnum(static_cast<unsigned char>(text_[at_])) || text_[at_] == '_' ||
                                  text_[at_] == '.' || (text_[at_] & 0x80)))
      ++at_;
    return text_.substr(from, at_ - from);
  }

  bool number(int64_t& out) {
    skip();
    size_t from = at_;
    bool negative = accept("-");
    uint64_t v = 0;
    size_t digits = at_;
    while (at_ < text_.size() && std::isdigit(static_cast<unsigned char>(text_[at_])))
      v = v * 10 + static_cast<uint64_t>(text_[at_++] - '0');
    if (at_ == digits) {
      at_ = from;
      return false;
    }
    out = static_cast<int64_t>(negative ? 0 - v : v);
    return true;
  }

  TypeRef type() {
    if (accept("...")) return ellipsis_type();
    bool unaligned = false, readonly = false;
    TypeRef t = nullptr;
    if (accept("(")) {
      t = parenthesised();
    } else {
      std::string_view w = word();
      if (w == "unaligned") unaligned = true, w = word();
      if (w == "readonly") readonly = true, w = word();
      t = named(w);
    }
    if (t && (unaligned || readonly)) {
      if (!t->is_array()) return nullptr;
      t = array_type(t->elem(), t->ndim, t->layout, readonly, !unaligned);
    }
    while (t) {
      if (accept("*")) {
        t = pointer_type(t);
      } else if (accept("[")) {
        t = subscript(t);
      } else {
        break;
      }
    }
    return t;
  }

  // After "(": "(i8, f4)", "(i8,)", "()", or a type in parentheses.
  TypeRef parenthesised() {
    std::vector<TypeRef> elems;
    if (accept(")")) return tuple_type({});
    bool comma = false;
    do {
      if (comma && accept(")")) return tuple_type(std::move(elems));
      TypeRef e = type();
      if (!e) return nullptr;
      elems.push_back(e);
    } while (accept(",") && (comma = true));
    if (!accept(")")) return nullptr;
    return comma ? tuple_type(std::move(elems)) : elems[0];
  }

  // After "elem[": axes, each ":" or "::1" (first for F, last for C).
  TypeRef subscript(TypeRef elem) {
    int ndim = 0, first_one = -1, ones = 0;
    do {
      if (accept("::1")) {
        first_one = ndim;
        ++ones;
      } else if (!accept(":")) {
        return nullptr;
      }
      ++ndim;
    } while (accept(","));
    if (!accept("]") || ones > 1) return nullptr;
    Layout layout = Layout::A;
    if (ones) {
      if (first_one == ndim - 1) {
        layout = Layout::C;
      } else if (first_one == 0) {
        layout = Layout::F;
      } else {
        return nullptr;
      }
    }
    return array_type(elem, ndim, layout);
  }

  TypeRef named(std::string_view w) {
    if (w.empty()) return nullptr;
    if (TypeRef t = scalar_by_name(w)) return t;
    constexpr std::string_view kRange = "range_state_";
    if (w.substr(0, kRange.size()) == kRange) {
      TypeRef e = scalar_by_name(w.substr(kRange.size()));
      return e && e->is_int() ? range_type(e) : nullptr;
    }
    if (w == "slice" && accept("<")) return slice();
    if (w == "Literal" && accept("[")) return literal();
    if (w.rfind("instance.jitclass.", 0) == 0 || w.rfind("structref.", 0) == 0) return class_instance(w);
    if (w == "bytearray")
      return accept("(uint8, 1d, C)") ? object_type("bytearray", {int_type(8, false)}) : nullptr;
    if (w == "bytes") return accept("(uint8, 1d, C)") ? bytes_type() : nullptr;
    if (accept("#")) return exact_named_tuple(w);
    if (is_typed_class(w) && accept("[")) return object(w, "]");
    if (!accept("(")) return nullptr;
    if (w == "array" || w == "Array") return array();
    if (w == "UniTuple") return uniform_tuple();
    if (w == "Tuple" || w == "BaseTuple") {
      if (accept("(")) {
        TypeRef t = tuple_elems();
        return t && accept(")") ? t : nullptr;
      }
      return tuple_elems();
    }
    TypeRef (*wrap)(TypeRef) = nullptr;
    if (w == "OptionalType" || w == "Optional" || w == "optional") wrap = optional_type;
    if (w == "CPointer") wrap = pointer_type;
    if (w == "class") wrap = type_object;
    if (w == "buffer") wrap = buffer_type;
    if (!wrap) return object(w, ")");
    TypeRef e = type();
    return e && accept(")") ? wrap(e) : nullptr;
  }

  // After "instance.jitclass.Point": what tells it from others of the name.
  TypeRef class_instance(std::string_view w) {
    if (!accept("#")) return nullptr;
    return find_class_type(std::string(w) + "#" + std::string(word()));
  }

  // After "list(": the parameters of an object's class.
  TypeRef object(std::string_view name, std::string_view end) {
    std::vector<TypeRef> parameters;
    do {
      TypeRef e = type();
      if (!e) return nullptr;
      parameters.push_back(e);
    } while (accept(","));
    if (!accept(end) || !is_object_class(name, parameters.size())) return nullptr;
    return object_type(std::string(name), std::move(parameters));
  }

  TypeRef tuple_elems() {
    std::vector<TypeRef> elems;
    if (accept(")")) return tuple_type({});
    do {
      if (!elems.empty() && accept(")")) return tuple_type(std::move(elems));  // "(i8,)"
      TypeRef e = type();
      if (!e) return nullptr;
      elems.push_back(e);
    } while (accept(","));
    return accept(")") ? tuple_type(std::move(elems)) : nullptr;
  }

  TypeRef uniform_tuple() {
    TypeRef e = type();
    int64_t n = 0;
    if (!e || !(accept(",") || accept("x")) || !number(n) || n < 0 || n > 65536 || !accept(")"))
      return nullptr;
    return tuple_type(std::vector<TypeRef>(static_cast<size_t>(n), e));
  }

  bool boolean(bool& out) {
    if (accept("True")) return out = true, true;
    if (accept("False")) return out = false, true;
    return false;
  }

  // "array(float64, 2d, C)" and repr's "Array(float64, 2, 'C', False, aligned=True)".
  TypeRef array() {
    TypeRef e = type();
    int64_t ndim = 0;
    if (!e || !accept(",") || !number(ndim) || ndim < 0 || ndim > 255) return nullptr;
    accept("d");
    if (!accept(",")) return nullptr;
    bool quoted = accept("'");
    Layout layout;
    if (accept("C")) {
      layout = Layout::C;
    } else if (accept("F")) {
      layout = Layout::F;
    } else if (accept("A")) {
      layout = Layout::A;
    } else {
      return nullptr;
    }
    if (quoted && !accept("'")) return nullptr;
    bool readonly = false, aligned = true;
    while (accept(",")) {
      if (accept("aligned=")) {
        if (!boolean(aligned)) return nullptr;
      } else {
        accept("readonly=");
        if (!boolean(readonly)) return nullptr;
      }
    }
    if (!accept(")")) return nullptr;
    return array_type(e, static_cast<int>(ndim), layout, readonly, aligned);
  }

  TypeRef slice() {
    int present = 0;
    if (accept("a")) present |= 1;
    if (!accept(":")) return nullptr;
    if (accept("b")) present |= 2;
    if (accept(":")) {
      if (!accept("c")) return nullptr;
      present |= 4;
    }
    return accept(">") ? slice_type(present) : nullptr;
  }

  TypeRef literal() {
    std::string_view of = word();
    if (!accept("]") || !accept("(")) return nullptr;
    TypeRef t = nullptr;
    if (of == "int") {
      int64_t v = 0;
      if (!number(v)) return nullptr;
      t = literal_int(v);
    } else if (of == "bool") {
      bool v = false;
      if (!boolean(v)) return nullptr;
      t = literal_bool(v);
    } else {
      return nullptr;
    }
    return accept(")") ? t : nullptr;
  }

  // After "P#": "3(x: int64, y: float64)".
  TypeRef exact_named_tuple(std::string_view name) {
    int64_t ref = 0;
    if (!number(ref) || !accept("(")) return nullptr;
    std::vector<std::string> fields;
    std::vector<TypeRef> elems;
    if (!accept(")")) {
      do {
        fields.emplace_back(word());
        if (fields.back().empty() || !accept(":")) return nullptr;
        TypeRef e = type();
        if (!e) return nullptr;
        elems.push_back(e);
      } while (accept(","));
      if (!accept(")")) return nullptr;
    }
    return named_tuple_type(std::string(name), std::move(fields), std::move(elems), ref);
  }

  std::string_view text_;
  size_t at_ = 0;
};

}  // namespace

std::string Type::str() const { return spell(this, false); }
std::string exact_str(TypeRef t) { return spell(t, true); }

TypeRef parse_type(const std::string& text) { return Reader(text).whole(); }
TypeRef parse_type_prefix(std::string_view text, size_t& used) { return Reader(text).prefix(used); }

}  // namespace cantil::ir
