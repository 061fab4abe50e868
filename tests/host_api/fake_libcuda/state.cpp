// Bookkeeping of the fake driver and the functions that steer it.
#include "tests/host_api/fake_libcuda/state.h"

#include <cstdlib>
#include <cstring>
#include <sstream>

#define EXPORT extern "C" __attribute__((visibility("default")))

namespace fake {
namespace {

void apply_environment(State& s) {
  if (const char* fail = std::getenv("CANTIL_FAKE_FAIL")) {
    std::istringstream in(fail);
    std::string name, n, code;
    std::getline(in, name, ':');
    std::getline(in, n, ':');
    std::getline(in, code, ':');
    s.fail_name = name;
    s.fail_name_in = std::atoi(n.c_str());
    s.fail_code = std::atoi(code.c_str());
  }
  if (const char* settings = std::getenv("CANTIL_FAKE_SET")) {
    std::istringstream in(settings);
    for (std::string entry; std::getline(in, entry, ',');) {
      const size_t equals = entry.find('=');
      if (equals != std::string::npos) {
        s.settings[entry.substr(0, equals)] = std::atol(entry.c_str() + equals + 1);
      }
    }
  }
}

int count_memory(MemoryOrigin origin) {
  int count = 0;
  for (const auto& [address, block] : state().memory) {
    count += block.origin == origin ? 1 : 0;
  }
  return count;
}

}  // namespace

State& state() {
  // Never destroyed: the code under test may call after main has returned.
  static State* const the_state = [] {
    auto* s = new State;
    s->reset();
    apply_environment(*s);
    return s;
  }();
  return *the_state;
}

ThreadState& thread_state() {
  thread_local ThreadState thread;
  return thread;
}

void State::reset() {
  settings = {{"device_count", 2},        {"driver_version", 12040},    {"memory_pools", 1},
              {"total_memory", 1L << 30}, {"kernel_max_threads", 1024}, {"kernel_registers", 32},
              {"kernel_shared_bytes", 0}, {"cooperative_blocks", 64},   {"deinitialized", 0}};
  calls.clear();
  calls.reserve(4096);  // so that recording does not allocate while a test counts allocations
  fail_in = fail_code = fail_name_in = misuse = 0;
  fail_name.clear();
  failed = nullptr;
  initialized = false;
  for (const auto& [address, block] : memory) {
    if (block.origin != MemoryOrigin::kRegistered && block.origin != MemoryOrigin::kIpc) {
      std::free(reinterpret_cast<void*>(address));
    }
  }
  memory.clear();
  pools.clear();
  streams.clear();
  events.clear();
  modules.clear();
  links.clear();
  functions.clear();
  bodies.clear();
  peers.clear();
  contexts.clear();
  null_stream = {};
  last_launch = {};
  thread_state() = {};
}

cu::Result enter(const char* name) {
  State& s = state();
  if (s.calls.size() < s.calls.capacity()) {
    s.calls.push_back(name);
  }
  if (s.setting("deinitialized") != 0) {
    return cu::kErrorDeinitialized;
  }
  if (s.fail_in > 0 && --s.fail_in == 0) {
    s.failed = name;
    return s.fail_code;
  }
  if (!s.fail_name.empty() && s.fail_name == name) {
    const bool always = s.fail_name_in == 0;
    if (always || --s.fail_name_in == 0) {
      if (!always) {
        s.fail_name.clear();
      }
      s.failed = name;
      return s.fail_code;
    }
  }
  if (!s.initialized && std::strcmp(name, "cuInit") != 0 && std::strcmp(name, "cuDriverGetVersion") != 0) {
    return cu::kErrorNotInitialized;
  }
  return cu::kSuccess;
}

StreamObject* stream_of(cu::Stream handle) {
  State& s = state();
  if (reinterpret_cast<uintptr_t>(handle) <= 2) {
    return &s.null_stream;
  }
  StreamObject* stream = s.streams.find(handle);
  if (stream == nullptr) {
    ++s.misuse;
  }
  return stream;
}

bool any_capture() {
  for (auto& [handle, stream] : state().streams) {
    if (stream->capturing) {
      return true;
    }
  }
  return false;
}

cu::Result check_unsafe() {
  if (thread_state().capture_mode != cu::kCaptureModeRelaxed && any_capture()) {
    ++state().misuse;
    return cu::kErrorStreamCaptureUnsupported;
  }
  return cu::kSuccess;
}

}  // namespace fake

using fake::state;

EXPORT void cantil_fake_reset() {
  const std::lock_guard lock(state().mutex);
  state().reset();
}

EXPORT void cantil_fake_fail_call(int n, int code) {
  const std::lock_guard lock(state().mutex);
  state().fail_in = n;
  state().fail_code = code;
  state().failed = nullptr;
}

EXPORT void cantil_fake_fail_named(const char* name, int n, int code) {
  const std::lock_guard lock(state().mutex);
  state().fail_name = name;
  state().fail_name_in = n;
  state().fail_code = code;
  state().failed = nullptr;
}

EXPORT void cantil_fake_fail_nothing() {
  const std::lock_guard lock(state().mutex);
  state().fail_in = 0;
  state().fail_name.clear();
}

EXPORT const char* cantil_fake_failed_call() { return state().failed; }

EXPORT int cantil_fake_call_count() { return static_cast<int>(state().calls.size()); }

EXPORT const char* cantil_fake_call_name(int index) { return state().calls.at(static_cast<size_t>(index)); }

EXPORT void cantil_fake_forget_calls() { state().calls.clear(); }

EXPORT int cantil_fake_live(const char* kind) {
  const std::lock_guard lock(state().mutex);
  fake::State& s = state();
  const std::string k = kind;
  if (k == "device") return fake::count_memory(fake::MemoryOrigin::kDevice);
  if (k == "pool") return fake::count_memory(fake::MemoryOrigin::kPool);
  if (k == "host") return fake::count_memory(fake::MemoryOrigin::kHost);
  if (k == "registered") return fake::count_memory(fake::MemoryOrigin::kRegistered);
  if (k == "ipc") return fake::count_memory(fake::MemoryOrigin::kIpc);
  if (k == "stream") return s.streams.count();
  if (k == "event") return s.events.count();
  if (k == "module") return s.modules.count();
  if (k == "link") return s.links.count();
  if (k == "mempool") return s.pools.count();
  if (k == "misuse") return s.misuse;
  if (k == "context") {
    int retained = 0;
    for (const auto& context : s.contexts) {
      retained += context->retained;
    }
    return retained;
  }
  return -1;
}

EXPORT void* cantil_fake_global(const char* name) {
  const std::lock_guard lock(state().mutex);
  for (const auto& [handle, module] : state().modules) {
    const auto found = module->globals.find(name);
    if (found != module->globals.end()) return found->second.data();
  }
  return nullptr;
}

EXPORT void cantil_fake_set(const char* key, long value) {
  const std::lock_guard lock(state().mutex);
  state().settings.at(key) = value;
}

EXPORT void cantil_fake_kernel(const char* name, cantil_fake_kernel_body body) {
  const std::lock_guard lock(state().mutex);
  state().bodies[name] = body;
}

EXPORT void cantil_fake_capture(void* stream, int on) {
  const std::lock_guard lock(state().mutex);
  if (fake::StreamObject* object = fake::stream_of(static_cast<cantil::host_api::cu::Stream>(stream))) {
    object->capturing = on != 0;
  }
}

EXPORT cantil_fake_launch_record cantil_fake_last_launch() { return state().last_launch; }
