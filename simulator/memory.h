// Memory of the simulated device: it is the host's, but known by range, so that a wrong address is refused as
// a GPU would.
#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>

namespace cantil::simulator {

enum class MemoryKind { kDevice, kPinned, kManaged, kRegistered, kExternal };

class DeviceBuffer {
 public:
  // Device memory (kDevice), host memory the device can use (kPinned), or both (kManaged). 256-byte aligned,
  // contents undefined. Throws DriverError when there is not that much. Zero bytes are no memory: address 0.
  static std::shared_ptr<DeviceBuffer> allocate(size_t bytes, MemoryKind kind = MemoryKind::kDevice);
  // Memory that `owner` keeps alive: the caller's host memory (kRegistered) or another library's (kExternal).
  static std::shared_ptr<DeviceBuffer> wrap(void* memory, size_t bytes, MemoryKind kind,
                                            std::shared_ptr<void> owner);
  ~DeviceBuffer();
  DeviceBuffer(const DeviceBuffer&) = delete;
  DeviceBuffer& operator=(const DeviceBuffer&) = delete;

  uint64_t device_pointer() const { return reinterpret_cast<uint64_t>(data_); }
  // Null for device memory, as on a GPU.
  void* host_pointer() const {
    return kind_ == MemoryKind::kDevice || kind_ == MemoryKind::kExternal ? nullptr : data_;
  }
  size_t bytes() const { return bytes_; }
  MemoryKind kind() const { return kind_; }

 private:
  DeviceBuffer(void* data, size_t bytes, MemoryKind kind, std::shared_ptr<void> owner);

  void* data_;
  size_t bytes_;
  MemoryKind kind_;
  std::shared_ptr<void> owner_;
};

// Bytes of device, pinned and managed memory held.
size_t allocated_bytes();
// How many buffers of any kind are held.
size_t buffer_count();

// Device and managed memory held, and the most that was held at once.
struct MemoryUse {
  size_t bytes = 0;
  size_t bytes_high = 0;
};
MemoryUse memory_use();

// Between the two, what is given back is kept, as the driver's work might still use it (cuda.defer_cleanup).
// They nest.
void suspend_freeing();
void resume_freeing();
size_t waiting_to_be_freed();

// Throws DriverError, naming `call`, unless all of [address, address + bytes) lies in one buffer.
void check_device_range(const char* call, uint64_t address, size_t bytes);

}  // namespace cantil::simulator
