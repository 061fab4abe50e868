// Copies and fills.
#include "host_api/copy.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <string>
#include <vector>

namespace cantil::host_api {
namespace {

struct Dimension {
  int64_t size;
  int64_t to;
  int64_t from;
};

// The dimensions that matter, from the innermost outwards: of more than one element, ordered by stride, and
// merged where two are one run of memory on both sides.
std::vector<Dimension> normalize(const StridedSide& to, const StridedSide& from,
                                 std::span<const int64_t> shape, size_t item_bytes, uint64_t& to_address,
                                 uint64_t& from_address) {
  std::vector<Dimension> dimensions;
  for (size_t i = 0; i < shape.size(); ++i) {
    if (shape[i] == 1) {
      continue;
    }
    Dimension d{shape[i], to.strides[i], from.strides[i]};
    // Walked backwards on both sides is the same as forwards from the other end.
    if (d.to < 0 && d.from < 0) {
      to_address += static_cast<uint64_t>((d.size - 1) * d.to);
      from_address += static_cast<uint64_t>((d.size - 1) * d.from);
      d.to = -d.to;
      d.from = -d.from;
    }
    dimensions.push_back(d);
  }
  std::stable_sort(dimensions.begin(), dimensions.end(), [](const Dimension& a, const Dimension& b) {
    return std::abs(a.to) != std::abs(b.to) ? std::abs(a.to) < std::abs(b.to)
                                            : std::abs(a.from) < std::abs(b.from);
  });
  const auto item = static_cast<int64_t>(item_bytes);
  // One row of bytes as dimension 0, so that items and runs of items are the same thing.
  std::vector<Dimension> merged{{item, 1, 1}};
  for (const Dimension& d : dimensions) {
    Dimension& last = merged.back();
    if (d.to == last.size * last.to && d.from == last.size * last.from) {
      last.size *= d.size;
    } else {
      merged.push_back(d);
    }
  }
  return merged;
}

bool pitched(const Dimension& row, const Dimension& d) { return d.to >= row.size && d.from >= row.size; }

void set_source(cu::Memcpy2D& copy, MemorySide side, uint64_t address, size_t pitch) {
  copy.src_memory_type = side == MemorySide::kHost ? cu::kMemoryTypeHost : cu::kMemoryTypeDevice;
  if (side == MemorySide::kHost) {
    copy.src_host = reinterpret_cast<const void*>(address);
  } else {
    copy.src_device = address;
  }
  copy.src_pitch = pitch;
}

void set_destination(cu::Memcpy2D& copy, MemorySide side, uint64_t address, size_t pitch) {
  copy.dst_memory_type = side == MemorySide::kHost ? cu::kMemoryTypeHost : cu::kMemoryTypeDevice;
  if (side == MemorySide::kHost) {
    copy.dst_host = reinterpret_cast<void*>(address);
  } else {
    copy.dst_device = address;
  }
  copy.dst_pitch = pitch;
}

// Whether the driver can say the outer dimension in whole rows of the inner one, which its 3-D copy needs.
bool stacked(const Dimension& row, const Dimension& plane) {
  return plane.to > 0 && plane.from > 0 && plane.to % row.to == 0 && plane.from % row.from == 0 &&
         plane.to / row.to >= row.size && plane.from / row.from >= row.size;
}

void copy_block(const Driver& driver, const Stream& stream, MemorySide to_side, uint64_t to,
                MemorySide from_side, uint64_t from, std::span<const Dimension> block) {
  cu::Memcpy2D flat{};
  const bool rows = block.size() > 1;
  set_destination(flat, to_side, to, rows ? static_cast<size_t>(block[1].to) : 0);
  set_source(flat, from_side, from, rows ? static_cast<size_t>(block[1].from) : 0);
  flat.width_bytes = static_cast<size_t>(block[0].size);
  flat.height = rows ? static_cast<size_t>(block[1].size) : 1;
  if (block.size() < 3) {
    driver.cuMemcpy2DAsync(&flat, stream.handle());
    return;
  }
  cu::Memcpy3D copy{};
  copy.src_memory_type = flat.src_memory_type;
  copy.src_host = flat.src_host;
  copy.src_device = flat.src_device;
  copy.src_pitch = flat.src_pitch;
  copy.src_height = static_cast<size_t>(block[2].from / block[1].from);
  copy.dst_memory_type = flat.dst_memory_type;
  copy.dst_host = flat.dst_host;
  copy.dst_device = flat.dst_device;
  copy.dst_pitch = flat.dst_pitch;
  copy.dst_height = static_cast<size_t>(block[2].to / block[1].to);
  copy.width_bytes = flat.width_bytes;
  copy.height = flat.height;
  copy.depth = static_cast<size_t>(block[2].size);
  driver.cuMemcpy3DAsync(&copy, stream.handle());
}

}  // namespace

void copy_to_device(const Stream& stream, cu::DevicePtr to, const void* from, size_t bytes) {
  if (bytes != 0) {
    const CurrentScope scope(stream.context());
    stream.context().driver().cuMemcpyHtoDAsync(to, from, bytes, stream.handle());
  }
}

void copy_to_host(const Stream& stream, void* to, cu::DevicePtr from, size_t bytes) {
  if (bytes != 0) {
    const CurrentScope scope(stream.context());
    stream.context().driver().cuMemcpyDtoHAsync(to, from, bytes, stream.handle());
  }
}

void copy_on_device(const Stream& stream, cu::DevicePtr to, cu::DevicePtr from, size_t bytes) {
  if (bytes != 0) {
    const CurrentScope scope(stream.context());
    stream.context().driver().cuMemcpyDtoDAsync(to, from, bytes, stream.handle());
  }
}

void copy_between_devices(const Stream& stream, Context& to_context, cu::DevicePtr to, Context& from_context,
                          cu::DevicePtr from, size_t bytes) {
  if (bytes != 0) {
    const CurrentScope scope(stream.context());
    stream.context().driver().cuMemcpyPeerAsync(to, to_context.handle(), from, from_context.handle(), bytes,
                                                stream.handle());
  }
}

void copy_to_device_now(const Stream& stream, cu::DevicePtr to, const void* from, size_t bytes) {
  if (bytes == 0) {
    return;
  }
  const CurrentScope scope(stream.context());
  const Driver& driver = stream.context().driver();
  if (stream.is_legacy()) {
    driver.cuMemcpyHtoD(to, from, bytes);  // one call instead of two
  } else {
    driver.cuMemcpyHtoDAsync(to, from, bytes, stream.handle());
    driver.cuStreamSynchronize(stream.handle());
  }
}

void copy_to_host_now(const Stream& stream, void* to, cu::DevicePtr from, size_t bytes) {
  if (bytes == 0) {
    return;
  }
  const CurrentScope scope(stream.context());
  const Driver& driver = stream.context().driver();
  if (stream.is_legacy()) {
    driver.cuMemcpyDtoH(to, from, bytes);
  } else {
    driver.cuMemcpyDtoHAsync(to, from, bytes, stream.handle());
    driver.cuStreamSynchronize(stream.handle());
  }
}

bool copy_strided(const Stream& stream, StridedSide to, StridedSide from, std::span<const int64_t> shape,
                  size_t item_bytes, size_t max_calls) {
  if (item_bytes == 0 || std::find(shape.begin(), shape.end(), 0) != shape.end()) {
    return true;
  }
  uint64_t to_address = to.address;
  uint64_t from_address = from.address;
  const std::vector<Dimension> dimensions = normalize(to, from, shape, item_bytes, to_address, from_address);

  // How many inner dimensions one call takes; the rest are counted through here.
  size_t inner = 1;
  if (dimensions.size() > 1 && pitched(dimensions[0], dimensions[1])) {
    inner = 2;
    if (dimensions.size() > 2 && stacked(dimensions[1], dimensions[2])) {
      inner = 3;
    }
  }
  size_t calls = 1;
  for (size_t i = inner; i < dimensions.size(); ++i) {
    calls *= static_cast<size_t>(dimensions[i].size);
    if (calls > max_calls) {
      return false;
    }
  }

  const CurrentScope scope(stream.context());
  const Driver& driver = stream.context().driver();
  std::vector<int64_t> index(dimensions.size(), 0);
  for (size_t call = 0; call < calls; ++call) {
    uint64_t to_now = to_address;
    uint64_t from_now = from_address;
    for (size_t i = inner; i < dimensions.size(); ++i) {
      to_now += static_cast<uint64_t>(index[i] * dimensions[i].to);
      from_now += static_cast<uint64_t>(index[i] * dimensions[i].from);
    }
    copy_block(driver, stream, to.side, to_now, from.side, from_now, std::span(dimensions).first(inner));
    for (size_t i = inner; i < dimensions.size(); ++i) {
      if (++index[i] < dimensions[i].size) {
        break;
      }
      index[i] = 0;
    }
  }
  return true;
}

void fill(const Stream& stream, cu::DevicePtr to, uint32_t value, size_t value_bytes, size_t count) {
  if (count == 0) {
    return;
  }
  const CurrentScope scope(stream.context());
  const Driver& driver = stream.context().driver();
  switch (value_bytes) {
    case 1:
      driver.cuMemsetD8Async(to, static_cast<unsigned char>(value), count, stream.handle());
      return;
    case 2:
      driver.cuMemsetD16Async(to, static_cast<unsigned short>(value), count, stream.handle());
      return;
    case 4:
      driver.cuMemsetD32Async(to, value, count, stream.handle());
      return;
    default:
      throw DriverError("cuMemset", cu::kErrorInvalidValue,
                        "Values of " + std::to_string(value_bytes) + " bytes cannot be filled in.");
  }
}

}  // namespace cantil::host_api
