// The simulated CUDA device as a target: one call of the entry runs a whole block, or one thread of it on a
// fiber.
//
// Every function gets the block, the scratch memory and the thread's place as hidden parameters, so that
// device functions need no thread-local state and inlining makes them free. In loop mode a thread_loop
// supplies them; what has to live across barriers (thread variables and arrays) lies in scratch memory. The
// form of the IR is that of cpu_codegen/barriers/barriers.h.
#pragma once
#include <map>

#include "cpu_codegen/host_target.h"

namespace cantil::cpu_codegen {

class SimTarget : public HostTarget {
 public:
  explicit SimTarget(bool fibers, bool sanitize = false) : fibers_(fibers), sanitize_(sanitize) {}

  llvm::SmallVector<llvm::Type*, 4> hidden_params(llvm::LLVMContext&) const override;
  // CUDA contracts a*b+c; a host with FMA does the same then.
  uint8_t default_fastmath() const override { return ir::kContract; }
  bool has_heap() const override { return false; }
  void begin_function(codegen::FunctionEmitter&) override;
  std::string emit_entry(codegen::ModuleEmitter&, const ir::Function&, llvm::Function* body) override;
  void record_raise(codegen::FunctionEmitter&, int64_t site, llvm::ArrayRef<ir::Value*> args) override;
  llvm::Value* sreg(codegen::FunctionEmitter&, ir::Sreg) override;
  void barrier(codegen::FunctionEmitter&) override;
  llvm::Value* shared_array(codegen::FunctionEmitter&, const ir::Op&) override;
  llvm::Value* dynamic_shared(codegen::FunctionEmitter&) override;
  llvm::Value* dynamic_shared_size(codegen::FunctionEmitter&) override;
  void fence(codegen::FunctionEmitter&, int64_t scope) override;
  // One machine thread runs all threads of a block, so that nobody else meets what they do in shared memory.
  bool is_contended(const ir::Op&) const override;
  llvm::Value* collective(codegen::FunctionEmitter&, const ir::Op&) override;
  llvm::Value* block_collective(codegen::FunctionEmitter&, const ir::Op&) override;
  llvm::Value* thread_array(codegen::FunctionEmitter&, const ir::Op&) override;
  void thread_loop(codegen::FunctionEmitter&, const ir::Op&) override;
  llvm::Value* thread_var_slot(codegen::FunctionEmitter&, const ir::Variable*, unsigned leaf) override;
  // The sanitizer's part, in access_checks.cpp.
  llvm::Value* access_check(codegen::FunctionEmitter&, const ir::Op&) override;
  void sync_mark(codegen::FunctionEmitter&, const ir::Op&) override;

 private:
  // What of the shadow moves with time: kept in slots of the function where barriers are the function's own
  // to see.
  enum Clock { kSharedFloor, kSharedNow, kGlobalNow, kClocks };
  void begin_checks(codegen::FunctionEmitter&);
  void find_settled(codegen::FunctionEmitter&, const ir::Op& thread_loop);
  void read_clocks(codegen::FunctionEmitter&);
  llvm::Value* clock(codegen::FunctionEmitter&, Clock);
  llvm::Value* thread_number(codegen::FunctionEmitter&);
  llvm::Value* cell_of(codegen::FunctionEmitter&, llvm::Value* address, uint64_t imm, llvm::BasicBlock* slow);
  llvm::Value* is_harmless(codegen::FunctionEmitter&, llvm::Value* cell, llvm::Value* mine, uint64_t imm,
                           llvm::Value*& remembered);

  // Reserves room for `bytes` per thread; the result is the offset, to be multiplied by the padded number of
  // threads.
  uint64_t reserve(uint64_t bytes);
  llvm::Value* padded_threads(llvm::IRBuilder<>& b, llvm::Value* block);

  bool fibers_, sanitize_;
  llvm::Value* shadow_ = nullptr;  // of the function being emitted, like the slots
  llvm::AllocaInst* clocks_[kClocks] = {};
  // Shared arrays that the thread loop being emitted only reads, with nothing else going on until the
  // barriers around it; and whether they have been written to completely.
  std::map<const ir::Op*, llvm::Value*> settled_;
  uint64_t scratch_per_thread_ = 0;
  std::map<std::pair<const ir::Variable*, unsigned>, uint64_t> variable_offset_;
  llvm::Value* padded_ = nullptr;  // of the function being emitted
  // Threads of this kernel share an alloca (a local array, reused by one thread after the other), so their
  // loop must not be called parallel.
  bool shares_frame_ = false;
};

}  // namespace cantil::cpu_codegen
