// Handles and times of streams and events.
#include "simulator/stream.h"

#include <atomic>

#include "simulator/error.h"

namespace cantil::simulator {
namespace {

// Distinct and never those of the default streams.
uint64_t new_handle() {
  static std::atomic<uint64_t> last{0x1000};
  return last.fetch_add(0x10) + 0x10;
}

}  // namespace

std::shared_ptr<Stream> Stream::create() { return std::shared_ptr<Stream>(new Stream(new_handle())); }
std::shared_ptr<Stream> Stream::wrap(uint64_t handle) { return std::shared_ptr<Stream>(new Stream(handle)); }

std::shared_ptr<Event> Event::create(bool timing) {
  return std::shared_ptr<Event>(new Event(new_handle(), timing));
}

void Event::record(const Stream&) {
  recorded_ = true;
  when_ = std::chrono::steady_clock::now();
}

float Event::elapsed_ms(const Event& end) const {
  if (!timing_ || !end.timing_) {
    throw DriverError("cuEventElapsedTime", kErrorInvalidHandle, "an event was made without timing.");
  }
  if (!recorded_ || !end.recorded_) {
    throw DriverError("cuEventElapsedTime", kErrorInvalidHandle, "an event was never recorded.");
  }
  return std::chrono::duration<float, std::milli>(end.when_ - when_).count();
}

}  // namespace cantil::simulator
