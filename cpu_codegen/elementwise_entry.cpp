// The entry point of a ufunc's loop: the scalar function, inlined into loops over its operands' elements.
#include <llvm/IR/MDBuilder.h>

#include "codegen/entry_form.h"
#include "cpu_codegen/host_target.h"
#include "support/diagnostics.h"

namespace cantil::cpu_codegen {

using codegen::ElementwiseMode;
using codegen::LeafInfo;
using codegen::Leaves;
using codegen::ModuleEmitter;

namespace {

class Loops {
 public:
  Loops(ModuleEmitter& m, const ir::Function& f, llvm::Function* body, llvm::Function* entry)
      : m_(m),
        f_(f),
        body_(body),
        entry_(entry),
        b_(llvm::BasicBlock::Create(m.context, "entry", entry)),
        shape_(m.return_shape(f)) {
    for (const ir::Value* p : f.params) types_.push_back(p->type);
    types_.push_back(f.ret);
    for (size_t i = 0; i < types_.size(); ++i) {
      bases_.push_back(
          b_.CreateLoad(b_.getPtrTy(), b_.CreateConstGEP1_64(b_.getPtrTy(), entry->getArg(0), i)));
      steps_.push_back(
          b_.CreateLoad(b_.getInt64Ty(), b_.CreateConstGEP1_64(b_.getInt64Ty(), entry->getArg(2), i)));
    }
  }

  void emit() {
    llvm::BasicBlock* strided = block("strided");
    llvm::SwitchInst* choose = b_.CreateSwitch(entry_->getArg(3), strided, 2);
    auto mode = [&](ElementwiseMode which) { return b_.getInt32(static_cast<uint32_t>(which)); };
    llvm::BasicBlock* contiguous = block("contiguous");
    choose->addCase(mode(ElementwiseMode::Contiguous), contiguous);
    b_.SetInsertPoint(contiguous);
    over_all(true);
    if (types_.size() == 3 && types_[0] == types_[2]) {
      llvm::BasicBlock* fold = block("fold");
      choose->addCase(mode(ElementwiseMode::Fold), fold);
      b_.SetInsertPoint(fold);
      over_fold();
    }
    b_.SetInsertPoint(strided);
    over_all(false);
  }

 private:
  llvm::BasicBlock* block(const char* name) { return llvm::BasicBlock::Create(m_.context, name, entry_); }

  enum class Kind { Plain, Independent, Reduction };

  // Runs `each` for every index; it leaves the builder where the iteration ends.
  template <typename Each>
  void loop(Kind kind, Each&& each) {
    llvm::BasicBlock* before = b_.GetInsertBlock();
    llvm::BasicBlock *head = block("loop"), *end = block("done");
    b_.CreateCondBr(b_.CreateICmpSGT(entry_->getArg(1), b_.getInt64(0)), head, end);
    b_.SetInsertPoint(head);
    llvm::PHINode* index = b_.CreatePHI(b_.getInt64Ty(), 2);
    index->addIncoming(b_.getInt64(0), before);
    each(index, before);
    llvm::Value* next = b_.CreateAdd(index, b_.getInt64(1), "", true, true);
    index->addIncoming(next, b_.GetInsertBlock());
    llvm::Instruction* back = b_.CreateCondBr(b_.CreateICmpSLT(next, entry_->getArg(1)), head, end);
    llvm::SmallVector<llvm::Metadata*, 3> notes{nullptr};
    const auto text = [&](const char* name) { return llvm::MDString::get(m_.context, name); };
    if (kind == Kind::Independent)
      notes.push_back(llvm::MDNode::get(m_.context, {text("llvm.loop.parallel_accesses"), group_}));
    if (kind == Kind::Plain) {
      // For short loops and odd ones: other forms of it would only take time to make.
      auto* no = llvm::ConstantAsMetadata::get(b_.getFalse());
      notes.push_back(llvm::MDNode::get(m_.context, {text("llvm.loop.vectorize.enable"), no}));
      notes.push_back(llvm::MDNode::get(m_.context, text("llvm.loop.unroll.disable")));
    }
    llvm::MDNode* note = llvm::MDNode::getDistinct(m_.context, notes);
    note->replaceOperandWith(0, note);
    back->setMetadata(llvm::LLVMContext::MD_loop, note);
    b_.SetInsertPoint(end);
  }

  llvm::Value* address(size_t operand, llvm::Value* index, bool contiguous) {
    llvm::Value* step = contiguous ? b_.getInt64(m_.types[types_[operand]].size) : steps_[operand];
    return b_.CreateGEP(b_.getInt8Ty(), bases_[operand],
                        b_.CreateMul(index, step, "", contiguous, contiguous));
  }

  llvm::Value* part_address(llvm::Value* base, const LeafInfo& leaf) {
    return leaf.offset ? b_.CreateConstInBoundsGEP1_64(b_.getInt8Ty(), base, leaf.offset) : base;
  }

  llvm::Align align_of(const LeafInfo& leaf) {
    return llvm::Align(m_.out.getDataLayout().getTypeAllocSize(leaf.memory).getFixedValue());
  }

  void load(ir::TypeRef t, llvm::Value* at, llvm::MDNode* group, Leaves& out) {
    for (const LeafInfo& leaf : m_.types[t].leaves) {
      llvm::LoadInst* x = b_.CreateAlignedLoad(leaf.memory, part_address(at, leaf), align_of(leaf));
      if (group) x->setMetadata(llvm::LLVMContext::MD_access_group, group);
      out.push_back(leaf.reg == leaf.memory ? static_cast<llvm::Value*>(x)
                                            : b_.CreateICmpNE(x, b_.getInt8(0)));
    }
  }

  void store(const Leaves& values, llvm::Value* at, llvm::MDNode* group) {
    size_t i = 0;
    for (const LeafInfo& leaf : m_.types[f_.ret].leaves) {
      llvm::Value* v = values[i++];
      if (v->getType() != leaf.memory) v = b_.CreateZExt(v, leaf.memory);
      llvm::StoreInst* s = b_.CreateAlignedStore(v, part_address(at, leaf), align_of(leaf));
      if (group) s->setMetadata(llvm::LLVMContext::MD_access_group, group);
    }
  }

  // The function's result; where it raises, `failing` runs and the entry returns its status.
  template <typename Failing>
  Leaves call(const Leaves& args, bool inlined, Failing&& failing) {
    llvm::CallInst* call = b_.CreateCall(body_, args);
    call->setCallingConv(body_->getCallingConv());
    if (inlined && !body_->hasFnAttribute(llvm::Attribute::NoInline))
      call->addFnAttr(llvm::Attribute::AlwaysInline);
    auto part = [&](unsigned i) {
      return shape_.parts() == 1 ? static_cast<llvm::Value*>(call) : b_.CreateExtractValue(call, i);
    };
    Leaves result;
    for (unsigned i = 0; i < shape_.leaves; ++i) result.push_back(part(i));
    if (shape_.status) {
      llvm::Value* status = part(shape_.leaves);
      llvm::BasicBlock *failed = block("failed"), *ok = block("ok");
      b_.CreateCondBr(b_.CreateICmpEQ(status, b_.getInt32(0)), ok, failed,
                      llvm::MDBuilder(m_.context).createLikelyBranchWeights());
      b_.SetInsertPoint(failed);
      failing();
      b_.CreateRet(status);
      b_.SetInsertPoint(ok);
    }
    return result;
  }

  void over_all(bool contiguous) {
    llvm::MDNode* group = contiguous ? group_ : nullptr;
    loop(contiguous ? Kind::Independent : Kind::Plain, [&](llvm::Value* index, llvm::BasicBlock*) {
      Leaves args;
      const size_t out = types_.size() - 1;
      for (size_t i = 0; i < out; ++i) load(types_[i], address(i, index, contiguous), group, args);
      store(call(args, contiguous, [] {}), address(out, index, contiguous), group);
    });
    b_.CreateRet(b_.getInt32(0));
  }

  // The accumulator stays in registers, where LLVM can see a reduction.
  void over_fold() {
    Leaves first, now;
    load(types_[0], bases_[0], nullptr, first);
    llvm::SmallVector<llvm::PHINode*, 2> at_end;
    llvm::BasicBlock* start = b_.GetInsertBlock();
    Leaves last;
    llvm::BasicBlock* latch = nullptr;
    loop(Kind::Reduction, [&](llvm::Value* index, llvm::BasicBlock* before) {
      llvm::SmallVector<llvm::PHINode*, 2> accumulators;
      for (llvm::Value* v : first) {
        llvm::PHINode* phi = b_.CreatePHI(v->getType(), 2);
        phi->addIncoming(v, before);
        accumulators.push_back(phi);
      }
      Leaves args(accumulators.begin(), accumulators.end());
      const Leaves so_far = args;
      load(types_[1], address(1, index, true), nullptr, args);
      last = call(args, true, [&] { store(so_far, bases_[2], nullptr); });
      latch = b_.GetInsertBlock();
      for (size_t i = 0; i < accumulators.size(); ++i) accumulators[i]->addIncoming(last[i], latch);
    });
    for (size_t i = 0; i < first.size(); ++i) {
      llvm::PHINode* phi = b_.CreatePHI(first[i]->getType(), 2);
      phi->addIncoming(first[i], start);
      phi->addIncoming(last[i], latch);
      now.push_back(phi);
    }
    store(now, bases_[2], nullptr);
    b_.CreateRet(b_.getInt32(0));
  }

  ModuleEmitter& m_;
  const ir::Function& f_;
  llvm::Function* body_;
  llvm::Function* entry_;
  llvm::IRBuilder<> b_;
  codegen::ReturnShape shape_;
  llvm::MDNode* group_ = llvm::MDNode::getDistinct(m_.context, {});  // of independent accesses
  std::vector<ir::TypeRef> types_;                                   // of the operands, then of the result
  std::vector<llvm::Value*> bases_, steps_;
};

}  // namespace

std::string HostTarget::emit_elementwise_entry(ModuleEmitter& m, const ir::Function& f,
                                               llvm::Function* body) {
  CANTIL_CHECK(!f.ret->is_none());
  llvm::LLVMContext& c = m.context;
  auto* ptr = llvm::PointerType::get(c, 0);
  auto* i32 = llvm::Type::getInt32Ty(c);
  auto* type = llvm::FunctionType::get(i32, {ptr, llvm::Type::getInt64Ty(c), ptr, i32}, false);
  const std::string symbol = entry_symbol(f);
  auto* entry = llvm::Function::Create(type, llvm::GlobalValue::ExternalLinkage, symbol, m.out);
  m.common_attributes(f, entry);
  entry->removeFnAttr(llvm::Attribute::AlwaysInline);
  entry->removeFnAttr(llvm::Attribute::NoInline);
  Loops(m, f, body, entry).emit();
  return symbol;
}

}  // namespace cantil::cpu_codegen
