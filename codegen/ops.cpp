// The dispatch from an IR op to the code that emits it.
#include "codegen/emitter.h"
#include "support/diagnostics.h"

namespace cantil::codegen {

using ir::Opcode;

void FunctionEmitter::emit_region(const ir::Region& r) {
  for (const ir::Op* op : r.ops) {
    if (m.lines && op->span.valid()) b.SetCurrentDebugLocation(m.lines->location(fn, f, op->span));
    emit_op(*op);
    if (terminated()) return;
  }
}

void FunctionEmitter::emit_op(const ir::Op& op) {
  switch (op.code) {
    case Opcode::Const:
      define(op.result, constant(op.result->type, op.constant));
      return;
    case Opcode::Undef:
      define(op.result, undefined(op.result->type));
      return;
    case Opcode::ConstData:
      define(op.result, m.data(op.imm));
      return;
    case Opcode::ParallelChunk:
      define(op.result, chunk ? chunk : b.getInt64(0));
      return;

    case Opcode::VarGet: {
      Leaves leaves;
      for (llvm::AllocaInst* slot : slots(op.var))
        leaves.push_back(b.CreateLoad(slot->getAllocatedType(), slot));
      define(op.result, std::move(leaves));
      return;
    }
    case Opcode::VarSet: {
      const Leaves& x = value(op.operands[0]);
      auto& to = slots(op.var);
      for (size_t i = 0; i < to.size(); ++i) b.CreateStore(x[i], to[i]);
      return;
    }

    case Opcode::Add: {
      llvm::IRBuilder<>::FastMathFlagGuard guard(b);
      if (op.imm) {
        llvm::FastMathFlags flags = b.getFastMathFlags();
        flags.setAllowReassoc();
        b.setFastMathFlags(flags);
      }
      define(op.result, arithmetic(op.code, op.result->type, value(op.operands[0]), value(op.operands[1])));
      return;
    }
    case Opcode::Sub:
    case Opcode::Mul:
    case Opcode::Div:
    case Opcode::FloorDiv:
    case Opcode::Mod:
    case Opcode::TruncDiv:
    case Opcode::Rem:
    case Opcode::And:
    case Opcode::Or:
    case Opcode::Xor:
    case Opcode::Min:
    case Opcode::Max:
    case Opcode::Shl:
    case Opcode::Shr:
    case Opcode::MulHi:
      define(op.result, arithmetic(op.code, op.result->type, value(op.operands[0]), value(op.operands[1])));
      return;
    case Opcode::Neg:
    case Opcode::Not:
    case Opcode::Popc:
    case Opcode::Clz:
    case Opcode::Ctz:
    case Opcode::Brev:
    case Opcode::Select:
    case Opcode::IndexWrap:
      return emit_scalar(op);
    case Opcode::Eq:
    case Opcode::Ne:
    case Opcode::Lt:
    case Opcode::Le:
    case Opcode::Gt:
    case Opcode::Ge:
      define(op.result, compare(op.code, op.operands[0]->type, value(op.operands[0]), value(op.operands[1])));
      return;
    case Opcode::Cast:
      define(op.result, cast(op.operands[0]->type, op.result->type, value(op.operands[0])));
      return;
    case Opcode::Bitcast:
      define(op.result, bitcast(op.operands[0]->type, op.result->type, value(op.operands[0])));
      return;
    case Opcode::Math:
      define(op.result, math(op));
      return;

    case Opcode::ComplexMake:
    case Opcode::Real:
    case Opcode::Imag:
    case Opcode::TupleMake:
    case Opcode::TupleGet:
    case Opcode::TupleIndex:
    case Opcode::OptionalMake:
    case Opcode::OptionalNone:
    case Opcode::OptionalIsNone:
    case Opcode::OptionalGet:
      return emit_aggregate(op);

    case Opcode::ArrayMake:
    case Opcode::ArrayOwner:
    case Opcode::ArrayData:
    case Opcode::ArrayDim:
    case Opcode::ArrayStride:
    case Opcode::ElemPtr:
    case Opcode::LoadElem:
    case Opcode::StoreElem:
    case Opcode::BoundsCheck:
      return emit_array(op);
    case Opcode::PtrOffset:
    case Opcode::PtrIndex:
    case Opcode::Load:
    case Opcode::Store:
    case Opcode::MemCopy:
    case Opcode::MemSet:
    case Opcode::Alloc:
    case Opcode::ObjectNew:
    case Opcode::ObjectField:
    case Opcode::BufferNew:
    case Opcode::BufferData:
    case Opcode::OwnerData:
    case Opcode::OwnerWord:
    case Opcode::OwnerAddress:
    case Opcode::ConstText:
    case Opcode::LocalArray:
      return emit_memory(op);
    case Opcode::Retain:
    case Opcode::Release:
      return retain_release(op);

    case Opcode::If:
      return emit_if(op);
    case Opcode::While:
      return emit_while(op);
    case Opcode::For:
      return emit_for(op);
    case Opcode::ParallelFor:
      return emit_parallel_for(op);
    case Opcode::Break:
      b.CreateBr(loops.back().on_break);
      return;
    case Opcode::Continue:
      b.CreateBr(loops.back().on_continue);
      return;
    case Opcode::Return:
      leave_with_value(op.operands.empty() ? llvm::ArrayRef<llvm::Value*>{}
                                           : llvm::ArrayRef<llvm::Value*>(value(op.operands[0])));
      return;
    case Opcode::Raise:
      raise(op.imm, op.operands);
      return;
    case Opcode::Yield:
      return;  // read by emit_while
    case Opcode::Map:
    case Opcode::MapInto:
    case Opcode::Reduce:
      break;  // gone since lower_arrays
    case Opcode::Call:
      return emit_call(op);
    case Opcode::CallC:
      return emit_call_c(op);
    case Opcode::CallLlvm:
      return emit_call_llvm(op);
    case Opcode::Print:
      target.print(*this, op);
      return;
    case Opcode::Try:
      return emit_try(op);
    case Opcode::Leave:
      b.CreateBr(tries[tries.size() - 1 - static_cast<size_t>(op.imm)].end);
      return;
    case Opcode::ExceptionStatus:
    case Opcode::ExceptionSave:
    case Opcode::ExceptionIs:
    case Opcode::Reraise:
      return emit_exception(op);

    case Opcode::Sreg:
      define(op.result, target.sreg(*this, op.sreg()));
      return;
    case Opcode::Barrier:
      target.barrier(*this);
      return;
    case Opcode::SharedArray:
      define(op.result, target.shared_array(*this, op));
      return;
    case Opcode::DynShared:
      define(op.result, target.dynamic_shared(*this));
      return;
    case Opcode::DynSharedSize:
      define(op.result, target.dynamic_shared_size(*this));
      return;
    case Opcode::AtomicRmw:
      return emit_atomic(op);
    case Opcode::Fence:
      target.fence(*this, op.imm);
      return;
    case Opcode::Collective:
    case Opcode::BlockCollective: {
      llvm::Value* x =
          op.code == Opcode::Collective ? target.collective(*this, op) : target.block_collective(*this, op);
      define(op.result, x ? Leaves{x} : Leaves{});
      return;
    }

    case Opcode::AccessCheck:
      define(op.result, target.access_check(*this, op));
      return;
    case Opcode::SyncMark:
      target.sync_mark(*this, op);
      return;

    case Opcode::ThreadArray:
      define(op.result, target.thread_array(*this, op));
      return;
    case Opcode::ThreadLoop:
      target.thread_loop(*this, op);
      return;
    case Opcode::ThreadMax:
      throw InternalError("thread_max outlived the splitting pass");
    case Opcode::ThreadVarGet: {
      Leaves leaves;
      const TypeInfo& info = m.types[op.var->type];
      for (unsigned i = 0; i < info.leaves.size(); ++i) {
        llvm::LoadInst* x = b.CreateLoad(info.leaves[i].memory, target.thread_var_slot(*this, op.var, i));
        if (access_group) x->setMetadata(llvm::LLVMContext::MD_access_group, access_group);
        leaves.push_back(to_register(x, info.leaves[i].reg));
      }
      define(op.result, std::move(leaves));
      return;
    }
    case Opcode::ThreadVarSet: {
      const Leaves& x = value(op.operands[0]);
      for (unsigned i = 0; i < x.size(); ++i) {
        llvm::StoreInst* s = b.CreateStore(to_memory(x[i]), target.thread_var_slot(*this, op.var, i));
        if (access_group) s->setMetadata(llvm::LLVMContext::MD_access_group, access_group);
      }
      return;
    }
  }
  throw InternalError(std::string("no code for the op ") + ir::op_info(op.code).mnemonic);
}

}  // namespace cantil::codegen
