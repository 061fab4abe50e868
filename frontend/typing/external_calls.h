// Calls of functions from elsewhere: CUDA C++, PTX.
#pragma once
#include "frontend/typing/typer.h"

namespace cantil::frontend {

// A call of a function declared with cuda.declare_device. Numbers are converted to the declared types; an
// array, or ffi.from_buffer of one, is passed where a pointer to its elements is declared.
Expr* external_call(Typer& t, const External& e, CallArgs& args);

// ffi.from_buffer(array): a pointer to the first element. nullptr for other names.
Expr* from_buffer_call(Typer& t, const std::string& name, CallArgs& args);

}  // namespace cantil::frontend
