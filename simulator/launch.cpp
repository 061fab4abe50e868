// Limits, the order of blocks, and the workers that run them.
#include "simulator/launch.h"

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <mutex>
#include <numeric>

#include "device_runtime/parallel.h"
#include "simulator/device.h"
#include "simulator/error.h"
#include "simulator/fibers.h"
#include "simulator/random.h"
#include "simulator/sanitizer.h"

namespace cantil::simulator {
namespace {

constexpr int64_t kSharedAlign = 128;

int64_t rounded(int64_t bytes) { return (bytes + kSharedAlign - 1) / kSharedAlign * kSharedAlign; }

// ---- Limits
// ------------------------------------------------------------------------------------------------------

std::string triple(const unsigned (&v)[3]) {
  return "(" + std::to_string(v[0]) + ", " + std::to_string(v[1]) + ", " + std::to_string(v[2]) + ")";
}

uint64_t threads_of(const LaunchConfig& config) {
  return uint64_t{config.block[0]} * config.block[1] * config.block[2];
}

// Says which limit is broken; the wording is host_api's.
[[noreturn]] [[gnu::noinline]] void throw_limit(const Function& function, const LaunchConfig& config,
                                                const DeviceProperties& device) {
  const std::string start = "Kernel '" + function.name + "' cannot be launched with grid " +
                            triple(config.grid) + " and block " + triple(config.block) + ": ";
  const auto check = [&](const char* what, const unsigned (&value)[3], const std::array<unsigned, 3>& limit) {
    for (size_t i = 0; i < 3; ++i) {
      const std::string dimension = start + "the " + what + "'s " + "xyz"[i] + " dimension is ";
      if (value[i] == 0) throw LaunchLimitError(dimension + "0, and must be at least 1.");
      if (value[i] > limit[i]) {
        throw LaunchLimitError(dimension + std::to_string(value[i]) + ", and " + device.name +
                               " allows at most " + std::to_string(limit[i]) + ".");
      }
    }
  };
  check("grid", config.grid, device.max_grid);
  check("block", config.block, device.max_block);
  const uint64_t threads = threads_of(config);
  if (threads > device.max_threads_per_block) {
    throw LaunchLimitError(start + "that is " + std::to_string(threads) + " threads a block, and " +
                           device.name + " allows at most " + std::to_string(device.max_threads_per_block) +
                           ".");
  }
  if (threads > function.max_threads_per_block) {
    throw LaunchLimitError(start + "that is " + std::to_string(threads) +
                           " threads a block, and the kernel was compiled for at most " +
                           std::to_string(function.max_threads_per_block) + ".");
  }
  throw LaunchLimitError(start + "it needs " + std::to_string(function.static_shared) +
                         " bytes of static and " + std::to_string(config.shared_bytes) +
                         " bytes of dynamic shared memory, and " + device.name + " allows at most " +
                         std::to_string(device.shared_per_block_optin) + " together.");
}

void check_limits(const Function& function, const LaunchConfig& config, const DeviceProperties& device) {
  bool fits = true;
  for (size_t i = 0; i < 3; ++i) {
    // 0 wraps to the largest number, so that one comparison serves for both ends.
    fits &= config.grid[i] - 1 < device.max_grid[i];
    fits &= config.block[i] - 1 < device.max_block[i];
  }
  const uint64_t threads = threads_of(config);
  fits &= threads <= device.max_threads_per_block;
  fits &= threads <= function.max_threads_per_block;
  fits &=
      static_cast<uint64_t>(function.static_shared) + config.shared_bytes <= device.shared_per_block_optin;
  if (!fits) [[unlikely]]
    throw_limit(function, config, device);
}

// ---- The order of blocks
// -----------------------------------------------------------------------------------------

struct Schedule {
  std::mutex mutex;
  bool read = false;
  std::optional<uint64_t> seed;
};
Schedule schedule;

std::optional<uint64_t> schedule_seed() {
  std::lock_guard lock(schedule.mutex);
  if (!schedule.read) {
    schedule.read = true;
    const char* text = std::getenv("CANTIL_SIM_SCHEDULE");
    char* end = nullptr;
    const uint64_t seed = text != nullptr ? std::strtoull(text, &end, 10) : 0;
    if (text != nullptr && *text != 0 && *end == 0) schedule.seed = seed;
  }
  return schedule.seed;
}

// A bijection on [0, n): multiplication by a number without common factor with n, and a shift.
struct Order {
  uint64_t n, factor = 1, shift = 0, seed = 0;

  Order(uint64_t count, std::optional<uint64_t> given) : n(count), seed(given.value_or(0)) {
    if (!given || n < 2) return;
    SplitMix random{seed};
    do {
      factor = random() % n;
    } while (std::gcd(factor, n) != 1);
    shift = random() % n;
  }

  uint64_t operator()(uint64_t k) const {
    return static_cast<uint64_t>((static_cast<unsigned __int128>(k) * factor + shift) % n);
  }
};

// ---- Workers
// -----------------------------------------------------------------------------------------------------

// What a worker keeps from block to block and from launch to launch.
struct Worker {
  FiberBlock scheduler;
  device_runtime::Scratch shared;
  BlockChecks checks;
};

Worker& this_worker() {
  // On the heap: the extension's thread-local block is static (random/mt19937.h), and of those a process has
  // little.
  static thread_local std::unique_ptr<Worker> worker;
  if (worker == nullptr) worker = std::make_unique<Worker>();
  return *worker;
}

struct Launch {
  const Function& function;
  const LaunchConfig& config;
  const void* arguments;
  int64_t blocks;
  Order order;
  bool shuffled;
  std::atomic<int64_t> failed;  // the lowest failing block so far; `blocks` when none
  std::mutex mutex;
  KernelFailure failure{};
  Sanitizer* sanitizer = nullptr;

  bool prepare(cantil_rt_block& block, device_runtime::Scratch& shared, FiberBlock& scheduler) const {
    const int64_t dynamic = rounded(function.static_shared);
    std::copy(config.grid, config.grid + 3, block.grid);
    std::copy(config.block, config.block + 3, block.block_dim);
    block.shared = shared.at_least(std::max<int64_t>(dynamic + config.shared_bytes, kSharedAlign));
    block.dynamic_offset = dynamic;
    block.dynamic_size = config.shared_bytes;
    block.scheduler = static_cast<device_runtime::BlockScheduler*>(&scheduler);
    return block.shared != nullptr;
  }

  void place(cantil_rt_block& block, int64_t number) const {
    block.block[0] = static_cast<uint32_t>(number % config.grid[0]);
    block.block[1] = static_cast<uint32_t>(number / config.grid[0] % config.grid[1]);
    block.block[2] = static_cast<uint32_t>(number / config.grid[0] / config.grid[1]);
  }

  int32_t run_blocks(int64_t begin, int64_t end) {
    Worker& worker = this_worker();
    cantil_rt_block block{};
    if (!prepare(block, worker.shared, worker.scheduler)) {
      note_failure(0, CANTIL_RT_NO_MEMORY, block);
      return 0;
    }
    if (sanitizer != nullptr) {
      if (!worker.checks.begin_launch(*sanitizer, block.dynamic_offset + block.dynamic_size)) {
        note_failure(0, CANTIL_RT_NO_MEMORY, block);
        return 0;
      }
      worker.scheduler.checks = &worker.checks;
    }
    device_runtime::set_running_block(&block);
    for (int64_t k = begin; k < end; ++k) {
      const int64_t number = shuffled ? static_cast<int64_t>(order(static_cast<uint64_t>(k))) : k;
      // A block above a failed one cannot change the outcome; a lower one can.
      if (number > failed.load(std::memory_order_relaxed)) continue;
      place(block, number);
      if (sanitizer != nullptr) worker.checks.begin_block(block, static_cast<uint64_t>(number));
      if (shuffled) worker.scheduler.shuffle(order.seed ^ static_cast<uint64_t>(number));
      const int32_t status = function.uses_fibers ? worker.scheduler.run(function.entry, arguments, &block)
                                                  : function.entry(arguments, &block);
      if (status != 0) [[unlikely]]
        note_failure(number, status, block);
    }
    device_runtime::set_running_block(nullptr);
    worker.scheduler.checks = nullptr;
    worker.scheduler.shuffle(std::nullopt);
    return 0;
  }

  // Blocks that wait for each other: all are started, and advance in turn. One worker does it, since they
  // share a fate.
  void run_together() {
    struct Block {
      FiberBlock scheduler;
      device_runtime::Scratch shared;
      cantil_rt_block block{};
      FiberBlock::State state = FiberBlock::State::AtGrid;
    };
    std::vector<std::unique_ptr<Block>> all;
    for (int64_t number = 0; number < blocks; ++number) {
      Block& b = *all.emplace_back(std::make_unique<Block>());
      if (!prepare(b.block, b.shared, b.scheduler)) return note_failure(0, CANTIL_RT_NO_MEMORY, b.block);
      place(b.block, number);
      if (shuffled) b.scheduler.shuffle(order.seed ^ static_cast<uint64_t>(number));
      if (!b.scheduler.start(function.entry, arguments, &b.block))
        return note_failure(number, b.scheduler.status(), b.block);
    }
    for (bool running = true; running;) {
      running = false;
      for (int64_t k = 0; k < blocks; ++k) {
        const int64_t number = shuffled ? static_cast<int64_t>(order(static_cast<uint64_t>(k))) : k;
        Block& b = *all[static_cast<size_t>(number)];
        if (b.state == FiberBlock::State::Done) continue;
        device_runtime::set_running_block(&b.block);
        b.scheduler.release_grid();
        b.state = b.scheduler.advance();
        device_runtime::set_running_block(nullptr);
        if (b.state == FiberBlock::State::Failed) return note_failure(number, b.scheduler.status(), b.block);
        running |= b.state == FiberBlock::State::AtGrid;
      }
    }
  }

  void note_failure(int64_t number, int32_t status, const cantil_rt_block& block) {
    std::lock_guard lock(mutex);
    if (number >= failed.load(std::memory_order_relaxed)) return;
    failed.store(number, std::memory_order_relaxed);
    failure.status = status;
    if (status == CANTIL_RT_DEADLOCK)
      failure.deadlock =
          static_cast<const FiberBlock*>(static_cast<const device_runtime::BlockScheduler*>(block.scheduler))
              ->deadlock();
    std::copy(block.block, block.block + 3, failure.block);
    std::copy(block.error_thread, block.error_thread + 3, failure.thread);
    const cantil_rt_error* error = cantil_rt_this_error();
    failure.args.assign(error->args, error->args + error->args_size);
    failure.frames.assign(error->frames, error->frames + error->frame_count);
  }
};

}  // namespace

std::optional<KernelFailure> launch(const Function& function, const LaunchConfig& config,
                                    const void* arguments, std::vector<Finding>* findings) {
  check_limits(function, config, Device::get(0).properties());
  const int64_t blocks = int64_t{config.grid[0]} * config.grid[1] * config.grid[2];
  const std::optional<uint64_t> seed = schedule_seed();
  Launch running{function,         config,   arguments, blocks, Order(static_cast<uint64_t>(blocks), seed),
                 seed.has_value(), {blocks}, {},        {}};
  std::optional<Sanitizer> sanitizer;
  if (function.is_checked)
    running.sanitizer = &sanitizer.emplace(static_cast<uint64_t>(blocks), function.site_bytes);
  if (function.uses_grid_sync) {
    if (function.is_checked)
      throw DriverError("cuLaunchCooperativeKernel", kErrorNotSupported,
                        "the sanitizer cannot check kernels whose blocks wait for each other.");
    const int most =
        max_cooperative_blocks(function, static_cast<int>(threads_of(config)), config.shared_bytes);
    if (blocks > most)
      throw DriverError("cuLaunchCooperativeKernel", kErrorCooperativeLaunchTooLarge,
                        "kernel '" + function.name + "' has a grid of " + std::to_string(blocks) +
                            " blocks that wait for each other, and at most " + std::to_string(most) +
                            " of this size run at the same time.");
    running.run_together();
  } else {
    device_runtime::parallel_for(
        reinterpret_cast<const void*>(function.entry),
        [](void* context, int64_t begin, int64_t end, int64_t) {
          return static_cast<Launch*>(context)->run_blocks(begin, end);
        },
        &running, blocks, cantil_rt_parallel_chunks(blocks));
  }
  if (sanitizer && findings != nullptr) *findings = sanitizer->take_findings();
  if (running.failed.load() == blocks) return std::nullopt;
  if (running.failure.status == CANTIL_RT_NO_MEMORY) {
    throw DriverError(
        "cuLaunchKernel", kErrorOutOfMemory,
        "there is no memory left for what the threads of a block of kernel '" + function.name + "' keep.");
  }
  if (running.failure.status == CANTIL_RT_DEADLOCK)
    throw DriverError("cuLaunchKernel", kErrorLaunchTimeout,
                      "kernel '" + function.name + "' does not end: " + running.failure.deadlock);
  return std::move(running.failure);
}

int max_active_blocks_per_multiprocessor(const Function& function, int block_size, size_t shared_bytes) {
  const DeviceProperties& device = Device::get(0).properties();
  if (block_size < 1 || static_cast<unsigned>(block_size) > function.max_threads_per_block) return 0;
  constexpr size_t kReserved = 1024;  // the driver's own share per block
  const size_t shared = static_cast<size_t>(function.static_shared) + shared_bytes;
  if (shared > device.shared_per_block_optin) return 0;
  const int by_threads = static_cast<int>(device.max_threads_per_multiprocessor) / block_size;
  const int by_shared = static_cast<int>(device.shared_per_multiprocessor / (shared + kReserved));
  return std::min({by_threads, by_shared, 32});
}

int max_cooperative_blocks(const Function& function, int block_size, size_t shared_bytes) {
  return max_active_blocks_per_multiprocessor(function, block_size, shared_bytes) *
         Device::get(0).properties().multiprocessors;
}

BlockSizeSuggestion suggest_block_size(const Function& function, size_t shared_bytes, int block_size_limit) {
  const DeviceProperties& device = Device::get(0).properties();
  int largest = static_cast<int>(std::min(device.max_threads_per_block, function.max_threads_per_block));
  if (block_size_limit > 0) largest = std::min(largest, block_size_limit);
  BlockSizeSuggestion best;
  int best_threads = 0;
  // Whole warps, from the largest down: of equal occupancies the larger block.
  const int warps = std::max(1, largest / device.warp_size);
  for (int size = largest < device.warp_size ? largest : warps * device.warp_size; size > 0;
       size -= device.warp_size) {
    const int active = max_active_blocks_per_multiprocessor(function, size, shared_bytes);
    if (active * size > best_threads) {
      best_threads = active * size;
      best = {active * device.multiprocessors, size};
    }
  }
  return best;
}

bool is_shuffled() { return schedule_seed().has_value(); }

void set_schedule(std::optional<uint64_t> seed) {
  std::lock_guard lock(schedule.mutex);
  schedule.read = true;
  schedule.seed = seed;
}

}  // namespace cantil::simulator
