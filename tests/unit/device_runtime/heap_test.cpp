// Heap blocks: alignment, contents, counting across threads.
#include <gtest/gtest.h>

#include <cstdint>
#include <cstring>
#include <limits>
#include <thread>
#include <vector>

#include "device_runtime/abi.h"

namespace {

TEST(Heap, BlocksAreAlignedDistinctAndCounted) {
  const int64_t before = cantil_rt_live_blocks();
  std::vector<cantil_rt_owner*> owners;
  for (const int64_t size : {0, 1, 63, 64, 65, 1000, 1024, 1025, 100000, 5 << 20}) {
    for (int i = 0; i < 40; ++i) {
      cantil_rt_owner* owner = cantil_rt_alloc(size);
      ASSERT_NE(owner, nullptr);
      EXPECT_EQ(owner->count, 1);
      EXPECT_EQ(owner->size, size);
      EXPECT_EQ(reinterpret_cast<uintptr_t>(owner->data) % 64, 0u);
      std::memset(owner->data, i, static_cast<size_t>(size));
      owners.push_back(owner);
    }
  }
  EXPECT_EQ(cantil_rt_live_blocks(), before + 400);
  for (size_t k = 0; k < owners.size(); ++k) {
    const auto* bytes = static_cast<const unsigned char*>(owners[k]->data);
    for (int64_t i = 0; i < owners[k]->size; ++i) ASSERT_EQ(bytes[i], k % 40);
    cantil_rt_destroy(owners[k]);
  }
  EXPECT_EQ(cantil_rt_live_blocks(), before);
}

TEST(Heap, ImpossibleSizesGiveNull) {
  const int64_t before = cantil_rt_live_blocks();
  EXPECT_EQ(cantil_rt_alloc(-1), nullptr);
  EXPECT_EQ(cantil_rt_alloc(std::numeric_limits<int64_t>::max()), nullptr);
  EXPECT_EQ(cantil_rt_alloc(int64_t{1} << 60), nullptr);
  EXPECT_EQ(cantil_rt_live_blocks(), before);
}

// Elements of 24 bytes whose second 8 hold an owner.
cantil_rt_owner* make_row(int64_t count) { return cantil_rt_alloc_counted(24 * count, 24, 2, 0, 0); }
cantil_rt_owner*& held(cantil_rt_owner* row, int64_t i) {
  return static_cast<cantil_rt_owner**>(row->data)[3 * i + 1];
}

TEST(Heap, CountedRowsReleaseWhatTheyHold) {
  const int64_t before = cantil_rt_live_blocks();
  cantil_rt_owner* shared = cantil_rt_alloc(8);
  cantil_rt_owner* row = make_row(100);
  for (int64_t i = 0; i < 2400; ++i) ASSERT_EQ(static_cast<char*>(row->data)[i], 0);
  for (int64_t i = 0; i < 50; ++i) {
    static_cast<int64_t*>(row->data)[3 * i] = -1;  // not an owner
    cantil_rt_retain(shared);
    held(row, 2 * i) = shared;
    held(row, 2 * i + 1) = i % 2 ? cantil_rt_alloc(1) : nullptr;
  }
  EXPECT_EQ(shared->count, 51);
  cantil_rt_release(row);
  EXPECT_EQ(shared->count, 1);
  EXPECT_EQ(cantil_rt_live_blocks(), before + 1);
  cantil_rt_release(shared);
  cantil_rt_release(nullptr);
  cantil_rt_retain(nullptr);
  EXPECT_EQ(cantil_rt_live_blocks(), before);
}

TEST(Heap, ElementsWideAsTheDescriptionAllows) {
  const int64_t before = cantil_rt_live_blocks();
  cantil_rt_owner* row = cantil_rt_alloc_counted(2 * 1536, 1536, 1, uint64_t{1} << 63, uint64_t{1} << 63);
  auto** words = static_cast<cantil_rt_owner**>(row->data);
  for (int i : {0, 127, 191, 192, 192 + 127, 192 + 191}) words[i] = cantil_rt_alloc(16);
  cantil_rt_release(row);
  EXPECT_EQ(cantil_rt_live_blocks(), before);
}

TEST(Heap, LongChainsDoNotRecurse) {
  const int64_t before = cantil_rt_live_blocks();
  cantil_rt_owner* chain = nullptr;
  for (int i = 0; i < 1000000; ++i) {
    cantil_rt_owner* next = make_row(1);
    held(next, 0) = chain;
    chain = next;
  }
  cantil_rt_release(chain);
  EXPECT_EQ(cantil_rt_live_blocks(), before);
}

TEST(Heap, MovingLeavesZerosBehind) {
  for (int64_t from : {0, 3, 8, 20})
    for (int64_t to : {0, 3, 8, 20})
      for (int64_t n : {0, 1, 5, 8, 12}) {
        unsigned char bytes[40] = {}, expected[40] = {};
        for (int64_t i = 0; i < n; ++i) bytes[from + i] = static_cast<unsigned char>(i + 1);
        for (int64_t i = 0; i < n; ++i) expected[to + i] = static_cast<unsigned char>(i + 1);
        cantil_rt_move(bytes + to, bytes + from, n);
        EXPECT_EQ(std::memcmp(bytes, expected, sizeof bytes), 0) << from << " " << to << " " << n;
      }
}

TEST(Heap, BlocksMayDieOnOtherThreadsThanTheirMakers) {
  const int64_t before = cantil_rt_live_blocks();
  std::vector<cantil_rt_owner*> owners(1000);
  std::thread([&] {
    for (auto& owner : owners) owner = cantil_rt_alloc(100);
  }).join();
  EXPECT_EQ(cantil_rt_live_blocks(), before + 1000);
  std::vector<std::thread> threads;
  for (size_t t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (size_t k = t; k < owners.size(); k += 4) {
        cantil_rt_destroy(owners[k]);
        cantil_rt_destroy(cantil_rt_alloc(100));
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(cantil_rt_live_blocks(), before);
}

TEST(Heap, ForeignBlocksCallTheirOwnDestroy) {
  static int destroyed = 0;
  cantil_rt_owner owner{1, nullptr, 0, [](cantil_rt_owner*) { ++destroyed; }, nullptr, {}};
  cantil_rt_destroy(&owner);
  EXPECT_EQ(destroyed, 1);
}

TEST(Errors, RaiseStartsAnewAndFramesAreBounded) {
  const int64_t args[2] = {7, -1};
  cantil_rt_frame(99);
  cantil_rt_raise(3, args, sizeof args);
  for (int i = 0; i < 100; ++i) cantil_rt_frame(i);
  cantil_rt_error* error = cantil_rt_this_error();
  EXPECT_EQ(error->site, 3);
  EXPECT_EQ(error->frame_count, 64);
  EXPECT_EQ(error->frames[0], 0);
  EXPECT_EQ(error->frames[63], 63);
  ASSERT_EQ(error->args_size, 16);
  EXPECT_EQ(std::memcmp(error->args, args, 16), 0);
  EXPECT_EQ(reinterpret_cast<uintptr_t>(error->args) % 8, 0u);
  cantil_rt_raise(4, nullptr, 0);
  EXPECT_EQ(error->frame_count, 0);
  EXPECT_EQ(error->args_size, 0);
  std::thread([error] { EXPECT_NE(cantil_rt_this_error(), error); }).join();
}

}  // namespace
