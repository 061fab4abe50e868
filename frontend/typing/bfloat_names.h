// The conversions of cuda.bf16, whose names say what they do: float32_to_bfloat16_rd, bfloat162int_rz,
// int16_as_bfloat16.
#pragma once
#include <string>

#include "frontend/typing/typer.h"

namespace cantil::frontend {

// A call of the library's body for such a name ("cantil.cuda.bf16.…"); null for other names.
Expr* bfloat_conversion(Typer& t, const std::string& name, const CallArgs& args);

}  // namespace cantil::frontend
