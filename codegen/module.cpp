// Emission of a module: declares every function, emits the bodies, then the target's entry point.
#include <llvm/IR/Constants.h>
#include <llvm/IR/GlobalVariable.h>
#include <llvm/IR/IRBuilder.h>

#include <cctype>

#include "codegen/emitter.h"
#include "support/diagnostics.h"
#include "support/span.h"

namespace cantil::codegen {

std::string legal_symbol(const std::string& name) {
  std::string s;
  s.reserve(name.size() + 1);
  for (char c : name) s += std::isalnum(static_cast<unsigned char>(c)) || c == '_' ? c : '_';
  if (s.empty() || std::isdigit(static_cast<unsigned char>(s[0]))) s.insert(s.begin(), '_');
  return s;
}

Frame make_frame(const std::string& function, const Span& span, bool is_library) {
  Frame frame;
  frame.function = function;
  frame.file = file_name(span.file);
  frame.line = span.line;
  frame.col = span.col;
  frame.end_line = span.end_line;
  frame.end_col = span.end_col;
  frame.is_library = is_library;
  return frame;
}

EmitResult emit(const ir::Module& m, Target& target, llvm::Module& out, const EmitOptions& options) {
  return ModuleEmitter(m, target, out, options).run();
}

ModuleEmitter::ModuleEmitter(const ir::Module& ir_module, Target& t, llvm::Module& o,
                             const EmitOptions& options)
    : ir(ir_module), target(t), out(o), context(o.getContext()), types(o.getContext()) {
  if (options.lineinfo) lines = std::make_unique<LineInfo>(o);
}

ModuleEmitter::~ModuleEmitter() = default;

ReturnShape ModuleEmitter::return_shape(const ir::Function& f) {
  ReturnShape shape;
  llvm::SmallVector<llvm::Type*, 8> parts;
  for (const LeafInfo& leaf : types[f.ret].leaves) parts.push_back(leaf.reg);
  shape.leaves = parts.size();
  shape.status = f.may_raise;
  if (shape.status) parts.push_back(llvm::Type::getInt32Ty(context));
  shape.type = parts.empty()       ? llvm::Type::getVoidTy(context)
               : parts.size() == 1 ? parts[0]
                                   : llvm::StructType::get(context, parts);
  return shape;
}

void ModuleEmitter::common_attributes(const ir::Function& f, llvm::Function* fn) {
  fn->addFnAttr(llvm::Attribute::NoUnwind);
  if (f.inlining == ir::Inline::Always) fn->addFnAttr(llvm::Attribute::AlwaysInline);
  if (f.inlining == ir::Inline::Never) fn->addFnAttr(llvm::Attribute::NoInline);
  target.function_attributes(f, fn);
}

EmitResult ModuleEmitter::run() {
  CANTIL_CHECK(!ir.functions.empty());
  for (const ir::Function* f : ir.functions) {
    llvm::SmallVector<llvm::Type*, 16> params;
    for (const ir::Value* p : f->params)
      for (const LeafInfo& leaf : types[p->type].leaves) params.push_back(leaf.reg);
    for (llvm::Type* t : target.hidden_params(context)) params.push_back(t);
    auto* type = llvm::FunctionType::get(return_shape(*f).type, params, false);
    auto* fn = llvm::Function::Create(type, llvm::GlobalValue::InternalLinkage,
                                      "cantil." + legal_symbol(f->symbol), out);
    fn->setCallingConv(target.internal_convention());
    common_attributes(*f, fn);
    functions_[f] = fn;
  }
  for (const ir::Function* f : ir.functions) FunctionEmitter(*this, *f, functions_[f]).emit_body();
  result.entry = target.emit_entry(*this, *ir.functions[0], functions_[ir.functions[0]]);
  if (lines) lines->finish();
  inline_single_calls();
  return std::move(result);
}

// A function with one caller is inlined before anything else is done to it: LLVM would inline it all the
// same, but only after simplifying it on its own, and then do that work again on the caller.
void ModuleEmitter::inline_single_calls() {
  for (auto& [f, fn] : functions_) {
    if (!fn->hasOneUse() || fn->hasFnAttribute(llvm::Attribute::NoInline)) continue;
    auto* call = llvm::dyn_cast<llvm::CallInst>(*fn->user_begin());
    if (call && call->getCalledFunction() == fn && call->getFunction() != fn)
      fn->addFnAttr(llvm::Attribute::AlwaysInline);
  }
}

uint32_t ModuleEmitter::frame(const ir::Function& f, const Span& span) {
  std::string key = f.symbol + '\n' + std::to_string(span.file) + ':' + std::to_string(span.line) + ':' +
                    std::to_string(span.col) + ':' + std::to_string(span.end_line) + ':' +
                    std::to_string(span.end_col);
  auto [at, is_new] = frame_index_.emplace(std::move(key), static_cast<uint32_t>(result.frames.size()));
  if (is_new) result.frames.push_back(make_frame(f.name, span, f.is_library));
  return at->second;
}

llvm::Constant* ModuleEmitter::data(int64_t index) {
  llvm::Constant*& slot = data_[index];
  if (slot) return slot;
  const ir::ConstBlob& blob = ir.data.at(static_cast<size_t>(index));
  auto* bytes = llvm::ConstantDataArray::getString(context, blob.bytes, false);
  auto* global = new llvm::GlobalVariable(out, bytes->getType(), true, llvm::GlobalValue::PrivateLinkage,
                                          bytes, "cantil.data");
  global->setAlignment(llvm::Align(blob.align));
  return slot = global;
}

llvm::Constant* ModuleEmitter::text(llvm::StringRef bytes) {
  auto* data = llvm::ConstantDataArray::getString(context, bytes, true);
  auto* global = new llvm::GlobalVariable(out, data->getType(), true, llvm::GlobalValue::PrivateLinkage, data,
                                          "cantil.text");
  global->setUnnamedAddr(llvm::GlobalValue::UnnamedAddr::Global);
  return global;
}

llvm::FunctionCallee ModuleEmitter::runtime(llvm::StringRef name, llvm::Type* ret,
                                            llvm::ArrayRef<llvm::Type*> params) {
  llvm::FunctionCallee callee = out.getOrInsertFunction(name, llvm::FunctionType::get(ret, params, false));
  if (auto* fn = llvm::dyn_cast<llvm::Function>(callee.getCallee())) fn->addFnAttr(llvm::Attribute::NoUnwind);
  return callee;
}

// A null reference counts nothing. Increments need no order; the last decrement must see all writes of the
// others.
llvm::Function* ModuleEmitter::retain_function() {
  if (retain_) return retain_;
  auto* ptr = llvm::PointerType::get(context, 0);
  auto* type = llvm::FunctionType::get(llvm::Type::getVoidTy(context), {ptr}, false);
  retain_ = llvm::Function::Create(type, llvm::GlobalValue::InternalLinkage, "cantil.retain", out);
  retain_->addFnAttr(llvm::Attribute::NoUnwind);
  llvm::IRBuilder<> b(llvm::BasicBlock::Create(context, "entry", retain_));
  auto* count = llvm::BasicBlock::Create(context, "count", retain_);
  auto* done = llvm::BasicBlock::Create(context, "done", retain_);
  llvm::Argument* owner = retain_->getArg(0);
  b.CreateCondBr(b.CreateIsNull(owner), done, count);
  b.SetInsertPoint(count);
  b.CreateAtomicRMW(llvm::AtomicRMWInst::Add, owner, b.getInt64(1), llvm::Align(8),
                    llvm::AtomicOrdering::Monotonic);
  b.CreateBr(done);
  b.SetInsertPoint(done);
  b.CreateRetVoid();
  return retain_;
}

llvm::Function* ModuleEmitter::release_function() {
  if (release_) return release_;
  auto* ptr = llvm::PointerType::get(context, 0);
  auto* type = llvm::FunctionType::get(llvm::Type::getVoidTy(context), {ptr}, false);
  release_ = llvm::Function::Create(type, llvm::GlobalValue::InternalLinkage, "cantil.release", out);
  release_->addFnAttr(llvm::Attribute::NoUnwind);
  llvm::IRBuilder<> b(llvm::BasicBlock::Create(context, "entry", release_));
  auto* count = llvm::BasicBlock::Create(context, "count", release_);
  auto* destroy = llvm::BasicBlock::Create(context, "destroy", release_);
  auto* done = llvm::BasicBlock::Create(context, "done", release_);
  llvm::Argument* owner = release_->getArg(0);
  b.CreateCondBr(b.CreateIsNull(owner), done, count);
  b.SetInsertPoint(count);
  auto* old = b.CreateAtomicRMW(llvm::AtomicRMWInst::Sub, owner, b.getInt64(1), llvm::Align(8),
                                llvm::AtomicOrdering::AcquireRelease);
  b.CreateCondBr(b.CreateICmpEQ(old, b.getInt64(1)), destroy, done);
  b.SetInsertPoint(destroy);
  b.CreateCall(runtime("cantil_rt_destroy", b.getVoidTy(), {ptr}), {owner});
  b.CreateBr(done);
  b.SetInsertPoint(done);
  b.CreateRetVoid();
  return release_;
}

Leaves ModuleEmitter::load_packed(llvm::IRBuilder<>& b, const std::vector<ir::TypeRef>& values,
                                  llvm::Value* base) {
  ir::Packed packed = ir::pack(values);
  Leaves out_leaves;
  size_t at = 0;
  for (ir::TypeRef t : values) {
    for (const LeafInfo& leaf : types[t].leaves) {
      const size_t offset = packed.leaves[at++].offset;
      llvm::Value* address = offset ? b.CreateConstInBoundsGEP1_64(b.getInt8Ty(), base, offset) : base;
      llvm::LoadInst* load = b.CreateAlignedLoad(
          leaf.memory, address,
          llvm::Align(leaf.memory->getPrimitiveSizeInBits() / 8 ? leaf.memory->getPrimitiveSizeInBits() / 8
                                                                : 8));
      // The caller's block of arguments does not change while the function runs.
      load->setMetadata(llvm::LLVMContext::MD_invariant_load, llvm::MDNode::get(context, {}));
      out_leaves.push_back(leaf.reg == leaf.memory ? static_cast<llvm::Value*>(load)
                                                   : b.CreateICmpNE(load, b.getInt8(0)));
    }
  }
  return out_leaves;
}

void ModuleEmitter::store_packed(llvm::IRBuilder<>& b, ir::TypeRef type, llvm::ArrayRef<llvm::Value*> leaves,
                                 llvm::Value* base) {
  ir::Packed packed = ir::pack({type});
  CANTIL_CHECK(packed.leaves.size() == leaves.size());
  for (size_t i = 0; i < leaves.size(); ++i) {
    llvm::Value* leaf =
        leaves[i]->getType()->isIntegerTy(1) ? b.CreateZExt(leaves[i], b.getInt8Ty()) : leaves[i];
    const size_t offset = packed.leaves[i].offset;
    llvm::Value* address = offset ? b.CreateConstInBoundsGEP1_64(b.getInt8Ty(), base, offset) : base;
    b.CreateAlignedStore(leaf, address, llvm::Align(ir::leaf_size(packed.leaves[i].kind)));
  }
}

// ---- Defaults of targets without CUDA's ops: the verifier rejects them, so reaching these is a bug of ours.

llvm::Value* Target::sreg(FunctionEmitter&, ir::Sreg) {
  throw InternalError("special registers need a CUDA target");
}
llvm::Value* Target::access_check(FunctionEmitter&, const ir::Op&) {
  throw InternalError("checked accesses need the simulator");
}
void Target::sync_mark(FunctionEmitter&, const ir::Op&) {
  throw InternalError("checked barriers need the simulator");
}
void Target::barrier(FunctionEmitter&) { throw InternalError("barriers need a CUDA target"); }
llvm::Value* Target::shared_array(FunctionEmitter&, const ir::Op&) {
  throw InternalError("shared memory needs a CUDA target");
}
llvm::Value* Target::dynamic_shared(FunctionEmitter&) {
  throw InternalError("shared memory needs a CUDA target");
}
llvm::Value* Target::dynamic_shared_size(FunctionEmitter&) {
  throw InternalError("shared memory needs a CUDA target");
}
void Target::fence(FunctionEmitter&, int64_t) { throw InternalError("fences need a CUDA target"); }
llvm::Value* Target::collective(FunctionEmitter&, const ir::Op&) {
  throw InternalError("operations of a warp need a CUDA target");
}
llvm::Value* Target::block_collective(FunctionEmitter&, const ir::Op&) {
  throw InternalError("block.collective is the simulator's");
}
void Target::thread_loop(FunctionEmitter&, const ir::Op&) {
  throw InternalError("thread loops need the simulator");
}
llvm::Value* Target::thread_array(FunctionEmitter&, const ir::Op&) {
  throw InternalError("thread arrays need the simulator");
}
llvm::Value* Target::thread_var_slot(FunctionEmitter&, const ir::Variable*, unsigned) {
  throw InternalError("thread variables need the simulator");
}

}  // namespace cantil::codegen
