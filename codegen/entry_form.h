// The ways in which the outside calls compiled host code.
#pragma once
#include <cstdint>

namespace cantil::codegen {

enum class EntryForm : uint8_t {
  Packed,       // int32_t f(void* ret, const void* args), see device_runtime/abi.h
  Elementwise,  // the loops of a ufunc over the function, see ElementwiseMode
  C,            // the function itself in C's calling convention; an exception goes to cantil_rt_c_failed
};

// int32_t f(char* const* args, int64_t n, const int64_t* steps, int32_t mode): applies the function to n
// elements; args and steps (in bytes) are those of the operands, then of the result. The status is that of
// the first element that raises; elements before it are done.
enum class ElementwiseMode : int32_t {
  Strided = 0,     // in order, one element after the other; operands may overlap in any way
  Contiguous = 1,  // steps are the elements' sizes, and the result overlaps an operand exactly or not at all
  Fold = 2,  // f(accumulator, element): the first operand and the result are one place; elements contiguous
};

}  // namespace cantil::codegen
