// Makes and tunes the memory pool of a device.
#include "host_api/memory_pool.h"

#include <cstdlib>
#include <string_view>

#include "host_api/context.h"

namespace cantil::host_api {
namespace {

constexpr int kNoAccess = 0;

bool switched_off() {
  const char* value = std::getenv("CANTIL_CUDA_POOL");
  return value != nullptr && std::string_view(value) == "0";
}

}  // namespace

cu::MemoryPool MemoryPool::handle() {
  if (cu::MemoryPool pool = handle_.load(std::memory_order_acquire)) [[likely]] {
    return pool;
  }
  if (unsupported_.load(std::memory_order_acquire)) {
    return nullptr;
  }
  const std::lock_guard lock(mutex_);
  if (cu::MemoryPool pool = handle_.load(std::memory_order_acquire)) {
    return pool;
  }
  const Driver& driver = context_.driver();
  if (!context_.device().properties().memory_pools || !driver.cuMemPoolCreate.available() ||
      !driver.cuMemAllocFromPoolAsync.available() || !driver.cuMemFreeAsync.available() || switched_off()) {
    unsupported_.store(true, std::memory_order_release);
    return nullptr;
  }
  const cu::MemoryPool pool = create();
  if (pool == nullptr) {
    unsupported_.store(true, std::memory_order_release);
    return nullptr;
  }
  handle_.store(pool, std::memory_order_release);
  return pool;
}

cu::MemoryPool MemoryPool::create() {
  const Driver& driver = context_.driver();
  cu::MemPoolProps props{};
  props.alloc_type = cu::kAllocationTypePinned;
  props.location = {cu::kLocationTypeDevice, context_.device().ordinal()};
  cu::MemoryPool pool = nullptr;
  const cu::Result result = driver.cuMemPoolCreate.try_call(&pool, &props);
  // Some virtualised devices claim pools and refuse them here.
  if (result == cu::kErrorNotSupported) {
    return nullptr;
  }
  if (result != cu::kSuccess) {
    throw_driver_error(driver.cuMemPoolCreate.name(), result);
  }
  try {
    driver.cuMemPoolSetAttribute(pool, cu::PoolAttribute::kReleaseThreshold, &release_threshold_);
    for (const int peer : peers_) {
      set_access(pool, peer, cu::kAccessReadWrite);
    }
  } catch (...) {
    driver.cuMemPoolDestroy.try_call(pool);
    throw;
  }
  return pool;
}

bool MemoryPool::supported() {
  const CurrentScope scope(context_);
  return handle() != nullptr;
}

void MemoryPool::set_release_threshold(uint64_t bytes) {
  const CurrentScope scope(context_);
  const cu::MemoryPool pool = handle();
  const std::lock_guard lock(mutex_);
  if (pool != nullptr) {
    uint64_t value = bytes;
    context_.driver().cuMemPoolSetAttribute(pool, cu::PoolAttribute::kReleaseThreshold, &value);
  }
  release_threshold_ = bytes;
}

void MemoryPool::trim(size_t bytes_to_keep) {
  if (cu::MemoryPool pool = handle_.load(std::memory_order_acquire)) {
    const CurrentScope scope(context_);
    context_.driver().cuMemPoolTrimTo(pool, bytes_to_keep);
  }
}

PoolStatistics MemoryPool::statistics() {
  PoolStatistics statistics;
  if (cu::MemoryPool pool = handle_.load(std::memory_order_acquire)) {
    const CurrentScope scope(context_);
    const auto get = [&](cu::PoolAttribute attribute, uint64_t& value) {
      context_.driver().cuMemPoolGetAttribute(pool, attribute, &value);
    };
    get(cu::PoolAttribute::kUsedCurrent, statistics.used);
    get(cu::PoolAttribute::kUsedHigh, statistics.used_high);
    get(cu::PoolAttribute::kReservedCurrent, statistics.reserved);
    get(cu::PoolAttribute::kReservedHigh, statistics.reserved_high);
  }
  return statistics;
}

void MemoryPool::allow_access(const Device& peer) {
  const CurrentScope scope(context_);
  const cu::MemoryPool pool = handle();
  const std::lock_guard lock(mutex_);
  if (pool != nullptr) {
    set_access(pool, peer.ordinal(), cu::kAccessReadWrite);
  }
  peers_.insert(peer.ordinal());
}

void MemoryPool::deny_access(const Device& peer) {
  const CurrentScope scope(context_);
  const std::lock_guard lock(mutex_);
  if (cu::MemoryPool pool = handle_.load(std::memory_order_acquire)) {
    set_access(pool, peer.ordinal(), kNoAccess);
  }
  peers_.erase(peer.ordinal());
}

void MemoryPool::set_access(cu::MemoryPool pool, int peer, int flags) {
  const cu::MemAccessDesc access{{cu::kLocationTypeDevice, peer}, flags};
  context_.driver().cuMemPoolSetAccess(pool, &access, 1);
}

void MemoryPool::destroy() noexcept {
  const std::lock_guard lock(mutex_);
  if (cu::MemoryPool pool = handle_.exchange(nullptr)) {
    context_.driver().cuMemPoolDestroy.try_call(pool);
  }
}

}  // namespace cantil::host_api
