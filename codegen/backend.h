// What both back ends do with a module once it is emitted: check, print, optimise, generate code.
#pragma once
#include <llvm/IR/LLVMContext.h>
#include <llvm/IR/Module.h>
#include <llvm/IR/PassManager.h>
#include <llvm/Support/CodeGen.h>

#include <functional>
#include <memory>
#include <mutex>
#include <string>

namespace llvm {
class TargetLibraryInfoImpl;
class TargetMachine;
}  // namespace llvm

namespace cantil::codegen {

struct OptimiseOptions {
  // Adds to what the optimiser knows of library functions; may be empty.
  std::function<void(llvm::TargetLibraryInfoImpl&)> library;
  // The back end's own schedule of passes; LLVM's O3 without vectors where it is empty.
  std::function<llvm::ModulePassManager()> pipeline;
};

std::string text_of(const llvm::Module& module);
// Throws InternalError when the module is malformed (builds with CANTIL_CHECKS only).
void verify_module(const llvm::Module& module);
void optimise(llvm::Module& module, llvm::TargetMachine& machine, const OptimiseOptions& options);
// Machine code or assembly. Consumes the module.
std::string generate(llvm::Module& module, llvm::TargetMachine& machine, llvm::CodeGenFileType type);

// The same with the schedule of passes made once, which takes as long as the code of a small function. Only
// for targets whose printer keeps nothing of the module before (x86 does not; NVPTX does).
class Generator {
 public:
  Generator(llvm::TargetMachine& machine, llvm::CodeGenFileType type);
  ~Generator();
  std::string run(llvm::Module& module);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// Held while LLVM works: its TargetMachines are kept between compilations and are not for several threads at
// once.
std::unique_lock<std::mutex> lock_llvm();

}  // namespace cantil::codegen
