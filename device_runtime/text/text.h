// str and bytes of compiled code: immutable, counted, with CPython's representation of characters.
//
// A text is a block (abi.h) whose header says it all; `data` points at the characters, each of 1, 2 or 4
// bytes, and of no more than the widest one needs, so that equal texts have equal bytes. The characters lie
// behind the header, in a row that several texts share (the header's payload owns it: what += makes), or in a
// Python object (python/bindings/texts.cpp).
#pragma once
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "device_runtime/abi.h"

namespace cantil::device_runtime {

using Text = cantil_rt_owner;

// As cantil_rt_alloc, but no larger than it must be and aligned to 16 bytes only: for many small texts.
extern "C" cantil_rt_owner* cantil_rt_alloc_packed(int64_t bytes);

// Places in the header. Generated code reads them too (owner.word, stdlib/strings.py).
constexpr int kLengthWord = 0;  // owners[0], byte 40: characters
constexpr int kHashWord = 1;    // owners[1], byte 48: hash(), or -1 when it has not been asked for
constexpr int kKindWord = 2;    // owners[2], byte 56: bytes a character

inline int64_t length_of(const Text* t) { return static_cast<int64_t>(t->owners[kLengthWord]); }
inline int kind_of(const Text* t) { return static_cast<int>(t->owners[kKindWord]); }
inline int64_t bytes_of(const Text* t) { return length_of(t) * kind_of(t); }
template <class Char = uint8_t>
const Char* chars_of(const Text* t) {
  return static_cast<const Char*>(t->data);
}

inline void describe(Text* t, int64_t length, int kind) {
  t->owners[kLengthWord] = static_cast<uint64_t>(length);
  t->owners[kHashWord] = ~uint64_t{0};
  t->owners[kKindWord] = static_cast<uint64_t>(kind);
}

// A new text (+1) whose characters are still to be written; null when out of memory. The kind must be the one
// that the widest character needs.
Text* new_text(int64_t length, int kind);

// Calls `f` with a pointer to the characters as what they are.
template <class F>
decltype(auto) with_chars(const Text* t, F&& f) {
  switch (kind_of(t)) {
    case 1:
      return f(chars_of<uint8_t>(t));
    case 2:
      return f(chars_of<uint16_t>(t));
    default:
      return f(chars_of<uint32_t>(t));
  }
}

inline uint32_t char_at(const Text* t, int64_t i) {
  switch (kind_of(t)) {
    case 1:
      return chars_of<uint8_t>(t)[i];
    case 2:
      return chars_of<uint16_t>(t)[i];
    default:
      return chars_of<uint32_t>(t)[i];
  }
}

inline int kind_for(uint32_t c) { return c < 0x100 ? 1 : c < 0x10000 ? 2 : 4; }
uint32_t max_char(const Text* t, int64_t from, int64_t count);
// Copies characters into a row of the same or a wider kind.
void copy_chars(void* to, int to_kind, int64_t at, const Text* from, int64_t first, int64_t count);

// Shared ones, with a reference for the caller.
Text* empty_text();
Text* char_text(uint32_t c);
Text* retained(const Text* t);

Text* ascii_text(std::string_view s);
Text* latin1_text(std::string_view s);
Text* slice_text(const Text* t, int64_t from, int64_t count);

// Characters put together one after another; finish() narrows them to the kind they need.
class TextBuilder {
 public:
  void add(uint32_t c) {
    chars_.push_back(c);
    seen_ |= c;
  }
  void add(const Text* t) { add(t, 0, length_of(t)); }
  void add(const Text* t, int64_t from, int64_t count);
  void add(std::string_view ascii) {
    for (const char c : ascii) add(static_cast<unsigned char>(c));
  }
  int64_t length() const { return static_cast<int64_t>(chars_.size()); }
  Text* finish() const;

 private:
  std::vector<uint32_t> chars_;
  uint32_t seen_ = 0;
};

// Text in UTF-8 (lone surrogates as three bytes, as "surrogatepass" has them).
Text* utf8_text(std::string_view utf8);
void append_utf8(std::string& out, const Text* t);
void append_utf8(std::string& out, uint32_t c);

// A new list object of these texts, whose references it takes over.
cantil_rt_owner* text_list(std::vector<Text*>& items);
// The items of a list of texts, borrowed.
struct TextRow {
  Text* const* items;
  int64_t size;
};
TextRow row_of(const cantil_rt_owner* list);

// hash() of bytes as this process's Python has it; set by the bindings.
void set_hash_function(int64_t (*hash)(const void* bytes, int64_t size));

}  // namespace cantil::device_runtime
