// The functions that generated code may call, by name: the JIT loader resolves them from here, since the
// extension hides its symbols.
#pragma once
#include <span>

namespace cantil::device_runtime {

struct RuntimeSymbol {
  const char* name;
  void* address;
};

std::span<const RuntimeSymbol> runtime_symbols();

}  // namespace cantil::device_runtime
