// The host target: entry points, libm, exceptions and print through the C run-time library.
#include "cpu_codegen/host_target.h"

#include "codegen/print_format.h"
#include "support/diagnostics.h"

namespace cantil::cpu_codegen {

using codegen::FunctionEmitter;
using codegen::Leaves;
using codegen::ModuleEmitter;

std::string HostTarget::entry_symbol(const ir::Function& f) {
  return "cantil_entry_" + codegen::legal_symbol(f.symbol);
}

std::string HostTarget::emit_entry(ModuleEmitter& m, const ir::Function& f, llvm::Function* body) {
  switch (form_) {
    case codegen::EntryForm::Elementwise:
      return emit_elementwise_entry(m, f, body);
    case codegen::EntryForm::C:
      return emit_c_entry(m, f, body);
    default:
      return emit_packed_entry(m, f, body);
  }
}

// int32_t entry(void* ret, const void* args)
std::string HostTarget::emit_packed_entry(ModuleEmitter& m, const ir::Function& f, llvm::Function* body) {
  auto* ptr = llvm::PointerType::get(m.context, 0);
  auto* type = llvm::FunctionType::get(llvm::Type::getInt32Ty(m.context), {ptr, ptr}, false);
  const std::string symbol = entry_symbol(f);
  auto* entry = llvm::Function::Create(type, llvm::GlobalValue::ExternalLinkage, symbol, m.out);
  m.common_attributes(f, entry);
  entry->removeFnAttr(llvm::Attribute::AlwaysInline);
  entry->removeFnAttr(llvm::Attribute::NoInline);
  for (llvm::Argument& a : entry->args()) a.addAttr(llvm::Attribute::NoAlias);
  entry->getArg(0)->setName("ret");
  entry->getArg(1)->setName("args");
  entry->getArg(1)->addAttr(llvm::Attribute::ReadOnly);

  llvm::IRBuilder<> b(llvm::BasicBlock::Create(m.context, "entry", entry));
  std::vector<ir::TypeRef> params;
  for (const ir::Value* p : f.params) params.push_back(p->type);
  llvm::CallInst* call = b.CreateCall(body, m.load_packed(b, params, entry->getArg(1)));
  call->setCallingConv(body->getCallingConv());
  const codegen::ReturnShape shape = m.return_shape(f);
  auto part = [&](unsigned i) {
    return shape.parts() == 1 ? static_cast<llvm::Value*>(call) : b.CreateExtractValue(call, i);
  };
  Leaves result;
  for (unsigned i = 0; i < shape.leaves; ++i) result.push_back(part(i));
  if (shape.status) {
    llvm::Value* status = part(shape.leaves);
    if (shape.leaves) {
      auto* failed = llvm::BasicBlock::Create(m.context, "failed", entry);
      auto* ok = llvm::BasicBlock::Create(m.context, "ok", entry);
      b.CreateCondBr(b.CreateICmpEQ(status, b.getInt32(0)), ok, failed);
      b.SetInsertPoint(failed);
      b.CreateRet(status);
      b.SetInsertPoint(ok);
    } else {
      b.CreateRet(status);
      return symbol;
    }
  }
  m.store_packed(b, f.ret, result, entry->getArg(0));
  b.CreateRet(b.getInt32(0));
  return symbol;
}

llvm::Value* HostTarget::math(FunctionEmitter& e, ir::MathFn fn, llvm::ArrayRef<llvm::Value*> args) {
  const ir::MathInfo& info = ir::math_info(fn);
  llvm::Type* type = args[0]->getType();
  if (fn == ir::MathFn::Rsqrt)
    return e.b.CreateFDiv(llvm::ConstantFP::get(type, 1.0),
                          e.b.CreateUnaryIntrinsic(llvm::Intrinsic::sqrt, args[0]));
  const char* name = type->isDoubleTy() ? info.libm64 : info.libm32;
  CANTIL_CHECK(*name);
  llvm::SmallVector<llvm::Type*, 3> params;
  for (llvm::Value* a : args) params.push_back(a->getType());
  llvm::FunctionCallee callee = e.m.runtime(name, type, params);
  if (auto* function = llvm::dyn_cast<llvm::Function>(callee.getCallee())) {
    // Compiled code never looks at errno.
    function->setDoesNotAccessMemory();
    function->setWillReturn();
  }
  uses_math |= *info.sleef != 0;
  return e.b.CreateCall(callee, args);
}

void HostTarget::record_raise(FunctionEmitter& e, int64_t site, llvm::ArrayRef<ir::Value*> args) {
  std::vector<ir::TypeRef> types;
  Leaves leaves;
  for (const ir::Value* v : args) {
    types.push_back(v->type);
    leaves.append(e.value(v).begin(), e.value(v).end());
  }
  llvm::Value* packed = llvm::ConstantPointerNull::get(e.b.getPtrTy());
  size_t size = 0;
  uint64_t owners = 0;
  if (!types.empty()) {
    ir::TypeRef tuple = ir::tuple_type(types);
    const ir::Packed form = ir::pack({tuple});
    size = form.size;
    // The record keeps what its arguments refer to.
    for (const ir::Leaf& leaf : form.leaves)
      if (leaf.kind == ir::LeafKind::Owner) owners |= uint64_t{1} << (leaf.offset / 8);
    for (const ir::Value* v : args)
      if (owners && ir::is_counted(v->type)) e.retain(v->type, e.value(v));
    packed = e.alloca_in_entry(llvm::ArrayType::get(e.b.getInt8Ty(), size), 8);
    e.m.store_packed(e.b, tuple, leaves, packed);
  }
  llvm::FunctionCallee raise =
      owners ? e.m.runtime("cantil_rt_raise_counted", e.b.getVoidTy(), {e.i32(), e.ptr(), e.i64(), e.i64()})
             : e.m.runtime("cantil_rt_raise", e.b.getVoidTy(), {e.i32(), e.ptr(), e.i64()});
  if (auto* fn = llvm::dyn_cast<llvm::Function>(raise.getCallee())) fn->addFnAttr(llvm::Attribute::Cold);
  llvm::SmallVector<llvm::Value*, 4> arguments = {e.b.getInt32(static_cast<uint32_t>(site)), packed,
                                                  e.b.getInt64(size)};
  if (owners) arguments.push_back(e.b.getInt64(owners));
  e.b.CreateCall(raise, arguments);
}

void HostTarget::record_frame(FunctionEmitter& e, uint32_t frame) {
  llvm::FunctionCallee record = e.m.runtime("cantil_rt_frame", e.b.getVoidTy(), {e.i32()});
  if (auto* fn = llvm::dyn_cast<llvm::Function>(record.getCallee())) fn->addFnAttr(llvm::Attribute::Cold);
  e.b.CreateCall(record, {e.b.getInt32(frame)});
}

namespace {

class Printer {
 public:
  explicit Printer(FunctionEmitter& e) : e_(e), b_(e.b) {}

  void call(llvm::StringRef name, llvm::ArrayRef<llvm::Value*> args = {}) {
    llvm::SmallVector<llvm::Type*, 2> types;
    for (llvm::Value* a : args) types.push_back(a->getType());
    b_.CreateCall(e_.m.runtime(name, b_.getVoidTy(), types), args);
  }

  void text(const std::string& s) { call("cantil_rt_print_text", {e_.m.text(s), b_.getInt64(s.size())}); }

  // Prints the leaves of one value; returns how many there were.
  size_t value(ir::TypeRef t, llvm::ArrayRef<llvm::Value*> leaves) {
    switch (t->kind) {
      case ir::TypeKind::None:
        text("None");
        return 0;
      case ir::TypeKind::Bool:
        call("cantil_rt_print_bool", {b_.CreateZExt(leaves[0], e_.i32())});
        return 1;
      case ir::TypeKind::Int:
        call(t->is_signed ? "cantil_rt_print_i64" : "cantil_rt_print_u64",
             {b_.CreateIntCast(leaves[0], e_.i64(), t->is_signed)});
        return 1;
      case ir::TypeKind::Float:
        if (t->bits == 64)
          call("cantil_rt_print_f64", {leaves[0]});
        else
          call("cantil_rt_print_f32", {b_.CreateFPCast(leaves[0], b_.getFloatTy())});
        return 1;
      case ir::TypeKind::Complex:
        call(t->bits == 128 ? "cantil_rt_print_c128" : "cantil_rt_print_c64", {leaves[0], leaves[1]});
        return 2;
      case ir::TypeKind::Tuple: {
        size_t used = 0;
        text("(");
        for (size_t i = 0; i < t->elems.size(); ++i) {
          if (i) text(", ");
          used += value(t->elems[i], leaves.drop_front(used));
        }
        text(t->elems.size() == 1 ? ",)" : ")");
        return used;
      }
      default:
        throw InternalError("cannot print a value of type " + t->str());
    }
  }

 private:
  FunctionEmitter& e_;
  llvm::IRBuilder<>& b_;
};

}  // namespace

void HostTarget::print(FunctionEmitter& e, const ir::Op& op) {
  Printer printer(e);
  printer.call("cantil_rt_print_begin");
  for (const codegen::PrintPiece& piece : codegen::split_print_format(op.str)) {
    if (piece.operand < 0)
      printer.text(piece.text);
    else
      printer.value(op.operands.at(piece.operand)->type, e.value(op.operands.at(piece.operand)));
  }
  printer.call("cantil_rt_print_end");
}

}  // namespace cantil::cpu_codegen
