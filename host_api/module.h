// Code on a device: modules loaded from PTX, cubin or fatbin, their functions and global variables.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <string_view>

#include "host_api/context.h"
#include "host_api/jit_log.h"

namespace cantil::host_api {

class Function;

struct GlobalVariable {
  cu::DevicePtr pointer = 0;
  size_t bytes = 0;
};

class Module : public std::enable_shared_from_this<Module> {
 public:
  // `image` is PTX text, a cubin or a fatbin. Throws CompileLogError, with the log, where the driver refuses
  // it.
  static std::shared_ptr<Module> load(Context& context, std::string_view image,
                                      const JitOptions& options = {});
  ~Module();
  Module(const Module&) = delete;
  Module& operator=(const Module&) = delete;

  std::shared_ptr<Function> function(const std::string& name);
  GlobalVariable global(const std::string& name) const;

  Context& context() const { return context_; }
  cu::Module handle() const { return handle_; }
  uint64_t epoch() const { return epoch_; }
  // What the compiler had to say; registers and spills with JitOptions::verbose.
  const std::string& info_log() const { return info_log_; }

 private:
  explicit Module(Context& context) : context_(context) {}

  Context& context_;
  cu::Module handle_ = nullptr;
  uint64_t epoch_ = 0;
  std::string info_log_;
};

struct FunctionAttributes {
  unsigned max_threads_per_block = 0;  // what its registers allow
  unsigned registers = 0;
  unsigned shared_bytes = 0;  // static
  unsigned const_bytes = 0;
  unsigned local_bytes = 0;  // a thread
  int ptx_version = 0;       // 10 * major + minor
  int binary_version = 0;
};

struct BlockSizeSuggestion {
  int min_grid_size = 0;
  int block_size = 0;
};

class Function {
 public:
  Function(std::shared_ptr<Module> module, std::string name);
  Function(const Function&) = delete;
  Function& operator=(const Function&) = delete;

  cu::Function handle() const { return handle_; }
  Context& context() const { return module_->context(); }
  const Module& module() const { return *module_; }
  const std::string& name() const { return name_; }
  const FunctionAttributes& attributes() const { return attributes_; }

  // How much dynamic shared memory a launch may ask for as things stand, and the most it could be given.
  unsigned dynamic_shared_limit() const { return dynamic_shared_limit_.load(std::memory_order_relaxed); }
  unsigned dynamic_shared_maximum() const { return dynamic_shared_maximum_; }
  // Opts in to more; done by launch() itself when a launch asks for it.
  void set_dynamic_shared_limit(unsigned bytes);
  void set_cache_config(cu::CacheConfig config);
  // Percent of the multiprocessor's combined memory to use as shared; -1 leaves it to the driver.
  void set_shared_carveout(int percent);

  int max_active_blocks_per_multiprocessor(int block_size, size_t shared_bytes);
  // The block size with the best occupancy, and the grid that fills the device with it.
  BlockSizeSuggestion suggest_block_size(size_t shared_bytes, int block_size_limit = 0,
                                         cu::BlockSizeToSharedBytes shared_bytes_of = nullptr);
  // The most blocks that a cooperative launch can have.
  int max_cooperative_grid_blocks(int block_size, size_t shared_bytes);

 private:
  std::shared_ptr<Module> module_;
  std::string name_;
  cu::Function handle_ = nullptr;
  FunctionAttributes attributes_;
  std::atomic<unsigned> dynamic_shared_limit_{0};
  unsigned dynamic_shared_maximum_ = 0;
};

}  // namespace cantil::host_api
