// Copies between host and simulated device, and fills. Each checks its device side first and throws
// DriverError.
#pragma once
#include <cstddef>
#include <cstdint>
#include <span>

namespace cantil::simulator {

void copy_to_device(uint64_t to, const void* from, size_t bytes);
void copy_to_host(void* to, uint64_t from, size_t bytes);
void copy_on_device(uint64_t to, uint64_t from, size_t bytes);
// `count` values of 1, 2 or 4 bytes.
void fill(uint64_t to, uint32_t value, size_t value_bytes, size_t count);

// Item by item between two layouts on the device; strides are in bytes and may be negative or 0 (on the
// source).
void copy_strided(uint64_t to, std::span<const int64_t> to_strides, uint64_t from,
                  std::span<const int64_t> from_strides, std::span<const int64_t> shape, size_t item_bytes);

}  // namespace cantil::simulator
