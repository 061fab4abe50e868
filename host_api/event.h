// Events: points in a stream's work to wait for and to measure time between.
#pragma once

#include <memory>

#include "host_api/stream.h"

namespace cantil::host_api {

struct EventOptions {
  bool timing = true;
  bool blocking_sync = false;  // waiting threads sleep instead of spinning
  bool interprocess = false;   // implies no timing
};

class Event {
 public:
  static std::shared_ptr<Event> create(Context& context, EventOptions options = {});
  static std::shared_ptr<Event> open_ipc(Context& context, const cu::IpcEventHandle& handle);
  ~Event();
  Event(const Event&) = delete;
  Event& operator=(const Event&) = delete;

  cu::Event handle() const { return handle_; }
  Context& context() const { return context_; }

  void record(const Stream& stream) const;
  // Whether the work before the last record() is done; true where nothing was recorded.
  bool query() const;
  void synchronize() const;
  // Milliseconds from this event to `end`. Both must be recorded, with timing, and done.
  float elapsed_ms(const Event& end) const;
  cu::IpcEventHandle ipc_handle() const;

 private:
  explicit Event(Context& context) : context_(context) {}

  Context& context_;
  cu::Event handle_ = nullptr;
  uint64_t epoch_ = 0;
};

}  // namespace cantil::host_api
