// The thread pool: arenas by thread count, the settings, and what happens around a fork.
#include <oneapi/tbb/blocked_range.h>
#include <oneapi/tbb/global_control.h>
#include <oneapi/tbb/info.h>
#include <oneapi/tbb/parallel_for.h>
#include <oneapi/tbb/task_arena.h>
#include <pthread.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <new>
#include <optional>
#include <thread>
#include <vector>

#include "device_runtime/abi.h"
#include "device_runtime/parallel.h"

namespace cantil::device_runtime {
namespace {

int threads_from_environment() {
  for (const char* name : {"CANTIL_NUM_THREADS", "NUMBA_NUM_THREADS"}) {
    const char* text = std::getenv(name);
    if (text == nullptr || *text == 0) continue;
    char* end = nullptr;
    const long n = std::strtol(text, &end, 10);
    if (*end == 0 && n >= 1 && n <= 4096) return static_cast<int>(n);
  }
  return tbb::info::default_concurrency();
}

thread_local int this_threads = 0;   // this thread's set_num_threads; 0: not set, the maximum
thread_local int arena_threads = 0;  // how many threads the region has that this thread works for; 0: none

class Pool {
 public:
  // Never destroyed: compiled code may run while the process exits.
  static Pool& get() {
    static Pool* pool = new Pool;
    return *pool;
  }

  int max_threads() const { return max_threads_; }
  bool alone() const { return alone_.load(std::memory_order_relaxed); }

  void run(int64_t begin, int64_t end, Task task, void* context, int threads) {
    const Entry entry(*this);
    if (alone()) {
      for (int64_t k = begin; k < end; ++k) task(context, k);
      return;
    }
    auto region = [=] {
      tbb::parallel_for(
          tbb::blocked_range<int64_t>(begin, end, 1),
          [=](const tbb::blocked_range<int64_t>& range) {
            const int outer_setting = std::exchange(this_threads, threads);
            const int outer_arena = std::exchange(arena_threads, threads);
            for (int64_t k = range.begin(); k < range.end(); ++k) task(context, k);
            this_threads = outer_setting;
            arena_threads = outer_arena;
          },
          tbb::simple_partitioner());
    };
    if (arena_threads == threads) {
      region();  // nested: the workers at hand
    } else {
      arena(threads).execute(region);
    }
  }

 private:
  // Counts the regions that run, and waits while a fork has the workers stopped.
  class Entry {
   public:
    explicit Entry(Pool& pool) : pool_(pool) {
      for (;;) {
        pool_.running_.fetch_add(1);
        if (!pool_.stopped_.load()) return;
        pool_.running_.fetch_sub(1);
        while (pool_.stopped_.load()) std::this_thread::yield();
      }
    }
    ~Entry() { pool_.running_.fetch_sub(1); }
    Entry(const Entry&) = delete;
    Entry& operator=(const Entry&) = delete;

   private:
    Pool& pool_;
  };

  Pool() : max_threads_(threads_from_environment()), arenas_(static_cast<size_t>(max_threads_) + 1) {
    pthread_atfork([] { get().before_fork(); }, [] { get().after_fork(false); },
                   [] { get().after_fork(true); });
  }

  tbb::task_arena& arena(int threads) {
    std::atomic<tbb::task_arena*>& slot = arenas_[static_cast<size_t>(threads)];
    if (tbb::task_arena* made = slot.load(std::memory_order_acquire)) return *made;
    std::lock_guard lock(mutex_);
    if (tbb::task_arena* made = slot.load(std::memory_order_acquire)) return *made;
    if (!handle_) {
      if (max_threads_ > tbb::info::default_concurrency()) {
        limit_.emplace(tbb::global_control::max_allowed_parallelism, static_cast<size_t>(max_threads_));
      }
      handle_ = tbb::task_scheduler_handle{tbb::attach{}};
    }
    auto* made = new tbb::task_arena(threads);
    made->initialize();
    slot.store(made, std::memory_order_release);
    return *made;
  }

  void before_fork() {
    mutex_.lock();
    stopped_.store(true);
    workers_at_fork_ = false;
    if (!handle_) return;  // no workers yet
    if (running_.load() != 0) {
      // The regions that run need their workers.
      workers_at_fork_ = true;
      stopped_.store(false);
      return;
    }
    for (auto& slot : arenas_) delete slot.exchange(nullptr);
    limit_.reset();
    workers_at_fork_ = !tbb::finalize(handle_, std::nothrow);
  }

  void after_fork(bool in_child) {
    if (in_child) {
      running_.store(0);
      if (workers_at_fork_) alone_.store(true);
    }
    stopped_.store(false);
    mutex_.unlock();
  }

  const int max_threads_;
  std::mutex mutex_;
  std::vector<std::atomic<tbb::task_arena*>> arenas_;  // by thread count
  tbb::task_scheduler_handle handle_;
  std::optional<tbb::global_control> limit_;
  std::atomic<int> running_{0};
  std::atomic<bool> stopped_{false};
  std::atomic<bool> alone_{false};
  bool workers_at_fork_ = false;
};

int setting() { return this_threads != 0 ? this_threads : Pool::get().max_threads(); }

}  // namespace

int parallelism() noexcept { return Pool::get().alone() ? 1 : setting(); }

void run_tasks(int64_t begin, int64_t end, Task task, void* context) noexcept {
  const int threads = parallelism();
  if (threads == 1 || end - begin == 1) {
    for (int64_t k = begin; k < end; ++k) task(context, k);
    return;
  }
  if (begin < end) Pool::get().run(begin, end, task, context, threads);
}

}  // namespace cantil::device_runtime

using cantil::device_runtime::Pool;

extern "C" {

int32_t cantil_rt_max_threads(void) { return Pool::get().max_threads(); }
int32_t cantil_rt_num_threads(void) { return cantil::device_runtime::setting(); }

void cantil_rt_set_num_threads(int32_t n) {
  cantil::device_runtime::this_threads = std::clamp(n, 1, Pool::get().max_threads());
}

int32_t cantil_rt_thread_id(void) {
  if (cantil::device_runtime::arena_threads == 0) return 0;
  return std::max(0, tbb::this_task_arena::current_thread_index());
}

}  // extern "C"
