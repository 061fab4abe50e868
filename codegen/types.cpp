// Flattening of IR types into LLVM leaves; the order and offsets are those of ir/layout.h.
#include "codegen/types.h"

#include <llvm/IR/DerivedTypes.h>

#include <memory>

#include "support/diagnostics.h"

namespace cantil::codegen {
namespace {

llvm::Type* scalar_float(llvm::LLVMContext& c, int bits, bool brain = false) {
  return brain        ? llvm::Type::getBFloatTy(c)
         : bits == 16 ? llvm::Type::getHalfTy(c)
         : bits == 32 ? llvm::Type::getFloatTy(c)
                      : llvm::Type::getDoubleTy(c);
}

// Register types in leaf order.
void flatten(llvm::LLVMContext& c, ir::TypeRef t, llvm::SmallVectorImpl<llvm::Type*>& out) {
  using ir::TypeKind;
  auto* i64 = llvm::Type::getInt64Ty(c);
  auto* ptr = llvm::PointerType::get(c, 0);
  switch (t->kind) {
    case TypeKind::None:
      return;
    case TypeKind::Bool:
      out.push_back(llvm::Type::getInt1Ty(c));
      return;
    case TypeKind::Int:
      out.push_back(llvm::Type::getIntNTy(c, t->bits));
      return;
    case TypeKind::Float:
      out.push_back(scalar_float(c, t->bits, t->is_bfloat()));
      return;
    case TypeKind::Complex:
      out.append(2, scalar_float(c, t->bits / 2));
      return;
    case TypeKind::Tuple:
      for (ir::TypeRef e : t->elems) flatten(c, e, out);
      return;
    case TypeKind::Array:
      out.append(2, ptr);
      out.append(t->layout == ir::Layout::A ? 2 * t->ndim : t->ndim, i64);
      return;
    case TypeKind::Optional:
      out.push_back(llvm::Type::getInt1Ty(c));
      flatten(c, t->elem(), out);
      return;
    case TypeKind::Pointer:
    case TypeKind::Owner:
    case TypeKind::Object:
    case TypeKind::Buffer:
      out.push_back(ptr);
      return;
    case TypeKind::Range: {
      llvm::Type* e = llvm::Type::getIntNTy(c, t->elem()->bits);
      out.append(3, e);
      return;
    }
    case TypeKind::Slice:
      for (int bit : {1, 2, 4})
        if (t->value & bit) out.push_back(i64);
      return;
    default:
      break;
  }
  throw InternalError("no machine representation for the type " + t->str());
}

}  // namespace

const TypeInfo& TypeTable::operator[](ir::TypeRef t) {
  std::unique_ptr<TypeInfo>& slot = table_[t];
  if (slot) return *slot;
  auto info = std::make_unique<TypeInfo>();
  llvm::SmallVector<llvm::Type*, 8> registers;
  flatten(context_, t, registers);
  std::vector<ir::Leaf> layout;
  ir::append_leaves(t, 0, layout);
  CANTIL_CHECK(layout.size() == registers.size());
  for (size_t i = 0; i < registers.size(); ++i) {
    llvm::Type* r = registers[i];
    llvm::Type* m = r->isIntegerTy(1) ? llvm::Type::getInt8Ty(context_) : r;
    info->leaves.push_back({r, m, layout[i].offset, layout[i].kind == ir::LeafKind::Owner});
  }
  info->size = ir::memory_size(t);
  info->align = std::max<uint64_t>(1, ir::memory_align(t));
  info->counted = ir::is_counted(t);
  info->memory = info->leaves.size() == 1 ? info->leaves[0].memory
                                          : llvm::ArrayType::get(llvm::Type::getInt8Ty(context_), info->size);
  slot = std::move(info);
  return *slot;
}

}  // namespace cantil::codegen
