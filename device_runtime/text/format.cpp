// The format specification mini language: [[fill]align][sign][z][#][0][width][grouping][.precision][type].
#include <algorithm>
#include <charconv>
#include <cmath>

#include "device_runtime/number_text.h"
#include "device_runtime/text/functions.h"
#include "device_runtime/text/text.h"

namespace cantil::device_runtime {
namespace {

thread_local std::string* failure = nullptr;  // on the heap: see random/mt19937.h

Text* fail(std::string message) {
  if (failure == nullptr) failure = new std::string;
  *failure = std::move(message);
  return nullptr;
}

struct Spec {
  uint32_t fill = ' ';
  char align = 0;  // < > = ^, 0 not given
  char sign = '-';
  bool sign_given = false;
  bool no_negative_zero = false;
  bool alternate = false;
  int64_t width = -1;
  char grouping = 0;
  int64_t precision = -1;
  uint32_t type = 0;
};

std::string shown(uint32_t c) {
  std::string s;
  append_utf8(s, c);
  return s;
}

// A character that is none of the type's codes, as CPython's message has it.
Text* unknown_code(uint32_t code, const char* type) {
  if (code > 32 && code < 128)
    return fail("Unknown format code '" + shown(code) + "' for object of type '" + type + "'");
  char hex[16];
  const auto end = std::to_chars(hex, hex + sizeof hex, code, 16).ptr;
  return fail("Unknown format code '\\x" + std::string(hex, end) + "' for object of type '" + type + "'");
}

// False with the failure set.
bool parse(const Text* t, Spec& s, char default_align, const char* type_name, uint32_t default_type = 0) {
  const int64_t n = length_of(t);
  int64_t i = 0;
  auto at = [&](int64_t k) { return k < n ? char_at(t, k) : 0; };
  auto is_align = [](uint32_t c) { return c == '<' || c == '>' || c == '=' || c == '^'; };
  bool fill_given = false;
  s.align = default_align;
  bool align_given = false;
  if (n >= 2 && is_align(at(1))) {
    s.fill = at(0);
    s.align = static_cast<char>(at(1));
    fill_given = align_given = true;
    i = 2;
  } else if (n >= 1 && is_align(at(0))) {
    s.align = static_cast<char>(at(0));
    align_given = true;
    i = 1;
  }
  if (i < n && (at(i) == '+' || at(i) == '-' || at(i) == ' ')) {
    s.sign = static_cast<char>(at(i++));
    s.sign_given = true;
  }
  if (i < n && at(i) == 'z') s.no_negative_zero = true, ++i;
  if (i < n && at(i) == '#') s.alternate = true, ++i;
  if (!fill_given && i < n && at(i) == '0') {
    s.fill = '0';
    if (!align_given && default_align == '>') s.align = '=';
    ++i;
  }
  auto number = [&](int64_t& out) {
    const int64_t from = i;
    int64_t v = 0;
    while (i < n && at(i) >= '0' && at(i) <= '9') {
      if (__builtin_mul_overflow(v, int64_t{10}, &v) || __builtin_add_overflow(v, int64_t{at(i)} - '0', &v))
        return fail("Too many decimal digits in format string"), false;
      ++i;
    }
    if (i > from) out = v;
    return true;
  };
  if (!number(s.width)) return false;
  if (i < n && at(i) == ',') s.grouping = ',', ++i;
  if (i < n && at(i) == '_') {
    if (s.grouping) return fail("Cannot specify both ',' and '_'."), false;
    s.grouping = '_';
    ++i;
  }
  if (i < n && at(i) == ',') {
    return fail(s.grouping == '_' ? "Cannot specify both ',' and '_'." : "Cannot specify ',' with ','."),
           false;
  }
  if (i < n && at(i) == '.') {
    ++i;
    if (!number(s.precision)) return false;
    if (s.precision < 0) return fail("Format specifier missing precision"), false;
  }
  if (n - i > 1) {
    std::string whole;
    append_utf8(whole, t);
    return fail("Invalid format specifier '" + whole + "' for object of type '" + type_name + "'"), false;
  }
  if (i < n) s.type = at(i);
  if (s.grouping) {
    const uint32_t type = s.type ? s.type : default_type;
    const bool fits = type == 'd' || type == 'e' || type == 'f' || type == 'g' || type == 'E' ||
                      type == 'G' || type == '%' || type == 'F' || type == 0;
    const bool bits = type == 'b' || type == 'o' || type == 'x' || type == 'X';
    if (!fits && !(bits && s.grouping == '_')) {
      if (type > 32 && type < 128)
        return fail(std::string("Cannot specify '") + s.grouping + "' with '" + shown(type) + "'."), false;
      char hex[16];
      const auto end = std::to_chars(hex, hex + sizeof hex, type, 16).ptr;
      return fail(std::string("Cannot specify '") + s.grouping + "' with '\\x" + std::string(hex, end) +
                  "'."),
             false;
    }
  }
  return true;
}

Text* pad(const Text* body, const Spec& s, int64_t sign_and_prefix) {
  const int64_t n = length_of(body), missing = std::max<int64_t>(s.width - n, 0);
  if (missing == 0) return retained(body);
  if (s.align == '=') {
    Text* head = slice_text(body, 0, sign_and_prefix);
    Text* rest = slice_text(body, sign_and_prefix, n - sign_and_prefix);
    Text* filled = rest != nullptr ? cantil_rt_text_pad(rest, missing, 0, s.fill) : nullptr;
    Text* whole = filled != nullptr ? cantil_rt_text_concat(head, filled) : nullptr;
    for (Text* t : {head, rest, filled}) cantil_rt_release(t);
    return whole;
  }
  const int64_t left = s.align == '>' ? missing : s.align == '^' ? missing / 2 : 0;
  return cantil_rt_text_pad(body, left, missing - left, s.fill);
}

// Digits with a separator at every `group` of them; with zeros before them until all is `least` wide.
std::string grouped(std::string_view digits, char separator, int group, int64_t least) {
  std::string out;  // backwards
  int in_group = 0;
  size_t left = digits.size();
  while (left > 0 || static_cast<int64_t>(out.size()) < least) {
    if (in_group == group) {
      out += separator;
      in_group = 0;
      if (left == 0 && static_cast<int64_t>(out.size()) >= least) {
        // A separator is never first: one more zero.
        out += '0';
        break;
      }
    }
    out += left > 0 ? digits[--left] : '0';
    ++in_group;
  }
  std::reverse(out.begin(), out.end());
  return out;
}

// Sign, prefix, the digits before the point and the rest, laid out.
Text* lay_out(const Spec& s, const std::string& sign, std::string_view prefix, std::string_view digits,
              std::string_view rest, bool numeric) {
  std::string body = sign;
  body += prefix;
  const auto head = static_cast<int64_t>(body.size());
  int64_t least = 0;
  if (s.fill == '0' && s.align == '=') least = s.width - head - static_cast<int64_t>(rest.size());
  if (s.grouping && numeric) {
    const bool bits = s.type == 'b' || s.type == 'o' || s.type == 'x' || s.type == 'X';
    body += grouped(digits, s.grouping, bits ? 4 : 3, least);
  } else {
    body += digits;
  }
  body += rest;
  Text* text = ascii_text(body);
  if (text == nullptr) return nullptr;
  Text* padded = pad(text, s, head);
  cantil_rt_release(text);
  return padded;
}

std::string sign_of(const Spec& s, bool negative) {
  if (negative) return "-";
  return s.sign == '+' ? "+" : s.sign == ' ' ? " " : "";
}

// A magnitude in one of e, f, g, % or (type 0) as repr() has it, at a precision; '.' where alternate asks.
std::string digits_of(double v, char type, int64_t precision, bool alternate) {
  if (std::isnan(v)) return "nan";
  if (std::isinf(v)) return "inf";
  std::string out;
  if (type == 'r') {
    append_float(out, v);
    return out;
  }
  const int p = static_cast<int>(precision);
  const auto form = type == 'f' ? std::chars_format::fixed : std::chars_format::scientific;
  std::vector<char> buffer(static_cast<size_t>(p) + 400);
  auto write = [&](std::chars_format format, int digits) {
    const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), v, format, digits).ptr;
    return std::string(buffer.data(), end);
  };
  if (type == 'f' || type == 'e') {
    out = write(form, p);
    if (alternate && p == 0) out.insert(type == 'f' ? out.size() : 1, ".");
    return out;
  }
  // g: scientific where the exponent is below -4 or not below the precision; without zeros at the end.
  const int significant = std::max(p, 1);
  std::string scientific = write(std::chars_format::scientific, significant - 1);
  const size_t e = scientific.find('e');
  const int exponent = std::atoi(scientific.c_str() + e + 1);
  if (exponent < -4 || exponent >= significant) {
    std::string mantissa = scientific.substr(0, e);
    if (mantissa.find('.') != std::string::npos && !alternate) {
      mantissa.erase(mantissa.find_last_not_of('0') + 1);
      if (mantissa.back() == '.') mantissa.pop_back();
    }
    if (alternate && mantissa.find('.') == std::string::npos) mantissa += '.';
    return mantissa + scientific.substr(e);
  }
  out = write(std::chars_format::fixed, significant - 1 - exponent);
  if (out.find('.') != std::string::npos && !alternate) {
    out.erase(out.find_last_not_of('0') + 1);
    if (out.back() == '.') out.pop_back();
  }
  if (alternate && out.find('.') == std::string::npos) out += '.';
  return out;
}

bool is_float_type(uint32_t t) {
  return t == 0 || t == 'e' || t == 'E' || t == 'f' || t == 'F' || t == 'g' || t == 'G' || t == 'n' ||
         t == '%';
}

// The text of a float's magnitude for a specification that was checked; upper case where the type asks.
std::string float_digits(double magnitude, const Spec& s, bool in_complex) {
  char kind = static_cast<char>(s.type);
  int64_t precision = s.precision;
  const bool upper = kind == 'E' || kind == 'F' || kind == 'G';
  if (upper) kind = static_cast<char>(kind | 0x20);
  bool add_point = false;
  std::string text;
  if (kind == '%') {
    text = digits_of(magnitude * 100, 'f', precision < 0 ? 6 : precision, s.alternate);
    return text + "%";
  }
  if (kind == 0) {
    if (precision < 0) {
      text = digits_of(magnitude, 'r', 0, s.alternate);
      if (in_complex && text.size() > 2 && text.compare(text.size() - 2, 2, ".0") == 0)
        text.resize(text.size() - 2);
      if (s.alternate && std::isfinite(magnitude) && text.find('.') == std::string::npos) {
        const size_t e = text.find('e');
        text.insert(e == std::string::npos ? text.size() : e, ".");
      }
      return text;
    }
    // As g, but that one digit stands behind the point, and scientific one digit earlier.
    kind = 'g';
    add_point = !in_complex;
  }
  if (kind == 'n') kind = 'g';
  text = digits_of(magnitude, kind, precision < 0 ? 6 : precision, s.alternate);
  if (add_point && std::isfinite(magnitude)) {
    const int significant = static_cast<int>(std::max<int64_t>(precision, 1));
    if (text.back() == '.') text.pop_back();  // alternate, without a digit behind the point
    if (text.find_first_of("e.") == std::string::npos) {
      // A whole number with as many digits as the precision has no room for ".0".
      if (static_cast<int>(text.size()) < significant) {
        text += ".0";
      } else {
        std::vector<char> buffer(static_cast<size_t>(significant) + 64);
        char* end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), magnitude,
                                  std::chars_format::scientific, significant - 1)
                        .ptr;
        const std::string scientific(buffer.data(), end);
        const size_t at = scientific.find('e');
        std::string mantissa = scientific.substr(0, at);
        if (mantissa.find('.') != std::string::npos && !s.alternate) {
          mantissa.erase(mantissa.find_last_not_of('0') + 1);
          if (mantissa.back() == '.') mantissa.pop_back();
        }
        if (s.alternate && mantissa.find('.') == std::string::npos) mantissa += '.';
        text = mantissa + scientific.substr(at);
      }
    }
  }
  if (upper)
    for (char& c : text) c = static_cast<char>(c >= 'a' && c <= 'z' ? c - 32 : c);
  return text;
}

// Splits a float's text before what follows its whole part.
Text* finish_float(const Spec& s, bool negative, const std::string& text, bool finite) {
  size_t whole = 0;
  while (whole < text.size() && text[whole] >= '0' && text[whole] <= '9') ++whole;
  if (!finite) whole = 0;
  return lay_out(s, sign_of(s, negative), "", std::string_view(text).substr(0, whole),
                 std::string_view(text).substr(whole), finite);
}

bool rounds_to_zero(const std::string& text) {
  for (const char c : text) {
    if (c == 'e' || c == 'E') break;
    if (c >= '1' && c <= '9') return false;
  }
  return true;
}

}  // namespace
}  // namespace cantil::device_runtime

using namespace cantil::device_runtime;

extern "C" {

cantil_rt_owner* cantil_rt_format_error(void) { return utf8_text(failure != nullptr ? *failure : ""); }

cantil_rt_owner* cantil_rt_format_float(double v, const Text* spec) {
  Spec s;
  if (!parse(spec, s, '>', "float")) return nullptr;
  if (!is_float_type(s.type)) return unknown_code(s.type, "float");
  if (s.precision > INT32_MAX) return fail("precision too big");
  bool negative = std::signbit(v) && !std::isnan(v);
  const std::string text = float_digits(std::fabs(v), s, false);
  if (s.no_negative_zero && negative && std::isfinite(v) && rounds_to_zero(text)) negative = false;
  return finish_float(s, negative, text, std::isfinite(v));
}

cantil_rt_owner* cantil_rt_format_int(uint64_t magnitude, bool negative, const Text* spec) {
  Spec s;
  if (length_of(spec) == 0) {
    const std::string text = (negative ? "-" : "") + std::to_string(magnitude);
    return ascii_text(text);
  }
  if (!parse(spec, s, '>', "int", 'd')) return nullptr;
  switch (s.type) {
    case 'e':
    case 'E':
    case 'f':
    case 'F':
    case 'g':
    case 'G':
    case '%': {
      const double v = static_cast<double>(magnitude);
      if (s.precision > INT32_MAX) return fail("precision too big");
      const std::string text = float_digits(v, s, false);
      if (s.no_negative_zero && negative && rounds_to_zero(text)) negative = false;
      return finish_float(s, negative, text, true);
    }
    case 0:
    case 'b':
    case 'c':
    case 'd':
    case 'o':
    case 'x':
    case 'X':
    case 'n':
      break;
    default:
      return unknown_code(s.type, "int");
  }
  if (s.precision >= 0) return fail("Precision not allowed in integer format specifier");
  if (s.no_negative_zero) return fail("Negative zero coercion (z) not allowed in integer format specifier");
  if (s.type == 'c') {
    if (s.sign_given) return fail("Sign not allowed with integer format specifier 'c'");
    if (s.alternate) return fail("Alternate form (#) not allowed with integer format specifier 'c'");
    if (negative || magnitude > 0x10FFFF) return fail("%c arg not in range(0x110000)");
    Text* c = char_text(static_cast<uint32_t>(magnitude));
    Text* r = pad(c, s, 0);
    cantil_rt_release(c);
    return r;
  }
  const int base = s.type == 'b' ? 2 : s.type == 'o' ? 8 : s.type == 'x' || s.type == 'X' ? 16 : 10;
  char buffer[72];
  std::string digits(buffer, std::to_chars(buffer, buffer + sizeof buffer, magnitude, base).ptr);
  if (s.type == 'X')
    for (char& c : digits) c = static_cast<char>(c >= 'a' && c <= 'z' ? c - 32 : c);
  std::string prefix;
  if (s.alternate && base != 10) prefix = std::string("0") + static_cast<char>(s.type);
  return lay_out(s, sign_of(s, negative), prefix, digits, "", true);
}

cantil_rt_owner* cantil_rt_format_text(const Text* t, const Text* spec) {
  if (length_of(spec) == 0) return retained(t);
  Spec s;
  if (!parse(spec, s, '<', "str", 's')) return nullptr;
  if (s.type != 0 && s.type != 's') return unknown_code(s.type, "str");
  if (s.sign_given)
    return fail(s.sign == ' ' ? "Space not allowed in string format specifier"
                              : "Sign not allowed in string format specifier");
  if (s.no_negative_zero) return fail("Negative zero coercion (z) not allowed in string format specifier");
  if (s.alternate) return fail("Alternate form (#) not allowed in string format specifier");
  if (s.grouping) return fail(std::string("Cannot specify '") + s.grouping + "' with 's'.");
  if (s.align == '=') return fail("'=' alignment not allowed in string format specifier");
  Text* body = s.precision >= 0 ? slice_text(t, 0, std::min(s.precision, length_of(t))) : retained(t);
  if (body == nullptr) return nullptr;
  Text* r = pad(body, s, 0);
  cantil_rt_release(body);
  return r;
}

cantil_rt_owner* cantil_rt_format_complex(double re, double im, const Text* spec) {
  Spec s;
  if (!parse(spec, s, '>', "complex")) return nullptr;
  if (!is_float_type(s.type) || s.type == '%') return unknown_code(s.type, "complex");
  if (s.fill == '0') return fail("Zero padding is not allowed in complex format specifier");
  if (s.align == '=') return fail("'=' alignment flag is not allowed in complex format specifier");
  Spec part = s;
  part.width = -1;
  const bool as_repr = s.type == 0;  // in parentheses, without a real part that is 0
  const bool skip_real = as_repr && re == 0 && !std::signbit(re);
  std::string body;
  auto add = [&](double v, const Spec& p) {
    const std::string text = float_digits(std::fabs(v), p, as_repr);
    bool negative = std::signbit(v) && !std::isnan(v);
    if (p.no_negative_zero && negative && rounds_to_zero(text) && std::isfinite(v)) negative = false;
    Text* t = finish_float(p, negative, text, std::isfinite(v));
    append_utf8(body, t);
    cantil_rt_release(t);
  };
  if (!skip_real) {
    add(re, part);
    part.sign = '+';
  }
  add(im, part);
  body += 'j';
  if (as_repr && !skip_real) body = "(" + body + ")";
  Text* t = utf8_text(body);
  if (t == nullptr) return nullptr;
  Text* r = pad(t, s, 0);
  cantil_rt_release(t);
  return r;
}

}  // extern "C"
