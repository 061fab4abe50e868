// Fibers on Boost.Context's switch; generated code has no unwinding, so an abandoned stack needs no cleaning
// up.
#include "simulator/fibers.h"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <boost/context/detail/fcontext.hpp>
#include <numeric>

#include "simulator/random.h"

namespace cantil::simulator {

namespace context = boost::context::detail;

namespace {

// Virtual memory, of which a thread touches what it uses. CUDA allows a thread 512 KB of local memory.
constexpr size_t kStack = size_t{640} << 10;
constexpr size_t kLanes = 32;

size_t page() {
  static const size_t size = static_cast<size_t>(sysconf(_SC_PAGESIZE));
  return size;
}

bool is_warp_op(int8_t wait) { return wait >= 0 && wait < CANTIL_RT_ACTIVE_MASK; }
bool is_block_barrier(int8_t wait, int8_t plain) {
  return wait == plain || (wait >= CANTIL_RT_SYNC_COUNT && wait <= CANTIL_RT_SYNC_OR);
}

}  // namespace

FiberBlock::FiberBlock() {
  barrier = wait_at_barrier;
  collective = work_together;
}

FiberBlock::~FiberBlock() {
  if (stacks_ != nullptr) munmap(stacks_, stack_count_ * kStack);
}

bool FiberBlock::map_stacks(size_t count) noexcept {
  if (count <= stack_count_) return true;
  if (stacks_ != nullptr) munmap(stacks_, stack_count_ * kStack);
  stack_count_ = 0;
  void* mapped = mmap(nullptr, count * kStack, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  stacks_ = mapped == MAP_FAILED ? nullptr : static_cast<unsigned char*>(mapped);
  if (stacks_ == nullptr) return false;
  for (size_t k = 0; k < count; ++k) {
    if (mprotect(stacks_ + k * kStack, page(), PROT_NONE) != 0) return false;
  }
  stack_count_ = count;
  return true;
}

void FiberBlock::wait_at_barrier(device_runtime::BlockScheduler* scheduler) noexcept {
  auto& self = *static_cast<FiberBlock*>(scheduler);
  self.waits_[self.current_] = kBarrier;
  self.main_ = context::jump_fcontext(self.main_, nullptr).fctx;
}

uint64_t FiberBlock::work_together(device_runtime::BlockScheduler* scheduler, int32_t what, uint32_t mask,
                                   uint64_t value, int32_t lane) noexcept {
  auto& self = *static_cast<FiberBlock*>(scheduler);
  const size_t me = self.current_;
  self.waits_[me] = static_cast<int8_t>(what);
  self.masks_[me] = mask | 1u << me % kLanes;
  if (self.judge() != nullptr && is_warp_op(static_cast<int8_t>(what)) && self.masks_[me] != mask)
    self.judge()->wrong_mask(static_cast<uint32_t>(me), mask);
  self.values_[me] = value;
  self.lanes_[me] = lane;
  self.main_ = context::jump_fcontext(self.main_, nullptr).fctx;
  return self.results_[me];
}

void FiberBlock::place(size_t thread, uint32_t (&at)[3]) const {
  const uint32_t* dim = block_->block_dim;
  at[0] = static_cast<uint32_t>(thread % dim[0]);
  at[1] = static_cast<uint32_t>(thread / dim[0] % dim[1]);
  at[2] = static_cast<uint32_t>(thread / dim[0] / dim[1]);
}

bool FiberBlock::start(Entry entry, const void* args, cantil_rt_block* block) noexcept {
  const uint32_t* dim = block->block_dim;
  const size_t count = size_t{dim[0]} * dim[1] * dim[2];
  status_ = CANTIL_RT_NO_MEMORY;
  if (!map_stacks(count)) return false;
  status_ = 0;
  entry_ = entry;
  args_ = args;
  block_ = block;
  live_ = count;
  contexts_.resize(count);
  waits_.assign(count, kReady);
  warps_.resize((count + kLanes - 1) / kLanes);
  std::iota(warps_.begin(), warps_.end(), 0);
  if (checks != nullptr) {
    marks_.assign(count, BlockChecks::kNoMark);
    ended_.assign(count, false);
  }
  masks_.resize(count);
  lanes_.resize(count);
  values_.resize(count);
  results_.resize(count);
  const auto body = [](context::transfer_t from) {
    auto& self = *static_cast<FiberBlock*>(from.data);
    self.main_ = from.fctx;
    self.status_ = self.entry_(self.args_, self.block_);
    // Any value but null says that this was the end.
    context::jump_fcontext(self.main_, &self);
  };
  for (size_t k = 0; k < count; ++k) {
    contexts_[k] = context::make_fcontext(stacks_ + (k + 1) * kStack, kStack - page(), body);
  }
  return true;
}

// Runs a thread until it waits or ends; false when it failed.
bool FiberBlock::resume(size_t thread) noexcept {
  current_ = thread;
  place(thread, block_->thread);
  const context::transfer_t back = context::jump_fcontext(contexts_[thread], this);
  contexts_[thread] = back.fctx;
  if (checks != nullptr) {
    marks_[thread] = judge()->take_mark();
    ended_[thread] = back.data != nullptr;
  }
  if (back.data == nullptr) return true;
  waits_[thread] = kEnded;
  --live_;
  if (status_ == 0) return true;
  place(thread, block_->error_thread);
  return false;
}

FiberBlock::State FiberBlock::advance() noexcept {
  do {
    order_warps();
    for (const uint32_t warp : warps_) {
      for (size_t k = warp * kLanes; k < std::min(waits_.size(), (warp + 1) * kLanes); ++k) {
        if (waits_[k] == kReady && !resume(k)) return State::Failed;
      }
    }
    if (live_ == 0) return State::Done;
  } while (release());
  if (std::all_of(waits_.begin(), waits_.end(),
                  [](int8_t w) { return w == kEnded || w == CANTIL_RT_SYNC_GRID; }))
    return State::AtGrid;
  deadlock_ = describe_deadlock();
  status_ = CANTIL_RT_DEADLOCK;
  return State::Failed;
}

void FiberBlock::release_grid() noexcept {
  std::replace(waits_.begin(), waits_.end(), static_cast<int8_t>(CANTIL_RT_SYNC_GRID), int8_t{kReady});
}

int32_t FiberBlock::run(Entry entry, const void* args, cantil_rt_block* block) noexcept {
  if (!start(entry, args, block)) return status_;
  // A grid of one block.
  while (advance() == State::AtGrid) release_grid();
  return status_;
}

bool FiberBlock::release() noexcept {
  bool any = false;
  for (size_t first = 0; first < waits_.size(); first += kLanes) any |= release_warp(first);
  if (any || release_block()) return true;
  for (size_t first = 0; first < waits_.size(); first += kLanes) any |= release_active(first);
  return any;
}

void FiberBlock::give(size_t first, uint32_t lanes, int32_t what) noexcept {
  uint32_t masks[kLanes];
  std::fill_n(masks, kLanes, lanes);
  device_runtime::warp_collective(what, lanes, masks, &lanes_[first], &values_[first], &results_[first]);
  for (size_t k = 0; k < kLanes; ++k) {
    if (lanes >> k & 1) waits_[first + k] = kReady;
  }
}

bool FiberBlock::release_warp(size_t first) noexcept {
  const size_t count = std::min(kLanes, waits_.size() - first);
  uint32_t live = 0;
  for (size_t k = 0; k < count; ++k) live |= (waits_[first + k] != kEnded ? 1u : 0u) << k;
  bool any = false;
  for (size_t k = 0; k < count; ++k) {
    const int8_t what = waits_[first + k];
    if (!is_warp_op(what)) continue;
    const uint32_t mask = masks_[first + k], group = mask & live;
    bool complete = true;
    for (size_t j = 0; j < count && complete; ++j) {
      if (group >> j & 1) complete = waits_[first + j] == what && (masks_[first + j] & live) == group;
    }
    if (!complete) continue;
    if (checks != nullptr) {
      // Lanes that are named and have ended. (What shuffles them in gets nothing.)
      const uint32_t all = count == kLanes ? ~0u : (1u << count) - 1;
      const bool whole = mask == ~0u;  // FULL_MASK is what people write, also for the last, shorter warp
      if (mask & ~live & (whole ? all : ~0u))
        judge()->wrong_mask(static_cast<uint32_t>(first + k), mask, marks_[first + k]);
      if (what == CANTIL_RT_SYNC_WARP) judge()->warp_synchronised(static_cast<uint32_t>(first / kLanes));
    }
    give(first, group, what);
    any = true;
  }
  return any;
}

bool FiberBlock::release_block() noexcept {
  int32_t counted[3] = {}, held[3] = {};
  for (size_t k = 0; k < waits_.size(); ++k) {
    const int8_t what = waits_[k];
    if (what == kEnded) continue;
    if (!is_block_barrier(what, kBarrier)) return false;
    if (what == kBarrier) continue;
    counted[what - CANTIL_RT_SYNC_COUNT] += 1;
    held[what - CANTIL_RT_SYNC_COUNT] += values_[k] != 0;
  }
  if (checks != nullptr) check_block_barrier();
  for (size_t k = 0; k < waits_.size(); ++k) {
    const int8_t what = waits_[k];
    if (what == kEnded) continue;
    if (what == CANTIL_RT_SYNC_COUNT) results_[k] = static_cast<uint64_t>(held[0]);
    if (what == CANTIL_RT_SYNC_AND) results_[k] = held[1] == counted[1];
    if (what == CANTIL_RT_SYNC_OR) results_[k] = held[2] != 0;
    waits_[k] = kReady;
  }
  return true;
}

bool FiberBlock::release_active(size_t first) noexcept {
  uint32_t lanes = 0;
  for (size_t k = 0; k < std::min(kLanes, waits_.size() - first); ++k)
    lanes |= (waits_[first + k] == CANTIL_RT_ACTIVE_MASK ? 1u : 0u) << k;
  if (lanes != 0) give(first, lanes, CANTIL_RT_ACTIVE_MASK);
  return lanes != 0;
}

void FiberBlock::order_warps() noexcept {
  if (!seed_) return;
  SplitMix random{*seed_};
  for (size_t k = warps_.size(); k > 1; --k) std::swap(warps_[k - 1], warps_[random() % k]);
  seed_ = random();
}

// A barrier is passed by all threads that have not returned, at one place.
void FiberBlock::check_block_barrier() noexcept {
  size_t first = 0;
  while (waits_[first] == kEnded) ++first;
  for (size_t k = 0; k < waits_.size(); ++k) {
    const bool elsewhere = waits_[k] != kEnded && marks_[k] != marks_[first];
    const bool missed = ended_[k] && marks_[k] == BlockChecks::kNoMark;
    if (!elsewhere && !missed) continue;
    judge()->diverged(static_cast<uint32_t>(first), marks_[first], static_cast<uint32_t>(k), marks_[k]);
    break;
  }
  ended_.assign(waits_.size(), false);
  judge()->synchronised();
}

std::string FiberBlock::describe_deadlock() const {
  const auto triple = [](const uint32_t (&v)[3]) {
    return "(" + std::to_string(v[0]) + ", " + std::to_string(v[1]) + ", " + std::to_string(v[2]) + ")";
  };
  size_t at_barrier = 0, at_grid = 0, at_warp = 0, example = 0;
  for (size_t k = 0; k < waits_.size(); ++k) {
    if (waits_[k] == CANTIL_RT_SYNC_GRID) ++at_grid;
    if (is_block_barrier(waits_[k], kBarrier)) ++at_barrier;
    if (is_warp_op(waits_[k]) && at_warp++ == 0) example = k;
  }
  std::string text = "threads of block " + triple(block_->block) + " wait for each other for ever: ";
  if (at_warp != 0) {
    uint32_t at[3];
    place(example, at);
    char mask[16];
    snprintf(mask, sizeof mask, "0x%08x", masks_[example]);
    text += std::to_string(at_warp) + " for lanes of their warp that never come (thread " + triple(at) +
            " with the mask " + mask + ")";
  }
  if (at_barrier != 0)
    text += (at_warp ? ", " : "") + std::to_string(at_barrier) + " at a barrier of the block";
  if (at_grid != 0)
    text += (at_warp || at_barrier ? ", " : "") + std::to_string(at_grid) + " at the grid's barrier";
  return text + ".";
}

}  // namespace cantil::simulator
