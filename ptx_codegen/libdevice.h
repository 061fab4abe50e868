// CUDA's device math library as LLVM bitcode: found and read when the first kernel needs it.
#pragma once
#include <llvm/IR/Module.h>

#include <string>

namespace cantil::ptx_codegen {

// Looks there before the usual places.
void add_libdevice_folder(std::string folder);
// The file in use, "" when there is none.
std::string libdevice_path();
// Links into `module` what it calls of libdevice, as internal functions. Throws CompileError when there is no
// libdevice.
void link_libdevice(llvm::Module& module);

}  // namespace cantil::ptx_codegen
