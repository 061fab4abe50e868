// A device's primary context: made current around each call, shared politely with other CUDA libraries.
//
// Contract
// - One Context a device, made at first use, never destroyed: objects may be released after main has
// returned.
// - It is the device's primary context, the one that PyTorch, CuPy and the CUDA runtime use, so that pointers
// and
//   streams can be exchanged with them.
// - CurrentScope makes it current for a few calls. Where no context was current it stays so (as the CUDA
// runtime
//   does); where another one was current, that one is put back.
// - reset() destroys all that lives in the context. Handles made before it know by their epoch that they are
// gone and
//   are never given to the driver again.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>

#include "host_api/cleanup.h"
#include "host_api/device.h"

namespace cantil::host_api {

class MemoryPool;
class Stream;

class Context {
 public:
  // The context of a device; retained at first use.
  static Context& get(int ordinal);
  // The device of the context current on this thread (set by anyone), else the one that select() chose, else
  // 0.
  static int current_ordinal();
  static Context& current() { return get(current_ordinal()); }
  // Makes a device this thread's device, for Cantil and for every other CUDA library in the process.
  static Context& select(int ordinal);

  const Device& device() const { return device_; }
  const Driver& driver() const { return driver_; }
  cu::Context handle() const { return handle_.load(std::memory_order_acquire); }
  // Counts the resets.
  uint64_t epoch() const { return epoch_.load(std::memory_order_acquire); }

  Cleanup& cleanup() { return *cleanup_; }
  MemoryPool& pool() { return *pool_; }
  // The legacy default stream, wrapped once.
  const std::shared_ptr<Stream>& default_stream() { return default_stream_; }

  // Waits for all work on the device, then frees what was waiting to be freed.
  void synchronize();
  struct MemoryInfo {
    size_t free;
    size_t total;
  };
  MemoryInfo memory_info();

  // Tells a profiler that is attached to the process where to begin and end.
  void start_profiler();
  void stop_profiler();

  void enable_peer_access(Context& peer);
  void disable_peer_access(Context& peer);

  // Frees everything in the context, also what others made in it, and starts anew. The way out after a kernel
  // has corrupted the context.
  void reset();

  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;
  ~Context();

 private:
  friend struct TestAccess;
  explicit Context(const Device& device);
  static void forget() noexcept;

  const Device& device_;
  const Driver& driver_;
  std::atomic<cu::Context> handle_{nullptr};
  std::atomic<uint64_t> epoch_{0};
  int retained_ = 0;
  std::unique_ptr<Cleanup> cleanup_;
  std::unique_ptr<MemoryPool> pool_;
  std::shared_ptr<Stream> default_stream_;
};

// Makes a context current for a scope.
class CurrentScope {
 public:
  explicit CurrentScope(const Context& context) : driver_(context.driver()) {
    const char* call = nullptr;
    if (const cu::Result result = enter(context, call); result != cu::kSuccess) [[unlikely]] {
      throw_driver_error(call, result);
    }
  }
  // For clean-up, which must not throw: `result` says whether the context is current.
  CurrentScope(const Context& context, cu::Result& result) noexcept : driver_(context.driver()) {
    const char* call = nullptr;
    result = enter(context, call);
  }
  ~CurrentScope() {
    if (pushed_) [[unlikely]] {
      cu::Context popped = nullptr;
      driver_.cuCtxPopCurrent.try_call(&popped);
    }
  }
  CurrentScope(const CurrentScope&) = delete;
  CurrentScope& operator=(const CurrentScope&) = delete;

 private:
  cu::Result enter(const Context& context, const char*& call) noexcept {
    cu::Context now = nullptr;
    call = "cuCtxGetCurrent";
    const cu::Result result = driver_.cuCtxGetCurrent.try_call(&now);
    if (result != cu::kSuccess || now == context.handle()) [[likely]] {
      return result;
    }
    return change(context, now, call);
  }
  cu::Result change(const Context& context, cu::Context now, const char*& call) noexcept;

  const Driver& driver_;
  bool pushed_ = false;
};

}  // namespace cantil::host_api
