// The schedule of LLVM's passes for host code.
#pragma once
#include <llvm/IR/PassManager.h>

namespace cantil::cpu_codegen {

// What LLVM's O3 does for a loop, without the passes that only undo what front ends of C++ make, or that our
// own passes have done before: compiling is half as long, and the loops of benchmarks/kernels come out as
// fast.
llvm::ModulePassManager host_pipeline();

}  // namespace cantil::cpu_codegen
