// The least value that a floating-point computation can give, so that checks for a zero divisor fall away.
#pragma once
#include "ir/ir.h"

namespace cantil::ir {

// A lower bound of `v`, NaN aside; -infinity where none is known. Sums of squares and what is made of them.
double float_low(const Value* v);

}  // namespace cantil::ir
