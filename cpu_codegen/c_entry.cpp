// The entry point of a cfunc: C's calling convention (System V, x86-64) around the function.
#include "cpu_codegen/host_target.h"
#include "support/diagnostics.h"

namespace cantil::cpu_codegen {

using codegen::Leaves;
using codegen::ModuleEmitter;

namespace {

// How one value of a type passes: an extended integer, a register of two floats (complex64), or its leaves.
llvm::Attribute::AttrKind extension(ir::TypeRef t) {
  if (t->is_bool()) return llvm::Attribute::ZExt;
  if (t->is_int() && t->bits < 32) return t->is_signed ? llvm::Attribute::SExt : llvm::Attribute::ZExt;
  return llvm::Attribute::None;
}

bool is_float_pair(ir::TypeRef t) { return t->is_complex() && t->bits == 64; }

}  // namespace

std::string HostTarget::emit_c_entry(ModuleEmitter& m, const ir::Function& f, llvm::Function* body) {
  llvm::LLVMContext& c = m.context;
  auto* pair = llvm::FixedVectorType::get(llvm::Type::getFloatTy(c), 2);
  std::vector<llvm::Type*> params;
  for (const ir::Value* p : f.params) {
    if (is_float_pair(p->type)) {
      params.push_back(pair);
      continue;
    }
    for (const codegen::LeafInfo& leaf : m.types[p->type].leaves) params.push_back(leaf.memory);
  }
  std::vector<llvm::Type*> results;
  for (const codegen::LeafInfo& leaf : m.types[f.ret].leaves) results.push_back(leaf.memory);
  llvm::Type* result = is_float_pair(f.ret)  ? pair
                       : results.empty()     ? llvm::Type::getVoidTy(c)
                       : results.size() == 1 ? results[0]
                                             : llvm::StructType::get(c, results);
  const std::string symbol = "cantil_c_" + codegen::legal_symbol(f.symbol);
  auto* entry = llvm::Function::Create(llvm::FunctionType::get(result, params, false),
                                       llvm::GlobalValue::ExternalLinkage, symbol, m.out);
  m.common_attributes(f, entry);
  entry->removeFnAttr(llvm::Attribute::AlwaysInline);
  entry->removeFnAttr(llvm::Attribute::NoInline);
  if (extension(f.ret) != llvm::Attribute::None) entry->addRetAttr(extension(f.ret));

  llvm::IRBuilder<> b(llvm::BasicBlock::Create(c, "entry", entry));
  Leaves args;
  unsigned at = 0;
  for (const ir::Value* p : f.params) {
    if (is_float_pair(p->type)) {
      args.push_back(b.CreateExtractElement(entry->getArg(at), uint64_t{0}));
      args.push_back(b.CreateExtractElement(entry->getArg(at++), uint64_t{1}));
      continue;
    }
    for (const codegen::LeafInfo& leaf : m.types[p->type].leaves) {
      llvm::Argument* a = entry->getArg(at++);
      if (extension(p->type) != llvm::Attribute::None) a->addAttr(extension(p->type));
      args.push_back(leaf.reg == leaf.memory ? static_cast<llvm::Value*>(a)
                                             : b.CreateICmpNE(a, b.getInt8(0)));
    }
  }
  llvm::CallInst* call = b.CreateCall(body, args);
  call->setCallingConv(body->getCallingConv());
  const codegen::ReturnShape shape = m.return_shape(f);
  auto part = [&](unsigned i) {
    return shape.parts() == 1 ? static_cast<llvm::Value*>(call) : b.CreateExtractValue(call, i);
  };
  Leaves leaves;
  for (unsigned i = 0; i < shape.leaves; ++i) leaves.push_back(part(i));
  if (shape.status) {
    // C has no exceptions: this one is reported, and the result is zero, as Numba does it.
    auto *failed = llvm::BasicBlock::Create(c, "failed", entry),
         *ok = llvm::BasicBlock::Create(c, "ok", entry);
    b.CreateCondBr(b.CreateICmpEQ(part(shape.leaves), b.getInt32(0)), ok, failed);
    b.SetInsertPoint(failed);
    b.CreateCall(m.runtime("cantil_rt_c_failed", b.getVoidTy(), {b.getPtrTy(), b.getInt32Ty()}),
                 {entry, part(shape.leaves)});
    if (result->isVoidTy())
      b.CreateRetVoid();
    else
      b.CreateRet(llvm::Constant::getNullValue(result));
    b.SetInsertPoint(ok);
  }
  if (leaves.empty()) {
    b.CreateRetVoid();
    return symbol;
  }
  llvm::Value* value = results.size() == 1 ? nullptr : llvm::PoisonValue::get(result);
  for (unsigned i = 0; i < leaves.size(); ++i) {
    llvm::Value* leaf = leaves[i]->getType() == results[i] ? leaves[i] : b.CreateZExt(leaves[i], results[i]);
    if (results.size() == 1)
      value = leaf;
    else if (is_float_pair(f.ret))
      value = b.CreateInsertElement(value, leaf, uint64_t{i});
    else
      value = b.CreateInsertValue(value, leaf, i);
  }
  b.CreateRet(value);
  return symbol;
}

}  // namespace cantil::cpu_codegen
