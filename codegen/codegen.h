// IR to LLVM IR, shared by both back ends. A back end supplies a Target (target.h) for what differs.
//
// Calling convention of internal functions (not the entry): the arguments' leaves (ir/layout.h) as LLVM
// parameters, then the target's hidden ones; the result is the leaves of the return value followed by an i32
// status when the function may raise: void for none of these, the scalar itself for one, a struct for more.
// Internal functions have internal linkage and fastcc, so that the inliner may do as it likes.
#pragma once
#include <string>
#include <vector>

#include "codegen/frame.h"
#include "ir/ir.h"

namespace llvm {
class LLVMContext;
class Module;
}  // namespace llvm

namespace cantil::codegen {

class Target;

// What emission learned that the Artifact needs.
struct EmitResult {
  std::string entry;  // symbol of the entry point
  std::vector<Frame> frames;
  int64_t static_shared = 0;
};

struct EmitOptions {
  bool lineinfo = false;  // source lines on the instructions
};

// Emits all of `m` into `out`, whose triple and data layout are set.
EmitResult emit(const ir::Module& m, Target& target, llvm::Module& out, const EmitOptions& options = {});

// The frame that a traceback shows for `span` in `function`.
Frame make_frame(const std::string& function, const Span& span, bool is_library);

// A legal symbol for any assembler, PTX included: other characters become '_'.
std::string legal_symbol(const std::string& name);

}  // namespace cantil::codegen
