"""Bits of integers in kernels, and waiting."""

from cantil import cuda
from cantil.library import bits_of, call_runtime, cast, is_class, on_simulator, overload, primitive, type_of


@overload(cuda.brev)
def brev(x: Whole):
    """The bits in reverse order; of at least 32."""
    if is_class(type_of(x), "Boolean") or bits_of(type_of(x)) < 64:
        return primitive("brev", cast(x, uint32))
    return primitive("brev", cast(x, uint64))


@overload(cuda.ffs)
def ffs(x: Whole):
    """The place of the lowest set bit, counted from 1; 0 where there is none."""
    if x == 0:
        return uint32(0)
    return cast(primitive("ctz", x), uint32) + uint32(1)


@overload(cuda.nanosleep)
def nanosleep(ns: Whole):
    """Lets the thread wait for about `ns` nanoseconds."""
    if not on_simulator():  # there all time is the same
        call_runtime(None, "llvm.nvvm.nanosleep", cast(ns, uint32))
