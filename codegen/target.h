// What differs between the machines that code is made for. One small interface: everything else in codegen/
// is shared.
#pragma once
#include <llvm/IR/CallingConv.h>
#include <llvm/IR/IRBuilder.h>

#include "codegen/types.h"
#include "ir/ir.h"

namespace cantil::codegen {

class FunctionEmitter;
class ModuleEmitter;

class Target {
 public:
  virtual ~Target() = default;

  // Attributes of every function made from `f` (the target's own, beside nounwind).
  virtual void function_attributes(const ir::Function&, llvm::Function*) {}
  virtual llvm::CallingConv::ID internal_convention() const { return llvm::CallingConv::Fast; }
  // Flags that hold without being asked for (CUDA contracts a*b+c by default).
  virtual uint8_t default_fastmath() const { return 0; }

  // Extra parameters that every function passes on to its callees, after the user's.
  virtual llvm::SmallVector<llvm::Type*, 4> hidden_params(llvm::LLVMContext&) const { return {}; }

  // Called when a function's parameters are known and before its first op.
  virtual void begin_function(FunctionEmitter&) {}

  // The exported entry point, which unpacks arguments and calls `body` (the function made from functions[0]).
  // Returns its symbol.
  virtual std::string emit_entry(ModuleEmitter&, const ir::Function&, llvm::Function* body) = 0;

  // A leaf function of math.def on f32 or f64 (predicates and intrinsics with an instruction of their own are
  // shared).
  virtual llvm::Value* math(FunctionEmitter&, ir::MathFn, llvm::ArrayRef<llvm::Value*> args) = 0;

  // Heap and reference counts. Without them counted values are never owned and retain/release vanish.
  virtual bool has_heap() const { return true; }

  // Exceptions: remembers a new error; remembers a frame on the way out (`frame` indexes EmitResult::frames).
  virtual void record_raise(FunctionEmitter&, int64_t site, llvm::ArrayRef<ir::Value*> args) = 0;
  virtual void record_frame(FunctionEmitter&, uint32_t frame) = 0;

  virtual void print(FunctionEmitter&, const ir::Op&) = 0;

  // CUDA's ops; only targets that run kernels have them.
  virtual llvm::Value* sreg(FunctionEmitter&, ir::Sreg);
  virtual void barrier(FunctionEmitter&);
  virtual llvm::Value* shared_array(FunctionEmitter&, const ir::Op&);
  virtual llvm::Value* dynamic_shared(FunctionEmitter&);
  virtual llvm::Value* dynamic_shared_size(FunctionEmitter&);
  virtual void fence(FunctionEmitter&, int64_t scope);
  virtual llvm::StringRef atomic_scope() const { return ""; }
  // Whether other machine threads can meet this atomic operation.
  virtual bool is_contended(const ir::Op&) const { return true; }
  // The result of an op without one is null.
  virtual llvm::Value* collective(FunctionEmitter&, const ir::Op&);
  virtual llvm::Value* access_check(FunctionEmitter&, const ir::Op&);
  virtual void sync_mark(FunctionEmitter&, const ir::Op&);
  // The simulator's ops, see cpu_codegen/barriers/barriers.h.
  virtual llvm::Value* block_collective(FunctionEmitter&, const ir::Op&);
  virtual llvm::Value* thread_array(FunctionEmitter&, const ir::Op&);
  virtual void thread_loop(FunctionEmitter&, const ir::Op&);
  virtual llvm::Value* thread_var_slot(FunctionEmitter&, const ir::Variable*, unsigned leaf);
};

}  // namespace cantil::codegen
