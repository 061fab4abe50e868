// What Unicode says of a character, as the Python that this was built for says it.
#pragma once
#include <cstdint>

namespace cantil::device_runtime {

enum CharacterFlag : uint16_t {
  kAlpha = 1 << 0,
  kDecimal = 1 << 1,
  kDigit = 1 << 2,
  kNumeric = 1 << 3,
  kLower = 1 << 4,
  kUpper = 1 << 5,
  kTitle = 1 << 6,
  kSpace = 1 << 7,
  kPrintable = 1 << 8,
  kIdentifierStart = 1 << 9,
  kIdentifier = 1 << 10,
  kCased = 1 << 11,
  kCaseIgnorable = 1 << 12,
  kLineBreak = 1 << 13,
};

struct CharacterRecord {
  uint16_t flags;
  int8_t decimal;  // the digit's value, or -1
  // What the character becomes: a distance where it is one character, else -1 - the index of a row in
  // kExpansions with `is_expanded`'s bit set (1 lower, 2 upper, 4 title, 8 folded).
  uint8_t is_expanded;
  int32_t lower, upper, title, folded;
};

const CharacterRecord& record_of(uint32_t c);
inline bool is(uint32_t c, uint16_t flags) { return (record_of(c).flags & flags) != 0; }

enum class Mapping { Lower = 0, Upper = 1, Title = 2, Fold = 3 };
// Writes what `c` becomes; returns how many characters that is (1 to 3).
int map_character(uint32_t c, Mapping mapping, uint32_t out[3]);

}  // namespace cantil::device_runtime
