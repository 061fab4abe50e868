// Conversions between numbers, and reinterpretation of their bits.
#include <llvm/IR/Intrinsics.h>
#include <llvm/Support/SaveAndRestore.h>

#include "codegen/emitter.h"
#include "support/diagnostics.h"

namespace cantil::codegen {

// In range: C's truncation. Outside: what a wider conversion followed by a wrap gives, as NumPy does on x86;
// never poison.
llvm::Value* FunctionEmitter::float_to_int(ir::TypeRef to, llvm::Value* x) {
  llvm::Type* type = b.getIntNTy(to->bits);
  if (to->bits < 32) return b.CreateTrunc(b.CreateFreeze(b.CreateFPToSI(x, i32())), type);
  if (to->bits == 32 && !to->is_signed) return b.CreateTrunc(b.CreateFreeze(b.CreateFPToSI(x, i64())), type);
  if (to->bits == 64 && !to->is_signed) {
    // Negative numbers wrap; from 2^63 on the top bit is set by hand.
    llvm::Value* limit = llvm::ConstantFP::get(x->getType(), 0x1p63);
    if (x->getType()->is16bitFPTy()) return b.CreateFreeze(b.CreateFPToSI(x, type));
    llvm::Value* high = b.CreateFCmpOGE(x, limit);
    llvm::Value* low = b.CreateFreeze(b.CreateFPToSI(x, type));
    llvm::Value* rest = b.CreateFreeze(b.CreateFPToSI(b.CreateFSub(x, limit), type));
    return b.CreateSelect(high, b.CreateXor(rest, b.getInt64(uint64_t{1} << 63)), low);
  }
  return b.CreateFreeze(b.CreateFPToSI(x, type));
}

llvm::Value* FunctionEmitter::cast_real(ir::TypeRef from, ir::TypeRef to, llvm::Value* x) {
  if (from == to) return x;
  if (to->is_bool()) {
    if (from->is_float()) return b.CreateFCmpUNE(x, llvm::ConstantFP::get(x->getType(), 0.0));
    return b.CreateICmpNE(x, llvm::ConstantInt::get(x->getType(), 0));
  }
  llvm::Type* type = m.types[to].leaves[0].reg;
  const bool from_signed = from->is_int() && from->is_signed;
  if (to->is_int()) {
    if (from->is_float()) return float_to_int(to, x);
    return b.CreateIntCast(x, type, from_signed);
  }
  if (from->is_float()) {
    // Of two 16-bit formats neither holds the other.
    if (from->bits == to->bits) x = b.CreateFPExt(x, b.getFloatTy());
    return b.CreateFPCast(x, type);
  }
  return from_signed ? b.CreateSIToFP(x, type) : b.CreateUIToFP(x, type);
}

Leaves FunctionEmitter::cast(ir::TypeRef from, ir::TypeRef to, const Leaves& x) {
  if (from == to) return x;
  auto part = [](ir::TypeRef complex) { return ir::float_type(complex->bits / 2); };
  if (from->is_complex()) {
    if (to->is_complex())
      return {cast_real(part(from), part(to), x[0]), cast_real(part(from), part(to), x[1])};
    if (to->is_bool()) return {b.CreateOr(cast_real(part(from), to, x[0]), cast_real(part(from), to, x[1]))};
    return {cast_real(part(from), to, x[0])};
  }
  if (to->is_complex()) {
    llvm::Value* re = cast_real(from, part(to), x[0]);
    return {re, llvm::ConstantFP::get(re->getType(), 0.0)};
  }
  CANTIL_CHECK(from->is_real() && to->is_real());
  return {cast_real(from, to, x[0])};
}

Leaves FunctionEmitter::bitcast(ir::TypeRef from, ir::TypeRef to, const Leaves& x) {
  const TypeInfo& info = m.types[to];
  if (from->is_complex() || to->is_complex()) {
    // Two leaves against one: through memory, which SROA resolves.
    llvm::AllocaInst* a = alloca_in_entry(m.types[from].memory, 16);
    llvm::SaveAndRestore<llvm::MDNode*> untagged(access_group,
                                                 nullptr);  // this slot is shared by the iterations of a loop
    store(from, x, a, 1);
    return load(to, a, 1);
  }
  llvm::Value* v = x[0];
  llvm::Type* type = info.leaves[0].reg;
  if (v->getType() == type) return {v};
  if (v->getType()->isPointerTy()) return {b.CreatePtrToInt(v, type)};
  if (type->isPointerTy()) return {b.CreateIntToPtr(v, type)};
  if (from->is_bool()) v = b.CreateZExt(v, b.getInt8Ty());
  if (to->is_bool()) return {b.CreateICmpNE(b.CreateBitCast(v, b.getInt8Ty()), b.getInt8(0))};
  return {b.CreateBitCast(v, type)};
}

}  // namespace cantil::codegen
