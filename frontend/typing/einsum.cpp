// np.einsum with constant subscripts: every operand becomes a view that has an axis for each label, first
// those of the result and then those that are summed; stdlib/einsum.py multiplies and adds.
#include <algorithm>
#include <map>

#include "frontend/typing/typer.h"

namespace cantil::frontend {

using namespace ir;

namespace {

// A letter, or 256 + k for the axis k from the right of those that an ellipsis stands for.
using Labels = std::vector<int>;
constexpr int kEllipsis = 256;

struct Subscripts {
  std::vector<Labels> operands;
  Labels result;
};

[[noreturn]] void bad(const Span& span, const std::string& why) { fail(Diag::UserRaised, span, {why}); }

// `text` as labels, an ellipsis as `ellipsis` axes.
Labels read_labels(const std::string& text, size_t ellipsis, const Span& span) {
  Labels out;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '.') {
      for (size_t k = ellipsis; k-- > 0;) out.push_back(kEllipsis + static_cast<int>(k));
      i += 2;
    } else if (std::isalpha(static_cast<unsigned char>(text[i]))) {
      out.push_back(static_cast<unsigned char>(text[i]));
    } else {
      bad(span, std::string("invalid subscript '") + text[i] +
                    "' in einstein sum subscripts string, subscripts must be letters");
    }
  }
  return out;
}

bool has_ellipsis(const std::string& text, const Span& span) {
  const size_t at = text.find('.');
  if (at == std::string::npos) return false;
  if (text.compare(at, 3, "...") != 0 || text.find('.', at + 3) != std::string::npos)
    bad(span,
        "einstein sum subscripts string contains a '.' that is not part of an ellipsis ('...') or more than "
        "one "
        "ellipsis");
  return true;
}

Subscripts read_subscripts(std::string text, const std::vector<int>& ndims, const Span& span) {
  text.erase(std::remove(text.begin(), text.end(), ' '), text.end());
  const size_t arrow = text.find("->");
  const std::string inputs = text.substr(0, arrow);
  std::vector<std::string> parts{""};
  for (char c : inputs)
    if (c == ',')
      parts.push_back("");
    else
      parts.back() += c;
  if (parts.size() < ndims.size())
    bad(span, "more operands provided to einstein sum function than specified in the subscripts string");
  if (parts.size() > ndims.size())
    bad(span, "fewer operands provided to einstein sum function than specified in the subscripts string");
  Subscripts s;
  size_t most = 0;
  for (size_t i = 0; i < parts.size(); ++i) {
    const bool open = has_ellipsis(parts[i], span);
    const size_t letters = parts[i].size() - (open ? 3 : 0), ndim = static_cast<size_t>(ndims[i]);
    if (letters > ndim)
      bad(span,
          "einstein sum subscripts string contains too many subscripts for operand " + std::to_string(i));
    if (letters < ndim && !open)
      bad(span,
          "operand has more dimensions than subscripts given in einstein sum, but no '...' ellipsis provided "
          "to "
          "broadcast the extra dimensions.");
    s.operands.push_back(read_labels(parts[i], ndim - letters, span));
    most = std::max(most, ndim - letters);
  }
  if (arrow != std::string::npos) {
    const std::string result = text.substr(arrow + 2);
    if (most > 0 && !has_ellipsis(result, span))
      bad(span,
          "output has ellipsis subscripts '...' missing: the broadcast dimensions that they stand for are "
          "not "
          "summed");
    s.result = read_labels(result, most, span);
    for (size_t i = 0; i < s.result.size(); ++i) {
      if (std::count(s.result.begin(), s.result.end(), s.result[i]) > 1)
        bad(span, std::string("einstein sum subscripts string includes output subscript '") +
                      static_cast<char>(s.result[i]) + "' multiple times");
      bool known = s.result[i] >= kEllipsis;
      for (const Labels& l : s.operands) known = known || std::count(l.begin(), l.end(), s.result[i]) > 0;
      if (!known)
        bad(span, std::string("einstein sum subscripts string included output subscript '") +
                      static_cast<char>(s.result[i]) + "' which never appeared in an input");
    }
    return s;
  }
  // What an ellipsis stands for, then the labels that appear once, by the alphabet.
  for (size_t k = most; k-- > 0;) s.result.push_back(kEllipsis + static_cast<int>(k));
  std::map<int, int> seen;
  for (const Labels& l : s.operands)
    for (int label : l) ++seen[label];
  for (auto [label, times] : seen)
    if (label < kEllipsis && times == 1) s.result.push_back(label);
  return s;
}

}  // namespace

Expr* Typer::einsum_call(CallArgs& args) {
  const Span& span = args.span;
  if (args.positional.size() < 2 || !args.positional[0]->type->is(TypeKind::LiteralStr)) return nullptr;
  for (auto& [key, value] : args.keywords)
    if (key != "optimize") return nullptr;
  std::vector<Expr*> operands;
  std::vector<int> ndims;
  for (size_t i = 1; i < args.positional.size(); ++i) {
    Expr* e = unwrap(args.positional[i], span);
    if (!e->type->is_array()) e = as_array(e, span);
    if (!e || !e->type->elem()->is_number()) return nullptr;
    operands.push_back(make_temp(e));
    ndims.push_back(e->type->ndim);
  }
  const Subscripts s = read_subscripts(args.positional[0]->type->name, ndims, span);
  Labels all = s.result;
  for (const Labels& l : s.operands)
    for (int label : l)
      if (std::find(all.begin(), all.end(), label) == all.end()) all.push_back(label);
  // The length of each label's axis.
  std::map<int, Expr*> length;
  for (size_t i = 0; i < operands.size(); ++i)
    for (size_t k = 0; k < s.operands[i].size(); ++k) {
      Expr* n = array_dim(operands[i], static_cast<int>(k), span);
      Expr*& so_far = length[s.operands[i][k]];
      if (!so_far) {
        so_far = n;
        continue;
      }
      CallArgs both;
      both.positional = {so_far, n};
      both.span = span;
      so_far =
          evaluate_now(to_i64(call_library_or_fail("cantil.library.einsum_length", both, "np.einsum()")));
    }
  std::vector<Expr*> views;
  for (size_t i = 0; i < operands.size(); ++i) {
    TypeRef t = operands[i]->type;
    std::vector<Expr*> parts = {make_op(Opcode::ArrayOwner, owner_type(), {operands[i]}, span),
                                make_op(Opcode::ArrayData, pointer_type(t->elem()), {operands[i]}, span)};
    std::vector<Expr*> strides;
    for (int label : all) {
      parts.push_back(length[label]);
      Expr* stride = make_const(i64(), 0, span);
      for (size_t k = 0; k < s.operands[i].size(); ++k) {
        if (s.operands[i][k] != label) continue;
        const int axis = static_cast<int>(k);
        Expr* one = make_op(Opcode::Eq, bool_type(),
                            {array_dim(operands[i], axis, span), make_const(i64(), 1, span)}, span);
        Expr* own = make_op(
            Opcode::Select, i64(),
            {one, make_const(i64(), 0, span), make_op(Opcode::ArrayStride, i64(), {operands[i]}, span, axis)},
            span);
        stride = make_op(Opcode::Add, i64(), {stride, own}, span);
      }
      strides.push_back(stride);
    }
    parts.insert(parts.end(), strides.begin(), strides.end());
    const int ndim = static_cast<int>(all.size());
    if (ndim == 0) parts.resize(2);
    views.push_back(make_temp(make_op(
        Opcode::ArrayMake, array_type(t->elem(), ndim, ndim ? Layout::A : Layout::C, t->readonly, t->aligned),
        std::move(parts), span)));
  }
  if (views.size() == 1 && all.size() == s.result.size() && !all.empty()) return views[0];
  CallArgs sum;
  sum.positional = {make_tuple(std::move(views), span),
                    make_int(static_cast<int64_t>(s.result.size()), span)};
  sum.span = span;
  return call_library_or_fail("cantil.library.einsum_sum", sum, "np.einsum()");
}

}  // namespace cantil::frontend
