// Text to bytes and back: UTF-8, ASCII, Latin-1, with Python's error handlers.
#include <algorithm>

#include "device_runtime/text/functions.h"
#include "device_runtime/text/text.h"

namespace cantil::device_runtime {
namespace {

enum Encoding { kUtf8, kAscii, kLatin1 };
// stdlib/bytes.py has the same numbers.
enum Errors { kStrict, kIgnore, kReplace, kBackslash, kXml, kEscape, kPass };
enum Reason { kOrdinal, kSurrogate, kStart, kContinuation, kEnd };

bool is_surrogate(uint32_t c) { return c >= 0xD800 && c < 0xE000; }

void add_hex(std::string& out, uint32_t c, int digits) {
  for (int k = digits; k-- > 0;) out += "0123456789abcdef"[c >> (4 * k) & 15];
}

// What stands for a character that the encoding does not have; false where the handler has nothing for it.
bool replace(std::string& out, uint32_t c, int64_t errors, int64_t encoding) {
  switch (errors) {
    case kIgnore:
      return true;
    case kReplace:
      out += '?';
      return true;
    case kBackslash:
      out += c < 0x100 ? "\\x" : c < 0x10000 ? "\\u" : "\\U";
      add_hex(out, c, c < 0x100 ? 2 : c < 0x10000 ? 4 : 8);
      return true;
    case kXml:
      out += "&#" + std::to_string(c) + ";";
      return true;
    case kEscape:
      if (c < 0xDC80 || c > 0xDCFF) return false;
      out += static_cast<char>(c - 0xDC00);
      return true;
    case kPass:
      if (encoding != kUtf8 || !is_surrogate(c)) return false;
      append_utf8(out, c);
      return true;
    default:
      return false;
  }
}

}  // namespace
}  // namespace cantil::device_runtime

using namespace cantil::device_runtime;

extern "C" {

int64_t cantil_rt_encoding_number(const Text* name) {
  std::string n;
  for (int64_t i = 0; i < length_of(name); ++i) {
    const uint32_t c = char_at(name, i);
    if (c >= 128) return -1;
    if (c != '-' && c != '_' && c != ' ') n += static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
  }
  if (n == "utf8" || n == "u8" || n == "utf" || n == "cp65001") return kUtf8;
  if (n == "ascii" || n == "usascii" || n == "646") return kAscii;
  if (n == "latin1" || n == "latin" || n == "iso88591" || n == "l1" || n == "8859" || n == "cp819")
    return kLatin1;
  return -1;
}

cantil_rt_owner* cantil_rt_bytes_from(const void* data, int64_t size) {
  return latin1_text({static_cast<const char*>(data), static_cast<size_t>(size)});
}

// A block of its own, for its maker to write to.
cantil_rt_owner* cantil_rt_bytes_zeros(int64_t size) {
  Text* t = size < 0 ? nullptr : new_text(size, 1);
  if (t != nullptr && size > 0) std::memset(t->data, 0, static_cast<size_t>(size));
  return t;
}

cantil_rt_owner* cantil_rt_text_encode(const Text* t, int64_t encoding, int64_t errors, int64_t* at) {
  const int64_t n = length_of(t);
  const uint32_t limit = encoding == kAscii ? 128 : 256;
  // One byte a character is what it is in memory.
  if (kind_of(t) == 1 && (encoding == kLatin1 || max_char(t, 0, n) < 128)) return retained(t);
  std::string out;
  out.reserve(static_cast<size_t>(n + n / 4));
  auto fits = [&](uint32_t c) { return encoding == kUtf8 ? !is_surrogate(c) : c < limit; };
  for (int64_t i = 0; i < n; ++i) {
    const uint32_t c = char_at(t, i);
    if (fits(c)) {
      if (encoding == kUtf8)
        append_utf8(out, c);
      else
        out += static_cast<char>(c);
      continue;
    }
    if (replace(out, c, errors, encoding)) continue;
    int64_t end = i + 1;  // all that do not fit, for the message
    while (end < n && !fits(char_at(t, end))) ++end;
    at[0] = i;
    at[1] = end;
    at[2] = encoding == kUtf8 ? kSurrogate : kOrdinal;
    return nullptr;
  }
  return latin1_text(out);
}

cantil_rt_owner* cantil_rt_bytes_decode(const Text* bytes, int64_t encoding, int64_t errors, int64_t* at) {
  const int64_t n = length_of(bytes);
  const uint8_t* s = chars_of(bytes);
  if (encoding == kLatin1 || std::none_of(s, s + n, [](uint8_t c) { return c >= 128; }))
    return retained(bytes);
  TextBuilder out;
  auto continues = [&](int64_t i) { return (s[i] & 0xC0) == 0x80; };
  for (int64_t i = 0; i < n;) {
    const uint8_t c = s[i];
    if (c < 128) {
      out.add(c);
      ++i;
      continue;
    }
    int64_t bad = 1;  // bytes at fault
    Reason reason = kOrdinal;
    if (encoding == kUtf8) {
      const int more = c < 0xC2 ? 0 : c < 0xE0 ? 1 : c < 0xF0 ? 2 : c < 0xF5 ? 3 : 0;
      reason = more == 0 ? kStart : kContinuation;
      int got = 0;
      while (more > 0 && got < more) {
        const int64_t k = i + 1 + got;
        if (k >= n) {
          reason = kEnd;
          break;
        }
        bool good = continues(k);
        if (got == 0 && good) {
          if (c == 0xE0) good = s[k] >= 0xA0;
          if (c == 0xED && errors != kPass) good = s[k] < 0xA0;
          if (c == 0xF0) good = s[k] >= 0x90;
          if (c == 0xF4) good = s[k] < 0x90;
        }
        if (!good) break;
        ++got;
      }
      if (more > 0 && got == more) {
        uint32_t v = c & (0x3Fu >> more);
        for (int k = 1; k <= more; ++k) v = v << 6 | (s[i + k] & 0x3F);
        out.add(v);
        i += 1 + more;
        continue;
      }
      bad = 1 + got;
    }
    switch (errors) {
      case kIgnore:
        break;
      case kReplace:
        out.add(0xFFFD);
        break;
      case kBackslash:
        for (int64_t k = 0; k < bad; ++k) {
          std::string hex = "\\x";
          add_hex(hex, s[i + k], 2);
          out.add(hex);
        }
        break;
      case kEscape:
        for (int64_t k = 0; k < bad; ++k) out.add(0xDC00 + s[i + k]);
        break;
      default:
        at[0] = i;
        at[1] = i + bad;
        at[2] = reason;
        return nullptr;
    }
    i += bad;
  }
  return out.finish();
}

}  // extern "C"
