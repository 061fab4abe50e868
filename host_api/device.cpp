// Asks the driver about its devices.
#include "host_api/device.h"

#include <algorithm>
#include <memory>
#include <mutex>

namespace cantil::host_api {
namespace {

std::mutex registry_mutex;
// Never destroyed, like the driver: see driver.cpp.
std::vector<std::unique_ptr<Device>>& registry() {
  static auto* devices = new std::vector<std::unique_ptr<Device>>;
  return *devices;
}

namespace attribute {
enum Number : int {
#define X(name, number) name = number,
#include "host_api/device_attributes.def"
#undef X
};
}  // namespace attribute

}  // namespace

int Device::count() {
  int count = 0;
  Driver::get().cuDeviceGetCount(&count);
  return count;
}

const Device& Device::get(int ordinal) {
  const Driver& driver = Driver::get();
  const std::lock_guard lock(registry_mutex);
  auto& devices = registry();
  if (ordinal >= 0 && static_cast<size_t>(ordinal) < devices.size() && devices[ordinal] != nullptr) {
    return *devices[ordinal];
  }
  int count = 0;
  driver.cuDeviceGetCount(&count);
  if (ordinal < 0 || ordinal >= count) {
    throw DriverError("cuDeviceGet", cu::kErrorInvalidDevice,
                      "Device " + std::to_string(ordinal) + " was asked for and there are " +
                          std::to_string(count) + ", numbered from 0.");
  }
  std::unique_ptr<Device> made(new Device(driver, ordinal));
  devices.resize(std::max<size_t>(devices.size(), count));
  devices[ordinal] = std::move(made);
  return *devices[ordinal];
}

void Device::forget() noexcept {
  const std::lock_guard lock(registry_mutex);
  registry().clear();
}

Device::Device(const Driver& driver, int ordinal) : driver_(driver), ordinal_(ordinal) {
  driver.cuDeviceGet(&handle_, ordinal);
  DeviceProperties& p = properties_;

  char text[256] = {};
  driver.cuDeviceGetName(text, sizeof text, handle_);
  p.name = text;
  driver.cuDeviceGetPCIBusId(text, sizeof text, handle_);
  p.pci_bus_id = text;
  cu::Uuid uuid{};
  driver.cuDeviceGetUuid(&uuid, handle_);
  std::copy(std::begin(uuid.bytes), std::end(uuid.bytes), p.uuid.begin());
  driver.cuDeviceTotalMem(&p.total_memory, handle_);

  const auto ask = [&](int number) { return attribute(number); };
  const auto ask_unsigned = [&](int number) { return static_cast<unsigned>(std::max(0, attribute(number))); };
  // A driver older than an attribute answers INVALID_VALUE; the device then lacks what the attribute is
  // about.
  const auto ask_newer = [&](int number) {
    int value = 0;
    const cu::Result result = driver.cuDeviceGetAttribute.try_call(&value, number, handle_);
    if (result != cu::kSuccess && result != cu::kErrorInvalidValue) {
      throw_driver_error(driver.cuDeviceGetAttribute.name(), result);
    }
    return result == cu::kSuccess ? value : 0;
  };

  using namespace attribute;
  p.compute_major = ask(COMPUTE_CAPABILITY_MAJOR);
  p.compute_minor = ask(COMPUTE_CAPABILITY_MINOR);
  p.warp_size = ask(WARP_SIZE);
  p.multiprocessors = ask(MULTIPROCESSOR_COUNT);
  p.max_threads_per_block = ask_unsigned(MAX_THREADS_PER_BLOCK);
  p.max_threads_per_multiprocessor = ask_unsigned(MAX_THREADS_PER_MULTIPROCESSOR);
  p.max_block = {ask_unsigned(MAX_BLOCK_DIM_X), ask_unsigned(MAX_BLOCK_DIM_Y), ask_unsigned(MAX_BLOCK_DIM_Z)};
  p.max_grid = {ask_unsigned(MAX_GRID_DIM_X), ask_unsigned(MAX_GRID_DIM_Y), ask_unsigned(MAX_GRID_DIM_Z)};
  p.shared_per_block = ask_unsigned(MAX_SHARED_MEMORY_PER_BLOCK);
  p.shared_per_block_optin = std::max(p.shared_per_block, ask_unsigned(MAX_SHARED_MEMORY_PER_BLOCK_OPTIN));
  p.shared_per_multiprocessor = ask_unsigned(MAX_SHARED_MEMORY_PER_MULTIPROCESSOR);
  p.registers_per_block = ask_unsigned(MAX_REGISTERS_PER_BLOCK);
  p.registers_per_multiprocessor = ask_unsigned(MAX_REGISTERS_PER_MULTIPROCESSOR);
  p.clock_khz = ask(CLOCK_RATE);
  p.memory_clock_khz = ask(MEMORY_CLOCK_RATE);
  p.memory_bus_bits = ask(GLOBAL_MEMORY_BUS_WIDTH);
  p.l2_bytes = ask(L2_CACHE_SIZE);
  p.unified_addressing = ask(UNIFIED_ADDRESSING) != 0;
  p.managed_memory = ask(MANAGED_MEMORY) != 0;
  p.concurrent_managed_access = ask(CONCURRENT_MANAGED_ACCESS) != 0;
  p.can_map_host_memory = ask(CAN_MAP_HOST_MEMORY) != 0;
  p.cooperative_launch = ask(COOPERATIVE_LAUNCH) != 0;
  p.integrated = ask(INTEGRATED) != 0;
  p.memory_pools = ask_newer(MEMORY_POOLS_SUPPORTED) != 0;
}

std::string Device::uuid_text() const {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string text = "GPU-";
  for (size_t i = 0; i < properties_.uuid.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) {
      text += '-';
    }
    text += kDigits[properties_.uuid[i] >> 4];
    text += kDigits[properties_.uuid[i] & 15];
  }
  return text;
}

int Device::attribute(int number) const {
  int value = 0;
  driver_.cuDeviceGetAttribute(&value, number, handle_);
  return value;
}

int Device::attribute(std::string_view name) const {
  const std::optional<int> number = attribute_number(name);
  if (!number) {
    throw DriverError("cuDeviceGetAttribute", cu::kErrorInvalidValue,
                      "'" + std::string(name) + "' is not the name of a device attribute.");
  }
  return attribute(*number);
}

const std::vector<std::pair<std::string_view, int>>& Device::attribute_names() {
  static const auto* const names = new std::vector<std::pair<std::string_view, int>>{
#define X(name, number) {#name, number},
#include "host_api/device_attributes.def"
#undef X
  };
  return *names;
}

std::optional<int> Device::attribute_number(std::string_view name) {
  for (const auto& [known, number] : attribute_names()) {
    if (known == name) {
      return number;
    }
  }
  return std::nullopt;
}

bool Device::can_access_peer(const Device& peer) const {
  int can = 0;
  driver_.cuDeviceCanAccessPeer(&can, handle_, peer.handle_);
  return can != 0;
}

}  // namespace cantil::host_api
