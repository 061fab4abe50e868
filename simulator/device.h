// The simulated device: a CUDA device of a chosen compute capability whose multiprocessors are this machine's
// threads.
//
// CANTIL_SIM_COMPUTE_CAPABILITY chooses the capability ("8.6"; default 9.0), and with it the limits that
// launches are held to. CANTIL_SIM_MEMORY chooses how much memory it has ("512M"; default: this machine's).
#pragma once
#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cantil::simulator {

// Field for field host_api's.
struct DeviceProperties {
  std::string name;
  std::string pci_bus_id;
  std::array<unsigned char, 16> uuid{};
  size_t total_memory = 0;
  int compute_major = 0;
  int compute_minor = 0;
  int warp_size = 32;
  int multiprocessors = 0;
  unsigned max_threads_per_block = 1024;
  unsigned max_threads_per_multiprocessor = 0;
  std::array<unsigned, 3> max_block{1024, 1024, 64};
  std::array<unsigned, 3> max_grid{2147483647, 65535, 65535};
  unsigned shared_per_block = 49152;
  unsigned shared_per_block_optin = 0;
  unsigned shared_per_multiprocessor = 0;
  unsigned registers_per_block = 65536;
  unsigned registers_per_multiprocessor = 65536;
  int clock_khz = 0;
  int memory_clock_khz = 0;
  int memory_bus_bits = 64;
  int l2_bytes = 0;
  bool unified_addressing = true;
  bool managed_memory = true;
  bool concurrent_managed_access = true;
  bool can_map_host_memory = true;
  bool cooperative_launch = true;
  bool memory_pools = true;
  bool integrated = true;

  int compute_capability() const { return compute_major * 10 + compute_minor; }
};

class Device {
 public:
  static int count() { return 1; }
  // Throws DriverError for any ordinal but 0, and for a compute capability that is not known.
  static Device& get(int ordinal);

  int ordinal() const { return 0; }
  const DeviceProperties& properties() const { return properties_; }
  std::string uuid_text() const;
  // By the driver's name without CU_DEVICE_ATTRIBUTE_; nothing for names that have no meaning here.
  std::optional<int> attribute(std::string_view name) const;
  std::vector<std::pair<std::string_view, int>> attributes() const;

  struct MemoryInfo {
    size_t free;
    size_t total;
  };
  MemoryInfo memory_info() const;

  Device(const Device&) = delete;
  Device& operator=(const Device&) = delete;

 private:
  explicit Device(std::string_view capability);
  DeviceProperties properties_;
};

}  // namespace cantil::simulator
