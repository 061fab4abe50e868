// Streams: the default ones, our own, and those of other libraries; ordering between them and calls back to
// the host.
#pragma once

#include <functional>
#include <memory>

#include "host_api/context.h"

namespace cantil::host_api {

class Event;

class Stream {
 public:
  enum class Kind {
    kDefault,    // handle 0: the legacy default stream
    kLegacy,     // the same by its explicit handle
    kPerThread,  // the calling thread's default stream
    kOwned,      // created and destroyed here
    kExternal,   // another library's
  };

  // A non-blocking stream does not wait for the legacy default stream, nor that for it. A lower priority
  // number runs first; the driver clamps it to its range.
  static std::shared_ptr<Stream> create(Context& context, bool non_blocking = false, int priority = 0);
  static std::shared_ptr<Stream> wrap_default(Context& context);
  static std::shared_ptr<Stream> wrap_legacy(Context& context);
  static std::shared_ptr<Stream> wrap_per_thread(Context& context);
  // `owner` keeps the other library's stream alive for as long as memory used on it may have to be freed in
  // its order.
  static std::shared_ptr<Stream> wrap_external(Context& context, cu::Stream handle,
                                               std::shared_ptr<void> owner = nullptr);
  ~Stream();
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  cu::Stream handle() const { return handle_; }
  Context& context() const { return context_; }
  Kind kind() const { return kind_; }
  bool is_legacy() const { return kind_ == Kind::kDefault || kind_ == Kind::kLegacy; }
  // Whether it is ordered with the legacy default stream.
  bool blocking() const { return blocking_; }

  void synchronize() const;
  // Whether all work given to it so far is done.
  bool query() const;
  bool capturing() const;
  void wait(const Event& event) const;
  // Work given to this stream from now on waits for what `other` has been given until now.
  void wait(const Stream& other) const;

  // Calls on a driver thread once the work before it is done. The function must not call CUDA nor throw; it
  // is not called where the device has failed by then. Inside a capture it becomes a node, and stays alive
  // with the process.
  void launch_host_function(std::function<void()> function) const;
  // The same, but also called, with the error, where the device has failed. Not possible inside a capture.
  void add_callback(std::function<void(cu::Result)> callback) const;

 private:
  Stream(Context& context, cu::Stream handle, Kind kind) : context_(context), handle_(handle), kind_(kind) {}

  Context& context_;
  cu::Stream handle_;
  Kind kind_;
  bool blocking_ = true;
  uint64_t epoch_ = 0;
  std::shared_ptr<void> owner_;
};

}  // namespace cantil::host_api
