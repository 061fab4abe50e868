"""Arrays that a parallel loop reduces: `total += row`. Each piece of the loop has an array of its own, the pieces are
put together behind it, in their order."""

import numpy as np
from cantil.library import (
    allocate_array,
    array_parts,
    call_runtime,
    fold_parts_add,
    fold_parts_and,
    fold_parts_mul,
    fold_parts_or,
    fold_parts_xor,
    overload,
    range_length,
    type_of,
)


@overload(array_parts)
def _array_parts(a: Array, neutral, start, stop, step):
    n = range_length(start, stop, step)
    pieces = call_runtime(np.int64, "cantil_rt_parallel_chunks", n)
    parts = allocate_array(type_of(neutral), (pieces,) + a.shape)
    parts[...] = neutral
    return parts


@overload(fold_parts_add)
def _fold_add(a: Array, parts: Array):
    for k in range(parts.shape[0]):
        a += parts[k]


@overload(fold_parts_mul)
def _fold_mul(a: Array, parts: Array):
    for k in range(parts.shape[0]):
        a *= parts[k]


@overload(fold_parts_and)
def _fold_and(a: Array, parts: Array):
    for k in range(parts.shape[0]):
        a &= parts[k]


@overload(fold_parts_or)
def _fold_or(a: Array, parts: Array):
    for k in range(parts.shape[0]):
        a |= parts[k]


@overload(fold_parts_xor)
def _fold_xor(a: Array, parts: Array):
    for k in range(parts.shape[0]):
        a ^= parts[k]
