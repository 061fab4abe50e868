// Shuffles, votes and matches of simulated warps, and barriers that combine.
#include <bit>

#include "device_runtime/block.h"

namespace cantil::device_runtime {
namespace {

constexpr uint32_t kLanes = 32;

template <class Visit>
void for_each_lane(uint32_t lanes, const Visit& visit) {
  for (; lanes != 0; lanes &= lanes - 1) visit(static_cast<uint32_t>(std::countr_zero(lanes)));
}

// The lane that a shuffle reads; one outside the warp is 32 or more. As in PTX only five bits of a distance
// count.
uint32_t source_lane(int32_t what, uint32_t lane, int32_t operand) {
  const uint32_t n = static_cast<uint32_t>(operand) & 31;
  switch (what) {
    case CANTIL_RT_SHFL_UP:
      return lane - n;
    case CANTIL_RT_SHFL_DOWN:
      return lane + n;
    case CANTIL_RT_SHFL_XOR:
      return lane ^ n;
    default:
      return n;
  }
}

}  // namespace

void warp_collective(int32_t what, uint32_t here, const uint32_t (&masks)[32], const int32_t* lanes,
                     const uint64_t* values, uint64_t* results) noexcept {
  if (what <= CANTIL_RT_SHFL_XOR) {
    for_each_lane(here, [&](uint32_t k) {
      const uint32_t from = source_lane(what, k, lanes[k]);
      // What a lane gives that does not take part is undefined in CUDA; here the thread keeps its own value.
      const bool there = from < kLanes && (here & masks[k] & (1u << from)) != 0;
      results[k] = values[there ? from : k];
    });
    return;
  }
  if (what == CANTIL_RT_SYNC_WARP) return;
  if (what == CANTIL_RT_ACTIVE_MASK) {
    for_each_lane(here, [&](uint32_t k) { results[k] = here; });
    return;
  }
  uint32_t holds = 0;  // of votes
  for_each_lane(here, [&](uint32_t k) { holds |= (values[k] != 0 ? 1u : 0u) << k; });
  for_each_lane(here, [&](uint32_t k) {
    const uint32_t group = here & masks[k];
    switch (what) {
      case CANTIL_RT_ALL:
        results[k] = (holds & group) == group;
        break;
      case CANTIL_RT_ANY:
        results[k] = (holds & group) != 0;
        break;
      case CANTIL_RT_EQUAL:
        results[k] = (holds & group) == group || (holds & group) == 0;
        break;
      case CANTIL_RT_BALLOT:
        results[k] = holds & group;
        break;
      default: {  // the matches
        uint32_t same = 0;
        for_each_lane(group, [&](uint32_t j) { same |= (values[j] == values[k] ? 1u : 0u) << j; });
        results[k] = what == CANTIL_RT_MATCH_ANY || same == group ? same : 0;
        break;
      }
    }
  });
}

}  // namespace cantil::device_runtime

extern "C" int32_t cantil_rt_block_collective(cantil_rt_block* block, int32_t what, uint64_t* masks,
                                              const int32_t* lanes, const uint64_t* values,
                                              uint64_t* results) {
  const uint32_t* dim = block->block_dim;
  const uint32_t threads = dim[0] * dim[1] * dim[2];
  if (what >= CANTIL_RT_SYNC_COUNT) {
    int32_t here = 0, hold = 0;
    for (uint32_t k = 0; k < threads; ++k) {
      here += masks[k] != 0;
      hold += masks[k] != 0 && values[k] != 0;
      masks[k] = 0;
    }
    return what == CANTIL_RT_SYNC_COUNT ? hold : what == CANTIL_RT_SYNC_AND ? hold == here : hold != 0;
  }
  for (uint32_t first = 0; first < threads; first += 32) {
    uint32_t here = 0, of_lane[32] = {};
    for (uint32_t k = 0; k < 32 && first + k < threads; ++k) {
      here |= (masks[first + k] != 0 ? 1u : 0u) << k;
      of_lane[k] = static_cast<uint32_t>(masks[first + k]);
      masks[first + k] = 0;
    }
    if (here != 0)
      cantil::device_runtime::warp_collective(what, here, of_lane, lanes + first, values + first,
                                              results + first);
  }
  return 0;
}
