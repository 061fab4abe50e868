// Driving LLVM's verifier, optimiser and code generator.
#include "codegen/backend.h"

#include <llvm/Analysis/CGSCCPassManager.h>
#include <llvm/Analysis/LoopAnalysisManager.h>
#include <llvm/Analysis/TargetLibraryInfo.h>
#include <llvm/IR/LegacyPassManager.h>
#include <llvm/IR/PassManager.h>
#include <llvm/IR/Verifier.h>
#include <llvm/Passes/PassBuilder.h>
#include <llvm/Support/raw_ostream.h>
#include <llvm/Target/TargetMachine.h>

#include <mutex>

#include "support/diagnostics.h"

namespace cantil::codegen {

std::unique_lock<std::mutex> lock_llvm() {
  static std::mutex mutex;
  return std::unique_lock(mutex);
}

std::string text_of(const llvm::Module& module) {
  std::string text;
  llvm::raw_string_ostream out(text);
  module.print(out, nullptr);
  return text;
}

void verify_module(const llvm::Module& module) {
#if CANTIL_CHECKS
  std::string problems;
  llvm::raw_string_ostream out(problems);
  if (llvm::verifyModule(module, &out))
    throw InternalError("malformed LLVM IR: " + problems + text_of(module));
#else
  (void)module;
#endif
}

void optimise(llvm::Module& module, llvm::TargetMachine& machine, const OptimiseOptions& options) {
  llvm::LoopAnalysisManager loops;
  llvm::FunctionAnalysisManager functions;
  llvm::CGSCCAnalysisManager components;
  llvm::ModuleAnalysisManager modules;
  llvm::PipelineTuningOptions tuning;
  tuning.LoopVectorization = false;
  tuning.SLPVectorization = false;
  llvm::PassBuilder builder(&machine, tuning);
  llvm::TargetLibraryInfoImpl library(module.getTargetTriple());
  if (options.library) options.library(library);
  functions.registerPass([&] { return llvm::TargetLibraryAnalysis(library); });
  builder.registerModuleAnalyses(modules);
  builder.registerCGSCCAnalyses(components);
  builder.registerFunctionAnalyses(functions);
  builder.registerLoopAnalyses(loops);
  builder.crossRegisterProxies(loops, functions, components, modules);
  llvm::ModulePassManager passes = options.pipeline
                                       ? options.pipeline()
                                       : builder.buildPerModuleDefaultPipeline(llvm::OptimizationLevel::O3);
  passes.run(module, modules);
}

struct Generator::State {
  llvm::SmallVector<char, 0> buffer;
  llvm::raw_svector_ostream out{buffer};
  llvm::legacy::PassManager passes;
};

Generator::Generator(llvm::TargetMachine& machine, llvm::CodeGenFileType type)
    : state_(std::make_unique<State>()) {
  if (machine.addPassesToEmitFile(state_->passes, state_->out, nullptr, type, /*DisableVerify=*/true))
    throw InternalError("LLVM cannot emit this kind of file");
}

Generator::~Generator() = default;

std::string Generator::run(llvm::Module& module) {
  state_->buffer.clear();
  state_->passes.run(module);
  return std::string(state_->buffer.begin(), state_->buffer.end());
}

std::string generate(llvm::Module& module, llvm::TargetMachine& machine, llvm::CodeGenFileType type) {
  return Generator(machine, type).run(module);
}

}  // namespace cantil::codegen
