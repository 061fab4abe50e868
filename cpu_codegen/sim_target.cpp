// The simulated device: blocks, threads, shared memory and per-thread storage on the host.
#include "cpu_codegen/sim_target.h"

#include "cpu_codegen/sim_block.h"
#include "device_runtime/abi.h"
#include "support/diagnostics.h"

namespace cantil::cpu_codegen {
namespace {

using codegen::FunctionEmitter;
using codegen::ModuleEmitter;

// Per-thread pieces start on cache lines, for any number of threads.
constexpr uint64_t kPad = 64;

bool has_local_array(const ir::Region& r) {
  for (const ir::Op* op : r.ops) {
    if (op->code == ir::Opcode::LocalArray) return true;
    for (const ir::Region* nested : op->regions)
      if (has_local_array(*nested)) return true;
  }
  return false;
}

}  // namespace

llvm::SmallVector<llvm::Type*, 4> SimTarget::hidden_params(llvm::LLVMContext& c) const {
  auto* ptr = llvm::PointerType::get(c, 0);
  auto* i32 = llvm::Type::getInt32Ty(c);
  return {ptr, ptr, i32, i32, i32, llvm::Type::getInt64Ty(c)};
}

uint64_t SimTarget::reserve(uint64_t bytes) {
  const uint64_t at = scratch_per_thread_;
  scratch_per_thread_ += bytes;
  return at;
}

llvm::Value* SimTarget::padded_threads(llvm::IRBuilder<>& b, llvm::Value* block) {
  llvm::Value* n = b.getInt64(1);
  for (int axis = 0; axis < 3; ++axis)
    n = b.CreateMul(n, b.CreateZExt(block_dim(b, block, axis), b.getInt64Ty()), "", true, true);
  return b.CreateAnd(b.CreateAdd(n, b.getInt64(kPad - 1)), b.getInt64(~(kPad - 1)));
}

void SimTarget::begin_function(FunctionEmitter& e) {
  static constexpr const char* kNames[] = {"block", "scratch", "tid.x", "tid.y", "tid.z", "thread"};
  for (size_t i = 0; i < e.hidden.size(); ++i) e.hidden[i]->setName(kNames[i]);
  const bool loops = e.f.kind == ir::FunctionKind::Kernel && !fibers_;
  padded_ = loops ? padded_threads(e.b, e.hidden[kBlock]) : nullptr;
  shares_frame_ = loops && (sanitize_ || has_local_array(*e.f.body));
  if (sanitize_) begin_checks(e);
}

std::string SimTarget::emit_entry(ModuleEmitter& m, const ir::Function& f, llvm::Function* body) {
  auto* ptr = llvm::PointerType::get(m.context, 0);
  auto* type = llvm::FunctionType::get(llvm::Type::getInt32Ty(m.context), {ptr, ptr}, false);
  const std::string symbol = entry_symbol(f);
  auto* entry = llvm::Function::Create(type, llvm::GlobalValue::ExternalLinkage, symbol, m.out);
  m.common_attributes(f, entry);
  entry->removeFnAttr(llvm::Attribute::AlwaysInline);
  entry->removeFnAttr(llvm::Attribute::NoInline);
  llvm::Argument* args = entry->getArg(0);
  llvm::Argument* block = entry->getArg(1);
  for (llvm::Argument& a : entry->args()) a.addAttr(llvm::Attribute::NoAlias);
  args->addAttr(llvm::Attribute::ReadOnly);

  llvm::IRBuilder<> b(llvm::BasicBlock::Create(m.context, "entry", entry));
  std::vector<ir::TypeRef> params;
  for (const ir::Value* p : f.params) params.push_back(p->type);
  codegen::Leaves leaves = m.load_packed(b, params, args);
  llvm::Value* scratch = llvm::ConstantPointerNull::get(ptr);
  llvm::Value *tid[3] = {b.getInt32(0), b.getInt32(0), b.getInt32(0)}, *linear = b.getInt64(0);
  if (fibers_) {
    for (int axis = 0; axis < 3; ++axis)
      tid[axis] = b.CreateLoad(b.getInt32Ty(), field(b, block, offsetof(cantil_rt_block, thread) + 4 * axis));
    llvm::Value* row = b.CreateAdd(b.CreateMul(tid[2], block_dim(b, block, 1)), tid[1]);
    linear = b.CreateZExt(b.CreateAdd(b.CreateMul(row, block_dim(b, block, 0)), tid[0]), b.getInt64Ty());
  } else if (scratch_per_thread_) {
    llvm::Value* bytes = b.CreateMul(padded_threads(b, block), b.getInt64(scratch_per_thread_));
    scratch = b.CreateCall(m.runtime("cantil_rt_scratch", ptr, {ptr, b.getInt64Ty()}), {block, bytes});
    auto* none = llvm::BasicBlock::Create(m.context, "no_memory", entry);
    auto* some = llvm::BasicBlock::Create(m.context, "run", entry);
    b.CreateCondBr(b.CreateIsNull(scratch), none, some);
    b.SetInsertPoint(none);
    b.CreateRet(b.getInt32(static_cast<uint32_t>(CANTIL_RT_NO_MEMORY)));
    b.SetInsertPoint(some);
  }
  for (llvm::Value* v : std::initializer_list<llvm::Value*>{block, scratch, tid[0], tid[1], tid[2], linear})
    leaves.push_back(v);
  llvm::CallInst* call = b.CreateCall(body, leaves);
  call->setCallingConv(body->getCallingConv());
  CANTIL_CHECK(m.return_shape(f).leaves == 0);  // kernels return nothing
  b.CreateRet(m.return_shape(f).status ? static_cast<llvm::Value*>(call) : b.getInt32(0));
  return symbol;
}

void SimTarget::record_raise(FunctionEmitter& e, int64_t site, llvm::ArrayRef<ir::Value*> args) {
  HostTarget::record_raise(e, site, args);
  for (int axis = 0; axis < 3; ++axis)
    e.b.CreateStore(e.hidden[kTidX + axis],
                    field(e.b, e.hidden[kBlock], offsetof(cantil_rt_block, error_thread) + 4 * axis));
}

// Not kLinear, which follows the order of the loops.
llvm::Value* SimTarget::thread_number(FunctionEmitter& e) {
  llvm::Value* block = e.hidden[kBlock];
  llvm::Value* row = e.b.CreateAdd(e.b.CreateMul(e.hidden[kTidZ], block_dim(e.b, block, 1)), e.hidden[kTidY]);
  return e.b.CreateAdd(e.b.CreateMul(row, block_dim(e.b, block, 0)), e.hidden[kTidX]);
}

llvm::Value* SimTarget::sreg(FunctionEmitter& e, ir::Sreg s) {
  llvm::Value* block = e.hidden[kBlock];
  const int axis = static_cast<int>(s) % 3;
  switch (s) {
    case ir::Sreg::TidX:
    case ir::Sreg::TidY:
    case ir::Sreg::TidZ:
      return e.hidden[kTidX + axis];
    case ir::Sreg::CtaidX:
    case ir::Sreg::CtaidY:
    case ir::Sreg::CtaidZ:
      return fixed(e.b, block, offsetof(cantil_rt_block, block) + 4 * axis, e.i32(), 0, uint64_t{1} << 31);
    case ir::Sreg::NtidX:
    case ir::Sreg::NtidY:
    case ir::Sreg::NtidZ:
      return block_dim(e.b, block, axis);
    case ir::Sreg::NctaidX:
    case ir::Sreg::NctaidY:
    case ir::Sreg::NctaidZ:
      return fixed(e.b, block, offsetof(cantil_rt_block, grid) + 4 * axis, e.i32(), 1, uint64_t{1} << 31);
    case ir::Sreg::LaneId:
      return e.b.CreateAnd(thread_number(e), e.b.getInt32(31));
    case ir::Sreg::WarpSize:
      return e.b.getInt32(32);
    case ir::Sreg::LaneMaskLt:
      return e.b.CreateSub(e.b.CreateShl(e.b.getInt32(1), sreg(e, ir::Sreg::LaneId)), e.b.getInt32(1));
  }
  throw InternalError("unknown special register");
}

void SimTarget::barrier(FunctionEmitter& e) {
  CANTIL_CHECK(fibers_);  // in loop mode the splitting pass has removed them
  e.b.CreateCall(e.m.runtime("cantil_rt_barrier", e.b.getVoidTy(), {e.ptr()}), {e.hidden[kBlock]});
}

// On fibers: every thread for itself.
llvm::Value* SimTarget::collective(FunctionEmitter& e, const ir::Op& op) {
  static_assert(static_cast<int>(ir::CollectiveOp::SyncGrid) == CANTIL_RT_SYNC_GRID &&
                ir::kCollectiveOpCount == CANTIL_RT_SYNC_GRID + 1);
  CANTIL_CHECK(fibers_);
  llvm::IRBuilder<>& b = e.b;
  const bool of_block = ir::is_barrier(op.collective());
  llvm::Value *mask = b.getInt32(of_block ? 0 : ~0u), *value = b.getInt64(0), *lane = b.getInt32(0);
  size_t next = 0;
  if (!of_block && !op.operands.empty()) mask = e.scalar(op.operands[next++]);
  if (next < op.operands.size()) value = b.CreateZExt(e.scalar(op.operands[next++]), e.i64());
  if (next < op.operands.size()) lane = e.scalar(op.operands[next]);
  llvm::Value* result = b.CreateCall(
      e.m.runtime("cantil_rt_collective", e.i64(), {e.ptr(), e.i32(), e.i32(), e.i64(), e.i32()}),
      {e.hidden[kBlock], b.getInt32(static_cast<uint32_t>(op.imm)), mask, value, lane});
  ir::TypeRef t = op.result->type;
  if (t->is_none()) return nullptr;
  return t->is_bool() ? b.CreateIsNotNull(result) : b.CreateTrunc(result, e.m.types[t].leaves[0].reg);
}

llvm::Value* SimTarget::block_collective(FunctionEmitter& e, const ir::Op& op) {
  llvm::SmallVector<llvm::Value*, 6> args{e.hidden[kBlock], e.b.getInt32(static_cast<uint32_t>(op.imm))};
  for (const ir::Value* array : op.operands) args.push_back(e.scalar(array));
  return e.b.CreateCall(e.m.runtime("cantil_rt_block_collective", e.i32(),
                                    {e.ptr(), e.i32(), e.ptr(), e.ptr(), e.ptr(), e.ptr()}),
                        args);
}

llvm::Value* SimTarget::shared_array(FunctionEmitter& e, const ir::Op& op) {
  const codegen::TypeInfo& elem = e.m.types[op.result->type->elem()];
  int64_t& size = e.m.result.static_shared;
  const uint64_t at = llvm::alignTo(static_cast<uint64_t>(size), std::max<uint64_t>(16, elem.align));
  size = static_cast<int64_t>(at + elem.size * static_cast<uint64_t>(op.imm));
  llvm::Value* shared = fixed(e.b, e.hidden[kBlock], offsetof(cantil_rt_block, shared), e.ptr());
  return e.offset(shared, at);
}

llvm::Value* SimTarget::dynamic_shared(FunctionEmitter& e) {
  llvm::Value* shared = fixed(e.b, e.hidden[kBlock], offsetof(cantil_rt_block, shared), e.ptr());
  return e.b.CreateInBoundsGEP(
      e.b.getInt8Ty(), shared,
      fixed(e.b, e.hidden[kBlock], offsetof(cantil_rt_block, dynamic_offset), e.i64()));
}

llvm::Value* SimTarget::dynamic_shared_size(FunctionEmitter& e) {
  return fixed(e.b, e.hidden[kBlock], offsetof(cantil_rt_block, dynamic_size), e.i64());
}

void SimTarget::fence(FunctionEmitter& e, int64_t) {
  e.b.CreateFence(llvm::AtomicOrdering::SequentiallyConsistent);
  if (sanitize_)
    e.b.CreateCall(e.m.runtime("cantil_rt_fenced", e.b.getVoidTy(), {e.i32()}), {thread_number(e)});
}

bool SimTarget::is_contended(const ir::Op& op) const {
  const ir::Op* def = op.operands[0]->def;
  while (def != nullptr) {
    switch (def->code) {
      case ir::Opcode::SharedArray:
      case ir::Opcode::DynShared:
        return false;
      case ir::Opcode::ArrayMake:
        def = def->operands[1]->def;
        break;
      case ir::Opcode::AccessCheck:
      case ir::Opcode::ArrayData:
      case ir::Opcode::ElemPtr:
      case ir::Opcode::PtrOffset:
      case ir::Opcode::PtrIndex:
        def = def->operands[0]->def;
        break;
      default:
        return true;
    }
  }
  return true;
}

llvm::Value* SimTarget::thread_array(FunctionEmitter& e, const ir::Op& op) {
  const codegen::TypeInfo& elem = e.m.types[op.result->type->elem()];
  // Padded to a whole number of 16-byte units per thread, which keeps every piece aligned.
  const uint64_t bytes = llvm::alignTo(elem.size * static_cast<uint64_t>(op.imm), 16);
  return e.b.CreateInBoundsGEP(e.b.getInt8Ty(), e.hidden[kScratch],
                               e.b.CreateMul(padded_, e.b.getInt64(reserve(bytes)), "", true, true));
}

llvm::Value* SimTarget::thread_var_slot(FunctionEmitter& e, const ir::Variable* v, unsigned leaf) {
  llvm::Type* type = e.m.types[v->type].leaves[leaf].memory;
  const uint64_t size = e.m.out.getDataLayout().getTypeAllocSize(type);
  auto [at, is_new] = variable_offset_.try_emplace({v, leaf}, 0);
  if (is_new) at->second = reserve(size);
  llvm::Value* all = e.b.CreateInBoundsGEP(e.b.getInt8Ty(), e.hidden[kScratch],
                                           e.b.CreateMul(padded_, e.b.getInt64(at->second), "", true, true));
  return e.b.CreateInBoundsGEP(type, all, e.hidden[kLinear]);
}

// for z, y, x: the body. The innermost axis is x, or y where the splitting pass found memory to be contiguous
// along that; its iterations are independent (CUDA's threads between barriers are), which the vectoriser is
// told.
void SimTarget::thread_loop(FunctionEmitter& e, const ir::Op& op) {
  llvm::IRBuilder<>& b = e.b;
  llvm::Value* block = e.hidden[kBlock];
  if (sanitize_) find_settled(e, op);
  struct Level {
    llvm::Value* count;
    llvm::PHINode* index;
    llvm::BasicBlock *header, *latch, *end;
  } levels[3];  // from the innermost out
  const int order[3] = {op.imm & 1 ? 1 : 0, op.imm & 1 ? 0 : 1, 2};
  llvm::BasicBlock* before = b.GetInsertBlock();
  for (int k = 0; k < 3; ++k) levels[k].count = block_dim(b, block, order[k]);
  llvm::Value* row = nullptr;
  for (int k = 2; k >= 0; --k) {
    Level& l = levels[k];
    // Block dimensions are at least 1: the loops test at their end only.
    l.header = e.block("thread");
    l.latch = e.block("thread_end");
    l.end = e.block("threads_end");
    b.CreateBr(l.header);
    b.SetInsertPoint(l.header);
    l.index = b.CreatePHI(e.i32(), 2);
    l.index->addIncoming(b.getInt32(0), before);
    before = l.header;
    llvm::Value* wide = b.CreateZExt(l.index, e.i64());
    row = row ? b.CreateAdd(b.CreateMul(row, b.CreateZExt(l.count, e.i64()), "", true, true), wide, "", true,
                            true)
              : wide;
  }

  const auto outer_hidden = e.hidden;
  llvm::MDNode* outer_group = e.access_group;
  llvm::BasicBlock* outer_return = e.return_target;
  e.access_group = shares_frame_ ? nullptr : llvm::MDNode::getDistinct(e.context, {});
  e.return_target = levels[0].latch;
  for (int k = 0; k < 3; ++k) e.hidden[kTidX + order[k]] = levels[k].index;
  e.hidden[kLinear] = row;
  e.emit_region(*op.regions[0]);
  e.branch_to(levels[0].latch);

  for (int k = 0; k < 3; ++k) {
    Level& l = levels[k];
    b.SetInsertPoint(l.latch);
    llvm::Value* next = b.CreateAdd(l.index, b.getInt32(1), "", true, true);
    l.index->addIncoming(next, l.latch);
    llvm::Instruction* back = b.CreateCondBr(b.CreateICmpULT(next, l.count), l.header, l.end);
    const auto note = [&](const char* name, llvm::Metadata* value = nullptr) {
      llvm::SmallVector<llvm::Metadata*, 2> parts{llvm::MDString::get(e.context, name)};
      if (value) parts.push_back(value);
      return llvm::MDNode::get(e.context, parts);
    };
    const auto number = [&](llvm::Constant* c) { return llvm::ConstantAsMetadata::get(c); };
    llvm::SmallVector<llvm::Metadata*, 4> notes{nullptr};
    if (k > 0) {
      notes.push_back(note("llvm.loop.unroll.disable"));  // copies of a whole row of threads win nothing
    } else if (e.access_group) {
      // A row of a block is short and of any length: one masked vector loop, with neither interleaving nor a
      // remainder.
      notes.append({note("llvm.loop.parallel_accesses", e.access_group),
                    note("llvm.loop.interleave.count", number(b.getInt32(1))),
                    note("llvm.loop.vectorize.predicate.enable", number(b.getTrue()))});
    }
    if (notes.size() > 1) {
      llvm::MDNode* loop = llvm::MDNode::getDistinct(e.context, notes);
      loop->replaceOperandWith(0, loop);
      back->setMetadata(llvm::LLVMContext::MD_loop, loop);
    }
    b.SetInsertPoint(l.end);
    if (k < 2) b.CreateBr(levels[k + 1].latch);
  }
  settled_.clear();
  e.hidden = outer_hidden;
  e.access_group = outer_group;
  e.return_target = outer_return;
}

}  // namespace cantil::cpu_codegen
