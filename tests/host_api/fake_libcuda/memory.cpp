// The fake driver's memory: host memory, with the driver's rules on who may free what and when.
#include <cstdlib>
#include <cstring>

#include "tests/host_api/fake_libcuda/state.h"

namespace cantil::host_api {
using fake::Block;
using fake::MemoryOrigin;
using fake::state;

namespace {

size_t used() {
  size_t bytes = 0;
  for (const auto& [address, block] : state().memory) {
    bytes += block.origin == MemoryOrigin::kDevice || block.origin == MemoryOrigin::kPool ? block.bytes : 0;
  }
  return bytes;
}

cu::Result allocate(uint64_t* address, size_t bytes, MemoryOrigin origin, fake::PoolObject* pool = nullptr) {
  if (bytes == 0) {
    return cu::kErrorInvalidValue;
  }
  if (origin != MemoryOrigin::kHost &&
      used() + bytes > static_cast<size_t>(state().setting("total_memory"))) {
    return cu::kErrorOutOfMemory;
  }
  void* memory = std::aligned_alloc(256, (bytes + 255) / 256 * 256);
  if (memory == nullptr) {
    return cu::kErrorOutOfMemory;
  }
  std::memset(memory, 0xcd, bytes);  // so that nobody relies on zeros
  *address = reinterpret_cast<uint64_t>(memory);
  state().memory[*address] = {origin, bytes, pool};
  return cu::kSuccess;
}

cu::Result release(uint64_t address, MemoryOrigin origin, bool owned = true) {
  const auto it = state().memory.find(address);
  if (it == state().memory.end() || it->second.origin != origin) {
    ++state().misuse;
    return cu::kErrorInvalidValue;
  }
  state().memory.erase(it);
  if (owned) {
    std::free(reinterpret_cast<void*>(address));
  }
  return cu::kSuccess;
}

// Whether a range lies in a variable of a loaded module.
bool in_global(uint64_t address, size_t bytes) {
  for (const auto& [handle, module] : state().modules) {
    for (const auto& [name, contents] : module->globals) {
      const auto begin = reinterpret_cast<uint64_t>(contents.data());
      if (begin <= address && address + bytes <= begin + contents.size()) {
        return true;
      }
    }
  }
  return false;
}

// Whether a range lies in live memory of the device.
bool valid(uint64_t address, size_t bytes) {
  auto it = state().memory.upper_bound(address);
  if (it == state().memory.begin()) {
    return in_global(address, bytes);
  }
  --it;
  return address + bytes <= it->first + it->second.bytes || in_global(address, bytes);
}

cu::Result work_on(cu::Stream stream) {
  return fake::stream_of(stream) == nullptr ? cu::kErrorInvalidHandle : cu::kSuccess;
}

cu::Result fill(cu::DevicePtr to, const void* value, size_t value_bytes, size_t count, cu::Stream stream) {
  if (!valid(to, value_bytes * count) || to % value_bytes != 0) {
    return cu::kErrorInvalidValue;
  }
  for (size_t i = 0; i < count; ++i) {
    std::memcpy(reinterpret_cast<char*>(to) + i * value_bytes, value, value_bytes);
  }
  return work_on(stream);
}

}  // namespace

extern "C" {

cu::Result cuMemGetInfo_v2(size_t* free, size_t* total) {
  FAKE_ENTER(cuMemGetInfo);
  FAKE_NEEDS_CONTEXT();
  *total = static_cast<size_t>(state().setting("total_memory"));
  *free = *total - used();
  return cu::kSuccess;
}

cu::Result cuMemAlloc_v2(cu::DevicePtr* pointer, size_t bytes) {
  FAKE_ENTER(cuMemAlloc);
  FAKE_NEEDS_CONTEXT();
  if (const cu::Result result = fake::check_unsafe(); result != cu::kSuccess) {
    return result;
  }
  uint64_t address = 0;
  const cu::Result result = allocate(&address, bytes, MemoryOrigin::kDevice);
  *pointer = address;
  return result;
}

cu::Result cuMemFree_v2(cu::DevicePtr pointer) {
  FAKE_ENTER(cuMemFree);
  FAKE_NEEDS_CONTEXT();
  if (const cu::Result result = fake::check_unsafe(); result != cu::kSuccess) {
    return result;
  }
  return release(pointer, MemoryOrigin::kDevice);
}

cu::Result cuMemHostAlloc(void** pointer, size_t bytes, unsigned) {
  FAKE_ENTER(cuMemHostAlloc);
  FAKE_NEEDS_CONTEXT();
  if (const cu::Result result = fake::check_unsafe(); result != cu::kSuccess) {
    return result;
  }
  uint64_t address = 0;
  const cu::Result result = allocate(&address, bytes, MemoryOrigin::kHost);
  *pointer = reinterpret_cast<void*>(address);
  return result;
}

cu::Result cuMemFreeHost(void* pointer) {
  FAKE_ENTER(cuMemFreeHost);
  if (const cu::Result result = fake::check_unsafe(); result != cu::kSuccess) {
    return result;
  }
  return release(reinterpret_cast<uint64_t>(pointer), MemoryOrigin::kHost);
}

cu::Result cuMemHostGetDevicePointer_v2(cu::DevicePtr* pointer, void* host, unsigned) {
  FAKE_ENTER(cuMemHostGetDevicePointer);
  *pointer = reinterpret_cast<cu::DevicePtr>(host);
  return cu::kSuccess;
}

cu::Result cuMemHostRegister_v2(void* pointer, size_t bytes, unsigned) {
  FAKE_ENTER(cuMemHostRegister);
  FAKE_NEEDS_CONTEXT();
  if (const cu::Result result = fake::check_unsafe(); result != cu::kSuccess) {
    return result;
  }
  const bool added =
      state()
          .memory
          .emplace(reinterpret_cast<uint64_t>(pointer), Block{MemoryOrigin::kRegistered, bytes, nullptr})
          .second;
  return added ? cu::kSuccess : 712;
}

cu::Result cuMemHostUnregister(void* pointer) {
  FAKE_ENTER(cuMemHostUnregister);
  return release(reinterpret_cast<uint64_t>(pointer), MemoryOrigin::kRegistered, false);
}

cu::Result cuMemAllocManaged(cu::DevicePtr* pointer, size_t bytes, unsigned) {
  FAKE_ENTER(cuMemAllocManaged);
  FAKE_NEEDS_CONTEXT();
  uint64_t address = 0;
  const cu::Result result = allocate(&address, bytes, MemoryOrigin::kDevice);
  *pointer = address;
  return result;
}

cu::Result cuMemAllocFromPoolAsync(cu::DevicePtr* pointer, size_t bytes, cu::MemoryPool pool,
                                   cu::Stream stream) {
  FAKE_ENTER(cuMemAllocFromPoolAsync);
  FAKE_NEEDS_CONTEXT();
  const fake::StreamObject* object = fake::stream_of(stream);
  fake::PoolObject* pool_object = state().pools.find(pool);
  if (object == nullptr || pool_object == nullptr) {
    return cu::kErrorInvalidHandle;
  }
  if (object->capturing) {
    ++state().misuse;
  }
  uint64_t address = 0;
  const cu::Result result = allocate(&address, bytes, MemoryOrigin::kPool, pool_object);
  *pointer = address;
  return result;
}

cu::Result cuMemFreeAsync(cu::DevicePtr pointer, cu::Stream stream) {
  FAKE_ENTER(cuMemFreeAsync);
  const fake::StreamObject* object = fake::stream_of(stream);
  if (object == nullptr) {
    return cu::kErrorInvalidHandle;
  }
  if (object->capturing || (object == &state().null_stream && fake::any_capture())) {
    ++state().misuse;
    return cu::kErrorStreamCaptureUnsupported;
  }
  return release(pointer, MemoryOrigin::kPool);
}

cu::Result cuMemPoolCreate(cu::MemoryPool* pool, const cu::MemPoolProps* props) {
  FAKE_ENTER(cuMemPoolCreate);
  if (props->alloc_type != cu::kAllocationTypePinned || props->location.type != cu::kLocationTypeDevice) {
    return cu::kErrorInvalidValue;
  }
  *pool = state().pools.add<cu::MemoryPool>(std::make_unique<fake::PoolObject>());
  return cu::kSuccess;
}

cu::Result cuMemPoolDestroy(cu::MemoryPool pool) {
  FAKE_ENTER(cuMemPoolDestroy);
  return state().pools.remove(pool) ? cu::kSuccess : cu::kErrorInvalidValue;
}

cu::Result cuMemPoolTrimTo(cu::MemoryPool pool, size_t) {
  FAKE_ENTER(cuMemPoolTrimTo);
  return state().pools.find(pool) != nullptr ? cu::kSuccess : cu::kErrorInvalidValue;
}

cu::Result cuMemPoolSetAttribute(cu::MemoryPool pool, cu::PoolAttribute attribute, void* value) {
  FAKE_ENTER(cuMemPoolSetAttribute);
  fake::PoolObject* object = state().pools.find(pool);
  if (object == nullptr || attribute != cu::PoolAttribute::kReleaseThreshold) {
    return cu::kErrorInvalidValue;
  }
  std::memcpy(&object->release_threshold, value, sizeof object->release_threshold);
  return cu::kSuccess;
}

cu::Result cuMemPoolGetAttribute(cu::MemoryPool pool, cu::PoolAttribute attribute, void* value) {
  FAKE_ENTER(cuMemPoolGetAttribute);
  const fake::PoolObject* object = state().pools.find(pool);
  if (object == nullptr) {
    return cu::kErrorInvalidValue;
  }
  uint64_t bytes = 0;
  for (const auto& [address, block] : state().memory) {
    bytes += block.pool == object ? block.bytes : 0;
  }
  if (attribute == cu::PoolAttribute::kReleaseThreshold) {
    bytes = object->release_threshold;
  }
  std::memcpy(value, &bytes, sizeof bytes);
  return cu::kSuccess;
}

cu::Result cuMemPoolSetAccess(cu::MemoryPool pool, const cu::MemAccessDesc*, size_t) {
  FAKE_ENTER(cuMemPoolSetAccess);
  return state().pools.find(pool) != nullptr ? cu::kSuccess : cu::kErrorInvalidValue;
}

cu::Result cuPointerGetAttribute(void* value, cu::PointerAttribute attribute, cu::DevicePtr pointer) {
  FAKE_ENTER(cuPointerGetAttribute);
  FAKE_NEEDS_CONTEXT();
  if (!valid(pointer, 1)) {
    return cu::kErrorInvalidValue;
  }
  const auto block = std::prev(state().memory.upper_bound(pointer));
  int number = 0;
  switch (attribute) {
    case cu::PointerAttribute::kMemoryType:
      number = block->second.origin == MemoryOrigin::kHost ? cu::kMemoryTypeHost : cu::kMemoryTypeDevice;
      break;
    case cu::PointerAttribute::kIsManaged:
    case cu::PointerAttribute::kDeviceOrdinal:
      break;
    case cu::PointerAttribute::kDevicePointer:
      std::memcpy(value, &pointer, sizeof pointer);
      return cu::kSuccess;
    default:
      return cu::kErrorInvalidValue;
  }
  std::memcpy(value, &number, sizeof number);
  return cu::kSuccess;
}

cu::Result cuMemGetAddressRange_v2(cu::DevicePtr* base, size_t* bytes, cu::DevicePtr pointer) {
  FAKE_ENTER(cuMemGetAddressRange);
  if (!valid(pointer, 1)) {
    return cu::kErrorNotFound;
  }
  const auto block = std::prev(state().memory.upper_bound(pointer));
  *base = block->first;
  *bytes = block->second.bytes;
  return cu::kSuccess;
}

cu::Result cuIpcGetMemHandle(cu::IpcMemoryHandle* handle, cu::DevicePtr pointer) {
  FAKE_ENTER(cuIpcGetMemHandle);
  const auto it = state().memory.find(pointer);
  if (it == state().memory.end() || it->second.origin != MemoryOrigin::kDevice) {
    return cu::kErrorInvalidValue;
  }
  *handle = {};
  std::memcpy(handle->bytes, &pointer, sizeof pointer);
  return cu::kSuccess;
}

cu::Result cuIpcOpenMemHandle_v2(cu::DevicePtr* pointer, cu::IpcMemoryHandle handle, unsigned) {
  FAKE_ENTER(cuIpcOpenMemHandle);
  FAKE_NEEDS_CONTEXT();
  uint64_t origin = 0;
  std::memcpy(&origin, handle.bytes, sizeof origin);
  if (state().memory.count(origin) == 0) {
    return cu::kErrorInvalidValue;
  }
  // Another address than the exporter's, as in another process; nothing is behind it.
  static uint64_t next = uint64_t{1} << 60;
  *pointer = next += 4096;
  state().memory[*pointer] = {MemoryOrigin::kIpc, 1, nullptr};
  return cu::kSuccess;
}

cu::Result cuIpcCloseMemHandle(cu::DevicePtr pointer) {
  FAKE_ENTER(cuIpcCloseMemHandle);
  return release(pointer, MemoryOrigin::kIpc, false);
}

cu::Result cuMemcpyHtoD_v2(cu::DevicePtr to, const void* from, size_t bytes) {
  FAKE_ENTER(cuMemcpyHtoD);
  FAKE_NEEDS_CONTEXT();
  if (!valid(to, bytes)) {
    return cu::kErrorInvalidValue;
  }
  std::memcpy(reinterpret_cast<void*>(to), from, bytes);
  return cu::kSuccess;
}

cu::Result cuMemcpyDtoH_v2(void* to, cu::DevicePtr from, size_t bytes) {
  FAKE_ENTER(cuMemcpyDtoH);
  FAKE_NEEDS_CONTEXT();
  if (!valid(from, bytes)) {
    return cu::kErrorInvalidValue;
  }
  std::memcpy(to, reinterpret_cast<const void*>(from), bytes);
  return cu::kSuccess;
}

cu::Result cuMemcpyHtoDAsync_v2(cu::DevicePtr to, const void* from, size_t bytes, cu::Stream stream) {
  FAKE_ENTER(cuMemcpyHtoDAsync);
  FAKE_NEEDS_CONTEXT();
  if (!valid(to, bytes)) {
    return cu::kErrorInvalidValue;
  }
  std::memcpy(reinterpret_cast<void*>(to), from, bytes);
  return work_on(stream);
}

cu::Result cuMemcpyDtoHAsync_v2(void* to, cu::DevicePtr from, size_t bytes, cu::Stream stream) {
  FAKE_ENTER(cuMemcpyDtoHAsync);
  FAKE_NEEDS_CONTEXT();
  if (!valid(from, bytes)) {
    return cu::kErrorInvalidValue;
  }
  std::memcpy(to, reinterpret_cast<const void*>(from), bytes);
  return work_on(stream);
}

cu::Result cuMemcpyDtoDAsync_v2(cu::DevicePtr to, cu::DevicePtr from, size_t bytes, cu::Stream stream) {
  FAKE_ENTER(cuMemcpyDtoDAsync);
  FAKE_NEEDS_CONTEXT();
  if (!valid(from, bytes) || !valid(to, bytes)) {
    return cu::kErrorInvalidValue;
  }
  std::memmove(reinterpret_cast<void*>(to), reinterpret_cast<const void*>(from), bytes);
  return work_on(stream);
}

cu::Result cuMemcpyPeerAsync(cu::DevicePtr to, cu::Context, cu::DevicePtr from, cu::Context, size_t bytes,
                             cu::Stream stream) {
  FAKE_ENTER(cuMemcpyPeerAsync);
  if (!valid(from, bytes) || !valid(to, bytes)) {
    return cu::kErrorInvalidValue;
  }
  std::memmove(reinterpret_cast<void*>(to), reinterpret_cast<const void*>(from), bytes);
  return work_on(stream);
}

cu::Result cuMemcpy2DAsync_v2(const cu::Memcpy2D* copy, cu::Stream stream) {
  FAKE_ENTER(cuMemcpy2DAsync);
  FAKE_NEEDS_CONTEXT();
  const auto& c = *copy;
  if ((c.src_pitch != 0 && c.src_pitch < c.width_bytes) ||
      (c.dst_pitch != 0 && c.dst_pitch < c.width_bytes)) {
    return cu::kErrorInvalidValue;
  }
  const char* from = c.src_memory_type == cu::kMemoryTypeHost ? static_cast<const char*>(c.src_host)
                                                              : reinterpret_cast<const char*>(c.src_device);
  char* to = c.dst_memory_type == cu::kMemoryTypeHost ? static_cast<char*>(c.dst_host)
                                                      : reinterpret_cast<char*>(c.dst_device);
  const bool from_valid = c.src_memory_type == cu::kMemoryTypeHost ||
                          valid(c.src_device, c.src_pitch * (c.height - 1) + c.width_bytes);
  const bool to_valid = c.dst_memory_type == cu::kMemoryTypeHost ||
                        valid(c.dst_device, c.dst_pitch * (c.height - 1) + c.width_bytes);
  if (!from_valid || !to_valid) {
    return cu::kErrorInvalidValue;
  }
  for (size_t y = 0; y < c.height; ++y) {
    std::memcpy(to + y * c.dst_pitch, from + y * c.src_pitch, c.width_bytes);
  }
  return work_on(stream);
}

cu::Result cuMemcpy3DAsync_v2(const cu::Memcpy3D* copy, cu::Stream stream) {
  FAKE_ENTER(cuMemcpy3DAsync);
  FAKE_NEEDS_CONTEXT();
  const auto& c = *copy;
  if (c.src_pitch < c.width_bytes || c.dst_pitch < c.width_bytes || c.src_height < c.height ||
      c.dst_height < c.height) {
    return cu::kErrorInvalidValue;
  }
  const char* from = c.src_memory_type == cu::kMemoryTypeHost ? static_cast<const char*>(c.src_host)
                                                              : reinterpret_cast<const char*>(c.src_device);
  char* to = c.dst_memory_type == cu::kMemoryTypeHost ? static_cast<char*>(c.dst_host)
                                                      : reinterpret_cast<char*>(c.dst_device);
  for (size_t z = 0; z < c.depth; ++z) {
    for (size_t y = 0; y < c.height; ++y) {
      std::memcpy(to + (z * c.dst_height + y) * c.dst_pitch, from + (z * c.src_height + y) * c.src_pitch,
                  c.width_bytes);
    }
  }
  return work_on(stream);
}

cu::Result cuMemsetD8Async(cu::DevicePtr to, unsigned char value, size_t count, cu::Stream stream) {
  FAKE_ENTER(cuMemsetD8Async);
  return fill(to, &value, sizeof value, count, stream);
}

cu::Result cuMemsetD16Async(cu::DevicePtr to, unsigned short value, size_t count, cu::Stream stream) {
  FAKE_ENTER(cuMemsetD16Async);
  return fill(to, &value, sizeof value, count, stream);
}

cu::Result cuMemsetD32Async(cu::DevicePtr to, unsigned value, size_t count, cu::Stream stream) {
  FAKE_ENTER(cuMemsetD32Async);
  return fill(to, &value, sizeof value, count, stream);
}

}  // extern "C"

}  // namespace cantil::host_api
