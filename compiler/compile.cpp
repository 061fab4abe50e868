// The driver: a job through the front end, the IR's passes and a back end to an artifact.
#include <mutex>

#include "compiler/disk_cache.h"
#include "compiler/job.h"
#include "compiler/parallel_text.h"
#include "cpu_codegen/barriers/barriers.h"
#include "cpu_codegen/compile.h"
#include "cpu_codegen/instrument.h"
#include "ir/passes/pipeline.h"
#include "ir/text.h"
#include "ir/walk.h"
#include "ptx_codegen/compile.h"
#include "support/diagnostics.h"
#include "support/trace.h"

namespace cantil::compiler {
namespace {

// Recursive: capturing a function may run Python code that calls a compiled function for the first time.
std::recursive_mutex& compile_mutex() {
  static std::recursive_mutex m;
  return m;
}

cpu_codegen::Options cpu_options(const Job& job, bool fibers) {
  const Target& t = job.target;
  cpu_codegen::Options o;
  o.cpu = t.cpu;
  o.features = t.features;
  o.simulator = t.kind == TargetKind::Sim;
  o.form = job.form;
  o.fibers = fibers;
  o.sanitize = t.sanitize;
  o.debug = t.debug || t.lineinfo;
  return o;
}

ptx_codegen::Options ptx_options(const Target& t) {
  ptx_codegen::Options o;
  o.compute_major = t.compute_major;
  o.compute_minor = t.compute_minor;
  o.arch_suffix = t.arch_suffix;
  o.max_ptx_version = t.max_ptx_version;
  o.lineinfo = t.lineinfo;
  o.device_function = t.device_function;
  o.export_name = t.export_name;
  return o;
}

// What both compile() and inspect() need before a back end takes over.
struct Prepared {
  frontend::Lowered lowered;
  bool fibers = false, grid_sync = false;
  std::vector<cpu_codegen::CheckedSite> checked;
  ir::Module& module() { return *lowered.module; }
};

Prepared prepare(const Job& job) {
  const std::string& subject = job.function->name;
  Prepared p;
  {
    StageTimer timer("frontend", subject);
    const auto target = job.target.kind == TargetKind::Cpu   ? frontend::CodeTarget::Cpu
                        : job.target.kind == TargetKind::Ptx ? frontend::CodeTarget::Ptx
                                                             : frontend::CodeTarget::Sim;
    p.lowered = frontend::lower(*job.function, job.args, target, job.ret);
  }
  const bool sanitize = job.target.kind == TargetKind::Sim && job.target.sanitize;
  cpu_codegen::ArrayNames names;
  if (sanitize) names = cpu_codegen::array_names(p.module());
  {
    StageTimer timer("passes", subject);
    const auto target = job.target.kind == TargetKind::Cpu   ? ir::PipelineTarget::Cpu
                        : job.target.kind == TargetKind::Ptx ? ir::PipelineTarget::Ptx
                                                             : ir::PipelineTarget::Sim;
    ir::run_pipeline(p.module(), target, CANTIL_CHECKS != 0);
  }
  bool collectives = false;
  for (const ir::Function* f : p.module().functions)
    ir::for_each_op(*f->body, [&](const ir::Op& op) {
      collectives |= op.code == ir::Opcode::Collective;
      p.grid_sync |= op.code == ir::Opcode::Collective && op.collective() == ir::CollectiveOp::SyncGrid;
    });
  if (job.target.kind == TargetKind::Sim) {
    StageTimer timer("barriers", subject);
    if (sanitize) p.checked = cpu_codegen::instrument(p.module(), names);
    // The sanitizer follows what warps do together thread by thread.
    const bool fibers = job.target.shuffles_threads || (sanitize && collectives);
    const cpu_codegen::SplitResult split = cpu_codegen::split_barriers(
        p.module(), fibers ? cpu_codegen::SplitMode::Fibers : cpu_codegen::SplitMode::Best);
    p.fibers = split.fibers;
    timing_note(subject, split.fibers
                             ? "barriers: fibers, " + split.why
                             : "barriers: " + std::to_string(split.thread_loops) + " thread loop(s)");
  }
  if (dump_wanted("ir")) dump_text("ir", subject, ir::print(p.module()));
  return p;
}

void take(Artifact& a, codegen::EmitResult&& info) {
  a.entry = std::move(info.entry);
  a.frames = std::move(info.frames);
  a.static_shared = info.static_shared;
}

Artifact build(const Job& job) {
  Prepared p = prepare(job);
  const ir::Module& m = p.module();
  const std::string& subject = job.function->name;
  Artifact a;
  a.kind = job.target.kind;
  a.ret = p.lowered.ret;
  a.args = p.lowered.args;
  a.types_text = p.lowered.types_text;
  a.function_name = subject;
  a.externals = p.lowered.externals;
  a.uses_fibers = p.fibers;
  a.uses_grid_sync = p.grid_sync;
  a.is_sanitized = job.target.kind == TargetKind::Sim && job.target.sanitize;
  for (const cpu_codegen::CheckedSite& s : p.checked)
    a.access_sites.push_back({static_cast<AccessSite::Kind>(s.kind), s.array, s.bytes,
                              codegen::make_frame(s.function, s.span, s.is_library)});
  a.max_registers = m.functions[0]->max_registers;
  for (const ir::RaiseSite& s : m.sites)
    a.sites.push_back({s.cls, s.class_ref, s.args, codegen::make_frame(s.function, s.span, false)});
  if (job.target.kind == TargetKind::Ptx) {
    ptx_codegen::Compiled c = ptx_codegen::compile(m, ptx_options(job.target), subject);
    a.code = std::move(c.ptx);
    take(a, std::move(c.info));
  } else {
    cpu_codegen::Compiled c = cpu_codegen::compile(m, cpu_options(job, p.fibers), subject);
    a.code = std::move(c.object);
    take(a, std::move(c.info));
  }
  return a;
}

// A notebook's cell is another file in each process: tracebacks name this one's.
void rename_cell(Artifact& a, const std::string& filename) {
  const std::string stable = frontend::stable_file_name(filename);
  if (stable == filename) return;
  auto rename = [&](Frame& f) {
    if (frontend::stable_file_name(f.file) == stable) f.file = filename;
  };
  for (Frame& f : a.frames) rename(f);
  for (Site& s : a.sites) rename(s.frame);
}

}  // namespace

std::shared_ptr<const Artifact> compile(const Job& job) {
  std::lock_guard lock(compile_mutex());
  const std::string& name = job.function->name;
  StageTimer timer("compile", name);
  std::string key, folder;
  // Sanitized code is for the run at hand and not kept.
  if (job.use_cache && !job.target.sanitize) {
    StageTimer lookup("cache", name);
    frontend::ensure_captured(*job.function);
    key = cache_key(job);
    if (!key.empty()) folder = cache_directory(job.function->filename);
    if (!folder.empty())
      if (std::optional<Artifact> hit = read_cache(folder, name, key)) {
        timing_note(name, "cache: hit");
        for (size_t i = 0; i < job.args.size() && i < hit->args.size(); ++i)
          if (job.args[i]->is(ir::TypeKind::Function)) hit->args[i] = job.args[i];  // see serialise()
        rename_cell(*hit, job.function->filename);
        frontend::end_capture(*job.function, true);
        return std::make_shared<const Artifact>(std::move(*hit));
      }
    timing_note(name, key.empty()      ? "cache: cannot be keyed"
                      : folder.empty() ? "cache: no writable folder"
                                       : "cache: miss");
  }
  Artifact a;
  try {
    a = build(job);
  } catch (...) {
    frontend::end_capture(*job.function, false);
    throw;
  }
  frontend::end_capture(*job.function, true);
  a.cache_key = key;
  if (!folder.empty()) write_cache(folder, name, key, a);
  return std::make_shared<const Artifact>(std::move(a));
}

std::optional<std::vector<std::string>> cpu_features(const std::string& cpu,
                                                     const std::vector<std::string>& features) {
  return cpu_codegen::features_of(cpu, features);
}

const std::string& host_cpu() { return cpu_codegen::host_cpu(); }

std::string inspect(const Job& job, const std::string& stage) {
  std::lock_guard lock(compile_mutex());
  const bool ptx = job.target.kind == TargetKind::Ptx;
  Prepared p = prepare(job);
  if (stage == "types") return p.lowered.types_text;
  if (stage == "ir") return ir::print(p.module());
  if (stage == "parallel") return parallel_text(p.module());
  if (stage == "llvm" || stage == "llvm-opt") {
    const bool optimised = stage == "llvm-opt";
    if (ptx)
      return ptx_codegen::compile_to_text(
          p.module(), ptx_options(job.target),
          optimised ? ptx_codegen::Text::LlvmOptimised : ptx_codegen::Text::Llvm);
    return cpu_codegen::compile_to_text(
        p.module(), cpu_options(job, p.fibers),
        optimised ? cpu_codegen::Text::LlvmOptimised : cpu_codegen::Text::Llvm);
  }
  if (ptx && (stage == "ptx" || stage == "asm"))
    return ptx_codegen::compile(p.module(), ptx_options(job.target), job.function->name).ptx;
  if (!ptx && stage == "asm")
    return cpu_codegen::compile_to_text(p.module(), cpu_options(job, p.fibers), cpu_codegen::Text::Asm);
  throw InternalError("no stage '" + stage + "' for this target");
}

}  // namespace cantil::compiler
