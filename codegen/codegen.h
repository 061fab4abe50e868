// IR to LLVM IR, shared by both back ends. A back end supplies a Target for what differs.
//
// Calling convention of internal functions (not the entry): the arguments' leaves (ir/layout.h) as LLVM parameters; the
// result is an LLVM struct of the return value's leaves followed by an i32 status when the function may raise.
// Internal functions have internal linkage and fastcc, so that the inliner may do as it likes.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "codegen/frame.h"
#include "ir/ir.h"

namespace llvm {
class LLVMContext;
class Module;
}  // namespace llvm

namespace cantil::codegen {

// What emission learned that the Artifact needs.
struct EmitResult {
  std::vector<Frame> frames;
  int64_t static_shared = 0;
};

}  // namespace cantil::codegen
