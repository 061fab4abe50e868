// NumPy's universal functions, as stdlib/ufuncs.py declares them: `@ufunc(np.name, "loops")` above the scalar
// body.
//
// The loops say for which types a body serves, in NumPy's order of preference, by NumPy's type letters:
//   "efdFD"       each letter a loop whose operands and result have that type
//   "bBhH:?"      the same with another result; ":" with nothing behind it: what the body gives
//   "fi->f"       operands of different types
// Several, with spaces between them, may stand together; a name may be declared several times.
#pragma once
#include <string>
#include <vector>

#include "frontend/function.h"

namespace cantil::frontend {

struct UfuncLoop {
  std::vector<ir::TypeRef> operands;
  ir::TypeRef result = nullptr;  // null: what the body gives
  uint32_t body = 0;             // the library function's id
};

struct Ufunc {
  size_t operand_count = 0;
  std::vector<UfuncLoop> loops;
  std::vector<uint32_t> bodies;
};

// Null when nothing of this canonical name ("numpy.add") is declared. Thread-safe; results live as long as
// the process.
const Ufunc* find_ufunc(const std::string& name);

// The loop that NumPy's rules, as Numba applies them, choose: the first into whose types all operands can be
// cast safely, and from whose result `result` (null: any) can be had. Integers mix with floats of any width.
// Null when there is none.
const UfuncLoop* find_loop(const Ufunc& u, const std::vector<ir::TypeRef>& operands, ir::TypeRef result);

// numpy.can_cast, for each of the operands. `to` has as many.
bool can_cast_safely(const std::vector<ir::TypeRef>& operands, const std::vector<ir::TypeRef>& to);

// reduce, accumulate, reduceat, outer, at.
bool is_ufunc_method(const std::string& name);

// NumPy's casting rules for ufuncs' casting=.
enum class Casting : uint8_t { No, Safe, SameKind, Unsafe };
bool casts(ir::TypeRef from, ir::TypeRef to, Casting rule);

// The loop for ufunc(…, dtype=result): the first with this result whose operands these can be cast to, safely
// if there is such a one.
const UfuncLoop* find_loop_with_result(const Ufunc& u, const std::vector<ir::TypeRef>& operands,
                                       ir::TypeRef result, Casting rule);

}  // namespace cantil::frontend
