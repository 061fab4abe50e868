// What there is to say when there is no driver, an old one, or one without devices.
#include "host_api/driver.h"

#include <gmock/gmock.h>

#include <cstdlib>
#include <thread>
#include <vector>

#include "tests/host_api/fixture.h"

namespace cantil::host_api {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class DriverTest : public HostApiTest {};

DriverUnavailable unavailable() {
  try {
    Driver::get();
  } catch (const DriverUnavailable& failure) {
    return failure;
  }
  ADD_FAILURE() << "there is a driver";
  return {DriverFault::kInitFailed, "", ""};
}

TEST_F(DriverTest, MissingLibraryIsSaidAndRemembered) {
  setenv("CANTIL_LIBCUDA", "/nowhere/libcuda.so.1", 1);
  const DriverUnavailable first = unavailable();
  EXPECT_EQ(first.fault(), DriverFault::kLibraryMissing);
  EXPECT_THAT(first.what(), HasSubstr("No CUDA driver was found"));
  EXPECT_THAT(first.what(), HasSubstr("/nowhere/libcuda.so.1"));
  EXPECT_THAT(first.what(), HasSubstr("CANTIL_CUDA=sim"));
  EXPECT_FALSE(Driver::available());

  // The answer does not change within a process, though a driver could now be opened.
  setenv("CANTIL_LIBCUDA", CANTIL_FAKE_LIBCUDA, 1);
  EXPECT_STREQ(unavailable().what(), first.what());
  EXPECT_EQ(Driver::why_unavailable(), first.what());
  EXPECT_THROW(Context::get(0), DriverUnavailable);
}

TEST_F(DriverTest, OldDriverIsSaidBeforeAnythingElse) {
  fake().set("driver_version", 10020);
  const DriverUnavailable failure = unavailable();
  EXPECT_EQ(failure.fault(), DriverFault::kTooOld);
  EXPECT_THAT(failure.what(), HasSubstr("it supports CUDA 10.2, and at least 11.0 is needed"));
  EXPECT_EQ(fake().calls("cuInit"), 0);
}

TEST_F(DriverTest, LibraryThatIsNoDriver) {
  setenv("CANTIL_LIBCUDA", "libm.so.6", 1);
  const DriverUnavailable failure = unavailable();
  EXPECT_EQ(failure.fault(), DriverFault::kTooOld);
  EXPECT_THAT(failure.what(), HasSubstr("it lacks cuInit and"));
}

TEST_F(DriverTest, NoDevice) {
  fake().set("device_count", 0);
  setenv("CUDA_VISIBLE_DEVICES", "7", 1);
  const DriverUnavailable failure = unavailable();
  unsetenv("CUDA_VISIBLE_DEVICES");
  EXPECT_EQ(failure.fault(), DriverFault::kNoDevice);
  EXPECT_EQ(failure.call(), "cuInit");
  EXPECT_THAT(failure.what(), HasSubstr("CUDA_ERROR_NO_DEVICE (100)"));
  EXPECT_THAT(failure.what(), HasSubstr("CUDA_VISIBLE_DEVICES is '7'"));
}

TEST_F(DriverTest, InitFailure) {
  fake().fail_named("cuInit", 1, 803);
  const DriverUnavailable failure = unavailable();
  EXPECT_EQ(failure.fault(), DriverFault::kInitFailed);
  EXPECT_THAT(failure.what(), HasSubstr("CUDA_ERROR_SYSTEM_DRIVER_MISMATCH"));
  EXPECT_THAT(failure.what(), HasSubstr("Reboot"));
}

TEST_F(DriverTest, ManyThreadsOpenItOnce) {
  std::vector<std::thread> threads;
  std::vector<const Driver*> seen(8);
  for (size_t i = 0; i < seen.size(); ++i) {
    threads.emplace_back([&seen, i] { seen[i] = &Context::get(0).driver(); });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  for (const Driver* driver : seen) {
    EXPECT_EQ(driver, seen[0]);
  }
  EXPECT_EQ(fake().calls("cuInit"), 1);
  EXPECT_EQ(fake().live("context"), 1);
}

TEST_F(DriverTest, UnknownCodeStillHasAText) {
  Driver::get();
  fake().fail_named("cuDeviceGetCount", 1, 4711);
  const DriverError error = expect_driver_error([] { Device::count(); });
  EXPECT_THAT(error.what(), HasSubstr("cuDeviceGetCount failed"));
  EXPECT_THAT(error.what(), HasSubstr("4711"));
}

TEST_F(DriverTest, Versions) {
  EXPECT_EQ(cuda_version_text(12040), "12.4");
  EXPECT_EQ(cuda_version_text(11080), "11.8");
  EXPECT_EQ(newest_ptx_isa(12040), 84);
  EXPECT_EQ(newest_ptx_isa(12060), 85);
  EXPECT_EQ(newest_ptx_isa(13000), 90);
  EXPECT_EQ(newest_ptx_isa(99000), 91);
}

TEST_F(DriverTest, DeviceProperties) {
  ASSERT_EQ(Device::count(), 2);
  const Device& device = Device::get(1);
  const DeviceProperties& p = device.properties();
  EXPECT_EQ(p.name, "Fake GPU 1");
  EXPECT_EQ(p.pci_bus_id, "0000:02:00.0");
  EXPECT_EQ(p.compute_capability(), 90);
  EXPECT_EQ(p.warp_size, 32);
  EXPECT_EQ(p.multiprocessors, 132);
  EXPECT_EQ(p.max_block, (std::array<unsigned, 3>{1024, 1024, 64}));
  EXPECT_EQ(p.max_grid, (std::array<unsigned, 3>{2147483647, 65535, 65535}));
  EXPECT_EQ(p.shared_per_block, 49152u);
  EXPECT_EQ(p.shared_per_block_optin, 232448u);
  EXPECT_TRUE(p.memory_pools);
  EXPECT_EQ(device.uuid_text(), "GPU-01112131-4151-6171-8191-a1b1c1d1e1f1");
  EXPECT_EQ(device.attribute("WARP_SIZE"), 32);
  EXPECT_EQ(device.attribute("MAX_SHARED_MEMORY_PER_BLOCK_OPTIN"), 232448);
  EXPECT_THAT(expect_driver_error([&] { device.attribute("NO_SUCH"); }).what(), HasSubstr("'NO_SUCH'"));
  const DriverError error = expect_driver_error([] { Device::get(2); });
  EXPECT_EQ(error.code(), cu::kErrorInvalidDevice);
  EXPECT_THAT(error.what(), HasSubstr("Device 2 was asked for and there are 2"));
  EXPECT_THROW(Device::get(-1), DriverError);
}

TEST_F(DriverTest, ContextsOfOthersAreLeftAlone) {
  Context& first = Context::get(0);
  Context& second = Context::get(1);
  const Driver& driver = first.driver();

  // Nothing current: ours stays, as with the CUDA runtime.
  EXPECT_EQ(Context::current_ordinal(), 0);
  first.synchronize();
  cu::Context now = nullptr;
  driver.cuCtxGetCurrent(&now);
  EXPECT_EQ(now, first.handle());

  // Another one current, set by another library: it is put back, and it says which device is meant.
  driver.cuCtxSetCurrent(second.handle());
  first.synchronize();
  driver.cuCtxGetCurrent(&now);
  EXPECT_EQ(now, second.handle());
  EXPECT_EQ(Context::current_ordinal(), 1);
  EXPECT_EQ(&Context::current(), &second);

  // A choice is a thread's own.
  Context::select(1);
  int other_thread = -1;
  std::thread([&other_thread] { other_thread = Context::current_ordinal(); }).join();
  EXPECT_EQ(other_thread, 0);
}

TEST_F(DriverTest, ErrorAdviceEndsUpInTheMessage) {
  const DriverError error("cuMemAlloc", cu::kErrorOutOfMemory, "8 bytes were asked for.");
  EXPECT_THAT(error.what(), HasSubstr("cuMemAlloc failed: CUDA_ERROR_OUT_OF_MEMORY (2)"));
  EXPECT_THAT(error.what(), HasSubstr("8 bytes were asked for."));
  EXPECT_THAT(error.what(), HasSubstr("nvidia-smi"));
  EXPECT_THAT(error.what(), Not(HasSubstr("..")));
}

}  // namespace
}  // namespace cantil::host_api
