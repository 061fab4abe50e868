// Launches of hand-written entry points: coverage, limits, failures, fibers, the order of blocks.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <mutex>
#include <numeric>
#include <vector>

#include "simulator/device.h"
#include "simulator/error.h"
#include "simulator/launch.h"

namespace {

using namespace cantil::simulator;

struct CountArgs {
  std::atomic<int>* counts;
};

int64_t block_number(const cantil_rt_block& b) {
  return b.block[0] + int64_t{b.grid[0]} * (b.block[1] + int64_t{b.grid[1]} * b.block[2]);
}

// Loop form by hand: counts each thread of each block once.
int32_t count_threads(const void* packed, cantil_rt_block* b) {
  const auto& args = *static_cast<const CountArgs*>(packed);
  const int64_t threads = int64_t{b->block_dim[0]} * b->block_dim[1] * b->block_dim[2];
  auto* mine = static_cast<int32_t*>(cantil_rt_scratch(b, threads * 4));
  for (int64_t t = 0; t < threads; ++t) mine[t] = 1;
  for (int64_t t = 0; t < threads; ++t) args.counts[block_number(*b) * threads + t] += mine[t];
  return 0;
}

TEST(Launch, EachThreadOfEachBlockRunsOnce) {
  const Function kernel{"count_threads", count_threads};
  for (const LaunchConfig& config :
       {LaunchConfig{{1, 1, 1}, {1, 1, 1}}, LaunchConfig{{7, 1, 1}, {32, 1, 1}},
        LaunchConfig{{5, 3, 2}, {4, 8, 2}}, LaunchConfig{{1000, 1, 1}, {1, 1, 64}}}) {
    const auto total = [](const unsigned (&v)[3]) { return size_t{v[0]} * v[1] * v[2]; };
    for (const auto seed :
         {std::optional<uint64_t>{}, std::optional<uint64_t>{1}, std::optional<uint64_t>{12345}}) {
      set_schedule(seed);
      for (int repeat = 0; repeat < 3; ++repeat) {
        std::vector<std::atomic<int>> counts(total(config.grid) * total(config.block));
        const CountArgs args{counts.data()};
        ASSERT_FALSE(launch(kernel, config, &args).has_value());
        for (const auto& count : counts) ASSERT_EQ(count.load(), 1);
      }
    }
  }
  set_schedule(std::nullopt);
}

struct OrderArgs {
  std::mutex* mutex;
  std::vector<int64_t>* order;
};

int32_t note_order(const void* packed, cantil_rt_block* b) {
  const auto& args = *static_cast<const OrderArgs*>(packed);
  std::lock_guard lock(*args.mutex);
  args.order->push_back(block_number(*b));
  return 0;
}

TEST(Launch, SeedsShuffleTheBlocks) {
  const Function kernel{"note_order", note_order};
  const LaunchConfig config{{200, 1, 1}, {1, 1, 1}};
  cantil_rt_set_num_threads(1);
  const auto order_of = [&](std::optional<uint64_t> seed) {
    set_schedule(seed);
    std::mutex mutex;
    std::vector<int64_t> order;
    const OrderArgs args{&mutex, &order};
    EXPECT_FALSE(launch(kernel, config, &args).has_value());
    return order;
  };
  std::vector<int64_t> ascending(200);
  std::iota(ascending.begin(), ascending.end(), 0);
  EXPECT_EQ(order_of(std::nullopt), ascending);
  const auto one = order_of(1);
  EXPECT_NE(one, ascending);
  EXPECT_EQ(one, order_of(1));
  EXPECT_NE(one, order_of(2));
  set_schedule(std::nullopt);
  cantil_rt_set_num_threads(cantil_rt_max_threads());
}

std::string limit_of(const Function& kernel, const LaunchConfig& config) {
  try {
    launch(kernel, config, nullptr);
  } catch (const LaunchLimitError& error) {
    return error.what();
  }
  return "no error";
}

TEST(Launch, RefusesWhatTheDeviceCannotRun) {
  const Function kernel{"k", [](const void*, cantil_rt_block*) -> int32_t {
                          ADD_FAILURE();
                          return 0;
                        }};
  const auto has = [&](const Function& f, const LaunchConfig& config, const char* text) {
    EXPECT_NE(limit_of(f, config).find(text), std::string::npos) << limit_of(f, config);
  };
  has(kernel, {{0, 1, 1}, {1, 1, 1}}, "the grid's x dimension is 0");
  has(kernel, {{1, 1, 1}, {1, 0, 1}}, "the block's y dimension is 0");
  has(kernel, {{1, 1, 1}, {1025, 1, 1}}, "the block's x dimension is 1025");
  has(kernel, {{1, 1, 1}, {1, 1, 65}}, "the block's z dimension is 65");
  has(kernel, {{1, 65536, 1}, {1, 1, 1}}, "the grid's y dimension is 65536");
  has(kernel, {{1, 1, 1}, {1024, 2, 1}}, "2048 threads a block");
  has(kernel, {{1, 1, 1}, {1, 1, 1}, 1 << 20}, "1048576 bytes of dynamic shared memory");
  Function bounded = kernel;
  bounded.max_threads_per_block = 64;
  has(bounded, {{1, 1, 1}, {65, 1, 1}}, "compiled for at most 64");
  Function big = kernel;
  big.static_shared = 200 << 10;
  has(big, {{1, 1, 1}, {1, 1, 1}, 100 << 10}, "bytes of static");
}

// Blocks 40, 80, … raise their own number.
int32_t raise_in_some(const void*, cantil_rt_block* b) {
  const int64_t number = block_number(*b);
  if (number == 0 || number % 40 != 0) return 0;
  cantil_rt_raise(2, &number, sizeof number);
  cantil_rt_frame(9);
  b->error_thread[0] = 5;
  return 3;
}

TEST(Launch, TheLowestFailingBlockIsReported) {
  const Function kernel{"raise_in_some", raise_in_some};
  for (const auto seed : {std::optional<uint64_t>{}, std::optional<uint64_t>{7}}) {
    set_schedule(seed);
    for (int repeat = 0; repeat < 20; ++repeat) {
      const auto failure = launch(kernel, {{10, 10, 10}, {8, 1, 1}}, nullptr);
      ASSERT_TRUE(failure.has_value());
      EXPECT_EQ(failure->status, 3);
      EXPECT_EQ(failure->block[0], 0u);
      EXPECT_EQ(failure->block[1], 4u);
      EXPECT_EQ(failure->thread[0], 5u);
      ASSERT_EQ(failure->args.size(), 8u);
      int64_t number = 0;
      std::memcpy(&number, failure->args.data(), 8);
      EXPECT_EQ(number, 40);
      EXPECT_EQ(failure->frames, std::vector<int32_t>{9});
    }
    EXPECT_FALSE(launch(kernel, {{10, 1, 1}, {8, 1, 1}}, nullptr).has_value());
  }
  set_schedule(std::nullopt);
}

// One thread's program: a tree reduction in shared memory. Thread 0 adds the block's sum to args.
int32_t reduce_in_fibers(const void* packed, cantil_rt_block* b) {
  const uint32_t x = b->thread[0], n = b->block_dim[0];
  auto* shared = reinterpret_cast<int64_t*>(b->shared + b->dynamic_offset);
  shared[x] = x + 1;
  cantil_rt_barrier(b);
  for (uint32_t s = n / 2; s > 0; s /= 2) {
    if (x < s) shared[x] += shared[x + s];
    cantil_rt_barrier(nullptr);
  }
  if (x == 0) static_cast<const CountArgs*>(packed)->counts[b->block[0]] += static_cast<int>(shared[0]);
  return 0;
}

TEST(Fibers, BarriersHoldThreadsTogether) {
  const Function kernel{"reduce", reduce_in_fibers, true};
  for (const unsigned threads : {1u, 2u, 64u, 1024u, 8u}) {
    std::vector<std::atomic<int>> sums(50);
    const CountArgs args{sums.data()};
    ASSERT_FALSE(launch(kernel, {{50, 1, 1}, {threads, 1, 1}, threads * 8}, &args).has_value());
    for (const auto& sum : sums) EXPECT_EQ(sum.load(), static_cast<int>(threads * (threads + 1) / 2));
  }
}

// Half of the threads return before the barrier, at which the others then meet.
int32_t early_return(const void* packed, cantil_rt_block* b) {
  const uint32_t x = b->thread[0];
  auto* shared = reinterpret_cast<int64_t*>(b->shared + b->dynamic_offset);
  shared[x] = 0;
  if (x % 2 == 1) return 0;
  shared[x] = 1;
  cantil_rt_barrier(b);
  int64_t sum = 0;
  for (uint32_t k = 0; k < b->block_dim[0]; ++k) sum += shared[k];
  static_cast<const CountArgs*>(packed)->counts[x] = static_cast<int>(sum);
  return 0;
}

TEST(Fibers, ReturnedThreadsAreNotWaitedFor) {
  const Function kernel{"early_return", early_return, true};
  std::vector<std::atomic<int>> sums(16);
  const CountArgs args{sums.data()};
  ASSERT_FALSE(launch(kernel, {{1, 1, 1}, {16, 1, 1}, 128}, &args).has_value());
  for (size_t k = 0; k < 16; ++k) EXPECT_EQ(sums[k].load(), k % 2 == 0 ? 8 : 0);
}

int32_t raise_in_fiber(const void*, cantil_rt_block* b) {
  cantil_rt_barrier(b);
  if (b->thread[0] == 3 && b->thread[1] == 1) {
    cantil_rt_raise(0, nullptr, 0);
    return 1;
  }
  cantil_rt_barrier(b);
  return 0;
}

TEST(Fibers, AnErrorStopsTheBlockAndTheNextLaunchWorks) {
  const Function kernel{"raise_in_fiber", raise_in_fiber, true};
  for (int repeat = 0; repeat < 3; ++repeat) {
    const auto failure = launch(kernel, {{4, 1, 1}, {8, 2, 1}}, nullptr);
    ASSERT_TRUE(failure.has_value());
    EXPECT_EQ(failure->status, 1);
    EXPECT_EQ(failure->thread[0], 3u);
    EXPECT_EQ(failure->thread[1], 1u);
    EXPECT_EQ(failure->block[0], 0u);
    EXPECT_FALSE(launch(kernel, {{4, 1, 1}, {2, 1, 1}}, nullptr).has_value());
  }
}

int32_t out_of_memory(const void*, cantil_rt_block* b) {
  return cantil_rt_scratch(b, int64_t{1} << 60) == nullptr ? CANTIL_RT_NO_MEMORY : 0;
}

TEST(Launch, NoMemoryForThreadsIsAnError) {
  const Function kernel{"greedy", out_of_memory};
  try {
    launch(kernel, {}, nullptr);
    FAIL() << "no error";
  } catch (const DriverError& error) {
    EXPECT_EQ(error.code(), kErrorOutOfMemory);
  }
  const Function modest{"count_threads", count_threads};
  std::vector<std::atomic<int>> counts(1);
  const CountArgs args{counts.data()};
  EXPECT_FALSE(launch(modest, {}, &args).has_value());
  EXPECT_EQ(counts[0].load(), 1);
}

TEST(Occupancy, FollowsThreadsAndSharedMemory) {
  const DeviceProperties& device = Device::get(0).properties();
  Function kernel{"k", count_threads};
  EXPECT_EQ(max_active_blocks_per_multiprocessor(kernel, 256, 0),
            static_cast<int>(device.max_threads_per_multiprocessor / 256));
  EXPECT_EQ(max_active_blocks_per_multiprocessor(kernel, 32, 0), 32);
  EXPECT_EQ(max_active_blocks_per_multiprocessor(kernel, 2048, 0), 0);
  EXPECT_EQ(max_active_blocks_per_multiprocessor(kernel, 32, 1 << 20), 0);
  EXPECT_EQ(suggest_block_size(kernel, 0).block_size, 1024);
  EXPECT_EQ(suggest_block_size(kernel, 0, 100).block_size, 64);
  EXPECT_EQ(suggest_block_size(kernel, 0, 8).block_size, 8);
}

}  // namespace
