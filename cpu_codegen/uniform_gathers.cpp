// The pass over masked gathers, at the end of the vectoriser.
#include "cpu_codegen/uniform_gathers.h"

#include <llvm/Analysis/VectorUtils.h>
#include <llvm/IR/InstIterator.h>
#include <llvm/IR/IntrinsicInst.h>
#include <llvm/IR/PassManager.h>

namespace cantil::cpu_codegen {
namespace {

void replace(llvm::Function& f, llvm::IntrinsicInst& gather,
             llvm::DenseMap<llvm::Type*, llvm::Value*>& spare) {
  auto* type = llvm::cast<llvm::FixedVectorType>(gather.getType());
  llvm::Type* element = type->getElementType();
  llvm::Value* address = llvm::getSplatValue(gather.getArgOperand(0));
  llvm::Value* mask = gather.getArgOperand(1);
  llvm::Value* other = gather.getArgOperand(2);
  const llvm::Align align = gather.getParamAlign(0).valueOrOne();
  llvm::Value*& readable = spare[element];
  if (!readable) {
    llvm::IRBuilder<> at_start(&f.getEntryBlock(), f.getEntryBlock().getFirstInsertionPt());
    llvm::AllocaInst* place = at_start.CreateAlloca(element);
    place->setAlignment(std::max(place->getAlign(), align));
    at_start.CreateStore(llvm::Constant::getNullValue(element), place);
    readable = place;
  }
  llvm::IRBuilder<> b(&gather);
  llvm::Value* bits = b.CreateBitCast(mask, b.getIntNTy(type->getNumElements()));
  llvm::Value* any = b.CreateICmpNE(bits, llvm::ConstantInt::get(bits->getType(), 0));
  llvm::LoadInst* load = b.CreateAlignedLoad(element, b.CreateSelect(any, address, readable), align);
  llvm::Value* result = b.CreateVectorSplat(type->getNumElements(), load);
  if (!llvm::isa<llvm::UndefValue>(other)) result = b.CreateSelect(mask, result, other);
  gather.replaceAllUsesWith(result);
  gather.eraseFromParent();
}

}  // namespace

llvm::PreservedAnalyses ReplaceUniformGathers::run(llvm::Function& f, llvm::FunctionAnalysisManager&) {
  llvm::SmallVector<llvm::IntrinsicInst*, 16> gathers;
  for (llvm::Instruction& i : llvm::instructions(f)) {
    auto* call = llvm::dyn_cast<llvm::IntrinsicInst>(&i);
    if (call && call->getIntrinsicID() == llvm::Intrinsic::masked_gather &&
        llvm::isa<llvm::FixedVectorType>(call->getType()) && llvm::getSplatValue(call->getArgOperand(0))) {
      gathers.push_back(call);
    }
  }
  if (gathers.empty()) return llvm::PreservedAnalyses::all();
  llvm::DenseMap<llvm::Type*, llvm::Value*> spare;
  for (llvm::IntrinsicInst* gather : gathers) replace(f, *gather, spare);
  llvm::PreservedAnalyses kept;
  kept.preserveSet<llvm::CFGAnalyses>();
  return kept;
}

}  // namespace cantil::cpu_codegen
