// The IR's invariants, and the check of them. This header is the specification.
//
//  1. Operand counts, result presence and attribute kinds are those of ops.def; every op's parent is the
//  region it is in.
//  2. A value is used only after its definition, in the same region or one nested in it; never across
//  functions.
//  3. No value or variable has a compile-time-only type. Operand types are those that ops.def's comments
//  demand (arithmetic:
//     equal types; cond: bool; indices: int64; call: exactly the callee's parameter types and return type).
//  4. break and continue are inside a loop of the same function (not across parallel_for: neither break nor
//  return leave it);
//     nothing follows break, continue, return, raise or yield in a region; a while's condition region ends
//     with yield, has no other, and no break or continue;
//     the same holds for the region of map, map.into and reduce, which return does not leave either.
//  5. Every path of a function that returns a value ends in return or raise.
//  6. Sites, data indices, variables and callees belong to the module/function.
//  7. CUDA ops occur only in Device and Kernel functions; parallel_for, alloc, retain and release only
//  in Host functions; a
//     Kernel returns None and is not called.
//  8. thread_loop, thread_var ops and thread_array occur only after barrier splitting (Verify::after_split).
#pragma once
#include <string>
#include <vector>

#include "ir/ir.h"

namespace cantil::ir {

struct VerifyOptions {
  bool after_split = false;
};

// The violations found, empty when the module is sound.
std::vector<std::string> verify(const Module& m, VerifyOptions options = {});

}  // namespace cantil::ir
