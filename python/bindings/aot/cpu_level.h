// Which of a module's code fits this machine.
#pragma once
#include <string>

#include "python/bindings/aot/cantil_aot.h"

namespace cantil::aot {

// The number of the first level whose features this CPU has all; -1 when there is none, with the missing ones
// of the last level in `missing`.
int choose_level(const cantil_aot_module& module, std::string& missing);

}  // namespace cantil::aot
