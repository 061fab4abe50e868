// libdevice's functions on the host, for the simulator: those that are no function of ir/math.def. Results are those of
// the CUDA documentation, within its error bounds; what rounds in a direction rounds exactly.
#pragma once
#include <string>

namespace cantil::device_runtime {

// The function behind "cantil_rt_nv_NAME", which stands for __nv_NAME; null when there is none.
void* libdevice_function(const std::string& symbol);

}  // namespace cantil::device_runtime
