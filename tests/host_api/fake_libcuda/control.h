// How a test steers the fake driver; the functions are exported by libcuda_fake.so beside the driver's own.
//
// From the environment, for tests in other processes: CANTIL_FAKE_FAIL="cuMemAlloc:1:2" fails the first
// cuMemAlloc with code 2, CANTIL_FAKE_SET="device_count=0,driver_version=11020" changes settings.
#pragma once

#include <cstddef>

extern "C" {

// A kernel on the host: the parameter block and the launch's shape.
typedef void (*cantil_fake_kernel_body)(const void* parameters, size_t bytes, const unsigned* grid,
                                        const unsigned* block);

// Forgets everything, live objects included, and returns to the default settings.
void cantil_fake_reset(void);

// Fails the n-th driver call from now (1: the next one), once.
void cantil_fake_fail_call(int n, int code);
// Fails the n-th call of one function from now (0: every one), by its name in driver_functions.def.
void cantil_fake_fail_named(const char* name, int n, int code);
void cantil_fake_fail_nothing(void);
// The name of the call that was failed last; null where none was.
const char* cantil_fake_failed_call(void);

// What has been called since the last reset or forget_calls.
int cantil_fake_call_count(void);
const char* cantil_fake_call_name(int index);
void cantil_fake_forget_calls(void);

// How many objects of a kind are alive: device, pool, host, registered, ipc, stream, event, module, link,
// mempool, context (retained primary contexts). "misuse" counts calls that a real driver punishes by a crash
// or a lost capture: a handle used after its end, memory freed twice, an unsafe call during a capture.
int cantil_fake_live(const char* kind);

// Settings: device_count, driver_version, memory_pools, total_memory, kernel_max_threads, kernel_registers,
// kernel_shared_bytes, cooperative_blocks, deinitialized.
void cantil_fake_set(const char* key, long value);

void cantil_fake_kernel(const char* name, cantil_fake_kernel_body body);
// A variable of a loaded module, for what a kernel would write to it; null where no module has it.
void* cantil_fake_global(const char* name);

// Begins and ends a capture on a stream, which no function that Cantil calls does.
void cantil_fake_capture(void* stream, int on);

// What the kernel launched last was launched with.
struct cantil_fake_launch_record {
  const char* kernel;
  unsigned grid[3];
  unsigned block[3];
  unsigned shared_bytes;
  void* stream;
  int cooperative;
};
struct cantil_fake_launch_record cantil_fake_last_launch(void);

}  // extern "C"
