// The texts of the helpers that are written in Python.
#pragma once

namespace cantil::aot {

// Of cantil/`module`.py; null for others.
const char* helper_text(const char* module);

}  // namespace cantil::aot
