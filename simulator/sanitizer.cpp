// The rules, in full; what generated code has found harmless by itself never comes here.
#include "simulator/sanitizer.h"

#include <sys/mman.h>

#include <algorithm>
#include <cstring>

namespace cantil::simulator {
namespace {

constexpr uint64_t kMostFindings = 100;  // distinct ones
constexpr uint64_t kWrittenAtomic = 1, kReadByThreads = 1, kReadByBlocks = 2;
constexpr uint64_t kWhen = uint64_t{1} << CANTIL_RT_WHEN_SHIFT;
constexpr int kNumberShift = CANTIL_RT_WHEN_SHIFT + CANTIL_RT_TIME_BITS;
constexpr size_t kMaxThreads = 1024;

uint32_t thread_of(uint64_t tag) { return static_cast<uint32_t>(tag >> CANTIL_RT_THREAD_SHIFT) & 1023; }
int32_t site_of(uint64_t tag) {
  return static_cast<int32_t>(tag >> CANTIL_RT_SITE_SHIFT) & (CANTIL_RT_ACCESS_SITES - 1);
}
uint64_t tag_of(uint64_t now, uint32_t thread, uint64_t imm) {
  return now | uint64_t{thread} << CANTIL_RT_THREAD_SHIFT |
         (imm & (CANTIL_RT_ACCESS_SITES - 1)) << CANTIL_RT_SITE_SHIFT;
}

// Other workers look at the same cells of global memory; what they miss of each other by that is a matter of
// luck that no order of theirs would make certain.
uint64_t get(uint64_t& word) { return std::atomic_ref(word).load(std::memory_order_relaxed); }
void set(uint64_t& word, uint64_t tag) { std::atomic_ref(word).store(tag, std::memory_order_relaxed); }

}  // namespace

// ---- What the launch shares

Sanitizer::Sanitizer(uint64_t blocks, const std::vector<uint32_t>& site_bytes)
    : lock_(Shadow::get().launching), site_bytes_(site_bytes) {
  // More blocks than there are numbers share them: races between those that do are then missed.
  blocks_ = std::min(blocks, Shadow::kNumbers / 4);
  first_number_ = Shadow::get().take_numbers(blocks_);
}

uint64_t Sanitizer::new_number(uint64_t block) {
  std::lock_guard lock(mutex_);
  extra_.push_back(block);
  return Shadow::get().take_numbers(1);
}

uint64_t Sanitizer::block_of(uint64_t number) {
  if (number < first_number_ + blocks_) return number - first_number_;
  std::lock_guard lock(mutex_);
  const uint64_t k = number - first_number_ - blocks_;
  return k < extra_.size() ? extra_[k] : 0;
}

void Sanitizer::report(Finding f) {
  std::lock_guard lock(mutex_);
  for (Finding& known : findings_) {
    if (known.kind == f.kind && known.site == f.site && known.other_site == f.other_site) {
      ++known.count;
      // Of the same, the one that a sequential run meets first, so that reports do not depend on luck.
      if (std::pair(f.block, f.thread) < std::pair(known.block, known.thread)) {
        f.count = known.count;
        known = std::move(f);
      }
      return;
    }
  }
  if (findings_.size() < kMostFindings) findings_.push_back(std::move(f));
}

std::vector<Finding> Sanitizer::take_findings() {
  std::sort(findings_.begin(), findings_.end(), [](const Finding& a, const Finding& b) {
    return std::tuple(a.block, a.site, a.thread) < std::tuple(b.block, b.site, b.thread);
  });
  return std::move(findings_);
}

// ---- A worker's blocks

BlockChecks::~BlockChecks() {
  for (int t = 0; t < 2; ++t)
    if (shadow_.shared_cells[t] != nullptr) munmap(shadow_.shared_cells[t], cells_bytes_[t]);
}

bool BlockChecks::begin_launch(Sanitizer& sanitizer, int64_t shared_bytes) {
  sanitizer_ = &sanitizer;
  shared_bytes_ = shared_bytes;
  for (int t = 0; t < 2; ++t) {
    shadow_.pages[t] = Shadow::get().pages(t);
    const size_t bytes = (static_cast<size_t>(shared_bytes) + 64) * (t == 0 ? 4 : 16);
    if (bytes <= cells_bytes_[t]) continue;
    if (shadow_.shared_cells[t] != nullptr) munmap(shadow_.shared_cells[t], cells_bytes_[t]);
    void* made =
        mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    cells_bytes_[t] = made == MAP_FAILED ? 0 : bytes;
    shadow_.shared_cells[t] = made == MAP_FAILED ? nullptr : static_cast<cantil_rt_cell*>(made);
    if (made == MAP_FAILED) return false;
  }
  shadow_.launch_first = sanitizer.first_number_ << kNumberShift;
  return true;
}

void BlockChecks::begin_block(cantil_rt_block& block, uint64_t number) {
  block_ = &block;
  block.shadow = &shadow_;
  number_ = number;
  numbers_.assign(1, sanitizer_->first_number_ + number % sanitizer_->blocks_);
  shadow_.shared_now += kWhen;
  shadow_.shared_first = shadow_.shared_floor = shadow_.shared_now;
  shadow_.global_now = global_floor_ = numbers_[0] << kNumberShift;
  warps_.clear();
  learnt_.clear();
  pending_.clear();
  initialised_.clear();
  if (any_fence_) fences_.clear();
  any_fence_ = false;
  mark_ = kNoMark;
}

// Time goes on in this block.
void BlockChecks::step() {
  shadow_.shared_now += kWhen;
  shadow_.global_now += kWhen;
  if ((shadow_.global_now >> kNumberShift) != numbers_.back()) {
    numbers_.push_back(sanitizer_->new_number(number_));
    shadow_.global_now = numbers_.back() << kNumberShift;
  }
}

void BlockChecks::synchronised() {
  step();
  shadow_.shared_floor = shadow_.shared_now;
  global_floor_ = shadow_.global_now;
}

void BlockChecks::warp_synchronised(uint32_t warp) {
  step();
  if (warps_.empty()) warps_.resize(kMaxThreads / 32);
  warps_[warp] = {shadow_.shared_now, shadow_.global_now};
}

bool BlockChecks::initialised(uint64_t array, uint64_t bytes, uint64_t step) {
  if (std::find(initialised_.begin(), initialised_.end(), array) != initialised_.end()) return true;
  const int table = step >= 4 ? 0 : 1;
  for (uint64_t at = 0; at < bytes; at += step) {
    const cantil_rt_cell* c = cell(CANTIL_RT_SHARED, table, array + at);
    if (c == nullptr || c->written < shadow_.shared_first) return false;
  }
  initialised_.push_back(array);
  return true;
}

void BlockChecks::fenced(uint32_t thread) {
  if (fences_.size() < kMaxThreads) fences_.resize(kMaxThreads);
  any_fence_ = true;
  fences_[thread] = {true, global_floor_};
  sanitizer_->publishes_.store(true, std::memory_order_relaxed);
}

void BlockChecks::diverged(uint32_t thread, uint32_t mark, uint32_t other_thread, uint32_t other_mark) {
  Finding f;
  f.kind = FindingKind::DivergentBarrier;
  f.site = static_cast<int32_t>(mark % CANTIL_RT_ACCESS_SITES);
  f.other_site = other_mark == kNoMark ? -1 : static_cast<int32_t>(other_mark % CANTIL_RT_ACCESS_SITES);
  f.block = f.other_block = number_;
  f.thread = thread;
  f.other_thread = other_thread;
  f.other_thread_known = true;
  sanitizer_->report(std::move(f));
}

void BlockChecks::wrong_mask(uint32_t thread, uint32_t mask, uint32_t mark) {
  Finding f;
  f.kind = FindingKind::WarpMask;
  f.site = static_cast<int32_t>(mark % CANTIL_RT_ACCESS_SITES);
  f.block = f.other_block = number_;
  f.thread = thread;
  f.mask = mask;
  sanitizer_->report(std::move(f));
}

// ---- Order

// Tags of this block in global memory; its numbers may have changed over time.
bool BlockChecks::is_earlier(uint64_t tag, uint64_t reference) const {
  const uint64_t a = tag >> kNumberShift, b = reference >> kNumberShift;
  if (a == b) return tag < reference;
  const auto place = [&](uint64_t n) {
    return std::find(numbers_.begin(), numbers_.end(), n) - numbers_.begin();
  };
  return place(a) < place(b);
}

uint64_t BlockChecks::block_of(int space, uint64_t tag) {
  return space == CANTIL_RT_SHARED ? number_ : sanitizer_->block_of(tag >> kNumberShift);
}

BlockChecks::Relation BlockChecks::relation(int space, uint64_t tag, uint32_t thread) {
  const uint32_t by = thread_of(tag);
  uint64_t block = number_;
  if (space == CANTIL_RT_SHARED) {
    if (tag < shadow_.shared_first) return Relation::None;
    if (by == thread || tag < shadow_.shared_floor) return Relation::Ordered;
    if (!warps_.empty() && by / 32 == thread / 32 && tag < warps_[thread / 32].first)
      return Relation::Ordered;
    // What is published counts in global time, which goes with the block's own.
    tag = tag - shadow_.shared_now + shadow_.global_now;
  } else {
    if (tag < shadow_.launch_first) return Relation::None;
    block = block_of(space, tag);
    if (block == number_ % sanitizer_->blocks_) {
      if (by == thread || is_earlier(tag, global_floor_)) return Relation::Ordered;
      if (!warps_.empty() && by / 32 == thread / 32 && warps_[thread / 32].second != 0 &&
          is_earlier(tag, warps_[thread / 32].second))
        return Relation::Ordered;
    }
  }
  return is_published(block, by, tag, thread) ? Relation::Ordered : Relation::Conflict;
}

// Whether what thread `by` of `block` did at `tag` was published to an address that `thread` has looked at
// since.
bool BlockChecks::is_published(uint64_t block, uint32_t by, uint64_t tag, uint32_t thread) {
  if (learnt_.empty()) return false;
  std::lock_guard lock(sanitizer_->mutex_);
  for (const Learnt& l : learnt_) {
    if (l.thread != thread && !is_earlier(l.when, global_floor_)) continue;
    const auto& entries = sanitizer_->published_[l.address].entries;
    for (size_t k = 0; k < l.entries; ++k) {
      const auto& e = entries[k];
      if (e.block % sanitizer_->blocks_ == block % sanitizer_->blocks_ && (e.thread == by || tag < e.floor))
        return true;
    }
  }
  return false;
}

// An atomic operation: learns what others have published at its address; publishes what its thread did before
// its last fence, and what that thread had seen of its block at a barrier before.
void BlockChecks::publish(const Access& a) {
  if (!sanitizer_->publishes_.load(std::memory_order_relaxed)) return;
  const uint64_t key = a.space == CANTIL_RT_SHARED ? a.address ^ number_ << 48 : a.address;
  const bool gives = any_fence_ && fences_[a.thread].made;
  std::lock_guard lock(sanitizer_->mutex_);
  learn(a.thread, key);
  if (gives) sanitizer_->published_[key].entries.push_back({number_, fences_[a.thread].floor, a.thread});
  pending_.emplace_back(a.thread, key);
}

// Notes what is published at an address; the sanitizer's mutex is held.
void BlockChecks::learn(uint32_t thread, uint64_t key) {
  const auto found = sanitizer_->published_.find(key);
  if (found == sanitizer_->published_.end() || found->second.entries.empty()) return;
  const Learnt now{thread, shadow_.global_now, key, found->second.entries.size()};
  const auto same = std::find_if(learnt_.begin(), learnt_.end(),
                                 [&](const Learnt& l) { return l.thread == thread && l.address == key; });
  if (same == learnt_.end())
    learnt_.push_back(now);
  else
    *same = now;
}

// An atomic operation comes after its check, and another worker may have published in between: what the
// operation has seen is looked up again when its thread goes on.
void BlockChecks::settle(uint32_t thread) {
  const auto last =
      std::find_if(pending_.begin(), pending_.end(), [&](const auto& p) { return p.first == thread; });
  if (last == pending_.end()) return;
  const uint64_t key = last->second;
  pending_.erase(last);
  std::lock_guard lock(sanitizer_->mutex_);
  learn(thread, key);
}

// ---- Judgement

cantil_rt_cell* BlockChecks::cell(int space, int table, uint64_t address) {
  if (space != CANTIL_RT_SHARED) return Shadow::get().cell(table, address);
  const uint64_t offset = address - reinterpret_cast<uint64_t>(block_->shared);
  if (offset >= static_cast<uint64_t>(shared_bytes_)) return nullptr;
  return shadow_.shared_cells[table] + (table == 0 ? offset >> 2 : offset);
}

int BlockChecks::space_of(uint64_t address) const {
  if (address - reinterpret_cast<uint64_t>(block_->shared) < static_cast<uint64_t>(shared_bytes_))
    return CANTIL_RT_SHARED;
  // Local arrays lie on the stack that the thread runs on, or in the block's scratch memory.
  constexpr uint64_t kStackReach = uint64_t{640} << 10;
  const auto here = reinterpret_cast<uint64_t>(__builtin_frame_address(0));
  if (address - here < kStackReach) return CANTIL_RT_LOCAL;
  const auto* scheduler = static_cast<const device_runtime::BlockScheduler*>(block_->scheduler);
  return scheduler->scratch.contains(address) ? CANTIL_RT_LOCAL : CANTIL_RT_GLOBAL;
}

Finding BlockChecks::finding(const Access& a, FindingKind kind) const {
  Finding f;
  f.kind = kind;
  f.space = a.space;
  f.site = static_cast<int32_t>(a.imm & (CANTIL_RT_ACCESS_SITES - 1));
  f.block = f.other_block = number_;
  f.thread = a.thread;
  for (int32_t k = 0; k < a.pairs; ++k) {
    f.index.push_back(a.indices[2 * k]);
    f.shape.push_back(a.indices[2 * k + 1]);
  }
  return f;
}

void* BlockChecks::spare(uint64_t bytes) {
  spare_.assign((bytes + 15) / 8, 0);
  return reinterpret_cast<void*>((reinterpret_cast<uint64_t>(spare_.data()) + 15) / 16 * 16);
}

void* BlockChecks::access(uint64_t imm, uint32_t thread, void* pointer, const int64_t* indices, int32_t n,
                          const void* value) {
  const auto address = reinterpret_cast<uint64_t>(pointer);
  const uint64_t bytes = CANTIL_RT_ACCESS_BYTES(imm);
  Access a{imm, thread, address, indices, n, value, static_cast<int>(CANTIL_RT_ACCESS_SPACE(imm))};
  for (int32_t k = 0; k < n; ++k) {
    if (static_cast<uint64_t>(indices[2 * k]) >= static_cast<uint64_t>(indices[2 * k + 1])) {
      sanitizer_->report(finding(a, FindingKind::OutOfBounds));
      return spare(bytes + 16);
    }
  }
  if (a.space == CANTIL_RT_CONST) return pointer;
  if (a.space == CANTIL_RT_UNKNOWN) a.space = space_of(address);
  const int table = bytes >= 4 ? 0 : 1;
  // What is larger than any number is looked at word by word.
  const uint64_t step = bytes > 16 ? 4 : std::max<uint64_t>(bytes, 1);
  for (uint64_t at = 0; at < std::max<uint64_t>(bytes, 1); at += step) {
    cantil_rt_cell* c = cell(a.space, table, address + at);
    if (c == nullptr) {
      if (a.space == CANTIL_RT_SHARED) {
        sanitizer_->report(finding(a, FindingKind::OutOfBounds));
        return spare(bytes + 16);
      }
      return pointer;  // no memory for the shadow: unchecked
    }
    if (a.space == CANTIL_RT_LOCAL)
      judge_local(a, *c, address + at);
    else
      judge(a, *c, address + at);
  }
  return pointer;
}

void BlockChecks::judge_local(const Access& a, cantil_rt_cell& c, uint64_t address) {
  const uint64_t written = get(c.written);
  if (CANTIL_RT_ACCESS_KIND(a.imm) != CANTIL_RT_WRITE) {
    const bool own = written >= shadow_.launch_first && thread_of(written) == a.thread &&
                     block_of(CANTIL_RT_GLOBAL, written) == number_ % sanitizer_->blocks_;
    if (own || was_written_otherwise(a, address)) return;
    sanitizer_->report(finding(a, FindingKind::Uninitialised));
  }
  set(c.written, tag_of(shadow_.global_now, a.thread, a.imm));
}

// Memory that was written as elements of another size: those that reach here from a cell before, or smaller
// ones.
bool BlockChecks::was_written_otherwise(const Access& a, uint64_t address) {
  const auto is_written = [&](int table, uint64_t at, uint64_t bytes_at_least) {
    const cantil_rt_cell* c = cell(a.space, table, at);
    if (c == nullptr) return false;
    const bool own = a.space == CANTIL_RT_SHARED
                         ? c->written >= shadow_.shared_first
                         : c->written >= shadow_.launch_first && thread_of(c->written) == a.thread &&
                               block_of(CANTIL_RT_GLOBAL, c->written) == number_ % sanitizer_->blocks_;
    return own && sanitizer_->bytes_of(site_of(c->written)) >= bytes_at_least;
  };
  const uint64_t bytes = CANTIL_RT_ACCESS_BYTES(a.imm), word = address & ~uint64_t{3};
  constexpr uint64_t kLargest = 16;
  for (uint64_t back = bytes < 4 ? 0 : 4; back < kLargest; back += 4)
    if (is_written(0, word - back, address - word + back + 1)) return true;
  if (bytes < 4) return is_written(1, address - 1, 2);
  for (uint64_t k = 0; k < 4; ++k)
    if (is_written(1, address + k, 1)) return true;
  return false;
}

void BlockChecks::judge(const Access& a, cantil_rt_cell& c, uint64_t address) {
  const bool shared = a.space == CANTIL_RT_SHARED;
  const auto kind = static_cast<int>(CANTIL_RT_ACCESS_KIND(a.imm));
  const bool relaxed = CANTIL_RT_ACCESS_RELAXED(a.imm) != 0;
  const uint64_t written = get(c.written), read = get(c.read);
  const uint64_t mine = tag_of(shared ? shadow_.shared_now : shadow_.global_now, a.thread, a.imm);
  if (!pending_.empty()) settle(a.thread);
  if (kind == CANTIL_RT_ATOMIC) publish(a);

  const Relation to_writer = relation(a.space, written, a.thread);
  if (shared && kind != CANTIL_RT_WRITE && to_writer == Relation::None &&
      !was_written_otherwise(a, address)) {
    sanitizer_->report(finding(a, FindingKind::Uninitialised));
    if (kind == CANTIL_RT_READ) set(c.written, mine);  // once is enough
  }
  const auto race = [&](uint64_t tag, bool known) {
    Finding f = finding(a, FindingKind::Race);
    f.other_site = site_of(tag);
    f.other_thread = thread_of(tag);
    f.other_block = block_of(a.space, tag);
    f.other_thread_known = known;
    sanitizer_->report(std::move(f));
  };
  if (to_writer == Relation::Conflict) {
    const bool by_atomic = (written & kWrittenAtomic) != 0;
    const bool atomic_enough = by_atomic && (kind == CANTIL_RT_ATOMIC || (kind == CANTIL_RT_READ && relaxed));
    const bool same_value =
        kind == CANTIL_RT_WRITE && !by_atomic && a.value != nullptr &&
        std::memcmp(a.value, reinterpret_cast<const void*>(a.address), CANTIL_RT_ACCESS_BYTES(a.imm)) == 0;
    if (!atomic_enough && !same_value) race(written, true);
  }

  const Relation to_reader = relation(a.space, read, a.thread);
  if (kind == CANTIL_RT_READ) {
    if (relaxed) return;
    if (to_reader == Relation::None) {
      set(c.read, mine);
    } else if (thread_of(read) == a.thread && read >> CANTIL_RT_WHEN_SHIFT == mine >> CANTIL_RT_WHEN_SHIFT) {
      return;
    } else if (to_reader == Relation::Ordered) {
      // The reader before cannot conflict with what comes; further readers of other blocks can.
      set(c.read, mine | (shared ? 0 : read & kReadByBlocks));
    } else {
      const bool same_block = shared || block_of(a.space, read) == number_ % sanitizer_->blocks_;
      set(c.read, read | (same_block ? kReadByThreads : kReadByBlocks));
    }
    return;
  }
  if (to_reader == Relation::Conflict) {
    race(read, true);
  } else if (to_reader == Relation::Ordered) {
    // This thread read it, and so did others since the last barrier, or in other blocks. After a syncwarp
    // they may have been of this warp.
    bool now = shared ? read >= shadow_.shared_floor : !is_earlier(read, global_floor_);
    if (now && !warps_.empty()) {
      const auto [shared_clock, global_clock] = warps_[a.thread / 32];
      now = shared ? read >= shared_clock : global_clock == 0 || !is_earlier(read, global_clock);
    }
    if ((!shared && (read & kReadByBlocks) != 0) || ((read & kReadByThreads) != 0 && now)) race(read, false);
  }
  set(c.written, mine | (kind == CANTIL_RT_ATOMIC ? kWrittenAtomic : 0));
  if (to_reader != Relation::None) set(c.read, 0);
}

}  // namespace cantil::simulator
