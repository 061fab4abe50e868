// The hidden parameters of the simulator's functions, and the fields of a block that a launch has fixed.
#pragma once
#include <llvm/IR/IRBuilder.h>
#include <llvm/IR/MDBuilder.h>

#include "device_runtime/abi.h"

namespace cantil::cpu_codegen {

// In the order of SimTarget::hidden_params.
enum Hidden { kBlock, kScratch, kTidX, kTidY, kTidZ, kLinear };
constexpr uint64_t kMaxThreads = 1024;

inline llvm::Value* field(llvm::IRBuilder<>& b, llvm::Value* base, size_t offset) {
  return b.CreateConstInBoundsGEP1_64(b.getInt8Ty(), base, offset);
}

// A field that does not change while a block runs: loads of it can move anywhere.
inline llvm::Value* fixed(llvm::IRBuilder<>& b, llvm::Value* base, size_t offset, llvm::Type* type,
                          uint64_t low = 0, uint64_t high = 0) {
  llvm::LoadInst* x = b.CreateLoad(type, field(b, base, offset));
  x->setMetadata(llvm::LLVMContext::MD_invariant_load, llvm::MDNode::get(b.getContext(), {}));
  if (high)
    x->setMetadata(llvm::LLVMContext::MD_range,
                   llvm::MDBuilder(b.getContext()).createRange(llvm::APInt(32, low), llvm::APInt(32, high)));
  return x;
}

inline llvm::Value* block_dim(llvm::IRBuilder<>& b, llvm::Value* block, int axis) {
  return fixed(b, block, offsetof(cantil_rt_block, block_dim) + 4 * axis, b.getInt32Ty(), 1, kMaxThreads + 1);
}

}  // namespace cantil::cpu_codegen
