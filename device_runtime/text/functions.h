// The C functions of functions.def.
#pragma once
#include "device_runtime/abi.h"

extern "C" {
#define TEXT_FUNCTION(result, name, parameters) result cantil_rt_##name parameters;
#include "device_runtime/text/functions.def"
#undef TEXT_FUNCTION
}
