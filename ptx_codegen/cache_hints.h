// Loads and stores with a hint for the caches: PTX's own instructions, which LLVM has no name for.
#pragma once
#include <llvm/IR/Module.h>

namespace cantil::ptx_codegen {

// Gives bodies to the functions "cantil_ptx_ldcg_b32" and their like that the module calls.
void define_cache_hints(llvm::Module& module);

}  // namespace cantil::ptx_codegen
