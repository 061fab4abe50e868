// The limits of each compute capability, and this machine's share of the properties.
#include "simulator/device.h"

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "device_runtime/abi.h"
#include "simulator/error.h"
#include "simulator/memory.h"

namespace cantil::simulator {
namespace {

// CUDA C++ Programming Guide, "Technical Specifications per Compute Capability".
struct Capability {
  int major, minor;
  unsigned threads_per_multiprocessor;
  unsigned shared_per_multiprocessor;  // bytes
  unsigned shared_per_block_optin;
};
constexpr Capability kCapabilities[] = {
    {7, 0, 2048, 96 << 10, 96 << 10},    {7, 2, 2048, 96 << 10, 96 << 10},
    {7, 5, 1024, 64 << 10, 64 << 10},    {8, 0, 2048, 164 << 10, 163 << 10},
    {8, 6, 1536, 100 << 10, 99 << 10},   {8, 7, 1536, 164 << 10, 163 << 10},
    {8, 9, 1536, 100 << 10, 99 << 10},   {9, 0, 2048, 228 << 10, 227 << 10},
    {10, 0, 2048, 228 << 10, 227 << 10}, {10, 3, 2048, 228 << 10, 227 << 10},
    {12, 0, 1536, 100 << 10, 99 << 10},  {12, 1, 1536, 100 << 10, 99 << 10},
};

const Capability& capability_of(std::string_view text) {
  for (const Capability& c : kCapabilities) {
    if (text == std::to_string(c.major) + "." + std::to_string(c.minor)) return c;
  }
  throw DriverError(
      "cuDeviceGet", kErrorInvalidDevice,
      "CANTIL_SIM_COMPUTE_CAPABILITY is '" + std::string(text) +
          "', and the simulator knows 7.0, 7.2, 7.5, 8.0, 8.6, 8.7, 8.9, 9.0, 10.0, 10.3, 12.0 and 12.1.");
}

size_t physical_memory() {
  return static_cast<size_t>(sysconf(_SC_PHYS_PAGES)) * static_cast<size_t>(sysconf(_SC_PAGE_SIZE));
}

// CANTIL_SIM_MEMORY: bytes, with a suffix K, M or G: "512M".
size_t memory_size() {
  const char* text = std::getenv("CANTIL_SIM_MEMORY");
  if (text == nullptr || *text == 0) return physical_memory();
  char* end = nullptr;
  const double number = std::strtod(text, &end);
  const std::string_view suffix(end);
  const std::pair<std::string_view, double> kFactors[] = {{"", 1},         {"K", 1 << 10},   {"M", 1 << 20},
                                                          {"G", 1 << 30},  {"KiB", 1 << 10}, {"MiB", 1 << 20},
                                                          {"GiB", 1 << 30}};
  for (const auto& [name, factor] : kFactors) {
    if (end != text && suffix == name && number >= 0) return static_cast<size_t>(number * factor);
  }
  throw DriverError("cuDeviceTotalMem", kErrorInvalidValue,
                    "CANTIL_SIM_MEMORY is '" + std::string(text) +
                        "', and is a number of bytes, also with K, M or G behind it.");
}

}  // namespace

Device& Device::get(int ordinal) {
  if (ordinal != 0) {
    throw DriverError(
        "cuDeviceGet", kErrorInvalidDevice,
        "the simulator has one device, number 0, and number " + std::to_string(ordinal) + " was asked for.");
  }
  static Device* device = [] {
    const char* text = std::getenv("CANTIL_SIM_COMPUTE_CAPABILITY");
    return new Device(text != nullptr && *text != 0 ? text : "9.0");
  }();
  return *device;
}

Device::Device(std::string_view capability) {
  const Capability& c = capability_of(capability);
  DeviceProperties& p = properties_;
  p.name = "Cantil simulator";
  p.pci_bus_id = "0000:00:00.0";
  std::memcpy(p.uuid.data(), "cantil-simulator", p.uuid.size());
  p.total_memory = memory_size();
  p.compute_major = c.major;
  p.compute_minor = c.minor;
  p.multiprocessors = cantil_rt_max_threads();
  p.max_threads_per_multiprocessor = c.threads_per_multiprocessor;
  p.shared_per_block_optin = c.shared_per_block_optin;
  p.shared_per_multiprocessor = c.shared_per_multiprocessor;
  p.clock_khz = 1000000;
  p.memory_clock_khz = 1000000;
  const long l3 = sysconf(_SC_LEVEL3_CACHE_SIZE);
  p.l2_bytes = l3 > 0 ? static_cast<int>(l3) : 0;
}

std::string Device::uuid_text() const {
  std::string text = "GPU-";
  for (size_t k = 0; k < properties_.uuid.size(); ++k) {
    if (k == 4 || k == 6 || k == 8 || k == 10) text += '-';
    char digits[3];
    std::snprintf(digits, sizeof digits, "%02x", properties_.uuid[k]);
    text += digits;
  }
  return text;
}

std::vector<std::pair<std::string_view, int>> Device::attributes() const {
  const DeviceProperties& p = properties_;
  const auto as_int = [](unsigned v) { return static_cast<int>(v); };
  return {
      {"MAX_THREADS_PER_BLOCK", as_int(p.max_threads_per_block)},
      {"MAX_BLOCK_DIM_X", as_int(p.max_block[0])},
      {"MAX_BLOCK_DIM_Y", as_int(p.max_block[1])},
      {"MAX_BLOCK_DIM_Z", as_int(p.max_block[2])},
      {"MAX_GRID_DIM_X", as_int(p.max_grid[0])},
      {"MAX_GRID_DIM_Y", as_int(p.max_grid[1])},
      {"MAX_GRID_DIM_Z", as_int(p.max_grid[2])},
      {"MAX_SHARED_MEMORY_PER_BLOCK", as_int(p.shared_per_block)},
      {"MAX_SHARED_MEMORY_PER_BLOCK_OPTIN", as_int(p.shared_per_block_optin)},
      {"MAX_SHARED_MEMORY_PER_MULTIPROCESSOR", as_int(p.shared_per_multiprocessor)},
      {"RESERVED_SHARED_MEMORY_PER_BLOCK", 1024},
      {"TOTAL_CONSTANT_MEMORY", 65536},
      {"WARP_SIZE", p.warp_size},
      {"MAX_PITCH", 2147483647},
      {"MAX_REGISTERS_PER_BLOCK", as_int(p.registers_per_block)},
      {"MAX_REGISTERS_PER_MULTIPROCESSOR", as_int(p.registers_per_multiprocessor)},
      {"CLOCK_RATE", p.clock_khz},
      {"MEMORY_CLOCK_RATE", p.memory_clock_khz},
      {"GLOBAL_MEMORY_BUS_WIDTH", p.memory_bus_bits},
      {"L2_CACHE_SIZE", p.l2_bytes},
      {"TEXTURE_ALIGNMENT", 512},
      {"MULTIPROCESSOR_COUNT", p.multiprocessors},
      {"MAX_THREADS_PER_MULTIPROCESSOR", as_int(p.max_threads_per_multiprocessor)},
      {"MAX_BLOCKS_PER_MULTIPROCESSOR", 32},
      {"KERNEL_EXEC_TIMEOUT", 0},
      {"INTEGRATED", p.integrated},
      {"CAN_MAP_HOST_MEMORY", p.can_map_host_memory},
      {"COMPUTE_MODE", 0},
      {"CONCURRENT_KERNELS", 1},
      {"ECC_ENABLED", 0},
      {"PCI_BUS_ID", 0},
      {"PCI_DEVICE_ID", 0},
      {"PCI_DOMAIN_ID", 0},
      {"TCC_DRIVER", 0},
      {"ASYNC_ENGINE_COUNT", 1},
      {"UNIFIED_ADDRESSING", p.unified_addressing},
      {"COMPUTE_CAPABILITY_MAJOR", p.compute_major},
      {"COMPUTE_CAPABILITY_MINOR", p.compute_minor},
      {"STREAM_PRIORITIES_SUPPORTED", 0},
      {"GLOBAL_L1_CACHE_SUPPORTED", 1},
      {"LOCAL_L1_CACHE_SUPPORTED", 1},
      {"MANAGED_MEMORY", p.managed_memory},
      {"MULTI_GPU_BOARD", 0},
      {"PAGEABLE_MEMORY_ACCESS", 1},
      {"CONCURRENT_MANAGED_ACCESS", p.concurrent_managed_access},
      {"COMPUTE_PREEMPTION_SUPPORTED", 1},
      {"CAN_USE_HOST_POINTER_FOR_REGISTERED_MEM", 1},
      {"COOPERATIVE_LAUNCH", p.cooperative_launch},
      {"PAGEABLE_MEMORY_ACCESS_USES_HOST_PAGE_TABLES", 1},
      {"DIRECT_MANAGED_MEM_ACCESS_FROM_HOST", 1},
      {"MEMORY_POOLS_SUPPORTED", p.memory_pools},
  };
}

std::optional<int> Device::attribute(std::string_view name) const {
  for (const auto& [known, value] : attributes()) {
    if (known == name) return value;
  }
  return std::nullopt;
}

Device::MemoryInfo Device::memory_info() const {
  const size_t used = allocated_bytes();
  const size_t total = properties_.total_memory;
  return {used < total ? total - used : 0, total};
}

}  // namespace cantil::simulator
