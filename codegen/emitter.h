// The emitters' classes: one per module, one per LLVM function under construction. Methods are spread over
// the folder's files by the kind of op they emit.
#pragma once
#include <llvm/ADT/DenseMap.h>
#include <llvm/IR/IRBuilder.h>
#include <llvm/IR/Module.h>
#include <map>

#include <string>
#include <vector>

#include "codegen/codegen.h"
#include "codegen/line_info.h"
#include "codegen/target.h"
#include "codegen/types.h"
#include "ir/ir.h"

namespace cantil::codegen {

// How a function gives back its result: see codegen.h.
struct ReturnShape {
  llvm::Type* type = nullptr;
  unsigned leaves = 0;
  bool status = false;
  unsigned parts() const { return leaves + (status ? 1 : 0); }
};

class ModuleEmitter {
 public:
  ModuleEmitter(const ir::Module& ir, Target& target, llvm::Module& out, const EmitOptions& options);
  ~ModuleEmitter();
  EmitResult run();

  const ir::Module& ir;
  Target& target;
  llvm::Module& out;
  llvm::LLVMContext& context;
  TypeTable types;
  EmitResult result;
  std::unique_ptr<LineInfo> lines;  // null without EmitOptions::lineinfo

  llvm::Function* function(const ir::Function* f) const { return functions_.lookup(f); }
  ReturnShape return_shape(const ir::Function& f);
  void common_attributes(const ir::Function& f, llvm::Function* fn);
  uint32_t frame(const ir::Function& f, const Span& span);
  llvm::Constant* data(int64_t index);
  // A C function of the run-time library; `result` may be void.
  llvm::FunctionCallee runtime(llvm::StringRef name, llvm::Type* result, llvm::ArrayRef<llvm::Type*> params);
  // Internal helpers made on first use: void(ptr owner).
  llvm::Function* retain_function();
  llvm::Function* release_function();
  llvm::Constant* text(llvm::StringRef bytes);
  // Where the addresses of constant texts are kept; true: a str, false: bytes.
  std::map<std::pair<std::string, bool>, llvm::GlobalVariable*> text_slots;
  // Loads the packed leaves of `args` from a struct of ir/layout.h's packed form; stores a result's leaves
  // into one.
  Leaves load_packed(llvm::IRBuilder<>& b, const std::vector<ir::TypeRef>& values, llvm::Value* base);
  void store_packed(llvm::IRBuilder<>& b, ir::TypeRef type, llvm::ArrayRef<llvm::Value*> leaves,
                    llvm::Value* base);

 private:
  void inline_single_calls();

  llvm::DenseMap<const ir::Function*, llvm::Function*> functions_;
  llvm::DenseMap<int64_t, llvm::Constant*> data_;
  std::unordered_map<std::string, uint32_t> frame_index_;
  llvm::Function* retain_ = nullptr;
  llvm::Function* release_ = nullptr;
};

class FunctionEmitter {
 public:
  FunctionEmitter(ModuleEmitter& m, const ir::Function& f, llvm::Function* fn);

  void emit_body();                       // the whole of an IR function
  void emit_region(const ir::Region& r);  // ops in order; leaves the builder where control falls out

  ModuleEmitter& m;
  Target& target;
  const ir::Function& f;
  llvm::Function* fn;
  llvm::LLVMContext& context;
  llvm::IRBuilder<> b;
  llvm::SmallVector<llvm::Value*, 4> hidden;  // the values of Target::hidden_params here
  llvm::Value* chunk = nullptr;               // in the body of a parallel_for: which piece this is
  llvm::MDNode* access_group = nullptr;       // set on array accesses while inside a thread loop

  llvm::Type* i1() { return b.getInt1Ty(); }
  llvm::Type* i32() { return b.getInt32Ty(); }
  llvm::Type* i64() { return b.getInt64Ty(); }
  llvm::Type* ptr() { return b.getPtrTy(); }

  const Leaves& value(const ir::Value* v) const { return values_[v->id]; }
  llvm::Value* scalar(const ir::Value* v) const { return values_[v->id][0]; }
  void define(const ir::Value* v, Leaves leaves) { values_[v->id] = std::move(leaves); }
  void define(const ir::Value* v, llvm::Value* leaf) { values_[v->id] = Leaves{leaf}; }

  // An alloca in the entry block.
  llvm::AllocaInst* alloca_in_entry(llvm::Type* type, uint64_t align = 0, llvm::Value* count = nullptr);
  llvm::BasicBlock* block(const char* name) { return llvm::BasicBlock::Create(context, name, fn); }
  bool terminated() const { return b.GetInsertBlock()->getTerminator() != nullptr; }
  void branch_to(llvm::BasicBlock* to) {
    if (!terminated()) b.CreateBr(to);
  }
  llvm::SmallVector<llvm::AllocaInst*, 4>& slots(const ir::Variable* v);

  // Memory form.
  Leaves load(ir::TypeRef t, llvm::Value* address, uint64_t align, bool is_volatile = false);
  void store(ir::TypeRef t, llvm::ArrayRef<llvm::Value*> leaves, llvm::Value* address, uint64_t align,
             bool is_volatile = false);
  llvm::Value* to_memory(llvm::Value* leaf);  // i1 -> i8
  llvm::Value* to_register(llvm::Value* leaf, llvm::Type* reg);
  llvm::Value* offset(llvm::Value* base, uint64_t bytes);
  llvm::Value* element_address(const ir::Value* array, llvm::ArrayRef<ir::Value*> indices);
  llvm::Value* array_stride(const ir::Value* array, int axis);

  // Leaves the function with this status (an i32), through the clean-up.
  void leave_with_error(llvm::Value* status);
  void leave_with_value(llvm::ArrayRef<llvm::Value*> leaves);
  // Branches to a cold block when `failed`; the builder ends up in that cold block, *next is where to go on.
  llvm::BasicBlock* begin_cold(llvm::Value* failed, const char* name);
  void raise(int64_t site, llvm::ArrayRef<ir::Value*> args);
  void retain(ir::TypeRef t, llvm::ArrayRef<llvm::Value*> leaves);
  // The status check after a call that may raise.
  void check_status(llvm::Value* status, const Span* frame_span);
  llvm::MDNode* unlikely();

  // A multiplication and the like for complex numbers, shared with reductions.
  Leaves arithmetic(ir::Opcode code, ir::TypeRef t, const Leaves& x, const Leaves& y);

  // The two numbers folded into one by a reduction.
  Leaves combine(ir::ReduceOp op, ir::TypeRef t, const Leaves& x, const Leaves& y);

  struct Loop {
    llvm::BasicBlock *on_break, *on_continue;
  };
  std::vector<Loop> loops;
  // The tries around: an exception in a body stores its status and goes to the handler; `in_body` is false in
  // the handler.
  struct Try {
    llvm::BasicBlock *handler, *end;
    llvm::AllocaInst* status;
    bool in_body;
  };
  std::vector<Try> tries;
  // Where `return` goes instead of leaving the function: the end of the thread's turn in a thread loop.
  llvm::BasicBlock* return_target = nullptr;
  // Number of iterations of a `for`: unsigned, of the iteration type.
  llvm::Value* trip_count(ir::TypeRef type, llvm::Value* start, llvm::Value* stop, llvm::Value* step);
  void declare_hidden(unsigned first_argument);

 private:
  friend class ParallelEmitter;

  void emit_op(const ir::Op& op);
  void emit_scalar(const ir::Op& op);
  llvm::Value* floor_div_mod(bool is_signed, llvm::Value* x, llvm::Value* y, ir::Opcode code);
  llvm::Value* shift(ir::TypeRef t, llvm::Value* x, llvm::Value* y, bool left);
  llvm::Value* compare(ir::Opcode code, ir::TypeRef t, const Leaves& x, const Leaves& y);
  Leaves cast(ir::TypeRef from, ir::TypeRef to, const Leaves& x);
  llvm::Value* cast_real(ir::TypeRef from, ir::TypeRef to, llvm::Value* x);
  llvm::Value* float_to_int(ir::TypeRef to, llvm::Value* x);
  Leaves bitcast(ir::TypeRef from, ir::TypeRef to, const Leaves& x);
  Leaves constant(ir::TypeRef t, const ir::ConstValue& c);
  Leaves undefined(ir::TypeRef t);
  llvm::Value* math(const ir::Op& op);
  void emit_aggregate(const ir::Op& op);
  void emit_array(const ir::Op& op);
  void emit_memory(const ir::Op& op);
  void emit_if(const ir::Op& op);
  void emit_while(const ir::Op& op);
  void emit_for(const ir::Op& op);
  void emit_parallel_for(const ir::Op& op);
  void emit_try(const ir::Op& op);
  void emit_exception(const ir::Op& op);
  const Try& handled() const;
  void emit_call(const ir::Op& op);
  void emit_call_c(const ir::Op& op);
  void emit_call_llvm(const ir::Op& op);
  void emit_atomic(const ir::Op& op);
  void retain_release(const ir::Op& op);
  void emit_new(const ir::Op& op);
  void emit_const_text(const ir::Op& op);
  void store_counted(ir::TypeRef t, llvm::ArrayRef<llvm::Value*> leaves, llvm::Value* address);
  void release(ir::TypeRef t, llvm::ArrayRef<llvm::Value*> leaves);
  size_t collect_owners(ir::TypeRef t, llvm::ArrayRef<llvm::Value*> leaves, llvm::Value* present,
                        llvm::SmallVectorImpl<llvm::Value*>& out);
  void release_variables();
  void prepare_exit();

  std::vector<Leaves> values_;
  llvm::DenseMap<const ir::Variable*, llvm::SmallVector<llvm::AllocaInst*, 4>> variables_;
  std::vector<const ir::Variable*> owned_;  // counted variables that the exit releases
  llvm::Instruction* alloca_point_ = nullptr;
  ReturnShape shape_;
  // With something to release there is one exit block and the result passes through slots.
  llvm::BasicBlock* exit_ = nullptr;
  llvm::SmallVector<llvm::AllocaInst*, 4> result_slots_;
  llvm::AllocaInst* status_slot_ = nullptr;
};

}  // namespace cantil::codegen
