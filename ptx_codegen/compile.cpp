// Optimisation and PTX for one architecture, with LLVM's TargetMachines kept between compilations.
#include "ptx_codegen/compile.h"

#include <llvm/MC/MCSubtargetInfo.h>
#include <llvm/MC/TargetRegistry.h>
#include <llvm/Target/TargetMachine.h>
#include <llvm/Target/TargetOptions.h>

#include <cctype>
#include <map>

#include "codegen/backend.h"
#include "ptx_codegen/cache_hints.h"
#include "ptx_codegen/libdevice.h"
#include "ptx_codegen/ptx_target.h"
#include "support/diagnostics.h"
#include "support/trace.h"

extern "C" {
void LLVMInitializeNVPTXTargetInfo();
void LLVMInitializeNVPTXTarget();
void LLVMInitializeNVPTXTargetMC();
void LLVMInitializeNVPTXAsmPrinter();
}

namespace cantil::ptx_codegen {
namespace {

constexpr const char* kTriple = "nvptx64-nvidia-cuda";

std::string architecture(const Options& o) {
  std::string name = "sm_" + std::to_string(o.compute_major) + std::to_string(o.compute_minor);
  if (o.arch_suffix) name += o.arch_suffix;
  return name;
}

llvm::TargetMachine& machine(const std::string& arch) {
  static auto& machines =
      *new std::map<std::string, std::unique_ptr<llvm::TargetMachine>>;  // never destroyed
  static const bool initialised = [] {
    LLVMInitializeNVPTXTargetInfo();
    LLVMInitializeNVPTXTarget();
    LLVMInitializeNVPTXTargetMC();
    LLVMInitializeNVPTXAsmPrinter();
    return true;
  }();
  (void)initialised;
  std::unique_ptr<llvm::TargetMachine>& slot = machines[arch];
  if (slot) return *slot;
  llvm::Triple triple(kTriple);
  std::string error;
  const llvm::Target* target = llvm::TargetRegistry::lookupTarget(triple, error);
  if (!target) throw InternalError("LLVM has no NVPTX target: " + error);
  // Asked of the table first: an unknown name would only print a warning.
  std::unique_ptr<llvm::MCSubtargetInfo> table(target->createMCSubtargetInfo(triple, "sm_75", ""));
  if (!table->isCPUStringValid(arch)) {
    machines.erase(arch);
    fail(Diag::UnknownArchitecture, {}, {arch});
  }
  // Left to itself LLVM states the lowest PTX version that knows the architecture.
  slot.reset(target->createTargetMachine(triple, arch, "", llvm::TargetOptions(), llvm::Reloc::PIC_,
                                         std::nullopt, llvm::CodeGenOptLevel::Aggressive));
  CANTIL_CHECK(slot != nullptr);
  return *slot;
}

struct Job {
  llvm::LLVMContext context;
  std::unique_ptr<llvm::Module> module;
  codegen::EmitResult info;
};

void emit_module(Job& job, const ir::Module& m, const Options& options, llvm::TargetMachine& tm,
                 const std::string& subject, bool keep_names) {
  StageTimer timer("llvm-emit", subject);
  job.context.setDiscardValueNames(!keep_names && !dump_wanted("llvm") && !dump_wanted("llvm-opt"));
  job.module = std::make_unique<llvm::Module>(subject, job.context);
  job.module->setTargetTriple(llvm::Triple(kTriple));
  job.module->setDataLayout(tm.createDataLayout());
  PtxTarget target(options.device_function, options.export_name);
  codegen::EmitOptions emit_options;
  emit_options.lineinfo = options.lineinfo;
  job.info = codegen::emit(m, target, *job.module, emit_options);
  const bool flush = m.functions[0]->fastmath & ir::kAfn;
  job.module->addModuleFlag(llvm::Module::Override, "nvvm-reflect-ftz", flush ? 1u : 0u);
  define_cache_hints(*job.module);
  codegen::verify_module(*job.module);
  if (dump_wanted("llvm")) dump_text("llvm", subject, codegen::text_of(*job.module));
}

void optimise(Job& job, llvm::TargetMachine& tm, const std::string& subject) {
  {
    StageTimer timer("libdevice", subject);
    link_libdevice(*job.module);
  }
  StageTimer timer("llvm-opt", subject);
  codegen::optimise(*job.module, tm, {});
  if (dump_wanted("llvm-opt")) dump_text("llvm-opt", subject, codegen::text_of(*job.module));
}

// "83" of ".version 8.3".
int stated_version(const std::string& ptx) {
  const size_t at = ptx.find(".version ");
  CANTIL_CHECK(at != std::string::npos);
  int version = 0;
  for (size_t i = at + 9;
       i < ptx.size() && (std::isdigit(static_cast<unsigned char>(ptx[i])) || ptx[i] == '.'); ++i)
    if (ptx[i] != '.') version = 10 * version + (ptx[i] - '0');
  return version;
}

std::string dotted(int version) { return std::to_string(version / 10) + "." + std::to_string(version % 10); }

}  // namespace

Compiled compile(const ir::Module& m, const Options& options, const std::string& subject) {
  auto lock = codegen::lock_llvm();
  llvm::TargetMachine& tm = machine(architecture(options));
  Job job;
  emit_module(job, m, options, tm, subject, false);
  optimise(job, tm, subject);
  Compiled result;
  {
    StageTimer timer("llvm-code", subject);
    result.ptx = codegen::generate(*job.module, tm, llvm::CodeGenFileType::AssemblyFile);
  }
  const int needed = stated_version(result.ptx);
  if (options.max_ptx_version && needed > options.max_ptx_version)
    fail(Diag::PtxTooNew, {}, {architecture(options), dotted(needed), dotted(options.max_ptx_version)});
  result.info = std::move(job.info);
  if (dump_wanted("ptx")) dump_text("ptx", subject, result.ptx);
  return result;
}

std::string compile_to_text(const ir::Module& m, const Options& options, Text what) {
  auto lock = codegen::lock_llvm();
  llvm::TargetMachine& tm = machine(architecture(options));
  Job job;
  const std::string subject = m.functions[0]->name;
  emit_module(job, m, options, tm, subject, true);
  if (what == Text::LlvmOptimised) optimise(job, tm, subject);
  return codegen::text_of(*job.module);
}

}  // namespace cantil::ptx_codegen
