// Primary contexts: retaining, switching, resetting.
#include "host_api/context.h"

#include <mutex>
#include <vector>

#include "host_api/memory_pool.h"
#include "host_api/stream.h"

namespace cantil::host_api {
namespace {

constexpr int kFastDevices = 64;

std::mutex registry_mutex;
// Never destroyed, like the driver: see driver.cpp.
std::vector<std::unique_ptr<Context>>& registry() {
  static auto* contexts = new std::vector<std::unique_ptr<Context>>;
  return *contexts;
}
// The same contexts for readers without the lock.
std::atomic<Context*> fast[kFastDevices];

thread_local int chosen_ordinal = 0;

}  // namespace

Context& Context::get(int ordinal) {
  if (ordinal >= 0 && ordinal < kFastDevices) [[likely]] {
    if (Context* context = fast[ordinal].load(std::memory_order_acquire)) [[likely]] {
      return *context;
    }
  }
  const Device& device = Device::get(ordinal);
  const std::lock_guard lock(registry_mutex);
  auto& contexts = registry();
  for (const auto& context : contexts) {
    if (context->device().ordinal() == ordinal) {
      return *context;
    }
  }
  contexts.reserve(contexts.size() + 1);
  contexts.push_back(std::unique_ptr<Context>(new Context(device)));
  if (ordinal < kFastDevices) {
    fast[ordinal].store(contexts.back().get(), std::memory_order_release);
  }
  return *contexts.back();
}

int Context::current_ordinal() {
  const Driver& driver = Driver::get();
  cu::Context now = nullptr;
  driver.cuCtxGetCurrent(&now);
  if (now == nullptr) {
    return chosen_ordinal;
  }
  for (int ordinal = 0; ordinal < kFastDevices; ++ordinal) {
    const Context* context = fast[ordinal].load(std::memory_order_acquire);
    if (context != nullptr && context->handle() == now) {
      return ordinal;
    }
  }
  // A context that another library made. Its device is what the user means.
  cu::Device handle = 0;
  driver.cuCtxGetDevice(&handle);
  const int count = Device::count();
  for (int ordinal = 0; ordinal < count; ++ordinal) {
    if (Device::get(ordinal).handle() == handle) {
      return ordinal;
    }
  }
  throw DriverError("cuCtxGetDevice", cu::kErrorInvalidDevice,
                    "The current context is of no device that is listed.");
}

Context& Context::select(int ordinal) {
  Context& context = get(ordinal);
  context.driver_.cuCtxSetCurrent(context.handle());
  chosen_ordinal = ordinal;
  return context;
}

Context::Context(const Device& device)
    : device_(device),
      driver_(device.driver()),
      cleanup_(std::make_unique<Cleanup>(*this)),
      pool_(std::make_unique<MemoryPool>(*this)) {
  default_stream_ = Stream::wrap_default(*this);
  // The last step, so that no failure leaves a retained context behind.
  cu::Context handle = nullptr;
  driver_.cuDevicePrimaryCtxRetain(&handle, device_.handle());
  ++retained_;
  handle_.store(handle, std::memory_order_release);
}

Context::~Context() = default;

void Context::forget() noexcept {
  const std::lock_guard lock(registry_mutex);
  for (auto& entry : fast) {
    entry.store(nullptr);
  }
  for (auto& context : registry()) {
    context->cleanup_->flush();
    context->pool_->destroy();
    for (; context->retained_ > 0; --context->retained_) {
      context->driver_.cuDevicePrimaryCtxRelease.try_call(context->device_.handle());
    }
  }
  registry().clear();
  chosen_ordinal = 0;
}

void Context::synchronize() {
  const CurrentScope scope(*this);
  driver_.cuCtxSynchronize();
  cleanup_->flush();
}

Context::MemoryInfo Context::memory_info() {
  const CurrentScope scope(*this);
  MemoryInfo info{};
  driver_.cuMemGetInfo(&info.free, &info.total);
  return info;
}

void Context::start_profiler() {
  const CurrentScope scope(*this);
  driver_.cuProfilerStart();
}

void Context::stop_profiler() {
  const CurrentScope scope(*this);
  driver_.cuProfilerStop();
}

void Context::enable_peer_access(Context& peer) {
  const CurrentScope scope(*this);
  if (!device_.can_access_peer(peer.device_)) {
    throw DriverError("cuDeviceCanAccessPeer", 217,
                      "Devices " + std::to_string(device_.ordinal()) + " and " +
                          std::to_string(peer.device_.ordinal()) + " were asked for.");
  }
  const cu::Result result = driver_.cuCtxEnablePeerAccess.try_call(peer.handle(), 0);
  if (result != cu::kSuccess && result != cu::kErrorPeerAccessAlreadyEnabled) {
    throw_driver_error(driver_.cuCtxEnablePeerAccess.name(), result);
  }
  // Memory of a pool has access rights of its own.
  peer.pool().allow_access(device_);
}

void Context::disable_peer_access(Context& peer) {
  const CurrentScope scope(*this);
  const cu::Result result = driver_.cuCtxDisablePeerAccess.try_call(peer.handle());
  if (result != cu::kSuccess && result != cu::kErrorPeerAccessNotEnabled) {
    throw_driver_error(driver_.cuCtxDisablePeerAccess.name(), result);
  }
  peer.pool().deny_access(device_);
}

void Context::reset() {
  // First of all, so that no handle made until now is given to the driver once the context is gone.
  epoch_.fetch_add(1, std::memory_order_acq_rel);
  cleanup_->forget();
  pool_->destroy();
  driver_.cuDevicePrimaryCtxReset(device_.handle());
  cu::Context handle = nullptr;
  driver_.cuDevicePrimaryCtxRetain(&handle, device_.handle());
  // The constructor's retain is not given back: whether a reset clears the driver's count is not documented,
  // and one count too many costs nothing while one too few would destroy the context under us.
  ++retained_;
  handle_.store(handle, std::memory_order_release);
}

cu::Result CurrentScope::change(const Context& context, cu::Context now, const char*& call) noexcept {
  if (now == nullptr) {
    call = "cuCtxSetCurrent";
    return driver_.cuCtxSetCurrent.try_call(context.handle());
  }
  call = "cuCtxPushCurrent";
  const cu::Result result = driver_.cuCtxPushCurrent.try_call(context.handle());
  pushed_ = result == cu::kSuccess;
  return result;
}

}  // namespace cantil::host_api
