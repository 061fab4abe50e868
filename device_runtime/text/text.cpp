// Making, joining, cutting and comparing texts.
#include "device_runtime/text/text.h"

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <mutex>
#include <string>
#include <unordered_map>

#include "device_runtime/text/functions.h"

namespace cantil::device_runtime {
namespace {

// Blocks that live as long as the process; no part of what leak checks count. Copies of their references are
// counted like all others, from far above 0.
constexpr int64_t kForever = int64_t{1} << 40;

Text* new_forever(int64_t length, int kind) {
  auto* t = static_cast<Text*>(
      std::aligned_alloc(64, static_cast<size_t>((CANTIL_RT_HEADER + length * kind + 63) / 64 * 64)));
  if (t == nullptr) std::abort();
  t->count = kForever;
  t->data = reinterpret_cast<char*>(t) + CANTIL_RT_HEADER;
  t->size = length * kind;
  t->destroy = [](Text*) {};
  t->payload = nullptr;
  describe(t, length, kind);
  return t;
}

struct Shared {
  Text* empty;
  Text* chars[256];
  std::mutex mutex;
  std::unordered_map<std::string, Text*> texts, bytes;

  Shared() {
    empty = new_forever(0, 1);
    empty->owners[kHashWord] = 0;
    for (int c = 0; c < 256; ++c) {
      chars[c] = new_forever(1, 1);
      static_cast<uint8_t*>(chars[c]->data)[0] = static_cast<uint8_t>(c);
    }
  }
};

Shared& shared() {
  static auto* s = new Shared;  // never destroyed: texts outlive static destruction
  return *s;
}

int64_t fnv(const void* bytes, int64_t size) {  // without a Python
  uint64_t h = 0xCBF29CE484222325;
  for (int64_t i = 0; i < size; ++i) h = (h ^ static_cast<const uint8_t*>(bytes)[i]) * 0x100000001B3;
  return static_cast<int64_t>(h) == -1 ? -2 : static_cast<int64_t>(h);
}
std::atomic<int64_t (*)(const void*, int64_t)> hash_function{fnv};

template <class Char>
uint32_t max_of(const Char* chars, int64_t count) {
  uint32_t all = 0;  // which bits occur is all that kinds depend on
  for (int64_t i = 0; i < count; ++i) all |= chars[i];
  return all;
}

template <class To, class From>
void copy(To* to, const From* from, int64_t count) {
  if constexpr (sizeof(To) == sizeof(From)) {
    if (count > 0) std::memcpy(to, from, static_cast<size_t>(count) * sizeof(To));
  } else {
    for (int64_t i = 0; i < count; ++i) to[i] = static_cast<To>(from[i]);
  }
}

// ---- Rows that grow: a block whose owners[0] says how many bytes are taken.

void destroy_sharing(Text* t) {
  auto* row = static_cast<cantil_rt_owner*>(t->payload);
  t->destroy = row->destroy;  // of plain blocks
  t->payload = nullptr;
  t->size = 0;
  cantil_rt_release(row);
  t->destroy(t);
}

Text* new_sharing(cantil_rt_owner* row, void* chars, int64_t length, int kind) {
  Text* t = cantil_rt_alloc(0);
  if (t == nullptr) {
    cantil_rt_release(row);
    return nullptr;
  }
  t->data = chars;
  t->payload = row;
  t->destroy = destroy_sharing;
  describe(t, length, kind);
  return t;
}

constexpr int64_t kWorthGrowing = 192;  // bytes; below, a copy costs no more

}  // namespace

Text* retained(const Text* t) {
  cantil_rt_retain(const_cast<Text*>(t));
  return const_cast<Text*>(t);
}

Text* empty_text() { return retained(shared().empty); }

Text* char_text(uint32_t c) {
  if (c < 256) return retained(shared().chars[c]);
  Text* t = new_text(1, kind_for(c));
  if (c < 0x10000)
    static_cast<uint16_t*>(t->data)[0] = static_cast<uint16_t>(c);
  else
    static_cast<uint32_t*>(t->data)[0] = c;
  return t;
}

Text* new_text(int64_t length, int kind) {
  if (length > INT64_MAX / 8) return nullptr;
  Text* t = cantil_rt_alloc_packed(length * kind);
  if (t == nullptr) {
    if (length < 4096) std::abort();  // nothing could be reported either
    return nullptr;
  }
  describe(t, length, kind);
  return t;
}

uint32_t max_char(const Text* t, int64_t from, int64_t count) {
  return with_chars(t, [&](auto* chars) { return max_of(chars + from, count); });
}

void copy_chars(void* to, int to_kind, int64_t at, const Text* from, int64_t first, int64_t count) {
  with_chars(from, [&](auto* chars) {
    switch (to_kind) {
      case 1:
        return copy(static_cast<uint8_t*>(to) + at, chars + first, count);
      case 2:
        return copy(static_cast<uint16_t*>(to) + at, chars + first, count);
      default:
        return copy(static_cast<uint32_t*>(to) + at, chars + first, count);
    }
  });
}

Text* latin1_text(std::string_view s) {
  if (s.empty()) return empty_text();
  if (s.size() == 1) return char_text(static_cast<unsigned char>(s[0]));
  Text* t = new_text(static_cast<int64_t>(s.size()), 1);
  if (t != nullptr) std::memcpy(t->data, s.data(), s.size());
  return t;
}
Text* ascii_text(std::string_view s) { return latin1_text(s); }

Text* slice_text(const Text* t, int64_t from, int64_t count) {
  if (count <= 0) return empty_text();
  if (count == length_of(t)) return retained(t);
  if (count == 1) return char_text(char_at(t, from));
  const int kind = kind_of(t) == 1 ? 1 : kind_for(max_char(t, from, count));
  Text* r = new_text(count, kind);
  if (r != nullptr) copy_chars(r->data, kind, 0, t, from, count);
  return r;
}

void TextBuilder::add(const Text* t, int64_t from, int64_t count) {
  with_chars(t, [&](auto* chars) {
    chars_.insert(chars_.end(), chars + from, chars + from + count);
    seen_ |= max_of(chars + from, count);
  });
}

Text* TextBuilder::finish() const {
  if (chars_.empty()) return empty_text();
  if (chars_.size() == 1) return char_text(chars_[0]);
  const int kind = kind_for(seen_);
  Text* r = new_text(length(), kind);
  if (r == nullptr) return nullptr;
  if (kind == 1)
    copy(static_cast<uint8_t*>(r->data), chars_.data(), length());
  else if (kind == 2)
    copy(static_cast<uint16_t*>(r->data), chars_.data(), length());
  else
    copy(static_cast<uint32_t*>(r->data), chars_.data(), length());
  return r;
}

Text* utf8_text(std::string_view utf8) {
  if (std::none_of(utf8.begin(), utf8.end(), [](char c) { return c & 0x80; })) return ascii_text(utf8);
  TextBuilder out;
  for (size_t i = 0; i < utf8.size();) {
    const auto c = static_cast<unsigned char>(utf8[i]);
    const size_t more = c < 0x80 ? 0 : c < 0xE0 ? 1 : c < 0xF0 ? 2 : 3;
    uint32_t v = more == 0 ? c : c & (0x3Fu >> more);
    for (size_t k = 1; k <= more && i + k < utf8.size(); ++k)
      v = v << 6 | (static_cast<unsigned char>(utf8[i + k]) & 0x3F);
    out.add(v);
    i += 1 + more;
  }
  return out.finish();
}

void append_utf8(std::string& out, uint32_t c) {
  if (c < 0x80) {
    out += static_cast<char>(c);
  } else if (c < 0x800) {
    out += static_cast<char>(0xC0 | c >> 6);
    out += static_cast<char>(0x80 | (c & 0x3F));
  } else if (c < 0x10000) {
    out += static_cast<char>(0xE0 | c >> 12);
    out += static_cast<char>(0x80 | (c >> 6 & 0x3F));
    out += static_cast<char>(0x80 | (c & 0x3F));
  } else {
    out += static_cast<char>(0xF0 | c >> 18);
    out += static_cast<char>(0x80 | (c >> 12 & 0x3F));
    out += static_cast<char>(0x80 | (c >> 6 & 0x3F));
    out += static_cast<char>(0x80 | (c & 0x3F));
  }
}

void append_utf8(std::string& out, const Text* t) {
  if (kind_of(t) == 1 && max_char(t, 0, length_of(t)) < 0x80) {
    out.append(chars_of<char>(t), static_cast<size_t>(length_of(t)));
    return;
  }
  for (int64_t i = 0; i < length_of(t); ++i) append_utf8(out, char_at(t, i));
}

// ir/object_types.cpp's fields of "list".
struct ListObject {
  int64_t size, capacity;
  cantil_rt_owner* items;
};

cantil_rt_owner* text_list(std::vector<Text*>& items) {
  const auto n = static_cast<int64_t>(items.size());
  cantil_rt_owner* list = cantil_rt_alloc_counted(sizeof(ListObject), sizeof(ListObject), 1 << 2, 0, 0);
  cantil_rt_owner* row = list != nullptr ? cantil_rt_alloc_counted(n * 8, 8, 1, 0, 0) : nullptr;
  if (row == nullptr) {
    for (Text* t : items) cantil_rt_release(t);
    cantil_rt_release(list);
    return nullptr;
  }
  if (n > 0) std::memcpy(row->data, items.data(), items.size() * sizeof(Text*));
  *static_cast<ListObject*>(list->data) = {n, n, row};
  return list;
}

TextRow row_of(const cantil_rt_owner* list) {
  const auto* l = static_cast<const ListObject*>(list->data);
  return {l->items != nullptr ? static_cast<Text* const*>(l->items->data) : nullptr, l->size};
}

void set_hash_function(int64_t (*hash)(const void*, int64_t)) { hash_function.store(hash); }

}  // namespace cantil::device_runtime

using namespace cantil::device_runtime;

extern "C" {

cantil_rt_owner* cantil_rt_text_constant(const char* data, int64_t size, int32_t is_text) {
  Shared& s = shared();
  const std::string key(data, static_cast<size_t>(size));
  std::lock_guard lock(s.mutex);
  Text*& t = (is_text ? s.texts : s.bytes)[key];
  if (t != nullptr) return t;
  Text* made = is_text ? utf8_text(key) : latin1_text(key);
  if (made == nullptr) std::abort();
  if (made->count >= kForever) return t = made;
  t = new_forever(length_of(made), kind_of(made));
  if (bytes_of(made) > 0) std::memcpy(t->data, made->data, static_cast<size_t>(bytes_of(made)));
  cantil_rt_release(made);
  return t;
}

cantil_rt_owner* cantil_rt_text_char(const Text* t, int64_t i) { return char_text(char_at(t, i)); }
cantil_rt_owner* cantil_rt_text_chr(int64_t c) { return char_text(static_cast<uint32_t>(c)); }
int64_t cantil_rt_text_ord(const Text* t, int64_t i) { return char_at(t, i); }

bool cantil_rt_text_equal(const Text* a, const Text* b) {
  if (a == b) return true;
  return length_of(a) == length_of(b) && kind_of(a) == kind_of(b) &&
         std::memcmp(a->data, b->data, static_cast<size_t>(bytes_of(a))) == 0;
}

int64_t cantil_rt_text_compare(const Text* a, const Text* b) {
  if (a == b) return 0;
  const int64_t n = std::min(length_of(a), length_of(b));
  const int64_t order = with_chars(a, [&](auto* x) {
    return with_chars(b, [&](auto* y) -> int64_t {
      if constexpr (sizeof(*x) == 1 && sizeof(*y) == 1) {
        return n > 0 ? std::memcmp(x, y, static_cast<size_t>(n)) : 0;
      } else {
        for (int64_t i = 0; i < n; ++i)
          if (x[i] != y[i]) return x[i] < y[i] ? -1 : 1;
        return 0;
      }
    });
  });
  if (order != 0) return order < 0 ? -1 : 1;
  return length_of(a) < length_of(b) ? -1 : length_of(a) > length_of(b);
}

int64_t cantil_rt_text_hash(Text* t) {
  std::atomic_ref<uint64_t> known(t->owners[kHashWord]);
  const auto h = static_cast<int64_t>(known.load(std::memory_order_relaxed));
  if (h != -1) return h;
  const int64_t made =
      length_of(t) == 0 ? 0 : hash_function.load(std::memory_order_relaxed)(t->data, bytes_of(t));
  known.store(static_cast<uint64_t>(made), std::memory_order_relaxed);
  return made;
}

cantil_rt_owner* cantil_rt_text_concat(const Text* a, const Text* b) {
  const int64_t n = length_of(a), m = length_of(b);
  if (m == 0) return retained(a);
  if (n == 0) return retained(b);
  const int kind = std::max(kind_of(a), kind_of(b));
  Text* r = new_text(n + m, kind);
  if (r == nullptr) return nullptr;
  copy_chars(r->data, kind, 0, a, 0, n);
  copy_chars(r->data, kind, n, b, 0, m);
  return r;
}

// a + b where b is short, as in a += b. The characters behind those of `a` are free for the first who takes
// them; texts that end before do not see them.
cantil_rt_owner* cantil_rt_text_append(const Text* a, const Text* b) {
  const int64_t n = length_of(a), m = length_of(b);
  const int kind = std::max(kind_of(a), kind_of(b));
  if (m == 0 || n == 0 || (n + m) * kind < kWorthGrowing) return cantil_rt_text_concat(a, b);
  if (a->destroy == destroy_sharing && kind == kind_of(a)) {
    auto* row = static_cast<cantil_rt_owner*>(a->payload);
    uint64_t end = static_cast<uint64_t>(static_cast<char*>(a->data) - static_cast<char*>(row->data)) +
                   static_cast<uint64_t>(n * kind);
    const uint64_t after = end + static_cast<uint64_t>(m * kind);
    if (after <= static_cast<uint64_t>(row->size) &&
        std::atomic_ref<uint64_t>(row->owners[0]).compare_exchange_strong(end, after)) {
      copy_chars(a->data, kind, n, b, 0, m);
      cantil_rt_retain(row);
      return new_sharing(row, a->data, n + m, kind);
    }
  }
  if (m > n / 4) return cantil_rt_text_concat(a, b);
  cantil_rt_owner* row = cantil_rt_alloc((n + m + (n + m) / 2) * kind);
  if (row == nullptr) return nullptr;
  row->owners[0] = static_cast<uint64_t>((n + m) * kind);
  copy_chars(row->data, kind, 0, a, 0, n);
  copy_chars(row->data, kind, n, b, 0, m);
  return new_sharing(row, row->data, n + m, kind);
}

cantil_rt_owner* cantil_rt_text_repeat(const Text* t, int64_t times) {
  const int64_t n = length_of(t);
  if (times <= 0 || n == 0) return empty_text();
  if (times == 1) return retained(t);
  int64_t total = 0;
  if (__builtin_mul_overflow(n, times, &total)) return nullptr;
  Text* r = new_text(total, kind_of(t));
  if (r == nullptr) return nullptr;
  const auto unit = static_cast<size_t>(bytes_of(t)), whole = unit * static_cast<size_t>(times);
  auto* to = static_cast<char*>(r->data);
  if (unit == 1) {
    std::memset(to, chars_of(t)[0], whole);
    return r;
  }
  std::memcpy(to, t->data, unit);
  for (size_t done = unit; done < whole; done *= 2) std::memcpy(to + done, to, std::min(done, whole - done));
  return r;
}

// `count` characters from `start` on, `step` apart; all in range.
cantil_rt_owner* cantil_rt_text_slice(const Text* t, int64_t start, int64_t step, int64_t count) {
  if (step == 1) return slice_text(t, start, count);
  if (count <= 0) return empty_text();
  if (kind_of(t) == 1) {
    if (count == 1) return char_text(char_at(t, start));
    Text* r = new_text(count, 1);
    if (r == nullptr) return nullptr;
    for (int64_t i = 0; i < count; ++i) static_cast<uint8_t*>(r->data)[i] = chars_of(t)[start + i * step];
    return r;
  }
  TextBuilder out;
  for (int64_t i = 0; i < count; ++i) out.add(char_at(t, start + i * step));
  return out.finish();
}

cantil_rt_owner* cantil_rt_text_join(const Text* separator, const cantil_rt_owner* list) {
  const auto [items, size] = row_of(list);
  if (size == 0) return empty_text();
  if (size == 1) return retained(items[0]);
  int64_t total = length_of(separator) * (size - 1);
  int kind = length_of(separator) > 0 ? kind_of(separator) : 1;
  for (int64_t i = 0; i < size; ++i) {
    total += length_of(items[i]);
    kind = std::max(kind, kind_of(items[i]));
  }
  if (total == 0) return empty_text();
  Text* r = new_text(total, kind);
  if (r == nullptr) return nullptr;
  int64_t at = 0;
  for (int64_t i = 0; i < size; ++i) {
    if (i > 0) {
      copy_chars(r->data, kind, at, separator, 0, length_of(separator));
      at += length_of(separator);
    }
    copy_chars(r->data, kind, at, items[i], 0, length_of(items[i]));
    at += length_of(items[i]);
  }
  return r;
}

}  // extern "C"
