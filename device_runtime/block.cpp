// What a simulated block asks of its surroundings: memory for per-thread arrays, and the barrier of fibers.
#include "device_runtime/block.h"

#include <cstdlib>

#include "device_runtime/abi.h"

namespace cantil::device_runtime {
namespace {

constexpr size_t kAlign = 128;
thread_local cantil_rt_block* running_block = nullptr;

}  // namespace

Scratch::~Scratch() { std::free(data_); }

unsigned char* Scratch::at_least(int64_t bytes) noexcept {
  if (bytes > size_) {
    std::free(data_);
    data_ = nullptr;
    size_ = 0;
    const size_t whole = (static_cast<size_t>(bytes) + kAlign - 1) / kAlign * kAlign;
    data_ = static_cast<unsigned char*>(std::aligned_alloc(kAlign, whole));
    if (data_ == nullptr) return nullptr;
    size_ = static_cast<int64_t>(whole);
  }
  return data_;
}

void set_running_block(cantil_rt_block* block) noexcept { running_block = block; }

}  // namespace cantil::device_runtime

extern "C" {

void* cantil_rt_scratch(cantil_rt_block* block, int64_t bytes) {
  auto* scheduler = static_cast<cantil::device_runtime::BlockScheduler*>(block->scheduler);
  block->scratch = scheduler->scratch.at_least(bytes);
  return block->scratch;
}

uint64_t cantil_rt_collective(cantil_rt_block* block, int32_t what, uint32_t mask, uint64_t value,
                              int32_t lane) {
  if (block == nullptr) block = cantil::device_runtime::running_block;
  auto* scheduler = static_cast<cantil::device_runtime::BlockScheduler*>(block->scheduler);
  return scheduler->collective(scheduler, what, mask, value, lane);
}

void cantil_rt_barrier(cantil_rt_block* block) {
  if (block == nullptr) block = cantil::device_runtime::running_block;
  auto* scheduler = static_cast<cantil::device_runtime::BlockScheduler*>(block->scheduler);
  scheduler->barrier(scheduler);
}

static cantil::device_runtime::Checks& checks_of(cantil_rt_block* block) {
  return *static_cast<cantil::device_runtime::BlockScheduler*>(block->scheduler)->checks;
}

void* cantil_rt_access(uint64_t imm, uint32_t thread, void* address, const int64_t* indices, int32_t n,
                       const void* value) {
  return checks_of(cantil::device_runtime::running_block).access(imm, thread, address, indices, n, value);
}
int32_t cantil_rt_initialised(cantil_rt_block* block, const void* array, int64_t bytes, int64_t step) {
  return checks_of(block).initialised(reinterpret_cast<uint64_t>(array), static_cast<uint64_t>(bytes),
                                      static_cast<uint64_t>(step));
}
void cantil_rt_fenced(uint32_t thread) { checks_of(cantil::device_runtime::running_block).fenced(thread); }
void cantil_rt_synchronised(cantil_rt_block* block) { checks_of(block).synchronised(); }
void cantil_rt_sync_mark(uint32_t site) { checks_of(cantil::device_runtime::running_block).mark(site); }

}  // extern "C"
