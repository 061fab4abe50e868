// Opens the fake driver for the tests.
#include "tests/host_api/fixture.h"

#include <dlfcn.h>

#include <cstdlib>

namespace cantil::host_api {

FakeControl::FakeControl() {
  void* const library = dlopen(CANTIL_FAKE_LIBCUDA, RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) {
    throw std::runtime_error(dlerror());
  }
  const auto bind = [&](auto& function, const char* name) {
    function = reinterpret_cast<std::remove_reference_t<decltype(function)>>(dlsym(library, name));
    if (function == nullptr) {
      throw std::runtime_error(std::string("libcuda_fake.so lacks ") + name);
    }
  };
  bind(reset, "cantil_fake_reset");
  bind(fail_call, "cantil_fake_fail_call");
  bind(fail_named, "cantil_fake_fail_named");
  bind(fail_nothing, "cantil_fake_fail_nothing");
  bind(failed_call, "cantil_fake_failed_call");
  bind(call_count, "cantil_fake_call_count");
  bind(call_name, "cantil_fake_call_name");
  bind(forget_calls, "cantil_fake_forget_calls");
  bind(live, "cantil_fake_live");
  bind(set, "cantil_fake_set");
  bind(kernel, "cantil_fake_kernel");
  bind(capture, "cantil_fake_capture");
  bind(last_launch, "cantil_fake_last_launch");
}

int FakeControl::calls(const std::string& name) const {
  int count = 0;
  for (int i = 0; i < call_count(); ++i) {
    count += call_name(i) == name ? 1 : 0;
  }
  return count;
}

const FakeControl& fake() {
  static const FakeControl control;
  return control;
}

void HostApiTest::SetUp() {
  setenv("CANTIL_LIBCUDA", CANTIL_FAKE_LIBCUDA, 1);
  TestAccess::forget_process_state();
  fake().reset();
}

void HostApiTest::TearDown() {
  fake().fail_nothing();
  TestAccess::forget_process_state();
  EXPECT_EQ(fake().live("misuse"), 0) << "a real driver would have crashed, or lost a capture";
  for (const char* kind : {"device", "pool", "host", "registered", "ipc", "stream", "event", "module", "link",
                           "mempool", "context"}) {
    EXPECT_EQ(fake().live(kind), 0) << kind << " leaked";
  }
  unsetenv("CANTIL_LIBCUDA");
}

DriverError expect_driver_error(const std::function<void()>& action) {
  try {
    action();
  } catch (const DriverError& error) {
    return error;
  }
  ADD_FAILURE() << "no DriverError was thrown";
  return DriverError("nothing", 0);
}

const char kPtx[] = R"(.version 8.0
.target sm_90
.address_size 64
.visible .global .align 4 .b8 table[64];
.visible .entry scale(.param .u64 data, .param .u32 count, .param .f32 factor) { ret; }
.visible .entry other() { ret; }
)";

void scale_on_host(const void* parameters, size_t bytes, const unsigned* grid, const unsigned* block) {
  if (bytes != sizeof(ScaleParameters)) {
    return;
  }
  const auto& p = *static_cast<const ScaleParameters*>(parameters);
  for (unsigned i = 0; i < grid[0] * block[0] && i < p.count; ++i) {
    p.data[i] *= p.factor;
  }
}

}  // namespace cantil::host_api
