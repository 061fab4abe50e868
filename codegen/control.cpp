// Structured control flow: if, while and for as LLVM's canonical loops.
#include <llvm/Support/SaveAndRestore.h>

#include "codegen/emitter.h"
#include "support/diagnostics.h"

namespace cantil::codegen {

using ir::Opcode;

void FunctionEmitter::emit_if(const ir::Op& op) {
  const ir::Region& yes = *op.regions[0];
  const ir::Region& no = *op.regions[1];
  llvm::BasicBlock* then_block = block("then");
  llvm::BasicBlock* else_block = no.ops.empty() ? nullptr : block("else");
  llvm::BasicBlock* end = block("endif");
  b.CreateCondBr(scalar(op.operands[0]), then_block, else_block ? else_block : end);
  b.SetInsertPoint(then_block);
  emit_region(yes);
  branch_to(end);
  if (else_block) {
    b.SetInsertPoint(else_block);
    emit_region(no);
    branch_to(end);
  }
  if (end->hasNPredecessors(0)) {
    // Both sides leave. What follows cannot run; the block stays the place to emit it, unreachable.
    end->eraseFromParent();
    return;
  }
  b.SetInsertPoint(end);
}

void FunctionEmitter::emit_while(const ir::Op& op) {
  llvm::BasicBlock* condition = block("while");
  llvm::BasicBlock* body = block("body");
  llvm::BasicBlock* end = block("endwhile");
  b.CreateBr(condition);
  b.SetInsertPoint(condition);
  emit_region(*op.regions[0]);
  if (!terminated()) {  // a condition that raises on every path has no yield to read
    const ir::Op* yield = op.regions[0]->ops.back();
    CANTIL_CHECK(yield->code == Opcode::Yield);
    b.CreateCondBr(scalar(yield->operands[0]), body, end);
  }
  b.SetInsertPoint(body);
  loops.push_back({end, condition});
  emit_region(*op.regions[1]);
  loops.pop_back();
  branch_to(condition);
  b.SetInsertPoint(end);
}

// The number of iterations, unsigned, of the iteration type; exact for every start, stop and non-zero step.
llvm::Value* FunctionEmitter::trip_count(ir::TypeRef type, llvm::Value* start, llvm::Value* stop,
                                         llvm::Value* step) {
  llvm::Type* t = start->getType();
  llvm::Value* zero = llvm::ConstantInt::get(t, 0);
  llvm::Value* one = llvm::ConstantInt::get(t, 1);
  const bool s = type->is_signed;
  auto less = [&](llvm::Value* x, llvm::Value* y) {
    return s ? b.CreateICmpSLT(x, y) : b.CreateICmpULT(x, y);
  };
  auto* known = llvm::dyn_cast<llvm::ConstantInt>(step);
  llvm::Value *some, *distance, *stride;
  if (!s || (known && !known->isNegative())) {
    some = less(start, stop);
    distance = b.CreateSub(stop, start);
    stride = step;
  } else if (known) {
    some = less(stop, start);
    distance = b.CreateSub(start, stop);
    stride = b.CreateNeg(step);
  } else {
    llvm::Value* up = b.CreateICmpSGT(step, zero);
    some = b.CreateSelect(up, less(start, stop), less(stop, start));
    distance = b.CreateSelect(up, b.CreateSub(stop, start), b.CreateSub(start, stop));
    stride = b.CreateSelect(up, step, b.CreateNeg(step));
  }
  auto* unit = llvm::dyn_cast<llvm::ConstantInt>(stride);
  llvm::Value* count =
      unit && unit->isOne() ? distance : b.CreateAdd(b.CreateUDiv(b.CreateSub(distance, one), stride), one);
  return b.CreateSelect(some, count, zero);
}

namespace {

// What the op's flags promise of a loop and ask for it, on its back edge; `group` marks its independent
// accesses.
void annotate(llvm::Instruction* back, int64_t flags, llvm::MDNode* group) {
  llvm::LLVMContext& context = back->getContext();
  auto text = [&](const char* s) { return llvm::MDString::get(context, s); };
  llvm::SmallVector<llvm::Metadata*, 4> parts = {nullptr};
  if (group) parts.push_back(llvm::MDNode::get(context, {text("llvm.loop.parallel_accesses"), group}));
  if (flags & (ir::kForPlain | ir::kForScalar)) {
    llvm::Metadata* no = llvm::ConstantAsMetadata::get(llvm::ConstantInt::getFalse(context));
    parts.push_back(llvm::MDNode::get(context, {text("llvm.loop.vectorize.enable"), no}));
  }
  if (flags & ir::kForPlain) parts.push_back(llvm::MDNode::get(context, {text("llvm.loop.unroll.disable")}));
  llvm::MDNode* loop = llvm::MDNode::getDistinct(context, parts);
  loop->replaceOperandWith(0, loop);
  back->setMetadata(llvm::LLVMContext::MD_loop, loop);
}

}  // namespace

// A step of ±1 compares the index itself; any other counts iterations beside it, so that neither can
// overflow.
void FunctionEmitter::emit_for(const ir::Op& op) {
  const ir::Region& body_region = *op.regions[0];
  const ir::Value* index_value = body_region.args[0];
  ir::TypeRef type = index_value->type;
  llvm::Value* start = scalar(op.operands[0]);
  llvm::Value* stop = scalar(op.operands[1]);
  llvm::Value* step = scalar(op.operands[2]);
  auto* known = llvm::dyn_cast<llvm::ConstantInt>(step);
  const bool simple = known && (known->isOne() || (type->is_signed && known->isMinusOne()));
  llvm::Value* count = simple ? nullptr : trip_count(type, start, stop, step);
  llvm::Type* t = start->getType();

  llvm::BasicBlock* before = b.GetInsertBlock();
  llvm::BasicBlock* header = block("for");
  llvm::BasicBlock* body = block("body");
  llvm::BasicBlock* latch = block("latch");
  llvm::BasicBlock* end = block("endfor");
  b.CreateBr(header);
  b.SetInsertPoint(header);
  llvm::PHINode* index = b.CreatePHI(t, 2, "i");
  index->addIncoming(start, before);
  llvm::PHINode* left = nullptr;
  llvm::Value* more;
  if (simple) {
    const bool up = known->isOne();
    more = up ? (type->is_signed ? b.CreateICmpSLT(index, stop) : b.CreateICmpULT(index, stop))
              : b.CreateICmpSGT(index, stop);
  } else {
    left = b.CreatePHI(t, 2, "left");
    left->addIncoming(count, before);
    more = b.CreateICmpNE(left, llvm::ConstantInt::get(t, 0));
  }
  b.CreateCondBr(more, body, end);

  b.SetInsertPoint(body);
  define(index_value, index);
  loops.push_back({end, latch});
  llvm::MDNode* group = nullptr;
  {
    llvm::SaveAndRestore<llvm::MDNode*> tagged(access_group);
    if (op.imm & ir::kForIndependent) {
      group = llvm::MDNode::getDistinct(context, {});
      // Inside a simulated block's thread loop the accesses belong to both.
      const bool nested = access_group && access_group->getNumOperands() == 0;
      access_group = nested ? llvm::MDNode::get(context, {access_group, group}) : group;
    }
    emit_region(body_region);
  }
  loops.pop_back();
  branch_to(latch);
  if (latch->hasNPredecessors(0)) {  // the body always leaves
    latch->eraseFromParent();
    // A header without a back edge needs no phis.
    index->replaceAllUsesWith(start);
    index->eraseFromParent();
    define(index_value, start);
    if (left) {
      left->replaceAllUsesWith(count);
      left->eraseFromParent();
    }
  } else {
    b.SetInsertPoint(latch);
    // The next index is used only when the loop goes on, hence in range: no wrap.
    llvm::Value* next = b.CreateAdd(index, step, "", !type->is_signed, type->is_signed);
    index->addIncoming(next, latch);
    if (left) left->addIncoming(b.CreateSub(left, llvm::ConstantInt::get(t, 1), "", true, false), latch);
    llvm::Instruction* back = b.CreateBr(header);
    if (op.imm) annotate(back, op.imm, group);
  }
  b.SetInsertPoint(end);
}

}  // namespace cantil::codegen
