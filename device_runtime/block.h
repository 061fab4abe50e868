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
  bool contains(uint64_t address) const {
    return address - reinterpret_cast<uint64_t>(data_) < static_cast<uint64_t>(size_);
  }

 private:
  unsigned char* data_ = nullptr;
  int64_t size_ = 0;
};

// The sanitizer, as checked code sees it: see abi.h.
class Checks {
 public:
  virtual void* access(uint64_t imm, uint32_t thread, void* address, const int64_t* indices, int32_t n,
                       const void* value) = 0;
  virtual bool initialised(uint64_t array, uint64_t bytes, uint64_t step) = 0;
  virtual void fenced(uint32_t thread) = 0;
  virtual void synchronised() = 0;
  virtual void mark(uint32_t site) = 0;

 protected:
  ~Checks() = default;
};

struct BlockScheduler {
  Scratch scratch;
  // Set in fiber mode.
  void (*barrier)(BlockScheduler* self) = nullptr;
  uint64_t (*collective)(BlockScheduler* self, int32_t what, uint32_t mask, uint64_t value,
                         int32_t lane) = nullptr;
  class Checks* checks = nullptr;  // checked code only
};

// One warp's part of an operation: `here` are the lanes that take part now, element k is lane k's. Writes the
// results of those lanes.
void warp_collective(int32_t what, uint32_t here, const uint32_t (&masks)[32], const int32_t* lanes,
                     const uint64_t* values, uint64_t* results) noexcept;

// The block that runs on this thread, for cantil_rt_barrier(nullptr).
void set_running_block(cantil_rt_block* block) noexcept;

}  // namespace cantil::device_runtime
