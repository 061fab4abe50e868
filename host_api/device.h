// The devices that the driver offers, and what they can do.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "host_api/driver.h"

namespace cantil::host_api {

// What launches and allocations look at often, asked for once.
struct DeviceProperties {
  std::string name;
  std::string pci_bus_id;  // 0000:3b:00.0
  std::array<unsigned char, 16> uuid{};
  size_t total_memory = 0;
  int compute_major = 0;
  int compute_minor = 0;
  int warp_size = 0;
  int multiprocessors = 0;
  unsigned max_threads_per_block = 0;
  unsigned max_threads_per_multiprocessor = 0;
  std::array<unsigned, 3> max_block{};
  std::array<unsigned, 3> max_grid{};
  unsigned shared_per_block = 0;        // without opting in
  unsigned shared_per_block_optin = 0;  // the most that a kernel can be given
  unsigned shared_per_multiprocessor = 0;
  unsigned registers_per_block = 0;
  unsigned registers_per_multiprocessor = 0;
  int clock_khz = 0;
  int memory_clock_khz = 0;
  int memory_bus_bits = 0;
  int l2_bytes = 0;
  bool unified_addressing = false;
  bool managed_memory = false;
  bool concurrent_managed_access = false;
  bool can_map_host_memory = false;
  bool cooperative_launch = false;
  bool memory_pools = false;
  bool integrated = false;

  // 90 for compute capability 9.0.
  int compute_capability() const { return compute_major * 10 + compute_minor; }
};

class Device {
 public:
  static int count();
  // Made at first use and kept; throws DriverError(CUDA_ERROR_INVALID_DEVICE) where there is no such device.
  static const Device& get(int ordinal);

  int ordinal() const { return ordinal_; }
  cu::Device handle() const { return handle_; }
  const Driver& driver() const { return driver_; }
  const DeviceProperties& properties() const { return properties_; }
  // GPU-xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx, as nvidia-smi writes it.
  std::string uuid_text() const;

  // Any attribute, by the driver's number or by its name without CU_DEVICE_ATTRIBUTE_.
  int attribute(int number) const;
  int attribute(std::string_view name) const;
  static std::optional<int> attribute_number(std::string_view name);
  static const std::vector<std::pair<std::string_view, int>>& attribute_names();

  bool can_access_peer(const Device& peer) const;

  Device(const Device&) = delete;
  Device& operator=(const Device&) = delete;

 private:
  friend struct TestAccess;
  Device(const Driver& driver, int ordinal);
  static void forget() noexcept;

  const Driver& driver_;
  int ordinal_;
  cu::Device handle_ = 0;
  DeviceProperties properties_;
};

}  // namespace cantil::host_api
