// The verifier's rules for single ops: operands, attribute and result type. Used by verifier.cpp.
#pragma once
#include <string>

#include "ir/ir.h"

namespace cantil::ir {

// What is wrong with the op by itself ("" when nothing is): invariants 1 and 3 of verifier.h.
std::string check_op(const Function& f, const Op& op);

}  // namespace cantil::ir
