// How the IR's types become LLVM types: a value is a list of leaves, each an LLVM scalar.
#pragma once
#include <llvm/ADT/DenseMap.h>
#include <llvm/ADT/SmallVector.h>
#include <llvm/IR/Type.h>

#include <vector>

#include "ir/layout.h"
#include "ir/type.h"

namespace cantil::codegen {

using Leaves = llvm::SmallVector<llvm::Value*, 4>;

// One leaf of a type: what it is in a register and where it lies in the memory form.
struct LeafInfo {
  llvm::Type* reg;     // i1 for bool and for an optional's presence
  llvm::Type* memory;  // i8 for those
  uint64_t offset;
  bool is_owner;
};

struct TypeInfo {
  llvm::SmallVector<LeafInfo, 4> leaves;
  uint64_t size = 0;
  uint64_t align = 1;
  bool counted = false;
  llvm::Type* memory = nullptr;  // a type of `size` bytes, the scalar itself where there is only one leaf
};

class TypeTable {
 public:
  explicit TypeTable(llvm::LLVMContext& context) : context_(context) {}
  const TypeInfo& operator[](ir::TypeRef t);

 private:
  llvm::LLVMContext& context_;
  llvm::DenseMap<ir::TypeRef, std::unique_ptr<TypeInfo>> table_;
};

}  // namespace cantil::codegen
