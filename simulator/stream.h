// Streams and events of the simulated device. Work is done when it is given, so that every stream is always
// idle; what is left is their order, which then holds, and the rules that the driver enforces.
#pragma once
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>

namespace cantil::simulator {

class Event;

class Stream {
 public:
  static std::shared_ptr<Stream> create();
  // The default streams (0 legacy by default, 1 legacy, 2 per thread) by their handles.
  static std::shared_ptr<Stream> wrap(uint64_t handle);

  uint64_t handle() const { return handle_; }
  void synchronize() const {}
  bool query() const { return true; }
  void wait(const Event&) const {}
  // Called at once, with 0: what was given before is done.
  void add_callback(const std::function<void(int)>& callback) const { callback(0); }

 private:
  explicit Stream(uint64_t handle) : handle_(handle) {}
  uint64_t handle_;
};

class Event {
 public:
  static std::shared_ptr<Event> create(bool timing = true);

  uint64_t handle() const { return handle_; }
  void record(const Stream& stream);
  bool query() const { return true; }
  void synchronize() const {}
  // Milliseconds from this event to `end`. Throws DriverError unless both were recorded, with timing.
  float elapsed_ms(const Event& end) const;

 private:
  Event(uint64_t handle, bool timing) : handle_(handle), timing_(timing) {}
  uint64_t handle_;
  bool timing_;
  bool recorded_ = false;
  std::chrono::steady_clock::time_point when_;
};

}  // namespace cantil::simulator
