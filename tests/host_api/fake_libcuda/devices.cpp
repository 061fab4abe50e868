// The fake driver's devices and contexts.
#include <cstdio>
#include <cstring>

#include "tests/host_api/fake_libcuda/state.h"

namespace cantil::host_api {
using fake::state;

namespace {

bool device_exists(cu::Device device) { return device >= 0 && device < state().setting("device_count"); }

void grow_contexts() {
  auto& contexts = state().contexts;
  while (contexts.size() < static_cast<size_t>(state().setting("device_count"))) {
    contexts.push_back(std::make_unique<fake::ContextObject>());
    contexts.back()->device = static_cast<int>(contexts.size()) - 1;
  }
}

bool context_exists(cu::Context handle) {
  for (const auto& context : state().contexts) {
    if (reinterpret_cast<cu::Context>(context.get()) == handle) {
      return context->retained > 0;
    }
  }
  return false;
}

fake::ContextObject* object(cu::Context handle) { return reinterpret_cast<fake::ContextObject*>(handle); }

// A device like an H100, as far as Cantil looks.
const std::map<int, int>& attributes() {
  static const auto* const values = new std::map<int, int>{
      {1, 1024},     {2, 1024},      {3, 1024},  {4, 64},  {5, 2147483647},  {6, 65535},
      {7, 65535},    {8, 49152},     {9, 65536}, {10, 32}, {11, 2147483647}, {12, 65536},
      {13, 1980000}, {16, 132},      {18, 0},    {19, 1},  {20, 0},          {36, 2619000},
      {37, 5120},    {38, 52428800}, {39, 2048}, {41, 1},  {75, 9},          {76, 0},
      {81, 233472},  {82, 65536},    {83, 1},    {89, 1},  {95, 1},          {97, 232448}};
  return *values;
}

}  // namespace

extern "C" {

cu::Result cuInit(unsigned) {
  FAKE_ENTER(cuInit);
  if (state().setting("device_count") == 0) {
    return cu::kErrorNoDevice;
  }
  state().initialized = true;
  return cu::kSuccess;
}

cu::Result cuDriverGetVersion(int* version) {
  FAKE_ENTER(cuDriverGetVersion);
  *version = static_cast<int>(state().setting("driver_version"));
  return cu::kSuccess;
}

cu::Result cuDeviceGetCount(int* count) {
  FAKE_ENTER(cuDeviceGetCount);
  *count = static_cast<int>(state().setting("device_count"));
  return cu::kSuccess;
}

cu::Result cuDeviceGet(cu::Device* device, int ordinal) {
  FAKE_ENTER(cuDeviceGet);
  if (!device_exists(ordinal)) {
    return cu::kErrorInvalidDevice;
  }
  *device = ordinal;
  return cu::kSuccess;
}

cu::Result cuDeviceGetName(char* name, int length, cu::Device device) {
  FAKE_ENTER(cuDeviceGetName);
  std::snprintf(name, static_cast<size_t>(length), "Fake GPU %d", device);
  return cu::kSuccess;
}

cu::Result cuDeviceGetUuid(cu::Uuid* uuid, cu::Device device) {
  FAKE_ENTER(cuDeviceGetUuid);
  for (int i = 0; i < 16; ++i) {
    uuid->bytes[i] = static_cast<unsigned char>(i * 16 + device);
  }
  return cu::kSuccess;
}

cu::Result cuDeviceTotalMem_v2(size_t* bytes, cu::Device) {
  FAKE_ENTER(cuDeviceTotalMem);
  *bytes = static_cast<size_t>(state().setting("total_memory"));
  return cu::kSuccess;
}

cu::Result cuDeviceGetAttribute(int* value, int attribute, cu::Device device) {
  FAKE_ENTER(cuDeviceGetAttribute);
  if (!device_exists(device)) {
    return cu::kErrorInvalidDevice;
  }
  if (attribute == 115) {
    *value = static_cast<int>(state().setting("memory_pools"));
    return cu::kSuccess;
  }
  const auto it = attributes().find(attribute);
  if (it == attributes().end()) {
    return cu::kErrorInvalidValue;
  }
  *value = it->second;
  return cu::kSuccess;
}

cu::Result cuDeviceGetPCIBusId(char* id, int length, cu::Device device) {
  FAKE_ENTER(cuDeviceGetPCIBusId);
  std::snprintf(id, static_cast<size_t>(length), "0000:%02x:00.0", device + 1);
  return cu::kSuccess;
}

cu::Result cuDevicePrimaryCtxRetain(cu::Context* context, cu::Device device) {
  FAKE_ENTER(cuDevicePrimaryCtxRetain);
  if (!device_exists(device)) {
    return cu::kErrorInvalidDevice;
  }
  grow_contexts();
  auto& primary = state().contexts[static_cast<size_t>(device)];
  ++primary->retained;
  *context = reinterpret_cast<cu::Context>(primary.get());
  return cu::kSuccess;
}

cu::Result cuDevicePrimaryCtxRelease_v2(cu::Device device) {
  FAKE_ENTER(cuDevicePrimaryCtxRelease);
  auto& primary = state().contexts.at(static_cast<size_t>(device));
  if (primary->retained == 0) {
    return cu::kErrorInvalidContext;
  }
  --primary->retained;
  return cu::kSuccess;
}

cu::Result cuDevicePrimaryCtxReset_v2(cu::Device device) {
  FAKE_ENTER(cuDevicePrimaryCtxReset);
  if (!device_exists(device)) {
    return cu::kErrorInvalidDevice;
  }
  // One device's worth of objects is all that the tests make when they reset.
  auto& s = state();
  for (auto it = s.memory.begin(); it != s.memory.end();) {
    if (it->second.origin == fake::MemoryOrigin::kDevice || it->second.origin == fake::MemoryOrigin::kPool ||
        it->second.origin == fake::MemoryOrigin::kHost) {
      std::free(reinterpret_cast<void*>(it->first));
    }
    it = s.memory.erase(it);
  }
  s.streams.clear();
  s.events.clear();
  s.modules.clear();
  s.functions.clear();
  s.links.clear();
  return cu::kSuccess;
}

cu::Result cuCtxGetCurrent(cu::Context* context) {
  FAKE_ENTER(cuCtxGetCurrent);
  *context = reinterpret_cast<cu::Context>(fake::current());
  return cu::kSuccess;
}

cu::Result cuCtxSetCurrent(cu::Context context) {
  FAKE_ENTER(cuCtxSetCurrent);
  auto& contexts = fake::thread_state().contexts;
  if (context == nullptr) {
    if (!contexts.empty()) {
      contexts.pop_back();
    }
    return cu::kSuccess;
  }
  if (!context_exists(context)) {
    return cu::kErrorInvalidContext;
  }
  if (contexts.empty()) {
    contexts.push_back(object(context));
  } else {
    contexts.back() = object(context);
  }
  return cu::kSuccess;
}

cu::Result cuCtxPushCurrent_v2(cu::Context context) {
  FAKE_ENTER(cuCtxPushCurrent);
  if (!context_exists(context)) {
    return cu::kErrorInvalidContext;
  }
  fake::thread_state().contexts.push_back(object(context));
  return cu::kSuccess;
}

cu::Result cuCtxPopCurrent_v2(cu::Context* context) {
  FAKE_ENTER(cuCtxPopCurrent);
  FAKE_NEEDS_CONTEXT();
  *context = reinterpret_cast<cu::Context>(fake::current());
  fake::thread_state().contexts.pop_back();
  return cu::kSuccess;
}

cu::Result cuCtxGetDevice(cu::Device* device) {
  FAKE_ENTER(cuCtxGetDevice);
  FAKE_NEEDS_CONTEXT();
  *device = fake::current()->device;
  return cu::kSuccess;
}

cu::Result cuCtxSynchronize() {
  FAKE_ENTER(cuCtxSynchronize);
  FAKE_NEEDS_CONTEXT();
  if (fake::any_capture()) {
    ++state().misuse;
    return cu::kErrorStreamCaptureUnsupported;
  }
  return cu::kSuccess;
}

cu::Result cuDeviceCanAccessPeer(int* can, cu::Device device, cu::Device peer) {
  FAKE_ENTER(cuDeviceCanAccessPeer);
  if (!device_exists(device) || !device_exists(peer)) {
    return cu::kErrorInvalidDevice;
  }
  *can = device != peer ? 1 : 0;
  return cu::kSuccess;
}

cu::Result cuCtxEnablePeerAccess(cu::Context peer, unsigned) {
  FAKE_ENTER(cuCtxEnablePeerAccess);
  FAKE_NEEDS_CONTEXT();
  const bool added = state().peers.insert({fake::current()->device, object(peer)->device}).second;
  return added ? cu::kSuccess : cu::kErrorPeerAccessAlreadyEnabled;
}

cu::Result cuCtxDisablePeerAccess(cu::Context peer) {
  FAKE_ENTER(cuCtxDisablePeerAccess);
  FAKE_NEEDS_CONTEXT();
  const size_t erased = state().peers.erase({fake::current()->device, object(peer)->device});
  return erased != 0 ? cu::kSuccess : cu::kErrorPeerAccessNotEnabled;
}

cu::Result cuProfilerStart() {
  FAKE_ENTER(cuProfilerStart);
  return cu::kSuccess;
}

cu::Result cuProfilerStop() {
  FAKE_ENTER(cuProfilerStop);
  return cu::kSuccess;
}

}  // extern "C"

}  // namespace cantil::host_api
