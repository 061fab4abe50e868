"""What the threads of a warp or a block do together: shuffles, votes, matches, barriers that combine."""

from cantil import cuda
from cantil.library import (
    bits_of,
    cast,
    is_class,
    overload,
    primitive_as,
    primitive_at,
    type_of,
)


def _exchange(what: LiteralStr, mask, value, lane):
    """`value` of another lane; numbers of any type travel as words of 32 or 64 bits."""
    T = type_of(value)
    if is_class(T, "Complex"):
        real = _exchange(what, mask, value.real, lane)
        imaginary = _exchange(what, mask, value.imag, lane)
        return primitive_as(T, "complex.make", real, imaginary)
    m = cast(mask, int32)
    k = cast(lane, int32)
    if is_class(T, "Boolean"):
        return primitive_at(int32, "collective", what, m, cast(value, int32), k) != 0
    if bits_of(T) == 64:
        word = primitive_as(int64, "bitcast", value)
        return primitive_as(T, "bitcast", primitive_at(int64, "collective", what, m, word, k))
    if bits_of(T) == 32:
        word = primitive_as(int32, "bitcast", value)
        return primitive_as(T, "bitcast", primitive_at(int32, "collective", what, m, word, k))
    if is_class(T, "Float"):
        half = cast(primitive_as(int16, "bitcast", value), int32)
        return primitive_as(T, "bitcast", cast(primitive_at(int32, "collective", what, m, half, k), int16))
    return cast(primitive_at(int32, "collective", what, m, cast(value, int32), k), T)


@overload(cuda.shfl_sync)
def shfl_sync(mask: Whole, value: Number, src_lane: Whole):
    """The value that lane `src_lane` (modulo 32) has."""
    return _exchange("shfl.idx", mask, value, src_lane)


@overload(cuda.shfl_up_sync)
def shfl_up_sync(mask: Whole, value: Number, delta: Whole):
    """The value of the lane `delta` below; the thread's own in the lowest `delta` lanes."""
    return _exchange("shfl.up", mask, value, delta)


@overload(cuda.shfl_down_sync)
def shfl_down_sync(mask: Whole, value: Number, delta: Whole):
    """The value of the lane `delta` above; the thread's own in the highest `delta` lanes."""
    return _exchange("shfl.down", mask, value, delta)


@overload(cuda.shfl_xor_sync)
def shfl_xor_sync(mask: Whole, value: Number, lane_mask: Whole):
    """The value of the lane whose number differs in the bits of `lane_mask`."""
    return _exchange("shfl.xor", mask, value, lane_mask)


@overload(cuda.all_sync)
def all_sync(mask: Whole, predicate: Number):
    """Whether the predicate holds in every lane of the mask."""
    return primitive_at(bool, "collective", "all", cast(mask, int32), predicate != 0)


@overload(cuda.any_sync)
def any_sync(mask: Whole, predicate: Number):
    """Whether the predicate holds in some lane of the mask."""
    return primitive_at(bool, "collective", "any", cast(mask, int32), predicate != 0)


@overload(cuda.eq_sync)
def eq_sync(mask: Whole, predicate: Number):
    """Whether the predicate is the same in all lanes of the mask."""
    return primitive_at(bool, "collective", "equal", cast(mask, int32), predicate != 0)


@overload(cuda.ballot_sync)
def ballot_sync(mask: Whole, predicate: Number):
    """The lanes of the mask in which the predicate holds, a bit each."""
    return primitive_at(int32, "collective", "ballot", cast(mask, int32), predicate != 0)


def _match(what: LiteralStr, mask, value):
    T = type_of(value)
    m = cast(mask, int32)
    if is_class(T, "Boolean") or bits_of(T) < 32:
        if is_class(T, "Float"):
            return _match(what, mask, primitive_as(int16, "bitcast", value))
        return primitive_at(int32, "collective", what, m, cast(value, int32))
    if bits_of(T) == 32:
        return primitive_at(int32, "collective", what, m, primitive_as(int32, "bitcast", value))
    return primitive_at(int32, "collective", what, m, primitive_as(int64, "bitcast", value))


@overload(cuda.match_any_sync)
def match_any_sync(mask: Whole, value: Real):
    """The lanes of the mask that have the same value (bit for bit), a bit each."""
    return _match("match.any", mask, value)


@overload(cuda.match_all_sync)
def match_all_sync(mask: Whole, value: Real):
    """(mask, True) where all lanes of the mask have the same value, else (0, False)."""
    lanes = _match("match.all", mask, value)
    return lanes, lanes != 0


@overload(cuda.syncwarp)
def syncwarp(mask: Whole = 0xFFFFFFFF):
    """Waits for the lanes of the mask; what they wrote before is visible behind it."""
    primitive_at(None, "collective", "sync_warp", cast(mask, int32))


@overload(cuda.activemask)
def activemask():
    """The lanes of the warp that are here together, a bit each."""
    return cast(primitive_at(int32, "collective", "active_mask"), uint32)


@overload(cuda.lanemask_lt)
def lanemask_lt():
    """The lanes below this thread's, a bit each."""
    return cast(primitive_at(int32, "sreg", "lanemask_lt"), uint32)


@overload(cuda.syncthreads_count)
def syncthreads_count(predicate: Number):
    """syncthreads() that gives the number of threads for which the predicate holds."""
    return primitive_at(int32, "collective", "sync.count", predicate != 0)


@overload(cuda.syncthreads_and)
def syncthreads_and(predicate: Number):
    """syncthreads() that gives 1 where the predicate holds for all threads, else 0."""
    return primitive_at(int32, "collective", "sync.and", predicate != 0)


@overload(cuda.syncthreads_or)
def syncthreads_or(predicate: Number):
    """syncthreads() that gives 1 where the predicate holds for some thread, else 0."""
    return primitive_at(int32, "collective", "sync.or", predicate != 0)
