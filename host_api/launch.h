// Launching kernels: the hot path.
//
// launch() allocates nothing, waits for nothing and asks the driver for two things: the current context and
// the launch. What the device can never run is refused before that, with the limit in the message.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "host_api/module.h"

namespace cantil::host_api {

struct LaunchConfig {
  unsigned grid[3] = {1, 1, 1};
  unsigned block[3] = {1, 1, 1};
  unsigned shared_bytes = 0;  // dynamic
  cu::Stream stream = nullptr;
};

// `arguments` is the kernel's parameter block: each parameter at its offset, aligned as the kernel declares
// it. It is read before the call returns.
void launch(Function& function, const LaunchConfig& config, const void* arguments, size_t bytes);

// A launch whose blocks can all wait for each other. The driver takes such arguments one by one, so `offsets`
// says where each parameter begins in the block.
void launch_cooperative(Function& function, const LaunchConfig& config, const void* arguments, size_t bytes,
                        std::span<const uint32_t> offsets);

}  // namespace cantil::host_api
