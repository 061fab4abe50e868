// The parallel run time: coverage, errors, nesting, threads at once, fork, settings.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstring>
#include <set>
#include <thread>
#include <vector>

#include "device_runtime/abi.h"
#include "device_runtime/symbols.h"

namespace {

struct Marks {
  std::vector<std::atomic<int>> seen;
  std::vector<std::atomic<int>> chunk_seen;
  int64_t nested = 0;
  Marks(int64_t n, int64_t chunks) : seen(static_cast<size_t>(n)), chunk_seen(static_cast<size_t>(chunks)) {}
};

int32_t mark(void* context, int64_t begin, int64_t end, int64_t chunk) {
  auto& marks = *static_cast<Marks*>(context);
  marks.chunk_seen[static_cast<size_t>(chunk)]++;
  for (int64_t i = begin; i < end; ++i) marks.seen[static_cast<size_t>(i)]++;
  return 0;
}

void expect_all_once(int64_t n, int64_t chunks, const char* what) {
  Marks marks(n, chunks);
  ASSERT_EQ(cantil_rt_parallel_for(mark, &marks, n, chunks), 0) << what;
  for (const auto& seen : marks.seen) ASSERT_EQ(seen.load(), 1) << what << ", n = " << n;
  for (const auto& seen : marks.chunk_seen) ASSERT_EQ(seen.load(), 1) << what << ", n = " << n;
}

TEST(Parallel, EachIterationAndChunkRunsOnce) {
  for (const int64_t n : {1, 2, 3, 7, 16, 100, 1001, 100000}) {
    for (int repeat = 0; repeat < 3; ++repeat) {
      const int64_t chunks = cantil_rt_parallel_chunks(n);
      ASSERT_GE(chunks, 1);
      ASSERT_LE(chunks, n);
      expect_all_once(n, chunks, "chosen chunks");
    }
    expect_all_once(n, std::min<int64_t>(n, 5), "five chunks");
  }
  EXPECT_EQ(cantil_rt_parallel_for(mark, nullptr, 0, 1), 0);
}

int32_t fail_some(void* context, int64_t begin, int64_t end, int64_t) {
  for (int64_t i = begin; i < end; ++i) {
    if (i >= *static_cast<int64_t*>(context)) {
      cantil_rt_raise(static_cast<int32_t>(begin), &i, sizeof i);
      cantil_rt_frame(5);
      return 1 + static_cast<int32_t>(begin);
    }
  }
  return 0;
}

TEST(Parallel, TheLowestFailingChunkWins) {
  int64_t first = 300;
  for (int repeat = 0; repeat < 50; ++repeat) {
    cantil_rt_raise(-7, nullptr, 0);
    EXPECT_EQ(cantil_rt_parallel_for(fail_some, &first, 1000, 10), 301);
    const cantil_rt_error* error = cantil_rt_this_error();
    EXPECT_EQ(error->site, 300);
    EXPECT_EQ(error->frame_count, 1);
    int64_t value = 0;
    std::memcpy(&value, error->args, 8);
    EXPECT_EQ(value, 300);
  }
  first = 1000;
  EXPECT_EQ(cantil_rt_parallel_for(fail_some, &first, 1000, 10), 0);
}

int32_t nested(void* context, int64_t begin, int64_t end, int64_t) {
  for (int64_t i = begin; i < end; ++i) {
    Marks inner(500, 8);
    if (cantil_rt_parallel_for(mark, &inner, 500, 8) != 0) return 1;
    int64_t sum = 0;
    for (const auto& seen : inner.seen) sum += seen;
    static_cast<std::atomic<int64_t>*>(context)->fetch_add(sum);
  }
  return 0;
}

TEST(Parallel, RegionsNest) {
  std::atomic<int64_t> total{0};
  EXPECT_EQ(cantil_rt_parallel_for(nested, &total, 20, 20), 0);
  EXPECT_EQ(total.load(), 20 * 500);
}

TEST(Parallel, ManyThreadsAtOnce) {
  std::atomic<int64_t> total{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&, t] {
      cantil_rt_set_num_threads(1 + t % cantil_rt_max_threads());
      for (int k = 0; k < 20; ++k) EXPECT_EQ(cantil_rt_parallel_for(nested, &total, 3, 3), 0);
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(total.load(), 8 * 20 * 3 * 500);
}

struct Ids {
  std::atomic<int32_t> largest{0}, smallest{1 << 30}, setting{0};
};

int32_t note_ids(void* context, int64_t, int64_t, int64_t) {
  auto& ids = *static_cast<Ids*>(context);
  const int32_t id = cantil_rt_thread_id();
  for (int32_t old = ids.largest; id > old && !ids.largest.compare_exchange_weak(old, id);) {
  }
  for (int32_t old = ids.smallest; id < old && !ids.smallest.compare_exchange_weak(old, id);) {
  }
  ids.setting = cantil_rt_num_threads();
  std::this_thread::sleep_for(std::chrono::microseconds(200));
  return 0;
}

TEST(Parallel, SettingsHoldPerThreadAndInsideRegions) {
  const int32_t most = cantil_rt_max_threads();
  ASSERT_GE(most, 1);
  EXPECT_EQ(cantil_rt_num_threads(), most);
  EXPECT_EQ(cantil_rt_thread_id(), 0);
  for (int32_t n = 1; n <= std::min(most, 4); ++n) {
    cantil_rt_set_num_threads(n);
    std::thread([most] { EXPECT_EQ(cantil_rt_num_threads(), most); }).join();
    EXPECT_EQ(cantil_rt_num_threads(), n);
    EXPECT_EQ(n == 1, cantil_rt_parallel_chunks(1000000) == 1);
    Ids ids;
    EXPECT_EQ(cantil_rt_parallel_for(note_ids, &ids, 40, 40), 0);
    EXPECT_GE(ids.smallest, 0);
    EXPECT_LT(ids.largest, n);
    EXPECT_EQ(ids.setting, n);
  }
  cantil_rt_set_num_threads(1 << 20);
  EXPECT_EQ(cantil_rt_num_threads(), most);
}

// The child answers by its exit status; the parent gives up on it after some seconds.
int run_in_child(int (*body)()) {
  const pid_t child = fork();
  if (child == 0) _exit(body());
  for (int k = 0; k < 2000; ++k) {
    int status = 0;
    if (waitpid(child, &status, WNOHANG) == child) return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  kill(child, SIGKILL);
  waitpid(child, nullptr, 0);
  return -2;
}

int sum_in_child() {
  std::atomic<int64_t> total{0};
  for (int k = 0; k < 5; ++k) {
    if (cantil_rt_parallel_for(nested, &total, 10, 10) != 0) return 2;
  }
  return total == 5 * 10 * 500 ? 42 : 3;
}

TEST(ParallelFork, ChildAndParentGoOnAfterAFork) {
  std::atomic<int64_t> total{0};
  for (int k = 0; k < 5; ++k) {
    ASSERT_EQ(cantil_rt_parallel_for(nested, &total, 10, 10), 0);
    EXPECT_EQ(run_in_child(sum_in_child), 42);
  }
  EXPECT_EQ(total.load(), 5 * 10 * 500);
}

TEST(ParallelFork, ChildForksToo) {
  ASSERT_EQ(sum_in_child(), 42);
  EXPECT_EQ(run_in_child([] {
              if (sum_in_child() != 42) return 1;
              return run_in_child(sum_in_child);
            }),
            42);
}

TEST(ParallelFork, WhileOtherThreadsRunRegions) {
  std::atomic<bool> stop{false};
  std::atomic<int64_t> rounds{0};
  std::thread busy([&] {
    std::atomic<int64_t> total{0};
    while (!stop) {
      EXPECT_EQ(cantil_rt_parallel_for(nested, &total, 10, 10), 0);
      ++rounds;
    }
  });
  while (rounds < 3) std::this_thread::yield();
  for (int k = 0; k < 5; ++k) EXPECT_EQ(run_in_child(sum_in_child), 42);
  stop = true;
  busy.join();
  EXPECT_EQ(sum_in_child(), 42);
}

TEST(Symbols, NamesAreUniqueAndHaveAddresses) {
  std::set<std::string> names;
  for (const auto& symbol : cantil::device_runtime::runtime_symbols()) {
    EXPECT_NE(symbol.address, nullptr);
    EXPECT_TRUE(names.insert(symbol.name).second) << symbol.name;
  }
  EXPECT_TRUE(names.count("cantil_rt_parallel_for"));
}

}  // namespace
