// Limit checks and the launch itself.
#include "host_api/launch.h"

#include <array>
#include <string>
#include <vector>

namespace cantil::host_api {
namespace {

constexpr const char* kAxes = "xyz";

std::string triple(const unsigned (&value)[3]) {
  return "(" + std::to_string(value[0]) + ", " + std::to_string(value[1]) + ", " + std::to_string(value[2]) +
         ")";
}

// Says which limit is broken. Only called once one is known to be.
[[noreturn]] [[gnu::noinline]] void throw_limit(const Function& function, const LaunchConfig& config) {
  const DeviceProperties& device = function.context().device().properties();
  const FunctionAttributes& kernel = function.attributes();
  const std::string start = "Kernel '" + function.name() + "' cannot be launched with grid " +
                            triple(config.grid) + " and block " + triple(config.block) + ": ";
  const auto check = [&](const char* what, const unsigned (&value)[3], const std::array<unsigned, 3>& limit) {
    for (int i = 0; i < 3; ++i) {
      if (value[i] == 0) {
        throw LaunchLimitError(start + "the " + what + "'s " + kAxes[i] +
                               " dimension is 0, and must be at least 1.");
      }
      if (value[i] > limit[i]) {
        throw LaunchLimitError(start + "the " + what + "'s " + kAxes[i] + " dimension is " +
                               std::to_string(value[i]) + ", and " + device.name + " allows at most " +
                               std::to_string(limit[i]) + ".");
      }
    }
  };
  check("grid", config.grid, device.max_grid);
  check("block", config.block, device.max_block);
  const uint64_t threads = uint64_t{config.block[0]} * config.block[1] * config.block[2];
  if (threads > device.max_threads_per_block) {
    throw LaunchLimitError(start + "that is " + std::to_string(threads) + " threads a block, and " +
                           device.name + " allows at most " + std::to_string(device.max_threads_per_block) +
                           ".");
  }
  throw LaunchLimitError(start + "that is " + std::to_string(threads) + " threads a block, and with its " +
                         std::to_string(kernel.registers) +
                         " registers a thread the kernel can have at most " +
                         std::to_string(kernel.max_threads_per_block) +
                         ". Use a smaller block, or compile it with a limit on registers.");
}

// The driver said no to a launch that looked right.
[[noreturn]] [[gnu::noinline]] void throw_refused(const char* call, cu::Result result, Function& function,
                                                  const LaunchConfig& config) {
  std::string detail = "Kernel '" + function.name() + "' was launched with grid " + triple(config.grid) +
                       ", block " + triple(config.block) + " and " + std::to_string(config.shared_bytes) +
                       " bytes of dynamic shared memory; it uses " +
                       std::to_string(function.attributes().registers) + " registers a thread and " +
                       std::to_string(function.attributes().shared_bytes) + " bytes of static shared memory.";
  if (result == cu::kErrorCooperativeLaunchTooLarge) {
    const int block_size = static_cast<int>(config.block[0] * config.block[1] * config.block[2]);
    int blocks = 0;
    const Context& context = function.context();
    if (context.driver().cuOccupancyMaxActiveBlocksPerMultiprocessor.try_call(
            &blocks, function.handle(), block_size, config.shared_bytes) == cu::kSuccess) {
      detail += " At most " + std::to_string(blocks * context.device().properties().multiprocessors) +
                " blocks of this size fit on the device at once.";
    }
  }
  throw DriverError(call, result, std::move(detail));
}

inline void check_limits(Function& function, const LaunchConfig& config) {
  const DeviceProperties& device = function.context().device().properties();
  bool fits = true;
  for (int i = 0; i < 3; ++i) {
    // 0 wraps to the largest number, so that one comparison serves for both ends.
    fits &= config.grid[i] - 1 < device.max_grid[i];
    fits &= config.block[i] - 1 < device.max_block[i];
  }
  const uint64_t threads = uint64_t{config.block[0]} * config.block[1] * config.block[2];
  fits &= threads <= device.max_threads_per_block;
  fits &= threads <= function.attributes().max_threads_per_block;
  if (!fits) [[unlikely]] {
    throw_limit(function, config);
  }
  if (config.shared_bytes > function.dynamic_shared_limit()) [[unlikely]] {
    function.set_dynamic_shared_limit(config.shared_bytes);
  }
}

// A function of a context that has been reset has a handle that means nothing any more.
inline void check_alive(const Function& function) {
  if (function.module().epoch() != function.context().epoch()) [[unlikely]] {
    throw DriverError("cuLaunchKernel", cu::kErrorContextIsDestroyed,
                      "The device was reset after kernel '" + function.name() + "' had been loaded.");
  }
}

}  // namespace

void launch(Function& function, const LaunchConfig& config, const void* arguments, size_t bytes) {
  check_alive(function);
  check_limits(function, config);
  const Context& context = function.context();
  const CurrentScope scope(context);
  void* extra[] = {cu::kLaunchParamBufferPointer, const_cast<void*>(arguments), cu::kLaunchParamBufferSize,
                   &bytes, cu::kLaunchParamEnd};
  const cu::Result result = context.driver().cuLaunchKernel.try_call(
      function.handle(), config.grid[0], config.grid[1], config.grid[2], config.block[0], config.block[1],
      config.block[2], config.shared_bytes, config.stream, nullptr, bytes == 0 ? nullptr : extra);
  if (result != cu::kSuccess) [[unlikely]] {
    throw_refused(context.driver().cuLaunchKernel.name(), result, function, config);
  }
}

void launch_cooperative(Function& function, const LaunchConfig& config, const void* arguments, size_t bytes,
                        std::span<const uint32_t> offsets) {
  check_alive(function);
  check_limits(function, config);
  const Context& context = function.context();
  const DeviceProperties& device = context.device().properties();
  if (!device.cooperative_launch) {
    throw LaunchLimitError("Kernel '" + function.name() + "' synchronises its whole grid, which " +
                           device.name + " cannot do.");
  }
  constexpr size_t kOnStack = 128;
  std::array<void*, kOnStack> few;
  std::vector<void*> many;
  void** parameters = few.data();
  if (offsets.size() > kOnStack) {
    many.resize(offsets.size());
    parameters = many.data();
  }
  for (size_t i = 0; i < offsets.size(); ++i) {
    if (offsets[i] >= bytes) {
      throw LaunchLimitError("Kernel '" + function.name() + "': parameter " + std::to_string(i) +
                             " lies outside the " + std::to_string(bytes) + " bytes of arguments.");
    }
    parameters[i] = const_cast<char*>(static_cast<const char*>(arguments)) + offsets[i];
  }
  const CurrentScope scope(context);
  const cu::Result result = context.driver().cuLaunchCooperativeKernel.try_call(
      function.handle(), config.grid[0], config.grid[1], config.grid[2], config.block[0], config.block[1],
      config.block[2], config.shared_bytes, config.stream, parameters);
  if (result != cu::kSuccess) [[unlikely]] {
    throw_refused(context.driver().cuLaunchCooperativeKernel.name(), result, function, config);
  }
}

}  // namespace cantil::host_api
