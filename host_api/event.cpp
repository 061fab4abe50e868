// Event creation, recording and timing.
#include "host_api/event.h"

namespace cantil::host_api {

std::shared_ptr<Event> Event::create(Context& context, EventOptions options) {
  std::shared_ptr<Event> event(new Event(context));
  unsigned flags = 0;
  flags |= options.blocking_sync ? cu::kEventBlockingSync : 0;
  flags |= options.timing && !options.interprocess ? 0 : cu::kEventDisableTiming;
  flags |= options.interprocess ? cu::kEventInterprocess : 0;
  const CurrentScope scope(context);
  context.driver().cuEventCreate(&event->handle_, flags);
  event->epoch_ = context.epoch();
  return event;
}

std::shared_ptr<Event> Event::open_ipc(Context& context, const cu::IpcEventHandle& handle) {
  std::shared_ptr<Event> event(new Event(context));
  const CurrentScope scope(context);
  context.driver().cuIpcOpenEventHandle(&event->handle_, handle);
  event->epoch_ = context.epoch();
  return event;
}

Event::~Event() {
  if (handle_ != nullptr) {
    context_.cleanup().release(
        {.kind = HandleKind::kEvent, .value = reinterpret_cast<uint64_t>(handle_), .epoch = epoch_});
  }
}

void Event::record(const Stream& stream) const {
  const CurrentScope scope(context_);
  context_.driver().cuEventRecord(handle_, stream.handle());
}

bool Event::query() const {
  const CurrentScope scope(context_);
  const cu::Result result = context_.driver().cuEventQuery.try_call(handle_);
  if (result != cu::kSuccess && result != cu::kErrorNotReady) {
    throw_driver_error(context_.driver().cuEventQuery.name(), result);
  }
  return result == cu::kSuccess;
}

void Event::synchronize() const {
  const CurrentScope scope(context_);
  context_.driver().cuEventSynchronize(handle_);
}

float Event::elapsed_ms(const Event& end) const {
  const CurrentScope scope(context_);
  float milliseconds = 0;
  const cu::Result result =
      context_.driver().cuEventElapsedTime.try_call(&milliseconds, handle_, end.handle_);
  switch (result) {
    case cu::kSuccess:
      return milliseconds;
    case cu::kErrorNotReady:
      throw DriverError("cuEventElapsedTime", result, "Synchronise with the second event first.");
    case cu::kErrorInvalidHandle:
      throw DriverError("cuEventElapsedTime", result,
                        "Both events have to be recorded, and made with timing.");
    default:
      throw_driver_error("cuEventElapsedTime", result);
  }
}

cu::IpcEventHandle Event::ipc_handle() const {
  const CurrentScope scope(context_);
  cu::IpcEventHandle handle{};
  context_.driver().cuIpcGetEventHandle(&handle, handle_);
  return handle;
}

}  // namespace cantil::host_api
