// Taking the names of bfloat16's conversions apart.
#include "frontend/typing/bfloat_names.h"

#include <unordered_map>

namespace cantil::frontend {

using namespace ir;

namespace {

const std::string kSpace = "cantil.cuda.bf16.";

// "int32", and CUDA C's "int"; null for other words.
TypeRef named_type(const std::string& word) {
  static const std::unordered_map<std::string, std::string> kShort = {
      {"char", "int8"},     {"short", "int16"},    {"int", "int32"},   {"ll", "int64"},
      {"uchar", "uint8"},   {"ushort", "uint16"},  {"uint", "uint32"}, {"ull", "uint64"},
      {"float", "float32"}, {"double", "float64"},
  };
  auto it = kShort.find(word);
  TypeRef t = parse_type(it == kShort.end() ? word : it->second);
  return t && (t->is_int() || t->is_float()) && !t->is_bfloat() && (it != kShort.end() || t->str() == word)
             ? t
             : nullptr;
}

// Splits at `between`: "float32_to_bfloat16" and "_to_bfloat16" leave "float32".
bool split(const std::string& text, const std::string& between, std::string& before, std::string& behind) {
  const size_t at = text.find(between);
  if (at == std::string::npos) return false;
  before = text.substr(0, at);
  behind = text.substr(at + between.size());
  return true;
}

}  // namespace

Expr* bfloat_conversion(Typer& t, const std::string& name, const CallArgs& args) {
  if (name.rfind(kSpace, 0) != 0 || args.positional.size() != 1 || !args.keywords.empty()) return nullptr;
  std::string f = name.substr(kSpace.size()), mode = "rn", before, behind;
  const Span& span = args.span;
  if (f.size() > 3 && f[f.size() - 3] == '_' && f[f.size() - 2] == 'r') {
    mode = f.substr(f.size() - 2);
    f.resize(f.size() - 3);
  }
  auto call = [&](const char* body, std::vector<Expr*> operands) {
    CallArgs inner;
    inner.span = span;
    inner.positional = std::move(operands);
    return t.call_library_or_fail(kSpace + body, inner, "cuda.bf16." + name.substr(kSpace.size()) + "()");
  };
  Expr* x = t.materialise(args.positional[0]);
  Expr* direction = t.make_static(literal_str(mode), span);
  auto type = [&](TypeRef of) { return t.make_static(type_object(of), span); };
  for (const char* link : {"_to_bfloat16", "2bfloat16"})
    if (split(f, link, before, behind) && behind.empty())
      if (TypeRef from = named_type(before)) {
        if (!x->type->is_real()) return nullptr;
        return call("from_number", {direction, t.cast_number(x, from, span)});
      }
  if (split(f, "_as_bfloat16", before, behind) && behind.empty() && named_type(before))
    return call("from_bits", {x});
  if (split(f, "bfloat16_as_", before, behind) && before.empty())
    if (TypeRef to = named_type(behind)) return call("to_bits", {type(to), x});
  for (const char* link : {"bfloat16_to_", "bfloat162"})
    if (split(f, link, before, behind) && before.empty())
      if (TypeRef to = named_type(behind)) return call("to_number", {direction, type(to), x});
  return nullptr;
}

}  // namespace cantil::frontend
