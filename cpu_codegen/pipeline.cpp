// LLVM's passes for host code, in order: clean up and inline, simplify loops, vectorise, tidy.
#include "cpu_codegen/pipeline.h"

#include <llvm/Analysis/InlineCost.h>
#include <llvm/Passes/PassBuilder.h>
#include <llvm/Transforms/IPO/AlwaysInliner.h>
#include <llvm/Transforms/IPO/FunctionAttrs.h>
#include <llvm/Transforms/IPO/GlobalDCE.h>
#include <llvm/Transforms/IPO/Inliner.h>
#include <llvm/Transforms/InstCombine/InstCombine.h>
#include <llvm/Transforms/Scalar/ADCE.h>
#include <llvm/Transforms/Scalar/BDCE.h>
#include <llvm/Transforms/Scalar/ConstraintElimination.h>
#include <llvm/Transforms/Scalar/CorrelatedValuePropagation.h>
#include <llvm/Transforms/Scalar/DeadStoreElimination.h>
#include <llvm/Transforms/Scalar/DivRemPairs.h>
#include <llvm/Transforms/Scalar/EarlyCSE.h>
#include <llvm/Transforms/Scalar/GVN.h>
#include <llvm/Transforms/Scalar/IndVarSimplify.h>
#include <llvm/Transforms/Scalar/InstSimplifyPass.h>
#include <llvm/Transforms/Scalar/JumpThreading.h>
#include <llvm/Transforms/Scalar/LICM.h>
#include <llvm/Transforms/Scalar/LoopDeletion.h>
#include <llvm/Transforms/Scalar/LoopIdiomRecognize.h>
#include <llvm/Transforms/Scalar/LoopInstSimplify.h>
#include <llvm/Transforms/Scalar/LoopLoadElimination.h>
#include <llvm/Transforms/Scalar/LoopPassManager.h>
#include <llvm/Transforms/Scalar/LoopRotation.h>
#include <llvm/Transforms/Scalar/LoopSimplifyCFG.h>
#include <llvm/Transforms/Scalar/LoopUnrollPass.h>
#include <llvm/Transforms/Scalar/MemCpyOptimizer.h>
#include <llvm/Transforms/Scalar/Reassociate.h>
#include <llvm/Transforms/Scalar/SCCP.h>
#include <llvm/Transforms/Scalar/SROA.h>
#include <llvm/Transforms/Scalar/SimpleLoopUnswitch.h>
#include <llvm/Transforms/Scalar/SimplifyCFG.h>
#include <llvm/Transforms/Scalar/TailRecursionElimination.h>
#include <llvm/Transforms/Utils/InjectTLIMappings.h>
#include <llvm/Transforms/Vectorize/LoopVectorize.h>
#include <llvm/Transforms/Vectorize/SLPVectorizer.h>
#include <llvm/Transforms/Vectorize/VectorCombine.h>

#include "cpu_codegen/uniform_gathers.h"

namespace cantil::cpu_codegen {
namespace {

using namespace llvm;  // a file of LLVM's names and nothing else

// Where unrolling only makes code, and the time to make it: the scalar loop beside a vector loop, which runs
// a few iterations, or all where arrays overlap; a loop around loops; and a loop whose every iteration waits
// for the floating-point result of the one before.
class ChooseWhatToUnroll : public PassInfoMixin<ChooseWhatToUnroll> {
 public:
  PreservedAnalyses run(Function& f, FunctionAnalysisManager& analyses) {
    LoopInfo& loops = analyses.getResult<LoopAnalysis>(f);
    for (Loop* loop : loops.getLoopsInPreorder())
      if (!loop->isInnermost() || getBooleanLoopAttribute(loop, "llvm.loop.isvectorized") || waits(*loop))
        loop->setLoopAlreadyUnrolled();
    return PreservedAnalyses::all();
  }

 private:
  static bool waits(const Loop& loop) {
    for (const PHINode& phi : loop.getHeader()->phis())
      if (phi.getType()->isFloatingPointTy()) return true;
    return false;
  }
};

SimplifyCFGOptions late_cfg() {
  return SimplifyCFGOptions()
      .forwardSwitchCondToPhi(true)
      .convertSwitchRangeToICmp(true)
      .convertSwitchToLookupTable(true)
      .needCanonicalLoops(false)
      .hoistCommonInsts(true)
      .sinkCommonInsts(true);
}

// Once for each function, callees first, each time something was inlined into it.
FunctionPassManager simplify() {
  FunctionPassManager passes;
  passes.addPass(SROAPass(SROAOptions::ModifyCFG));
  passes.addPass(EarlyCSEPass(/*UseMemorySSA=*/true));
  passes.addPass(SimplifyCFGPass(SimplifyCFGOptions().convertSwitchRangeToICmp(true)));
  passes.addPass(InstCombinePass());
  passes.addPass(JumpThreadingPass());
  passes.addPass(CorrelatedValuePropagationPass());
  passes.addPass(TailCallElimPass());
  passes.addPass(SimplifyCFGPass(SimplifyCFGOptions().convertSwitchRangeToICmp(true)));
  passes.addPass(ReassociatePass());
  passes.addPass(ConstraintEliminationPass());

  LoopPassManager first;
  first.addPass(LoopInstSimplifyPass());
  first.addPass(LoopSimplifyCFGPass());
  first.addPass(LICMPass(LICMOptions(100, 250, /*AllowSpeculation=*/false)));
  first.addPass(LoopRotatePass());
  first.addPass(LICMPass(LICMOptions(100, 250, /*AllowSpeculation=*/true)));
  first.addPass(SimpleLoopUnswitchPass(/*NonTrivial=*/true));
  passes.addPass(createFunctionToLoopPassAdaptor(std::move(first), /*UseMemorySSA=*/true));
  passes.addPass(SimplifyCFGPass(SimplifyCFGOptions().convertSwitchRangeToICmp(true)));
  passes.addPass(InstCombinePass());

  LoopPassManager second;
  second.addPass(LoopIdiomRecognizePass());
  second.addPass(IndVarSimplifyPass());
  second.addPass(LoopDeletionPass());
  second.addPass(LoopFullUnrollPass(3));
  passes.addPass(createFunctionToLoopPassAdaptor(std::move(second)));
  passes.addPass(SROAPass(SROAOptions::ModifyCFG));
  passes.addPass(GVNPass());
  passes.addPass(SCCPPass());
  passes.addPass(BDCEPass());
  passes.addPass(InstCombinePass());
  passes.addPass(ADCEPass());
  passes.addPass(MemCpyOptPass());
  passes.addPass(DSEPass());
  passes.addPass(
      createFunctionToLoopPassAdaptor(LICMPass(LICMOptions(100, 250, true)), /*UseMemorySSA=*/true));
  passes.addPass(SimplifyCFGPass(
      SimplifyCFGOptions().convertSwitchRangeToICmp(true).hoistCommonInsts(true).sinkCommonInsts(true)));
  passes.addPass(InstCombinePass());
  return passes;
}

FunctionPassManager vectorise() {
  FunctionPassManager passes;
  passes.addPass(createFunctionToLoopPassAdaptor(LoopRotatePass()));
  passes.addPass(InjectTLIMappings());
  passes.addPass(LoopVectorizePass(LoopVectorizeOptions()));
  passes.addPass(ReplaceUniformGathers());
  passes.addPass(ChooseWhatToUnroll());
  passes.addPass(LoopLoadEliminationPass());
  passes.addPass(InstCombinePass());
  passes.addPass(SimplifyCFGPass(late_cfg()));
  passes.addPass(SLPVectorizerPass());
  passes.addPass(VectorCombinePass());
  passes.addPass(InstCombinePass());
  passes.addPass(LoopUnrollPass(LoopUnrollOptions(3)));
  passes.addPass(SROAPass(SROAOptions::PreserveCFG));
  passes.addPass(
      createFunctionToLoopPassAdaptor(LICMPass(LICMOptions(100, 250, true)), /*UseMemorySSA=*/true));
  passes.addPass(InstSimplifyPass());
  passes.addPass(DivRemPairsPass());
  passes.addPass(SimplifyCFGPass(SimplifyCFGOptions()
                                     .convertSwitchRangeToICmp(true)
                                     .speculateUnpredictables(true)
                                     .hoistLoadsStoresWithCondFaulting(true)));
  return passes;
}

}  // namespace

ModulePassManager host_pipeline() {
  ModulePassManager passes;
  // Before anything else, so that a body that goes into its entry point is not simplified twice.
  passes.addPass(AlwaysInlinerPass(/*InsertLifetimeIntrinsics=*/false));
  FunctionPassManager early;
  early.addPass(SROAPass(SROAOptions::ModifyCFG));
  early.addPass(EarlyCSEPass());
  passes.addPass(createModuleToFunctionPassAdaptor(std::move(early), /*EagerlyInvalidate=*/true));
  ModuleInlinerWrapperPass inliner(getInlineParams(3, 0));
  CGSCCPassManager& components = inliner.getPM();
  components.addPass(PostOrderFunctionAttrsPass(/*SkipNonRecursive=*/true));
  components.addPass(
      createCGSCCToFunctionPassAdaptor(simplify(), /*EagerlyInvalidate=*/true, /*NoRerun=*/true));
  components.addPass(PostOrderFunctionAttrsPass());
  passes.addPass(std::move(inliner));
  passes.addPass(GlobalDCEPass());
  passes.addPass(createModuleToFunctionPassAdaptor(vectorise(), /*EagerlyInvalidate=*/true));
  passes.addPass(GlobalDCEPass());
  return passes;
}

}  // namespace cantil::cpu_codegen
