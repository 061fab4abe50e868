// This thread's error: where compiled code raised, with which arguments, and through which frames it passed.
#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <memory>

#include "device_runtime/abi.h"

namespace {

// On the heap, for the thread-local data of a shared library has to stay small: see random/mt19937.h.
cantil_rt_error& this_error() {
  static thread_local const auto error = std::make_unique<cantil_rt_error>();
  return *error;
}

void forget(cantil_rt_error& error) {
  uint64_t owners = error.owners;
  error.owners = 0;
  for (; owners != 0; owners &= owners - 1)
    cantil_rt_release(reinterpret_cast<cantil_rt_owner**>(error.args)[__builtin_ctzll(owners)]);
}

void keep(const cantil_rt_error& error) {
  for (uint64_t owners = error.owners; owners != 0; owners &= owners - 1)
    cantil_rt_retain(reinterpret_cast<cantil_rt_owner* const*>(error.args)[__builtin_ctzll(owners)]);
}

// A copy is a block of its own; its payload is how a plain block is freed.
void destroy_copy(cantil_rt_owner* copy) {
  forget(*static_cast<cantil_rt_error*>(copy->data));
  copy->destroy = reinterpret_cast<void (*)(cantil_rt_owner*)>(copy->payload);
  copy->payload = nullptr;
  copy->destroy(copy);
}

}  // namespace

extern "C" {

void cantil_rt_raise_counted(int32_t site, const void* packed_args, int64_t size, uint64_t owners) {
  // The code generator refuses sites whose arguments do not fit; the bound here only keeps memory safe.
  cantil_rt_error& error = this_error();
  forget(error);
  const int64_t kept = std::clamp<int64_t>(size, 0, sizeof(error.args));
  error.site = site;
  error.frame_count = 0;
  error.args_size = kept;
  error.owners = owners;
  if (kept > 0) std::memcpy(error.args, packed_args, static_cast<size_t>(kept));
}

void cantil_rt_raise(int32_t site, const void* packed_args, int64_t size) {
  cantil_rt_raise_counted(site, packed_args, size, 0);
}

void cantil_rt_error_forget(void) { forget(this_error()); }

void cantil_rt_frame(int32_t frame) {
  // The innermost frames are the telling ones, and they come first: a deep recursion loses its outer end.
  cantil_rt_error& error = this_error();
  constexpr int32_t kMost = sizeof(error.frames) / sizeof(error.frames[0]);
  if (error.frame_count < kMost) error.frames[error.frame_count++] = frame;
}

cantil_rt_error* cantil_rt_this_error(void) { return &this_error(); }

cantil_rt_owner* cantil_rt_error_save(void) {
  cantil_rt_owner* copy = cantil_rt_alloc(sizeof(cantil_rt_error));
  if (copy == nullptr) std::abort();  // no memory for 800 bytes: nothing could be reported either
  std::memcpy(copy->data, &this_error(), sizeof(cantil_rt_error));
  keep(this_error());
  copy->payload = reinterpret_cast<void*>(copy->destroy);
  copy->destroy = destroy_copy;
  return copy;
}

void cantil_rt_error_restore(const cantil_rt_owner* copy) {
  const auto& saved = *static_cast<const cantil_rt_error*>(copy->data);
  keep(saved);
  forget(this_error());
  std::memcpy(&this_error(), &saved, sizeof(cantil_rt_error));
}

static cantil_rt_owner* (*object_block_hook)(int64_t, const void*) = nullptr;

cantil_rt_owner* cantil_rt_object_block(int64_t number, const void* inputs) {
  return object_block_hook(number, inputs);
}
void cantil_rt_set_object_block_hook(cantil_rt_owner* (*hook)(int64_t, const void*)) {
  object_block_hook = hook;
}

}  // extern "C"
