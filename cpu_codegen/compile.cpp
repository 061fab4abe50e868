// Optimisation and machine code for the host, with LLVM's machinery kept between compilations.
#include "cpu_codegen/compile.h"

#include <llvm/Analysis/TargetLibraryInfo.h>
#include <llvm/MC/MCSubtargetInfo.h>
#include <llvm/MC/TargetRegistry.h>
#include <llvm/Support/CommandLine.h>
#include <llvm/Target/TargetMachine.h>
#include <llvm/Target/TargetOptions.h>
#include <llvm/TargetParser/Host.h>
#include <llvm/Transforms/Utils/Cloning.h>

#include <map>

#include "codegen/backend.h"
#include "cpu_codegen/pipeline.h"
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

// Where LLVM's vectoriser has no other switch.
void set_vectoriser_options() {
  const std::pair<const char*, const char*> options[] = {
      // It takes strides that it does not know for 1 byte and makes a loop for that; version_loops has better
      // guesses.
      {"enable-mem-access-versioning", "false"},
      // What surrounds a sum of floats is computed side by side, the sum in its order.
      {"force-ordered-reductions", "true"},
  };
  auto& registered = llvm::cl::getRegisteredOptions();
  for (const auto& [name, value] : options)
    if (auto found = registered.find(name); found != registered.end())
      found->second->addOccurrence(0, name, value);
}

// What is costly to make and safe to keep, under lock_llvm().
struct Machine {
  std::unique_ptr<llvm::TargetMachine> tm;
  std::unique_ptr<codegen::Generator> objects;
  std::string features;  // those that vector functions are chosen by
  bool wide_vectors = false;
};

Machine& machine(const Options& options) {
  static auto& machines =
      *new std::map<std::string, Machine>;  // never destroyed: a process that ends need not tidy LLVM up
  static const bool initialised = [] {
    LLVMInitializeX86TargetInfo();
    LLVMInitializeX86Target();
    LLVMInitializeX86TargetMC();
    LLVMInitializeX86AsmPrinter();
    set_vectoriser_options();
    return true;
  }();
  (void)initialised;
  const std::string& cpu = options.cpu.empty() ? host_cpu() : options.cpu;
  const std::string& features =
      options.features.empty() && options.cpu.empty() ? host_features() : options.features;
  Machine& m = machines[cpu + ' ' + features];
  if (m.tm) return m;
  llvm::Triple triple(kTriple);
  std::string error;
  const llvm::Target* target = llvm::TargetRegistry::lookupTarget(triple, error);
  if (!target) throw InternalError("LLVM has no x86 target: " + error);
  llvm::TargetOptions opts;
  opts.ExceptionModel = llvm::ExceptionHandling::None;
  // Gathers of AMD's CPUs are slower than the loads that they stand for.
  const std::string tuned =
      features + (llvm::StringRef(cpu).starts_with("znver") ? ",+prefer-no-gather" : "");
  m.tm.reset(target->createTargetMachine(triple, cpu, tuned, opts, llvm::Reloc::PIC_, llvm::CodeModel::Small,
                                         llvm::CodeGenOptLevel::Default,
                                         /*JIT=*/true));
  CANTIL_CHECK(m.tm != nullptr);
  m.objects = std::make_unique<codegen::Generator>(*m.tm, llvm::CodeGenFileType::ObjectFile);
  // What the CPU's name implies counts as well as what was listed.
  for (const char* feature : {"+avx2", "+avx512f", "+avx512dq", "+avx512vl"})
    if (m.tm->getMCSubtargetInfo()->checkFeatures(feature))
      m.features += std::string(m.features.empty() ? "" : ",") + feature;
  // 512-bit vectors pay where the CPU does not slow down for them: Zen 4 and later, and Intel since Sapphire
  // Rapids.
  const llvm::StringRef name(cpu);
  m.wide_vectors = llvm::StringRef(m.features).contains("+avx512f") &&
                   (name.starts_with("znver") || name == "sapphirerapids" || name == "emeraldrapids" ||
                    name.starts_with("graniterapids"));
  return m;
}

struct Job {
  llvm::LLVMContext context;
  std::unique_ptr<llvm::Module> module;
  codegen::EmitResult info;
};

bool all_approximate(const ir::Module& m) {
  for (const ir::Function* f : m.functions)
    if ((f->fastmath & ir::kAfn) == 0) return false;
  return true;
}

bool emit_module(Job& job, const ir::Module& m, const Options& options, Machine& machine,
                 const std::string& subject, bool keep_names) {
  StageTimer timer("llvm-emit", subject);
  job.context.setDiscardValueNames(!keep_names && !dump_wanted("llvm") && !dump_wanted("llvm-opt"));
  job.module = std::make_unique<llvm::Module>(subject, job.context);
  job.module->setTargetTriple(llvm::Triple(kTriple));
  job.module->setDataLayout(machine.tm->createDataLayout());
  std::unique_ptr<HostTarget> target;
  if (options.simulator)
    target = std::make_unique<SimTarget>(options.fibers, options.sanitize);
  else
    target = std::make_unique<HostTarget>(options.form);
  codegen::EmitOptions emit_options;
  emit_options.lineinfo = options.debug;
  job.info = codegen::emit(m, *target, *job.module, emit_options);
  if (machine.wide_vectors)
    for (llvm::Function& f : *job.module)
      if (!f.isDeclaration()) f.addFnAttr("prefer-vector-width", "512");
  codegen::verify_module(*job.module);
  if (dump_wanted("llvm")) dump_text("llvm", subject, codegen::text_of(*job.module));
  return target->uses_math;
}

void optimise(Job& job, Machine& machine, bool uses_math, bool approximate, const std::string& subject) {
  StageTimer timer("llvm-opt", subject);
  codegen::OptimiseOptions options;
  options.pipeline = host_pipeline;
  if (uses_math)
    options.library = [&](llvm::TargetLibraryInfoImpl& info) {
      add_vector_math(info, machine.features, approximate);
    };
  codegen::optimise(*job.module, *machine.tm, options);
  if (dump_wanted("llvm-opt")) dump_text("llvm-opt", subject, codegen::text_of(*job.module));
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

std::optional<std::vector<std::string>> features_of(const std::string& cpu,
                                                    const std::vector<std::string>& features) {
  auto lock = codegen::lock_llvm();
  Options any;  // the machine at hand knows all names
  const llvm::MCSubtargetInfo& known = *machine(any).tm->getMCSubtargetInfo();
  if (!known.isCPUStringValid(cpu)) return std::nullopt;
  Options wanted;
  wanted.cpu = cpu;
  const llvm::MCSubtargetInfo& info = *machine(wanted).tm->getMCSubtargetInfo();
  std::vector<std::string> found;
  for (const std::string& feature : features)
    if (info.checkFeatures("+" + feature)) found.push_back(feature);
  return found;
}

Compiled compile(const ir::Module& m, const Options& options, const std::string& subject) {
  auto lock = codegen::lock_llvm();
  Machine& target = machine(options);
  Job job;
  const bool uses_math = emit_module(job, m, options, target, subject, false);
  optimise(job, target, uses_math, all_approximate(m), subject);
  Compiled result;
  if (dump_wanted("asm")) {
    // Code generation changes the module, so the text is made from a copy.
    std::unique_ptr<llvm::Module> copy = llvm::CloneModule(*job.module);
    dump_text("asm", subject, codegen::generate(*copy, *target.tm, llvm::CodeGenFileType::AssemblyFile));
  }
  StageTimer timer("llvm-code", subject);
  result.object = target.objects->run(*job.module);
  result.info = std::move(job.info);
  return result;
}

std::string compile_to_text(const ir::Module& m, const Options& options, Text what) {
  auto lock = codegen::lock_llvm();
  Machine& target = machine(options);
  Job job;
  const std::string subject = m.functions[0]->name;
  const bool uses_math = emit_module(job, m, options, target, subject, true);
  if (what == Text::Llvm) return codegen::text_of(*job.module);
  optimise(job, target, uses_math, all_approximate(m), subject);
  if (what == Text::LlvmOptimised) return codegen::text_of(*job.module);
  return codegen::generate(*job.module, *target.tm, llvm::CodeGenFileType::AssemblyFile);
}

}  // namespace cantil::cpu_codegen
