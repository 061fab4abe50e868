// libdevice's integer functions on the host.
#include <algorithm>
#include <bit>
#include <cstdint>

#include "device_runtime/libdevice_table.h"

namespace cantil::device_runtime {
namespace {

__extension__ typedef __int128 Wide;
__extension__ typedef unsigned __int128 UnsignedWide;

uint64_t reversed(uint64_t x) {
  uint64_t out = 0;
  for (int k = 0; k < 64; ++k) out |= (x >> k & 1) << (63 - k);
  return out;
}

// Bytes chosen from eight by the digits of `selector`; a digit's top bit spreads the chosen byte's sign.
uint32_t byte_perm(uint32_t x, uint32_t y, uint32_t selector) {
  const uint64_t all = uint64_t{y} << 32 | x;
  uint32_t out = 0;
  for (int k = 0; k < 4; ++k) {
    const uint32_t digit = selector >> 4 * k & 15;
    uint32_t byte = static_cast<uint32_t>(all >> 8 * (digit & 7)) & 255;
    if (digit & 8) byte = byte & 128 ? 255 : 0;
    out |= byte << 8 * k;
  }
  return out;
}

int32_t low24(int32_t x) { return static_cast<int32_t>(static_cast<uint32_t>(x) << 8) >> 8; }

}  // namespace

std::span<const LibdeviceEntry> libdevice_integers() {
  using i = int32_t;
  using u = uint32_t;
  using l = int64_t;
  using ul = uint64_t;
  static const LibdeviceEntry table[] = {
      NV(abs, u, (i x), { return x < 0 ? 0 - static_cast<u>(x) : static_cast<u>(x); }),
      NV(llabs, ul, (l x), { return x < 0 ? 0 - static_cast<ul>(x) : static_cast<ul>(x); }),
      NV(brev, u, (u x), { return static_cast<u>(reversed(x) >> 32); }),
      NV(brevll, ul, (ul x), { return reversed(x); }),
      NV(clz, i, (u x), { return std::countl_zero(x); }),
      NV(clzll, i, (ul x), { return std::countl_zero(x); }),
      NV(popc, i, (u x), { return std::popcount(x); }),
      NV(popcll, i, (ul x), { return std::popcount(x); }),
      NV(ffs, i, (u x), { return x ? std::countr_zero(x) + 1 : 0; }),
      NV(ffsll, i, (ul x), { return x ? std::countr_zero(x) + 1 : 0; }),
      NV(byte_perm, u, (u x, u y, u selector), { return byte_perm(x, y, selector); }),
      NV(max, i, (i x, i y), { return std::max(x, y); }),
      NV(min, i, (i x, i y), { return std::min(x, y); }),
      NV(umax, u, (u x, u y), { return std::max(x, y); }),
      NV(umin, u, (u x, u y), { return std::min(x, y); }),
      NV(llmax, l, (l x, l y), { return std::max(x, y); }),
      NV(llmin, l, (l x, l y), { return std::min(x, y); }),
      NV(ullmax, ul, (ul x, ul y), { return std::max(x, y); }),
      NV(ullmin, ul, (ul x, ul y), { return std::min(x, y); }),
      NV(mul24, u, (i x, i y), { return static_cast<u>(l{low24(x)} * low24(y)); }),
      NV(umul24, u, (u x, u y), { return static_cast<u>(ul{x & 0xFFFFFF} * (y & 0xFFFFFF)); }),
      NV(mulhi, i, (i x, i y), { return static_cast<i>(l{x} * y >> 32); }),
      NV(umulhi, u, (u x, u y), { return static_cast<u>(ul{x} * y >> 32); }),
      NV(mul64hi, l, (l x, l y), { return static_cast<l>(Wide{x} * y >> 64); }),
      NV(umul64hi, ul, (ul x, ul y), { return static_cast<ul>(UnsignedWide{x} * y >> 64); }),
      NV(hadd, i, (i x, i y), { return static_cast<i>((l{x} + y) >> 1); }),
      NV(rhadd, i, (i x, i y), { return static_cast<i>((l{x} + y + 1) >> 1); }),
      NV(uhadd, u, (u x, u y), { return static_cast<u>((ul{x} + y) >> 1); }),
      NV(urhadd, u, (u x, u y), { return static_cast<u>((ul{x} + y + 1) >> 1); }),
      NV(sad, u, (i x, i y, u z), { return z + static_cast<u>(x > y ? l{x} - y : l{y} - x); }),
      NV(usad, u, (u x, u y, u z), { return z + (x > y ? x - y : y - x); }),
  };
  return table;
}

}  // namespace cantil::device_runtime
