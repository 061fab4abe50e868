// A device's pool of memory for stream-ordered allocation: freed memory stays in the process for the next
// allocation.
//
// It is Cantil's own and not the device's default pool, whose settings belong to whoever else is in the
// process. CANTIL_CUDA_POOL=0 switches it off; all memory is then allocated plainly.
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <set>

#include "host_api/driver.h"

namespace cantil::host_api {

class Context;
class Device;

struct PoolStatistics {
  uint64_t used = 0;  // in allocations
  uint64_t used_high = 0;
  uint64_t reserved = 0;  // taken from the device
  uint64_t reserved_high = 0;
};

class MemoryPool {
 public:
  explicit MemoryPool(Context& context) : context_(context) {}

  // Null where the device or the driver has no pools, or they are switched off. The context must be current.
  cu::MemoryPool handle();
  bool supported();

  // How much free memory the pool keeps over a synchronisation; all of it at first.
  void set_release_threshold(uint64_t bytes);
  // Gives memory that is not in use back to the device, down to `bytes_to_keep`.
  void trim(size_t bytes_to_keep = 0);
  PoolStatistics statistics();

  void allow_access(const Device& peer);
  void deny_access(const Device& peer);

  // For a reset: the next handle() makes a new one.
  void destroy() noexcept;

 private:
  cu::MemoryPool create();
  void set_access(cu::MemoryPool pool, int peer, int flags);

  Context& context_;
  std::mutex mutex_;
  std::atomic<cu::MemoryPool> handle_{nullptr};
  std::atomic<bool> unsupported_{false};
  uint64_t release_threshold_ = UINT64_MAX;
  std::set<int> peers_;
};

}  // namespace cantil::host_api
