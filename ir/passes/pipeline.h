// The passes over the IR; pipeline.cpp is the table of contents.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "ir/ir.h"

namespace cantil::ir {

enum class PipelineTarget : uint8_t { Cpu, Ptx, Sim };

struct PassInfo {
  const char* name;
  void (*run)(Module&);
};

// All passes by name, for running one alone on text (tests, tools).
const std::vector<PassInfo>& all_passes();
const PassInfo* find_pass(std::string_view name);

// Runs the target's pipeline: times and dumps each pass by name, verifies after each one when `check` is set.
void run_pipeline(Module& m, PipelineTarget target, bool check);

}  // namespace cantil::ir
