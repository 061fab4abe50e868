// A stable 128-bit content hash for cache keys: the same on every machine and in every process.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

namespace cantil {

// Streaming hash. Integers are hashed by value in little-endian order; strings with their length, so that
// neighbouring fields cannot run into each other.
class Hasher {
 public:
  Hasher& bytes(const void* data, size_t size);
  Hasher& u64(uint64_t v);
  Hasher& str(std::string_view s) { return u64(s.size()).bytes(s.data(), s.size()); }
  std::string hex() const;  // 32 hexadecimal digits
  uint64_t value() const;   // 64 of the bits

 private:
  void mix(uint64_t word);
  uint64_t a_ = 0x9E3779B97F4A7C15ull;
  uint64_t b_ = 0xC2B2AE3D27D4EB4Full;
  uint64_t length_ = 0;
};

}  // namespace cantil
