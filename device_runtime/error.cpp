// This thread's error: where compiled code raised, with which arguments, and through which frames it passed.
#include <algorithm>
#include <cstring>

#include "device_runtime/abi.h"

namespace {

thread_local cantil_rt_error this_error;

}  // namespace

extern "C" {

void cantil_rt_raise(int32_t site, const void* packed_args, int64_t size) {
  // The code generator refuses sites whose arguments do not fit; the bound here only keeps memory safe.
  const int64_t kept = std::clamp<int64_t>(size, 0, sizeof(this_error.args));
  this_error.site = site;
  this_error.frame_count = 0;
  this_error.args_size = kept;
  if (kept > 0) std::memcpy(this_error.args, packed_args, static_cast<size_t>(kept));
}

void cantil_rt_frame(int32_t frame) {
  // The innermost frames are the telling ones, and they come first: a deep recursion loses its outer end.
  constexpr int32_t kMost = sizeof(this_error.frames) / sizeof(this_error.frames[0]);
  if (this_error.frame_count < kMost) this_error.frames[this_error.frame_count++] = frame;
}

cantil_rt_error* cantil_rt_this_error(void) { return &this_error; }

}  // extern "C"
