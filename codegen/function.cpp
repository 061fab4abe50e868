// A function's frame: parameters, variables, the entry block, and the ways out with their clean-up.
#include <llvm/IR/MDBuilder.h>

#include "codegen/emitter.h"
#include "support/diagnostics.h"

namespace cantil::codegen {

FunctionEmitter::FunctionEmitter(ModuleEmitter& module, const ir::Function& function,
                                 llvm::Function* llvm_function)
    : m(module),
      target(module.target),
      f(function),
      fn(llvm_function),
      context(module.context),
      b(module.context) {
  values_.resize(f.next_value);
  llvm::FastMathFlags flags;
  const uint8_t bits = f.fastmath | target.default_fastmath();
  flags.setNoNaNs(bits & ir::kNnan);
  flags.setNoInfs(bits & ir::kNinf);
  flags.setNoSignedZeros(bits & ir::kNsz);
  flags.setAllowReciprocal(bits & ir::kArcp);
  flags.setAllowContract(bits & ir::kContract);
  flags.setApproxFunc(bits & ir::kAfn);
  flags.setAllowReassoc(bits & ir::kReassoc);
  b.setFastMathFlags(flags);
  // Allocas go before the entry block's branch, so that code can start right away in a block of its own.
  llvm::BasicBlock* entry = block("entry");
  llvm::BasicBlock* start = block("start");
  b.SetInsertPoint(entry);
  alloca_point_ = b.CreateBr(start);
  b.SetInsertPoint(start);
}

llvm::AllocaInst* FunctionEmitter::alloca_in_entry(llvm::Type* type, uint64_t align, llvm::Value* count) {
  llvm::IRBuilder<>::InsertPointGuard guard(b);
  b.SetInsertPoint(alloca_point_);
  llvm::AllocaInst* a = b.CreateAlloca(type, count);
  if (align) a->setAlignment(llvm::Align(align));
  return a;
}

llvm::SmallVector<llvm::AllocaInst*, 4>& FunctionEmitter::slots(const ir::Variable* v) {
  auto [at, is_new] = variables_.try_emplace(v);
  if (!is_new) return at->second;
  const TypeInfo& info = m.types[v->type];
  for (const LeafInfo& leaf : info.leaves) {
    llvm::AllocaInst* slot = alloca_in_entry(leaf.reg);
    slot->setName(v->name);
    at->second.push_back(slot);
    // Null, and absent: what an exit releases must be defined from the start.
    if (info.counted && target.has_heap()) {
      llvm::IRBuilder<>::InsertPointGuard guard(b);
      b.SetInsertPoint(alloca_point_);
      b.CreateStore(llvm::Constant::getNullValue(leaf.reg), slot);
    }
  }
  return at->second;
}

void FunctionEmitter::declare_hidden(unsigned first_argument) {
  const unsigned count = target.hidden_params(context).size();
  for (unsigned i = 0; i < count; ++i) hidden.push_back(fn->getArg(first_argument + i));
}

void FunctionEmitter::prepare_exit() {
  if (target.has_heap())
    for (const ir::Variable* v : f.variables)
      if (m.types[v->type].counted) owned_.push_back(v);
  if (owned_.empty()) return;
  exit_ = block("exit");
  for (const LeafInfo& leaf : m.types[f.ret].leaves) result_slots_.push_back(alloca_in_entry(leaf.reg));
  if (shape_.status) status_slot_ = alloca_in_entry(i32());
}

void FunctionEmitter::emit_body() {
  shape_ = m.return_shape(f);
  if (m.lines) b.SetCurrentDebugLocation(m.lines->start(fn, f));
  unsigned arg = 0;
  for (size_t i = 0; i < f.params.size(); ++i) {
    Leaves leaves;
    for (size_t k = 0; k < m.types[f.params[i]->type].leaves.size(); ++k) {
      llvm::Argument* a = fn->getArg(arg++);
      if (i < f.param_names.size()) a->setName(f.param_names[i]);
      leaves.push_back(a);
    }
    define(f.params[i], std::move(leaves));
  }
  declare_hidden(arg);
  prepare_exit();
  target.begin_function(*this);
  emit_region(*f.body);
  if (!terminated()) {
    if (f.ret->is_none())
      leave_with_value({});
    else
      b.CreateUnreachable();  // every path returns or raises: the verifier's fifth invariant
  }
  if (!exit_) return;
  exit_->moveAfter(&fn->back());
  b.SetInsertPoint(exit_);
  release_variables();
  llvm::SmallVector<llvm::Value*, 8> parts;
  for (llvm::AllocaInst* slot : result_slots_) parts.push_back(b.CreateLoad(slot->getAllocatedType(), slot));
  if (status_slot_) parts.push_back(b.CreateLoad(i32(), status_slot_));
  if (parts.empty())
    b.CreateRetVoid();
  else if (parts.size() == 1)
    b.CreateRet(parts[0]);
  else
    b.CreateAggregateRet(parts.data(), parts.size());
}

void FunctionEmitter::release_variables() {
  for (const ir::Variable* v : owned_) {
    auto at = variables_.find(v);
    if (at == variables_.end()) continue;  // never touched
    Leaves held;
    for (llvm::AllocaInst* slot : at->second) held.push_back(b.CreateLoad(slot->getAllocatedType(), slot));
    release(v->type, held);
  }
}

void FunctionEmitter::leave_with_value(llvm::ArrayRef<llvm::Value*> leaves) {
  if (return_target) {  // a thread of a simulated block ends; the block goes on
    b.CreateBr(return_target);
    return;
  }
  CANTIL_CHECK(leaves.size() == shape_.leaves);
  if (exit_) {
    for (size_t i = 0; i < leaves.size(); ++i) b.CreateStore(leaves[i], result_slots_[i]);
    if (status_slot_) b.CreateStore(b.getInt32(0), status_slot_);
    b.CreateBr(exit_);
    return;
  }
  llvm::SmallVector<llvm::Value*, 8> parts(leaves.begin(), leaves.end());
  if (shape_.status) parts.push_back(b.getInt32(0));
  if (parts.empty())
    b.CreateRetVoid();
  else if (parts.size() == 1)
    b.CreateRet(parts[0]);
  else
    b.CreateAggregateRet(parts.data(), parts.size());
}

void FunctionEmitter::leave_with_error(llvm::Value* status) {
  for (size_t i = tries.size(); i-- > 0;) {
    if (!tries[i].in_body) continue;
    b.CreateStore(status, tries[i].status);
    b.CreateBr(tries[i].handler);
    return;
  }
  CANTIL_CHECK(shape_.status);
  if (exit_) {
    b.CreateStore(status, status_slot_);
    // The result's leaves stay undefined, which mem2reg turns into undef.
    b.CreateBr(exit_);
    return;
  }
  if (shape_.parts() == 1) {
    b.CreateRet(status);
    return;
  }
  llvm::SmallVector<llvm::Value*, 8> parts;
  auto* type = llvm::cast<llvm::StructType>(shape_.type);
  for (unsigned i = 0; i < shape_.leaves; ++i)
    parts.push_back(llvm::UndefValue::get(type->getElementType(i)));
  parts.push_back(status);
  b.CreateAggregateRet(parts.data(), parts.size());
}

llvm::MDNode* FunctionEmitter::unlikely() { return llvm::MDBuilder(context).createUnlikelyBranchWeights(); }

llvm::BasicBlock* FunctionEmitter::begin_cold(llvm::Value* failed, const char* name) {
  llvm::BasicBlock* cold = block(name);
  llvm::BasicBlock* next = block("next");
  b.CreateCondBr(failed, cold, next, unlikely());
  b.SetInsertPoint(cold);
  return next;
}

void FunctionEmitter::raise(int64_t site, llvm::ArrayRef<ir::Value*> args) {
  target.record_raise(*this, site, args);
  leave_with_error(b.getInt32(static_cast<uint32_t>(site + 1)));
}

void FunctionEmitter::check_status(llvm::Value* status, const Span* frame_span) {
  llvm::BasicBlock* next = begin_cold(b.CreateICmpNE(status, b.getInt32(0)), "unwind");
  if (frame_span) target.record_frame(*this, m.frame(f, *frame_span));
  leave_with_error(status);
  b.SetInsertPoint(next);
}

}  // namespace cantil::codegen
