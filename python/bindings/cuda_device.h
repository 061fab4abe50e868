// A CUDA device as the bindings use it: a GPU through host_api, or the simulator. The rest does not care
// which.
//
// Functions that can fail throw host_api's errors or KernelFailed. None needs the GIL; those that may wait
// should be called without it.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "compiler/job.h"
#include "host_api/device.h"
#include "host_api/memory.h"
#include "host_api/memory_pool.h"
#include "host_api/module.h"

namespace cantil::bindings {

class CudaDevice;

// Memory that a device can use; the last holder frees it.
class CudaMemory {
 public:
  virtual ~CudaMemory() = default;
  uint64_t device = 0;   // its address on the device
  void* host = nullptr;  // its address on the host, where it has one
  size_t bytes = 0;
};

class CudaEvent;

class CudaStream {
 public:
  virtual ~CudaStream() = default;
  virtual uint64_t handle() const = 0;
  virtual void synchronize() = 0;
  virtual bool query() = 0;
  virtual void wait(CudaEvent& event) = 0;
  virtual void add_callback(std::function<void(int)> callback) = 0;  // with the driver's result code
  virtual CudaDevice& device() = 0;
};

class CudaEvent {
 public:
  virtual ~CudaEvent() = default;
  virtual uint64_t handle() const = 0;
  virtual void record(CudaStream& stream) = 0;
  virtual bool query() = 0;
  virtual void synchronize() = 0;
  virtual float elapsed_ms(CudaEvent& end) = 0;
};

struct CudaLaunch {
  unsigned grid[3] = {1, 1, 1};
  unsigned block[3] = {1, 1, 1};
  unsigned shared_bytes = 0;
  bool cooperative = false;
  std::shared_ptr<CudaStream> stream;  // null for the default stream

  bool same_as(const CudaLaunch& other) const {
    for (int i = 0; i < 3; ++i)
      if (grid[i] != other.grid[i] || block[i] != other.block[i]) return false;
    return shared_bytes == other.shared_bytes && cooperative == other.cooperative && stream == other.stream;
  }
};

// Code loaded on a device.
class CudaCode {
 public:
  virtual ~CudaCode() = default;
  // Enqueues; allocates nothing. `packed` is read before it returns.
  virtual void launch(const CudaLaunch& launch, const void* packed, size_t size) = 0;
  virtual host_api::FunctionAttributes attributes() const = 0;
  virtual int max_active_blocks(int block_size, size_t shared_bytes) = 0;
  virtual host_api::BlockSizeSuggestion suggest_block_size(size_t shared_bytes, int limit) = 0;
  virtual int max_cooperative_blocks(int block_size, size_t shared_bytes) = 0;
  virtual uint64_t module_handle() const = 0;  // the driver's; 0 on the simulator
};

// An exception that a kernel raised, found at a synchronisation.
struct KernelFailed {
  std::shared_ptr<const compiler::Artifact> artifact;
  int32_t status = 0;  // 1 + raise site
  uint32_t block[3] = {0, 0, 0};
  uint32_t thread[3] = {0, 0, 0};
  std::vector<unsigned char> args;  // packed run-time arguments; empty where the device does not keep them
  std::vector<int32_t> frames;
};

class CudaDevice {
 public:
  virtual ~CudaDevice() = default;
  virtual int ordinal() const = 0;
  virtual const host_api::DeviceProperties& properties() const = 0;
  virtual int attribute(const std::string& name) const = 0;
  virtual std::string uuid() const = 0;
  // What to compile kernels for.
  virtual compiler::Target target() const = 0;
  // Whether kernels can use the host's memory as it is, so that host arrays need not be copied.
  virtual bool shares_host_memory() const = 0;

  virtual std::shared_ptr<CudaMemory> allocate(size_t bytes, const std::shared_ptr<CudaStream>& stream) = 0;
  virtual std::shared_ptr<CudaMemory> allocate_host(size_t bytes, host_api::PinnedOptions options) = 0;
  virtual std::shared_ptr<CudaMemory> allocate_managed(size_t bytes, bool global) = 0;
  // Pins host memory that `owner` keeps alive.
  virtual std::shared_ptr<CudaMemory> register_host(void* memory, size_t bytes,
                                                    host_api::PinnedOptions options,
                                                    std::shared_ptr<void> owner) = 0;
  // Another library's memory.
  virtual std::shared_ptr<CudaMemory> borrow(uint64_t address, size_t bytes, std::shared_ptr<void> owner) = 0;
  // To be called before a stream is given work that uses the memory.
  virtual void use_on(CudaMemory& memory, const std::shared_ptr<CudaStream>& stream) = 0;
  virtual host_api::Context::MemoryInfo memory_info() = 0;
  // Of the pool that allocations come from; all zero where there is none.
  virtual host_api::PoolStatistics pool_statistics() = 0;
  // Gives memory that is not in use back to the device, down to `bytes_to_keep`.
  virtual void trim_pool(size_t bytes_to_keep) = 0;
  virtual void set_pool_threshold(uint64_t bytes) = 0;
  // Between the two, memory is collected, not freed. They nest.
  virtual void suspend_cleanup() = 0;
  virtual void resume_cleanup() = 0;
  virtual size_t waiting_for_cleanup() = 0;

  // Memory that other processes can open by its handle, a string of bytes.
  virtual std::shared_ptr<CudaMemory> allocate_plain(size_t bytes) = 0;
  virtual std::string ipc_handle(CudaMemory& memory) = 0;
  virtual std::shared_ptr<CudaMemory> open_ipc(const std::string& handle, size_t bytes) = 0;

  virtual uint64_t context_handle() = 0;
  virtual bool can_access_peer(int ordinal) = 0;
  virtual void enable_peer_access(int ordinal) = 0;
  virtual void disable_peer_access(int ordinal) = 0;
  virtual void start_profiler() = 0;
  virtual void stop_profiler() = 0;

  // A null stream is the default one. Copies of host memory return when it may be used again.
  virtual void copy_to_device(uint64_t to, const void* from, size_t bytes,
                              const std::shared_ptr<CudaStream>& stream) = 0;
  virtual void copy_to_host(void* to, uint64_t from, size_t bytes,
                            const std::shared_ptr<CudaStream>& stream) = 0;
  virtual void copy_on_device(uint64_t to, uint64_t from, size_t bytes,
                              const std::shared_ptr<CudaStream>& stream) = 0;
  // Between two layouts on this device; false, with nothing done, where that takes too many calls of the
  // driver.
  virtual bool copy_strided(uint64_t to, const int64_t* to_strides, uint64_t from,
                            const int64_t* from_strides, const std::vector<int64_t>& shape, size_t item_bytes,
                            const std::shared_ptr<CudaStream>& stream) = 0;
  virtual void fill(uint64_t to, uint32_t value, size_t value_bytes, size_t count,
                    const std::shared_ptr<CudaStream>& stream) = 0;

  virtual std::shared_ptr<CudaStream> create_stream(bool non_blocking, int priority) = 0;
  // 0 the default stream, 1 the legacy one, 2 the thread's own; anything else another library's.
  virtual std::shared_ptr<CudaStream> wrap_stream(uint64_t handle, std::shared_ptr<void> owner) = 0;
  virtual std::shared_ptr<CudaEvent> create_event(bool timing) = 0;

  // `image` is what code from elsewhere was linked into: a cubin to load in the place of the artifact's PTX;
  // on the simulator the path of a shared library that has the other code. "" where nothing was linked.
  virtual std::shared_ptr<CudaCode> load(std::shared_ptr<const compiler::Artifact> artifact,
                                         const std::string& image) = 0;

  // Waits for all work; throws KernelFailed where a kernel raised since the last time.
  virtual void synchronize() = 0;
  // Throws KernelFailed for kernels that are known to have raised; for after one stream was waited for.
  virtual void raise_failures() = 0;
  virtual void reset() = 0;
};

class CudaBackend {
 public:
  virtual ~CudaBackend() = default;
  virtual const char* kind() const = 0;  // "gpu" or "sim"
  virtual int device_count() = 0;
  virtual CudaDevice& device(int ordinal) = 0;
  virtual int current_ordinal() = 0;
  virtual void select(int ordinal) = 0;
  virtual int driver_version() = 0;  // 12040 for 12.4
  CudaDevice& current() { return device(current_ordinal()); }
};

std::unique_ptr<CudaBackend> make_gpu_backend();
std::unique_ptr<CudaBackend> make_sim_backend();

// The back end that CANTIL_CUDA and this machine choose; needs the GIL the first time. Throws CompileError
// (NoDriver) when there is none.
CudaBackend& cuda_backend();
// The simulated device, also beside a GPU: where kernel.cpu runs.
CudaDevice& host_device();
// Whether one was chosen, without choosing.
bool cuda_backend_chosen();

}  // namespace cantil::bindings
