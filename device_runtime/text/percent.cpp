// The conversions of "…" % …: printf's, as Python has them.
#include <algorithm>
#include <charconv>
#include <cmath>

#include "device_runtime/text/functions.h"
#include "device_runtime/text/text.h"

using namespace cantil::device_runtime;

namespace {

constexpr int64_t kLeft = 1, kPlus = 2, kBlank = 4, kAlternate = 8, kZero = 16;

// Sign and prefix, then the digits, in a field; a negative width (from *) means left.
cantil_rt_owner* field(std::string head, std::string digits, int64_t flags, int64_t width, bool zeros) {
  if (width < 0) {
    flags |= kLeft;
    width = -width;
  }
  const auto missing = width - static_cast<int64_t>(head.size() + digits.size());
  if (missing > 0) {
    const auto n = static_cast<size_t>(missing);
    if (flags & kLeft)
      digits.append(n, ' ');
    else if (flags & kZero && zeros)
      digits.insert(0, n, '0');
    else
      head.insert(0, n, ' ');
  }
  return ascii_text(head + digits);
}

std::string sign(bool negative, int64_t flags) {
  return negative ? "-" : flags & kPlus ? "+" : flags & kBlank ? " " : "";
}

}  // namespace

extern "C" {

cantil_rt_owner* cantil_rt_percent_int(uint64_t magnitude, bool negative, int64_t flags, int64_t width,
                                       int64_t precision, int64_t code) {
  const int base = code == 'o' ? 8 : code == 'x' || code == 'X' ? 16 : 10;
  char buffer[72];
  std::string digits(buffer, std::to_chars(buffer, buffer + sizeof buffer, magnitude, base).ptr);
  if (code == 'X')
    std::transform(digits.begin(), digits.end(), digits.begin(),
                   [](char c) { return static_cast<char>(c >= 'a' ? c - 32 : c); });
  if (precision > static_cast<int64_t>(digits.size()))
    digits.insert(0, static_cast<size_t>(precision) - digits.size(), '0');
  std::string head = sign(negative, flags);
  if (flags & kAlternate && base != 10) head += std::string("0") + static_cast<char>(code);
  return field(std::move(head), std::move(digits), flags, width, true);
}

cantil_rt_owner* cantil_rt_percent_float(double v, int64_t flags, int64_t width, int64_t precision,
                                         int64_t code) {
  std::string spec = flags & kAlternate ? "#." : ".";
  spec += std::to_string(precision < 0 ? 6 : precision);
  spec += static_cast<char>(code);
  Text* how = ascii_text(spec);
  Text* made = cantil_rt_format_float(std::fabs(v), how);
  std::string digits;
  append_utf8(digits, made);
  cantil_rt_release(how);
  cantil_rt_release(made);
  return field(sign(std::signbit(v) && !std::isnan(v), flags), std::move(digits), flags, width, true);
}

cantil_rt_owner* cantil_rt_percent_text(const Text* t, int64_t flags, int64_t width, int64_t precision) {
  if (width < 0) {
    flags |= kLeft;
    width = -width;
  }
  Text* part = precision >= 0 && precision < length_of(t) ? slice_text(t, 0, precision) : retained(t);
  const int64_t missing = std::max<int64_t>(width - length_of(part), 0);
  Text* r =
      flags & kLeft ? cantil_rt_text_pad(part, 0, missing, ' ') : cantil_rt_text_pad(part, missing, 0, ' ');
  cantil_rt_release(part);
  return r;
}

}  // extern "C"
