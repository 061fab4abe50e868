// Moving and filling memory: one-dimensional, pitched and strided, in the order of a stream.
//
// Each call only enqueues, save that a copy from or to pageable host memory may be carried out, or staged,
// before it returns. Host memory must stay valid until the stream has got there; the *_now forms wait for
// that themselves.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "host_api/stream.h"

namespace cantil::host_api {

void copy_to_device(const Stream& stream, cu::DevicePtr to, const void* from, size_t bytes);
void copy_to_host(const Stream& stream, void* to, cu::DevicePtr from, size_t bytes);
void copy_on_device(const Stream& stream, cu::DevicePtr to, cu::DevicePtr from, size_t bytes);
// Between devices, with or without peer access; on a stream of either.
void copy_between_devices(const Stream& stream, Context& to_context, cu::DevicePtr to, Context& from_context,
                          cu::DevicePtr from, size_t bytes);

// Returns when the host memory may be used again.
void copy_to_device_now(const Stream& stream, cu::DevicePtr to, const void* from, size_t bytes);
// Returns when the host memory has the data.
void copy_to_host_now(const Stream& stream, void* to, cu::DevicePtr from, size_t bytes);

enum class MemorySide { kHost, kDevice };

struct StridedSide {
  MemorySide side;
  uint64_t address;                  // of the first element
  std::span<const int64_t> strides;  // in bytes, one a dimension, of any sign
};

// Copies an array of `shape` elements of `item_bytes` from one layout to another, with as few driver calls as
// pitched copies allow. Returns false, having done nothing, where that would take more than `max_calls` of
// them: staging through a contiguous array is then the better way.
bool copy_strided(const Stream& stream, StridedSide to, StridedSide from, std::span<const int64_t> shape,
                  size_t item_bytes, size_t max_calls = 64);

// Fills with a repeated value of 1, 2 or 4 bytes; the pointer must be aligned to it.
void fill(const Stream& stream, cu::DevicePtr to, uint32_t value, size_t value_bytes, size_t count);

}  // namespace cantil::host_api
