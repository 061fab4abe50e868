// SLEEF's vector functions as LLVM's vectoriser sees them: which scalar function has which vector twin on
// this CPU.
#pragma once
#include <llvm/Analysis/TargetLibraryInfo.h>

#include <string>

namespace cantil::cpu_codegen {

// True when SLEEF's library could be opened in this process (opened once, on the first call).
bool vector_math_available();
// The address of one of its functions ("Sleef_sind4_u10avx2"), null when there is none.
void* vector_math_symbol(const std::string& name);

// Tells `info` the vector functions for a machine with these LLVM features ("+avx2,+fma,…"). `fast` takes the
// versions with an error of up to 3.5 ULP where there are some, 1 ULP otherwise.
void add_vector_math(llvm::TargetLibraryInfoImpl& info, const std::string& features, bool fast);

}  // namespace cantil::cpu_codegen
