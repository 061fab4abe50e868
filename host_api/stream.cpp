// Stream creation, waiting and host callbacks.
#include "host_api/stream.h"

#include <mutex>
#include <vector>

#include "host_api/event.h"

namespace cantil::host_api {
namespace {

// Functions that were captured into a graph, which may run any number of times, whenever.
void keep_for_ever(std::shared_ptr<std::function<void()>> function) {
  static auto* mutex = new std::mutex;
  static auto* kept = new std::vector<std::shared_ptr<std::function<void()>>>;
  const std::lock_guard lock(*mutex);
  kept->push_back(std::move(function));
}

void run_once(void* data) {
  const std::unique_ptr<std::function<void()>> function(static_cast<std::function<void()>*>(data));
  (*function)();
}

void run_again(void* data) { (*static_cast<std::function<void()>*>(data))(); }

void run_callback(cu::Stream, cu::Result status, void* data) {
  const std::unique_ptr<std::function<void(cu::Result)>> callback(
      static_cast<std::function<void(cu::Result)>*>(data));
  (*callback)(status);
}

}  // namespace

std::shared_ptr<Stream> Stream::create(Context& context, bool non_blocking, int priority) {
  // The object comes first: were there no memory for it, a stream of the driver would be lost.
  std::shared_ptr<Stream> stream(new Stream(context, nullptr, Kind::kDefault));
  const CurrentScope scope(context);
  context.driver().cuStreamCreateWithPriority(&stream->handle_, non_blocking ? cu::kStreamNonBlocking : 0,
                                              priority);
  stream->kind_ = Kind::kOwned;
  stream->blocking_ = !non_blocking;
  stream->epoch_ = context.epoch();
  return stream;
}

std::shared_ptr<Stream> Stream::wrap_default(Context& context) {
  return std::shared_ptr<Stream>(new Stream(context, nullptr, Kind::kDefault));
}

std::shared_ptr<Stream> Stream::wrap_legacy(Context& context) {
  return std::shared_ptr<Stream>(new Stream(context, cu::kStreamLegacy, Kind::kLegacy));
}

std::shared_ptr<Stream> Stream::wrap_per_thread(Context& context) {
  return std::shared_ptr<Stream>(new Stream(context, cu::kStreamPerThread, Kind::kPerThread));
}

std::shared_ptr<Stream> Stream::wrap_external(Context& context, cu::Stream handle,
                                              std::shared_ptr<void> owner) {
  if (handle == nullptr) {
    return context.default_stream();
  }
  if (handle == cu::kStreamLegacy) {
    return wrap_legacy(context);
  }
  if (handle == cu::kStreamPerThread) {
    return wrap_per_thread(context);
  }
  std::shared_ptr<Stream> stream(new Stream(context, handle, Kind::kExternal));
  const CurrentScope scope(context);
  unsigned flags = 0;
  context.driver().cuStreamGetFlags(handle, &flags);
  stream->blocking_ = (flags & cu::kStreamNonBlocking) == 0;
  stream->owner_ = std::move(owner);
  return stream;
}

Stream::~Stream() {
  if (kind_ == Kind::kOwned) {
    context_.cleanup().release(
        {.kind = HandleKind::kStream, .value = reinterpret_cast<uint64_t>(handle_), .epoch = epoch_});
  }
}

void Stream::synchronize() const {
  const CurrentScope scope(context_);
  context_.driver().cuStreamSynchronize(handle_);
}

bool Stream::query() const {
  const CurrentScope scope(context_);
  const cu::Result result = context_.driver().cuStreamQuery.try_call(handle_);
  if (result != cu::kSuccess && result != cu::kErrorNotReady) {
    throw_driver_error(context_.driver().cuStreamQuery.name(), result);
  }
  return result == cu::kSuccess;
}

bool Stream::capturing() const {
  const CurrentScope scope(context_);
  int status = cu::kCaptureStatusNone;
  context_.driver().cuStreamIsCapturing(handle_, &status);
  return status != cu::kCaptureStatusNone;
}

void Stream::wait(const Event& event) const {
  const CurrentScope scope(context_);
  context_.driver().cuStreamWaitEvent(handle_, event.handle(), 0);
}

void Stream::wait(const Stream& other) const {
  const std::shared_ptr<Event> event = Event::create(other.context(), {.timing = false});
  event->record(other);
  wait(*event);
}

void Stream::launch_host_function(std::function<void()> function) const {
  const CurrentScope scope(context_);
  if (capturing()) {
    auto kept = std::make_shared<std::function<void()>>(std::move(function));
    void* data = kept.get();
    keep_for_ever(std::move(kept));
    context_.driver().cuLaunchHostFunc(handle_, run_again, data);
    return;
  }
  auto once = std::make_unique<std::function<void()>>(std::move(function));
  context_.driver().cuLaunchHostFunc(handle_, run_once, once.get());
  once.release();  // run_once has it
}

void Stream::add_callback(std::function<void(cu::Result)> callback) const {
  const CurrentScope scope(context_);
  auto owned = std::make_unique<std::function<void(cu::Result)>>(std::move(callback));
  context_.driver().cuStreamAddCallback(handle_, run_callback, owned.get(), 0);
  owned.release();  // run_callback has it
}

}  // namespace cantil::host_api
