// Exceptions in functions that C code calls: there is nobody to raise them to.
#include <atomic>
#include <cstdio>

#include "device_runtime/abi.h"

namespace {

using Hook = void (*)(const void* function, int32_t status);

void to_stderr(const void*, int32_t) {
  std::fputs("an exception in a compiled C function was ignored\n", stderr);
}

std::atomic<Hook> hook{to_stderr};

}  // namespace

extern "C" {

void cantil_rt_c_failed(const void* function, int32_t status) { hook.load()(function, status); }

void cantil_rt_set_c_failed_hook(void (*given)(const void* function, int32_t status)) { hook.store(given); }

}  // extern "C"
