// How the files of libdevice's functions list them: NV(name, result, (parameters), body) in a table.
#pragma once
#include <span>

namespace cantil::device_runtime {

struct LibdeviceEntry {
  const char* name;
  void* function;
};

std::span<const LibdeviceEntry> libdevice_math();
std::span<const LibdeviceEntry> libdevice_rounding();
std::span<const LibdeviceEntry> libdevice_integers();

}  // namespace cantil::device_runtime

#define NV(name, result, parameters, ...) \
  {#name, reinterpret_cast<void*>(+[] parameters noexcept -> result __VA_ARGS__)}
