// Launching kernels on the simulated device.
//
// Blocks run in parallel on the thread pool, in ascending order within each worker's share;
// CANTIL_SIM_SCHEDULE=<seed> shuffles them, to find kernels that depend on the order. A launch returns when
// all blocks are done. When threads raise, the error is that of the block with the lowest number among those
// that fail, as a sequential run would find it.
#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "device_runtime/abi.h"
#include "simulator/sanitizer.h"

namespace cantil::simulator {

using Entry = int32_t (*)(const void* args, cantil_rt_block* block);

// A kernel, loaded. The code behind `entry` must outlive it.
struct Function {
  std::string name;
  Entry entry = nullptr;
  bool uses_fibers = false;
  bool uses_grid_sync = false;
  int64_t static_shared = 0;              // bytes
  unsigned max_threads_per_block = 1024;  // what its launch bounds allow
  bool is_checked = false;                // made for the sanitizer
  std::vector<uint32_t> site_bytes = {};  // of a checked one: how much each site accesses
};

struct LaunchConfig {
  unsigned grid[3] = {1, 1, 1};
  unsigned block[3] = {1, 1, 1};
  unsigned shared_bytes = 0;  // dynamic
};

// An exception that a thread raised.
struct KernelFailure {
  int32_t status = 0;  // 1 + raise site
  uint32_t block[3] = {0, 0, 0};
  uint32_t thread[3] = {0, 0, 0};
  std::vector<unsigned char> args;  // packed run-time arguments
  std::vector<int32_t> frames;
  std::string deadlock;  // what threads wait for, where that is the failure
};

// Throws LaunchLimitError for what the device cannot run, DriverError when memory runs out. `arguments` is
// the packed form of ir/layout.h. What the sanitizer finds in a checked kernel goes to `findings`.
std::optional<KernelFailure> launch(const Function& function, const LaunchConfig& config,
                                    const void* arguments, std::vector<Finding>* findings = nullptr);

// Blocks of this kernel that fit on a multiprocessor at once, by threads and shared memory.
int max_active_blocks_per_multiprocessor(const Function& function, int block_size, size_t shared_bytes);

// Blocks that a grid with a barrier of its own can have.
int max_cooperative_blocks(const Function& function, int block_size, size_t shared_bytes);

struct BlockSizeSuggestion {
  int min_grid_size = 0;
  int block_size = 0;
};
BlockSizeSuggestion suggest_block_size(const Function& function, size_t shared_bytes,
                                       int block_size_limit = 0);

// CANTIL_SIM_SCHEDULE is read once; tests set another seed with this (nothing: ascending order).
void set_schedule(std::optional<uint64_t> seed);
// Whether threads shall run in another order than their numbers', which only fibers can.
bool is_shuffled();

}  // namespace cantil::simulator
