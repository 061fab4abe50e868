// The fake driver's world: what exists, which call is to fail, which context is current on each thread.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "host_api/driver_types.h"
#include "tests/host_api/fake_libcuda/control.h"

namespace fake {

namespace cu = cantil::host_api::cu;

struct ContextObject {
  int device = 0;
  int retained = 0;
};

struct StreamObject {
  bool non_blocking = false;
  bool capturing = false;
};

struct EventObject {
  bool timing = true;
  bool recorded = false;
  double time_ms = 0;
};

struct FunctionObject {
  std::string name;
  int dynamic_shared_limit = 48 * 1024;
};

struct ModuleObject {
  std::map<std::string, std::unique_ptr<FunctionObject>> functions;
  std::map<std::string, std::vector<char>> globals;
};

struct LinkObject {
  std::string text;
};

struct PoolObject {
  uint64_t release_threshold = 0;
};

enum class MemoryOrigin { kDevice, kPool, kHost, kRegistered, kIpc };

struct Block {
  MemoryOrigin origin;
  size_t bytes;
  PoolObject* pool;
};

// All live objects of a kind, by handle.
template <class Object>
class Objects {
 public:
  template <class Handle>
  Handle add(std::unique_ptr<Object> object) {
    Object* raw = object.get();
    live_.emplace(raw, std::move(object));
    return reinterpret_cast<Handle>(raw);
  }
  template <class Handle>
  Object* find(Handle handle) {
    const auto it = live_.find(reinterpret_cast<const void*>(handle));
    return it == live_.end() ? nullptr : it->second.get();
  }
  template <class Handle>
  bool remove(Handle handle) {
    return live_.erase(reinterpret_cast<const void*>(handle)) != 0;
  }
  int count() const { return static_cast<int>(live_.size()); }
  void clear() { live_.clear(); }
  auto begin() { return live_.begin(); }
  auto end() { return live_.end(); }

 private:
  std::unordered_map<const void*, std::unique_ptr<Object>> live_;
};

struct State {
  std::recursive_mutex mutex;

  std::map<std::string, long, std::less<>> settings;
  std::vector<const char*> calls;
  int fail_in = 0;
  int fail_code = 0;
  std::string fail_name;
  int fail_name_in = 0;
  const char* failed = nullptr;
  int misuse = 0;

  bool initialized = false;
  std::vector<std::unique_ptr<ContextObject>> contexts;  // the primary one of each device
  std::set<std::pair<int, int>> peers;
  std::map<uint64_t, Block> memory;
  Objects<PoolObject> pools;
  Objects<StreamObject> streams;
  StreamObject null_stream;
  Objects<EventObject> events;
  Objects<ModuleObject> modules;
  Objects<LinkObject> links;
  std::unordered_set<const void*> functions;
  std::map<std::string, cantil_fake_kernel_body> bodies;
  cantil_fake_launch_record last_launch{};

  void reset();
  // Without making a string of the key: tests count allocations.
  long setting(std::string_view key) { return settings.find(key)->second; }
};

State& state();

// The contexts of the calling thread, the current one last, and its capture mode.
struct ThreadState {
  std::vector<ContextObject*> contexts;
  int capture_mode = 0;
};
ThreadState& thread_state();

// Records a call; says which error it is to return, if any.
cu::Result enter(const char* name);

inline ContextObject* current() {
  ThreadState& thread = thread_state();
  return thread.contexts.empty() ? nullptr : thread.contexts.back();
}

// The stream behind a handle, the default ones included; null, and a misuse, for one that does not exist.
StreamObject* stream_of(cu::Stream handle);
bool any_capture();
// For calls that are unsafe during a capture: an error, and a misuse, where the thread is not in the relaxed
// mode.
cu::Result check_unsafe();

}  // namespace fake

// Opens each function of the fake driver.
#define FAKE_ENTER(name)                                                     \
  const std::lock_guard fake_lock(fake::state().mutex);                      \
  if (const cu::Result fake_result = fake::enter(#name); fake_result != 0) { \
    return fake_result;                                                      \
  }

#define FAKE_NEEDS_CONTEXT()         \
  if (fake::current() == nullptr) {  \
    return cu::kErrorInvalidContext; \
  }

// Declares every function with the signature that Cantil calls it by: a definition that differs does not
// compile.
namespace cantil::host_api {
extern "C" {
#define X(name, symbol, needed, parameters) \
  __attribute__((visibility("default"))) cu::Result symbol parameters;
#include "host_api/driver_functions.def"
#undef X
}
}  // namespace cantil::host_api
