// The hot path: arguments arrive, nothing is allocated, what cannot work is refused with the limit in the
// message.
#include "host_api/launch.h"

#include <gmock/gmock.h>

#include <vector>

#include "host_api/copy.h"
#include "host_api/memory.h"
#include "tests/host_api/allocation_counter.h"
#include "tests/host_api/fixture.h"

namespace cantil::host_api {
namespace {

using ::testing::HasSubstr;

class LaunchTest : public HostApiTest {
 protected:
  void SetUp() override {
    HostApiTest::SetUp();
    fake().kernel("scale", scale_on_host);
  }

  std::string refusal(Function& function, const LaunchConfig& config) {
    fake().forget_calls();
    try {
      launch(function, config, nullptr, 0);
    } catch (const LaunchLimitError& error) {
      EXPECT_EQ(fake().calls("cuLaunchKernel"), 0);
      return error.what();
    }
    ADD_FAILURE() << "was launched";
    return "";
  }
};

TEST_F(LaunchTest, ArgumentsArrive) {
  Context& context = Context::get(0);
  const auto function = Module::load(context, kPtx)->function("scale");
  const auto buffer = DeviceBuffer::allocate(context, 400);
  std::vector<float> data(100, 1.5f);
  const Stream& stream = *context.default_stream();
  copy_to_device_now(stream, buffer->device_pointer(), data.data(), 400);
  const ScaleParameters parameters{reinterpret_cast<float*>(buffer->device_pointer()), 100, 4.0f};
  launch(*function, {.grid = {2, 3, 4}, .block = {64, 2, 1}, .shared_bytes = 128}, &parameters,
         sizeof parameters);
  copy_to_host_now(stream, data.data(), buffer->device_pointer(), 400);
  EXPECT_EQ(data[99], 6.0f);
  const cantil_fake_launch_record record = fake().last_launch();
  EXPECT_STREQ(record.kernel, "scale");
  EXPECT_THAT(record.grid, ::testing::ElementsAre(2, 3, 4));
  EXPECT_THAT(record.block, ::testing::ElementsAre(64, 2, 1));
  EXPECT_EQ(record.shared_bytes, 128u);
  EXPECT_EQ(record.cooperative, 0);
}

TEST_F(LaunchTest, AllocatesNothingAndCallsTheDriverTwice) {
  Context& context = Context::get(0);
  const auto function = Module::load(context, kPtx)->function("scale");
  const auto buffer = DeviceBuffer::allocate(context, 400);
  const auto stream = Stream::create(context);
  const ScaleParameters parameters{reinterpret_cast<float*>(buffer->device_pointer()), 100, 1.0f};
  const LaunchConfig config{.grid = {1, 1, 1}, .block = {128, 1, 1}, .stream = stream->handle()};
  launch(*function, config, &parameters, sizeof parameters);
  fake().forget_calls();
  const size_t before = allocations();
  for (int i = 0; i < 1000; ++i) {
    buffer->use_on(stream);
    launch(*function, config, &parameters, sizeof parameters);
  }
  const size_t after = allocations();
  EXPECT_EQ(fake().call_count(), 2000);
  EXPECT_EQ(fake().calls("cuCtxGetCurrent"), 1000);
  EXPECT_EQ(fake().calls("cuLaunchKernel"), 1000);
#if CANTIL_COUNT_ALLOCATIONS
  EXPECT_EQ(after - before, 0u);
  EXPECT_GT(before, 0u) << "the counter does not count";
#else
  (void)before;
  (void)after;
  GTEST_SKIP() << "allocations are not counted under a sanitizer";
#endif
}

TEST_F(LaunchTest, LimitsAreSaidBeforeTheLaunch) {
  const auto function = Module::load(Context::get(0), kPtx)->function("scale");
  EXPECT_THAT(refusal(*function, {.grid = {0, 1, 1}}), HasSubstr("the grid's x dimension is 0"));
  EXPECT_THAT(refusal(*function, {.grid = {1, 65536, 1}}),
              HasSubstr("the grid's y dimension is 65536, and Fake GPU 0 allows at most 65535"));
  EXPECT_THAT(refusal(*function, {.grid = {2147483648u, 1, 1}}), HasSubstr("2147483648"));
  EXPECT_THAT(refusal(*function, {.block = {1, 0, 1}}), HasSubstr("the block's y dimension is 0"));
  EXPECT_THAT(refusal(*function, {.block = {1, 1, 65}}), HasSubstr("the block's z dimension is 65"));
  EXPECT_THAT(refusal(*function, {.block = {32, 32, 2}}), HasSubstr("2048 threads a block"));
  EXPECT_THAT(refusal(*function, {.block = {1024, 1024, 64}}), HasSubstr("67108864 threads a block"));
  EXPECT_THAT(refusal(*function, {.shared_bytes = 232449}), HasSubstr("232448 is the most"));
  EXPECT_THAT(refusal(*function, {.grid = {1, 0, 1}}),
              HasSubstr("Kernel 'scale' cannot be launched with grid (1, 0, 1)"));
  launch(*function, {}, nullptr, 0);
}

TEST_F(LaunchTest, RegistersLimitTheBlock) {
  fake().set("kernel_max_threads", 256);
  fake().set("kernel_registers", 255);
  const auto function = Module::load(Context::get(0), kPtx)->function("scale");
  EXPECT_THAT(refusal(*function, {.block = {512, 1, 1}}),
              HasSubstr("with its 255 registers a thread the kernel can have at most 256"));
}

TEST_F(LaunchTest, MoreSharedMemoryIsOptedIntoOnce) {
  const auto function = Module::load(Context::get(0), kPtx)->function("scale");
  fake().forget_calls();
  launch(*function, {.shared_bytes = 49152}, nullptr, 0);
  EXPECT_EQ(fake().calls("cuFuncSetAttribute"), 0);
  launch(*function, {.shared_bytes = 200000}, nullptr, 0);
  launch(*function, {.shared_bytes = 200000}, nullptr, 0);
  launch(*function, {.shared_bytes = 1000}, nullptr, 0);
  EXPECT_EQ(fake().calls("cuFuncSetAttribute"), 1);
}

TEST_F(LaunchTest, RefusalOfTheDriverNamesTheKernel) {
  const auto function = Module::load(Context::get(0), kPtx)->function("scale");
  fake().fail_named("cuLaunchKernel", 1, cu::kErrorLaunchOutOfResources);
  const DriverError error =
      expect_driver_error([&] { launch(*function, {.block = {128, 1, 1}}, nullptr, 0); });
  EXPECT_THAT(error.what(), HasSubstr("cuLaunchKernel failed: CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES"));
  EXPECT_THAT(error.what(), HasSubstr("Kernel 'scale' was launched with grid (1, 1, 1), block (128, 1, 1)"));
  EXPECT_THAT(error.what(), HasSubstr("32 registers a thread"));
  launch(*function, {.block = {128, 1, 1}}, nullptr, 0);
}

TEST_F(LaunchTest, CooperativeParametersAreFoundByTheirOffsets) {
  const auto function = Module::load(Context::get(0), kPtx)->function("other");
  static std::vector<uint64_t> seen;
  seen.clear();
  fake().kernel("other", [](const void* parameters, size_t, const unsigned*, const unsigned*) {
    void* const* const array = static_cast<void* const*>(parameters);
    seen = {*static_cast<const uint64_t*>(array[0]), *static_cast<const uint8_t*>(array[1]),
            *static_cast<const uint32_t*>(array[2])};
  });
  struct {
    uint64_t a = 11;
    uint8_t b = 22;
    uint32_t c = 33;
  } block;
  const std::vector<uint32_t> offsets{0, 8, 12};
  launch_cooperative(*function, {.grid = {4, 1, 1}}, &block, sizeof block, offsets);
  EXPECT_EQ(seen, (std::vector<uint64_t>{11, 22, 33}));
  EXPECT_EQ(fake().last_launch().cooperative, 1);
  const std::vector<uint32_t> outside{0, 99};
  EXPECT_THROW(launch_cooperative(*function, {}, &block, sizeof block, outside), LaunchLimitError);
  std::vector<uint32_t> many(200, 0);
  launch_cooperative(*function, {}, &block, sizeof block, many);
}

TEST_F(LaunchTest, CooperativeGridThatDoesNotFit) {
  fake().set("cooperative_blocks", 2);
  const auto function = Module::load(Context::get(0), kPtx)->function("scale");
  EXPECT_EQ(function->max_cooperative_grid_blocks(128, 0), 264);
  const DriverError error = expect_driver_error(
      [&] { launch_cooperative(*function, {.grid = {265, 1, 1}, .block = {128, 1, 1}}, nullptr, 0, {}); });
  EXPECT_EQ(error.code(), cu::kErrorCooperativeLaunchTooLarge);
  EXPECT_THAT(error.what(), HasSubstr("At most 264 blocks of this size fit"));
}

TEST_F(LaunchTest, KernelOfADeviceThatWasReset) {
  Context& context = Context::get(0);
  const auto function = Module::load(context, kPtx)->function("scale");
  context.reset();
  fake().forget_calls();
  const DriverError error = expect_driver_error([&] { launch(*function, {}, nullptr, 0); });
  EXPECT_EQ(error.code(), cu::kErrorContextIsDestroyed);
  EXPECT_EQ(fake().call_count(), 0);
  launch(*Module::load(context, kPtx)->function("scale"), {}, nullptr, 0);
}

TEST_F(LaunchTest, AfterAKernelHasCorruptedTheContext) {
  Context& context = Context::get(0);
  auto module = Module::load(context, kPtx);
  auto function = module->function("scale");
  auto buffer = DeviceBuffer::allocate(context, 100);
  fake().fail_named("cuStreamSynchronize", 1, cu::kErrorIllegalAddress);
  const DriverError error = expect_driver_error([&] { context.default_stream()->synchronize(); });
  EXPECT_THAT(error.what(), HasSubstr("memory that is not its own"));
  // What the context held is gone with it: giving it back fails for good, and is not tried again.
  fake().fail_named("cuMemFreeAsync", 1, cu::kErrorIllegalAddress);
  buffer.reset();
  EXPECT_EQ(context.cleanup().waiting(), 0u);
  context.reset();
  function.reset();
  module.reset();
  launch(*Module::load(context, kPtx)->function("scale"), {}, nullptr, 0);
}

TEST_F(LaunchTest, HostFunctionsInACaptureMayRunAgain) {
  Context& context = Context::get(0);
  const auto stream = Stream::create(context, true);
  fake().capture(stream->handle(), 1);
  auto marker = std::make_shared<int>(0);
  stream->launch_host_function([marker] { ++*marker; });
  EXPECT_EQ(marker.use_count(), 2);
  EXPECT_TRUE(stream->capturing());
  fake().capture(stream->handle(), 0);
  stream->launch_host_function([marker] { ++*marker; });
  EXPECT_EQ(*marker, 1);
  EXPECT_EQ(marker.use_count(), 2);
}

}  // namespace
}  // namespace cantil::host_api
