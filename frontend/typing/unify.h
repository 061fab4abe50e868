// Rules between types: joining two paths, implicit conversion, results of arithmetic.
#pragma once
#include "ir/type.h"

namespace cantil::frontend {

// The type that holds both (at joins of control flow, for returns); nullptr when there is none.
ir::TypeRef unify(ir::TypeRef a, ir::TypeRef b);

// NumPy's promotion of two number types (int64 with uint64 gives float64).
ir::TypeRef promote(ir::TypeRef a, ir::TypeRef b);

// Numba's result type of integer arithmetic: at least 64 bits, signed when either is.
ir::TypeRef int_result(ir::TypeRef a, ir::TypeRef b);

// The common type in which two numbers are added, subtracted, multiplied and compared.
ir::TypeRef arith_type(ir::TypeRef a, ir::TypeRef b);

// True when a value of `from` may stand where `to` is wanted, without the program saying so.
bool can_convert(ir::TypeRef from, ir::TypeRef to);

// How much a conversion costs in overload resolution: 0 exact, then 1 promotion, 2 safe, 3 unsafe; -1
// impossible.
int conversion_cost(ir::TypeRef from, ir::TypeRef to);

}  // namespace cantil::frontend
