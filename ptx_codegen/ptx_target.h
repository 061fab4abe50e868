// The CUDA device as a code generation target.
#pragma once
#include <string>

#include "codegen/emitter.h"
#include "codegen/target.h"

namespace cantil::ptx_codegen {

class PtxTarget : public codegen::Target {
 public:
  PtxTarget(bool device_function, std::string export_name)
      : device_function_(device_function), export_name_(std::move(export_name)) {}

  void function_attributes(const ir::Function&, llvm::Function*) override;
  llvm::CallingConv::ID internal_convention() const override { return llvm::CallingConv::C; }
  // nvcc's default as well: a*b+c is fused unless told otherwise.
  uint8_t default_fastmath() const override { return ir::kContract; }
  bool has_heap() const override { return false; }
  std::string emit_entry(codegen::ModuleEmitter&, const ir::Function&, llvm::Function* body) override;
  llvm::Value* math(codegen::FunctionEmitter&, ir::MathFn, llvm::ArrayRef<llvm::Value*> args) override;
  void record_raise(codegen::FunctionEmitter&, int64_t site, llvm::ArrayRef<ir::Value*> args) override;
  void record_frame(codegen::FunctionEmitter&, uint32_t) override {}  // only the raising line is kept
  void print(codegen::FunctionEmitter&, const ir::Op&) override;
  llvm::Value* sreg(codegen::FunctionEmitter&, ir::Sreg) override;
  void barrier(codegen::FunctionEmitter&) override;
  llvm::Value* shared_array(codegen::FunctionEmitter&, const ir::Op&) override;
  llvm::Value* dynamic_shared(codegen::FunctionEmitter&) override;
  llvm::Value* dynamic_shared_size(codegen::FunctionEmitter&) override;
  void fence(codegen::FunctionEmitter&, int64_t scope) override;
  llvm::Value* collective(codegen::FunctionEmitter&, const ir::Op&) override;  // collectives.cpp
  llvm::StringRef atomic_scope() const override { return "device"; }

 private:
  std::string emit_kernel(codegen::ModuleEmitter&, const ir::Function&, llvm::Function* body);
  std::string emit_device_function(codegen::ModuleEmitter&, const ir::Function&, llvm::Function* body);
  llvm::Function* raise_function(codegen::ModuleEmitter&);

  bool device_function_;
  std::string export_name_;
  llvm::Function* raise_ = nullptr;
};

}  // namespace cantil::ptx_codegen
