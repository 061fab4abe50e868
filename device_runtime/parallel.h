// The thread pool behind prange and the simulator: oneTBB, made safe against fork.
//
// Contract
// - Regions nest and may be started from many threads at once; all share one set of workers.
// - A region uses as many threads as the starting thread's cantil_rt_set_num_threads says; inside, workers
// have that same setting.
// - Before a fork the workers are stopped when nothing runs on them, and start again, on both sides, when
// next needed.
//   Where they cannot be stopped (a region is running, or another user of the same oneTBB is alive), the
//   child runs its regions on the calling thread alone: slower, never hanging.
#pragma once
#include <cstdint>
#include <type_traits>

#include "device_runtime/abi.h"

namespace cantil::device_runtime {

using Task = void (*)(void* context, int64_t index);

// Runs task(context, k) for each k in [begin, end) on the pool; returns when all are done. Tasks are claimed
// in roughly ascending order.
void run_tasks(int64_t begin, int64_t end, Task task, void* context) noexcept;

template <class Body>
void parallel_tasks(int64_t begin, int64_t end, Body&& body) noexcept {
  run_tasks(
      begin, end,
      [](void* context, int64_t k) { (*static_cast<std::remove_reference_t<Body>*>(context))(k); }, &body);
}

// cantil_rt_parallel_for, where the memory of how long iterations take belongs to `key` and not to the body.
int32_t parallel_for(const void* key, cantil_rt_body body, void* context, int64_t n, int64_t chunks) noexcept;

// How many threads a region started here would use: 1 in a forked child without workers.
int parallelism() noexcept;

}  // namespace cantil::device_runtime
