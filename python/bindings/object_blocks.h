// Blocks of compiled functions that run as Python.
#pragma once
#include <Python.h>

namespace cantil::bindings {

// Tells the runtime how to run them.
void add_object_blocks();

}  // namespace cantil::bindings
