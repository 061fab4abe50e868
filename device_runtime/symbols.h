// The functions that generated code may call, by name: the JIT loader resolves them from here, since the
// extension hides its symbols.
#pragma once
#include <span>
#include <string>

namespace cantil::device_runtime {

struct RuntimeSymbol {
  const char* name;
  void* address;
};

std::span<const RuntimeSymbol> runtime_symbols();

// libdevice's functions for the simulator, those that are no function of ir/math.def: what stands behind
// "cantil_rt_nv_NAME", which means __nv_NAME; null when there is none. Results are those of the CUDA
// documentation, within its error bounds; what rounds in a direction rounds exactly.
void* libdevice_function(const std::string& symbol);

}  // namespace cantil::device_runtime
