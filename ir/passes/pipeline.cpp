// The table of contents of the passes, and the order in which each target runs them.
#include "ir/passes/pipeline.h"

#include "ir/passes/passes.h"
#include "ir/text.h"
#include "ir/verifier.h"
#include "support/diagnostics.h"
#include "support/trace.h"

namespace cantil::ir {
namespace {

const std::vector<std::string_view>& stages(PipelineTarget target) {
  // The way of every target; ownership leaves device code alone.
  static const std::vector<std::string_view> kCommon = {
      "promote",           // names and temporaries, so that the passes below see through them
      "fold",              // constants, so that the passes below see them
      "simplify_control",  // drops the branches that constants decide
      "fuse_arrays",       // array expressions into single element-wise ops
      "lower_arrays",      // and those into loops
      "ranges",            // drops the index arithmetic that cannot matter, decides comparisons
      "simplify_control",  // drops the branches that those decide
      "dce",               // and what is left without a use
      "version_loops",     // once for the index arithmetic that is left, once without it
      "scalar_loops",      // marks loops whose elements lie apart, in the versions that are left
      "may_raise",         // exact now that needless checks are gone
      "ownership",         // last: it fixes the order of var.set
  };
  switch (target) {
    case PipelineTarget::Cpu:
    case PipelineTarget::Ptx:
    case PipelineTarget::Sim:
      return kCommon;
  }
  return kCommon;
}

void check_module(const Module& m, std::string_view after) {
  std::vector<std::string> wrong = verify(m);
  if (wrong.empty()) return;
  std::string text = "the IR is not sound after " + std::string(after) + ":";
  for (const std::string& w : wrong) text += "\n  " + w;
  throw InternalError(text + "\n" + print(m));
}

}  // namespace

const std::vector<PassInfo>& all_passes() {
  static const std::vector<PassInfo> kPasses = {
      {"promote", run_promote},
      {"fold", run_fold},
      {"simplify_control", run_simplify_control},
      {"fuse_arrays", run_fuse_arrays},
      {"lower_arrays", run_lower_arrays},
      {"ranges", run_ranges},
      {"dce", run_dce},
      {"version_loops", run_version_loops},
      {"scalar_loops", run_scalar_loops},
      {"may_raise", run_may_raise},
      {"ownership", run_ownership},
  };
  return kPasses;
}

const PassInfo* find_pass(std::string_view name) {
  for (const PassInfo& p : all_passes())
    if (p.name == name) return &p;
  return nullptr;
}

void run_pipeline(Module& m, PipelineTarget target, bool check) {
  const std::string subject = m.functions.empty() ? "" : m.functions[0]->symbol;
  if (check) check_module(m, "lowering");
  for (std::string_view name : stages(target)) {
    const PassInfo* pass = find_pass(name);
    CANTIL_CHECK(pass);
    {
      StageTimer timer(pass->name, subject);
      pass->run(m);
    }
    if (dump_wanted(pass->name)) dump_text(pass->name, subject, print(m));
    if (check) check_module(m, pass->name);
  }
}

}  // namespace cantil::ir
