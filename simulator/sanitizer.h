// The sanitizer: judges the accesses and barriers of checked kernels (cpu_codegen/instrument.h).
//
// Two accesses to the same memory by different threads, one of them a write, are a race unless something
// orders them: the end of an earlier launch, a barrier of their block, a syncwarp of their warp, or a fence
// and an atomic operation of the one followed by an atomic operation on the same address by the other. Atomic
// operations do not race with each other, nor writes of the same constant.
//
// Races are found whenever the accesses happen, in whatever order threads run here; not found are those
// between accesses with others in between (a cell remembers one writer and one reader), and those of accesses
// of different sizes that overlap other than in their first byte.
#pragma once
#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "device_runtime/block.h"
#include "simulator/shadow.h"

namespace cantil::simulator {

enum class FindingKind : uint8_t { Race, OutOfBounds, Uninitialised, DivergentBarrier, WarpMask };

struct Finding {
  FindingKind kind = FindingKind::Race;
  int space = CANTIL_RT_GLOBAL;
  int32_t site = 0;
  int32_t other_site =
      -1;  // a race: the earlier access; a divergent barrier: where other threads were, -1 at the end
  uint64_t block = 0, other_block = 0;    // linear numbers
  uint32_t thread = 0, other_thread = 0;  // linear numbers in the block
  bool other_thread_known = false;
  std::vector<int64_t> index, shape;  // of the access, where it is known
  uint32_t mask = 0;                  // a warp's, that is wrong
  uint64_t count = 1;                 // how often it was found, at these places
};

// What all blocks of a checked launch share. Holds the shadow for itself while it lives.
class Sanitizer {
 public:
  // `site_bytes`: how much each site accesses.
  Sanitizer(uint64_t blocks, const std::vector<uint32_t>& site_bytes);
  // In the order of blocks.
  std::vector<Finding> take_findings();

 private:
  friend class BlockChecks;

  // An address through which threads have published what they did before.
  struct Published {
    struct Entry {
      uint64_t block, floor;  // accesses below `floor` by any thread of the block, and all of this thread's
      uint32_t thread;
    };
    std::vector<Entry> entries;
  };

  void report(Finding finding);
  uint64_t new_number(uint64_t block);
  uint64_t block_of(uint64_t number);
  uint64_t bytes_of(int32_t site) const {
    return static_cast<size_t>(site) < site_bytes_.size() ? site_bytes_[static_cast<size_t>(site)] : 0;
  }

  std::unique_lock<std::mutex> lock_;
  const std::vector<uint32_t>& site_bytes_;
  uint64_t first_number_, blocks_;
  std::atomic<bool> publishes_{false};  // some thread has made a fence
  std::mutex mutex_;
  std::vector<uint64_t> extra_;  // blocks of the numbers that were taken later
  std::vector<Finding> findings_;
  std::unordered_map<uint64_t, Published> published_;
};

// One worker's checks; kept from block to block and from launch to launch.
class BlockChecks : public device_runtime::Checks {
 public:
  ~BlockChecks();
  // False when there is no memory.
  bool begin_launch(Sanitizer& sanitizer, int64_t shared_bytes);
  void begin_block(cantil_rt_block& block, uint64_t number);

  void* access(uint64_t imm, uint32_t thread, void* address, const int64_t* indices, int32_t n,
               const void* value) override;
  bool initialised(uint64_t array, uint64_t bytes, uint64_t step) override;
  void fenced(uint32_t thread) override;
  void synchronised() override;
  void mark(uint32_t site) override { mark_ = site; }

  // ---- For fibers ----
  static constexpr uint32_t kNoMark = ~uint32_t{0};
  // What the thread that has just stopped said last.
  uint32_t take_mark() {
    const uint32_t m = mark_;
    mark_ = kNoMark;
    return m;
  }
  // Threads wait at different places.
  void diverged(uint32_t thread, uint32_t mark, uint32_t other_thread, uint32_t other_mark);
  // A thread gives a mask that names neither itself nor only threads that can come; `mark`: the one at hand.
  void wrong_mask(uint32_t thread, uint32_t mask, uint32_t mark);
  void wrong_mask(uint32_t thread, uint32_t mask) { wrong_mask(thread, mask, mark_); }
  // All (remaining) threads of a warp are at a syncwarp.
  void warp_synchronised(uint32_t warp);

 private:
  enum class Relation : uint8_t { None, Ordered, Conflict };
  struct Access {
    uint64_t imm;
    uint32_t thread;
    uint64_t address;
    const int64_t* indices;
    int32_t pairs;
    const void* value;
    int space;
  };

  void judge(const Access& a, cantil_rt_cell& cell, uint64_t address);
  void judge_local(const Access& a, cantil_rt_cell& cell, uint64_t address);
  Relation relation(int space, uint64_t tag, uint32_t thread);
  bool is_earlier(uint64_t tag, uint64_t reference) const;
  uint64_t block_of(int space, uint64_t tag);
  bool is_published(uint64_t block, uint32_t by, uint64_t tag, uint32_t thread);
  void publish(const Access& a);
  void learn(uint32_t thread, uint64_t key);
  void settle(uint32_t thread);
  bool was_written_otherwise(const Access& a, uint64_t address);
  cantil_rt_cell* cell(int space, int table, uint64_t address);
  int space_of(uint64_t address) const;
  void step();
  Finding finding(const Access& a, FindingKind kind) const;
  void* spare(uint64_t bytes);

  Sanitizer* sanitizer_ = nullptr;
  cantil_rt_block* block_ = nullptr;
  uint64_t number_ = 0;  // the block's, in the grid
  cantil_rt_shadow shadow_{};
  uint64_t global_floor_ = 0;
  std::vector<uint64_t> numbers_;  // the shadow's, of this block: more than one where it has many barriers
  std::vector<std::pair<uint64_t, uint64_t>>
      warps_;  // the clocks of the last syncwarp; empty when there was none
  struct Fence {
    bool made = false;
    uint64_t floor = 0;
  };
  std::vector<Fence> fences_;  // by thread
  bool any_fence_ = false;
  struct Learnt {
    uint32_t thread;
    uint64_t when, address;
    size_t entries;
  };
  std::vector<Learnt> learnt_;
  std::vector<std::pair<uint32_t, uint64_t>> pending_;  // thread and address of its last atomic operation
  std::vector<uint64_t> initialised_;                   // shared arrays that are, in this block
  size_t cells_bytes_[2] = {};
  int64_t shared_bytes_ = 0;
  std::vector<uint64_t> spare_;
  uint32_t mark_ = kNoMark;
};

}  // namespace cantil::simulator
