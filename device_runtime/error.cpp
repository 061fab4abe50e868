// This thread's error: where compiled code raised, with which arguments, and through which frames it passed.
#include <algorithm>
#include <cstring>
#include <memory>

#include "device_runtime/abi.h"

namespace {

// On the heap, for the thread-local data of a shared library has to stay small: see random/mt19937.h.
cantil_rt_error& this_error() {
  static thread_local const auto error = std::make_unique<cantil_rt_error>();
  return *error;
}

}  // namespace

extern "C" {

void cantil_rt_raise(int32_t site, const void* packed_args, int64_t size) {
  // The code generator refuses sites whose arguments do not fit; the bound here only keeps memory safe.
  cantil_rt_error& error = this_error();
  const int64_t kept = std::clamp<int64_t>(size, 0, sizeof(error.args));
  error.site = site;
  error.frame_count = 0;
  error.args_size = kept;
  if (kept > 0) std::memcpy(error.args, packed_args, static_cast<size_t>(kept));
}

void cantil_rt_frame(int32_t frame) {
  // The innermost frames are the telling ones, and they come first: a deep recursion loses its outer end.
  cantil_rt_error& error = this_error();
  constexpr int32_t kMost = sizeof(error.frames) / sizeof(error.frames[0]);
  if (error.frame_count < kMost) error.frames[error.frame_count++] = frame;
}

cantil_rt_error* cantil_rt_this_error(void) { return &this_error(); }

void cantil_rt_error_save(void* copy) { std::memcpy(copy, &this_error(), sizeof(cantil_rt_error)); }
void cantil_rt_error_restore(const void* copy) { std::memcpy(&this_error(), copy, sizeof(cantil_rt_error)); }

}  // extern "C"
