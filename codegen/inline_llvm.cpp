// Calls of functions that the user wrote in LLVM's own language: their text is read and linked in.
#include <llvm/AsmParser/Parser.h>
#include <llvm/IR/Verifier.h>
#include <llvm/Linker/Linker.h>
#include <llvm/Support/SourceMgr.h>

#include "codegen/emitter.h"
#include "support/diagnostics.h"
#include "support/hash.h"

namespace cantil::codegen {

namespace {

[[noreturn]] void refuse(const ir::Op& op, const std::string& why) { fail(Diag::BadLlvm, op.span, {why}); }

// The one function with a body that can be called from outside.
llvm::Function* entry_of(llvm::Module& module, const ir::Op& op) {
  llvm::Function* entry = nullptr;
  for (llvm::Function& f : module) {
    if (f.isDeclaration() || f.hasLocalLinkage()) continue;
    if (entry) refuse(op, "it defines both @" + entry->getName().str() + " and @" + f.getName().str());
    entry = &f;
  }
  if (!entry) refuse(op, "it defines no function");
  return entry;
}

llvm::Function* link(llvm::Module& out, const ir::Op& op) {
  const std::string name = "cantil.llvm." + Hasher().str(op.str).hex();
  if (llvm::Function* known = out.getFunction(name)) return known;
  llvm::SMDiagnostic error;
  llvm::LLVMContext& context = out.getContext();
  const bool discards = context.shouldDiscardValueNames();  // the reader needs them
  context.setDiscardValueNames(false);
  std::unique_ptr<llvm::Module> module = llvm::parseAssemblyString(op.str, error, context);
  context.setDiscardValueNames(discards);
  if (!module)
    refuse(op, "line " + std::to_string(error.getLineNo()) + ": " + error.getMessage().str() + ": " +
                   error.getLineContents().ltrim().str());
  std::string broken;
  llvm::raw_string_ostream stream(broken);
  if (llvm::verifyModule(*module, &stream)) refuse(op, broken.substr(0, broken.find('\n')));
  module->setTargetTriple(out.getTargetTriple());
  module->setDataLayout(out.getDataLayout());
  entry_of(*module, op)->setName(name);
  if (llvm::Linker::linkModules(out, std::move(module))) refuse(op, "it cannot be linked");
  llvm::Function* f = out.getFunction(name);
  f->setLinkage(llvm::GlobalValue::InternalLinkage);
  f->setDSOLocal(true);
  return f;
}

std::string text_of(llvm::Type* t) {
  std::string text;
  llvm::raw_string_ostream stream(text);
  t->print(stream);
  return text;
}

}  // namespace

void FunctionEmitter::emit_call_llvm(const ir::Op& op) {
  llvm::Function* f = link(m.out, op);
  llvm::SmallVector<llvm::Value*, 8> args;
  for (const ir::Value* v : op.operands) args.append(value(v).begin(), value(v).end());
  if (args.size() != f->arg_size())
    refuse(op, "it takes " + std::to_string(f->arg_size()) + " argument(s), and is given " +
                   std::to_string(args.size()));
  for (unsigned i = 0; i < args.size(); ++i) {
    llvm::Type* wanted = f->getArg(i)->getType();
    // bool is one byte in memory and often so in texts, too.
    if (args[i]->getType()->isIntegerTy(1) && wanted->isIntegerTy(8)) args[i] = b.CreateZExt(args[i], wanted);
    if (args[i]->getType() != wanted)
      refuse(op, "its argument " + std::to_string(i + 1) + " is " + text_of(wanted) +
                     ", the signature says " + text_of(args[i]->getType()));
  }
  llvm::CallInst* call = b.CreateCall(f, args);
  call->setCallingConv(f->getCallingConv());
  if (!op.result) return;
  if (op.result->type->is_none()) {
    define(op.result, Leaves());
    return;
  }
  const auto& leaves = m.types[op.result->type].leaves;
  Leaves parts;
  if (leaves.size() == 1) {
    llvm::Value* r = call;
    if (r->getType()->isIntegerTy(8) && leaves[0].reg->isIntegerTy(1)) r = b.CreateTrunc(r, leaves[0].reg);
    parts.push_back(r);
  } else {
    auto* s = llvm::dyn_cast<llvm::StructType>(call->getType());
    if (!s || s->getNumElements() != leaves.size())
      refuse(op, "it returns " + text_of(call->getType()) + ", the signature says " + op.result->type->str());
    for (unsigned i = 0; i < leaves.size(); ++i) parts.push_back(b.CreateExtractValue(call, i));
  }
  for (unsigned i = 0; i < leaves.size(); ++i)
    if (parts[i]->getType() != leaves[i].reg)
      refuse(op, "it returns " + text_of(call->getType()) + ", the signature says " + op.result->type->str());
  define(op.result, std::move(parts));
}

}  // namespace cantil::codegen
