// Looking up libdevice's functions by their symbols.
#include <unordered_map>

#include "device_runtime/libdevice_table.h"
#include "device_runtime/symbols.h"

namespace cantil::device_runtime {

void* libdevice_function(const std::string& symbol) {
  static const std::string prefix = "cantil_rt_nv_";
  static const auto* table = [] {
    auto* t = new std::unordered_map<std::string, void*>;
    for (auto part : {libdevice_math(), libdevice_rounding(), libdevice_integers()})
      for (const LibdeviceEntry& e : part) t->emplace(e.name, e.function);
    return t;
  }();
  if (symbol.rfind(prefix, 0) != 0) return nullptr;
  const auto found = table->find(symbol.substr(prefix.size()));
  return found == table->end() ? nullptr : found->second;
}

}  // namespace cantil::device_runtime
