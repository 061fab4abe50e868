// The driver's interface: compilation is a function of a Job, giving an Artifact that holds no address of
// this process.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "codegen/entry_form.h"
#include "codegen/frame.h"
#include "frontend/function.h"
#include "ir/type.h"

namespace cantil::compiler {

enum class TargetKind : uint8_t { Cpu, Ptx, Sim };

struct Target {
  TargetKind kind = TargetKind::Cpu;
  std::string cpu;                           // Cpu, Sim: LLVM CPU name, "" for this host's
  std::string features;                      // Cpu, Sim: LLVM features, "" for this host's
  int compute_major = 0, compute_minor = 0;  // Ptx; "sm_90a" has suffix 'a'
  char arch_suffix = 0;
  int max_ptx_version = 0;  // Ptx: cap from the driver, 0 for none (e.g. 83 for 8.3)
  bool lineinfo = false, debug = false;
  bool sanitize = false;          // Sim: checks every access to memory
  bool shuffles_threads = false;  // Sim: threads can run in any order
  bool device_function = false;   // Ptx: export a plain device function instead of a kernel
  std::string export_name;        // Ptx: symbol of the exported function ("" to choose one)
};

struct Job {
  std::shared_ptr<frontend::Function> function;
  std::vector<ir::TypeRef> args;
  ir::TypeRef ret = nullptr;  // from an explicit signature; null to infer
  Target target;
  codegen::EntryForm form = codegen::EntryForm::Packed;  // Cpu
  bool use_cache = false;
};

using codegen::EntryForm;
using codegen::Frame;

struct Site {  // a raise site as the bindings need it; see ir::RaiseSite
  std::string cls;
  int64_t class_ref = -1;
  std::vector<ir::RaiseArg> args;
  Frame frame;
};

// What checked code refers to by number: an access to memory, a barrier, or a thread's return.
struct AccessSite {
  enum class Kind : uint8_t { Read, Write, Atomic, Barrier, Return } kind = Kind::Read;
  std::string array;   // its name in the source; "" where there is none
  uint32_t bytes = 0;  // of an access
  Frame frame;
};

struct Artifact {
  TargetKind kind = TargetKind::Cpu;
  std::string code;   // Cpu, Sim: a relocatable object file; Ptx: PTX text
  std::string entry;  // symbol of the entry point / kernel
  ir::TypeRef ret = nullptr;
  std::vector<ir::TypeRef> args;
  std::vector<Site> sites;    // status word s > 0 means sites[s - 1]
  std::vector<Frame> frames;  // what cantil_rt_frame records
  std::string types_text;     // inspect_types
  std::string function_name;
  std::vector<std::string> externals;  // "symbol:key" of the functions from elsewhere that it calls
  bool uses_fibers = false;            // Sim
  bool is_sanitized = false;           // Sim
  std::vector<AccessSite> access_sites;
  bool uses_grid_sync = false;
  int64_t static_shared = 0;  // bytes; Sim and Ptx
  int max_registers = 0;
  std::string cache_key;  // "" when it cannot be cached
  bool from_cache = false;
};

// Compiles, or takes the artifact from the disk cache. Thread-safe; one compilation at a time. Throws
// CompileError.
std::shared_ptr<const Artifact> compile(const Job& job);

// Texts for inspection: compiled anew with the stage's text kept. Stage: "types", "ir", "llvm", "asm", "ptx".
std::string inspect(const Job& job, const std::string& stage);

// Which of `features` (LLVM's names) code for this CPU may use; nothing when LLVM knows no CPU of this name.
std::optional<std::vector<std::string>> cpu_features(const std::string& cpu,
                                                     const std::vector<std::string>& features);

const std::string& host_cpu();

// Where entries of a function defined in `source_file` are kept; "" when no folder is writable.
std::string cache_directory(const std::string& source_file);

// ---- Running CPU and simulator artifacts ----
// Loads the object once and returns its entry points. The object stays loaded for the life of the returned
// handle.
class LoadedCode;
// `symbols` finds the functions from elsewhere; they must outlive the code.
using FindSymbol = std::function<void*(const std::string&)>;
std::shared_ptr<LoadedCode> load(std::shared_ptr<const Artifact> artifact, const FindSymbol& symbols = {});
// int32_t entry(void* ret, const void* args): see device_runtime/abi.h
void* entry_address(const LoadedCode& code);

}  // namespace cantil::compiler
