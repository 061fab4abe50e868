// Numbers as text and text as numbers.
#include <charconv>
#include <cmath>
#include <limits>

#include "device_runtime/number_text.h"
#include "device_runtime/text/functions.h"
#include "device_runtime/text/text.h"
#include "device_runtime/text/unicode.h"

namespace cantil::device_runtime {
namespace {

// The ASCII that numbers are read from: digits of all scripts become 0 to 9, white space becomes ' ',
// anything else that is not ASCII '?'. Without the white space around it.
std::string plain(const Text* t) {
  std::string out;
  out.reserve(static_cast<size_t>(length_of(t)));
  for (int64_t i = 0; i < length_of(t); ++i) {
    const uint32_t c = char_at(t, i);
    if (c < 127 && !(c >= 9 && c <= 13) && !(c >= 28 && c <= 31)) {
      out += static_cast<char>(c);
    } else if (is(c, kSpace)) {
      out += ' ';
    } else {
      const int8_t digit = record_of(c).decimal;
      out += digit >= 0 ? static_cast<char>('0' + digit) : '?';
    }
  }
  const size_t from = out.find_first_not_of(' ');
  if (from == std::string::npos) return "";
  return out.substr(from, out.find_last_not_of(' ') - from + 1);
}

int digit_of(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'z') return c - 'a' + 10;
  if (c >= 'A' && c <= 'Z') return c - 'A' + 10;
  return 99;
}

// Takes out underscores between digits; false where one stands elsewhere.
bool without_underscores(std::string& s) {
  if (s.find('_') == std::string::npos) return true;
  std::string out;
  for (size_t i = 0; i < s.size(); ++i) {
    if (s[i] != '_') {
      out += s[i];
      continue;
    }
    auto digit = [](char c) { return c >= '0' && c <= '9'; };
    if (i == 0 || i + 1 == s.size() || !digit(s[i - 1]) || !digit(s[i + 1])) return false;
  }
  s = out;
  return true;
}

bool iequals(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  for (size_t i = 0; i < a.size(); ++i)
    if ((a[i] | 0x20) != b[i]) return false;
  return true;
}

// The longest float at the beginning; how many characters it takes, 0 when there is none.
size_t read_float(std::string_view s, double& value) {
  size_t sign = !s.empty() && (s[0] == '+' || s[0] == '-');
  const bool negative = sign && s[0] == '-';
  std::string_view rest = s.substr(sign);
  for (std::string_view word : {"infinity", "inf", "nan"})
    if (iequals(rest.substr(0, word.size()), word)) {
      value = word == "nan" ? std::numeric_limits<double>::quiet_NaN() : HUGE_VAL;
      if (negative) value = -value;
      return sign + word.size();
    }
  size_t i = 0, digits = 0;
  while (i < rest.size() && rest[i] >= '0' && rest[i] <= '9') ++i, ++digits;
  if (i < rest.size() && rest[i] == '.') {
    ++i;
    while (i < rest.size() && rest[i] >= '0' && rest[i] <= '9') ++i, ++digits;
  }
  if (digits == 0) return 0;
  size_t end = i;
  if (i < rest.size() && (rest[i] == 'e' || rest[i] == 'E')) {
    size_t k = i + 1;
    if (k < rest.size() && (rest[k] == '+' || rest[k] == '-')) ++k;
    const size_t first = k;
    while (k < rest.size() && rest[k] >= '0' && rest[k] <= '9') ++k;
    if (k > first) end = k;
  }
  value = 0;
  const auto [at, error] = std::from_chars(rest.data(), rest.data() + end, value);
  if (error == std::errc::result_out_of_range) {
    // Too large or too small: which of both, the exponent of the first digit that counts says.
    const std::string copy(rest.substr(0, end));
    value = std::strtod(copy.c_str(), nullptr);
  }
  if (negative) value = -value;
  return sign + end;
}

template <class Integer>
Text* integer_text(Integer v) {
  char buffer[24];
  const auto end = std::to_chars(buffer, buffer + sizeof buffer, v).ptr;
  return ascii_text({buffer, static_cast<size_t>(end - buffer)});
}

void add_hex(TextBuilder& out, char letter, uint32_t c, int digits) {
  out.add('\\');
  out.add(static_cast<unsigned char>(letter));
  for (int k = digits; k-- > 0;) out.add(static_cast<unsigned char>("0123456789abcdef"[c >> (4 * k) & 15]));
}

}  // namespace
}  // namespace cantil::device_runtime

using namespace cantil::device_runtime;

extern "C" {

cantil_rt_owner* cantil_rt_text_of_int(int64_t v) { return integer_text(v); }
cantil_rt_owner* cantil_rt_text_of_uint(uint64_t v) { return integer_text(v); }

cantil_rt_owner* cantil_rt_text_of_float(double v) {
  std::string s;
  append_float(s, v);
  return ascii_text(s);
}
cantil_rt_owner* cantil_rt_text_of_float32(float v) {
  std::string s;
  append_float(s, v);
  return ascii_text(s);
}
cantil_rt_owner* cantil_rt_text_of_complex(double re, double im) {
  std::string s;
  append_complex(s, re, im);
  return ascii_text(s);
}
cantil_rt_owner* cantil_rt_text_of_complex64(float re, float im) {
  std::string s;
  append_complex(s, re, im);
  return ascii_text(s);
}

// hex(), oct(), bin(): with the prefix.
cantil_rt_owner* cantil_rt_text_in_base(uint64_t magnitude, bool negative, int64_t base) {
  char buffer[80];
  const auto end = std::to_chars(buffer, buffer + sizeof buffer, magnitude, static_cast<int>(base)).ptr;
  std::string s = negative ? "-" : "";
  s += base == 2 ? "0b" : base == 8 ? "0o" : "0x";
  s.append(buffer, end);
  return ascii_text(s);
}

cantil_rt_owner* cantil_rt_text_repr(const Text* t, bool ascii_only) {
  bool single = false, twice = false;
  for (int64_t i = 0; i < length_of(t); ++i) {
    single = single || char_at(t, i) == '\'';
    twice = twice || char_at(t, i) == '"';
  }
  const uint32_t quote = single && !twice ? '"' : '\'';
  TextBuilder out;
  out.add(quote);
  for (int64_t i = 0; i < length_of(t); ++i) {
    const uint32_t c = char_at(t, i);
    if (c == quote || c == '\\') {
      out.add('\\');
      out.add(c);
    } else if (c == '\n' || c == '\r' || c == '\t') {
      out.add('\\');
      out.add(c == '\n' ? 'n' : c == '\r' ? 'r' : 't');
    } else if (c < 32 || c == 127) {
      add_hex(out, 'x', c, 2);
    } else if (c < 127 || (!ascii_only && is(c, kPrintable))) {
      out.add(c);
    } else if (c < 0x100) {
      add_hex(out, 'x', c, 2);
    } else if (c < 0x10000) {
      add_hex(out, 'u', c, 4);
    } else {
      add_hex(out, 'U', c, 8);
    }
  }
  out.add(quote);
  return out.finish();
}

cantil_rt_owner* cantil_rt_bytes_repr(const Text* t) {
  const uint8_t* c = chars_of(t);
  const int64_t n = length_of(t);
  const bool single = n > 0 && std::memchr(c, '\'', static_cast<size_t>(n)) != nullptr;
  const bool twice = n > 0 && std::memchr(c, '"', static_cast<size_t>(n)) != nullptr;
  const uint32_t quote = single && !twice ? '"' : '\'';
  TextBuilder out;
  out.add('b');
  out.add(quote);
  for (int64_t i = 0; i < n; ++i) {
    if (c[i] == quote || c[i] == '\\') {
      out.add('\\');
      out.add(c[i]);
    } else if (c[i] == '\n' || c[i] == '\r' || c[i] == '\t') {
      out.add('\\');
      out.add(c[i] == '\n' ? 'n' : c[i] == '\r' ? 'r' : 't');
    } else if (c[i] < 32 || c[i] >= 127) {
      add_hex(out, 'x', c[i], 2);
    } else {
      out.add(c[i]);
    }
  }
  out.add(quote);
  return out.finish();
}

int64_t cantil_rt_text_to_int(const Text* t, int64_t base, int64_t* out) {
  std::string s = plain(t);
  size_t i = 0;
  const bool negative = !s.empty() && s[0] == '-';
  if (!s.empty() && (s[0] == '-' || s[0] == '+')) ++i;
  auto prefixed = [&](char letter) { return i + 1 < s.size() && s[i] == '0' && (s[i + 1] | 0x20) == letter; };
  bool underscore = false;  // may stand here
  const bool any_base = base == 0;
  if (base == 0) base = prefixed('x') ? 16 : prefixed('o') ? 8 : prefixed('b') ? 2 : 10;
  if ((base == 16 && prefixed('x')) || (base == 8 && prefixed('o')) || (base == 2 && prefixed('b'))) {
    i += 2;
    underscore = true;
  }
  const bool zero_first = any_base && base == 10 && i < s.size() && s[i] == '0';
  if (i >= s.size()) return 1;
  uint64_t v = 0;
  bool over = false, digit_before = underscore;
  for (; i < s.size(); ++i) {
    if (s[i] == '_') {
      if (!digit_before || i + 1 == s.size()) return 1;
      digit_before = false;
      continue;
    }
    const int d = digit_of(s[i]);
    if (d >= base) return 1;
    digit_before = true;
    over = over || __builtin_mul_overflow(v, static_cast<uint64_t>(base), &v) ||
           __builtin_add_overflow(v, static_cast<uint64_t>(d), &v);
  }
  if (!digit_before) return 1;
  if (zero_first && (v != 0 || over)) return 1;  // 010 is no number in base 0
  if (over || v > (negative ? uint64_t{1} << 63 : static_cast<uint64_t>(INT64_MAX))) return 2;
  *out = static_cast<int64_t>(negative ? 0 - v : v);
  return 0;
}

int64_t cantil_rt_text_to_float(const Text* t, double* out) {
  std::string s = plain(t);
  if (!without_underscores(s)) return 1;
  const size_t used = read_float(s, *out);
  return used == 0 || used != s.size();
}

int64_t cantil_rt_text_to_complex(const Text* t, double* out) {
  std::string s = plain(t);
  bool closed = true;
  if (!s.empty() && s[0] == '(') {
    closed = s.back() == ')';
    s = s.substr(1, s.size() - (closed ? 2 : 1));
    const size_t from = s.find_first_not_of(' ');
    s = from == std::string::npos ? "" : s.substr(from, s.find_last_not_of(' ') - from + 1);
  }
  if (!closed || !without_underscores(s) || s.empty()) return 1;
  auto is_j = [](char c) { return c == 'j' || c == 'J'; };
  double first = 0, second = 0;
  out[0] = out[1] = 0;
  size_t used = read_float(s, first);
  if (used == 0) {  // j, +j, -j
    const size_t sign = s[0] == '+' || s[0] == '-';
    out[1] = s[0] == '-' ? -1 : 1;
    return !(s.size() == sign + 1 && is_j(s[sign]));
  }
  if (used == s.size()) return out[0] = first, 0;
  if (is_j(s[used])) return out[1] = first, used + 1 != s.size();
  if (s[used] != '+' && s[used] != '-') return 1;
  const std::string_view rest = std::string_view(s).substr(used);
  used = read_float(rest, second);
  if (used == 0) {
    used = 1;
    second = rest[0] == '-' ? -1 : 1;
  }
  if (used + 1 != rest.size() || !is_j(rest[used])) return 1;
  out[0] = first;
  out[1] = second;
  return 0;
}

}  // extern "C"
