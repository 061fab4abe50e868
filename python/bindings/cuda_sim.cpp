// The simulator behind the bindings' device interface.
#include <dlfcn.h>

#include <algorithm>
#include <mutex>
#include <optional>

#include "python/bindings/cuda_device.h"
#include "python/bindings/sanitizer_report.h"
#include "simulator/copy.h"
#include "simulator/device.h"
#include "simulator/error.h"
#include "simulator/launch.h"
#include "simulator/memory.h"
#include "simulator/stream.h"

namespace cantil::bindings {
namespace {

namespace sim = simulator;

struct SimMemory : CudaMemory {
  explicit SimMemory(std::shared_ptr<sim::DeviceBuffer> b) : buffer(std::move(b)) {
    device = buffer->device_pointer();
    host = buffer->host_pointer();
    bytes = buffer->bytes();
  }
  std::shared_ptr<sim::DeviceBuffer> buffer;
};

class SimEvent : public CudaEvent {
 public:
  explicit SimEvent(std::shared_ptr<sim::Event> event) : event_(std::move(event)) {}
  uint64_t handle() const override { return event_->handle(); }
  void record(CudaStream& stream) override;
  bool query() override { return event_->query(); }
  void synchronize() override { event_->synchronize(); }
  float elapsed_ms(CudaEvent& end) override {
    return event_->elapsed_ms(*static_cast<SimEvent&>(end).event_);
  }
  const sim::Event& event() const { return *event_; }

 private:
  std::shared_ptr<sim::Event> event_;
};

class SimStream : public CudaStream {
 public:
  SimStream(CudaDevice& device, std::shared_ptr<sim::Stream> stream)
      : device_(device), stream_(std::move(stream)) {}
  uint64_t handle() const override { return stream_->handle(); }
  void synchronize() override {
    stream_->synchronize();
    device_.raise_failures();
  }
  bool query() override { return stream_->query(); }
  void wait(CudaEvent& event) override { stream_->wait(static_cast<SimEvent&>(event).event()); }
  void add_callback(std::function<void(int)> callback) override { stream_->add_callback(callback); }
  CudaDevice& device() override { return device_; }
  const sim::Stream& stream() const { return *stream_; }

 private:
  CudaDevice& device_;
  std::shared_ptr<sim::Stream> stream_;
};

void SimEvent::record(CudaStream& stream) { event_->record(static_cast<SimStream&>(stream).stream()); }

class SimDevice;

class SimCode : public CudaCode {
 public:
  SimCode(SimDevice& device, std::shared_ptr<const compiler::Artifact> artifact, const std::string& library)
      : device_(device),
        artifact_(std::move(artifact)),
        library_(library.empty() ? nullptr : dlopen(library.c_str(), RTLD_NOW | RTLD_LOCAL)),
        code_(compiler::load(artifact_, [this](const std::string& name) {
          return library_ ? dlsym(library_, name.c_str()) : nullptr;
        })) {
    function_.name = artifact_->function_name;
    function_.entry = reinterpret_cast<sim::Entry>(compiler::entry_address(*code_));
    function_.uses_fibers = artifact_->uses_fibers;
    function_.uses_grid_sync = artifact_->uses_grid_sync;
    function_.static_shared = artifact_->static_shared;
    function_.is_checked = artifact_->is_sanitized;
    for (const compiler::AccessSite& s : artifact_->access_sites) function_.site_bytes.push_back(s.bytes);
  }

  ~SimCode() override {
    if (library_) dlclose(library_);
  }

  void launch(const CudaLaunch& launch, const void* packed, size_t) override;
  uint64_t module_handle() const override { return 0; }

  host_api::FunctionAttributes attributes() const override {
    host_api::FunctionAttributes a;
    a.max_threads_per_block = function_.max_threads_per_block;
    a.shared_bytes = static_cast<unsigned>(artifact_->static_shared);
    return a;
  }
  int max_active_blocks(int block_size, size_t shared_bytes) override {
    return sim::max_active_blocks_per_multiprocessor(function_, block_size, shared_bytes);
  }
  host_api::BlockSizeSuggestion suggest_block_size(size_t shared_bytes, int limit) override {
    sim::BlockSizeSuggestion s = sim::suggest_block_size(function_, shared_bytes, limit);
    return {s.min_grid_size, s.block_size};
  }
  int max_cooperative_blocks(int block_size, size_t shared_bytes) override {
    return sim::max_cooperative_blocks(function_, block_size, shared_bytes);
  }

 private:
  void add_failure(sim::KernelFailure failure);

  SimDevice& device_;
  std::shared_ptr<const compiler::Artifact> artifact_;
  void* library_;  // what was linked, which outlives the code
  std::shared_ptr<compiler::LoadedCode> code_;
  sim::Function function_;
};

class SimDevice : public CudaDevice {
 public:
  SimDevice() : device_(sim::Device::get(0)) {
    const sim::DeviceProperties& from = device_.properties();
    host_api::DeviceProperties& to = properties_;
    to.name = from.name;
    to.pci_bus_id = from.pci_bus_id;
    to.uuid = from.uuid;
    to.total_memory = from.total_memory;
    to.compute_major = from.compute_major;
    to.compute_minor = from.compute_minor;
    to.warp_size = from.warp_size;
    to.multiprocessors = from.multiprocessors;
    to.max_threads_per_block = from.max_threads_per_block;
    to.max_threads_per_multiprocessor = from.max_threads_per_multiprocessor;
    to.max_block = from.max_block;
    to.max_grid = from.max_grid;
    to.shared_per_block = from.shared_per_block;
    to.shared_per_block_optin = from.shared_per_block_optin;
    to.shared_per_multiprocessor = from.shared_per_multiprocessor;
    to.registers_per_block = from.registers_per_block;
    to.registers_per_multiprocessor = from.registers_per_multiprocessor;
    to.clock_khz = from.clock_khz;
    to.memory_clock_khz = from.memory_clock_khz;
    to.memory_bus_bits = from.memory_bus_bits;
    to.l2_bytes = from.l2_bytes;
    to.unified_addressing = from.unified_addressing;
    to.managed_memory = from.managed_memory;
    to.concurrent_managed_access = from.concurrent_managed_access;
    to.can_map_host_memory = from.can_map_host_memory;
    to.cooperative_launch = from.cooperative_launch;
    to.memory_pools = from.memory_pools;
    to.integrated = from.integrated;
  }

  void add_failure(KernelFailed failure) {
    std::lock_guard lock(mutex_);
    if (!failure_) failure_ = std::move(failure);
  }

  int ordinal() const override { return device_.ordinal(); }
  const host_api::DeviceProperties& properties() const override { return properties_; }
  int attribute(const std::string& name) const override {
    std::optional<int> value = device_.attribute(name);
    if (!value)
      throw sim::DriverError("cuDeviceGetAttribute", sim::kErrorInvalidValue, "no attribute " + name);
    return *value;
  }
  std::string uuid() const override { return device_.uuid_text(); }
  compiler::Target target() const override {
    compiler::Target t;
    t.kind = compiler::TargetKind::Sim;
    t.compute_major = properties_.compute_major;
    t.compute_minor = properties_.compute_minor;
    t.shuffles_threads = sim::is_shuffled();
    return t;
  }
  bool shares_host_memory() const override { return true; }

  std::shared_ptr<CudaMemory> allocate(size_t bytes, const std::shared_ptr<CudaStream>&) override {
    return make(bytes, sim::MemoryKind::kDevice);
  }
  std::shared_ptr<CudaMemory> allocate_host(size_t bytes, host_api::PinnedOptions) override {
    return make(bytes, sim::MemoryKind::kPinned);
  }
  std::shared_ptr<CudaMemory> allocate_managed(size_t bytes, bool) override {
    return make(bytes, sim::MemoryKind::kManaged);
  }
  std::shared_ptr<CudaMemory> register_host(void* memory, size_t bytes, host_api::PinnedOptions,
                                            std::shared_ptr<void> owner) override {
    return std::make_shared<SimMemory>(
        sim::DeviceBuffer::wrap(memory, bytes, sim::MemoryKind::kRegistered, std::move(owner)));
  }
  std::shared_ptr<CudaMemory> borrow(uint64_t address, size_t bytes, std::shared_ptr<void> owner) override {
    return std::make_shared<SimMemory>(sim::DeviceBuffer::wrap(reinterpret_cast<void*>(address), bytes,
                                                               sim::MemoryKind::kExternal, std::move(owner)));
  }
  void use_on(CudaMemory&, const std::shared_ptr<CudaStream>&) override {
  }  // all work is done when it is given
  host_api::Context::MemoryInfo memory_info() override {
    sim::Device::MemoryInfo info = device_.memory_info();
    return {info.free, info.total};
  }
  // The host's allocator keeps freed memory: there is no pool of the device's own.
  host_api::PoolStatistics pool_statistics() override {
    const sim::MemoryUse use = sim::memory_use();
    return {use.bytes, use.bytes_high, use.bytes, use.bytes_high};
  }
  void trim_pool(size_t) override {}
  void set_pool_threshold(uint64_t) override {}
  void suspend_cleanup() override { sim::suspend_freeing(); }
  void resume_cleanup() override { sim::resume_freeing(); }
  size_t waiting_for_cleanup() override { return sim::waiting_to_be_freed(); }

  std::shared_ptr<CudaMemory> allocate_plain(size_t bytes) override {
    return make(bytes, sim::MemoryKind::kDevice);
  }
  std::string ipc_handle(CudaMemory&) override {
    throw sim::DriverError("cuIpcGetMemHandle", sim::kErrorNotSupported,
                           "the simulated device's memory belongs to this process alone.");
  }
  std::shared_ptr<CudaMemory> open_ipc(const std::string&, size_t) override {
    throw sim::DriverError("cuIpcOpenMemHandle", sim::kErrorNotSupported,
                           "the simulated device's memory belongs to this process alone.");
  }

  uint64_t context_handle() override { return reinterpret_cast<uint64_t>(&device_); }
  bool can_access_peer(int ordinal) override {
    sim::Device::get(ordinal);
    return false;  // a device is no peer of itself
  }
  void enable_peer_access(int ordinal) override {
    sim::Device::get(ordinal);
    throw sim::DriverError("cuCtxEnablePeerAccess", sim::kErrorInvalidDevice,
                           "a device is no peer of itself.");
  }
  void disable_peer_access(int ordinal) override {
    sim::Device::get(ordinal);
    throw sim::DriverError("cuCtxDisablePeerAccess", sim::kErrorInvalidDevice,
                           "a device is no peer of itself.");
  }
  void start_profiler() override {}  // no profiler of NVIDIA's knows the simulator
  void stop_profiler() override {}

  using Stream = std::shared_ptr<CudaStream>;
  void copy_to_device(uint64_t to, const void* from, size_t bytes, const Stream&) override {
    sim::copy_to_device(to, from, bytes);
  }
  void copy_to_host(void* to, uint64_t from, size_t bytes, const Stream& stream) override {
    sim::copy_to_host(to, from, bytes);
    if (!stream) raise_failures();  // as on a GPU: only a copy that waits finds errors
  }
  void copy_on_device(uint64_t to, uint64_t from, size_t bytes, const Stream&) override {
    sim::copy_on_device(to, from, bytes);
  }
  bool copy_strided(uint64_t to, const int64_t* to_strides, uint64_t from, const int64_t* from_strides,
                    const std::vector<int64_t>& shape, size_t item_bytes, const Stream&) override {
    sim::copy_strided(to, {to_strides, shape.size()}, from, {from_strides, shape.size()}, shape, item_bytes);
    return true;
  }
  void fill(uint64_t to, uint32_t value, size_t value_bytes, size_t count, const Stream&) override {
    sim::fill(to, value, value_bytes, count);
  }

  Stream create_stream(bool, int) override {
    return std::make_shared<SimStream>(*this, sim::Stream::create());
  }
  Stream wrap_stream(uint64_t handle, std::shared_ptr<void>) override {
    return std::make_shared<SimStream>(*this, sim::Stream::wrap(handle));
  }
  std::shared_ptr<CudaEvent> create_event(bool timing) override {
    return std::make_shared<SimEvent>(sim::Event::create(timing));
  }

  std::shared_ptr<CudaCode> load(std::shared_ptr<const compiler::Artifact> artifact,
                                 const std::string& image) override {
    return std::make_shared<SimCode>(*this, std::move(artifact), image);
  }

  void synchronize() override { raise_failures(); }
  void raise_failures() override {
    std::optional<KernelFailed> failure;
    {
      std::lock_guard lock(mutex_);
      failure.swap(failure_);
    }
    if (failure) throw std::move(*failure);
  }
  void reset() override {
    std::lock_guard lock(mutex_);
    failure_.reset();
  }

 private:
  static std::shared_ptr<CudaMemory> make(size_t bytes, sim::MemoryKind kind) {
    return std::make_shared<SimMemory>(sim::DeviceBuffer::allocate(bytes, kind));
  }

  sim::Device& device_;
  host_api::DeviceProperties properties_;
  std::mutex mutex_;
  std::optional<KernelFailed> failure_;  // the first since the last synchronisation
};

void SimCode::launch(const CudaLaunch& l, const void* packed, size_t) {
  sim::LaunchConfig config;
  for (int i = 0; i < 3; ++i) {
    config.grid[i] = l.grid[i];
    config.block[i] = l.block[i];
  }
  config.shared_bytes = l.shared_bytes;
  std::vector<sim::Finding> findings;
  std::optional<sim::KernelFailure> failure;
  try {
    failure = sim::launch(function_, config, packed, &findings);
  } catch (const sim::DriverError&) {
    if (findings.empty()) throw;  // a deadlock, which is what the findings explain
  }
  if (failure) add_failure(std::move(*failure));
  if (findings.empty()) return;
  SanitizerFound found{artifact_, std::move(findings), {}, {}};
  std::copy(l.grid, l.grid + 3, found.grid);
  std::copy(l.block, l.block + 3, found.block);
  throw found;
}

void SimCode::add_failure(sim::KernelFailure failure) {
  KernelFailed failed;
  failed.artifact = artifact_;
  failed.status = failure.status;
  for (int i = 0; i < 3; ++i) {
    failed.block[i] = failure.block[i];
    failed.thread[i] = failure.thread[i];
  }
  failed.args = std::move(failure.args);
  failed.frames = std::move(failure.frames);
  device_.add_failure(std::move(failed));
}

class SimBackend : public CudaBackend {
 public:
  const char* kind() const override { return "sim"; }
  int device_count() override { return sim::Device::count(); }
  CudaDevice& device(int ordinal) override {
    sim::Device::get(ordinal);  // refuses an ordinal that is none
    return device_;
  }
  int current_ordinal() override { return 0; }
  void select(int ordinal) override { sim::Device::get(ordinal); }
  int driver_version() override { return 0; }

 private:
  SimDevice device_;
};

}  // namespace

std::unique_ptr<CudaBackend> make_sim_backend() { return std::make_unique<SimBackend>(); }

}  // namespace cantil::bindings
