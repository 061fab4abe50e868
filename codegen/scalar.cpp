// Constants and arithmetic on numbers: integers wrap, // and % are Python's, nothing is undefined for any
// operand.
#include <llvm/IR/Intrinsics.h>

#include "codegen/emitter.h"
#include "support/diagnostics.h"

namespace cantil::codegen {

using ir::Opcode;

Leaves FunctionEmitter::constant(ir::TypeRef t, const ir::ConstValue& c) {
  const TypeInfo& info = m.types[t];
  switch (t->kind) {
    case ir::TypeKind::Bool:
      return {b.getInt1(c.i != 0)};
    case ir::TypeKind::Int:
      return {llvm::ConstantInt::get(info.leaves[0].reg, static_cast<uint64_t>(c.i), false, true)};
    case ir::TypeKind::Float:
      return {llvm::ConstantFP::get(info.leaves[0].reg, c.f)};
    case ir::TypeKind::Complex:
      return {llvm::ConstantFP::get(info.leaves[0].reg, c.f),
              llvm::ConstantFP::get(info.leaves[1].reg, c.im)};
    default:
      return undefined(t);  // None has no leaves; a pointer's constant is null
  }
}

Leaves FunctionEmitter::undefined(ir::TypeRef t) {
  Leaves leaves;
  const TypeInfo& info = m.types[t];
  // Zero where references are counted, so that a release of it is harmless; any value elsewhere.
  for (const LeafInfo& leaf : info.leaves)
    leaves.push_back(info.counted || t->is(ir::TypeKind::Pointer)
                         ? static_cast<llvm::Value*>(llvm::Constant::getNullValue(leaf.reg))
                         : llvm::UndefValue::get(leaf.reg));
  return leaves;
}

namespace {

bool is_constant(llvm::Value* v, llvm::APInt& out) {
  if (auto* c = llvm::dyn_cast<llvm::ConstantInt>(v)) {
    out = c->getValue();
    return true;
  }
  return false;
}

}  // namespace

// Rounds to minus infinity for FloorDiv and Mod, to zero for TruncDiv and Rem. INT_MIN / -1 wraps.
llvm::Value* FunctionEmitter::floor_div_mod(bool is_signed, llvm::Value* x, llvm::Value* y, Opcode code) {
  const bool wants_quotient = code == Opcode::FloorDiv || code == Opcode::TruncDiv;
  const bool floors = code == Opcode::FloorDiv || code == Opcode::Mod;
  if (!is_signed) return wants_quotient ? b.CreateUDiv(x, y) : b.CreateURem(x, y);

  llvm::Type* type = x->getType();
  const unsigned bits = type->getIntegerBitWidth();
  llvm::APInt c;
  const bool known = is_constant(y, c);
  if (known && floors && c.isStrictlyPositive() && c.isPowerOf2())
    return wants_quotient ? b.CreateAShr(x, c.logBase2())
                          : b.CreateAnd(x, llvm::ConstantInt::get(type, c - 1));

  if (bits < 32) {  // in 32 bits nothing overflows, and machines divide those best anyway
    llvm::Value* wide = floor_div_mod(true, b.CreateSExt(x, i32()), b.CreateSExt(y, i32()), code);
    return b.CreateTrunc(wide, type);
  }

  llvm::Value* minus_one = nullptr;
  llvm::Value* divisor = y;
  if (known ? c.isAllOnes() : true) {
    minus_one = b.CreateICmpEQ(y, llvm::Constant::getAllOnesValue(type));
    divisor = b.CreateSelect(minus_one, llvm::ConstantInt::get(type, 1), y);
  }
  llvm::Value* rem = wants_quotient && !floors ? nullptr : b.CreateSRem(x, divisor);
  llvm::Value* adjust = nullptr;
  if (floors) {
    llvm::Value* inexact = b.CreateICmpNE(rem, llvm::ConstantInt::get(type, 0));
    llvm::Value* signs = b.CreateICmpSLT(b.CreateXor(rem, divisor), llvm::ConstantInt::get(type, 0));
    adjust = b.CreateAnd(inexact, signs);
  }
  if (!wants_quotient) {
    if (!floors) return rem;
    return b.CreateSelect(adjust, b.CreateAdd(rem, divisor), rem);
  }
  llvm::Value* quotient = b.CreateSDiv(x, divisor);
  if (floors) quotient = b.CreateAdd(quotient, b.CreateSExt(adjust, type));
  return minus_one ? b.CreateSelect(minus_one, b.CreateNeg(x), quotient) : quotient;
}

// A count outside [0, bits) shifts everything out. Clamping keeps LLVM's shifts defined.
llvm::Value* FunctionEmitter::shift(ir::TypeRef t, llvm::Value* x, llvm::Value* y, bool left) {
  llvm::Type* type = x->getType();
  const unsigned bits = type->getIntegerBitWidth();
  llvm::Value* last = llvm::ConstantInt::get(type, bits - 1);
  if (!left && t->is_signed) {
    llvm::Value* count = b.CreateSelect(b.CreateICmpUGT(y, last), last, y);
    return b.CreateAShr(x, count);
  }
  llvm::Value* shifted = left ? b.CreateShl(x, y) : b.CreateLShr(x, y);
  return b.CreateSelect(b.CreateICmpUGT(y, last), llvm::ConstantInt::get(type, 0), shifted);
}

Leaves FunctionEmitter::arithmetic(Opcode code, ir::TypeRef t, const Leaves& x, const Leaves& y) {
  if (t->is_complex()) {
    switch (code) {
      case Opcode::Add:
        return {b.CreateFAdd(x[0], y[0]), b.CreateFAdd(x[1], y[1])};
      case Opcode::Sub:
        return {b.CreateFSub(x[0], y[0]), b.CreateFSub(x[1], y[1])};
      case Opcode::Mul: {
        llvm::Value* re = b.CreateFSub(b.CreateFMul(x[0], y[0]), b.CreateFMul(x[1], y[1]));
        llvm::Value* im = b.CreateFAdd(b.CreateFMul(x[0], y[1]), b.CreateFMul(x[1], y[0]));
        return {re, im};
      }
      default:
        break;
    }
    throw InternalError(std::string("no complex ") + ir::op_info(code).mnemonic);
  }
  llvm::Value *p = x[0], *q = y[0];
  if (t->is_float()) {
    switch (code) {
      case Opcode::Add:
        return {b.CreateFAdd(p, q)};
      case Opcode::Sub:
        return {b.CreateFSub(p, q)};
      case Opcode::Mul:
        return {b.CreateFMul(p, q)};
      case Opcode::Div:
        return {b.CreateFDiv(p, q)};
      case Opcode::Min:
        return {b.CreateSelect(b.CreateFCmpOLT(q, p), q, p)};
      case Opcode::Max:
        return {b.CreateSelect(b.CreateFCmpOGT(q, p), q, p)};
      default:
        break;
    }
    throw InternalError(std::string("no float ") + ir::op_info(code).mnemonic);
  }
  const bool is_signed = t->is_int() && t->is_signed;
  switch (code) {
    case Opcode::Add:
      return {b.CreateAdd(p, q)};
    case Opcode::Sub:
      return {b.CreateSub(p, q)};
    case Opcode::Mul:
      return {b.CreateMul(p, q)};
    case Opcode::FloorDiv:
    case Opcode::Mod:
    case Opcode::TruncDiv:
    case Opcode::Rem:
      return {floor_div_mod(is_signed, p, q, code)};
    case Opcode::And:
      return {b.CreateAnd(p, q)};
    case Opcode::Or:
      return {b.CreateOr(p, q)};
    case Opcode::Xor:
      return {b.CreateXor(p, q)};
    case Opcode::Shl:
      return {shift(t, p, q, true)};
    case Opcode::Shr:
      return {shift(t, p, q, false)};
    case Opcode::Min:
      return {b.CreateBinaryIntrinsic(is_signed ? llvm::Intrinsic::smin : llvm::Intrinsic::umin, p, q)};
    case Opcode::Max:
      return {b.CreateBinaryIntrinsic(is_signed ? llvm::Intrinsic::smax : llvm::Intrinsic::umax, p, q)};
    case Opcode::MulHi: {
      const unsigned bits = p->getType()->getIntegerBitWidth();
      llvm::Type* wide = b.getIntNTy(2 * bits);
      llvm::Value* product = is_signed ? b.CreateMul(b.CreateSExt(p, wide), b.CreateSExt(q, wide))
                                       : b.CreateMul(b.CreateZExt(p, wide), b.CreateZExt(q, wide));
      return {b.CreateTrunc(b.CreateLShr(product, bits), p->getType())};
    }
    default:
      break;
  }
  throw InternalError(std::string("no integer ") + ir::op_info(code).mnemonic);
}

Leaves FunctionEmitter::combine(ir::ReduceOp op, ir::TypeRef t, const Leaves& x, const Leaves& y) {
  switch (op) {
    case ir::ReduceOp::Add:
      return arithmetic(Opcode::Add, t, x, y);
    case ir::ReduceOp::Mul:
      return arithmetic(Opcode::Mul, t, x, y);
    case ir::ReduceOp::Min:
      return arithmetic(Opcode::Min, t, x, y);
    case ir::ReduceOp::Max:
      return arithmetic(Opcode::Max, t, x, y);
    case ir::ReduceOp::And:
      return arithmetic(Opcode::And, t, x, y);
    case ir::ReduceOp::Or:
      return arithmetic(Opcode::Or, t, x, y);
    case ir::ReduceOp::Xor:
      return arithmetic(Opcode::Xor, t, x, y);
    case ir::ReduceOp::Minimum:
    case ir::ReduceOp::Maximum: {
      const bool least = op == ir::ReduceOp::Minimum;
      if (!t->is_float()) return arithmetic(least ? Opcode::Min : Opcode::Max, t, x, y);
      return {
          b.CreateBinaryIntrinsic(least ? llvm::Intrinsic::minimum : llvm::Intrinsic::maximum, x[0], y[0])};
    }
  }
  throw InternalError("unknown reduction");
}

void FunctionEmitter::emit_scalar(const ir::Op& op) {
  const Leaves& x = value(op.operands[0]);
  ir::TypeRef t = op.operands[0]->type;
  switch (op.code) {
    case Opcode::Neg: {
      Leaves out;
      for (llvm::Value* leaf : x) out.push_back(t->is_int() ? b.CreateNeg(leaf) : b.CreateFNeg(leaf));
      define(op.result, std::move(out));
      return;
    }
    case Opcode::Not:
      define(op.result, b.CreateNot(x[0]));
      return;
    case Opcode::Popc:
      define(op.result, b.CreateUnaryIntrinsic(llvm::Intrinsic::ctpop, x[0]));
      return;
    case Opcode::Brev:
      define(op.result, b.CreateUnaryIntrinsic(llvm::Intrinsic::bitreverse, x[0]));
      return;
    case Opcode::Clz:
      define(op.result, b.CreateBinaryIntrinsic(llvm::Intrinsic::ctlz, x[0], b.getFalse()));
      return;
    case Opcode::Ctz:
      define(op.result, b.CreateBinaryIntrinsic(llvm::Intrinsic::cttz, x[0], b.getFalse()));
      return;
    case Opcode::Select: {
      const Leaves& yes = value(op.operands[1]);
      const Leaves& no = value(op.operands[2]);
      Leaves out;
      for (size_t i = 0; i < yes.size(); ++i) out.push_back(b.CreateSelect(x[0], yes[i], no[i]));
      define(op.result, std::move(out));
      return;
    }
    case Opcode::IndexWrap: {
      // i + n cannot overflow: the index is negative here and a length is not.
      llvm::Value* wrapped = b.CreateAdd(x[0], scalar(op.operands[1]), "", false, true);
      define(op.result, b.CreateSelect(b.CreateICmpSLT(x[0], llvm::ConstantInt::get(x[0]->getType(), 0)),
                                       wrapped, x[0]));
      return;
    }
    default:
      throw InternalError("not a scalar op");
  }
}

llvm::Value* FunctionEmitter::compare(Opcode code, ir::TypeRef t, const Leaves& x, const Leaves& y) {
  if (t->is_complex()) {
    if (code == Opcode::Eq) return b.CreateAnd(b.CreateFCmpOEQ(x[0], y[0]), b.CreateFCmpOEQ(x[1], y[1]));
    return b.CreateOr(b.CreateFCmpUNE(x[0], y[0]), b.CreateFCmpUNE(x[1], y[1]));
  }
  using P = llvm::CmpInst;
  if (t->is_float()) {
    const P::Predicate p = code == Opcode::Eq   ? P::FCMP_OEQ
                           : code == Opcode::Ne ? P::FCMP_UNE
                           : code == Opcode::Lt ? P::FCMP_OLT
                           : code == Opcode::Le ? P::FCMP_OLE
                           : code == Opcode::Gt ? P::FCMP_OGT
                                                : P::FCMP_OGE;
    return b.CreateFCmp(p, x[0], y[0]);
  }
  const bool s = t->is_int() && t->is_signed;
  const P::Predicate p = code == Opcode::Eq   ? P::ICMP_EQ
                         : code == Opcode::Ne ? P::ICMP_NE
                         : code == Opcode::Lt ? (s ? P::ICMP_SLT : P::ICMP_ULT)
                         : code == Opcode::Le ? (s ? P::ICMP_SLE : P::ICMP_ULE)
                         : code == Opcode::Gt ? (s ? P::ICMP_SGT : P::ICMP_UGT)
                                              : (s ? P::ICMP_SGE : P::ICMP_UGE);
  return b.CreateICmp(p, x[0], y[0]);
}

}  // namespace cantil::codegen
