// Strided copies: every layout arrives, in as few driver calls as it can.
#include "host_api/copy.h"

#include <cstring>
#include <numeric>
#include <vector>

#include "host_api/memory.h"
#include "tests/host_api/fixture.h"

namespace cantil::host_api {
namespace {

class CopyTest : public HostApiTest {
 protected:
  struct Layout {
    std::vector<int64_t> strides;
    int64_t first = 0;  // byte of the first element
  };

  // Copies `shape` int32 from one layout of a host array to another on the device, and compares element by
  // element. Returns the number of driver calls, or -1 where it declined.
  int check(const std::vector<int64_t>& shape, const Layout& from, const Layout& to) {
    Context& context = Context::get(0);
    constexpr size_t kBytes = 1 << 16;
    std::vector<int32_t> source(kBytes / 4);
    std::iota(source.begin(), source.end(), 1);
    const auto buffer = DeviceBuffer::allocate(context, kBytes);
    fill(*context.default_stream(), buffer->device_pointer(), 0, 4, kBytes / 4);
    fake().forget_calls();
    const bool done = copy_strided(
        *context.default_stream(),
        {MemorySide::kDevice, buffer->device_pointer() + static_cast<uint64_t>(to.first), to.strides},
        {MemorySide::kHost, reinterpret_cast<uint64_t>(source.data()) + static_cast<uint64_t>(from.first),
         from.strides},
        shape, 4);
    const int calls = fake().calls("cuMemcpy2DAsync") + fake().calls("cuMemcpy3DAsync");
    if (!done) {
      EXPECT_EQ(calls, 0);
      return -1;
    }
    std::vector<int32_t> result(kBytes / 4);
    copy_to_host_now(*context.default_stream(), result.data(), buffer->device_pointer(), kBytes);

    std::vector<int64_t> index(shape.size(), 0);
    int64_t elements = 1;
    for (const int64_t size : shape) {
      elements *= size;
    }
    std::vector<bool> written(result.size());
    for (int64_t i = 0; i < elements; ++i) {
      int64_t at = from.first;
      int64_t into = to.first;
      for (size_t d = 0; d < shape.size(); ++d) {
        at += index[d] * from.strides[d];
        into += index[d] * to.strides[d];
      }
      EXPECT_EQ(result[static_cast<size_t>(into / 4)], source[static_cast<size_t>(at / 4)])
          << "element " << i;
      written[static_cast<size_t>(into / 4)] = true;
      for (size_t d = shape.size(); d-- > 0;) {
        if (++index[d] < shape[d]) {
          break;
        }
        index[d] = 0;
      }
    }
    for (size_t i = 0; i < result.size(); ++i) {
      EXPECT_TRUE(written[i] || result[i] == 0) << "wrote beside the array, at " << i;
    }
    return calls;
  }
};

TEST_F(CopyTest, Contiguous) { EXPECT_EQ(check({4, 5, 6}, {{120, 24, 4}}, {{120, 24, 4}}), 1); }

TEST_F(CopyTest, FortranOrderOnBothSides) { EXPECT_EQ(check({4, 5, 6}, {{4, 16, 80}}, {{4, 16, 80}}), 1); }

TEST_F(CopyTest, EveryOtherElement) { EXPECT_EQ(check({100}, {{8}}, {{4}}), 1); }

TEST_F(CopyTest, RowsOfAWiderArray) { EXPECT_EQ(check({10, 7}, {{64, 4}}, {{28, 4}}), 1); }

TEST_F(CopyTest, BlockOfALargerVolume) { EXPECT_EQ(check({3, 4, 5}, {{1024, 64, 4}}, {{80, 20, 4}}), 1); }

TEST_F(CopyTest, ReversedOnBothSides) { EXPECT_EQ(check({10}, {{-4}, 36}, {{-4}, 36}), 1); }

TEST_F(CopyTest, ReversedOnOneSide) { EXPECT_EQ(check({10}, {{-4}, 36}, {{4}}), 10); }

TEST_F(CopyTest, Transposed) { EXPECT_EQ(check({6, 5}, {{4, 24}}, {{20, 4}}), 6); }

TEST_F(CopyTest, FourDimensions) {
  EXPECT_EQ(check({2, 3, 4, 5}, {{4096, 1024, 64, 4}}, {{240, 80, 20, 4}}), 2);
}

TEST_F(CopyTest, SizesOfOneDoNotCount) { EXPECT_EQ(check({1, 10, 1}, {{7, 4, 99}}, {{1, 4, 3}}), 1); }

TEST_F(CopyTest, EmptyIsDone) {
  EXPECT_EQ(check({0, 5}, {{20, 4}}, {{20, 4}}), 0);
  EXPECT_EQ(check({}, {{}}, {{}}), 1);
}

TEST_F(CopyTest, DeclinesWhatNeedsTooManyCalls) { EXPECT_EQ(check({100, 10}, {{4, 400}}, {{40, 4}}), -1); }

TEST_F(CopyTest, BroadcastSource) { EXPECT_EQ(check({4, 5}, {{0, 4}}, {{20, 4}}), 4); }

TEST_F(CopyTest, FillsOfEachSize) {
  Context& context = Context::get(0);
  const Stream& stream = *context.default_stream();
  const auto buffer = DeviceBuffer::allocate(context, 16);
  unsigned char bytes[16];
  fill(stream, buffer->device_pointer(), 0xab, 1, 16);
  copy_to_host_now(stream, bytes, buffer->device_pointer(), 16);
  EXPECT_EQ(bytes[15], 0xab);
  fill(stream, buffer->device_pointer(), 0x1234, 2, 8);
  copy_to_host_now(stream, bytes, buffer->device_pointer(), 16);
  EXPECT_EQ(bytes[15], 0x12);
  EXPECT_THROW(fill(stream, buffer->device_pointer(), 0, 8, 2), DriverError);
}

}  // namespace
}  // namespace cantil::host_api
