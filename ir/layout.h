// How values lie in memory and in the packed argument buffers that cross between Python and compiled code.
//
// A value flattens to leaves, in order:
//   bool                u8 (0/1)          complexN    two floats (re, im)
//   intN / floatN       itself            tuple       its elements' leaves, one after another
//   optional            u8 present, then the payload's leaves (undefined when absent)
//   closure             its variables' leaves
//   choice              i64, then the leaves of all its functions
//   pointer, owner      one pointer       none        nothing
//   array               owner, data, shape[ndim] (i64), and strides[ndim] (i64, in bytes) for layout A only;
//                       C and F layouts have their strides computed from shape and item size
//   range               start, stop, step of its integer type      slice   the present ones of start, stop,
//   step (i64)
// Compile-time-only types have no leaves.
//
// The packed form is the C struct of those leaves, each naturally aligned (no tail padding beyond the last
// leaf's end rounded up to 8). It is the layout of an entry point's `args` and `ret`, and of a CUDA kernel's
// parameter block (each leaf being one kernel parameter), so one unboxer serves all targets.
//
// The memory form of a value (array elements, pointers' pointees, local and shared arrays) is the same struct
// with C alignment rules including tail padding (sizeof), which equals NumPy's aligned dtypes.
#pragma once
#include <cstddef>
#include <vector>

#include "ir/type.h"

namespace cantil::ir {

enum class LeafKind : uint8_t { I8, I16, I32, I64, F16, F32, F64, Ptr, Owner };

struct Leaf {
  LeafKind kind;
  size_t offset;  // in the packed struct
};

size_t leaf_size(LeafKind kind);

// Appends the leaves of `t` to `leaves`, starting at the struct offset `at`; returns the offset after the
// last one.
size_t append_leaves(TypeRef t, size_t at, std::vector<Leaf>& leaves);

struct Packed {
  std::vector<Leaf> leaves;
  std::vector<size_t> first_leaf;  // per value: index of its first leaf
  size_t size = 0;                 // rounded up to 8
};

Packed pack(const std::vector<TypeRef>& values);

// Size and alignment of the memory form.
size_t memory_size(TypeRef t);
size_t memory_align(TypeRef t);

// True when a value of this type holds counted references (arrays, owners, tuples of such).
bool is_counted(TypeRef t);

}  // namespace cantil::ir
