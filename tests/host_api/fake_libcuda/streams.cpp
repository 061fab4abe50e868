// The fake driver's streams and events. Work is done when it is given, so a stream is never behind.
#include <chrono>
#include <cstring>

#include "tests/host_api/fake_libcuda/state.h"

namespace cantil::host_api {
using fake::state;

namespace {

double now_ms() {
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

fake::EventObject* event_of(cu::Event handle) {
  fake::EventObject* event = state().events.find(handle);
  if (event == nullptr) {
    ++state().misuse;
  }
  return event;
}

}  // namespace

extern "C" {

cu::Result cuStreamCreateWithPriority(cu::Stream* stream, unsigned flags, int) {
  FAKE_ENTER(cuStreamCreateWithPriority);
  FAKE_NEEDS_CONTEXT();
  auto object = std::make_unique<fake::StreamObject>();
  object->non_blocking = flags == cu::kStreamNonBlocking;
  *stream = state().streams.add<cu::Stream>(std::move(object));
  return cu::kSuccess;
}

cu::Result cuStreamDestroy_v2(cu::Stream stream) {
  FAKE_ENTER(cuStreamDestroy);
  if (!state().streams.remove(stream)) {
    ++state().misuse;
    return cu::kErrorInvalidHandle;
  }
  return cu::kSuccess;
}

cu::Result cuStreamSynchronize(cu::Stream stream) {
  FAKE_ENTER(cuStreamSynchronize);
  const fake::StreamObject* object = fake::stream_of(stream);
  if (object == nullptr) {
    return cu::kErrorInvalidHandle;
  }
  return object->capturing ? cu::kErrorStreamCaptureUnsupported : cu::kSuccess;
}

cu::Result cuStreamQuery(cu::Stream stream) {
  FAKE_ENTER(cuStreamQuery);
  return fake::stream_of(stream) == nullptr ? cu::kErrorInvalidHandle : cu::kSuccess;
}

cu::Result cuStreamWaitEvent(cu::Stream stream, cu::Event event, unsigned) {
  FAKE_ENTER(cuStreamWaitEvent);
  const fake::StreamObject* object = fake::stream_of(stream);
  if (object == nullptr || event_of(event) == nullptr) {
    return cu::kErrorInvalidHandle;
  }
  return object->capturing ? 905 : cu::kSuccess;
}

cu::Result cuStreamAddCallback(cu::Stream stream, cu::StreamCallback callback, void* data, unsigned) {
  FAKE_ENTER(cuStreamAddCallback);
  if (fake::stream_of(stream) == nullptr) {
    return cu::kErrorInvalidHandle;
  }
  callback(stream, cu::kSuccess, data);
  return cu::kSuccess;
}

cu::Result cuLaunchHostFunc(cu::Stream stream, cu::HostFunction function, void* data) {
  FAKE_ENTER(cuLaunchHostFunc);
  const fake::StreamObject* object = fake::stream_of(stream);
  if (object == nullptr) {
    return cu::kErrorInvalidHandle;
  }
  if (!object->capturing) {
    function(data);
  }
  return cu::kSuccess;
}

cu::Result cuStreamGetFlags(cu::Stream stream, unsigned* flags) {
  FAKE_ENTER(cuStreamGetFlags);
  const fake::StreamObject* object = fake::stream_of(stream);
  if (object == nullptr) {
    return cu::kErrorInvalidHandle;
  }
  *flags = object->non_blocking ? cu::kStreamNonBlocking : 0;
  return cu::kSuccess;
}

cu::Result cuStreamIsCapturing(cu::Stream stream, int* status) {
  FAKE_ENTER(cuStreamIsCapturing);
  const fake::StreamObject* object = fake::stream_of(stream);
  if (object == nullptr) {
    return cu::kErrorInvalidHandle;
  }
  // The legacy stream would have to wait for a blocking stream that is being captured.
  if (object == &state().null_stream) {
    for (auto& [handle, other] : state().streams) {
      if (other->capturing && !other->non_blocking) {
        return cu::kErrorStreamCaptureImplicit;
      }
    }
  }
  *status = object->capturing ? 1 : 0;
  return cu::kSuccess;
}

cu::Result cuThreadExchangeStreamCaptureMode(int* mode) {
  FAKE_ENTER(cuThreadExchangeStreamCaptureMode);
  std::swap(fake::thread_state().capture_mode, *mode);
  return cu::kSuccess;
}

cu::Result cuEventCreate(cu::Event* event, unsigned flags) {
  FAKE_ENTER(cuEventCreate);
  FAKE_NEEDS_CONTEXT();
  auto object = std::make_unique<fake::EventObject>();
  object->timing = (flags & cu::kEventDisableTiming) == 0;
  *event = state().events.add<cu::Event>(std::move(object));
  return cu::kSuccess;
}

cu::Result cuEventDestroy_v2(cu::Event event) {
  FAKE_ENTER(cuEventDestroy);
  if (!state().events.remove(event)) {
    ++state().misuse;
    return cu::kErrorInvalidHandle;
  }
  return cu::kSuccess;
}

cu::Result cuEventRecord(cu::Event event, cu::Stream stream) {
  FAKE_ENTER(cuEventRecord);
  fake::EventObject* object = event_of(event);
  if (object == nullptr || fake::stream_of(stream) == nullptr) {
    return cu::kErrorInvalidHandle;
  }
  object->recorded = true;
  object->time_ms = now_ms();
  return cu::kSuccess;
}

cu::Result cuEventQuery(cu::Event event) {
  FAKE_ENTER(cuEventQuery);
  return event_of(event) == nullptr ? cu::kErrorInvalidHandle : cu::kSuccess;
}

cu::Result cuEventSynchronize(cu::Event event) {
  FAKE_ENTER(cuEventSynchronize);
  return event_of(event) == nullptr ? cu::kErrorInvalidHandle : cu::kSuccess;
}

cu::Result cuEventElapsedTime(float* milliseconds, cu::Event start, cu::Event end) {
  FAKE_ENTER(cuEventElapsedTime);
  const fake::EventObject* first = event_of(start);
  const fake::EventObject* last = event_of(end);
  if (first == nullptr || last == nullptr || !first->timing || !last->timing || !first->recorded ||
      !last->recorded) {
    return cu::kErrorInvalidHandle;
  }
  *milliseconds = static_cast<float>(last->time_ms - first->time_ms);
  return cu::kSuccess;
}

cu::Result cuIpcGetEventHandle(cu::IpcEventHandle* handle, cu::Event event) {
  FAKE_ENTER(cuIpcGetEventHandle);
  if (event_of(event) == nullptr) {
    return cu::kErrorInvalidHandle;
  }
  *handle = {};
  std::memcpy(handle->bytes, &event, sizeof event);
  return cu::kSuccess;
}

cu::Result cuIpcOpenEventHandle(cu::Event* event, cu::IpcEventHandle) {
  FAKE_ENTER(cuIpcOpenEventHandle);
  FAKE_NEEDS_CONTEXT();
  *event = state().events.add<cu::Event>(std::make_unique<fake::EventObject>());
  return cu::kSuccess;
}

}  // extern "C"

}  // namespace cantil::host_api
