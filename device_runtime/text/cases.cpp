// Upper and lower case, and what kinds of characters a text is made of.
#include "device_runtime/text/functions.h"
#include "device_runtime/text/text.h"
#include "device_runtime/text/unicode.h"

namespace cantil::device_runtime {
namespace {

// stdlib/strings.py and stdlib/bytes.py count in these.
enum Case { kToLower, kToUpper, kToTitle, kToCapital, kSwap, kFold };
enum Test {
  kIsAlnum,
  kIsAlpha,
  kIsAscii,
  kIsDecimal,
  kIsDigit,
  kIsIdentifier,
  kIsLower,
  kIsNumeric,
  kIsPrintable,
  kIsSpace,
  kIsTitle,
  kIsUpper
};

bool lower_letter(uint32_t c) { return c >= 'a' && c <= 'z'; }
bool upper_letter(uint32_t c) { return c >= 'A' && c <= 'Z'; }

constexpr uint32_t kSigma = 0x3A3, kSmallSigma = 0x3C3, kFinalSigma = 0x3C2;

// A sigma is a final one behind a cased character with none following, both past what is ignored.
uint32_t lower_sigma(const Text* t, int64_t at) {
  int64_t i = at - 1;
  while (i >= 0 && is(char_at(t, i), kCaseIgnorable)) --i;
  if (i < 0 || !is(char_at(t, i), kCased)) return kSmallSigma;
  i = at + 1;
  while (i < length_of(t) && is(char_at(t, i), kCaseIgnorable)) ++i;
  return i < length_of(t) && is(char_at(t, i), kCased) ? kSmallSigma : kFinalSigma;
}

void map(TextBuilder& out, const Text* t, int64_t i, Mapping mapping) {
  const uint32_t c = char_at(t, i);
  if (c == kSigma && mapping == Mapping::Lower) return out.add(lower_sigma(t, i));
  uint32_t to[3];
  const int n = map_character(c, mapping, to);
  for (int k = 0; k < n; ++k) out.add(to[k]);
}

Text* ascii_case(const Text* t, Case which) {
  const int64_t n = length_of(t);
  if (n == 0) return empty_text();
  Text* r = new_text(n, 1);
  if (r == nullptr) return nullptr;
  const uint8_t* c = chars_of(t);
  auto* to = static_cast<uint8_t*>(r->data);
  auto lower = [](uint8_t x) { return static_cast<uint8_t>(upper_letter(x) ? x + 32 : x); };
  auto upper = [](uint8_t x) { return static_cast<uint8_t>(lower_letter(x) ? x - 32 : x); };
  bool in_word = false;
  switch (which) {
    case kToLower:
    case kFold:
      for (int64_t i = 0; i < n; ++i) to[i] = lower(c[i]);
      break;
    case kToUpper:
      for (int64_t i = 0; i < n; ++i) to[i] = upper(c[i]);
      break;
    case kSwap:
      for (int64_t i = 0; i < n; ++i) to[i] = upper_letter(c[i]) ? lower(c[i]) : upper(c[i]);
      break;
    case kToCapital:
      for (int64_t i = 0; i < n; ++i) to[i] = i == 0 ? upper(c[i]) : lower(c[i]);
      break;
    case kToTitle:
      for (int64_t i = 0; i < n; ++i) {
        to[i] = in_word ? lower(c[i]) : upper(c[i]);
        in_word = lower_letter(c[i]) || upper_letter(c[i]);
      }
      break;
  }
  return r;
}

bool is_ascii(const Text* t) { return kind_of(t) == 1 && max_char(t, 0, length_of(t)) < 128; }

// Some cased characters, and all of one case (words, for titles).
bool cased(const Text* t, Test which, bool ascii) {
  bool any = false, in_word = false;
  for (int64_t i = 0; i < length_of(t); ++i) {
    const uint32_t c = char_at(t, i);
    const bool lower = ascii ? lower_letter(c) : is(c, kLower);
    const bool upper = ascii ? upper_letter(c) : is(c, kUpper);
    const bool title = !ascii && is(c, kTitle);
    if (which == kIsTitle) {
      if (upper || title) {
        if (in_word) return false;
        in_word = any = true;
      } else if (lower) {
        if (!in_word) return false;
        any = true;
      } else {
        in_word = false;
      }
      continue;
    }
    if (title || (which == kIsLower ? upper : lower)) return false;
    any = any || (which == kIsLower ? lower : upper);
  }
  return any;
}

}  // namespace
}  // namespace cantil::device_runtime

using namespace cantil::device_runtime;

extern "C" {

cantil_rt_owner* cantil_rt_text_case(const Text* t, int64_t which, bool ascii) {
  if (ascii || is_ascii(t)) return ascii_case(t, static_cast<Case>(which));
  TextBuilder out;
  const int64_t n = length_of(t);
  bool in_word = false;
  for (int64_t i = 0; i < n; ++i) {
    switch (which) {
      case kToLower:
        map(out, t, i, Mapping::Lower);
        break;
      case kToUpper:
        map(out, t, i, Mapping::Upper);
        break;
      case kFold:
        map(out, t, i, Mapping::Fold);
        break;
      case kToCapital:
        map(out, t, i, i == 0 ? Mapping::Title : Mapping::Lower);
        break;
      case kToTitle:
        map(out, t, i, in_word ? Mapping::Lower : Mapping::Title);
        in_word = is(char_at(t, i), kCased);
        break;
      default: {
        const uint32_t c = char_at(t, i);
        if (is(c, kUpper))
          map(out, t, i, Mapping::Lower);
        else if (is(c, kLower))
          map(out, t, i, Mapping::Upper);
        else
          out.add(c);
      }
    }
  }
  return out.finish();
}

bool cantil_rt_text_is(const Text* t, int64_t which, bool ascii) {
  const int64_t n = length_of(t);
  auto all = [&](auto test) {
    for (int64_t i = 0; i < n; ++i)
      if (!test(char_at(t, i))) return false;
    return n > 0;
  };
  auto digit = [](uint32_t c) { return c >= '0' && c <= '9'; };
  auto letter = [](uint32_t c) { return lower_letter(c) || upper_letter(c); };
  switch (which) {
    case kIsAlnum:
      return ascii ? all([&](uint32_t c) { return digit(c) || letter(c); })
                   : all([](uint32_t c) { return is(c, kAlpha | kDecimal | kDigit | kNumeric); });
    case kIsAlpha:
      return ascii ? all(letter) : all([](uint32_t c) { return is(c, kAlpha); });
    case kIsAscii:
      return is_ascii(t);
    case kIsDecimal:
      return all([](uint32_t c) { return is(c, kDecimal); });
    case kIsDigit:
      return ascii ? all(digit) : all([](uint32_t c) { return is(c, kDigit); });
    case kIsIdentifier:
      return n > 0 && (is(char_at(t, 0), kIdentifierStart)) &&
             all([](uint32_t c) { return is(c, kIdentifier); });
    case kIsNumeric:
      return all([](uint32_t c) { return is(c, kNumeric); });
    case kIsPrintable:
      return n == 0 || all([](uint32_t c) { return is(c, kPrintable); });
    case kIsSpace:
      return ascii ? all([](uint32_t c) { return c == ' ' || (c >= 9 && c <= 13); })
                   : all([](uint32_t c) { return is(c, kSpace); });
    default:
      return cased(t, static_cast<Test>(which), ascii);
  }
}

int64_t cantil_rt_text_digit(const Text* t, int64_t index) { return record_of(char_at(t, index)).decimal; }

}  // extern "C"
