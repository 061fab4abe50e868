// What cantil_rt_block::scheduler points to: the part of a simulated block's surroundings that generated code
// reaches.
#pragma once
#include <cstdint>

#include "device_runtime/abi.h"

namespace cantil::device_runtime {

// A buffer that a worker uses again for each of its blocks; 128-byte aligned, contents undefined.
class Scratch {
 public:
  Scratch() = default;
  ~Scratch();
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  // Grows when needed, dropping the contents. Null when out of memory.
  unsigned char* at_least(int64_t bytes) noexcept;

 private:
  unsigned char* data_ = nullptr;
  int64_t size_ = 0;
};

struct BlockScheduler {
  Scratch scratch;
  // Set in fiber mode.
  void (*barrier)(BlockScheduler* self) = nullptr;
  uint64_t (*collective)(BlockScheduler* self, int32_t what, uint32_t mask, uint64_t value,
                         int32_t lane) = nullptr;
};

// One warp's part of an operation: `here` are the lanes that take part now, element k is lane k's. Writes the
// results of those lanes.
void warp_collective(int32_t what, uint32_t here, const uint32_t (&masks)[32], const int32_t* lanes,
                     const uint64_t* values, uint64_t* results) noexcept;

// The block that runs on this thread, for cantil_rt_barrier(nullptr).
void set_running_block(cantil_rt_block* block) noexcept;

}  // namespace cantil::device_runtime
