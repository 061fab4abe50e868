// The buffers and the table of their ranges.
#include "simulator/memory.h"

#include <sys/mman.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "simulator/device.h"
#include "simulator/error.h"

namespace cantil::simulator {
namespace {

constexpr size_t kAlign = 256;
constexpr size_t kHuge = size_t{4} << 20;

struct Table {
  std::mutex mutex;
  std::multimap<uint64_t, size_t> ranges;  // start to size; wrapped ones may overlap
  size_t allocated = 0;
  size_t on_device = 0, on_device_high = 0;
  struct Freed {
    void* data;
    size_t bytes;
    MemoryKind kind;
  };
  int suspended = 0;
  std::vector<Freed> waiting;

  void add(size_t bytes, MemoryKind kind) {
    allocated += bytes;
    if (kind == MemoryKind::kPinned) return;
    on_device += bytes;
    on_device_high = std::max(on_device_high, on_device);
  }
  void subtract(size_t bytes, MemoryKind kind) {
    allocated -= bytes;
    if (kind != MemoryKind::kPinned) on_device -= bytes;
  }
};

// Never destroyed: buffers may outlive everything else.
Table& table() {
  static Table* t = new Table;
  return *t;
}

bool is_allocated_here(MemoryKind kind) {
  return kind == MemoryKind::kDevice || kind == MemoryKind::kPinned || kind == MemoryKind::kManaged;
}

std::string hexadecimal(uint64_t v) {
  char text[24];
  std::snprintf(text, sizeof text, "0x%llx", static_cast<unsigned long long>(v));
  return text;
}

}  // namespace

DeviceBuffer::DeviceBuffer(void* data, size_t bytes, MemoryKind kind, std::shared_ptr<void> owner)
    : data_(data), bytes_(bytes), kind_(kind), owner_(std::move(owner)) {
  if (bytes_ == 0) return;
  Table& t = table();
  std::lock_guard lock(t.mutex);
  t.ranges.emplace(device_pointer(), bytes_);
  if (is_allocated_here(kind_)) t.add(bytes_, kind_);
}

DeviceBuffer::~DeviceBuffer() {
  if (bytes_ != 0) {
    Table& t = table();
    std::lock_guard lock(t.mutex);
    auto [at, end] = t.ranges.equal_range(device_pointer());
    while (at != end && at->second != bytes_) ++at;
    if (at != end) t.ranges.erase(at);
    if (is_allocated_here(kind_) && t.suspended > 0) {
      t.waiting.push_back({data_, bytes_, kind_});
      return;
    }
    if (is_allocated_here(kind_)) t.subtract(bytes_, kind_);
  }
  if (is_allocated_here(kind_)) std::free(data_);
}

std::shared_ptr<DeviceBuffer> DeviceBuffer::allocate(size_t bytes, MemoryKind kind) {
  void* data = nullptr;
  if (bytes != 0) {
    const Device::MemoryInfo info = Device::get(0).memory_info();
    if (bytes <= info.free) data = std::aligned_alloc(kAlign, (bytes + kAlign - 1) / kAlign * kAlign);
    // Big arrays are touched from end to end: huge pages spare most of the page faults. A refusal costs
    // nothing.
    if (data != nullptr && bytes >= kHuge) {
      const uint64_t begin = (reinterpret_cast<uint64_t>(data) + 4095) / 4096 * 4096;
      madvise(reinterpret_cast<void*>(begin), reinterpret_cast<uint64_t>(data) + bytes - begin,
              MADV_HUGEPAGE);
    }
    if (data == nullptr) {
      throw DriverError("cuMemAlloc", kErrorOutOfMemory,
                        std::to_string(bytes) + " bytes were asked for, and the simulated device has " +
                            std::to_string(info.free) + " of " + std::to_string(info.total) + " left.");
    }
  }
  return std::shared_ptr<DeviceBuffer>(new DeviceBuffer(data, bytes, kind, nullptr));
}

std::shared_ptr<DeviceBuffer> DeviceBuffer::wrap(void* memory, size_t bytes, MemoryKind kind,
                                                 std::shared_ptr<void> owner) {
  return std::shared_ptr<DeviceBuffer>(new DeviceBuffer(memory, bytes, kind, std::move(owner)));
}

size_t allocated_bytes() {
  Table& t = table();
  std::lock_guard lock(t.mutex);
  return t.allocated;
}

MemoryUse memory_use() {
  Table& t = table();
  std::lock_guard lock(t.mutex);
  return {t.on_device, t.on_device_high};
}

void suspend_freeing() {
  Table& t = table();
  std::lock_guard lock(t.mutex);
  ++t.suspended;
}

void resume_freeing() {
  Table& t = table();
  std::lock_guard lock(t.mutex);
  if (t.suspended == 0 || --t.suspended > 0) return;
  for (const Table::Freed& f : t.waiting) {
    t.subtract(f.bytes, f.kind);
    std::free(f.data);
  }
  t.waiting.clear();
}

size_t waiting_to_be_freed() {
  Table& t = table();
  std::lock_guard lock(t.mutex);
  return t.waiting.size();
}

size_t buffer_count() {
  Table& t = table();
  std::lock_guard lock(t.mutex);
  return t.ranges.size();
}

void check_device_range(const char* call, uint64_t address, size_t bytes) {
  if (bytes == 0) return;
  Table& t = table();
  std::lock_guard lock(t.mutex);
  // Ranges that begin after the address cannot hold it; of the others the nearest is nearly always the one.
  for (auto it = t.ranges.upper_bound(address); it != t.ranges.begin();) {
    --it;
    const uint64_t offset = address - it->first;
    if (offset <= it->second && bytes <= it->second - offset) return;
  }
  throw DriverError(call, kErrorInvalidValue,
                    std::to_string(bytes) + " bytes at " + hexadecimal(address) +
                        " are not within one allocation of the device.");
}

}  // namespace cantil::simulator
