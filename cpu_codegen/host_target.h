// The host as a code generation target: libm, the heap, exceptions of device_runtime/abi.h.
#pragma once
#include "codegen/emitter.h"
#include "codegen/entry_form.h"
#include "codegen/target.h"

namespace cantil::cpu_codegen {

class HostTarget : public codegen::Target {
 public:
  explicit HostTarget(codegen::EntryForm form = codegen::EntryForm::Packed) : form_(form) {}
  std::string emit_entry(codegen::ModuleEmitter&, const ir::Function&, llvm::Function* body) override;
  llvm::Value* math(codegen::FunctionEmitter&, ir::MathFn, llvm::ArrayRef<llvm::Value*> args) override;
  void record_raise(codegen::FunctionEmitter&, int64_t site, llvm::ArrayRef<ir::Value*> args) override;
  void record_frame(codegen::FunctionEmitter&, uint32_t frame) override;
  void print(codegen::FunctionEmitter&, const ir::Op&) override;

  bool uses_math = false;  // some call may become a vector function

 protected:
  static std::string entry_symbol(const ir::Function& f);

 private:
  std::string emit_packed_entry(codegen::ModuleEmitter&, const ir::Function&, llvm::Function* body);
  std::string emit_elementwise_entry(codegen::ModuleEmitter&, const ir::Function&, llvm::Function* body);
  std::string emit_c_entry(codegen::ModuleEmitter&, const ir::Function&, llvm::Function* body);

  codegen::EntryForm form_;
};

}  // namespace cantil::cpu_codegen
