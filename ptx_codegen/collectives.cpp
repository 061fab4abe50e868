// What threads of a warp, block or grid do together, as PTX's instructions.
#include <llvm/IR/IntrinsicsNVPTX.h>

#include "ptx_codegen/ptx_target.h"
#include "support/diagnostics.h"

namespace cantil::ptx_codegen {
namespace {

using codegen::FunctionEmitter;
using ir::CollectiveOp;

// The shuffles of 32 bits, and what PTX wants to know of the segment: lanes beyond this one (or, going up,
// below) give the thread's own value.
struct Shuffle {
  llvm::Intrinsic::ID id;
  uint32_t clamp;
};

Shuffle shuffle_of(CollectiveOp what) {
  switch (what) {
    case CollectiveOp::ShflUp:
      return {llvm::Intrinsic::nvvm_shfl_sync_up_i32, 0};
    case CollectiveOp::ShflDown:
      return {llvm::Intrinsic::nvvm_shfl_sync_down_i32, 31};
    case CollectiveOp::ShflXor:
      return {llvm::Intrinsic::nvvm_shfl_sync_bfly_i32, 31};
    default:
      return {llvm::Intrinsic::nvvm_shfl_sync_idx_i32, 31};
  }
}

llvm::Value* shuffle(FunctionEmitter& e, CollectiveOp what, llvm::Value* mask, llvm::Value* x,
                     llvm::Value* lane) {
  llvm::IRBuilder<>& b = e.b;
  const Shuffle s = shuffle_of(what);
  const auto word = [&](llvm::Value* v) {
    return b.CreateIntrinsic(s.id, {mask, v, lane, b.getInt32(s.clamp)});
  };
  if (x->getType() == e.i32()) return word(x);
  // 64 bits are two words.
  llvm::Value* low = word(b.CreateTrunc(x, e.i32()));
  llvm::Value* high = word(b.CreateTrunc(b.CreateLShr(x, 32), e.i32()));
  return b.CreateOr(b.CreateZExt(low, e.i64()), b.CreateShl(b.CreateZExt(high, e.i64()), 32));
}

// The barrier of a cooperative launch. Its counter lies in the workspace that the driver gives such launches
// (%envreg1 and 2), behind the workspace's size; cooperative groups in CUDA C++ use the same one. One thread
// of each block adds 1, that of the first block 2^31 less the others: when all have added, bit 31 has
// changed.
void sync_grid(FunctionEmitter& e) {
  llvm::IRBuilder<>& b = e.b;
  const auto sreg = [&](llvm::Intrinsic::ID id) { return b.CreateIntrinsic(id, {}); };
  const auto barrier = [&] {
    b.CreateIntrinsic(llvm::Intrinsic::nvvm_barrier_cta_sync_aligned_all, {b.getInt32(0)});
  };
  using namespace llvm::Intrinsic;
  barrier();
  llvm::Value* thread = b.CreateOr(b.CreateOr(sreg(nvvm_read_ptx_sreg_tid_x), sreg(nvvm_read_ptx_sreg_tid_y)),
                                   sreg(nvvm_read_ptx_sreg_tid_z));
  llvm::BasicBlock *arrive = e.block("arrive"), *wait = e.block("wait"), *done = e.block("grid_synced");
  b.CreateCondBr(b.CreateICmpEQ(thread, b.getInt32(0)), arrive, done);

  b.SetInsertPoint(arrive);
  llvm::Value* high = b.CreateZExt(sreg(nvvm_read_ptx_sreg_envreg1), e.i64());
  llvm::Value* low = b.CreateZExt(sreg(nvvm_read_ptx_sreg_envreg2), e.i64());
  llvm::Value* workspace = b.CreateIntToPtr(b.CreateOr(b.CreateShl(high, 32), low), e.ptr());
  llvm::Value* counter = b.CreateConstInBoundsGEP1_64(b.getInt8Ty(), workspace, 4);
  llvm::Value* blocks =
      b.CreateMul(b.CreateMul(sreg(nvvm_read_ptx_sreg_nctaid_x), sreg(nvvm_read_ptx_sreg_nctaid_y)),
                  sreg(nvvm_read_ptx_sreg_nctaid_z));
  llvm::Value* place =
      b.CreateOr(b.CreateOr(sreg(nvvm_read_ptx_sreg_ctaid_x), sreg(nvvm_read_ptx_sreg_ctaid_y)),
                 sreg(nvvm_read_ptx_sreg_ctaid_z));
  llvm::Value* first = b.CreateICmpEQ(place, b.getInt32(0));
  llvm::Value* step = b.CreateSelect(first, b.CreateSub(b.getInt32(0x80000001u), blocks), b.getInt32(1));
  const auto device = e.context.getOrInsertSyncScopeID("device");
  // Fences by hand: LLVM's NVPTX makes relaxed atomics of all orderings.
  b.CreateIntrinsic(nvvm_membar_gl, {});
  llvm::Value* before = b.CreateAtomicRMW(llvm::AtomicRMWInst::Add, counter, step, llvm::Align(4),
                                          llvm::AtomicOrdering::Monotonic, device);
  b.CreateBr(wait);
  b.SetInsertPoint(wait);
  llvm::LoadInst* now = b.CreateAlignedLoad(e.i32(), counter, llvm::Align(4));
  now->setAtomic(llvm::AtomicOrdering::Acquire, device);
  llvm::BasicBlock* arrived = e.block("arrived");
  b.CreateCondBr(b.CreateICmpSLT(b.CreateXor(before, now), b.getInt32(0)), arrived, wait);
  b.SetInsertPoint(arrived);
  b.CreateIntrinsic(nvvm_membar_gl, {});
  b.CreateBr(done);

  b.SetInsertPoint(done);
  barrier();
}

}  // namespace

llvm::Value* PtxTarget::collective(FunctionEmitter& e, const ir::Op& op) {
  llvm::IRBuilder<>& b = e.b;
  const auto operand = [&](size_t i) { return e.scalar(op.operands[i]); };
  const auto call = [&](llvm::Intrinsic::ID id, llvm::ArrayRef<llvm::Value*> args) {
    return b.CreateIntrinsic(id, args);
  };
  using namespace llvm::Intrinsic;
  switch (op.collective()) {
    case CollectiveOp::ShflIdx:
    case CollectiveOp::ShflUp:
    case CollectiveOp::ShflDown:
    case CollectiveOp::ShflXor:
      return shuffle(e, op.collective(), operand(0), operand(1), operand(2));
    case CollectiveOp::All:
      return call(nvvm_vote_all_sync, {operand(0), operand(1)});
    case CollectiveOp::Any:
      return call(nvvm_vote_any_sync, {operand(0), operand(1)});
    case CollectiveOp::Equal:
      return call(nvvm_vote_uni_sync, {operand(0), operand(1)});
    case CollectiveOp::Ballot:
      return call(nvvm_vote_ballot_sync, {operand(0), operand(1)});
    case CollectiveOp::MatchAny:
      return call(operand(1)->getType() == e.i32() ? nvvm_match_any_sync_i32 : nvvm_match_any_sync_i64,
                  {operand(0), operand(1)});
    case CollectiveOp::MatchAll:
      return b.CreateExtractValue(
          call(operand(1)->getType() == e.i32() ? nvvm_match_all_sync_i32p : nvvm_match_all_sync_i64p,
               {operand(0), operand(1)}),
          0);
    case CollectiveOp::SyncWarp:
      call(nvvm_bar_warp_sync, {operand(0)});
      return nullptr;
    case CollectiveOp::ActiveMask:
      return call(nvvm_activemask, {});
    case CollectiveOp::SyncCount:
      return call(nvvm_barrier_cta_red_popc_aligned_all, {b.getInt32(0), operand(0)});
    case CollectiveOp::SyncAnd:
    case CollectiveOp::SyncOr: {
      llvm::Value* all = call(op.collective() == CollectiveOp::SyncAnd ? nvvm_barrier_cta_red_and_aligned_all
                                                                       : nvvm_barrier_cta_red_or_aligned_all,
                              {b.getInt32(0), operand(0)});
      return b.CreateZExt(all, e.i32());
    }
    case CollectiveOp::SyncGrid:
      sync_grid(e);
      return nullptr;
  }
  throw InternalError("unknown collective operation");
}

}  // namespace cantil::ptx_codegen
