// Loads and stores with a hint for the caches, as inline assembly.
#include "ptx_codegen/cache_hints.h"

#include <llvm/IR/IRBuilder.h>
#include <llvm/IR/InlineAsm.h>

#include <string>

namespace cantil::ptx_codegen {
namespace {

constexpr llvm::StringRef kPrefix = "cantil_ptx_";

// "cantil_ptx_ldcg_b32": ld.cg.b32 from the pointer, which is generic; a byte is held in a register of 16
// bits.
void define(llvm::Function& f) {
  const llvm::StringRef name = f.getName().drop_front(kPrefix.size());
  const llvm::StringRef mnemonic = name.take_front(2), hint = name.substr(2, 2), type = name.drop_front(5);
  const bool loads = mnemonic == "ld";
  llvm::LLVMContext& context = f.getContext();
  f.setLinkage(llvm::GlobalValue::InternalLinkage);
  f.addFnAttr(llvm::Attribute::AlwaysInline);
  llvm::IRBuilder<> b(llvm::BasicBlock::Create(context, "", &f));
  llvm::Type* held = loads ? f.getReturnType() : f.getArg(1)->getType();
  const unsigned bits = held->getIntegerBitWidth();
  llvm::Type* in_register = bits == 8 ? b.getInt16Ty() : held;
  const std::string letter = bits <= 16 ? "h" : bits == 32 ? "r" : "l";
  const std::string operation = (mnemonic + "." + hint + "." + type).str();
  if (loads) {
    auto* body = llvm::InlineAsm::get(llvm::FunctionType::get(in_register, {b.getPtrTy()}, false),
                                      operation + " $0, [$1];", "=" + letter + ",l,~{memory}", true);
    b.CreateRet(b.CreateTrunc(b.CreateCall(body, {f.getArg(0)}), held));
    return;
  }
  auto* body =
      llvm::InlineAsm::get(llvm::FunctionType::get(b.getVoidTy(), {b.getPtrTy(), in_register}, false),
                           operation + " [$0], $1;", "l," + letter + ",~{memory}", true);
  b.CreateCall(body, {f.getArg(0), b.CreateZExt(f.getArg(1), in_register)});
  b.CreateRetVoid();
}

}  // namespace

void define_cache_hints(llvm::Module& module) {
  for (llvm::Function& f : module)
    if (f.isDeclaration() && f.getName().starts_with(kPrefix)) define(f);
}

}  // namespace cantil::ptx_codegen
