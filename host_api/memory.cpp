// Allocation of device and host memory, and its way back.
#include "host_api/memory.h"

#include <string>

#include "host_api/memory_pool.h"

namespace cantil::host_api {
namespace {

struct Counter {
  std::atomic<size_t> count{0};
  std::atomic<uint64_t> bytes{0};
};

Counter device_counter;
Counter host_counter;
Counter managed_counter;
std::atomic<uint64_t> device_high{0};

Counter* counter_of(MemoryKind kind) {
  switch (kind) {
    case MemoryKind::kPool:
    case MemoryKind::kDevice:
      return &device_counter;
    case MemoryKind::kPinned:
    case MemoryKind::kMapped:
    case MemoryKind::kRegistered:
      return &host_counter;
    case MemoryKind::kManaged:
      return &managed_counter;
    case MemoryKind::kIpc:
    case MemoryKind::kExternal:
      return nullptr;
  }
  return nullptr;
}

void count_up(MemoryKind kind, uint64_t bytes) {
  Counter* counter = counter_of(kind);
  if (counter == nullptr) {
    return;
  }
  counter->count.fetch_add(1, std::memory_order_relaxed);
  const uint64_t now = counter->bytes.fetch_add(bytes, std::memory_order_relaxed) + bytes;
  if (counter == &device_counter) {
    uint64_t high = device_high.load(std::memory_order_relaxed);
    while (now > high && !device_high.compare_exchange_weak(high, now, std::memory_order_relaxed)) {
    }
  }
}

void count_down(MemoryKind kind, uint64_t bytes) {
  if (Counter* counter = counter_of(kind)) {
    counter->count.fetch_sub(1, std::memory_order_relaxed);
    counter->bytes.fetch_sub(bytes, std::memory_order_relaxed);
  }
}

[[noreturn]] void throw_allocation_failed(Context& context, const char* call, cu::Result result,
                                          size_t bytes) {
  std::string detail = std::to_string(bytes) + " bytes were asked for";
  Context::MemoryInfo info{};
  if (context.driver().cuMemGetInfo.try_call(&info.free, &info.total) == cu::kSuccess) {
    detail += "; " + std::to_string(info.free) + " of " + std::to_string(info.total) + " are free";
  }
  throw DriverError(call, result, detail + ".");
}

// Runs an allocating call; where there is no memory, gives back what is only waiting or kept and tries once
// more.
template <class Allocate>
void allocate_or_throw(Context& context, const char* call, size_t bytes, Allocate allocate) {
  cu::Result result = allocate();
  if (result == cu::kErrorOutOfMemory) {
    context.cleanup().flush();
    // Stream-ordered frees only become free memory once the streams have got there.
    if (context.driver().cuCtxSynchronize.try_call() == cu::kSuccess) {
      context.pool().trim();
      result = allocate();
    }
  }
  if (result == cu::kErrorOutOfMemory) {
    throw_allocation_failed(context, call, result, bytes);
  }
  if (result != cu::kSuccess) {
    throw_driver_error(call, result);
  }
}

unsigned host_flags(const PinnedOptions& options) {
  unsigned flags = 0;
  flags |= options.mapped ? cu::kHostAllocDeviceMap : 0;
  flags |= options.portable ? cu::kHostAllocPortable : 0;
  flags |= options.write_combined ? cu::kHostAllocWriteCombined : 0;
  return flags;
}

}  // namespace

std::shared_ptr<DeviceBuffer> DeviceBuffer::allocate(Context& context, size_t bytes,
                                                     std::shared_ptr<Stream> home) {
  // The calling thread's stream is another one on the thread that frees; the legacy stream is ordered with
  // all of them.
  if (home == nullptr || home->kind() == Stream::Kind::kPerThread) {
    home = context.default_stream();
  }
  // The object before the memory: nothing can then fail between getting memory and owning it.
  std::shared_ptr<DeviceBuffer> buffer(new DeviceBuffer(context, bytes, MemoryKind::kPool));
  if (bytes == 0) {
    return buffer;
  }
  const Driver& driver = context.driver();
  const CurrentScope scope(context);
  const cu::MemoryPool pool = context.pool().handle();
  if (pool != nullptr) {
    // On a stream that is being captured an allocation would become a node of the graph, not memory.
    int capturing = cu::kCaptureStatusNone;
    const cu::Result asked = driver.cuStreamIsCapturing.try_call(home->handle(), &capturing);
    if (asked != cu::kSuccess && asked != cu::kErrorStreamCaptureImplicit) {
      throw_driver_error(driver.cuStreamIsCapturing.name(), asked);
    }
    if (asked == cu::kSuccess && capturing == cu::kCaptureStatusNone) {
      allocate_or_throw(context, driver.cuMemAllocFromPoolAsync.name(), bytes, [&] {
        return driver.cuMemAllocFromPoolAsync.try_call(&buffer->device_pointer_, bytes, pool, home->handle());
      });
      buffer->home_ = std::move(home);
    }
  }
  if (buffer->device_pointer_ == 0) {
    const RelaxedCapture relaxed(driver);
    buffer->kind_ = MemoryKind::kDevice;
    allocate_or_throw(context, driver.cuMemAlloc.name(), bytes,
                      [&] { return driver.cuMemAlloc.try_call(&buffer->device_pointer_, bytes); });
  }
  buffer->epoch_ = context.epoch();
  count_up(buffer->kind_, bytes);
  return buffer;
}

std::shared_ptr<DeviceBuffer> DeviceBuffer::allocate_plain(Context& context, size_t bytes) {
  std::shared_ptr<DeviceBuffer> buffer(new DeviceBuffer(context, bytes, MemoryKind::kDevice));
  if (bytes == 0) {
    return buffer;
  }
  const CurrentScope scope(context);
  const RelaxedCapture relaxed(context.driver());
  allocate_or_throw(context, "cuMemAlloc", bytes,
                    [&] { return context.driver().cuMemAlloc.try_call(&buffer->device_pointer_, bytes); });
  buffer->epoch_ = context.epoch();
  count_up(buffer->kind_, bytes);
  return buffer;
}

std::shared_ptr<DeviceBuffer> DeviceBuffer::allocate_host(Context& context, size_t bytes,
                                                          PinnedOptions options) {
  const MemoryKind kind = options.mapped ? MemoryKind::kMapped : MemoryKind::kPinned;
  std::shared_ptr<DeviceBuffer> buffer(new DeviceBuffer(context, bytes, kind));
  if (bytes == 0) {
    return buffer;
  }
  const Driver& driver = context.driver();
  const CurrentScope scope(context);
  const RelaxedCapture relaxed(driver);
  allocate_or_throw(context, driver.cuMemHostAlloc.name(), bytes, [&] {
    return driver.cuMemHostAlloc.try_call(&buffer->host_pointer_, bytes, host_flags(options));
  });
  buffer->epoch_ = context.epoch();
  count_up(kind, bytes);  // from here on the destructor gives it back
  if (options.mapped) {
    driver.cuMemHostGetDevicePointer(&buffer->device_pointer_, buffer->host_pointer_, 0);
  }
  return buffer;
}

std::shared_ptr<DeviceBuffer> DeviceBuffer::allocate_managed(Context& context, size_t bytes, bool global) {
  std::shared_ptr<DeviceBuffer> buffer(new DeviceBuffer(context, bytes, MemoryKind::kManaged));
  if (bytes == 0) {
    return buffer;
  }
  if (!context.device().properties().managed_memory) {
    throw DriverError("cuMemAllocManaged", cu::kErrorNotSupported,
                      context.device().properties().name + " has no managed memory.");
  }
  const Driver& driver = context.driver();
  const CurrentScope scope(context);
  const RelaxedCapture relaxed(driver);
  allocate_or_throw(context, driver.cuMemAllocManaged.name(), bytes, [&] {
    return driver.cuMemAllocManaged.try_call(&buffer->device_pointer_, bytes,
                                             global ? cu::kMemAttachGlobal : cu::kMemAttachHost);
  });
  buffer->host_pointer_ = reinterpret_cast<void*>(buffer->device_pointer_);
  buffer->epoch_ = context.epoch();
  count_up(MemoryKind::kManaged, bytes);
  return buffer;
}

std::shared_ptr<DeviceBuffer> DeviceBuffer::register_host(Context& context, void* memory, size_t bytes,
                                                          PinnedOptions options,
                                                          std::shared_ptr<void> owner) {
  std::shared_ptr<DeviceBuffer> buffer(new DeviceBuffer(context, bytes, MemoryKind::kRegistered));
  buffer->owner_ = std::move(owner);
  if (bytes == 0) {
    return buffer;
  }
  const Driver& driver = context.driver();
  const CurrentScope scope(context);
  const RelaxedCapture relaxed(driver);
  unsigned flags = 0;
  flags |= options.mapped ? cu::kHostRegisterDeviceMap : 0;
  flags |= options.portable ? cu::kHostRegisterPortable : 0;
  driver.cuMemHostRegister(memory, bytes, flags);
  buffer->host_pointer_ = memory;
  buffer->epoch_ = context.epoch();
  count_up(MemoryKind::kRegistered, bytes);
  if (options.mapped) {
    driver.cuMemHostGetDevicePointer(&buffer->device_pointer_, memory, 0);
  }
  return buffer;
}

std::shared_ptr<DeviceBuffer> DeviceBuffer::borrow(Context& context, cu::DevicePtr pointer, size_t bytes,
                                                   std::shared_ptr<void> owner) {
  std::shared_ptr<DeviceBuffer> buffer(new DeviceBuffer(context, bytes, MemoryKind::kExternal));
  buffer->device_pointer_ = pointer;
  buffer->owner_ = std::move(owner);
  return buffer;
}

std::shared_ptr<DeviceBuffer> DeviceBuffer::open_ipc(Context& context, const cu::IpcMemoryHandle& handle,
                                                     size_t bytes) {
  std::shared_ptr<DeviceBuffer> buffer(new DeviceBuffer(context, bytes, MemoryKind::kIpc));
  const CurrentScope scope(context);
  context.driver().cuIpcOpenMemHandle(&buffer->device_pointer_, handle, cu::kIpcLazyEnablePeerAccess);
  buffer->epoch_ = context.epoch();
  return buffer;
}

DeviceBuffer::~DeviceBuffer() {
  OwnedHandle handle{
      .kind = HandleKind::kPoolMemory, .value = device_pointer_, .epoch = epoch_, .bytes = bytes_};
  switch (kind_) {
    case MemoryKind::kPool:
      handle.home = std::move(home_);
      handle.users = std::move(users_);
      break;
    case MemoryKind::kDevice:
    case MemoryKind::kManaged:
      handle.kind = HandleKind::kDeviceMemory;
      break;
    case MemoryKind::kPinned:
    case MemoryKind::kMapped:
      handle.kind = HandleKind::kHostMemory;
      handle.value = reinterpret_cast<uint64_t>(host_pointer_);
      break;
    case MemoryKind::kRegistered:
      handle.kind = HandleKind::kRegisteredHost;
      handle.value = reinterpret_cast<uint64_t>(host_pointer_);
      // Until the driver has let go of it the caller's memory must stay.
      handle.owner = std::move(owner_);
      break;
    case MemoryKind::kIpc:
      handle.kind = HandleKind::kIpcMemory;
      break;
    case MemoryKind::kExternal:
      return;
  }
  if (handle.value == 0) {
    return;
  }
  count_down(kind_, bytes_);
  context_.cleanup().release(std::move(handle));
}

void DeviceBuffer::add_user(const std::shared_ptr<Stream>& stream) {
  // Streams of one device that are both ordered with the legacy default stream need no more.
  // Not remembered in last_user_: nothing keeps such a stream alive, and its handle may come back as
  // another's.
  if (home_->is_legacy() && stream->blocking() && &stream->context() == &context_) {
    return;
  }
  const std::lock_guard lock(users_mutex_);
  for (const std::shared_ptr<Stream>& user : users_) {
    if (user->handle() == stream->handle()) {
      last_user_.store(stream->handle(), std::memory_order_release);
      return;
    }
  }
  users_.reserve(users_.size() + 1);
  const Driver& driver = context_.driver();
  const CurrentScope scope(context_);
  int capturing = cu::kCaptureStatusNone;
  driver.cuStreamIsCapturing(stream->handle(), &capturing);
  if (capturing == cu::kCaptureStatusNone) {
    stream->wait(*home_);
  } else {
    // A capture cannot wait for work outside it, so the host does.
    const RelaxedCapture relaxed(driver);
    driver.cuStreamSynchronize(home_->handle());
  }
  users_.push_back(stream);
  last_user_.store(stream->handle(), std::memory_order_release);
}

cu::IpcMemoryHandle DeviceBuffer::ipc_handle() const {
  if (kind_ != MemoryKind::kDevice) {
    throw DriverError(
        "cuIpcGetMemHandle", cu::kErrorNotSupported,
        "Only plainly allocated device memory can be shared with another process; this memory is of "
        "another kind (set CANTIL_CUDA_POOL=0 to allocate all device memory plainly).");
  }
  const CurrentScope scope(context_);
  cu::IpcMemoryHandle handle{};
  context_.driver().cuIpcGetMemHandle(&handle, device_pointer_);
  return handle;
}

MemoryStatistics memory_statistics() {
  const auto read = [](const Counter& counter) {
    return MemoryStatistics::Kind{counter.count.load(std::memory_order_relaxed),
                                  counter.bytes.load(std::memory_order_relaxed)};
  };
  return {read(device_counter), read(host_counter), read(managed_counter),
          device_high.load(std::memory_order_relaxed)};
}

PointerInfo pointer_info(Context& context, uint64_t pointer) {
  const Driver& driver = context.driver();
  const CurrentScope scope(context);
  PointerInfo info;
  int type = 0;
  unsigned managed = 0;
  driver.cuPointerGetAttribute(&type, cu::PointerAttribute::kMemoryType, pointer);
  driver.cuPointerGetAttribute(&managed, cu::PointerAttribute::kIsManaged, pointer);
  driver.cuPointerGetAttribute(&info.device_ordinal, cu::PointerAttribute::kDeviceOrdinal, pointer);
  driver.cuPointerGetAttribute(&info.device_pointer, cu::PointerAttribute::kDevicePointer, pointer);
  info.on_host = type == cu::kMemoryTypeHost;
  info.managed = managed != 0;
  return info;
}

AddressRange address_range(Context& context, cu::DevicePtr pointer) {
  const CurrentScope scope(context);
  AddressRange range;
  context.driver().cuMemGetAddressRange(&range.base, &range.bytes, pointer);
  return range;
}

}  // namespace cantil::host_api
