// The CUDA target: kernels and device functions, special registers, shared memory, libdevice, errors.
#include "ptx_codegen/ptx_target.h"

#include <llvm/IR/IntrinsicsNVPTX.h>

#include "codegen/print_format.h"
#include "support/diagnostics.h"

namespace cantil::ptx_codegen {
namespace {

using codegen::FunctionEmitter;
using codegen::Leaves;
using codegen::ModuleEmitter;

constexpr unsigned kGlobal = 1, kShared = 3;
constexpr llvm::Intrinsic::ID kSregs[] = {
    llvm::Intrinsic::nvvm_read_ptx_sreg_tid_x,    llvm::Intrinsic::nvvm_read_ptx_sreg_tid_y,
    llvm::Intrinsic::nvvm_read_ptx_sreg_tid_z,    llvm::Intrinsic::nvvm_read_ptx_sreg_ctaid_x,
    llvm::Intrinsic::nvvm_read_ptx_sreg_ctaid_y,  llvm::Intrinsic::nvvm_read_ptx_sreg_ctaid_z,
    llvm::Intrinsic::nvvm_read_ptx_sreg_ntid_x,   llvm::Intrinsic::nvvm_read_ptx_sreg_ntid_y,
    llvm::Intrinsic::nvvm_read_ptx_sreg_ntid_z,   llvm::Intrinsic::nvvm_read_ptx_sreg_nctaid_x,
    llvm::Intrinsic::nvvm_read_ptx_sreg_nctaid_y, llvm::Intrinsic::nvvm_read_ptx_sreg_nctaid_z,
    llvm::Intrinsic::nvvm_read_ptx_sreg_laneid,
};

std::string fast_name(ir::MathFn fn) {
  switch (fn) {
    case ir::MathFn::Sin:
      return "__nv_fast_sinf";
    case ir::MathFn::Cos:
      return "__nv_fast_cosf";
    case ir::MathFn::Tan:
      return "__nv_fast_tanf";
    case ir::MathFn::Exp:
      return "__nv_fast_expf";
    case ir::MathFn::Log:
      return "__nv_fast_logf";
    case ir::MathFn::Log2:
      return "__nv_fast_log2f";
    case ir::MathFn::Log10:
      return "__nv_fast_log10f";
    case ir::MathFn::Pow:
      return "__nv_fast_powf";
    default:
      return "";
  }
}

}  // namespace

void PtxTarget::function_attributes(const ir::Function& f, llvm::Function* fn) {
  // Until LLVM proves otherwise a function may hold a barrier, which must not be duplicated into divergent
  // paths.
  fn->addFnAttr(llvm::Attribute::Convergent);
  // Denormals are flushed where approximate functions were asked for, as --use_fast_math does.
  if (f.fastmath & ir::kAfn) fn->addFnAttr("denormal-fp-math-f32", "preserve-sign,preserve-sign");
}

std::string PtxTarget::emit_entry(ModuleEmitter& m, const ir::Function& f, llvm::Function* body) {
  return device_function_ ? emit_device_function(m, f, body) : emit_kernel(m, f, body);
}

// One parameter per leaf, in the packed order. Pointers that a launch passes are global memory.
std::string PtxTarget::emit_kernel(ModuleEmitter& m, const ir::Function& f, llvm::Function* body) {
  llvm::SmallVector<llvm::Type*, 16> types;
  for (const ir::Value* p : f.params)
    for (const codegen::LeafInfo& leaf : m.types[p->type].leaves) types.push_back(leaf.memory);
  const std::string symbol = export_name_.empty() ? codegen::legal_symbol(f.symbol) : export_name_;
  auto* type = llvm::FunctionType::get(llvm::Type::getVoidTy(m.context), types, false);
  auto* kernel = llvm::Function::Create(type, llvm::GlobalValue::ExternalLinkage, symbol, m.out);
  kernel->setCallingConv(llvm::CallingConv::PTX_Kernel);
  m.common_attributes(f, kernel);
  kernel->removeFnAttr(llvm::Attribute::AlwaysInline);
  kernel->removeFnAttr(llvm::Attribute::NoInline);
  if (f.max_threads) kernel->addFnAttr("nvvm.maxntid", std::to_string(f.max_threads));
  if (f.min_blocks) kernel->addFnAttr("nvvm.minctasm", std::to_string(f.min_blocks));
  if (f.max_registers) kernel->addFnAttr("nvvm.maxnreg", std::to_string(f.max_registers));

  llvm::IRBuilder<> b(llvm::BasicBlock::Create(m.context, "entry", kernel));
  if (m.lines) b.SetCurrentDebugLocation(m.lines->start(kernel, f));
  Leaves args;
  unsigned at = 0;
  for (size_t i = 0; i < f.params.size(); ++i)
    for (const codegen::LeafInfo& leaf : m.types[f.params[i]->type].leaves) {
      llvm::Argument* a = kernel->getArg(at++);
      if (i < f.param_names.size()) a->setName(f.param_names[i]);
      llvm::Value* x = a;
      if (leaf.reg != leaf.memory) x = b.CreateICmpNE(a, b.getInt8(0));
      if (leaf.reg->isPointerTy() && !leaf.is_owner) {
        // Never null where it is used, and captured by nobody outside; the optimiser sees global memory from
        // here on.
        x = b.CreateAddrSpaceCast(a, llvm::PointerType::get(m.context, kGlobal));
        x = b.CreateAddrSpaceCast(x, leaf.reg);
      }
      args.push_back(x);
    }
  b.CreateCall(body, args);
  b.CreateRetVoid();
  return symbol;
}

// A function for CUDA C++ or another module to link with: leaves as parameters, the value returned (a struct
// of its leaves where it has several), booleans as bytes.
std::string PtxTarget::emit_device_function(ModuleEmitter& m, const ir::Function& f, llvm::Function* body) {
  llvm::SmallVector<llvm::Type*, 16> types, results;
  for (const ir::Value* p : f.params)
    for (const codegen::LeafInfo& leaf : m.types[p->type].leaves) types.push_back(leaf.memory);
  for (const codegen::LeafInfo& leaf : m.types[f.ret].leaves) results.push_back(leaf.memory);
  llvm::Type* result = results.empty()       ? llvm::Type::getVoidTy(m.context)
                       : results.size() == 1 ? results[0]
                                             : llvm::StructType::get(m.context, results);
  const std::string symbol = export_name_.empty() ? codegen::legal_symbol(f.symbol) : export_name_;
  auto* fn = llvm::Function::Create(llvm::FunctionType::get(result, types, false),
                                    llvm::GlobalValue::ExternalLinkage, symbol, m.out);
  m.common_attributes(f, fn);
  fn->removeFnAttr(llvm::Attribute::AlwaysInline);
  fn->removeFnAttr(llvm::Attribute::NoInline);
  llvm::IRBuilder<> b(llvm::BasicBlock::Create(m.context, "entry", fn));
  if (m.lines) b.SetCurrentDebugLocation(m.lines->start(fn, f));
  Leaves args;
  unsigned at = 0;
  for (const ir::Value* p : f.params)
    for (const codegen::LeafInfo& leaf : m.types[p->type].leaves) {
      llvm::Value* a = fn->getArg(at++);
      args.push_back(leaf.reg == leaf.memory ? a : b.CreateICmpNE(a, b.getInt8(0)));
    }
  llvm::CallInst* call = b.CreateCall(body, args);
  const codegen::ReturnShape shape = m.return_shape(f);
  llvm::SmallVector<llvm::Value*, 8> parts;
  for (unsigned i = 0; i < shape.leaves; ++i) {
    llvm::Value* part = shape.parts() == 1 ? static_cast<llvm::Value*>(call) : b.CreateExtractValue(call, i);
    parts.push_back(part->getType()->isIntegerTy(1) ? b.CreateZExt(part, b.getInt8Ty()) : part);
  }
  if (parts.empty())
    b.CreateRetVoid();
  else if (parts.size() == 1)
    b.CreateRet(parts[0]);
  else
    b.CreateAggregateRet(parts.data(), parts.size());
  return symbol;
}

llvm::Value* PtxTarget::math(FunctionEmitter& e, ir::MathFn fn, llvm::ArrayRef<llvm::Value*> args) {
  const ir::MathInfo& info = ir::math_info(fn);
  llvm::Type* type = args[0]->getType();
  std::string name = type->isDoubleTy() ? info.nv64 : info.nv32;
  if (type->isFloatTy() && (e.f.fastmath & ir::kAfn))
    if (std::string fast = fast_name(fn); !fast.empty()) name = fast;
  CANTIL_CHECK(!name.empty());
  llvm::SmallVector<llvm::Type*, 3> params;
  for (llvm::Value* a : args) params.push_back(a->getType());
  return e.b.CreateCall(e.m.runtime(name, type, params), args);
}

// The first error of a grid wins:  struct cantil_error { i32 site + 1; i32 block[3]; i32 thread[3]; }
llvm::Function* PtxTarget::raise_function(ModuleEmitter& m) {
  if (raise_) return raise_;
  llvm::LLVMContext& c = m.context;
  auto* i32 = llvm::Type::getInt32Ty(c);
  auto* record = llvm::ArrayType::get(i32, 7);
  auto* global = new llvm::GlobalVariable(m.out, record, false, llvm::GlobalValue::ExternalLinkage,
                                          llvm::ConstantAggregateZero::get(record), "cantil_error", nullptr,
                                          llvm::GlobalValue::NotThreadLocal, kGlobal);
  global->setAlignment(llvm::Align(4));
  raise_ = llvm::Function::Create(llvm::FunctionType::get(llvm::Type::getVoidTy(c), {i32}, false),
                                  llvm::GlobalValue::InternalLinkage, "cantil.raise", m.out);
  raise_->addFnAttr(llvm::Attribute::NoUnwind);
  raise_->addFnAttr(llvm::Attribute::Cold);
  raise_->addFnAttr(llvm::Attribute::NoInline);
  llvm::IRBuilder<> b(llvm::BasicBlock::Create(c, "entry", raise_));
  auto* first = llvm::BasicBlock::Create(c, "first", raise_);
  auto* done = llvm::BasicBlock::Create(c, "done", raise_);
  auto order = llvm::AtomicOrdering::Monotonic;
  llvm::Value* pair = b.CreateAtomicCmpXchg(global, b.getInt32(0), raise_->getArg(0), llvm::Align(4), order,
                                            order, c.getOrInsertSyncScopeID("device"));
  b.CreateCondBr(b.CreateExtractValue(pair, 1), first, done);
  b.SetInsertPoint(first);
  const ir::Sreg places[] = {ir::Sreg::CtaidX, ir::Sreg::CtaidY, ir::Sreg::CtaidZ,
                             ir::Sreg::TidX,   ir::Sreg::TidY,   ir::Sreg::TidZ};
  for (unsigned i = 0; i < 6; ++i)
    b.CreateStore(b.CreateIntrinsic(kSregs[static_cast<int>(places[i])], {}),
                  b.CreateConstInBoundsGEP2_64(record, global, 0, i + 1));
  b.CreateBr(done);
  b.SetInsertPoint(done);
  b.CreateRetVoid();
  return raise_;
}

void PtxTarget::record_raise(FunctionEmitter& e, int64_t site, llvm::ArrayRef<ir::Value*>) {
  e.b.CreateCall(raise_function(e.m), {e.b.getInt32(static_cast<uint32_t>(site + 1))});
}

llvm::Value* PtxTarget::sreg(FunctionEmitter& e, ir::Sreg s) {
  if (s == ir::Sreg::WarpSize) return e.b.getInt32(32);
  if (s == ir::Sreg::LaneMaskLt)
    return e.b.CreateIntrinsic(llvm::Intrinsic::nvvm_read_ptx_sreg_lanemask_lt, {});
  return e.b.CreateIntrinsic(kSregs[static_cast<int>(s)], {});
}

void PtxTarget::barrier(FunctionEmitter& e) {
  e.b.CreateIntrinsic(llvm::Intrinsic::nvvm_barrier_cta_sync_aligned_all, {e.b.getInt32(0)});
}

llvm::Value* PtxTarget::shared_array(FunctionEmitter& e, const ir::Op& op) {
  const codegen::TypeInfo& elem = e.m.types[op.result->type->elem()];
  auto* type = llvm::ArrayType::get(elem.memory, static_cast<uint64_t>(op.imm));
  auto* array = new llvm::GlobalVariable(e.m.out, type, false, llvm::GlobalValue::InternalLinkage,
                                         llvm::UndefValue::get(type), "cantil.shared", nullptr,
                                         llvm::GlobalValue::NotThreadLocal, kShared);
  array->setAlignment(llvm::Align(std::max<uint64_t>(16, elem.align)));
  int64_t& size = e.m.result.static_shared;
  size = static_cast<int64_t>(llvm::alignTo(static_cast<uint64_t>(size), 16) +
                              elem.size * static_cast<uint64_t>(op.imm));
  return e.b.CreateAddrSpaceCast(array, e.ptr());
}

llvm::Value* PtxTarget::dynamic_shared(FunctionEmitter& e) {
  constexpr const char* kName = "cantil_dynamic_shared";
  llvm::GlobalVariable* array = e.m.out.getGlobalVariable(kName);
  if (!array) {
    auto* type = llvm::ArrayType::get(e.b.getInt8Ty(), 0);
    array = new llvm::GlobalVariable(e.m.out, type, false, llvm::GlobalValue::ExternalLinkage, nullptr, kName,
                                     nullptr, llvm::GlobalValue::NotThreadLocal, kShared);
    array->setAlignment(llvm::Align(16));
  }
  return e.b.CreateAddrSpaceCast(array, e.ptr());
}

llvm::Value* PtxTarget::dynamic_shared_size(FunctionEmitter& e) {
  return e.b.CreateZExt(e.b.CreateIntrinsic(llvm::Intrinsic::nvvm_read_ptx_sreg_dynamic_smem_size, {}),
                        e.i64());
}

void PtxTarget::fence(FunctionEmitter& e, int64_t scope) {
  const llvm::Intrinsic::ID ids[] = {llvm::Intrinsic::nvvm_membar_cta, llvm::Intrinsic::nvvm_membar_gl,
                                     llvm::Intrinsic::nvvm_membar_sys};
  e.b.CreateIntrinsic(ids[scope], {});
}

// CUDA's printf: a format and a buffer of 8-byte arguments.
void PtxTarget::print(FunctionEmitter& e, const ir::Op& op) {
  llvm::IRBuilder<>& b = e.b;
  std::string format;
  llvm::SmallVector<llvm::Value*, 8> args;
  auto text = [&](const std::string& s) {
    for (char c : s) format += c == '%' ? "%%" : std::string(1, c);
  };
  auto generic = [&](const char* s) { return e.m.text(s); };
  std::function<size_t(ir::TypeRef, llvm::ArrayRef<llvm::Value*>)> value =
      [&](ir::TypeRef t, llvm::ArrayRef<llvm::Value*> leaves) -> size_t {
    switch (t->kind) {
      case ir::TypeKind::None:
        text("None");
        return 0;
      case ir::TypeKind::Bool:
        format += "%s";
        args.push_back(b.CreateSelect(leaves[0], generic("True"), generic("False")));
        return 1;
      case ir::TypeKind::Int:
        format += t->is_signed ? "%lld" : "%llu";
        args.push_back(b.CreateIntCast(leaves[0], e.i64(), t->is_signed));
        return 1;
      case ir::TypeKind::Float:
        format += "%f";
        args.push_back(b.CreateFPCast(leaves[0], b.getDoubleTy()));
        return 1;
      case ir::TypeKind::Complex:
        format += "(%f%+fj)";
        for (llvm::Value* part : leaves.take_front(2)) args.push_back(b.CreateFPCast(part, b.getDoubleTy()));
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
  };
  for (const codegen::PrintPiece& piece : codegen::split_print_format(op.str)) {
    if (piece.operand < 0)
      text(piece.text);
    else
      value(op.operands.at(piece.operand)->type, e.value(op.operands.at(piece.operand)));
  }
  llvm::Value* buffer = llvm::ConstantPointerNull::get(b.getPtrTy());
  if (!args.empty()) {
    buffer = e.alloca_in_entry(llvm::ArrayType::get(e.i64(), args.size()), 8);
    for (size_t i = 0; i < args.size(); ++i) b.CreateStore(args[i], e.offset(buffer, 8 * i));
  }
  b.CreateCall(e.m.runtime("vprintf", e.i32(), {e.ptr(), e.ptr()}), {e.m.text(format), buffer});
}

}  // namespace cantil::ptx_codegen
