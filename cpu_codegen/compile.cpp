// Optimisation and machine code for the host, with LLVM's machinery kept between compilations.
#include "cpu_codegen/compile.h"

#include <llvm/Analysis/CGSCCPassManager.h>
#include <llvm/Analysis/LoopAnalysisManager.h>
#include <llvm/Analysis/TargetLibraryInfo.h>
#include <llvm/IR/LegacyPassManager.h>
#include <llvm/IR/PassManager.h>
#include <llvm/IR/Verifier.h>
#include <llvm/MC/TargetRegistry.h>
#include <llvm/Passes/PassBuilder.h>
#include <llvm/Support/SmallVectorMemoryBuffer.h>
#include <llvm/Support/TargetSelect.h>
#include <llvm/Target/TargetMachine.h>
#include <llvm/Target/TargetOptions.h>
#include <llvm/TargetParser/Host.h>
#include <llvm/Transforms/Utils/Cloning.h>

#include <map>
#include <mutex>

#include "cpu_codegen/sim_target.h"
#include "cpu_codegen/vector_math.h"
#include "support/diagnostics.h"
#include "support/trace.h"

extern "C" {
void LLVMInitializeX86TargetInfo();
void LLVMInitializeX86Target();
void LLVMInitializeX86TargetMC();
void LLVMInitializeX86AsmPrinter();
}

namespace cantil::cpu_codegen {
namespace {

constexpr const char* kTriple = "x86_64-unknown-linux-gnu";

std::string read_features() {
  std::string text;
  for (const auto& feature : llvm::sys::getHostCPUFeatures()) {
    if (!text.empty()) text += ',';
    text += (feature.second ? "+" : "-") + feature.first().str();
  }
  return text;
}

// Everything that is costly to make and safe to keep: guarded by one lock, since LLVM's objects are not shared by threads.
struct Machine {
  std::unique_ptr<llvm::TargetMachine> tm;
  std::string features;
  bool wide_vectors = false;
};

std::mutex& compile_mutex() {
  static std::mutex m;
  return m;
}

Machine& machine(const Options& options) {
  static std::map<std::string, Machine> machines;
  static const bool initialised = [] {
    LLVMInitializeX86TargetInfo();
    LLVMInitializeX86Target();
    LLVMInitializeX86TargetMC();
    LLVMInitializeX86AsmPrinter();
    return true;
  }();
  (void)initialised;
  const std::string& cpu = options.cpu.empty() ? host_cpu() : options.cpu;
  const std::string& features = options.features.empty() && options.cpu.empty() ? host_features() : options.features;
  Machine& m = machines[cpu + ' ' + features];
  if (m.tm) return m;
  llvm::Triple triple(kTriple);
  std::string error;
  const llvm::Target* target = llvm::TargetRegistry::lookupTarget(triple, error);
  if (!target) throw InternalError("LLVM has no x86 target: " + error);
  llvm::TargetOptions opts;
  opts.ExceptionModel = llvm::ExceptionHandling::None;
  m.tm.reset(target->createTargetMachine(triple, cpu, features, opts, llvm::Reloc::PIC_, llvm::CodeModel::Small,
                                         llvm::CodeGenOptLevel::Default, /*JIT=*/true));
  CANTIL_CHECK(m.tm != nullptr);
  m.features = features;
  // 512-bit vectors pay where the CPU does not slow down for them: Zen 4 and later, and Intel since Sapphire Rapids.
  const llvm::StringRef name(cpu);
  m.wide_vectors = llvm::StringRef(features).contains("+avx512f") &&
                   (name.starts_with("znver") || name == "sapphirerapids" || name == "emeraldrapids" || name.starts_with("graniterapids"));
  return m;
}

struct Job {
  llvm::LLVMContext context;
  std::unique_ptr<llvm::Module> module;
  codegen::EmitResult info;
};

void verify(const llvm::Module& module) {
#if CANTIL_CHECKS
  std::string problems;
  llvm::raw_string_ostream out(problems);
  if (llvm::verifyModule(module, &out)) throw InternalError("malformed LLVM IR: " + problems);
#else
  (void)module;
#endif
}

std::string text_of(const llvm::Module& module) {
  std::string text;
  llvm::raw_string_ostream out(text);
  module.print(out, nullptr);
  return text;
}

bool any_fast(const ir::Module& m) {
  for (const ir::Function* f : m.functions)
    if ((f->fastmath & ir::kAfn) == 0) return false;
  return true;
}

bool emit_module(Job& job, const ir::Module& m, const Options& options, Machine& machine, const std::string& subject) {
  StageTimer timer("llvm-emit", subject);
  job.context.setDiscardValueNames(!dump_wanted("llvm") && !dump_wanted("llvm-opt"));
  job.module = std::make_unique<llvm::Module>(subject, job.context);
  job.module->setTargetTriple(llvm::Triple(kTriple));
  job.module->setDataLayout(machine.tm->createDataLayout());
  std::unique_ptr<HostTarget> target;
  if (options.simulator) target = std::make_unique<SimTarget>(options.fibers);
  else target = std::make_unique<HostTarget>();
  job.info = codegen::emit(m, *target, *job.module);
  if (machine.wide_vectors)
    for (llvm::Function& f : *job.module)
      if (!f.isDeclaration()) f.addFnAttr("prefer-vector-width", "512");
  verify(*job.module);
  if (dump_wanted("llvm")) dump_text("llvm", subject, text_of(*job.module));
  return target->uses_math;
}

void optimise(Job& job, Machine& machine, bool uses_math, bool fast, const std::string& subject) {
  StageTimer timer("llvm-opt", subject);
  llvm::LoopAnalysisManager loops;
  llvm::FunctionAnalysisManager functions;
  llvm::CGSCCAnalysisManager components;
  llvm::ModuleAnalysisManager modules;
  llvm::PipelineTuningOptions tuning;
  tuning.LoopVectorization = true;
  tuning.SLPVectorization = true;
  llvm::PassBuilder builder(machine.tm.get(), tuning);
  llvm::TargetLibraryInfoImpl library(job.module->getTargetTriple());
  if (uses_math) add_vector_math(library, machine.features, fast);
  functions.registerPass([&] { return llvm::TargetLibraryAnalysis(library); });
  builder.registerModuleAnalyses(modules);
  builder.registerCGSCCAnalyses(components);
  builder.registerFunctionAnalyses(functions);
  builder.registerLoopAnalyses(loops);
  builder.crossRegisterProxies(loops, functions, components, modules);
  builder.buildPerModuleDefaultPipeline(llvm::OptimizationLevel::O3).run(*job.module, modules);
  if (dump_wanted("llvm-opt")) dump_text("llvm-opt", subject, text_of(*job.module));
}

std::string generate(Job& job, Machine& machine, llvm::CodeGenFileType type, const std::string& subject) {
  StageTimer timer(type == llvm::CodeGenFileType::ObjectFile ? "llvm-code" : "llvm-asm", subject);
  llvm::SmallVector<char, 0> buffer;
  llvm::raw_svector_ostream out(buffer);
  llvm::legacy::PassManager passes;
  if (machine.tm->addPassesToEmitFile(passes, out, nullptr, type, /*DisableVerify=*/true)) throw InternalError("LLVM cannot emit this file type");
  passes.run(*job.module);
  return std::string(buffer.begin(), buffer.end());
}

}  // namespace

const std::string& host_cpu() {
  static const std::string name = llvm::sys::getHostCPUName().str();
  return name;
}

const std::string& host_features() {
  static const std::string text = read_features();
  return text;
}

Compiled compile(const ir::Module& m, const Options& options, const std::string& subject) {
  std::lock_guard lock(compile_mutex());
  Machine& target = machine(options);
  Job job;
  const bool uses_math = emit_module(job, m, options, target, subject);
  optimise(job, target, uses_math, any_fast(m), subject);
  Compiled result;
  if (dump_wanted("asm")) {
    // Code generation changes the module, so the text is made from a copy.
    Job copy;
    copy.module = llvm::CloneModule(*job.module);
    dump_text("asm", subject, generate(copy, target, llvm::CodeGenFileType::AssemblyFile, subject));
  }
  result.object = generate(job, target, llvm::CodeGenFileType::ObjectFile, subject);
  result.info = std::move(job.info);
  return result;
}

std::string compile_to_text(const ir::Module& m, const Options& options, Text what) {
  std::lock_guard lock(compile_mutex());
  Machine& target = machine(options);
  Job job;
  const std::string subject = m.functions[0]->name;
  const bool uses_math = emit_module(job, m, options, target, subject);
  if (what == Text::Llvm) return text_of(*job.module);
  optimise(job, target, uses_math, any_fast(m), subject);
  if (what == Text::LlvmOptimised) return text_of(*job.module);
  return generate(job, target, llvm::CodeGenFileType::AssemblyFile, subject);
}

}  // namespace cantil::cpu_codegen
