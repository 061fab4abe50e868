// Runs the threads of one block as fibers, for kernels that could not be split at their barriers.
//
// Threads run in turn, each until it has to wait or ends. A warp's operation is done when all lanes of its
// mask that have not ended wait for it with this mask, a block's barrier when all threads that have not ended
// have come to one; as on hardware it does not matter to which. When nothing else can go on, lanes at
// activemask() are released together. What then still waits would wait for ever: a deadlock. With a seed, the
// warps run in another order each time. Stacks are
// mapped once per worker with a guard page each, and used again for every block.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "device_runtime/block.h"
#include "simulator/launch.h"
#include "simulator/sanitizer.h"

namespace cantil::simulator {

class FiberBlock : public device_runtime::BlockScheduler {
 public:
  FiberBlock();
  ~FiberBlock();
  FiberBlock(const FiberBlock&) = delete;
  FiberBlock& operator=(const FiberBlock&) = delete;

  // Runs the whole block; its status, with error_thread set where that is not 0. CANTIL_RT_NO_MEMORY when
  // there is no memory for stacks, CANTIL_RT_DEADLOCK when threads wait for ever: deadlock() says which.
  int32_t run(Entry entry, const void* args, cantil_rt_block* block) noexcept;

  // The order of warps from now on; nothing: that of their numbers.
  void shuffle(std::optional<uint64_t> seed) { seed_ = seed; }
  // The same in steps, for a grid whose blocks wait for each other: start(), then advance() until it gives
  // Done or Failed; after AtGrid, release_grid() when all blocks have come there (or are done).
  enum class State { Done, AtGrid, Failed };
  bool start(Entry entry, const void* args, cantil_rt_block* block) noexcept;
  State advance() noexcept;
  void release_grid() noexcept;
  int32_t status() const { return status_; }
  const std::string& deadlock() const { return deadlock_; }

 private:
  // What a thread waits for: an operation's number, or one of these.
  enum : int8_t { kReady = -1, kEnded = -2, kBarrier = -3 };

  static void wait_at_barrier(device_runtime::BlockScheduler* self) noexcept;
  static uint64_t work_together(device_runtime::BlockScheduler* self, int32_t what, uint32_t mask,
                                uint64_t value, int32_t lane) noexcept;
  bool map_stacks(size_t count) noexcept;
  bool resume(size_t thread) noexcept;
  void order_warps() noexcept;
  BlockChecks* judge() const { return static_cast<BlockChecks*>(checks); }
  void check_block_barrier() noexcept;
  bool release() noexcept;
  bool release_warp(size_t first) noexcept;
  bool release_block() noexcept;
  bool release_active(size_t first) noexcept;
  void give(size_t first, uint32_t lanes, int32_t what) noexcept;
  std::string describe_deadlock() const;
  void place(size_t thread, uint32_t (&at)[3]) const;

  unsigned char* stacks_ = nullptr;
  size_t stack_count_ = 0;
  std::vector<void*> contexts_;  // each fiber's, where it waits
  std::vector<int8_t> waits_;
  std::vector<uint32_t> masks_;
  std::vector<int32_t> lanes_;
  std::vector<uint64_t> values_, results_;
  size_t live_ = 0, current_ = 0;
  void* main_ = nullptr;  // the scheduler's, while a fiber runs
  Entry entry_ = nullptr;
  const void* args_ = nullptr;
  cantil_rt_block* block_ = nullptr;
  int32_t status_ = 0;  // of the fiber that ended last
  std::string deadlock_;
  std::optional<uint64_t> seed_;
  std::vector<uint32_t> warps_;  // in the order of this round
  // Checked code: what each thread said last, and which have ended since the last barrier of the block.
  std::vector<uint32_t> marks_;
  std::vector<bool> ended_;
};

}  // namespace cantil::simulator
