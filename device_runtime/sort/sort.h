// Sorting for generated code. Arrays are in C order, seen as (outer, n, inner); each lane along n is sorted
// for itself. `type` is the element's width in bits, plus 0x100 for signed integers, 0x200 for floats, 0x400
// for complex numbers. `kind` is NumPy's: 0 quick, 1 heap, 2 stable. NaN is last. Both return 0, or 1 when
// there is no memory.
#pragma once
#include <cstdint>

extern "C" {

int64_t cantil_rt_sort(int32_t type, int32_t kind, void* data, int64_t outer, int64_t n, int64_t inner);
// order: the places of each lane's items when sorted.
int64_t cantil_rt_argsort(int32_t type, int32_t kind, const void* data, int64_t outer, int64_t n,
                          int64_t inner, int64_t* order);
}

namespace cantil::device_runtime {

// NumPy's own sorting functions, which are vectorised (Highway, x86-simd-sort): 0 on success; the last
// argument is not looked at for numbers. `order` is a permutation on entry.
using SortFunction = int (*)(void* data, intptr_t n, void* array);
using ArgsortFunction = int (*)(void* data, intptr_t* order, intptr_t n, void* array);

// Has lanes of this type and kind sorted by these; null is for the standard library's.
void set_sorters(int32_t type, int32_t kind, SortFunction sort, ArgsortFunction argsort) noexcept;

}  // namespace cantil::device_runtime
