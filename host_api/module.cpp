// Loading of modules; function attributes and occupancy.
#include "host_api/module.h"

#include <algorithm>

namespace cantil::host_api {
namespace {

// Binary images say so in their first bytes; everything else is PTX text, which the driver wants to end in a
// zero.
bool is_binary_image(std::string_view image) {
  return image.starts_with(
             "\x7f"
             "ELF") ||
         image.starts_with("\x50\xed\x55\xba");
}

}  // namespace

std::shared_ptr<Module> Module::load(Context& context, std::string_view image, const JitOptions& options) {
  std::shared_ptr<Module> module(new Module(context));
  const bool binary = is_binary_image(image);
  const std::string terminated(binary ? std::string_view() : image);
  const Driver& driver = context.driver();
  const CurrentScope scope(context);
  const RelaxedCapture relaxed(driver);
  JitCall jit(options);
  const cu::Result result = driver.cuModuleLoadDataEx.try_call(
      &module->handle_, binary ? image.data() : terminated.c_str(), jit.count(), jit.options(), jit.values());
  if (result != cu::kSuccess) {
    module->handle_ = nullptr;
    const std::string log = jit.error_log();
    if (result == cu::kErrorOutOfMemory || context_is_lost(result) || (binary && log.empty())) {
      throw_driver_error(driver.cuModuleLoadDataEx.name(), result);
    }
    throw CompileLogError(driver.cuModuleLoadDataEx.name(), result, log, explain_jit_log(log, terminated));
  }
  module->epoch_ = context.epoch();
  module->info_log_ = jit.info_log();
  return module;
}

Module::~Module() {
  if (handle_ != nullptr) {
    context_.cleanup().release(
        {.kind = HandleKind::kModule, .value = reinterpret_cast<uint64_t>(handle_), .epoch = epoch_});
  }
}

std::shared_ptr<Function> Module::function(const std::string& name) {
  return std::make_shared<Function>(shared_from_this(), name);
}

GlobalVariable Module::global(const std::string& name) const {
  const CurrentScope scope(context_);
  GlobalVariable variable;
  const Driver& driver = context_.driver();
  const cu::Result result =
      driver.cuModuleGetGlobal.try_call(&variable.pointer, &variable.bytes, handle_, name.c_str());
  if (result != cu::kSuccess) {
    throw DriverError(driver.cuModuleGetGlobal.name(), result,
                      "The module's variable '" + name + "' was asked for.");
  }
  return variable;
}

Function::Function(std::shared_ptr<Module> module, std::string name)
    : module_(std::move(module)), name_(std::move(name)) {
  const Driver& driver = context().driver();
  const CurrentScope scope(context());
  const cu::Result result = driver.cuModuleGetFunction.try_call(&handle_, module_->handle(), name_.c_str());
  if (result != cu::kSuccess) {
    throw DriverError(driver.cuModuleGetFunction.name(), result,
                      "The module's function '" + name_ + "' was asked for.");
  }
  const auto get = [&](cu::FunctionAttribute attribute) {
    int value = 0;
    driver.cuFuncGetAttribute(&value, attribute, handle_);
    return value;
  };
  const auto get_unsigned = [&](cu::FunctionAttribute attribute) {
    return static_cast<unsigned>(std::max(0, get(attribute)));
  };
  attributes_.max_threads_per_block = get_unsigned(cu::FunctionAttribute::kMaxThreadsPerBlock);
  attributes_.registers = get_unsigned(cu::FunctionAttribute::kRegisters);
  attributes_.shared_bytes = get_unsigned(cu::FunctionAttribute::kSharedBytes);
  attributes_.const_bytes = get_unsigned(cu::FunctionAttribute::kConstBytes);
  attributes_.local_bytes = get_unsigned(cu::FunctionAttribute::kLocalBytes);
  attributes_.ptx_version = get(cu::FunctionAttribute::kPtxVersion);
  attributes_.binary_version = get(cu::FunctionAttribute::kBinaryVersion);

  const DeviceProperties& device = context().device().properties();
  const auto left = [&](unsigned total) { return total - std::min(total, attributes_.shared_bytes); };
  dynamic_shared_limit_.store(left(device.shared_per_block), std::memory_order_relaxed);
  dynamic_shared_maximum_ = left(device.shared_per_block_optin);
}

void Function::set_dynamic_shared_limit(unsigned bytes) {
  if (bytes > dynamic_shared_maximum_) {
    throw LaunchLimitError("Kernel '" + name_ + "' cannot be given " + std::to_string(bytes) +
                           " bytes of dynamic shared memory: " + std::to_string(dynamic_shared_maximum_) +
                           " is the most on " + context().device().properties().name + ", beside its " +
                           std::to_string(attributes_.shared_bytes) + " static bytes.");
  }
  const CurrentScope scope(context());
  context().driver().cuFuncSetAttribute(handle_, cu::FunctionAttribute::kMaxDynamicSharedBytes,
                                        static_cast<int>(bytes));
  dynamic_shared_limit_.store(bytes, std::memory_order_relaxed);
}

void Function::set_cache_config(cu::CacheConfig config) {
  const CurrentScope scope(context());
  context().driver().cuFuncSetCacheConfig(handle_, config);
}

void Function::set_shared_carveout(int percent) {
  const CurrentScope scope(context());
  context().driver().cuFuncSetAttribute(handle_, cu::FunctionAttribute::kPreferredSharedCarveout, percent);
}

int Function::max_active_blocks_per_multiprocessor(int block_size, size_t shared_bytes) {
  const CurrentScope scope(context());
  int blocks = 0;
  context().driver().cuOccupancyMaxActiveBlocksPerMultiprocessor(&blocks, handle_, block_size, shared_bytes);
  return blocks;
}

BlockSizeSuggestion Function::suggest_block_size(size_t shared_bytes, int block_size_limit,
                                                 cu::BlockSizeToSharedBytes shared_bytes_of) {
  const CurrentScope scope(context());
  BlockSizeSuggestion suggestion;
  context().driver().cuOccupancyMaxPotentialBlockSize(&suggestion.min_grid_size, &suggestion.block_size,
                                                      handle_, shared_bytes_of, shared_bytes,
                                                      block_size_limit);
  return suggestion;
}

int Function::max_cooperative_grid_blocks(int block_size, size_t shared_bytes) {
  return max_active_blocks_per_multiprocessor(block_size, shared_bytes) *
         context().device().properties().multiprocessors;
}

}  // namespace cantil::host_api
