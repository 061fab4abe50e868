// The table of type classes.
#include "frontend/typing/type_classes.h"

#include "ir/object_types.h"
#include "support/diagnostics.h"

#include <functional>
#include <unordered_map>

namespace cantil::frontend {

using namespace ir;
using syntax::Node;
using syntax::NodeKind;

namespace {

using Predicate = bool (*)(TypeRef);

const std::unordered_map<std::string, Predicate>& classes() {
  static const auto* table = new std::unordered_map<std::string, Predicate>{
      {"Number", [](TypeRef t) { return unliteral(t)->is_number(); }},
      {"Real", [](TypeRef t) { return unliteral(t)->is_real(); }},
      {"Integer", [](TypeRef t) { return unliteral(t)->is_int(); }},
      {"Signed", [](TypeRef t) { return unliteral(t)->is_int() && unliteral(t)->is_signed; }},
      {"Unsigned", [](TypeRef t) { return unliteral(t)->is_int() && !unliteral(t)->is_signed; }},
      {"Boolean", [](TypeRef t) { return unliteral(t)->is_bool(); }},
      {"Whole", [](TypeRef t) { return unliteral(t)->is_int() || unliteral(t)->is_bool(); }},
      {"Float", [](TypeRef t) { return t->is_float(); }},
      {"Complex", [](TypeRef t) { return t->is_complex(); }},
      {"Array", [](TypeRef t) { return t->is_array(); }},
      {"Array0", [](TypeRef t) { return t->is_array() && t->ndim == 0; }},
      {"Array1", [](TypeRef t) { return t->is_array() && t->ndim == 1; }},
      {"Array2", [](TypeRef t) { return t->is_array() && t->ndim == 2; }},
      {"ContiguousArray", [](TypeRef t) { return t->is_array() && t->layout == Layout::C; }},
      {"Tuple", [](TypeRef t) { return t->is_tuple(); }},
      {"Range", [](TypeRef t) { return t->is(TypeKind::Range); }},
      {"Set", [](TypeRef t) { return is_set(t); }},
      {"Dict", [](TypeRef t) { return is_dict(t); }},
      {"List", [](TypeRef t) { return is_list(t); }},
      {"Slice", [](TypeRef t) { return t->is(TypeKind::Slice); }},
      {"Optional", [](TypeRef t) { return t->is(TypeKind::Optional); }},
      {"Str", [](TypeRef t) { return unliteral(t)->is_text(); }},
      {"Bytes", [](TypeRef t) { return t->is_bytes(); }},
      {"ByteArray", [](TypeRef t) { return is_bytearray(t); }},
      {"BytesLike", [](TypeRef t) { return t->is_bytes() || is_bytearray(t); }},
      {"Text", [](TypeRef t) { return unliteral(t)->is_text() || t->is_bytes(); }},
      {"NoneType", [](TypeRef t) { return t->is_none(); }},
      {"Type", [](TypeRef t) { return t->is(TypeKind::TypeObject); }},
      {"Function", [](TypeRef t) { return t->is(TypeKind::Function); }},
      {"Iterator", [](TypeRef t) { return is_generator_object(t); }},
      {"Generator", [](TypeRef t) { return is_generator(t); }},
      {"Pointer", [](TypeRef t) { return t->is(TypeKind::Pointer); }},
      {"Literal",
       [](TypeRef t) {
         return t->is(TypeKind::LiteralInt) || t->is(TypeKind::LiteralBool) || t->is(TypeKind::LiteralStr);
       }},
      {"LiteralInt", [](TypeRef t) { return t->is(TypeKind::LiteralInt); }},
      {"LiteralBool", [](TypeRef t) { return t->is(TypeKind::LiteralBool); }},
      {"LiteralStr", [](TypeRef t) { return t->is(TypeKind::LiteralStr); }},
      {"Any", [](TypeRef) { return true; }},
  };
  return *table;
}

}  // namespace

bool is_of_class(TypeRef t, const std::string& name, bool* known) {
  if (known) *known = true;
  auto it = classes().find(name);
  if (it != classes().end()) return it->second(t);
  if (TypeRef exact = parse_type(name)) return unliteral(t) == exact;
  if (known) *known = false;
  return false;
}

bool matches(const Node* annotation, TypeRef t) {
  if (!annotation) return true;
  switch (annotation->kind) {
    case NodeKind::Name: {
      bool known = true;
      bool r = is_of_class(t, annotation->name, &known);
      CANTIL_CHECK(known);
      return r;
    }
    case NodeKind::Attribute:
      return is_of_class(t, annotation->name);
    case NodeKind::Constant:
      return t->is_none();
    case NodeKind::BinOp:
      return matches(annotation->one[0], t) || matches(annotation->one[1], t);
    default:
      CANTIL_CHECK(!"an annotation in the library");
      return false;
  }
}

bool wants_literal(const Node* annotation) {
  if (!annotation) return false;
  if (annotation->kind == NodeKind::BinOp)
    return wants_literal(annotation->one[0]) || wants_literal(annotation->one[1]);
  return annotation->kind == NodeKind::Name && annotation->name.rfind("Literal", 0) == 0;
}

}  // namespace cantil::frontend
