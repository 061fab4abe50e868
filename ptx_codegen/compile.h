// The NVPTX back end: an IR module to PTX text for any architecture, with no GPU at hand.
#pragma once
#include <string>

#include "codegen/codegen.h"
#include "ir/ir.h"

namespace cantil::ptx_codegen {

struct Options {
  int compute_major = 7, compute_minor = 5;
  char arch_suffix = 0;     // 'a' or 'f'
  int max_ptx_version = 0;  // what the driver accepts (83 for 8.3), 0: no limit
  bool lineinfo = false;
  bool device_function = false;
  std::string export_name;  // "" to derive one
};

struct Compiled {
  std::string ptx;
  codegen::EmitResult info;
};

// Thread-safe; one at a time. Throws CompileError for an architecture that LLVM or the driver does not know.
Compiled compile(const ir::Module& m, const Options& options, const std::string& subject);

enum class Text { Llvm, LlvmOptimised };
std::string compile_to_text(const ir::Module& m, const Options& options, Text what);

}  // namespace cantil::ptx_codegen
