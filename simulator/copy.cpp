// Copies and fills on the simulated device.
#include "simulator/copy.h"

#include <cstring>

#include "simulator/error.h"
#include "simulator/memory.h"

namespace cantil::simulator {
namespace {

unsigned char* at(uint64_t address) { return reinterpret_cast<unsigned char*>(address); }

// The bytes that a layout touches, all of which must be the device's.
void check_layout(uint64_t address, std::span<const int64_t> strides, std::span<const int64_t> shape,
                  size_t item_bytes) {
  int64_t low = 0, high = 0;
  for (size_t k = 0; k < shape.size(); ++k) {
    const int64_t reach = (shape[k] - 1) * strides[k];
    (reach < 0 ? low : high) += reach;
  }
  check_device_range("cuMemcpy3D", address + static_cast<uint64_t>(low),
                     static_cast<size_t>(high - low) + item_bytes);
}

void copy_axis(unsigned char* to, const unsigned char* from, std::span<const int64_t> to_strides,
               std::span<const int64_t> from_strides, std::span<const int64_t> shape, size_t item_bytes) {
  if (shape.empty()) {
    std::memmove(to, from, item_bytes);
    return;
  }
  const auto item = static_cast<int64_t>(item_bytes);
  if (shape.size() == 1 && to_strides[0] == item && from_strides[0] == item) {
    std::memmove(to, from, static_cast<size_t>(shape[0]) * item_bytes);
    return;
  }
  for (int64_t k = 0; k < shape[0]; ++k) {
    copy_axis(to + k * to_strides[0], from + k * from_strides[0], to_strides.subspan(1),
              from_strides.subspan(1), shape.subspan(1), item_bytes);
  }
}

}  // namespace

void copy_to_device(uint64_t to, const void* from, size_t bytes) {
  check_device_range("cuMemcpyHtoD", to, bytes);
  if (bytes != 0) std::memmove(at(to), from, bytes);
}

void copy_to_host(void* to, uint64_t from, size_t bytes) {
  check_device_range("cuMemcpyDtoH", from, bytes);
  if (bytes != 0) std::memmove(to, at(from), bytes);
}

void copy_on_device(uint64_t to, uint64_t from, size_t bytes) {
  check_device_range("cuMemcpyDtoD", to, bytes);
  check_device_range("cuMemcpyDtoD", from, bytes);
  if (bytes != 0) std::memmove(at(to), at(from), bytes);
}

void fill(uint64_t to, uint32_t value, size_t value_bytes, size_t count) {
  check_device_range("cuMemset", to, value_bytes * count);
  switch (value_bytes) {
    case 1:
      std::memset(at(to), static_cast<int>(value & 255), count);
      break;
    case 2:
    case 4:
      if (to % value_bytes != 0) {
        throw DriverError("cuMemset", kErrorInvalidValue,
                          "the address is not a multiple of the value's size.");
      }
      for (size_t k = 0; k < count; ++k) std::memcpy(at(to) + k * value_bytes, &value, value_bytes);
      break;
    default:
      throw DriverError("cuMemset", kErrorInvalidValue, "values of 1, 2 or 4 bytes can be filled in.");
  }
}

void copy_strided(uint64_t to, std::span<const int64_t> to_strides, uint64_t from,
                  std::span<const int64_t> from_strides, std::span<const int64_t> shape, size_t item_bytes) {
  for (const int64_t extent : shape) {
    if (extent == 0) return;
  }
  check_layout(to, to_strides, shape, item_bytes);
  check_layout(from, from_strides, shape, item_bytes);
  copy_axis(at(to), at(from), to_strides, from_strides, shape, item_bytes);
}

}  // namespace cantil::simulator
