// Gives driver handles back: at once where that is safe, later where it is not, never twice.
//
// Contract
// - release() never throws and never waits for the device where the handle is pool memory, a stream or an
// event. It
//   may be called from any thread, from a garbage collector, and after main has returned. (Freeing plain,
//   pinned or managed memory and unloading a module wait inside the driver until the device is done with
//   them.)
// - While a stream is captured into a graph, freeing would end the capture or become a part of the graph: the
// handle
//   waits instead.
// - A context that is gone (process exit, fork, reset, device lost) has taken its handles with it: they are
// forgotten.
// - A release that the driver refuses for another reason is tried again at the next flush, kMaxAttempts times
// in all,
//   and then counted as lost.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include "host_api/driver.h"

namespace cantil::host_api {

class Context;
class Stream;

enum class HandleKind : uint8_t {
  kPoolMemory,
  kDeviceMemory,
  kHostMemory,
  kRegisteredHost,
  kIpcMemory,
  kStream,
  kEvent,
  kModule,
};

struct OwnedHandle {
  HandleKind kind;
  uint64_t value = 0;
  uint64_t epoch = 0;  // of the context, when the handle was made
  uint64_t bytes = 0;  // what is gained by freeing it
  uint8_t attempts = 0;
  // Pool memory is freed in the order of the stream it was allocated on, after the others that used it.
  std::shared_ptr<Stream> home = nullptr;
  std::vector<std::shared_ptr<Stream>> users = {};
  std::shared_ptr<void> owner = nullptr;  // of the memory that is registered
};

// Whether a result says that the context, and all handles in it, no longer exist or can no longer be reached.
bool context_is_lost(cu::Result result);

// Calls that change memory are "unsafe" to the driver while any stream is captured: made in the thread's
// usual mode they would end another thread's capture. For a scope, the thread's calls no longer do.
class RelaxedCapture {
 public:
  explicit RelaxedCapture(const Driver& driver) : driver_(driver) {
    exchanged_ = driver_.cuThreadExchangeStreamCaptureMode.try_call(&mode_) == cu::kSuccess;
  }
  ~RelaxedCapture() {
    if (exchanged_) {
      driver_.cuThreadExchangeStreamCaptureMode.try_call(&mode_);
    }
  }
  RelaxedCapture(const RelaxedCapture&) = delete;
  RelaxedCapture& operator=(const RelaxedCapture&) = delete;

 private:
  const Driver& driver_;
  int mode_ = cu::kCaptureModeRelaxed;
  bool exchanged_ = false;
};

class Cleanup {
 public:
  static constexpr int kMaxAttempts = 3;
  // Waiting handles are tried again whenever this many have come together.
  static constexpr size_t kFlushCount = 32;

  explicit Cleanup(Context& context) : context_(context) {}

  void release(OwnedHandle handle) noexcept;
  // Tries to release all that waits.
  void flush() noexcept;
  // Forgets all that waits: the context was reset.
  void forget() noexcept;

  // Between the two, memory is only collected, never freed (cuda.defer_cleanup). They nest.
  void suspend() { suspended_.fetch_add(1); }
  void resume();

  size_t waiting() const { return waiting_count_.load(std::memory_order_relaxed); }
  uint64_t waiting_bytes() const { return waiting_bytes_.load(std::memory_order_relaxed); }
  // Handles given up on, and the last reason why a release failed.
  size_t lost() const { return lost_.load(std::memory_order_relaxed); }
  cu::Result last_failure() const { return last_failure_.load(std::memory_order_relaxed); }

 private:
  enum class Outcome { kDone, kLater, kFailed };
  void attempt(OwnedHandle handle) noexcept;
  Outcome try_release(const OwnedHandle& handle) noexcept;
  cu::Result call_driver(const OwnedHandle& handle) noexcept;
  cu::Result free_to_pool(const OwnedHandle& handle) noexcept;
  void keep(OwnedHandle handle) noexcept;

  Context& context_;
  std::mutex mutex_;
  std::vector<OwnedHandle> waiting_;
  std::atomic<size_t> waiting_count_{0};
  std::atomic<uint64_t> waiting_bytes_{0};
  std::atomic<int> suspended_{0};
  std::atomic<size_t> lost_{0};
  std::atomic<cu::Result> last_failure_{cu::kSuccess};
};

}  // namespace cantil::host_api
