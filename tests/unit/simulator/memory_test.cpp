// Memory, copies, streams, events and properties of the simulated device.
#include <gtest/gtest.h>

#include <cstring>
#include <vector>

#include "simulator/copy.h"
#include "simulator/device.h"
#include "simulator/error.h"
#include "simulator/memory.h"
#include "simulator/stream.h"

namespace {

using namespace cantil::simulator;

template <class Call>
int code_of(const Call& call) {
  try {
    call();
  } catch (const DriverError& error) {
    return error.code();
  }
  return 0;
}

TEST(SimMemory, AllocationsAreTrackedAndFreed) {
  const size_t buffers = buffer_count(), bytes = allocated_bytes();
  const Device& device = Device::get(0);
  {
    const auto a = DeviceBuffer::allocate(1000);
    const auto b = DeviceBuffer::allocate(500, MemoryKind::kPinned);
    const auto none = DeviceBuffer::allocate(0);
    EXPECT_EQ(a->device_pointer() % 256, 0u);
    EXPECT_EQ(a->host_pointer(), nullptr);
    EXPECT_NE(b->host_pointer(), nullptr);
    EXPECT_EQ(none->device_pointer(), 0u);
    EXPECT_EQ(allocated_bytes(), bytes + 1500);
    EXPECT_EQ(buffer_count(), buffers + 2);
    EXPECT_EQ(device.memory_info().free, device.memory_info().total - bytes - 1500);
  }
  EXPECT_EQ(buffer_count(), buffers);
  EXPECT_EQ(allocated_bytes(), bytes);
  EXPECT_EQ(code_of([&] { DeviceBuffer::allocate(device.memory_info().total + 1); }), kErrorOutOfMemory);
  EXPECT_EQ(buffer_count(), buffers);
}

TEST(SimMemory, CopiesRefuseWhatIsNotTheDevices) {
  const auto a = DeviceBuffer::allocate(64);
  const uint64_t at = a->device_pointer();
  std::vector<unsigned char> host(64), back(64);
  for (size_t k = 0; k < 64; ++k) host[k] = static_cast<unsigned char>(k * 3);
  copy_to_device(at, host.data(), 64);
  copy_to_host(back.data(), at, 64);
  EXPECT_EQ(host, back);
  copy_on_device(at + 32, at, 32);
  copy_to_host(back.data(), at + 32, 32);
  EXPECT_EQ(std::memcmp(back.data(), host.data(), 32), 0);
  copy_to_host(back.data(), at + 64, 0);

  EXPECT_EQ(code_of([&] { copy_to_device(at, host.data(), 65); }), kErrorInvalidValue);
  EXPECT_EQ(code_of([&] { copy_to_device(at + 1, host.data(), 64); }), kErrorInvalidValue);
  EXPECT_EQ(code_of([&] { copy_to_device(at - 1, host.data(), 1); }), kErrorInvalidValue);
  EXPECT_EQ(code_of([&] { copy_to_host(back.data(), reinterpret_cast<uint64_t>(host.data()), 1); }),
            kErrorInvalidValue);
  EXPECT_EQ(code_of([&] { copy_on_device(at, 0, 1); }), kErrorInvalidValue);
  EXPECT_EQ(code_of([&] { copy_to_device(at, host.data(), ~size_t{0}); }), kErrorInvalidValue);

  // Registered host memory is the device's too, as long as it is registered.
  {
    const auto registered = DeviceBuffer::wrap(host.data(), host.size(), MemoryKind::kRegistered, nullptr);
    EXPECT_EQ(code_of([&] { copy_on_device(at, registered->device_pointer(), 64); }), 0);
    const auto inner = DeviceBuffer::wrap(host.data() + 8, 8, MemoryKind::kExternal, nullptr);
    EXPECT_EQ(code_of([&] { copy_on_device(at, registered->device_pointer() + 8, 56); }), 0);
  }
  EXPECT_EQ(code_of([&] { copy_on_device(at, reinterpret_cast<uint64_t>(host.data()), 64); }),
            kErrorInvalidValue);
}

TEST(SimMemory, FillsAndStridedCopies) {
  const auto a = DeviceBuffer::allocate(24 * 4), b = DeviceBuffer::allocate(24 * 4);
  const uint64_t from = a->device_pointer(), to = b->device_pointer();
  std::vector<int32_t> values(24), back(24);
  for (int k = 0; k < 24; ++k) values[static_cast<size_t>(k)] = k;
  copy_to_device(from, values.data(), 96);
  // Transposes a 4 by 6 array.
  const int64_t shape[] = {4, 6}, to_strides[] = {4, 16}, from_strides[] = {24, 4};
  copy_strided(to, to_strides, from, from_strides, shape, 4);
  copy_to_host(back.data(), to, 96);
  for (int i = 0; i < 4; ++i) {
    for (int j = 0; j < 6; ++j) EXPECT_EQ(back[static_cast<size_t>(j * 4 + i)], i * 6 + j);
  }
  // Backwards.
  const int64_t line[] = {24}, forward[] = {4}, backward[] = {-4};
  copy_strided(to, forward, from + 92, backward, line, 4);
  copy_to_host(back.data(), to, 96);
  EXPECT_EQ(back[0], 23);
  EXPECT_EQ(back[23], 0);
  const int64_t too_long[] = {25};
  EXPECT_EQ(code_of([&] { copy_strided(to, forward, from, forward, too_long, 4); }), kErrorInvalidValue);

  fill(to, 0x01020304, 4, 24);
  copy_to_host(back.data(), to, 96);
  EXPECT_EQ(back[23], 0x01020304);
  fill(to, 0x0506, 2, 3);
  fill(to + 6, 7, 1, 2);
  copy_to_host(back.data(), to, 8);
  EXPECT_EQ(back[0], 0x05060506);
  EXPECT_EQ(back[1], 0x07070506);
  EXPECT_EQ(code_of([&] { fill(to + 1, 0, 4, 1); }), kErrorInvalidValue);
  EXPECT_EQ(code_of([&] { fill(to, 0, 4, 25); }), kErrorInvalidValue);
  EXPECT_EQ(code_of([&] { fill(to, 0, 3, 1); }), kErrorInvalidValue);
}

TEST(SimStream, EventsMeasureAndKeepTheRules) {
  const auto stream = Stream::create(), other = Stream::create();
  EXPECT_NE(stream->handle(), other->handle());
  const auto start = Event::create(), end = Event::create(), silent = Event::create(false);
  EXPECT_EQ(code_of([&] { start->elapsed_ms(*end); }), kErrorInvalidHandle);
  start->record(*stream);
  end->record(*stream);
  silent->record(*stream);
  EXPECT_GE(start->elapsed_ms(*end), 0.0f);
  EXPECT_EQ(code_of([&] { start->elapsed_ms(*silent); }), kErrorInvalidHandle);
  int seen = -1;
  stream->add_callback([&](int code) { seen = code; });
  EXPECT_EQ(seen, 0);
}

TEST(SimDevice, HasOneDeviceWithLimits) {
  const Device& device = Device::get(0);
  EXPECT_EQ(code_of([] { Device::get(1); }), kErrorInvalidDevice);
  EXPECT_EQ(device.attribute("WARP_SIZE"), 32);
  EXPECT_EQ(device.attribute("MAX_THREADS_PER_BLOCK"), 1024);
  EXPECT_EQ(device.attribute("COMPUTE_CAPABILITY_MAJOR"), device.properties().compute_major);
  EXPECT_EQ(device.attribute("NO_SUCH_ATTRIBUTE"), std::nullopt);
  EXPECT_EQ(device.uuid_text().size(), 40u);
  EXPECT_GT(device.properties().total_memory, size_t{1} << 28);
}

}  // namespace
