// Source lines on LLVM instructions, for profilers: line tables only, no variables or types.
#pragma once
#include <llvm/ADT/DenseMap.h>
#include <llvm/IR/DIBuilder.h>
#include <llvm/IR/Module.h>

#include "ir/ir.h"

namespace cantil::codegen {

class LineInfo {
 public:
  explicit LineInfo(llvm::Module& module);
  // The place of `span` in `fn`, which is made from `f`.
  llvm::DebugLoc location(llvm::Function* fn, const ir::Function& f, const Span& span);
  // The start of `fn`, for code that belongs to no line.
  llvm::DebugLoc start(llvm::Function* fn, const ir::Function& f) { return location(fn, f, f.span); }
  void finish() { builder_.finalize(); }

 private:
  llvm::DIFile* file(FileId id);
  llvm::DISubprogram* subprogram(llvm::Function* fn, const ir::Function& f);

  llvm::Module& module_;
  llvm::DIBuilder builder_;
  llvm::DICompileUnit* unit_ = nullptr;
  llvm::DenseMap<FileId, llvm::DIFile*> files_;
};

}  // namespace cantil::codegen
