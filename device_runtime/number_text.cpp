// Numbers as Python and NumPy write them: std::to_chars finds the digits, the layout is done here.
#include "device_runtime/number_text.h"

#include <charconv>
#include <cmath>
#include <string_view>

namespace cantil::device_runtime {
namespace {

// Shortest digits and the decimal exponent of the first one: 12.5 is "125", 1.
struct Digits {
  char text[32];
  int count = 0;
  int exponent = 0;
};

template <class Float>
Digits shortest_digits(Float magnitude) {
  char buffer[64];
  const auto end =
      std::to_chars(buffer, buffer + sizeof buffer, magnitude, std::chars_format::scientific).ptr;
  const std::string_view text(buffer, static_cast<size_t>(end - buffer));
  const size_t e = text.find('e');
  Digits d;
  for (const char c : text.substr(0, e)) {
    if (c != '.') d.text[d.count++] = c;
  }
  const size_t first = text[e + 1] == '+' ? e + 2 : e + 1;  // from_chars takes no plus sign
  std::from_chars(buffer + first, end, d.exponent);
  return d;
}

// `point`: whether a whole number ends in ".0" (floats do, the parts of a complex number do not).
template <class Float>
void append(std::string& out, Float v, bool point) {
  if (std::isnan(v)) {
    out += "nan";
    return;
  }
  if (std::signbit(v)) out += '-';
  if (std::isinf(v)) {
    out += "inf";
    return;
  }
  const Float magnitude = std::fabs(v);
  const Digits d = shortest_digits(magnitude);
  const std::string_view digits(d.text, static_cast<size_t>(d.count));
  // The limits are on the value itself: float32(1e-4) lies below 1e-4 and is written 1e-04. The upper one is
  // CPython's for float64 and NumPy's (10 to the digits that a float32 always holds) for float32.
  const double value = static_cast<double>(magnitude);
  constexpr double kUpper = sizeof(Float) == sizeof(double) ? 1e16 : 1e6;
  if (value == 0 || (value >= 1e-4 && value < kUpper)) {
    if (d.exponent < 0) {
      out += "0.";
      out.append(static_cast<size_t>(-d.exponent - 1), '0');
      out += digits;
    } else {
      const auto whole = static_cast<size_t>(d.exponent) + 1;
      if (digits.size() > whole) {
        out += digits.substr(0, whole);
        out += '.';
        out += digits.substr(whole);
      } else {
        out += digits;
        out.append(whole - digits.size(), '0');
        if (point) out += ".0";
      }
    }
    return;
  }
  out += digits[0];
  if (digits.size() > 1) {
    out += '.';
    out += digits.substr(1);
  }
  out += d.exponent < 0 ? "e-" : "e+";
  const int size = std::abs(d.exponent);
  if (size < 10) out += '0';
  out += std::to_string(size);
}

template <class Float>
void append_parts(std::string& out, Float re, Float im) {
  if (re == 0 && !std::signbit(re)) {
    append(out, im, false);
    out += 'j';
    return;
  }
  out += '(';
  append(out, re, false);
  if (std::isnan(im) || !std::signbit(im)) out += '+';
  append(out, im, false);
  out += "j)";
}

}  // namespace

void append_float(std::string& out, double v) { append(out, v, true); }
void append_float(std::string& out, float v) { append(out, v, true); }
void append_complex(std::string& out, double re, double im) { append_parts(out, re, im); }
void append_complex(std::string& out, float re, float im) { append_parts(out, re, im); }

}  // namespace cantil::device_runtime
