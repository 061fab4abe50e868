// Masked gathers from one address: one load for all lanes.
#pragma once

#include <llvm/IR/PassManager.h>

namespace cantil::cpu_codegen {

// A load under a condition whose address does not depend on the loop, such as a coefficient that every thread
// of a block reads, becomes a gather of one repeated address when its loop is vectorised, which costs as many
// loads as there are lanes. Replaces it by one load: of that address where any lane is active, else of a
// place that is always readable.
class ReplaceUniformGathers : public llvm::PassInfoMixin<ReplaceUniformGathers> {
 public:
  llvm::PreservedAnalyses run(llvm::Function& f, llvm::FunctionAnalysisManager&);
};

}  // namespace cantil::cpu_codegen
