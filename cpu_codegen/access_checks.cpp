// The sanitizer's checks in generated code: a quick look at the shadow that lets harmless accesses pass, and
// a call for all others.
//
// An access is harmless when what the shadow says of its cell cannot conflict with it: the last writer and
// the last reader are this thread, or before the last barrier (shared memory) or the launch (global memory).
// The rules in full are simulator/sanitizer.cpp's; whatever is not plainly harmless here is judged there.
#include <algorithm>

#include "cpu_codegen/sim_block.h"
#include "cpu_codegen/sim_target.h"
#include "support/diagnostics.h"

namespace cantil::cpu_codegen {
namespace {

using codegen::FunctionEmitter;

constexpr uint64_t kBelowThread = uint64_t{1} << CANTIL_RT_THREAD_SHIFT;
constexpr uint64_t kBelowWhen = uint64_t{1} << CANTIL_RT_WHEN_SHIFT;
// Of a tag: its block and thread.
constexpr uint64_t kOwner = ~((uint64_t{1} << (CANTIL_RT_WHEN_SHIFT + CANTIL_RT_TIME_BITS)) - 1) |
                            (uint64_t{1023} << CANTIL_RT_THREAD_SHIFT);
constexpr uint64_t kMostCheckedHere = 16;  // bytes

// The shared array that a pointer to an element of the whole of it points into.
const ir::Op* shared_array_of(const ir::Value* pointer) {
  const ir::Op* def = pointer->def;
  if (def == nullptr || def->code != ir::Opcode::ElemPtr) return nullptr;
  def = def->operands[0]->def;
  if (def == nullptr || def->code != ir::Opcode::ArrayMake) return nullptr;
  def = def->operands[1]->def;
  return def != nullptr && def->code == ir::Opcode::SharedArray ? def : nullptr;
}

struct SharedUse {
  std::vector<const ir::Op*> read, written;  // each array once
  bool other = false;                        // what may write anywhere
};

void note(std::vector<const ir::Op*>& arrays, const ir::Op* array) {
  if (std::find(arrays.begin(), arrays.end(), array) == arrays.end()) arrays.push_back(array);
}

void look_at(const ir::Region& r, SharedUse& use) {
  for (const ir::Op* op : r.ops) {
    if (op->code == ir::Opcode::AccessCheck) {
      const auto imm = static_cast<uint64_t>(op->imm);
      const uint64_t space = CANTIL_RT_ACCESS_SPACE(imm);
      const bool reads = CANTIL_RT_ACCESS_KIND(imm) == CANTIL_RT_READ;
      const ir::Op* array = space == CANTIL_RT_SHARED ? shared_array_of(op->operands[0]) : nullptr;
      if (array != nullptr)
        note(reads ? use.read : use.written, array);
      else if (!reads)
        use.other |= space == CANTIL_RT_SHARED || space == CANTIL_RT_UNKNOWN;
    }
    use.other |= op->code == ir::Opcode::Call;
    for (const ir::Region* nested : op->regions) look_at(*nested, use);
  }
}

// Barriers stand right before and behind the thread loop.
bool is_alone(const ir::Op& loop) {
  const auto& ops = loop.parent->ops;
  const auto at = std::find(ops.begin(), ops.end(), &loop);
  const auto is_mark = [](const ir::Op* op) {
    return op->code == ir::Opcode::SyncMark && op->imm < CANTIL_RT_ACCESS_SITES;
  };
  const auto is_quiet = [](const ir::Op* op) {
    return op->regions.empty() && op->code != ir::Opcode::Return && op->code != ir::Opcode::Break &&
           op->code != ir::Opcode::Continue;
  };
  for (auto k = at;;) {
    if (k == ops.begin()) return false;
    --k;
    if (is_mark(*k)) break;
    if (!is_quiet(*k)) return false;
  }
  for (auto k = at + 1; k != ops.end(); ++k) {
    if (is_mark(*k)) return true;
    if (!is_quiet(*k)) return false;
  }
  return false;
}

constexpr size_t kClockOffsets[] = {offsetof(cantil_rt_shadow, shared_floor),
                                    offsetof(cantil_rt_shadow, shared_now),
                                    offsetof(cantil_rt_shadow, global_now)};

}  // namespace

void SimTarget::begin_checks(FunctionEmitter& e) {
  shadow_ = fixed(e.b, e.hidden[kBlock], offsetof(cantil_rt_block, shadow), e.ptr());
  for (llvm::AllocaInst*& slot : clocks_) slot = fibers_ ? nullptr : e.alloca_in_entry(e.i64());
  read_clocks(e);
}

void SimTarget::read_clocks(FunctionEmitter& e) {
  if (fibers_) return;  // any call may let other threads, and time, go on: the clocks are read when needed
  for (int k = 0; k < kClocks; ++k)
    e.b.CreateStore(e.b.CreateLoad(e.i64(), field(e.b, shadow_, kClockOffsets[k])), clocks_[k]);
}

llvm::Value* SimTarget::clock(FunctionEmitter& e, Clock which) {
  return e.b.CreateLoad(e.i64(), fibers_ ? field(e.b, shadow_, kClockOffsets[which]) : clocks_[which]);
}

void SimTarget::sync_mark(FunctionEmitter& e, const ir::Op& op) {
  if (fibers_) {
    e.b.CreateCall(e.m.runtime("cantil_rt_sync_mark", e.b.getVoidTy(), {e.i32()}),
                   {e.b.getInt32(static_cast<uint32_t>(op.imm))});
  } else if (op.imm < CANTIL_RT_ACCESS_SITES) {  // a barrier; returns of threads matter to fibers only
    e.b.CreateCall(e.m.runtime("cantil_rt_synchronised", e.b.getVoidTy(), {e.ptr()}), {e.hidden[kBlock]});
    read_clocks(e);
  }
}

// The shadow's cell of an address; goes to `slow` where there is none yet.
llvm::Value* SimTarget::cell_of(FunctionEmitter& e, llvm::Value* address, uint64_t imm,
                                llvm::BasicBlock* slow) {
  auto& b = e.b;
  const unsigned table = CANTIL_RT_ACCESS_BYTES(imm) >= 4 ? 0 : 1;
  const auto offset_in = [&](llvm::Value* bytes) {
    if (table == 0)
      return b.CreateShl(b.CreateAnd(bytes, b.getInt64(~uint64_t{3})), CANTIL_RT_CELL_SHIFT - 2);
    return b.CreateShl(bytes, CANTIL_RT_CELL_SHIFT);
  };
  llvm::Value* at = b.CreatePtrToInt(address, e.i64());
  if (CANTIL_RT_ACCESS_SPACE(imm) == CANTIL_RT_SHARED) {
    llvm::Value* cells = fixed(b, shadow_, offsetof(cantil_rt_shadow, shared_cells) + 8 * table, e.ptr());
    llvm::Value* shared = fixed(b, e.hidden[kBlock], offsetof(cantil_rt_block, shared), e.ptr());
    return b.CreateGEP(b.getInt8Ty(), cells, offset_in(b.CreateSub(at, b.CreatePtrToInt(shared, e.i64()))));
  }
  llvm::Value* pages = fixed(b, shadow_, offsetof(cantil_rt_shadow, pages) + 8 * table, e.ptr());
  llvm::Value* page =
      b.CreateLoad(e.ptr(), b.CreateGEP(e.ptr(), pages, b.CreateLShr(at, CANTIL_RT_PAGE_SHIFT)));
  llvm::BasicBlock* found = e.block("shadowed");
  b.CreateCondBr(b.CreateIsNull(page), slow, found, e.unlikely());
  b.SetInsertPoint(found);
  return b.CreateGEP(b.getInt8Ty(), page,
                     offset_in(b.CreateAnd(at, b.getInt64((uint64_t{1} << CANTIL_RT_PAGE_SHIFT) - 1))));
}

// Whether the access passes; `remembered` is the reader's tag to be kept then.
llvm::Value* SimTarget::is_harmless(FunctionEmitter& e, llvm::Value* cell, llvm::Value* mine, uint64_t imm,
                                    llvm::Value*& remembered) {
  auto& b = e.b;
  const bool shared = CANTIL_RT_ACCESS_SPACE(imm) == CANTIL_RT_SHARED;
  const bool writes = CANTIL_RT_ACCESS_KIND(imm) == CANTIL_RT_WRITE;
  llvm::Value* w = b.CreateAlignedLoad(e.i64(), cell, llvm::Align(16));
  if (CANTIL_RT_ACCESS_SPACE(imm) == CANTIL_RT_LOCAL)
    return b.CreateICmpEQ(b.CreateAnd(b.CreateXor(w, mine), b.getInt64(kOwner)), b.getInt64(0));
  llvm::Value* r =
      b.CreateAlignedLoad(e.i64(), field(b, cell, offsetof(cantil_rt_cell, read)), llvm::Align(8));
  llvm::Value* floor =
      shared ? clock(e, kSharedFloor) : fixed(b, shadow_, offsetof(cantil_rt_shadow, launch_first), e.i64());
  const auto is_near = [&](llvm::Value* tag, uint64_t bits) {
    return b.CreateICmpULT(b.CreateXor(tag, mine), b.getInt64(bits));
  };
  const auto has = [&](uint64_t flags) {
    return b.CreateICmpNE(b.CreateAnd(r, b.getInt64(flags)), b.getInt64(0));
  };
  llvm::Value* write_ok = b.CreateOr(b.CreateICmpULT(w, floor), is_near(w, kBelowThread));
  llvm::Value* r_old = b.CreateICmpULT(r, floor);
  if (writes) {
    // Flags of a reader that is this thread say that others read too.
    llvm::Value* alone = b.CreateAnd(is_near(r, kBelowThread), b.CreateNot(has(3)));
    return b.CreateAnd(write_ok, b.CreateOr(r_old, alone));
  }
  if (shared) {  // written at all?
    llvm::Value* first = fixed(b, shadow_, offsetof(cantil_rt_shadow, shared_first), e.i64());
    write_ok = b.CreateAnd(write_ok, b.CreateICmpUGE(w, first));
  }
  // The first reader stays; that others came is noted. What is not old in shared memory is of this block and
  // time.
  llvm::Value* enough = is_near(r, kBelowThread);
  if (!shared) enough = b.CreateOr(enough, has(2));
  remembered = b.CreateSelect(r_old, mine, b.CreateSelect(enough, r, b.CreateOr(r, b.getInt64(1))));
  if (shared) return write_ok;
  return b.CreateAnd(write_ok, b.CreateOr(r_old, b.CreateOr(has(2), is_near(r, kBelowWhen))));
}

// Where threads only read an array between two barriers no race is possible, and none of these reads needs to
// be noted; so that nothing is left to check but the bounds, once the array is known to be initialised.
void SimTarget::find_settled(FunctionEmitter& e, const ir::Op& thread_loop) {
  settled_.clear();
  if (!is_alone(thread_loop)) return;
  SharedUse use;
  look_at(*thread_loop.regions[0], use);
  if (use.other) return;
  for (const ir::Op* array : use.read) {
    if (std::find(use.written.begin(), use.written.end(), array) != use.written.end()) continue;
    const uint64_t step = e.m.types[array->result->type->elem()].size;
    if (step > kMostCheckedHere) continue;
    llvm::FunctionCallee ask =
        e.m.runtime("cantil_rt_initialised", e.i32(), {e.ptr(), e.ptr(), e.i64(), e.i64()});
    llvm::Value* answer =
        e.b.CreateCall(ask, {e.hidden[kBlock], e.scalar(array->result),
                             e.b.getInt64(step * static_cast<uint64_t>(array->imm)), e.b.getInt64(step)});
    settled_[array] = e.b.CreateICmpNE(answer, e.b.getInt32(0));
  }
}

llvm::Value* SimTarget::access_check(FunctionEmitter& e, const ir::Op& op) {
  auto& b = e.b;
  const auto imm = static_cast<uint64_t>(op.imm);
  const uint64_t kind = CANTIL_RT_ACCESS_KIND(imm), space = CANTIL_RT_ACCESS_SPACE(imm);
  const bool has_value = CANTIL_RT_ACCESS_HAS_VALUE(imm);
  llvm::Value* address = e.scalar(op.operands[0]);
  const size_t pairs = (op.operands.size() - 1) / 2;
  if (pairs == 0 && space == CANTIL_RT_CONST) return address;

  llvm::BasicBlock *slow = e.block("suspicious"), *done = e.block("checked");
  llvm::SmallVector<llvm::BasicBlock*, 2> passed;
  if (pairs != 0) {
    llvm::Value* inside = nullptr;
    for (size_t k = 0; k < pairs; ++k) {
      llvm::Value* one = b.CreateICmpULT(e.scalar(op.operands[1 + 2 * k]), e.scalar(op.operands[2 + 2 * k]));
      inside = inside ? b.CreateAnd(inside, one) : one;
    }
    llvm::BasicBlock* next = e.block("inside");
    b.CreateCondBr(b.CreateNot(inside), slow, next, e.unlikely());
    b.SetInsertPoint(next);
  }
  if (space == CANTIL_RT_CONST) {
    passed.push_back(b.GetInsertBlock());
    b.CreateBr(done);
  } else if (kind == CANTIL_RT_ATOMIC || space == CANTIL_RT_UNKNOWN || CANTIL_RT_ACCESS_RELAXED(imm) ||
             CANTIL_RT_ACCESS_BYTES(imm) > kMostCheckedHere) {
    b.CreateBr(slow);
  } else {
    if (kind == CANTIL_RT_READ && space == CANTIL_RT_SHARED) {
      if (const auto found = settled_.find(shared_array_of(op.operands[0])); found != settled_.end()) {
        llvm::BasicBlock* look = e.block("look");
        passed.push_back(b.GetInsertBlock());
        b.CreateCondBr(found->second, done, look);
        b.SetInsertPoint(look);
      }
    }
    llvm::Value* cell = cell_of(e, address, imm, slow);
    llvm::Value* now = clock(e, space == CANTIL_RT_SHARED ? kSharedNow : kGlobalNow);
    llvm::Value* thread = b.CreateShl(b.CreateZExt(thread_number(e), e.i64()), CANTIL_RT_THREAD_SHIFT);
    const uint64_t site = (imm % CANTIL_RT_ACCESS_SITES) << CANTIL_RT_SITE_SHIFT;
    llvm::Value* mine = b.CreateOr(b.CreateOr(now, thread), b.getInt64(site));
    const bool local = space == CANTIL_RT_LOCAL;
    if (!local || kind == CANTIL_RT_READ) {
      llvm::Value* remembered = nullptr;
      llvm::Value* harmless = is_harmless(e, cell, mine, imm, remembered);
      llvm::BasicBlock* note = e.block("harmless");
      b.CreateCondBr(b.CreateNot(harmless), slow, note, e.unlikely());
      b.SetInsertPoint(note);
      if (remembered)
        b.CreateAlignedStore(remembered, field(b, cell, offsetof(cantil_rt_cell, read)), llvm::Align(8));
    }
    if (kind == CANTIL_RT_WRITE) b.CreateAlignedStore(mine, cell, llvm::Align(16));
    passed.push_back(b.GetInsertBlock());
    b.CreateBr(done);
  }

  b.SetInsertPoint(slow);
  llvm::Value* indices = llvm::ConstantPointerNull::get(b.getPtrTy());
  if (pairs != 0) {
    indices = e.alloca_in_entry(llvm::ArrayType::get(e.i64(), 2 * pairs));
    for (size_t k = 0; k < 2 * pairs; ++k)
      b.CreateStore(e.scalar(op.operands[1 + k]), field(b, indices, 8 * k));
  }
  llvm::Value* value = llvm::ConstantPointerNull::get(b.getPtrTy());
  if (has_value) {
    const ir::Value* stored = op.operands.back();
    const codegen::TypeInfo& info = e.m.types[stored->type];
    value = e.alloca_in_entry(info.memory, info.align);
    e.store(stored->type, e.value(stored), value, info.align);
  }
  llvm::FunctionCallee judge =
      e.m.runtime("cantil_rt_access", e.ptr(), {e.i64(), e.i32(), e.ptr(), e.ptr(), e.i32(), e.ptr()});
  llvm::Value* instead = b.CreateCall(judge, {b.getInt64(imm), thread_number(e), address, indices,
                                              b.getInt32(static_cast<uint32_t>(pairs)), value});
  llvm::BasicBlock* judged = b.GetInsertBlock();
  b.CreateBr(done);
  b.SetInsertPoint(done);
  llvm::PHINode* result = b.CreatePHI(e.ptr(), static_cast<unsigned>(passed.size() + 1));
  for (llvm::BasicBlock* from : passed) result->addIncoming(address, from);
  result->addIncoming(instead, judged);
  return result;
}

}  // namespace cantil::cpu_codegen
