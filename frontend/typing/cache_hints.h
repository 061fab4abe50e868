// cuda.ldca and its like: loads and stores of one element with a hint for the caches.
#pragma once
#include "frontend/typing/typer.h"

namespace cantil::frontend {

// `f` is the name behind "cantil.cuda."; nullptr for any that is no cache hint.
Expr* cache_hint_call(Typer& t, const std::string& f, CallArgs& args);

}  // namespace cantil::frontend
