// Parallel loops of compiled code: how they are cut into chunks, when they stay on the calling thread, whose
// error wins.
//
// Waking a pool costs more than a short loop. The run time therefore remembers, for each loop body, how long
// an iteration took, and runs a loop that would be over before the pool is awake on the calling thread;
// should it take longer than that after all, the remaining chunks go to the pool. Where chunks begin and end
// does not depend on this, so results (floating-point reductions too) do not either.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <mutex>
#include <utility>

#include "device_runtime/abi.h"
#include "device_runtime/parallel.h"

namespace cantil::device_runtime {
namespace {

constexpr int64_t kChunksPerThread = 8;  // for balance where iterations differ in length
constexpr double kShort = 4000;          // ns: shorter loops are not worth the pool
constexpr double kTooLong = 3 * kShort;  // ns: a loop taken for short that runs this long goes to the pool

// Chunks' partial results lie on the stack.
constexpr int64_t kMostChunks = 8192;

std::atomic<bool> used{false};        // a region has been met
std::atomic<int32_t> layer{0};        // cantil_rt_threading_layer
thread_local int64_t chunk_size = 0;  // this thread's; 0: as we see fit

// Inside a region nothing is set.
class NoChunkSize {
 public:
  NoChunkSize() : outer_(std::exchange(chunk_size, 0)) {}
  ~NoChunkSize() { chunk_size = outer_; }
  NoChunkSize(const NoChunkSize&) = delete;
  NoChunkSize& operator=(const NoChunkSize&) = delete;

 private:
  const int64_t outer_;
};

double now_ns() {
  return static_cast<double>(std::chrono::duration_cast<std::chrono::nanoseconds>(
                                 std::chrono::steady_clock::now().time_since_epoch())
                                 .count());
}

// What is known of a body (by its key): a small table without locks, in which a newcomer replaces whoever had
// its place.
struct Known {
  std::atomic<const void*> key{nullptr};
  std::atomic<float> ns_per_iteration{0};
};
Known known[256];

Known& known_of(const void* key) {
  const auto address = reinterpret_cast<uintptr_t>(key);
  return known[((address >> 4) * 0x9E3779B97F4A7C15u) >> 56];
}

struct Region {
  cantil_rt_body body;
  void* context;
  int64_t n;
  int64_t chunks;
  std::atomic<int64_t> failed;  // the lowest failing chunk so far; `chunks` when none
  std::atomic<int64_t> work_ns{0};
  std::mutex mutex;
  int32_t status = 0;
  cantil_rt_owner* error = nullptr;  // a copy of the failing chunk's

  Region(cantil_rt_body b, void* c, int64_t count, int64_t chunk_count)
      : body(b), context(c), n(count), chunks(chunk_count), failed(chunk_count) {}

  int64_t begin_of(int64_t chunk) const {
    // n * chunk may not fit; whole part and rest apart do.
    return n / chunks * chunk + n % chunks * chunk / chunks;
  }

  void run(int64_t chunk) {
    // A chunk above a failed one cannot change the outcome; a lower one can.
    if (chunk > failed.load(std::memory_order_relaxed)) return;
    const NoChunkSize inside;
    const int32_t s = body(context, begin_of(chunk), begin_of(chunk + 1), chunk);
    if (s != 0) [[unlikely]]
      fail(chunk, s);
  }

  void run_timed(int64_t chunk) {
    const double start = now_ns();
    run(chunk);
    work_ns.fetch_add(static_cast<int64_t>(now_ns() - start), std::memory_order_relaxed);
  }

  void fail(int64_t chunk, int32_t s) {
    std::lock_guard lock(mutex);
    if (chunk >= failed.load(std::memory_order_relaxed)) return;
    failed.store(chunk, std::memory_order_relaxed);
    status = s;
    cantil_rt_release(error);
    error = cantil_rt_error_save();
    cantil_rt_error_forget();
  }
};

}  // namespace

int32_t parallel_for(const void* key, cantil_rt_body body, void* context, int64_t n,
                     int64_t chunks) noexcept {
  if (n <= 0) return 0;
  chunks = std::clamp<int64_t>(chunks, 1, n);
  if (chunks == 1) return body(context, 0, n, 0);

  Region region(body, context, n, chunks);
  Known& estimate = known_of(key);
  const bool is_known = estimate.key.load(std::memory_order_relaxed) == key;
  int64_t next = 0;
  if (is_known && static_cast<double>(estimate.ns_per_iteration.load(std::memory_order_relaxed)) *
                          static_cast<double>(n) <
                      kShort) {
    const double start = now_ns();
    double elapsed = 0;
    while (next < chunks && elapsed < kTooLong) {
      region.run(next++);
      elapsed = now_ns() - start;
    }
    region.work_ns.store(static_cast<int64_t>(elapsed), std::memory_order_relaxed);
  }
  if (next < chunks) {
    parallel_tasks(next, chunks, [&](int64_t chunk) { region.run_timed(chunk); });
  }
  if (region.status != 0) [[unlikely]] {
    cantil_rt_error_restore(region.error);
    cantil_rt_release(region.error);
    return region.status;
  }
  estimate.ns_per_iteration.store(
      static_cast<float>(region.work_ns.load(std::memory_order_relaxed)) / static_cast<float>(n),
      std::memory_order_relaxed);
  estimate.key.store(key, std::memory_order_relaxed);
  return 0;
}

}  // namespace cantil::device_runtime

extern "C" {

int64_t cantil_rt_parallel_chunks(int64_t n) {
  using namespace cantil::device_runtime;
  used.store(true, std::memory_order_relaxed);
  const int64_t threads = parallelism();
  if (threads == 1) return 1;
  if (chunk_size > 0) [[unlikely]]
    return std::clamp<int64_t>((n - 1) / chunk_size + 1, 1, kMostChunks);
  const int64_t per_thread = layer.load(std::memory_order_relaxed) == 0 ? kChunksPerThread : 1;
  return std::clamp<int64_t>(n, 1, threads * per_thread);
}

int64_t cantil_rt_set_parallel_chunksize(int64_t n) {
  return std::exchange(cantil::device_runtime::chunk_size, n);
}

int64_t cantil_rt_get_parallel_chunksize(void) { return cantil::device_runtime::chunk_size; }

int32_t cantil_rt_threading_layer(int32_t wanted) {
  using namespace cantil::device_runtime;
  if (wanted >= 0 && !used.load(std::memory_order_relaxed)) layer.store(wanted, std::memory_order_relaxed);
  return layer.load(std::memory_order_relaxed);
}

int32_t cantil_rt_parallel_used(void) { return cantil::device_runtime::used.load(std::memory_order_relaxed); }

int32_t cantil_rt_parallel_for(cantil_rt_body body, void* context, int64_t n, int64_t chunks) {
  return cantil::device_runtime::parallel_for(reinterpret_cast<const void*>(body), body, context, n, chunks);
}

}  // extern "C"
