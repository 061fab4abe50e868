// Memory that a device can use, owned: device memory, pinned and mapped host memory, managed memory, and that
// of others.
//
// A DeviceBuffer is shared by all views of it; the last one to go gives it back through the context's
// Cleanup. Device memory comes from the context's pool where there is one, in the order of a stream, its
// home. Another stream may use it after use_on(), which orders that stream after the allocation and the
// freeing after that stream.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <vector>

#include "host_api/context.h"
#include "host_api/stream.h"

namespace cantil::host_api {

enum class MemoryKind {
  kPool,        // device memory from the pool
  kDevice,      // device memory by cuMemAlloc; what CUDA's IPC handles need
  kPinned,      // host memory that the device copies fast
  kMapped,      // pinned, and with an address on the device
  kManaged,     // one address on both sides
  kRegistered,  // the caller's host memory, pinned
  kIpc,         // another process's device memory
  kExternal,    // another library's device memory
};

struct PinnedOptions {
  bool mapped = false;
  bool portable = false;        // pinned for all devices
  bool write_combined = false;  // fast for the device to read, very slow for the host to
};

class DeviceBuffer {
 public:
  // Each throws DriverError; none changes anything when it does. Zero bytes are no memory, and no call of the
  // driver.
  static std::shared_ptr<DeviceBuffer> allocate(Context& context, size_t bytes,
                                                std::shared_ptr<Stream> home = nullptr);
  static std::shared_ptr<DeviceBuffer> allocate_plain(Context& context, size_t bytes);
  static std::shared_ptr<DeviceBuffer> allocate_host(Context& context, size_t bytes,
                                                     PinnedOptions options = {});
  // With `global` false only the host sees it until a stream is given access.
  static std::shared_ptr<DeviceBuffer> allocate_managed(Context& context, size_t bytes, bool global = true);
  // Pins memory that `owner` keeps alive.
  static std::shared_ptr<DeviceBuffer> register_host(Context& context, void* memory, size_t bytes,
                                                     PinnedOptions options, std::shared_ptr<void> owner);
  static std::shared_ptr<DeviceBuffer> borrow(Context& context, cu::DevicePtr pointer, size_t bytes,
                                              std::shared_ptr<void> owner);
  // `bytes` is what the exporter said; the driver does not tell.
  static std::shared_ptr<DeviceBuffer> open_ipc(Context& context, const cu::IpcMemoryHandle& handle,
                                                size_t bytes);
  ~DeviceBuffer();
  DeviceBuffer(const DeviceBuffer&) = delete;
  DeviceBuffer& operator=(const DeviceBuffer&) = delete;

  // Its address on the device; 0 for pinned memory that is not mapped.
  cu::DevicePtr device_pointer() const { return device_pointer_; }
  // Its address on the host; null for device memory.
  void* host_pointer() const { return host_pointer_; }
  size_t bytes() const { return bytes_; }
  MemoryKind kind() const { return kind_; }
  Context& context() const { return context_; }
  // The stream it was allocated on; null for all but pool memory.
  const std::shared_ptr<Stream>& home() const { return home_; }

  // To be called before a stream is given work that uses this memory. Costs two comparisons in the usual
  // case.
  void use_on(const std::shared_ptr<Stream>& stream) {
    if (home_ == nullptr || stream->handle() == home_->handle() ||
        stream->handle() == last_user_.load(std::memory_order_acquire)) [[likely]] {
      return;
    }
    add_user(stream);
  }

  // A handle that another process can open. Throws for memory that came from a pool (see allocate_plain).
  cu::IpcMemoryHandle ipc_handle() const;

 private:
  DeviceBuffer(Context& context, size_t bytes, MemoryKind kind)
      : context_(context), bytes_(bytes), kind_(kind) {}
  void add_user(const std::shared_ptr<Stream>& stream);

  Context& context_;
  size_t bytes_;
  MemoryKind kind_;
  cu::DevicePtr device_pointer_ = 0;
  void* host_pointer_ = nullptr;
  uint64_t epoch_ = 0;
  std::shared_ptr<Stream> home_;
  std::shared_ptr<void> owner_;
  std::atomic<cu::Stream> last_user_{nullptr};
  std::mutex users_mutex_;
  std::vector<std::shared_ptr<Stream>> users_;
};

// What Cantil itself holds on all devices, by kind.
struct MemoryStatistics {
  struct Kind {
    size_t count = 0;
    uint64_t bytes = 0;
  };
  Kind device;  // pool and plain
  Kind host;    // pinned, mapped, registered
  Kind managed;
  uint64_t device_high = 0;  // the most device memory held at once
};
MemoryStatistics memory_statistics();

// What the driver knows about an address that someone else made.
struct PointerInfo {
  int device_ordinal = 0;
  bool on_host = false;
  bool managed = false;
  cu::DevicePtr device_pointer = 0;
};
PointerInfo pointer_info(Context& context, uint64_t pointer);

// The allocation that contains a device pointer.
struct AddressRange {
  cu::DevicePtr base = 0;
  size_t bytes = 0;
};
AddressRange address_range(Context& context, cu::DevicePtr pointer);

}  // namespace cantil::host_api
