// Calls to functions of the module and of the C run-time library, and atomic operations.
#include <llvm/IR/ValueHandle.h>
#include <llvm/Transforms/Utils/LowerAtomic.h>

#include "codegen/emitter.h"
#include "support/diagnostics.h"

namespace cantil::codegen {

void FunctionEmitter::emit_call(const ir::Op& op) {
  llvm::Function* callee = m.function(op.func);
  CANTIL_CHECK(callee != nullptr);
  llvm::SmallVector<llvm::Value*, 16> args;
  for (const ir::Value* v : op.operands) args.append(value(v).begin(), value(v).end());
  args.append(hidden.begin(), hidden.end());
  llvm::CallInst* call = b.CreateCall(callee, args);
  call->setCallingConv(callee->getCallingConv());

  const ReturnShape shape = m.return_shape(*op.func);
  Leaves result;
  for (unsigned i = 0; i < shape.leaves; ++i)
    result.push_back(shape.parts() == 1 ? static_cast<llvm::Value*>(call) : b.CreateExtractValue(call, i));
  if (shape.status) {
    llvm::Value* status =
        shape.parts() == 1 ? static_cast<llvm::Value*>(call) : b.CreateExtractValue(call, shape.leaves);
    check_status(status, &op.span);
  }
  if (op.result) define(op.result, std::move(result));
}

// C's convention: small integers are extended by the caller.
void FunctionEmitter::emit_call_c(const ir::Op& op) {
  llvm::SmallVector<llvm::Value*, 8> args;
  llvm::SmallVector<llvm::Type*, 8> types;
  llvm::SmallVector<llvm::AttributeSet, 8> attributes;
  auto extension = [&](ir::TypeRef t) {
    llvm::AttrBuilder a(context);
    if (t->is_bool() || (t->is_int() && t->bits < 32 && !t->is_signed))
      a.addAttribute(llvm::Attribute::ZExt);
    else if (t->is_int() && t->bits < 32)
      a.addAttribute(llvm::Attribute::SExt);
    return llvm::AttributeSet::get(context, a);
  };
  for (const ir::Value* v : op.operands)
    for (llvm::Value* leaf : value(v)) {
      args.push_back(leaf);
      types.push_back(leaf->getType());
      attributes.push_back(extension(v->type));
    }
  llvm::Type* result = b.getVoidTy();
  if (op.result && !op.result->type->is_none()) {
    CANTIL_CHECK(m.types[op.result->type].leaves.size() == 1);
    result = m.types[op.result->type].leaves[0].reg;
  }
  llvm::CallInst* call = b.CreateCall(m.runtime(op.str, result, types), args);
  const llvm::AttributeSet of_result = result->isVoidTy() ? llvm::AttributeSet() : extension(op.result->type);
  llvm::AttributeSet of_function = llvm::AttributeSet::get(
      context, llvm::ArrayRef(llvm::Attribute::get(context, llvm::Attribute::NoUnwind)));
  call->setAttributes(llvm::AttributeList::get(context, of_function, of_result, attributes));
  if (!op.result) return;
  if (result->isVoidTy())
    define(op.result, Leaves{});
  else
    define(op.result, call);
}

void FunctionEmitter::emit_atomic(const ir::Op& op) {
  using RMW = llvm::AtomicRMWInst;
  llvm::Value* address = scalar(op.operands[0]);
  ir::TypeRef t = op.operands[1]->type;
  llvm::Value* x = to_memory(scalar(op.operands[1]));
  const llvm::Align align(m.types[t].align);
  const llvm::SyncScope::ID scope = context.getOrInsertSyncScopeID(target.atomic_scope());
  const auto order = llvm::AtomicOrdering::Monotonic;
  if (op.atomic() == ir::AtomicOp::Cas) {
    // pointer, compare, new value
    llvm::Value* expected = x;
    x = to_memory(scalar(op.operands[2]));
    llvm::Type* bits = b.getIntNTy(x->getType()->getScalarSizeInBits());
    llvm::Type* type = x->getType();
    llvm::Value* pair = b.CreateAtomicCmpXchg(address, b.CreateBitCast(expected, bits),
                                              b.CreateBitCast(x, bits), align, order, order, scope);
    if (!target.is_contended(op)) {
      llvm::WeakTrackingVH follows(pair);
      llvm::lowerAtomicCmpXchgInst(llvm::cast<llvm::AtomicCmpXchgInst>(pair));
      pair = follows;
    }
    llvm::Value* old = b.CreateBitCast(b.CreateExtractValue(pair, 0), type);
    define(op.result, to_register(old, m.types[t].leaves[0].reg));
    return;
  }
  const bool is_float = t->is_float(), is_signed = t->is_int() && t->is_signed;
  RMW::BinOp kind = RMW::BAD_BINOP;
  switch (op.atomic()) {
    case ir::AtomicOp::Add:
      kind = is_float ? RMW::FAdd : RMW::Add;
      break;
    case ir::AtomicOp::Sub:
      kind = is_float ? RMW::FSub : RMW::Sub;
      break;
    case ir::AtomicOp::Min:
      kind = is_float ? RMW::FMinimum : is_signed ? RMW::Min : RMW::UMin;
      break;
    case ir::AtomicOp::Max:
      kind = is_float ? RMW::FMaximum : is_signed ? RMW::Max : RMW::UMax;
      break;
    case ir::AtomicOp::NanMin:
      kind = is_float ? RMW::FMin : is_signed ? RMW::Min : RMW::UMin;
      break;
    case ir::AtomicOp::NanMax:
      kind = is_float ? RMW::FMax : is_signed ? RMW::Max : RMW::UMax;
      break;
    case ir::AtomicOp::And:
      kind = RMW::And;
      break;
    case ir::AtomicOp::Or:
      kind = RMW::Or;
      break;
    case ir::AtomicOp::Xor:
      kind = RMW::Xor;
      break;
    case ir::AtomicOp::Exch:
      kind = RMW::Xchg;
      break;
    case ir::AtomicOp::Inc:
      kind = RMW::UIncWrap;
      break;
    case ir::AtomicOp::Dec:
      kind = RMW::UDecWrap;
      break;
    case ir::AtomicOp::Cas:
      break;
  }
  CANTIL_CHECK(kind != RMW::BAD_BINOP);
  llvm::Value* old = b.CreateAtomicRMW(kind, address, x, align, order, scope);
  if (!target.is_contended(op)) {
    llvm::WeakTrackingVH follows(old);
    llvm::lowerAtomicRMWInst(llvm::cast<RMW>(old));
    old = follows;
  }
  define(op.result, to_register(old, m.types[t].leaves[0].reg));
}

}  // namespace cantil::codegen
