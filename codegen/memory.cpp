// Memory: the memory form of values, arrays and their addresses, raw pointers, the heap.
#include <llvm/IR/Intrinsics.h>

#include "codegen/emitter.h"
#include "ir/object_types.h"
#include "support/diagnostics.h"

namespace cantil::codegen {

using ir::Opcode;

namespace {
constexpr uint64_t kBlockHeader = 64;  // abi.h: a block's data lies behind it
}  // namespace

llvm::Value* FunctionEmitter::to_memory(llvm::Value* leaf) {
  return leaf->getType()->isIntegerTy(1) ? b.CreateZExt(leaf, b.getInt8Ty()) : leaf;
}

llvm::Value* FunctionEmitter::to_register(llvm::Value* leaf, llvm::Type* reg) {
  return leaf->getType() == reg ? leaf : b.CreateICmpNE(leaf, llvm::ConstantInt::get(leaf->getType(), 0));
}

llvm::Value* FunctionEmitter::offset(llvm::Value* base, uint64_t bytes) {
  return bytes ? b.CreateConstInBoundsGEP1_64(b.getInt8Ty(), base, bytes) : base;
}

namespace {

// What is known of a leaf's alignment from that of the whole.
llvm::Align leaf_align(uint64_t whole, uint64_t at) { return llvm::commonAlignment(llvm::Align(whole), at); }

}  // namespace

Leaves FunctionEmitter::load(ir::TypeRef t, llvm::Value* address, uint64_t align, bool is_volatile) {
  Leaves out;
  for (const LeafInfo& leaf : m.types[t].leaves) {
    llvm::LoadInst* x = b.CreateAlignedLoad(leaf.memory, offset(address, leaf.offset),
                                            leaf_align(align, leaf.offset), is_volatile);
    if (access_group) x->setMetadata(llvm::LLVMContext::MD_access_group, access_group);
    out.push_back(to_register(x, leaf.reg));
  }
  return out;
}

void FunctionEmitter::store(ir::TypeRef t, llvm::ArrayRef<llvm::Value*> leaves, llvm::Value* address,
                            uint64_t align, bool is_volatile) {
  const TypeInfo& info = m.types[t];
  for (size_t i = 0; i < leaves.size(); ++i) {
    const LeafInfo& leaf = info.leaves[i];
    llvm::StoreInst* s = b.CreateAlignedStore(to_memory(leaves[i]), offset(address, leaf.offset),
                                              leaf_align(align, leaf.offset), is_volatile);
    if (access_group) s->setMetadata(llvm::LLVMContext::MD_access_group, access_group);
  }
}

// ---- Arrays: leaves are owner, data, shape…, strides… (layout A only)

// C and F layouts know their strides from the shape.
llvm::Value* FunctionEmitter::array_stride(const ir::Value* array, int axis) {
  ir::TypeRef t = array->type;
  const Leaves& a = value(array);
  if (t->layout == ir::Layout::A) return a[2 + t->ndim + axis];
  llvm::Value* stride = b.getInt64(m.types[t->elem()].size);
  const int first = t->layout == ir::Layout::C ? axis + 1 : 0;
  const int last = t->layout == ir::Layout::C ? t->ndim : axis;
  for (int k = first; k < last; ++k) stride = b.CreateMul(stride, a[2 + k], "", false, true);
  return stride;
}

// Indices are in range, so the offsets of an array that exists in memory cannot overflow: everything is nsw
// and inbounds.
llvm::Value* FunctionEmitter::element_address(const ir::Value* array, llvm::ArrayRef<ir::Value*> indices) {
  ir::TypeRef t = array->type;
  const Leaves& a = value(array);
  CANTIL_CHECK(indices.size() == t->ndim);
  if (indices.empty()) return a[1];
  if (t->layout == ir::Layout::A) {
    llvm::Value* address = a[1];
    for (size_t k = 0; k < indices.size(); ++k)
      address = b.CreateInBoundsGEP(b.getInt8Ty(), address,
                                    b.CreateMul(scalar(indices[k]), a[2 + t->ndim + k], "", false, true));
    return address;
  }
  // Horner's scheme from the slowest axis to the fastest.
  const int n = t->ndim;
  auto axis = [&](int k) { return t->layout == ir::Layout::C ? k : n - 1 - k; };
  llvm::Value* linear = scalar(indices[axis(0)]);
  for (int k = 1; k < n; ++k) {
    linear = b.CreateMul(linear, a[2 + axis(k)], "", false, true);
    linear = b.CreateAdd(linear, scalar(indices[axis(k)]), "", false, true);
  }
  return b.CreateInBoundsGEP(m.types[t->elem()].memory, a[1], linear);
}

void FunctionEmitter::emit_array(const ir::Op& op) {
  const llvm::ArrayRef<ir::Value*> operands(op.operands);
  auto element_align = [&](ir::TypeRef array) { return array->aligned ? m.types[array->elem()].align : 1; };
  switch (op.code) {
    case Opcode::ArrayMake: {
      Leaves out;
      for (const ir::Value* v : operands) out.push_back(scalar(v));
      define(op.result, std::move(out));
      return;
    }
    case Opcode::ArrayOwner:
      define(op.result, value(operands[0])[0]);
      return;
    case Opcode::ArrayData:
      define(op.result, value(operands[0])[1]);
      return;
    case Opcode::ArrayDim:
      define(op.result, value(operands[0])[2 + op.imm]);
      return;
    case Opcode::ArrayStride:
      define(op.result, array_stride(operands[0], static_cast<int>(op.imm)));
      return;
    case Opcode::ElemPtr:
      define(op.result, element_address(operands[0], operands.drop_front()));
      return;
    case Opcode::LoadElem:
      define(op.result, load(op.result->type, element_address(operands[0], operands.drop_front()),
                             element_align(operands[0]->type)));
      return;
    case Opcode::StoreElem: {
      llvm::Value* address = element_address(operands[0], operands.drop_front().drop_back());
      store(operands.back()->type, value(operands.back()), address, element_align(operands[0]->type));
      return;
    }
    case Opcode::BoundsCheck: {
      // One unsigned comparison does for both ends: lengths are not negative.
      llvm::BasicBlock* next =
          begin_cold(b.CreateICmpUGE(scalar(operands[0]), scalar(operands[1])), "out_of_bounds");
      raise(op.imm, {});
      b.SetInsertPoint(next);
      return;
    }
    default:
      throw InternalError("not an array op");
  }
}

void FunctionEmitter::emit_memory(const ir::Op& op) {
  const llvm::ArrayRef<ir::Value*> operands(op.operands);
  auto pointee = [&](const ir::Value* p) -> const TypeInfo& { return m.types[p->type->elem()]; };
  switch (op.code) {
    case Opcode::PtrOffset:
      define(op.result, b.CreateInBoundsGEP(b.getInt8Ty(), scalar(operands[0]), scalar(operands[1])));
      return;
    case Opcode::PtrIndex:
      define(op.result,
             b.CreateInBoundsGEP(pointee(operands[0]).memory, scalar(operands[0]), scalar(operands[1])));
      return;
    case Opcode::Load:
      define(op.result, load(op.result->type, scalar(operands[0]),
                             op.imm & ir::kUnalignedAccess ? 1 : pointee(operands[0]).align,
                             op.imm & ir::kVolatileAccess));
      if (op.imm & ir::kCountedAccess) retain(op.result->type, value(op.result));
      return;
    case Opcode::Store:
      if (op.imm & ir::kCountedAccess)
        return store_counted(operands[1]->type, value(operands[1]), scalar(operands[0]));
      store(operands[1]->type, value(operands[1]), scalar(operands[0]),
            op.imm & ir::kUnalignedAccess ? 1 : pointee(operands[0]).align, op.imm & ir::kVolatileAccess);
      return;
    case Opcode::MemCopy:
      b.CreateMemCpy(scalar(operands[0]), llvm::MaybeAlign(1), scalar(operands[1]), llvm::MaybeAlign(1),
                     scalar(operands[2]));
      return;
    case Opcode::MemSet:
      b.CreateMemSet(scalar(operands[0]), scalar(operands[1]), scalar(operands[2]), llvm::MaybeAlign(1));
      return;
    case Opcode::Alloc: {
      CANTIL_CHECK(target.has_heap());
      llvm::FunctionCallee alloc = m.runtime("cantil_rt_alloc", ptr(), {i64()});
      if (auto* callee = llvm::dyn_cast<llvm::Function>(alloc.getCallee())) callee->setReturnDoesNotAlias();
      llvm::Value* owner = b.CreateCall(alloc, {scalar(operands[0])});
      llvm::BasicBlock* next = begin_cold(b.CreateIsNull(owner), "out_of_memory");
      raise(op.imm, {});
      b.SetInsertPoint(next);
      define(op.result, owner);
      return;
    }
    case Opcode::ObjectNew:
    case Opcode::BufferNew:
      return emit_new(op);
    case Opcode::ObjectField: {
      const size_t field = static_cast<size_t>(op.imm);
      define(op.result,
             offset(scalar(operands[0]), kBlockHeader + ir::object_fields(operands[0]->type)[field].offset));
      return;
    }
    case Opcode::BufferData:
      define(op.result, offset(scalar(operands[0]), kBlockHeader));
      return;
    case Opcode::OwnerData:
      define(op.result, b.CreateAlignedLoad(ptr(), offset(scalar(operands[0]), 8), llvm::Align(8)));
      return;
    case Opcode::OwnerWord:
      define(op.result, b.CreateAlignedLoad(i64(), offset(scalar(operands[0]), static_cast<uint64_t>(op.imm)),
                                            llvm::Align(8)));
      return;
    case Opcode::OwnerAddress:
      define(op.result, b.CreatePtrToInt(scalar(operands[0]), i64()));
      return;
    case Opcode::ConstText:
      return emit_const_text(op);
    case Opcode::LocalArray: {
      const TypeInfo& elem = pointee(op.result);
      define(op.result,
             alloca_in_entry(llvm::ArrayType::get(elem.memory, static_cast<uint64_t>(op.imm)), elem.align));
      return;
    }
    default:
      throw InternalError("not a memory op");
  }
}

// An optional's payload is undefined when it is absent, so its owners count as null then.
size_t FunctionEmitter::collect_owners(ir::TypeRef t, llvm::ArrayRef<llvm::Value*> leaves,
                                       llvm::Value* present, llvm::SmallVectorImpl<llvm::Value*>& out) {
  const size_t count = m.types[t].leaves.size();
  if (!m.types[t].counted) return count;
  if (t->is(ir::TypeKind::Optional)) {
    llvm::Value* here = present ? b.CreateAnd(present, leaves[0]) : leaves[0];
    collect_owners(t->elem(), leaves.drop_front(), here, out);
  } else if (t->is_tuple()) {
    size_t at = 0;
    for (ir::TypeRef e : t->elems) at += collect_owners(e, leaves.drop_front(at), present, out);
  } else {
    const TypeInfo& info = m.types[t];
    for (size_t i = 0; i < count; ++i)
      if (info.leaves[i].is_owner)
        out.push_back(present
                          ? b.CreateSelect(present, leaves[i], llvm::ConstantPointerNull::get(b.getPtrTy()))
                          : leaves[i]);
  }
  return count;
}

void FunctionEmitter::retain(ir::TypeRef t, llvm::ArrayRef<llvm::Value*> leaves) {
  llvm::SmallVector<llvm::Value*, 4> owners;
  collect_owners(t, leaves, nullptr, owners);
  for (llvm::Value* owner : owners) b.CreateCall(m.retain_function(), {owner});
}

// Memory that counts holds valid or null owners only: those of an absent optional become null on the way in.
void FunctionEmitter::store_counted(ir::TypeRef t, llvm::ArrayRef<llvm::Value*> leaves,
                                    llvm::Value* address) {
  const TypeInfo& info = m.types[t];
  llvm::SmallVector<llvm::Value*, 4> owners;
  collect_owners(t, leaves, nullptr, owners);
  Leaves kept(leaves.begin(), leaves.end());
  Leaves old;
  for (size_t i = 0, at = 0; i < kept.size(); ++i) {
    if (!info.leaves[i].is_owner) continue;
    kept[i] = owners[at++];
    b.CreateCall(m.retain_function(), {kept[i]});
    old.push_back(b.CreateAlignedLoad(ptr(), offset(address, info.leaves[i].offset), llvm::Align(8)));
  }
  store(t, kept, address, info.align);
  for (llvm::Value* owner : old) b.CreateCall(m.release_function(), {owner});
}

// A block with its description of where owners lie in it (abi.h), or a plain one where there are none.
void FunctionEmitter::emit_new(const ir::Op& op) {
  CANTIL_CHECK(target.has_heap());
  const bool object = op.code == Opcode::ObjectNew;
  ir::TypeRef t = op.result->type;
  std::vector<ir::TypeRef> parts;
  if (object)
    for (const ir::ObjectField& f : ir::object_fields(t)) parts.push_back(f.type);
  else
    parts.push_back(t->elem());
  const ir::OwnerMap map = ir::owner_map(parts);
  llvm::Value* bytes = b.getInt64(map.size);
  if (!object) bytes = b.CreateMul(scalar(op.operands[0]), bytes);
  llvm::Value* owner = nullptr;
  if (map.any) {
    llvm::FunctionCallee alloc =
        m.runtime("cantil_rt_alloc_counted", ptr(), {i64(), i64(), i64(), i64(), i64()});
    owner = b.CreateCall(alloc, {bytes, b.getInt64(map.size), b.getInt64(map.words[0]),
                                 b.getInt64(map.words[1]), b.getInt64(map.words[2])});
  } else {
    owner = b.CreateCall(m.runtime("cantil_rt_alloc", ptr(), {i64()}), {bytes});
  }
  llvm::BasicBlock* next = begin_cold(b.CreateIsNull(owner), "out_of_memory");
  raise(op.imm, {});
  b.SetInsertPoint(next);
  if (object && !map.any)
    b.CreateMemSet(offset(owner, kBlockHeader), b.getInt8(0), map.size, llvm::MaybeAlign(8));
  define(op.result, owner);
}

// The runtime keeps one block for each text, which outlives this code; its address is asked for once.
void FunctionEmitter::emit_const_text(const ir::Op& op) {
  CANTIL_CHECK(target.has_heap());
  const bool is_text = op.result->type->is_text();
  llvm::GlobalVariable*& slot = m.text_slots[{op.str, is_text}];
  if (!slot)
    slot = new llvm::GlobalVariable(m.out, ptr(), false, llvm::GlobalValue::InternalLinkage,
                                    llvm::ConstantPointerNull::get(b.getPtrTy()), "constant");
  llvm::LoadInst* known = b.CreateAlignedLoad(ptr(), slot, llvm::Align(8));
  known->setAtomic(llvm::AtomicOrdering::Monotonic);
  llvm::BasicBlock* before = b.GetInsertBlock();
  llvm::BasicBlock* next = begin_cold(b.CreateIsNull(known), "new_constant");
  llvm::BasicBlock* cold = b.GetInsertBlock();
  llvm::FunctionCallee make = m.runtime("cantil_rt_text_constant", ptr(), {ptr(), i64(), i32()});
  llvm::Value* made = b.CreateCall(make, {m.text(op.str), b.getInt64(op.str.size()), b.getInt32(is_text)});
  b.CreateAlignedStore(made, slot, llvm::Align(8))->setAtomic(llvm::AtomicOrdering::Monotonic);
  b.CreateBr(next);
  b.SetInsertPoint(next);
  llvm::PHINode* both = b.CreatePHI(ptr(), 2);
  both->addIncoming(known, before);
  both->addIncoming(made, cold);
  define(op.result, both);
}

void FunctionEmitter::release(ir::TypeRef t, llvm::ArrayRef<llvm::Value*> leaves) {
  llvm::SmallVector<llvm::Value*, 4> owners;
  collect_owners(t, leaves, nullptr, owners);
  for (llvm::Value* owner : owners) b.CreateCall(m.release_function(), {owner});
}

void FunctionEmitter::retain_release(const ir::Op& op) {
  if (!target.has_heap()) return;
  const Leaves& leaves = value(op.operands[0]);
  if (op.code == Opcode::Release) return release(op.operands[0]->type, leaves);
  retain(op.operands[0]->type, leaves);
}

}  // namespace cantil::codegen
