// parallel_for: the body becomes a function of its own that the thread pool calls once per chunk.
//
//   i32 body(context*, i64 begin, i64 end, i64 chunk)        iterations [begin, end) of n, counted from 0
//
// The context holds, by value, every outer value and variable that the body reads, then start and step, then
// a pointer to the chunks' partial results. Variables that the body sets are private to a chunk; a
// reduction's variable starts at its neutral element in each chunk, and the partial results are folded into
// the outer variable in chunk order, so that the result depends on the number of chunks only, never on
// timing. One chunk runs right here.
#include <llvm/ADT/SetVector.h>

#include "codegen/emitter.h"
#include "support/diagnostics.h"

namespace cantil::codegen {
namespace {

using ir::Opcode;

constexpr uint64_t kPartialAlign = 64;  // partial results of different threads do not share a cache line

struct Captures {
  llvm::SetVector<const ir::Value*> values;
  llvm::SetVector<const ir::Variable*> read, written;
};

void collect(const ir::Region& r, llvm::DenseSet<const ir::Value*>& inner, Captures& c) {
  for (const ir::Value* a : r.args) inner.insert(a);
  for (const ir::Op* op : r.ops) {
    for (const ir::Value* v : op->operands)
      if (!inner.contains(v)) c.values.insert(v);
    if (op->code == Opcode::VarGet) c.read.insert(op->var);
    if (op->code == Opcode::VarSet) c.written.insert(op->var);
    for (const ir::Reduction& red : op->reductions) {
      c.read.insert(red.var);
      c.written.insert(red.var);
    }
    for (const ir::Region* nested : op->regions) collect(*nested, inner, c);
    if (op->result) inner.insert(op->result);
  }
}

}  // namespace

class ParallelEmitter {
 public:
  ParallelEmitter(FunctionEmitter& outer, const ir::Op& op)
      : outer_(outer), m_(outer.m), op_(op), b_(outer.b) {}

  void run() {
    llvm::DenseSet<const ir::Value*> inner;
    collect(*op_.regions[0], inner, captures_);
    for (const ir::Reduction& red : op_.reductions)
      captures_.written.remove(red.var), captures_.read.remove(red.var);
    capture();
    index_type_ = op_.regions[0]->args[0]->type;
    llvm::Value* start = outer_.scalar(op_.operands[0]);
    llvm::Value* step = outer_.scalar(op_.operands[2]);
    llvm::Value* n = outer_.trip_count(index_type_, start, outer_.scalar(op_.operands[1]), step);
    n = b_.CreateZExtOrTrunc(n, outer_.i64());
    fields_.push_back(start);
    fields_.push_back(step);

    // No iterations: nothing to start, no partial results to fold.
    llvm::BasicBlock* some = outer_.block("parallel");
    llvm::BasicBlock* end = outer_.block("endparallel");
    b_.CreateCondBr(b_.CreateICmpEQ(n, b_.getInt64(0)), end, some);
    b_.SetInsertPoint(some);

    llvm::Value* chunks =
        b_.CreateCall(m_.runtime("cantil_rt_parallel_chunks", outer_.i64(), {outer_.i64()}), {n});
    layout_partials();
    llvm::Value* stack = nullptr;
    llvm::Value* partials = llvm::ConstantPointerNull::get(b_.getPtrTy());
    if (!op_.reductions.empty()) {
      stack = b_.CreateStackSave();
      llvm::Value* bytes = b_.CreateMul(chunks, b_.getInt64(partial_size_));
      llvm::AllocaInst* a = b_.CreateAlloca(b_.getInt8Ty(), bytes);
      a->setAlignment(llvm::Align(kPartialAlign));
      partials = a;
    }
    fields_.push_back(partials);
    llvm::SmallVector<llvm::Type*, 16> field_types;
    for (llvm::Value* v : fields_) field_types.push_back(v->getType());
    context_type_ = llvm::StructType::get(m_.context, field_types);

    llvm::AllocaInst* context = outer_.alloca_in_entry(context_type_);
    for (unsigned i = 0; i < fields_.size(); ++i)
      b_.CreateStore(fields_[i], b_.CreateStructGEP(context_type_, context, i));

    llvm::Function* body = emit_body_function();
    call(body, context, n, chunks);
    fold(partials, chunks);
    if (stack) b_.CreateStackRestore(stack);
    b_.CreateBr(end);
    b_.SetInsertPoint(end);
  }

 private:
  void capture() {
    for (const ir::Value* v : captures_.values) append(outer_.value(v));
    for (const ir::Variable* v : captures_.read) {
      if (captures_.written.contains(v) && m_.types[v->type].counted) continue;  // private, starts at null
      for (llvm::AllocaInst* slot : outer_.slots(v))
        fields_.push_back(b_.CreateLoad(slot->getAllocatedType(), slot));
    }
  }

  void append(const Leaves& leaves) { fields_.append(leaves.begin(), leaves.end()); }

  void layout_partials() {
    for (const ir::Reduction& red : op_.reductions) {
      const TypeInfo& info = m_.types[red.var->type];
      partial_size_ = llvm::alignTo(partial_size_, info.align);
      partial_offset_.push_back(partial_size_);
      partial_size_ += info.size;
    }
    partial_size_ = llvm::alignTo(partial_size_, kPartialAlign);
  }

  Leaves neutral(const ir::Reduction& red) {
    ir::TypeRef t = red.var->type;
    const TypeInfo& info = m_.types[t];
    llvm::Type* type = info.leaves[0].reg;
    ir::ConstValue c;
    switch (red.op) {
      case ir::ReduceOp::Add:
        c.f = -0.0;  // x + -0.0 is x, for every x
        c.im = -0.0;
        return outer_.constant(t, c);
      case ir::ReduceOp::Mul:
        c.i = 1;
        c.f = 1;
        return outer_.constant(t, c);
      case ir::ReduceOp::Min:
      case ir::ReduceOp::Max:
      case ir::ReduceOp::Minimum:
      case ir::ReduceOp::Maximum: {
        const bool min = red.op == ir::ReduceOp::Min || red.op == ir::ReduceOp::Minimum;
        if (t->is_float()) return {llvm::ConstantFP::getInfinity(type, !min)};
        const unsigned bits = type->getIntegerBitWidth();
        const bool s = t->is_int() && t->is_signed;
        return {llvm::ConstantInt::get(
            type, min ? (s ? llvm::APInt::getSignedMaxValue(bits) : llvm::APInt::getMaxValue(bits))
                      : (s ? llvm::APInt::getSignedMinValue(bits) : llvm::APInt::getMinValue(bits)))};
      }
      case ir::ReduceOp::And:
        return {llvm::Constant::getAllOnesValue(type)};
      case ir::ReduceOp::Or:
      case ir::ReduceOp::Xor:
        return {llvm::Constant::getNullValue(type)};
    }
    throw InternalError("unknown reduction");
  }

  llvm::Function* emit_body_function() {
    auto* type = llvm::FunctionType::get(outer_.i32(),
                                         {outer_.ptr(), outer_.i64(), outer_.i64(), outer_.i64()}, false);
    auto* fn = llvm::Function::Create(type, llvm::GlobalValue::InternalLinkage,
                                      outer_.fn->getName() + ".parallel", m_.out);
    m_.common_attributes(outer_.f, fn);
    fn->removeFnAttr(llvm::Attribute::AlwaysInline);
    fn->addFnAttr(llvm::Attribute::NoInline);  // the pool needs it by address; one copy is enough to optimise
    FunctionEmitter e(m_, outer_.f, fn);
    e.shape_.type = e.i32();
    e.shape_.status = true;
    e.chunk = fn->getArg(3);
    llvm::IRBuilder<>& b = e.b;

    llvm::Argument* context = fn->getArg(0);
    context->addAttr(llvm::Attribute::NoAlias);
    context->addAttr(llvm::Attribute::ReadOnly);
    unsigned field = 0;
    auto next_field = [&] {
      // Not invariant.load: where the body is inlined into its caller, that is where the fields are written.
      llvm::Value* x = b.CreateLoad(context_type_->getElementType(field),
                                    b.CreateStructGEP(context_type_, context, field));
      ++field;
      return x;
    };
    auto next_leaves = [&](ir::TypeRef t) {
      Leaves leaves;
      for (size_t i = 0; i < m_.types[t].leaves.size(); ++i) leaves.push_back(next_field());
      return leaves;
    };
    for (const ir::Value* v : captures_.values) e.define(v, next_leaves(v->type));
    for (const ir::Variable* v : captures_.read) {
      if (captures_.written.contains(v) && m_.types[v->type].counted) continue;
      Leaves x = next_leaves(v->type);
      auto& slots = e.slots(v);
      for (size_t i = 0; i < x.size(); ++i) b.CreateStore(x[i], slots[i]);
    }
    for (const ir::Variable* v : captures_.written)
      if (m_.types[v->type].counted && m_.target.has_heap()) e.owned_.push_back(v);
    if (!e.owned_.empty()) {
      e.exit_ = e.block("exit");
      e.status_slot_ = e.alloca_in_entry(e.i32());
    }
    llvm::Value* start = next_field();
    llvm::Value* step = next_field();
    llvm::Value* partials = next_field();
    for (const ir::Reduction& red : op_.reductions) {
      Leaves x = neutral(red);
      auto& slots = e.slots(red.var);
      for (size_t i = 0; i < x.size(); ++i) b.CreateStore(x[i], slots[i]);
    }

    loop(e, fn, start, step);

    for (size_t r = 0; r < op_.reductions.size(); ++r) {
      const ir::Variable* v = op_.reductions[r].var;
      Leaves x;
      for (llvm::AllocaInst* slot : e.slots(v)) x.push_back(b.CreateLoad(slot->getAllocatedType(), slot));
      e.store(v->type, x, partial(b, partials, fn->getArg(3), r), m_.types[v->type].align);
    }
    e.leave_with_value({});
    if (e.exit_) {
      e.exit_->moveAfter(&fn->back());
      b.SetInsertPoint(e.exit_);
      e.release_variables();
      b.CreateRet(b.CreateLoad(e.i32(), e.status_slot_));
    }
    return fn;
  }

  // for k in [begin, end): index = start + k * step, both advancing by additions.
  void loop(FunctionEmitter& e, llvm::Function* fn, llvm::Value* start, llvm::Value* step) {
    llvm::IRBuilder<>& b = e.b;
    const ir::Region& region = *op_.regions[0];
    llvm::Value *begin = fn->getArg(1), *end = fn->getArg(2);
    llvm::Type* t = start->getType();
    if (auto* known = llvm::dyn_cast<llvm::ConstantInt>(outer_.scalar(op_.operands[2]))) step = known;
    llvm::Value* first = b.CreateAdd(start, b.CreateMul(b.CreateIntCast(begin, t, false), step));
    llvm::BasicBlock* before = b.GetInsertBlock();
    llvm::BasicBlock* header = e.block("for");
    llvm::BasicBlock* body = e.block("body");
    llvm::BasicBlock* latch = e.block("latch");
    llvm::BasicBlock* done = e.block("endfor");
    b.CreateBr(header);
    b.SetInsertPoint(header);
    llvm::PHINode* k = b.CreatePHI(e.i64(), 2, "k");
    llvm::PHINode* index = b.CreatePHI(t, 2, "i");
    k->addIncoming(begin, before);
    index->addIncoming(first, before);
    b.CreateCondBr(b.CreateICmpSLT(k, end), body, done);
    b.SetInsertPoint(body);
    e.define(region.args[0], index);
    e.loops.push_back({done, latch});
    e.emit_region(region);
    e.loops.pop_back();
    e.branch_to(latch);
    b.SetInsertPoint(latch);
    k->addIncoming(b.CreateAdd(k, b.getInt64(1), "", true, true), latch);
    index->addIncoming(b.CreateAdd(index, step, "", !index_type_->is_signed, index_type_->is_signed), latch);
    b.CreateBr(header);
    b.SetInsertPoint(done);
  }

  llvm::Value* partial(llvm::IRBuilder<>& b, llvm::Value* partials, llvm::Value* chunk, size_t reduction) {
    llvm::Value* at = b.CreateInBoundsGEP(b.getInt8Ty(), partials,
                                          b.CreateMul(chunk, b.getInt64(partial_size_), "", true, true));
    return partial_offset_[reduction]
               ? b.CreateConstInBoundsGEP1_64(b.getInt8Ty(), at, partial_offset_[reduction])
               : at;
  }

  void call(llvm::Function* body, llvm::Value* context, llvm::Value* n, llvm::Value* chunks) {
    llvm::BasicBlock* one = outer_.block("one_chunk");
    llvm::BasicBlock* many = outer_.block("many_chunks");
    llvm::BasicBlock* joined = outer_.block("joined");
    b_.CreateCondBr(b_.CreateICmpEQ(chunks, b_.getInt64(1)), one, many);
    b_.SetInsertPoint(one);
    llvm::Value* here = b_.CreateCall(body, {context, b_.getInt64(0), n, b_.getInt64(0)});
    b_.CreateBr(joined);
    b_.SetInsertPoint(many);
    llvm::FunctionCallee pool = m_.runtime("cantil_rt_parallel_for", outer_.i32(),
                                           {outer_.ptr(), outer_.ptr(), outer_.i64(), outer_.i64()});
    llvm::Value* there = b_.CreateCall(pool, {body, context, n, chunks});
    b_.CreateBr(joined);
    b_.SetInsertPoint(joined);
    llvm::PHINode* status = b_.CreatePHI(outer_.i32(), 2);
    status->addIncoming(here, one);
    status->addIncoming(there, many);
    // The body recorded its own frames, this function's lines among them.
    if (outer_.f.may_raise) outer_.check_status(status, nullptr);
  }

  void fold(llvm::Value* partials, llvm::Value* chunks) {
    if (op_.reductions.empty()) return;
    llvm::BasicBlock* before = b_.GetInsertBlock();
    llvm::BasicBlock* header = outer_.block("fold");
    llvm::BasicBlock* done = outer_.block("folded");
    b_.CreateBr(header);
    b_.SetInsertPoint(header);
    llvm::PHINode* chunk = b_.CreatePHI(outer_.i64(), 2, "chunk");
    chunk->addIncoming(b_.getInt64(0), before);
    for (size_t r = 0; r < op_.reductions.size(); ++r) {
      const ir::Reduction& red = op_.reductions[r];
      auto& slots = outer_.slots(red.var);
      Leaves so_far;
      for (llvm::AllocaInst* slot : slots) so_far.push_back(b_.CreateLoad(slot->getAllocatedType(), slot));
      Leaves x = outer_.load(red.var->type, partial(b_, partials, chunk, r), m_.types[red.var->type].align);
      Leaves sum = outer_.combine(red.op, red.var->type, so_far, x);
      for (size_t i = 0; i < sum.size(); ++i) b_.CreateStore(sum[i], slots[i]);
    }
    llvm::Value* next = b_.CreateAdd(chunk, b_.getInt64(1), "", true, true);
    chunk->addIncoming(next, header);
    b_.CreateCondBr(b_.CreateICmpULT(next, chunks), header, done);
    b_.SetInsertPoint(done);
  }

  FunctionEmitter& outer_;
  ModuleEmitter& m_;
  const ir::Op& op_;
  llvm::IRBuilder<>& b_;
  Captures captures_;
  ir::TypeRef index_type_ = nullptr;
  llvm::SmallVector<llvm::Value*, 16> fields_;
  llvm::StructType* context_type_ = nullptr;
  llvm::SmallVector<uint64_t, 4> partial_offset_;
  uint64_t partial_size_ = 0;
};

void FunctionEmitter::emit_parallel_for(const ir::Op& op) { ParallelEmitter(*this, op).run(); }

}  // namespace cantil::codegen
