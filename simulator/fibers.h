// Runs the threads of one block as fibers, for kernels that could not be split at their barriers.
//
// All threads run in turn, each up to its next barrier or its end; when every live thread has arrived the
// next round begins. As on hardware, threads that have returned are not waited for, and it does not matter at
// which barrier a thread waits. Stacks are mapped once per worker with a guard page each, and used again for
// every block.
#pragma once
#include <cstdint>
#include <vector>

#include "device_runtime/block.h"
#include "simulator/launch.h"

namespace cantil::simulator {

class FiberBlock : public device_runtime::BlockScheduler {
 public:
  FiberBlock();
  ~FiberBlock();
  FiberBlock(const FiberBlock&) = delete;
  FiberBlock& operator=(const FiberBlock&) = delete;

  // Runs the whole block; its status, with error_thread set where that is not 0. CANTIL_RT_NO_MEMORY when
  // there is no memory for stacks.
  int32_t run(Entry entry, const void* args, cantil_rt_block* block) noexcept;

 private:
  static void wait_at_barrier(device_runtime::BlockScheduler* self) noexcept;
  bool map_stacks(size_t count) noexcept;

  unsigned char* stacks_ = nullptr;
  size_t stack_count_ = 0;
  std::vector<void*> contexts_;  // each fiber's, where it waits; null when it has ended
  void* main_ = nullptr;         // the scheduler's, while a fiber runs
  Entry entry_ = nullptr;
  const void* args_ = nullptr;
  cantil_rt_block* block_ = nullptr;
  int32_t status_ = 0;  // of the fiber that ended last
};

}  // namespace cantil::simulator
