// try and its handlers: exceptions go to the handler of the innermost body around, with their status in a
// slot.
#include "codegen/emitter.h"
#include "device_runtime/abi.h"
#include "support/diagnostics.h"

namespace cantil::codegen {

using ir::Opcode;

void FunctionEmitter::emit_try(const ir::Op& op) {
  llvm::BasicBlock* handler = block("except");
  llvm::BasicBlock* end = block("endtry");
  tries.push_back({handler, end, alloca_in_entry(i32()), true});
  emit_region(*op.regions[0]);
  branch_to(end);
  if (handler->hasNPredecessors(0)) {  // nothing in the body can raise
    handler->eraseFromParent();
  } else {
    tries.back().in_body = false;
    b.SetInsertPoint(handler);
    emit_region(*op.regions[1]);
    branch_to(end);
  }
  tries.pop_back();
  if (end->hasNPredecessors(0)) {  // every way leaves; see emit_if
    end->eraseFromParent();
    return;
  }
  b.SetInsertPoint(end);
}

const FunctionEmitter::Try& FunctionEmitter::handled() const {
  for (size_t i = tries.size(); i-- > 0;)
    if (!tries[i].in_body) return tries[i];
  throw InternalError("an exception is asked for outside a handler");
}

namespace {

bool listed(llvm::StringRef filter, llvm::StringRef key) {
  if (filter == "*") return true;
  const bool inverted = filter.consume_front("!");
  bool found = false;
  while (!filter.empty() && !found) {
    llvm::StringRef name;
    std::tie(name, filter) = filter.split('|');
    found = name == key;
  }
  return found != inverted;
}

}  // namespace

void FunctionEmitter::emit_exception(const ir::Op& op) {
  switch (op.code) {
    case Opcode::ExceptionStatus:
      define(op.result, b.CreateLoad(i32(), handled().status));
      return;
    case Opcode::ExceptionSave: {
      define(op.result, b.CreateCall(m.runtime("cantil_rt_error_save", ptr(), {})));
      return;
    }
    case Opcode::ExceptionIs: {
      // A table by site; a status known to LLVM, as behind an inlined raise, folds.
      llvm::SmallVector<uint8_t, 64> table;
      for (const ir::RaiseSite& s : m.ir.sites)
        table.push_back(listed(op.str, s.class_ref < 0 ? s.cls : s.cls + "#" + std::to_string(s.class_ref)));
      const bool first = !table.empty() && table[0];
      if (std::all_of(table.begin(), table.end(), [&](uint8_t x) { return x == first; })) {
        define(op.result, b.getInt1(first));
        return;
      }
      llvm::Constant* bytes = llvm::ConstantDataArray::get(context, table);
      auto* global = new llvm::GlobalVariable(m.out, bytes->getType(), true,
                                              llvm::GlobalValue::PrivateLinkage, bytes, "classes");
      llvm::Value* site = b.CreateZExt(b.CreateSub(scalar(op.operands[0]), b.getInt32(1)), i64());
      llvm::Value* at = b.CreateInBoundsGEP(b.getInt8Ty(), global, site);
      define(op.result, b.CreateICmpNE(b.CreateLoad(b.getInt8Ty(), at), b.getInt8(0)));
      return;
    }
    default:
      CANTIL_CHECK(op.code == Opcode::Reraise);
      if (op.operands.size() > 1)
        b.CreateCall(m.runtime("cantil_rt_error_restore", b.getVoidTy(), {ptr()}), {scalar(op.operands[1])});
      leave_with_error(scalar(op.operands[0]));
  }
}

}  // namespace cantil::codegen
