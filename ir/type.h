// The types of Cantil, interned: two equal types are the same pointer. Shared by the front end, the IR and
// the ABI.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace cantil::ir {

enum class TypeKind : uint8_t {
  // Values with a run-time representation.
  None,      // Python's None; zero bits
  Bool,      // one byte in memory, i1 in registers
  Int,       // bits 8..64, is_signed
  Float,     // bits 16, 32, 64; `value` is 1 for bfloat16
  Complex,   // bits 64, 128
  Tuple,     // elems (any types); `name` is set for a namedtuple, `fields` are its field names
  Array,     // elems[0], ndim, layout, readonly, aligned
  Optional,  // elems[0] or None
  Pointer,   // elems[0]: a raw address of a value in its memory form; only the library sees it
  Owner,     // a counted reference to a heap block (device_runtime's MemInfo); null is allowed
  Range,     // elems[0] is the integer type: start, stop, step
  Slice,   // start, stop, step as int64 with presence known at compile time: `value` is a bit set (1 start, 2
           // stop, 4 step)
  Object,  // a counted reference to a heap object: class `name`, its type parameters in elems
           // (object_types.h)
  Buffer,  // a counted reference to a row of elems[0] in memory; only the library sees it
  // Functions as values; the IR sees tuples in their place (the front end's runtime_type).
  Closure,  // a nested function `value`, `name`, with the variables of the one around it: `fields`, elems
  Choice,   // one of the functions elems, which of them is known when it runs: its place, then their closures
  // Compile-time only: no run-time representation, never an IR value's type.
  LiteralInt,   // `value`
  LiteralBool,  // `value`
  LiteralStr,   // `name`
  Module,       // `name`: "numpy", "cantil.cuda"
  Builtin,     // `name`: a library function's qualified name, "numpy.sin", "builtins.len", "cantil.cuda.grid"
  Function,    // `value`: the front end's id of a user's compiled function
  TypeObject,  // elems[0]: a type used as a value (np.float32, int64)
  ExceptionClass,     // `name`: "builtins.ValueError"; `value`: index of the captured class
  ExceptionInstance,  // elems[0] the class, elems[1..] types of its arguments
  BoundMethod,        // `name` the method, elems[0] the receiver's type
  Ellipsis,
  // Typing's own bottom: nothing is known yet (a recursive call before its first return).
  Unknown,
};

enum class Layout : uint8_t { C, F, A };

struct Type {
  TypeKind kind = TypeKind::None;
  uint8_t bits = 0;
  bool is_signed = false;
  uint8_t ndim = 0;
  Layout layout = Layout::A;
  bool readonly = false;
  bool aligned = true;
  int64_t value = 0;
  std::string name;
  std::vector<std::string> fields;
  std::vector<const Type*> elems;
  uint32_t id = 0;  // dense, in order of interning; not stable between processes

  bool is(TypeKind k) const { return kind == k; }
  bool is_int() const { return kind == TypeKind::Int; }
  bool is_float() const { return kind == TypeKind::Float; }
  bool is_bfloat() const { return is_float() && value == 1; }
  bool is_complex() const { return kind == TypeKind::Complex; }
  bool is_bool() const { return kind == TypeKind::Bool; }
  bool is_array() const { return kind == TypeKind::Array; }
  bool is_tuple() const { return kind == TypeKind::Tuple; }
  bool is_text() const { return kind == TypeKind::Owner && name == "unicode_type"; }
  bool is_bytes() const { return kind == TypeKind::Owner && name == "bytes"; }
  // Several values side by side.
  bool is_composite() const {
    return kind == TypeKind::Tuple || kind == TypeKind::Closure || kind == TypeKind::Choice;
  }
  // What can be called, and is a value without being computed or a closure's.
  bool is_function() const {
    return kind == TypeKind::Function || kind == TypeKind::Builtin || kind == TypeKind::Closure ||
           kind == TypeKind::Choice;
  }
  bool is_none() const { return kind == TypeKind::None; }
  // bool, integers, floats, complex: the scalars that arithmetic is defined on.
  bool is_number() const { return is_int() || is_float() || is_complex() || is_bool(); }
  bool is_real() const { return is_int() || is_float() || is_bool(); }
  bool is_compile_time() const { return kind >= TypeKind::LiteralInt; }
  const Type* elem() const { return elems[0]; }

  // The name shown to users; Numba's spelling: "int64", "array(float64, 2d, C)", "Tuple(int64, float32)",
  // "UniTuple(int64 x 3)".
  std::string str() const;
};

using TypeRef = const Type*;

// Interning constructors. All are thread-safe; results live as long as the process.
TypeRef none_type();
TypeRef bool_type();
TypeRef int_type(int bits, bool is_signed = true);
TypeRef float_type(int bits);
TypeRef bfloat16_type();
TypeRef complex_type(int bits);
TypeRef tuple_type(std::vector<TypeRef> elems);
TypeRef named_tuple_type(std::string name, std::vector<std::string> fields, std::vector<TypeRef> elems,
                         int64_t class_ref);
TypeRef array_type(TypeRef elem, int ndim, Layout layout, bool readonly = false, bool aligned = true);
TypeRef optional_type(TypeRef elem);
TypeRef pointer_type(TypeRef elem);
TypeRef owner_type();
TypeRef text_type();   // unicode_type: an immutable str (docs/design/strings.md)
TypeRef bytes_type();  // immutable bytes, of the same form
TypeRef range_type(TypeRef int_elem);
TypeRef slice_type(int present);
TypeRef object_type(std::string name, std::vector<TypeRef> parameters);
TypeRef buffer_type(TypeRef elem);
TypeRef closure_type(int64_t id, std::string name, std::vector<std::string> fields,
                     std::vector<TypeRef> elems);
TypeRef choice_type(std::vector<TypeRef> functions);  // in any order
TypeRef literal_int(int64_t value);
TypeRef literal_bool(bool value);
TypeRef literal_str(std::string value);
TypeRef module_type(std::string name);
TypeRef builtin_type(std::string name);
TypeRef function_type(int64_t id, std::string name);
TypeRef type_object(TypeRef of);
TypeRef exception_class(std::string name, int64_t class_ref);
TypeRef exception_instance(TypeRef cls, std::vector<TypeRef> args);
TypeRef bound_method(TypeRef receiver, std::string name);
TypeRef ellipsis_type();
TypeRef unknown_type();
TypeRef undecided_type(std::string cls, int64_t value);  // Unknown, but for what it is a container of
// Interns any other filling-in of Type (id is ignored).
TypeRef intern(Type t);

inline TypeRef i64() { return int_type(64); }
inline TypeRef f64() { return float_type(64); }

// A literal's type at run time (LiteralInt -> int64, LiteralBool -> bool, LiteralStr -> unicode_type);
// recursively inside tuples; others unchanged.
TypeRef unliteral(TypeRef t);

// str(), save that a namedtuple is spelled with its fields and class ("P#3(x: int64, y: float64)") so that it
// reads back.
std::string exact_str(TypeRef t);

// The types of what tuple.make puts together and tuple.get takes apart: a tuple's elements, a range's start,
// stop and step, a slice's present parts. Empty for other types.
std::vector<TypeRef> tuple_parts(TypeRef t);

// Reads a type back from str()'s and exact_str()'s spelling (all run-time types, int and bool literals, type
// objects), and Numba's signature spellings ("float64[:, ::1]", "f8", "void", "(i8, f4)"). Returns nullptr
// when the text is no type.
TypeRef parse_type(const std::string& text);
// The same for a type at the beginning of `text`, with more text behind it; `used` is the type's length.
TypeRef parse_type_prefix(std::string_view text, size_t& used);

}  // namespace cantil::ir
