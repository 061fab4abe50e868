// Who owns device memory, when it is given back, and what happens where it cannot be.
#include "host_api/memory.h"

#include <gmock/gmock.h>

#include <cstdlib>
#include <vector>

#include "host_api/event.h"
#include "host_api/memory_pool.h"
#include "tests/host_api/fixture.h"

namespace cantil::host_api {
namespace {

using ::testing::HasSubstr;

class MemoryTest : public HostApiTest {};

TEST_F(MemoryTest, DeviceMemoryComesFromThePoolAndGoesBackWithTheLastOwner) {
  Context& context = Context::get(0);
  auto buffer = DeviceBuffer::allocate(context, 1000);
  EXPECT_EQ(buffer->kind(), MemoryKind::kPool);
  EXPECT_NE(buffer->device_pointer(), 0u);
  EXPECT_EQ(fake().live("pool"), 1);
  EXPECT_EQ(memory_statistics().device.bytes, 1000u);
  EXPECT_EQ(context.pool().statistics().used, 1000u);
  auto view = buffer;
  buffer.reset();
  EXPECT_EQ(fake().live("pool"), 1);
  view.reset();
  EXPECT_EQ(fake().live("pool"), 0);
  EXPECT_EQ(fake().calls("cuMemFreeAsync"), 1);
  EXPECT_EQ(memory_statistics().device.bytes, 0u);
  EXPECT_GE(memory_statistics().device_high, 1000u);
}

TEST_F(MemoryTest, NothingIsNoMemory) {
  Context& context = Context::get(0);
  fake().forget_calls();
  const auto buffer = DeviceBuffer::allocate(context, 0);
  const auto host = DeviceBuffer::allocate_host(context, 0);
  EXPECT_EQ(buffer->device_pointer(), 0u);
  EXPECT_EQ(fake().call_count(), 0);
}

TEST_F(MemoryTest, DeviceWithoutPools) {
  fake().set("memory_pools", 0);
  Context& context = Context::get(0);
  auto buffer = DeviceBuffer::allocate(context, 1000);
  EXPECT_EQ(buffer->kind(), MemoryKind::kDevice);
  EXPECT_EQ(fake().live("device"), 1);
  EXPECT_FALSE(context.pool().supported());
  buffer.reset();
  EXPECT_EQ(fake().calls("cuMemFree"), 1);
}

TEST_F(MemoryTest, PoolThatTheDeviceRefuses) {
  Context& context = Context::get(0);
  fake().fail_named("cuMemPoolCreate", 1, cu::kErrorNotSupported);
  EXPECT_EQ(DeviceBuffer::allocate(context, 8)->kind(), MemoryKind::kDevice);
}

TEST_F(MemoryTest, PoolSwitchedOff) {
  setenv("CANTIL_CUDA_POOL", "0", 1);
  Context& context = Context::get(0);
  const auto buffer = DeviceBuffer::allocate(context, 1000);
  unsetenv("CANTIL_CUDA_POOL");
  EXPECT_EQ(buffer->kind(), MemoryKind::kDevice);
  const auto opened = DeviceBuffer::open_ipc(Context::get(1), buffer->ipc_handle(), 1000);
  EXPECT_NE(opened->device_pointer(), 0u);
  EXPECT_EQ(fake().live("ipc"), 1);
}

TEST_F(MemoryTest, OutOfMemorySaysHowMuch) {
  fake().set("total_memory", 10000);
  Context& context = Context::get(0);
  const auto held = DeviceBuffer::allocate(context, 6000);
  const DriverError error = expect_driver_error([&] { DeviceBuffer::allocate(context, 5000); });
  EXPECT_EQ(error.code(), cu::kErrorOutOfMemory);
  EXPECT_THAT(error.what(), HasSubstr("5000 bytes were asked for; 4000 of 10000 are free"));
  EXPECT_EQ(DeviceBuffer::allocate(context, 4000)->bytes(), 4000u);
}

TEST_F(MemoryTest, OutOfMemoryFirstGivesBackWhatWaits) {
  fake().set("total_memory", 10000);
  Context& context = Context::get(0);
  fake().fail_named("cuMemFreeAsync", 1, cu::kErrorUnknown);
  DeviceBuffer::allocate(context, 6000).reset();
  EXPECT_EQ(context.cleanup().waiting(), 1u);
  EXPECT_EQ(context.cleanup().waiting_bytes(), 6000u);
  EXPECT_EQ(context.cleanup().last_failure(), cu::kErrorUnknown);
  EXPECT_NE(DeviceBuffer::allocate(context, 6000), nullptr);
  EXPECT_EQ(context.cleanup().waiting(), 0u);
}

TEST_F(MemoryTest, IpcNeedsPlainMemory) {
  Context& context = Context::get(0);
  const auto pooled = DeviceBuffer::allocate(context, 100);
  EXPECT_THAT(expect_driver_error([&] { pooled->ipc_handle(); }).what(), HasSubstr("CANTIL_CUDA_POOL=0"));
}

TEST_F(MemoryTest, AnotherStreamIsOrderedAfterTheAllocationAndBeforeTheFree) {
  Context& context = Context::get(0);
  const auto home = Stream::create(context, true);
  auto user = Stream::create(context, true);
  auto buffer = DeviceBuffer::allocate(context, 100, home);
  fake().forget_calls();
  buffer->use_on(home);
  EXPECT_EQ(fake().call_count(), 0);
  buffer->use_on(user);
  EXPECT_EQ(fake().calls("cuEventRecord"), 1);
  EXPECT_EQ(fake().calls("cuStreamWaitEvent"), 1);
  fake().forget_calls();
  buffer->use_on(user);
  EXPECT_EQ(fake().call_count(), 0);

  // The stream is needed to free in its order, so the buffer keeps it.
  user.reset();
  EXPECT_EQ(fake().live("stream"), 2);
  buffer.reset();
  EXPECT_EQ(fake().calls("cuEventRecord"), 1);
  EXPECT_EQ(fake().calls("cuStreamWaitEvent"), 1);
  EXPECT_EQ(fake().live("pool"), 0);
  EXPECT_EQ(fake().live("stream"), 1);
}

TEST_F(MemoryTest, BlockingStreamsNeedNoOrderWithTheDefaultStream) {
  Context& context = Context::get(0);
  const auto blocking = Stream::create(context);
  auto buffer = DeviceBuffer::allocate(context, 100);
  fake().forget_calls();
  buffer->use_on(blocking);
  EXPECT_EQ(fake().call_count(), 0);
  buffer.reset();
  EXPECT_EQ(fake().calls("cuEventRecord"), 0);
}

TEST_F(MemoryTest, FreeDuringACaptureWaits) {
  Context& context = Context::get(0);
  const auto captured = Stream::create(context, true);
  auto on_captured = DeviceBuffer::allocate(context, 100, captured);
  auto plain = DeviceBuffer::allocate_plain(context, 100);
  auto module_free = DeviceBuffer::allocate_host(context, 100);
  fake().capture(captured->handle(), 1);
  on_captured.reset();
  EXPECT_EQ(fake().live("pool"), 1);
  EXPECT_EQ(context.cleanup().waiting(), 1u);
  // Made in the relaxed mode, these do no harm to the capture.
  plain.reset();
  module_free.reset();
  EXPECT_EQ(fake().live("device"), 0);
  EXPECT_EQ(fake().live("host"), 0);
  // And memory can be had, though not from the stream that is captured.
  auto fresh = DeviceBuffer::allocate(context, 100, captured);
  EXPECT_EQ(fresh->kind(), MemoryKind::kDevice);
  fresh.reset();
  context.cleanup().flush();
  EXPECT_EQ(fake().live("pool"), 1);
  fake().capture(captured->handle(), 0);
  context.cleanup().flush();
  EXPECT_EQ(fake().live("pool"), 0);
  EXPECT_EQ(context.cleanup().lost(), 0u);
}

TEST_F(MemoryTest, FreeOnTheDefaultStreamDuringACaptureWaits) {
  Context& context = Context::get(0);
  const auto captured = Stream::create(context);  // ordered with the default stream
  auto buffer = DeviceBuffer::allocate(context, 100);
  fake().capture(captured->handle(), 1);
  buffer.reset();
  EXPECT_EQ(fake().live("pool"), 1);
  fake().capture(captured->handle(), 0);
  context.synchronize();
  EXPECT_EQ(fake().live("pool"), 0);
}

TEST_F(MemoryTest, DeferredCleanup) {
  Context& context = Context::get(0);
  context.cleanup().suspend();
  for (int i = 0; i < 100; ++i) {
    DeviceBuffer::allocate(context, 100).reset();
  }
  EXPECT_EQ(fake().live("pool"), 100);
  context.cleanup().suspend();
  context.cleanup().resume();
  EXPECT_EQ(fake().live("pool"), 100);
  context.cleanup().resume();
  EXPECT_EQ(fake().live("pool"), 0);
}

TEST_F(MemoryTest, AReleaseThatNeverWorksIsGivenUp) {
  Context& context = Context::get(0);
  const auto stream = Stream::create(context);
  auto event = Event::create(context);
  fake().fail_named("cuEventDestroy", 0, cu::kErrorUnknown);
  event.reset();
  for (int i = 0; i < Cleanup::kMaxAttempts; ++i) {
    context.cleanup().flush();
  }
  EXPECT_EQ(context.cleanup().waiting(), 0u);
  EXPECT_EQ(context.cleanup().lost(), 1u);
  fake().fail_nothing();
  EXPECT_EQ(fake().live("event"), 1);
  context.reset();  // takes it along
}

TEST_F(MemoryTest, NothingIsFreedTwiceAfterAReset) {
  Context& context = Context::get(0);
  auto buffer = DeviceBuffer::allocate(context, 100);
  auto pinned = DeviceBuffer::allocate_host(context, 100);
  auto stream = Stream::create(context);
  auto event = Event::create(context);
  context.reset();
  EXPECT_EQ(fake().live("pool"), 0);
  fake().forget_calls();
  buffer.reset();
  pinned.reset();
  event.reset();
  stream.reset();
  EXPECT_EQ(fake().call_count(), 0);
  EXPECT_EQ(fake().live("misuse"), 0);
  EXPECT_NE(DeviceBuffer::allocate(context, 100)->device_pointer(), 0u);
}

TEST_F(MemoryTest, ProcessExit) {
  Context& context = Context::get(0);
  auto buffer = DeviceBuffer::allocate(context, 100);
  auto stream = Stream::create(context);
  fake().set("deinitialized", 1);
  buffer.reset();
  stream.reset();
  EXPECT_EQ(context.cleanup().waiting(), 0u);
  EXPECT_EQ(context.cleanup().lost(), 0u);
  fake().set("deinitialized", 0);
  context.reset();
}

TEST_F(MemoryTest, FreeFromAnotherDevicesContext) {
  Context& first = Context::get(0);
  Context& second = Context::get(1);
  auto buffer = DeviceBuffer::allocate(first, 100);
  Context::select(1);
  buffer.reset();
  EXPECT_EQ(fake().live("pool"), 0);
  cu::Context now = nullptr;
  second.driver().cuCtxGetCurrent(&now);
  EXPECT_EQ(now, second.handle());
}

TEST_F(MemoryTest, BorrowedMemoryIsNotFreed) {
  Context& context = Context::get(0);
  const auto real = DeviceBuffer::allocate(context, 100);
  bool released = false;
  auto owner = std::shared_ptr<void>(&released, [](void* flag) { *static_cast<bool*>(flag) = true; });
  auto borrowed = DeviceBuffer::borrow(context, real->device_pointer(), 100, std::move(owner));
  EXPECT_EQ(borrowed->device_pointer(), real->device_pointer());
  borrowed.reset();
  EXPECT_TRUE(released);
  EXPECT_EQ(fake().live("pool"), 1);
}

}  // namespace
}  // namespace cantil::host_api
