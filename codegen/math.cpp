// The `math` op: instructions and intrinsics where LLVM has them on every target, the target's library
// otherwise.
#include <llvm/IR/Intrinsics.h>

#include "codegen/emitter.h"
#include "support/diagnostics.h"

namespace cantil::codegen {
namespace {

// Functions that LLVM's intrinsics mean exactly and that every target lowers well.
llvm::Intrinsic::ID direct_intrinsic(ir::MathFn fn) {
  switch (fn) {
    case ir::MathFn::Sqrt:
      return llvm::Intrinsic::sqrt;
    case ir::MathFn::Fma:
      return llvm::Intrinsic::fma;
    case ir::MathFn::Floor:
      return llvm::Intrinsic::floor;
    case ir::MathFn::Ceil:
      return llvm::Intrinsic::ceil;
    case ir::MathFn::Trunc:
      return llvm::Intrinsic::trunc;
    case ir::MathFn::Rint:
      return llvm::Intrinsic::rint;
    case ir::MathFn::Fabs:
      return llvm::Intrinsic::fabs;
    case ir::MathFn::Copysign:
      return llvm::Intrinsic::copysign;
    case ir::MathFn::Fmin:
      return llvm::Intrinsic::minnum;
    case ir::MathFn::Fmax:
      return llvm::Intrinsic::maxnum;
    case ir::MathFn::Minimum:
      return llvm::Intrinsic::minimum;
    case ir::MathFn::Maximum:
      return llvm::Intrinsic::maximum;
    default:
      return llvm::Intrinsic::not_intrinsic;
  }
}

// float16 gives the same bits whether computed as it is or in float32, and GPUs have instructions for it.
bool exact_in_half(ir::MathFn fn) {
  return fn == ir::MathFn::Floor || fn == ir::MathFn::Ceil || fn == ir::MathFn::Trunc ||
         fn == ir::MathFn::Rint || fn == ir::MathFn::Fabs || fn == ir::MathFn::Fmin || fn == ir::MathFn::Fmax;
}

}  // namespace

llvm::Value* FunctionEmitter::math(const ir::Op& op) {
  const ir::MathFn fn = op.math();
  const ir::MathInfo& info = ir::math_info(fn);
  llvm::SmallVector<llvm::Value*, 3> args;
  for (const ir::Value* v : op.operands) args.push_back(scalar(v));

  // NaN and infinity are asked for: fast-math flags must not answer for them.
  if (info.kind == ir::MathKind::P) {
    llvm::IRBuilder<>::FastMathFlagGuard guard(b);
    b.setFastMathFlags({});
    llvm::Type* type = args[0]->getType();
    switch (fn) {
      case ir::MathFn::Isnan:
        return b.CreateFCmpUNO(args[0], args[0]);
      case ir::MathFn::Signbit: {
        llvm::Type* bits = b.getIntNTy(type->getScalarSizeInBits());
        return b.CreateICmpSLT(b.CreateBitCast(args[0], bits), llvm::ConstantInt::get(bits, 0));
      }
      case ir::MathFn::Isinf:
      case ir::MathFn::Isfinite: {
        llvm::Value* magnitude = b.CreateUnaryIntrinsic(llvm::Intrinsic::fabs, args[0]);
        llvm::Constant* inf = llvm::ConstantFP::getInfinity(type);
        return fn == ir::MathFn::Isinf ? b.CreateFCmpOEQ(magnitude, inf) : b.CreateFCmpOLT(magnitude, inf);
      }
      default:
        throw InternalError("unknown predicate");
    }
  }

  if (args[0]->getType()->isHalfTy() && exact_in_half(fn))
    return b.CreateIntrinsic(direct_intrinsic(fn), {args[0]->getType()}, args);
  if (llvm::Type* narrow = args[0]->getType(); narrow->is16bitFPTy()) {  // computed in float32
    for (llvm::Value*& a : args)
      if (a->getType() == narrow) a = b.CreateFPExt(a, b.getFloatTy());
    llvm::Intrinsic::ID id = direct_intrinsic(fn);
    llvm::Value* wide = id ? b.CreateIntrinsic(id, {args[0]->getType()}, args) : target.math(*this, fn, args);
    return b.CreateFPTrunc(wide, narrow);
  }
  if (llvm::Intrinsic::ID id = direct_intrinsic(fn)) return b.CreateIntrinsic(id, {args[0]->getType()}, args);
  return target.math(*this, fn, args);
}

}  // namespace cantil::codegen
