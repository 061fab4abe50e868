// A GPU through the driver: host_api behind the bindings' device interface.
#include <cstring>
#include <mutex>

#include "host_api/copy.h"
#include "host_api/event.h"
#include "host_api/launch.h"
#include "host_api/stream.h"
#include "ir/layout.h"
#include "python/bindings/cuda_device.h"

namespace cantil::bindings {
namespace {

namespace api = host_api;

class GpuDevice;

struct GpuMemory : CudaMemory {
  explicit GpuMemory(std::shared_ptr<api::DeviceBuffer> b) : buffer(std::move(b)) {
    device = buffer->device_pointer();
    host = buffer->host_pointer();
    bytes = buffer->bytes();
  }
  std::shared_ptr<api::DeviceBuffer> buffer;
};

std::shared_ptr<CudaMemory> wrap(std::shared_ptr<api::DeviceBuffer> buffer) {
  return std::make_shared<GpuMemory>(std::move(buffer));
}

class GpuEvent : public CudaEvent {
 public:
  explicit GpuEvent(std::shared_ptr<api::Event> event) : event_(std::move(event)) {}
  uint64_t handle() const override { return reinterpret_cast<uint64_t>(event_->handle()); }
  void record(CudaStream& stream) override;
  bool query() override { return event_->query(); }
  void synchronize() override { event_->synchronize(); }
  float elapsed_ms(CudaEvent& end) override {
    return event_->elapsed_ms(*static_cast<GpuEvent&>(end).event_);
  }
  const api::Event& event() const { return *event_; }

 private:
  std::shared_ptr<api::Event> event_;
};

class GpuStream : public CudaStream {
 public:
  GpuStream(GpuDevice& device, std::shared_ptr<api::Stream> stream)
      : device_(device), stream_(std::move(stream)) {}
  uint64_t handle() const override { return reinterpret_cast<uint64_t>(stream_->handle()); }
  void synchronize() override;
  bool query() override { return stream_->query(); }
  void wait(CudaEvent& event) override { stream_->wait(static_cast<GpuEvent&>(event).event()); }
  void add_callback(std::function<void(int)> callback) override {
    stream_->add_callback(
        [callback = std::move(callback)](api::cu::Result result) { callback(static_cast<int>(result)); });
  }
  CudaDevice& device() override;
  const std::shared_ptr<api::Stream>& stream() const { return stream_; }

 private:
  GpuDevice& device_;
  std::shared_ptr<api::Stream> stream_;
};

void GpuEvent::record(CudaStream& stream) { event_->record(*static_cast<GpuStream&>(stream).stream()); }

class GpuCode;

class GpuDevice : public CudaDevice {
 public:
  explicit GpuDevice(int ordinal) : context_(api::Context::get(ordinal)) {}

  api::Context& context() { return context_; }
  const std::shared_ptr<api::Stream>& stream_of(const std::shared_ptr<CudaStream>& stream) {
    return stream ? static_cast<GpuStream&>(*stream).stream() : context_.default_stream();
  }
  void add_pending(std::shared_ptr<GpuCode> code) {
    std::lock_guard lock(mutex_);
    pending_.push_back(std::move(code));
  }

  int ordinal() const override { return context_.device().ordinal(); }
  const api::DeviceProperties& properties() const override { return context_.device().properties(); }
  int attribute(const std::string& name) const override { return context_.device().attribute(name); }
  std::string uuid() const override { return context_.device().uuid_text(); }
  compiler::Target target() const override {
    compiler::Target t;
    t.kind = compiler::TargetKind::Ptx;
    t.compute_major = properties().compute_major;
    t.compute_minor = properties().compute_minor;
    t.max_ptx_version = api::newest_ptx_isa(context_.driver().version());
    return t;
  }
  bool shares_host_memory() const override { return false; }

  std::shared_ptr<CudaMemory> allocate(size_t bytes, const std::shared_ptr<CudaStream>& stream) override {
    return wrap(api::DeviceBuffer::allocate(context_, bytes, stream_of(stream)));
  }
  std::shared_ptr<CudaMemory> allocate_host(size_t bytes, api::PinnedOptions options) override {
    return wrap(api::DeviceBuffer::allocate_host(context_, bytes, options));
  }
  std::shared_ptr<CudaMemory> allocate_managed(size_t bytes, bool global) override {
    return wrap(api::DeviceBuffer::allocate_managed(context_, bytes, global));
  }
  std::shared_ptr<CudaMemory> register_host(void* memory, size_t bytes, api::PinnedOptions options,
                                            std::shared_ptr<void> owner) override {
    return wrap(api::DeviceBuffer::register_host(context_, memory, bytes, options, std::move(owner)));
  }
  std::shared_ptr<CudaMemory> borrow(uint64_t address, size_t bytes, std::shared_ptr<void> owner) override {
    return wrap(api::DeviceBuffer::borrow(context_, address, bytes, std::move(owner)));
  }
  void use_on(CudaMemory& memory, const std::shared_ptr<CudaStream>& stream) override {
    static_cast<GpuMemory&>(memory).buffer->use_on(stream_of(stream));
  }
  api::Context::MemoryInfo memory_info() override { return context_.memory_info(); }
  api::PoolStatistics pool_statistics() override { return context_.pool().statistics(); }
  void trim_pool(size_t bytes_to_keep) override { context_.pool().trim(bytes_to_keep); }
  void set_pool_threshold(uint64_t bytes) override { context_.pool().set_release_threshold(bytes); }
  void suspend_cleanup() override { context_.cleanup().suspend(); }
  void resume_cleanup() override { context_.cleanup().resume(); }
  size_t waiting_for_cleanup() override { return context_.cleanup().waiting(); }

  std::shared_ptr<CudaMemory> allocate_plain(size_t bytes) override {
    return wrap(api::DeviceBuffer::allocate_plain(context_, bytes));
  }
  std::string ipc_handle(CudaMemory& memory) override {
    const api::cu::IpcMemoryHandle handle = static_cast<GpuMemory&>(memory).buffer->ipc_handle();
    return {reinterpret_cast<const char*>(&handle), sizeof handle};
  }
  std::shared_ptr<CudaMemory> open_ipc(const std::string& bytes_of_handle, size_t bytes) override {
    api::cu::IpcMemoryHandle handle;
    if (bytes_of_handle.size() != sizeof handle)
      throw api::HostApiError("an IPC handle has " + std::to_string(sizeof handle) + " bytes, not " +
                              std::to_string(bytes_of_handle.size()));
    std::memcpy(&handle, bytes_of_handle.data(), sizeof handle);
    return wrap(api::DeviceBuffer::open_ipc(context_, handle, bytes));
  }

  uint64_t context_handle() override { return reinterpret_cast<uint64_t>(context_.handle()); }
  bool can_access_peer(int ordinal) override {
    return context_.device().can_access_peer(api::Device::get(ordinal));
  }
  void enable_peer_access(int ordinal) override { context_.enable_peer_access(api::Context::get(ordinal)); }
  void disable_peer_access(int ordinal) override { context_.disable_peer_access(api::Context::get(ordinal)); }
  void start_profiler() override { context_.start_profiler(); }
  void stop_profiler() override { context_.stop_profiler(); }

  void copy_to_device(uint64_t to, const void* from, size_t bytes,
                      const std::shared_ptr<CudaStream>& stream) override {
    if (stream)
      api::copy_to_device(*stream_of(stream), to, from, bytes);
    else
      api::copy_to_device_now(*context_.default_stream(), to, from, bytes);
  }
  void copy_to_host(void* to, uint64_t from, size_t bytes,
                    const std::shared_ptr<CudaStream>& stream) override {
    if (stream) {
      api::copy_to_host(*stream_of(stream), to, from, bytes);
    } else {
      api::copy_to_host_now(*context_.default_stream(), to, from, bytes);
      raise_failures();
    }
  }
  void copy_on_device(uint64_t to, uint64_t from, size_t bytes,
                      const std::shared_ptr<CudaStream>& stream) override {
    api::copy_on_device(*stream_of(stream), to, from, bytes);
  }
  bool copy_strided(uint64_t to, const int64_t* to_strides, uint64_t from, const int64_t* from_strides,
                    const std::vector<int64_t>& shape, size_t item_bytes,
                    const std::shared_ptr<CudaStream>& stream) override {
    api::StridedSide target{api::MemorySide::kDevice, to, {to_strides, shape.size()}};
    api::StridedSide source{api::MemorySide::kDevice, from, {from_strides, shape.size()}};
    return api::copy_strided(*stream_of(stream), target, source, shape, item_bytes);
  }
  void fill(uint64_t to, uint32_t value, size_t value_bytes, size_t count,
            const std::shared_ptr<CudaStream>& stream) override {
    api::fill(*stream_of(stream), to, value, value_bytes, count);
  }

  std::shared_ptr<CudaStream> create_stream(bool non_blocking, int priority) override {
    return std::make_shared<GpuStream>(*this, api::Stream::create(context_, non_blocking, priority));
  }
  std::shared_ptr<CudaStream> wrap_stream(uint64_t handle, std::shared_ptr<void> owner) override {
    std::shared_ptr<api::Stream> stream;
    switch (handle) {
      case 0:
        stream = context_.default_stream();
        break;
      case 1:
        stream = api::Stream::wrap_legacy(context_);
        break;
      case 2:
        stream = api::Stream::wrap_per_thread(context_);
        break;
      default:
        stream =
            api::Stream::wrap_external(context_, reinterpret_cast<api::cu::Stream>(handle), std::move(owner));
    }
    return std::make_shared<GpuStream>(*this, std::move(stream));
  }
  std::shared_ptr<CudaEvent> create_event(bool timing) override {
    api::EventOptions options;
    options.timing = timing;
    return std::make_shared<GpuEvent>(api::Event::create(context_, options));
  }

  std::shared_ptr<CudaCode> load(std::shared_ptr<const compiler::Artifact> artifact,
                                 const std::string& image) override;

  void synchronize() override {
    context_.synchronize();
    raise_failures();
  }
  void raise_failures() override;
  void reset() override {
    {
      std::lock_guard lock(mutex_);
      pending_.clear();
    }
    context_.reset();
  }

 private:
  api::Context& context_;
  std::mutex mutex_;
  std::vector<std::shared_ptr<GpuCode>> pending_;  // launched since their error buffers were last looked at
};

// What a kernel that raises leaves behind; the layout is ptx_codegen's.
struct ErrorBuffer {
  int32_t status = 0;
  uint32_t block[3] = {0, 0, 0};
  uint32_t thread[3] = {0, 0, 0};
};

class GpuCode : public CudaCode, public std::enable_shared_from_this<GpuCode> {
 public:
  GpuCode(GpuDevice& device, std::shared_ptr<const compiler::Artifact> artifact, const std::string& image)
      : device_(device), artifact_(std::move(artifact)) {
    api::JitOptions options;
    if (artifact_->max_registers > 0) options.max_registers = artifact_->max_registers;
    module_ = api::Module::load(device.context(), image.empty() ? artifact_->code : image, options);
    function_ = module_->function(artifact_->entry);
    for (const ir::Leaf& leaf : ir::pack(artifact_->args).leaves)
      offsets_.push_back(static_cast<uint32_t>(leaf.offset));
    if (!artifact_->sites.empty() && artifact_->code.find("cantil_error") != std::string::npos)
      error_pointer_ = module_->global("cantil_error").pointer;
  }

  void launch(const CudaLaunch& l, const void* packed, size_t size) override {
    api::LaunchConfig config;
    for (int i = 0; i < 3; ++i) {
      config.grid[i] = l.grid[i];
      config.block[i] = l.block[i];
    }
    config.shared_bytes = l.shared_bytes;
    if (l.stream) config.stream = static_cast<GpuStream&>(*l.stream).stream()->handle();
    if (l.cooperative)
      api::launch_cooperative(*function_, config, packed, size, offsets_);
    else
      api::launch(*function_, config, packed, size);
    if (error_pointer_ && !pending_.exchange(true)) device_.add_pending(shared_from_this());
  }

  // The error that a thread left, if any; the buffer is clean afterwards.
  bool take_error(KernelFailed& failure) {
    pending_ = false;
    ErrorBuffer error;
    const api::Stream& stream = *device_.context().default_stream();
    api::copy_to_host_now(stream, &error, error_pointer_, sizeof error);
    if (error.status == 0) return false;
    api::fill(stream, error_pointer_, 0, 4, sizeof error / 4);
    failure.artifact = artifact_;
    failure.status = error.status;
    for (int i = 0; i < 3; ++i) {
      failure.block[i] = error.block[i];
      failure.thread[i] = error.thread[i];
    }
    return true;
  }

  uint64_t module_handle() const override { return reinterpret_cast<uint64_t>(module_->handle()); }
  api::FunctionAttributes attributes() const override { return function_->attributes(); }
  int max_active_blocks(int block_size, size_t shared_bytes) override {
    return function_->max_active_blocks_per_multiprocessor(block_size, shared_bytes);
  }
  api::BlockSizeSuggestion suggest_block_size(size_t shared_bytes, int limit) override {
    return function_->suggest_block_size(shared_bytes, limit);
  }
  int max_cooperative_blocks(int block_size, size_t shared_bytes) override {
    return function_->max_cooperative_grid_blocks(block_size, shared_bytes);
  }

 private:
  GpuDevice& device_;
  std::shared_ptr<const compiler::Artifact> artifact_;
  std::shared_ptr<api::Module> module_;
  std::shared_ptr<api::Function> function_;
  std::vector<uint32_t> offsets_;
  api::cu::DevicePtr error_pointer_ = 0;
  std::atomic<bool> pending_{false};
};

void GpuStream::synchronize() {
  stream_->synchronize();
  device_.raise_failures();
}

CudaDevice& GpuStream::device() { return device_; }

std::shared_ptr<CudaCode> GpuDevice::load(std::shared_ptr<const compiler::Artifact> artifact,
                                          const std::string& image) {
  return std::make_shared<GpuCode>(*this, std::move(artifact), image);
}

void GpuDevice::raise_failures() {
  std::vector<std::shared_ptr<GpuCode>> pending;
  {
    std::lock_guard lock(mutex_);
    pending.swap(pending_);
  }
  // Every buffer is read and cleaned, so that an error is not found again later; the first one is raised.
  bool failed = false;
  KernelFailed first;
  for (auto& code : pending) {
    KernelFailed failure;
    if (code->take_error(failure) && !failed) {
      failed = true;
      first = std::move(failure);
    }
  }
  if (failed) throw first;
}

class GpuBackend : public CudaBackend {
 public:
  GpuBackend() : devices_(static_cast<size_t>(api::Device::count())) {}
  const char* kind() const override { return "gpu"; }
  int device_count() override { return static_cast<int>(devices_.size()); }
  CudaDevice& device(int ordinal) override {
    api::Context::get(ordinal);  // refuses an ordinal that is none
    std::lock_guard lock(mutex_);
    auto& device = devices_.at(static_cast<size_t>(ordinal));
    if (!device) device = std::make_unique<GpuDevice>(ordinal);
    return *device;
  }
  int current_ordinal() override { return api::Context::current_ordinal(); }
  void select(int ordinal) override { api::Context::select(ordinal); }
  int driver_version() override { return api::Driver::get().version(); }

 private:
  std::mutex mutex_;
  std::vector<std::unique_ptr<GpuDevice>> devices_;
};

}  // namespace

std::unique_ptr<CudaBackend> make_gpu_backend() { return std::make_unique<GpuBackend>(); }

}  // namespace cantil::bindings
