// "…".format(…) and "…" % …: a format that is a literal is taken apart while typing, each piece becoming what
// an f-string has there.
#include <cctype>

#include "frontend/typing/typer.h"

namespace cantil::frontend {

using namespace ir;

namespace {

class Format {
 public:
  Format(Typer& t, const CallArgs& args) : t_(t), args_(args), span_(args.span) {}

  // The pieces of `text`, a format or a specification in one.
  Expr* read(const std::string& text, int depth) {
    if (depth > 2) bad("Max string recursion exceeded");
    std::vector<Expr*> pieces;
    std::string plain;
    for (size_t i = 0; i < text.size(); ++i) {
      const char c = text[i];
      if (c != '{' && c != '}') {
        plain += c;
        continue;
      }
      if (depth == 0 && i + 1 < text.size() && text[i + 1] == c) {
        plain += c;
        ++i;
        continue;
      }
      if (c == '}') bad("Single '}' encountered in format string");
      size_t end = i + 1;
      for (int open = 1; end < text.size(); ++end) {
        if (text[end] == '{') ++open;
        if (text[end] == '}' && --open == 0) break;
      }
      if (end >= text.size())
        bad(i + 1 == text.size() ? "Single '{' encountered in format string"
                                 : "expected '}' before end of string");
      pieces.push_back(t_.make_static(literal_str(plain), span_));
      plain.clear();
      Expr* x = field(text.substr(i + 1, end - i - 1), depth);
      if (x->type->is(TypeKind::Unknown)) return x;
      pieces.push_back(x->type->is(TypeKind::LiteralStr) ? x : t_.make_temp(x));
      i = end;
    }
    pieces.push_back(t_.make_static(literal_str(plain), span_));
    return t_.join_pieces(pieces, span_);
  }

 private:
  [[noreturn]] void bad(const std::string& what) { fail(Diag::UserRaised, span_, {what}); }

  // "name.part[index]!r:spec"
  Expr* field(const std::string& text, int depth) {
    size_t name_end = 0;
    for (int brackets = 0; name_end < text.size(); ++name_end) {
      const char c = text[name_end];
      if (c == '[') ++brackets;
      if (c == ']') --brackets;
      if (brackets == 0 && (c == '!' || c == ':')) break;
    }
    std::string rest = text.substr(name_end);
    Expr* x = value(text.substr(0, name_end));
    int conversion = -1;
    if (!rest.empty() && rest[0] == '!') {
      if (rest.size() < 2) bad("unmatched '{' in format spec");
      conversion = rest[1];
      if (conversion != 'r' && conversion != 's' && conversion != 'a')
        bad(std::string("Unknown conversion specifier ") + rest[1]);
      rest = rest.substr(2);
      if (!rest.empty() && rest[0] != ':') bad("expected ':' after conversion specifier");
    }
    Expr* spec = rest.empty() ? nullptr : read(rest.substr(1), depth + 1);
    if (x->type->is(TypeKind::Unknown) || (spec && spec->type->is(TypeKind::Unknown)))
      return t_.make_static(unknown_type(), span_);
    return t_.formatted(x, conversion, spec, span_);
  }

  Expr* value(const std::string& path) {
    size_t end = path.find_first_of(".[");
    const std::string name = path.substr(0, end);
    Expr* x = nullptr;
    const bool number = !name.empty() && std::isdigit(static_cast<unsigned char>(name[0]));
    if (name.empty() || number) {
      if (number ? next_ > 0 : next_ < 0)
        bad(number ? "cannot switch from automatic field numbering to manual field specification"
                   : "cannot switch from manual field specification to automatic field numbering");
      size_t i = number ? std::stoul(name.substr(0, 9)) : static_cast<size_t>(next_);
      next_ = number ? -1 : next_ + 1;
      if (i >= args_.positional.size())
        bad("Replacement index " + std::to_string(i) + " out of range for positional args tuple");
      x = args_.positional[i];
    } else {
      for (auto& [k, v] : args_.keywords)
        if (k == name) x = v;
      if (!x) bad("the format names '" + name + "', which is no argument");
    }
    while (end != std::string::npos && end < path.size()) {
      const bool attribute = path[end] == '.';
      const size_t stop = attribute ? path.find_first_of(".[", end + 1) : path.find(']', end);
      if (!attribute && stop == std::string::npos) bad("Missing ']' in format string");
      const std::string part =
          path.substr(end + 1, stop == std::string::npos ? std::string::npos : stop - end - 1);
      if (part.empty()) bad("Empty attribute in format string");
      const bool index = std::isdigit(static_cast<unsigned char>(part[0]));
      x = attribute ? t_.attribute_of(x, part, span_)
                    : t_.subscript_value(x,
                                         index ? t_.make_int(std::stol(part.substr(0, 18)), span_)
                                               : t_.make_static(literal_str(part), span_),
                                         span_);
      end = attribute ? stop : stop + 1;
    }
    return x;
  }

  Typer& t_;
  const CallArgs& args_;
  Span span_;
  long next_ = 0;  // of fields without a name; -1 where they have numbers
};

}  // namespace

Expr* Typer::format_call(Expr* format, CallArgs& args) {
  if (!format->type->is(TypeKind::LiteralStr))
    fail(Diag::NeedsConstant, args.span, {"the text that .format() is called on"});
  for (Expr*& e : args.positional) e = make_temp(e);
  for (auto& [k, e] : args.keywords) e = make_temp(e);
  return Format(*this, args).read(format->type->name, 0);
}

// The flags of a % conversion, as device_runtime/text/percent.cpp takes them.
namespace {
enum PercentFlag { kLeft = 1, kPlus = 2, kBlank = 4, kAlternate = 8, kZero = 16 };
}

Expr* Typer::percent_format(Expr* format, Expr* value, const Span& span) {
  const std::string& text = format->type->name;
  value = make_temp(value);
  const bool is_tuple = value->type->is_tuple();
  size_t next = 0;
  auto bad = [&](const std::string& what) { fail(Diag::UserRaised, span, {what}); };
  auto take = [&]() -> Expr* {
    const size_t i = next++;
    if (!is_tuple && i == 0) return value;
    if (!is_tuple || i >= value->type->elems.size()) bad("not enough arguments for format string");
    return tuple_item(value, i, span);
  };
  auto number = [&](Expr* x, const char* code) {
    x = materialise(unwrap(x, span));
    if (!x->type->is_real())
      bad(std::string("%") + code + " format: a real number is required, not " + type_name(x));
    return x;
  };
  auto call = [&](const char* name, std::vector<Expr*> args) {
    Expr* e = make_op(Opcode::CallC, text_type(), std::move(args), span);
    e->text = name;
    return make_temp(e);
  };
  std::vector<Expr*> pieces;
  std::string plain;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      plain += text[i];
      continue;
    }
    ++i;
    Expr* x = nullptr;
    if (i < text.size() && text[i] == '(') {
      const size_t end = text.find(')', i);
      if (end == std::string::npos) bad("incomplete format key");
      x = subscript_value(value, make_static(literal_str(text.substr(i + 1, end - i - 1)), span), span);
      next = 1;
      i = end + 1;
    }
    int64_t flags = 0;
    for (; i < text.size(); ++i) {
      const int64_t flag = text[i] == '-'   ? kLeft
                           : text[i] == '+' ? kPlus
                           : text[i] == ' ' ? kBlank
                           : text[i] == '#' ? kAlternate
                           : text[i] == '0' ? kZero
                                            : 0;
      if (!flag) break;
      flags |= flag;
    }
    auto size = [&]() -> Expr* {
      if (i < text.size() && text[i] == '*') {
        ++i;
        Expr* given = materialise(take());
        if (!given->type->is_int() && !given->type->is_bool()) bad("* wants int");
        return to_i64(given);
      }
      int64_t v = 0;
      while (i < text.size() && std::isdigit(static_cast<unsigned char>(text[i])))
        v = std::min<int64_t>(v * 10 + (text[i++] - '0'), INT32_MAX);
      return make_const(i64(), v, span);
    };
    Expr* width = size();
    Expr* precision = make_const(i64(), -1, span);
    if (i < text.size() && text[i] == '.') {
      ++i;
      precision = size();
    }
    while (i < text.size() && (text[i] == 'l' || text[i] == 'h' || text[i] == 'L')) ++i;
    if (i >= text.size()) bad("incomplete format");
    const char code = text[i];
    if (code == '%') {
      plain += '%';
      continue;
    }
    pieces.push_back(make_static(literal_str(plain), span));
    plain.clear();
    if (!x) x = take();
    if (x->type->is(TypeKind::Unknown)) return x;
    Expr* how = make_const(i64(), flags, span);
    Expr* kind = make_const(i64(), code, span);
    switch (code) {
      case 'd':
      case 'i':
      case 'u':
      case 'o':
      case 'x':
      case 'X': {
        const char shown[2] = {code, 0};
        x = make_temp(number(x, shown));
        if (x->type->is_float()) {
          if (code == 'o' || code == 'x' || code == 'X')
            bad(std::string("%") + code + " format: an integer is required, not float");
          x = cast_number(x, i64(), span);
        }
        const bool is_signed = x->type->is_int() && x->type->is_signed;
        Expr* negative = is_signed ? make_op(Opcode::Lt, bool_type(), {x, make_const(x->type, 0, span)}, span)
                                   : make_const(bool_type(), 0, span);
        Expr* wide = cast_number(x, int_type(64, is_signed), span);
        Expr* magnitude = is_signed
                              ? make_op(Opcode::Select, i64(),
                                        {negative, make_op(Opcode::Neg, i64(), {wide}, span), wide}, span)
                              : wide;
        pieces.push_back(call("cantil_rt_percent_int", {cast_number(magnitude, int_type(64, false), span),
                                                        negative, how, width, precision, kind}));
        break;
      }
      case 'e':
      case 'E':
      case 'f':
      case 'F':
      case 'g':
      case 'G': {
        x = cast_number(number(x, "f"), f64(), span);
        pieces.push_back(call("cantil_rt_percent_float", {x, how, width, precision, kind}));
        break;
      }
      case 'c':
        if (!unliteral(x->type)->is_text()) {
          CallArgs args;
          args.positional = {x};
          args.span = span;
          x = call_builtin("builtins.chr", args);
        }
        pieces.push_back(
            call("cantil_rt_percent_text", {text_value(x), how, width, make_const(i64(), -1, span)}));
        break;
      case 'r':
      case 's':
      case 'a':
        x = formatted(x, code, nullptr, span);
        pieces.push_back(call("cantil_rt_percent_text", {text_value(x), how, width, precision}));
        break;
      default:
        bad(std::string("unsupported format character '") + code + "'");
    }
  }
  pieces.push_back(make_static(literal_str(plain), span));
  const bool used_up =
      is_tuple ? next >= value->type->elems.size() : next > 0 || value->type->is(TypeKind::Object);
  if (!used_up) bad("not all arguments converted during string formatting");
  return join_pieces(pieces, span);
}

}  // namespace cantil::frontend
