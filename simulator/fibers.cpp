// Fibers on Boost.Context's switch; generated code has no unwinding, so an abandoned stack needs no cleaning
// up.
#include "simulator/fibers.h"

#include <sys/mman.h>
#include <unistd.h>

#include <boost/context/detail/fcontext.hpp>

namespace cantil::simulator {

namespace context = boost::context::detail;

namespace {

// Virtual memory, of which a thread touches what it uses. CUDA allows a thread 512 KB of local memory.
constexpr size_t kStack = size_t{640} << 10;

size_t page() {
  static const size_t size = static_cast<size_t>(sysconf(_SC_PAGESIZE));
  return size;
}

}  // namespace

FiberBlock::FiberBlock() { barrier = wait_at_barrier; }

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
  self.main_ = context::jump_fcontext(self.main_, nullptr).fctx;
}

int32_t FiberBlock::run(Entry entry, const void* args, cantil_rt_block* block) noexcept {
  const uint32_t* dim = block->block_dim;
  const size_t count = size_t{dim[0]} * dim[1] * dim[2];
  if (!map_stacks(count)) return CANTIL_RT_NO_MEMORY;
  entry_ = entry;
  args_ = args;
  block_ = block;
  contexts_.resize(count);
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
  for (size_t live = count; live > 0;) {
    size_t k = 0;
    for (uint32_t z = 0; z < dim[2]; ++z) {
      for (uint32_t y = 0; y < dim[1]; ++y) {
        for (uint32_t x = 0; x < dim[0]; ++x, ++k) {
          if (contexts_[k] == nullptr) continue;
          block->thread[0] = x;
          block->thread[1] = y;
          block->thread[2] = z;
          const context::transfer_t back = context::jump_fcontext(contexts_[k], this);
          contexts_[k] = back.fctx;
          if (back.data == nullptr) continue;
          contexts_[k] = nullptr;
          --live;
          if (status_ != 0) {
            for (int axis = 0; axis < 3; ++axis) block->error_thread[axis] = block->thread[axis];
            return status_;
          }
        }
      }
    }
  }
  return 0;
}

}  // namespace cantil::simulator
