// The host back end: an IR module to a relocatable object in memory.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "codegen/codegen.h"
#include "codegen/entry_form.h"
#include "ir/ir.h"

namespace cantil::cpu_codegen {

struct Options {
  std::string cpu, features;  // LLVM's names; "" for this host's
  codegen::EntryForm form = codegen::EntryForm::Packed;
  bool simulator = false;  // the module is a CUDA kernel
  bool fibers = false;     // with simulator: an entry call runs one thread
  bool sanitize = false;   // with simulator: the module has access.check and sync.mark
  bool debug = false;      // source lines on the instructions
};

struct Compiled {
  std::string object;
  codegen::EmitResult info;
};

// Thread-safe; one at a time. `subject` names the function in timings and dumps.
Compiled compile(const ir::Module& m, const Options& options, const std::string& subject);

enum class Text { Llvm, LlvmOptimised, Asm };
std::string compile_to_text(const ir::Module& m, const Options& options, Text what);

// Which of `features` code for this CPU may use; nothing when there is no CPU of this name.
std::optional<std::vector<std::string>> features_of(const std::string& cpu,
                                                    const std::vector<std::string>& features);

// What this host is called when options leave it open; part of the cache key.
const std::string& host_cpu();
const std::string& host_features();

}  // namespace cantil::cpu_codegen
