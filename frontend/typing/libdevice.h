// Calls of cuda.libdevice's functions.
#pragma once
#include <string>

#include "frontend/typing/typer.h"

namespace cantil::frontend {

// Null when `name` is none of them ("cantil.cuda.libdevice.sin").
Expr* libdevice_call(Typer& t, const std::string& name, CallArgs& args);

}  // namespace cantil::frontend
