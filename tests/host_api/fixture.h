// The fixture of the host API's tests: each test meets a fresh fake driver and a process that has not seen
// CUDA yet.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "host_api/context.h"
#include "tests/host_api/fake_libcuda/control.h"

namespace cantil::host_api {

// What the host API remembers for the life of a process, forgotten.
struct TestAccess {
  static void forget_process_state() {
    Context::forget();
    Device::forget();
    Driver::forget();
  }
};

// The control functions of libcuda_fake.so.
struct FakeControl {
  FakeControl();
  decltype(&cantil_fake_reset) reset;
  decltype(&cantil_fake_fail_call) fail_call;
  decltype(&cantil_fake_fail_named) fail_named;
  decltype(&cantil_fake_fail_nothing) fail_nothing;
  decltype(&cantil_fake_failed_call) failed_call;
  decltype(&cantil_fake_call_count) call_count;
  decltype(&cantil_fake_call_name) call_name;
  decltype(&cantil_fake_forget_calls) forget_calls;
  decltype(&cantil_fake_live) live;
  decltype(&cantil_fake_set) set;
  decltype(&cantil_fake_kernel) kernel;
  decltype(&cantil_fake_capture) capture;
  decltype(&cantil_fake_last_launch) last_launch;

  // How often a function was called since forget_calls().
  int calls(const std::string& name) const;
};
const FakeControl& fake();

class HostApiTest : public ::testing::Test {
 protected:
  void SetUp() override;
  void TearDown() override;
};

// Runs something that must throw a DriverError, and returns it.
DriverError expect_driver_error(const std::function<void()>& action);

// PTX as far as the fake driver reads it: kernels `scale` and `other`, variable `table` of 64 bytes.
extern const char kPtx[];

// Kernel `scale`: multiplies floats. Its parameter block.
struct ScaleParameters {
  float* data;
  unsigned count;
  float factor;
};
void scale_on_host(const void* parameters, size_t bytes, const unsigned* grid, const unsigned* block);

}  // namespace cantil::host_api
