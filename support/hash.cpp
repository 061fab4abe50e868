// Content hash: two multiply-fold lanes over 64-bit words (the folding step is wyhash's, public domain idea).
#include "support/hash.h"

#include <cstring>

namespace cantil {
namespace {

uint64_t fold(uint64_t x, uint64_t y) {
  unsigned __int128 p = static_cast<unsigned __int128>(x) * y;
  return static_cast<uint64_t>(p) ^ static_cast<uint64_t>(p >> 64);
}

}  // namespace

void Hasher::mix(uint64_t word) {
  uint64_t a = fold(a_ ^ word, 0xA0761D6478BD642Full ^ b_);
  b_ = fold(b_ ^ word ^ 0xE7037ED1A0B428DBull, 0x8EBC6AF09C88C6E3ull ^ a_);
  a_ = a + word;
}

Hasher& Hasher::bytes(const void* data, size_t size) {
  const char* p = static_cast<const char*>(data);
  length_ += size;
  for (; size >= 8; p += 8, size -= 8) {
    uint64_t w;
    std::memcpy(&w, p, 8);
    mix(w);
  }
  if (size) {
    uint64_t w = 0;
    std::memcpy(&w, p, size);
    mix(w ^ (static_cast<uint64_t>(size) << 56));
  }
  return *this;
}

Hasher& Hasher::u64(uint64_t v) {
  length_ += 8;
  mix(v);
  return *this;
}

uint64_t Hasher::value() const { return fold(a_ ^ length_, b_ ^ 0x589965CC75374CC3ull); }

std::string Hasher::hex() const {
  uint64_t words[2] = {value(), fold(b_ ^ 0x1D8E4E27C47D124Full, a_ ^ (length_ * 0x9E3779B97F4A7C15ull))};
  static const char* digits = "0123456789abcdef";
  std::string out;
  for (uint64_t w : words)
    for (int i = 60; i >= 0; i -= 4) out += digits[(w >> i) & 15];
  return out;
}

}  // namespace cantil
