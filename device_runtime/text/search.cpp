// Finding, replacing, splitting and stripping.
#include <algorithm>

#include "device_runtime/text/functions.h"
#include "device_runtime/text/text.h"
#include "device_runtime/text/unicode.h"

namespace cantil::device_runtime {
namespace {

// As Python takes the bounds of a slice.
void adjust(int64_t& start, int64_t& end, int64_t length) {
  if (end > length) end = length;
  if (end < 0) end = std::max<int64_t>(end + length, 0);
  if (start < 0) start = std::max<int64_t>(start + length, 0);
}

// The needle in the haystack's kind; what is wider than that is in no such text.
class Needle {
 public:
  Needle(const Text* hay, const Text* sub) : length(length_of(sub)) {
    const int kind = kind_of(hay);
    possible = kind_of(sub) <= kind;
    if (!possible) return;
    if (kind_of(sub) == kind) {
      chars = sub->data;
    } else {
      wide_.resize(static_cast<size_t>(length * kind));
      copy_chars(wide_.data(), kind, 0, sub, 0, length);
      chars = wide_.data();
    }
  }
  template <class Char>
  const Char* as() const {
    return static_cast<const Char*>(chars);
  }
  int64_t length;
  bool possible = false;
  const void* chars = nullptr;

 private:
  std::string wide_;
};

template <class Char>
const Char* find_char(const Char* from, const Char* end, Char c) {
  if constexpr (sizeof(Char) == 1) {
    const void* at = std::memchr(from, c, static_cast<size_t>(end - from));
    return at != nullptr ? static_cast<const Char*>(at) : end;
  } else {
    // Sixteen at a time, which the compiler makes vectors of.
    for (; end - from >= 16; from += 16) {
      bool any = false;
      for (int i = 0; i < 16; ++i) any |= from[i] == c;
      if (any) break;
    }
    while (from < end && *from != c) ++from;
    return from;
  }
}

// libc's memmem is two-way search: linear whatever the texts are. In wider characters a hit between two of
// them is none.
template <class Char>
const Char* find_in(const Char* from, const Char* end, const Char* sub, int64_t m) {
  if (end - from < m) return end;
  if (m == 0) return from;
  if (m == 1) return find_char(from, end, sub[0]);
  if constexpr (sizeof(Char) == 1) {
    const void* at = memmem(from, static_cast<size_t>(end - from), sub, static_cast<size_t>(m));
    return at != nullptr ? static_cast<const Char*>(at) : end;
  } else {
    const auto* base = reinterpret_cast<const char*>(from);
    const auto* stop = reinterpret_cast<const char*>(end);
    const char* at = base;
    while (at < stop) {
      at = static_cast<const char*>(
          memmem(at, static_cast<size_t>(stop - at), sub, static_cast<size_t>(m) * sizeof(Char)));
      if (at == nullptr) return end;
      if ((at - base) % static_cast<int64_t>(sizeof(Char)) == 0) return reinterpret_cast<const Char*>(at);
      ++at;
    }
    return end;
  }
}

template <class Char>
const Char* rfind_in(const Char* from, const Char* end, const Char* sub, int64_t m) {
  if (end - from < m) return nullptr;
  if (m == 0) return end;
  const Char last = sub[m - 1];
  for (const Char* at = end - 1; at >= from + m - 1; --at) {
    if constexpr (sizeof(Char) == 1) {
      at =
          static_cast<const Char*>(memrchr(from + m - 1, last, static_cast<size_t>(at - (from + m - 1) + 1)));
      if (at == nullptr) return nullptr;
    } else {
      if (*at != last) continue;
    }
    if (std::memcmp(at - m + 1, sub, static_cast<size_t>(m) * sizeof(Char)) == 0) return at - m + 1;
  }
  return nullptr;
}

template <class Char>
int64_t count_char(const Char* from, const Char* end, Char c) {
  return std::count(from, end, c);
}

template <class Char>
int64_t count_in(const Char* from, const Char* end, const Char* sub, int64_t m, int64_t most) {
  if (m == 1 && most == INT64_MAX) return count_char(from, end, sub[0]);
  int64_t n = 0;
  while (n < most && (from = find_in(from, end, sub, m)) != end) {
    ++n;
    from += m;
  }
  return n;
}

bool is_ascii_space(uint32_t c) { return c == ' ' || (c >= 9 && c <= 13); }
bool is_space(uint32_t c, bool ascii) {
  if (c < 128) return ascii ? is_ascii_space(c) : is_ascii_space(c) || (c >= 28 && c <= 31);
  return !ascii && is(c, kSpace);
}

template <class Char>
bool matches_at(const Text* t, const Needle& sub, int64_t at) {
  return std::memcmp(chars_of<Char>(t) + at, sub.as<Char>(),
                     static_cast<size_t>(sub.length) * sizeof(Char)) == 0;
}

bool matches_at(const Text* t, const Needle& sub, int64_t at) {
  return with_chars(t, [&](auto* chars) {
    return matches_at<std::remove_cv_t<std::remove_pointer_t<decltype(chars)>>>(t, sub, at);
  });
}

}  // namespace
}  // namespace cantil::device_runtime

using namespace cantil::device_runtime;

extern "C" {

int64_t cantil_rt_text_find(const Text* t, const Text* s, int64_t start, int64_t end) {
  adjust(start, end, length_of(t));
  if (end - start < length_of(s)) return -1;
  const Needle sub(t, s);
  if (!sub.possible) return -1;
  return with_chars(t, [&](auto* chars) -> int64_t {
    using Char = std::remove_cv_t<std::remove_pointer_t<decltype(chars)>>;
    if (sub.length == 0) return start;
    const Char* at = find_in(chars + start, chars + end, sub.as<Char>(), sub.length);
    return at == chars + end ? -1 : at - chars;
  });
}

int64_t cantil_rt_text_rfind(const Text* t, const Text* s, int64_t start, int64_t end) {
  adjust(start, end, length_of(t));
  if (end - start < length_of(s)) return -1;
  const Needle sub(t, s);
  if (!sub.possible) return -1;
  return with_chars(t, [&](auto* chars) -> int64_t {
    using Char = std::remove_cv_t<std::remove_pointer_t<decltype(chars)>>;
    const Char* at = rfind_in(chars + start, chars + end, sub.as<Char>(), sub.length);
    return at == nullptr ? -1 : at - chars;
  });
}

int64_t cantil_rt_text_count(const Text* t, const Text* s, int64_t start, int64_t end) {
  adjust(start, end, length_of(t));
  if (end - start < length_of(s)) return 0;
  if (length_of(s) == 0) return end - start + 1;
  const Needle sub(t, s);
  if (!sub.possible) return 0;
  return with_chars(t, [&](auto* chars) -> int64_t {
    using Char = std::remove_cv_t<std::remove_pointer_t<decltype(chars)>>;
    return count_in(chars + start, chars + end, sub.as<Char>(), sub.length, INT64_MAX);
  });
}

bool cantil_rt_text_starts(const Text* t, const Text* s, int64_t start, int64_t end) {
  adjust(start, end, length_of(t));
  if (end - start < length_of(s)) return false;
  const Needle sub(t, s);
  return sub.possible && matches_at(t, sub, start);
}

bool cantil_rt_text_ends(const Text* t, const Text* s, int64_t start, int64_t end) {
  adjust(start, end, length_of(t));
  if (end - start < length_of(s)) return false;
  const Needle sub(t, s);
  return sub.possible && matches_at(t, sub, end - sub.length);
}

cantil_rt_owner* cantil_rt_text_replace(const Text* t, const Text* old, const Text* by, int64_t count) {
  const int64_t n = length_of(t), m = length_of(old), k = length_of(by);
  if (count < 0) count = INT64_MAX;
  if (count == 0 || (n == 0 && m > 0) || (n < m)) return retained(t);
  if (cantil_rt_text_equal(old, by)) return retained(t);
  const Needle sub(t, old);
  if (!sub.possible) return retained(t);
  const int64_t hits = m == 0 ? std::min(count, n + 1) : with_chars(t, [&](auto* chars) -> int64_t {
    using Char = std::remove_cv_t<std::remove_pointer_t<decltype(chars)>>;
    return count_in(chars, chars + n, sub.as<Char>(), m, count);
  });
  if (hits == 0) return retained(t);
  int64_t added = 0, total = 0;
  if (__builtin_mul_overflow(hits, k - m, &added) || __builtin_add_overflow(n, added, &total)) return nullptr;
  if (total == 0) return empty_text();
  // What goes may have been what was wide.
  const int kind = std::max(kind_of(t), k > 0 ? kind_of(by) : 1);
  Text* r = new_text(total, kind);
  if (r == nullptr) return nullptr;
  with_chars(t, [&](auto* chars) {
    using Char = std::remove_cv_t<std::remove_pointer_t<decltype(chars)>>;
    int64_t at = 0, to = 0;
    auto put = [&](const Text* from, int64_t first, int64_t number) {
      copy_chars(r->data, kind, to, from, first, number);
      to += number;
    };
    for (int64_t i = 0; i < hits; ++i) {
      if (m == 0) {
        put(by, 0, k);
        if (at < n) put(t, at++, 1);
        continue;
      }
      const int64_t found = find_in(chars + at, chars + n, sub.as<Char>(), m) - chars;
      put(t, at, found - at);
      put(by, 0, k);
      at = found + m;
    }
    put(t, at, n - at);
  });
  if (kind > 1 && kind == kind_of(t) && kind_of(old) == kind && kind_for(max_char(r, 0, total)) < kind) {
    TextBuilder narrow;
    narrow.add(r);
    cantil_rt_release(r);
    return narrow.finish();
  }
  return r;
}

cantil_rt_owner* cantil_rt_text_split(const Text* t, const Text* s, int64_t most) {
  if (most < 0) most = INT64_MAX;
  std::vector<Text*> out;
  const Needle sub(t, s);
  const int64_t n = length_of(t);
  int64_t from = 0;
  if (sub.possible)
    with_chars(t, [&](auto* chars) {
      using Char = std::remove_cv_t<std::remove_pointer_t<decltype(chars)>>;
      while (static_cast<int64_t>(out.size()) < most) {
        const Char* at = find_in(chars + from, chars + n, sub.as<Char>(), sub.length);
        if (at == chars + n) break;
        out.push_back(slice_text(t, from, at - chars - from));
        from = at - chars + sub.length;
      }
    });
  out.push_back(slice_text(t, from, n - from));
  return text_list(out);
}

cantil_rt_owner* cantil_rt_text_rsplit(const Text* t, const Text* s, int64_t most) {
  if (most < 0) most = INT64_MAX;
  std::vector<Text*> out;
  const Needle sub(t, s);
  int64_t end = length_of(t);
  if (sub.possible)
    with_chars(t, [&](auto* chars) {
      using Char = std::remove_cv_t<std::remove_pointer_t<decltype(chars)>>;
      while (static_cast<int64_t>(out.size()) < most) {
        const Char* at = rfind_in(chars, chars + end, sub.as<Char>(), sub.length);
        if (at == nullptr) break;
        const int64_t behind = at - chars + sub.length;
        out.push_back(slice_text(t, behind, end - behind));
        end = at - chars;
      }
    });
  out.push_back(slice_text(t, 0, end));
  std::reverse(out.begin(), out.end());
  return text_list(out);
}

cantil_rt_owner* cantil_rt_text_split_space(const Text* t, int64_t most, bool ascii) {
  if (most < 0) most = INT64_MAX;
  std::vector<Text*> out;
  const int64_t n = length_of(t);
  with_chars(t, [&](auto* c) {
    int64_t i = 0;
    while (true) {
      while (i < n && is_space(c[i], ascii)) ++i;
      if (i >= n) return;
      const int64_t from = i;
      if (static_cast<int64_t>(out.size()) >= most) {
        out.push_back(slice_text(t, from, n - from));  // with the white space at its end
        return;
      }
      while (i < n && !is_space(c[i], ascii)) ++i;
      out.push_back(slice_text(t, from, i - from));
    }
  });
  return text_list(out);
}

cantil_rt_owner* cantil_rt_text_rsplit_space(const Text* t, int64_t most, bool ascii) {
  if (most < 0) most = INT64_MAX;
  std::vector<Text*> out;
  with_chars(t, [&](auto* c) {
    int64_t i = length_of(t);
    while (true) {
      while (i > 0 && is_space(c[i - 1], ascii)) --i;
      if (i <= 0) return;
      const int64_t end = i;
      if (static_cast<int64_t>(out.size()) >= most) {
        out.push_back(slice_text(t, 0, end));
        return;
      }
      while (i > 0 && !is_space(c[i - 1], ascii)) --i;
      out.push_back(slice_text(t, i, end - i));
    }
  });
  std::reverse(out.begin(), out.end());
  return text_list(out);
}

cantil_rt_owner* cantil_rt_text_splitlines(const Text* t, bool keep_ends, bool ascii) {
  std::vector<Text*> out;
  const int64_t n = length_of(t);
  with_chars(t, [&](auto* c) {
    auto ends = [&](uint32_t x) {
      if (ascii) return x == '\n' || x == '\r';
      return x < 128 ? (x >= 10 && x <= 13) || (x >= 28 && x <= 30) : is(x, kLineBreak);
    };
    for (int64_t i = 0; i < n;) {
      const int64_t from = i;
      while (i < n && !ends(c[i])) ++i;
      int64_t end = i;
      if (i < n) {
        i += c[i] == '\r' && i + 1 < n && c[i + 1] == '\n' ? 2 : 1;
        if (keep_ends) end = i;
      }
      out.push_back(slice_text(t, from, end - from));
    }
  });
  return text_list(out);
}

cantil_rt_owner* cantil_rt_text_strip_space(const Text* t, int64_t sides, bool ascii) {
  int64_t from = 0, end = length_of(t);
  with_chars(t, [&](auto* c) {
    if (sides & 1)
      while (from < end && is_space(c[from], ascii)) ++from;
    if (sides & 2)
      while (end > from && is_space(c[end - 1], ascii)) --end;
  });
  return slice_text(t, from, end - from);
}

cantil_rt_owner* cantil_rt_text_strip(const Text* t, const Text* chars, int64_t sides) {
  int64_t from = 0, end = length_of(t);
  auto goes = [&](uint32_t c) {
    return with_chars(chars, [&](auto* set) {
      return std::find(set, set + length_of(chars), c) != set + length_of(chars);
    });
  };
  with_chars(t, [&](auto* c) {
    if (sides & 1)
      while (from < end && goes(c[from])) ++from;
    if (sides & 2)
      while (end > from && goes(c[end - 1])) --end;
  });
  return slice_text(t, from, end - from);
}

cantil_rt_owner* cantil_rt_text_pad(const Text* t, int64_t left, int64_t right, int64_t fill) {
  left = std::max<int64_t>(left, 0);
  right = std::max<int64_t>(right, 0);
  if (left == 0 && right == 0) return retained(t);
  const int64_t n = length_of(t);
  int64_t total = 0;
  if (__builtin_add_overflow(n + left, right, &total)) return nullptr;
  const auto c = static_cast<uint32_t>(fill);
  const int kind = std::max(kind_of(t), kind_for(c));
  Text* r = new_text(total, kind);
  if (r == nullptr) return nullptr;
  auto put = [&](auto* to) {
    std::fill(to, to + left, static_cast<std::remove_pointer_t<decltype(to)>>(c));
    std::fill(to + left + n, to + total, static_cast<std::remove_pointer_t<decltype(to)>>(c));
  };
  if (kind == 1) put(static_cast<uint8_t*>(r->data));
  if (kind == 2) put(static_cast<uint16_t*>(r->data));
  if (kind == 4) put(static_cast<uint32_t*>(r->data));
  copy_chars(r->data, kind, left, t, 0, n);
  return r;
}

cantil_rt_owner* cantil_rt_text_zfill(const Text* t, int64_t width) {
  const int64_t n = length_of(t);
  if (n >= width) return retained(t);
  Text* r = cantil_rt_text_pad(t, width - n, 0, '0');
  if (r == nullptr || n == 0) return r;
  const uint32_t sign = char_at(t, 0);
  if (sign != '+' && sign != '-') return r;
  auto swap = [&](auto* c) { std::swap(c[0], c[width - n]); };
  if (kind_of(r) == 1) swap(static_cast<uint8_t*>(r->data));
  if (kind_of(r) == 2) swap(static_cast<uint16_t*>(r->data));
  if (kind_of(r) == 4) swap(static_cast<uint32_t*>(r->data));
  return r;
}

cantil_rt_owner* cantil_rt_text_expandtabs(const Text* t, int64_t size) {
  TextBuilder out;
  int64_t column = 0;
  for (int64_t i = 0; i < length_of(t); ++i) {
    const uint32_t c = char_at(t, i);
    if (c == '\t') {
      if (size > 0) {
        const int64_t spaces = size - column % size;
        column += spaces;
        for (int64_t k = 0; k < spaces; ++k) out.add(' ');
      }
      continue;
    }
    ++column;
    out.add(c);
    if (c == '\n' || c == '\r') column = 0;
  }
  return out.finish();
}

}  // extern "C"
