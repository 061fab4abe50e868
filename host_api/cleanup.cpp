// Deferred and immediate release of driver handles.
#include "host_api/cleanup.h"

#include <new>

#include "host_api/context.h"
#include "host_api/stream.h"

namespace cantil::host_api {
namespace {

bool is_memory(HandleKind kind) {
  return kind == HandleKind::kPoolMemory || kind == HandleKind::kDeviceMemory ||
         kind == HandleKind::kHostMemory || kind == HandleKind::kRegisteredHost ||
         kind == HandleKind::kIpcMemory;
}

bool capture_in_the_way(cu::Result result) {
  return result >= cu::kErrorStreamCaptureUnsupported && result <= cu::kErrorStreamCaptureWrongThread;
}

// Success only where the stream may be given ordinary work.
cu::Result check_not_capturing(const Driver& driver, cu::Stream stream) {
  int status = cu::kCaptureStatusNone;
  const cu::Result result = driver.cuStreamIsCapturing.try_call(stream, &status);
  if (result != cu::kSuccess) {
    return result;
  }
  return status == cu::kCaptureStatusNone ? cu::kSuccess : cu::kErrorStreamCaptureUnsupported;
}

}  // namespace

bool context_is_lost(cu::Result result) {
  switch (result) {
    case cu::kErrorNotInitialized:  // after fork
    case cu::kErrorDeinitialized:
    case cu::kErrorInvalidContext:
    case cu::kErrorContextIsDestroyed:
    case 46:   // DEVICE_UNAVAILABLE
    case 214:  // ECC_UNCORRECTABLE
    case 220:  // NVLINK_UNCORRECTABLE
    case cu::kErrorIllegalAddress:
    case 702:  // LAUNCH_TIMEOUT
    case 710:  // ASSERT
    case 714:  // HARDWARE_STACK_ERROR
    case 715:  // ILLEGAL_INSTRUCTION
    case 716:  // MISALIGNED_ADDRESS
    case 717:  // INVALID_ADDRESS_SPACE
    case 718:  // INVALID_PC
    case cu::kErrorLaunchFailed:
      return true;
    default:
      return false;
  }
}

void Cleanup::release(OwnedHandle handle) noexcept {
  if (is_memory(handle.kind) && suspended_.load(std::memory_order_relaxed) > 0) {
    keep(std::move(handle));
    return;
  }
  attempt(std::move(handle));
  if (const size_t count = waiting(); count != 0 && count % kFlushCount == 0) [[unlikely]] {
    flush();
  }
}

void Cleanup::flush() noexcept {
  if (waiting() == 0 || suspended_.load(std::memory_order_relaxed) > 0) {
    return;
  }
  std::vector<OwnedHandle> batch;
  {
    const std::lock_guard lock(mutex_);
    batch.swap(waiting_);
    waiting_count_.store(0, std::memory_order_relaxed);
    waiting_bytes_.store(0, std::memory_order_relaxed);
  }
  for (OwnedHandle& handle : batch) {
    attempt(std::move(handle));
  }
}

void Cleanup::forget() noexcept {
  std::vector<OwnedHandle> batch;  // destroyed outside the lock: it may hold the last reference to a stream
  {
    const std::lock_guard lock(mutex_);
    batch.swap(waiting_);
    waiting_count_.store(0, std::memory_order_relaxed);
    waiting_bytes_.store(0, std::memory_order_relaxed);
  }
}

void Cleanup::resume() {
  if (suspended_.fetch_sub(1) == 1) {
    flush();
  }
}

void Cleanup::attempt(OwnedHandle handle) noexcept {
  switch (try_release(handle)) {
    case Outcome::kDone:
      break;
    case Outcome::kFailed:
      if (++handle.attempts >= kMaxAttempts) {
        lost_.fetch_add(1, std::memory_order_relaxed);
        break;
      }
      [[fallthrough]];
    case Outcome::kLater:
      keep(std::move(handle));
      break;
  }
}

void Cleanup::keep(OwnedHandle handle) noexcept {
  const uint64_t bytes = handle.bytes;
  try {
    const std::lock_guard lock(mutex_);
    waiting_.push_back(std::move(handle));
    waiting_count_.store(waiting_.size(), std::memory_order_relaxed);
    waiting_bytes_.fetch_add(bytes, std::memory_order_relaxed);
  } catch (const std::exception&) {  // no host memory for one entry: the handle cannot be remembered
    lost_.fetch_add(1, std::memory_order_relaxed);
  }
}

Cleanup::Outcome Cleanup::try_release(const OwnedHandle& handle) noexcept {
  if (handle.epoch != context_.epoch()) {
    return Outcome::kDone;
  }
  const cu::Result result = call_driver(handle);
  if (result == cu::kSuccess) {
    return Outcome::kDone;
  }
  last_failure_.store(result, std::memory_order_relaxed);
  if (context_is_lost(result)) {
    return Outcome::kDone;
  }
  return capture_in_the_way(result) ? Outcome::kLater : Outcome::kFailed;
}

cu::Result Cleanup::call_driver(const OwnedHandle& handle) noexcept {
  const Driver& driver = context_.driver();
  if (driver.forked()) {
    return cu::kErrorNotInitialized;
  }
  cu::Result result = cu::kSuccess;
  const CurrentScope scope(context_, result);
  if (result != cu::kSuccess) {
    return result;
  }
  const RelaxedCapture relaxed(driver);
  switch (handle.kind) {
    case HandleKind::kPoolMemory:
      return free_to_pool(handle);
    case HandleKind::kDeviceMemory:
      return driver.cuMemFree.try_call(handle.value);
    case HandleKind::kHostMemory:
      return driver.cuMemFreeHost.try_call(reinterpret_cast<void*>(handle.value));
    case HandleKind::kRegisteredHost:
      return driver.cuMemHostUnregister.try_call(reinterpret_cast<void*>(handle.value));
    case HandleKind::kIpcMemory:
      return driver.cuIpcCloseMemHandle.try_call(handle.value);
    case HandleKind::kStream:
      return driver.cuStreamDestroy.try_call(reinterpret_cast<cu::Stream>(handle.value));
    case HandleKind::kEvent:
      return driver.cuEventDestroy.try_call(reinterpret_cast<cu::Event>(handle.value));
    case HandleKind::kModule:
      return driver.cuModuleUnload.try_call(reinterpret_cast<cu::Module>(handle.value));
  }
  return cu::kErrorInvalidValue;
}

cu::Result Cleanup::free_to_pool(const OwnedHandle& handle) noexcept {
  const Driver& driver = context_.driver();
  const cu::Stream home = handle.home->handle();
  if (const cu::Result result = check_not_capturing(driver, home); result != cu::kSuccess) {
    return result;
  }
  for (const std::shared_ptr<Stream>& user : handle.users) {
    if (const cu::Result result = check_not_capturing(driver, user->handle()); result != cu::kSuccess) {
      return result;
    }
    try {
      handle.home->wait(*user);
    } catch (const DriverError& error) {
      return error.code();
    } catch (const std::bad_alloc&) {
      return cu::kErrorOutOfMemory;
    }
  }
  return driver.cuMemFreeAsync.try_call(handle.value, home);
}

}  // namespace cantil::host_api
