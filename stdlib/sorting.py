"""Sorting and what rests on it: argsort, searchsorted, unique, sets. NaN is last."""

import numpy as np
from cantil.library import (
    bits_of,
    call_runtime,
    cast,
    data_pointer,
    in_kernel,
    is_class,
    is_readonly,
    layout_of,
    overload,
    packed_view,
    promote,
    same_type,
    type_of,
)

from .reductions import _lanes, _less
from .shapes import _axis, _copy_as, _flat


def _before(a, b):
    """a < b where no NaN is left."""
    if is_class(type_of(a), "Complex"):
        return _less(a, b)
    return a < b


def _get(x, i):
    """x[i] for an i that is not negative: nothing to wrap."""
    return x[cast(i, np.uint64)]


def _set(x, i, v):
    x[cast(i, np.uint64)] = v


def _nans_last(x):
    """Moves the NaNs of floats to the end; returns how many other items there are."""
    n = x.shape[0]
    if is_class(x.dtype, "Float"):
        i = 0
        while i < n:
            v = _get(x, i)
            if v != v:
                n -= 1
                _set(x, i, _get(x, n))
                _set(x, n, v)
            else:
                i += 1
    return n


def _insertion(x, lo, hi):
    """Sorts x[lo:hi]."""
    for i in range(lo + 1, hi):
        v = _get(x, i)
        k = i
        while k > lo and _before(v, _get(x, k - 1)):
            _set(x, k, _get(x, k - 1))
            k -= 1
        _set(x, k, v)


def _sift(x, lo, root, n):
    v = x[lo + root]
    while True:
        child = 2 * root + 1
        if child >= n:
            break
        if child + 1 < n and _less(x[lo + child], x[lo + child + 1]):
            child += 1
        if not _less(v, x[lo + child]):
            break
        x[lo + root] = x[lo + child]
        root = child
    x[lo + root] = v


def _heapsort(x, lo, hi):
    n = hi - lo
    for root in range(n // 2 - 1, -1, -1):
        _sift(x, lo, root, n)
    for last in range(n - 1, 0, -1):
        v = x[lo]
        x[lo] = x[lo + last]
        x[lo + last] = v
        _sift(x, lo, 0, last)


def _split(x, lo, hi):
    """Partitions x[lo:hi] around the median of three; returns where the second part begins (Hoare's scheme)."""
    mid = lo + (hi - lo) // 2
    a = x[lo]
    b = x[mid]
    c = x[hi - 1]
    if _less(b, a):
        b, a = a, b
    if _less(c, b):
        b = c
        if _less(b, a):
            b = a
    pivot = b
    i = lo
    j = hi - 1
    while True:
        while _before(_get(x, i), pivot):
            i += 1
        while _before(pivot, _get(x, j)):
            j -= 1
        if i >= j:
            return i
        v = _get(x, i)
        _set(x, i, _get(x, j))
        _set(x, j, v)
        i += 1
        j -= 1


def _introsort(x):
    """Quicksort that turns to heapsort where its depth grows too large; the stack holds the larger parts."""
    n = _nans_last(x)
    depth = 2
    while (1 << (depth // 2)) < n:
        depth += 2
    starts = np.empty((130,), np.int64)
    ends = np.empty((130,), np.int64)
    depths = np.empty((130,), np.int64)
    top = 0
    starts[0] = 0
    ends[0] = n
    depths[0] = depth
    while top >= 0:
        lo = starts[top]
        hi = ends[top]
        left = depths[top]
        top -= 1
        while hi - lo > 24:
            if left == 0:
                _heapsort(x, lo, hi)
                break
            left -= 1
            mid = _split(x, lo, hi)
            # A part may be empty only beside equal items; the smaller one goes on here.
            top += 1
            depths[top] = left
            if mid - lo < hi - mid:
                starts[top] = mid
                ends[top] = hi
                hi = mid
            else:
                starts[top] = lo
                ends[top] = mid
                lo = mid
        if hi - lo <= 24:
            _insertion(x, lo, hi)


def _merge_sort_indices(x, order):
    """Sorts `order` (indices into x) stably: runs of 16 by insertion, then merging to and fro."""
    n = order.shape[0]
    for lo in range(0, n, 16):
        for i in range(lo + 1, min(lo + 16, n)):
            at = order[i]
            k = i
            while k > lo and _less(x[at], x[order[k - 1]]):
                order[k] = order[k - 1]
                k -= 1
            order[k] = at
    other = np.empty((n,), np.int64)
    width = 16
    while width < n:
        for lo in range(0, n, 2 * width):
            mid = min(lo + width, n)
            hi = min(lo + 2 * width, n)
            if mid >= hi or not _less(x[order[mid]], x[order[mid - 1]]):
                for k in range(lo, hi):
                    other[k] = order[k]
            else:
                i = lo
                j = mid
                for k in range(lo, hi):
                    if j >= hi or (i < mid and not _less(x[order[j]], x[order[i]])):
                        other[k] = order[i]
                        i += 1
                    else:
                        other[k] = order[j]
                        j += 1
        for k in range(n):
            order[k] = other[k]
        width *= 2


def _check_kind(kind):
    """The number that NumPy has for it."""
    if kind is None:
        return 0
    elif kind == "quicksort" or kind == "quick":
        return 0
    elif kind == "heapsort" or kind == "heap":
        return 1
    elif kind == "mergesort" or kind == "merge" or kind == "stable":
        return 2
    else:
        raise ValueError("sort kind must be one of 'quick', 'heap', or 'stable'")


def _code(T):
    """An element type as the run-time functions have it (device_runtime/sort/sort.h)."""
    if is_class(T, "Signed"):
        return cast(0x100 + bits_of(T), np.int32)
    if is_class(T, "Float"):
        return cast(0x200 + bits_of(T), np.int32)
    if is_class(T, "Complex"):
        return cast(0x400 + bits_of(T), np.int32)
    return cast(bits_of(T), np.int32)


def _sort_packed(x, kind=0):
    """Sorts a vector that lies in one piece, in place."""
    if in_kernel():
        _introsort(x)
    else:
        failed = call_runtime(
            np.int64,
            "cantil_rt_sort",
            _code(x.dtype),
            cast(kind, np.int32),
            data_pointer(x),
            1,
            x.shape[0],
            1,
        )
        if failed != 0:
            raise MemoryError("no memory for sorting")


def _sort_lanes(lanes, kind):
    """Sorts each lane of three axes in place."""
    if not in_kernel():
        failed = call_runtime(
            np.int64,
            "cantil_rt_sort",
            _code(lanes.dtype),
            cast(kind, np.int32),
            data_pointer(lanes),
            lanes.shape[0],
            lanes.shape[1],
            lanes.shape[2],
        )
        if failed != 0:
            raise MemoryError("no memory for sorting")
    else:
        _sort_lanes_plainly(lanes)


def _sort_lanes_plainly(lanes):
    n = lanes.shape[1]
    buffer = np.empty((n,), lanes.dtype)
    for o in range(lanes.shape[0]):
        for j in range(lanes.shape[2]):
            for k in range(n):
                buffer[k] = lanes[o, k, j]
            _introsort(buffer)
            for k in range(n):
                lanes[o, k, j] = buffer[k]


@overload(np.sort)
def sort(
    a: Array,
    axis: Whole = -1,
    kind: LiteralStr | NoneType = None,
    order: NoneType = None,
    stable: Boolean | NoneType = None,
):
    """The elements in ascending order along an axis, NaN last.

    >>> np.sort(a)
    >>> np.sort(m, axis=0)
    """
    r = a.copy()
    i = _axis(axis, a.ndim)
    if a.ndim == 1:
        _sort_packed(r, _check_kind(kind))
    else:
        _sort_lanes(_lanes(r, i), _check_kind(kind))
    return r


@overload(np.sort)
def sort_flat(a: Array, axis: NoneType, kind: LiteralStr | NoneType = None):
    r = packed_view(a.copy(), a.dtype, 0, (a.size,))
    _sort_packed(r, _check_kind(kind))
    return r


@overload("method:array.sort")
def sort_in_place(a: Array, axis: Whole = -1, kind: LiteralStr | NoneType = None):
    """Sorts in place along the last axis.

    >>> a.sort()
    """
    i = _axis(axis, a.ndim)
    if is_readonly(a):
        raise ValueError("assignment destination is read-only")
    elif layout_of(a) == "C":
        if a.ndim == 1:
            _sort_packed(a, _check_kind(kind))
        else:
            _sort_lanes(_lanes(a, i), _check_kind(kind))
    else:
        a[...] = sort(a, axis, kind)


@overload(np.argsort)
@overload("method:array.argsort")
def argsort(a: Array, axis: Whole = -1, kind: LiteralStr | NoneType = None):
    """The indices that sort along an axis.

    >>> a[np.argsort(a)]
    >>> np.argsort(a, kind="mergesort")
    >>> a[a.argsort()]
    """
    i = _axis(axis, a.ndim)
    x = _lanes(a, i)
    r = np.empty(a.shape, np.int64)
    if in_kernel():
        _argsort_lanes(x, packed_view(r, np.int64, 0, x.shape))
    else:
        failed = call_runtime(
            np.int64,
            "cantil_rt_argsort",
            _code(a.dtype),
            cast(_check_kind(kind), np.int32),
            data_pointer(x),
            x.shape[0],
            x.shape[1],
            x.shape[2],
            data_pointer(r),
        )
        if failed != 0:
            raise MemoryError("no memory for sorting")
    return r


def _argsort_lanes(x, out):
    n = x.shape[1]
    lane = np.empty((n,), x.dtype)
    order = np.empty((n,), np.int64)
    for o in range(x.shape[0]):
        for j in range(x.shape[2]):
            for k in range(n):
                lane[k] = x[o, k, j]
                order[k] = k
            _merge_sort_indices(lane, order)
            for k in range(n):
                out[o, k, j] = order[k]


@overload(np.argsort)
def argsort_flat(a: Array, axis: NoneType, kind: LiteralStr | NoneType = None):
    return argsort(_flat(a), 0, kind)


def _check_kth(kth, n):
    if kth < -n or kth >= n:
        raise ValueError(f"kth(={kth}) out of bounds ({n})")


def _check_places(kth, n):
    if isinstance(kth, tuple):
        for k in range(len(kth)):
            _check_kth(kth[k], n)
    else:
        _check_kth(kth, n)


@overload(np.partition)
def partition(a: Array, kth: Whole | Tuple, axis: Whole | NoneType = -1, kind: LiteralStr = "introselect"):
    """The kth element where sorting would put it, smaller ones before it.

    >>> np.partition(a, 2)[2]
    >>> np.partition(m, 1, axis=0)[1]
    """
    if axis is None:
        _check_places(kth, a.size)
    else:
        _check_places(kth, a.shape[_axis(axis, a.ndim)])
    return np.sort(a, axis)


@overload("method:array.partition")
def partition_in_place(a: Array, kth: Whole | Tuple, axis: Whole = -1, kind: LiteralStr = "introselect"):
    """Partitions in place.

    >>> (a.partition(2), a[2])[1]
    """
    _check_places(kth, a.shape[_axis(axis, a.ndim)])
    a.sort(axis)


@overload(np.argpartition)
@overload("method:array.argpartition")
def argpartition(a: Array, kth: Whole | Tuple, axis: Whole | NoneType = -1, kind: LiteralStr = "introselect"):
    """Indices that partition around the kth element.

    >>> a[np.argpartition(a, 2)[2]]
    >>> a[a.argpartition(2)[2]]
    """
    if axis is None:
        _check_places(kth, a.size)
    else:
        _check_places(kth, a.shape[_axis(axis, a.ndim)])
    return np.argsort(a, axis)


@overload(np.lexsort)
def lexsort(keys: Tuple | Array, axis: Whole = -1):
    """The indices that sort by the last key, then by the one before it, and so on.

    >>> np.lexsort((a, i))
    """
    n = len(keys)
    if n == 0:
        raise TypeError("need sequence of keys with len > 0 in lexsort")
    order = np.argsort(keys[0], axis, "mergesort")
    if isinstance(keys, tuple):
        return _lexsort(keys[1:], order, axis)
    else:
        for k in range(1, n):
            order = _by_key(keys[k, ...], order, axis)
        return order


def _by_key(key, order, axis):
    return np.take_along_axis(
        order, np.argsort(np.take_along_axis(key, order, axis), axis, "mergesort"), axis
    )


def _lexsort(keys, order, axis):
    if len(keys) == 0:
        return order
    return _lexsort(keys[1:], _by_key(keys[0], order, axis), axis)


# Searching


def _search(a, v, right):
    """The first place where v fits into the sorted a, behind equal items when `right`."""
    lo = 0
    hi = a.shape[0]
    while lo < hi:
        mid = (lo + hi) // 2
        if _less(v, a[mid]) if right else not _less(a[mid], v):
            hi = mid
        else:
            lo = mid + 1
    return lo


def _check_side(side):
    if side != "left" and side != "right":
        raise ValueError(f"search side must be 'left' or 'right' (got '{side}')")


def _ordered(a, sorter, T):
    """`a` as T, in the order that the sorter gives."""
    if sorter is None:
        if same_type(T, a.dtype):
            return a
        return _copy_as(a, T)
    else:
        if sorter.shape[0] != a.shape[0]:
            raise ValueError("sorter.size must equal a.size")
        r = np.empty(a.shape, T)
        for k in range(r.shape[0]):
            i = np.int64(sorter[k])
            if i < 0 or i >= a.shape[0]:
                raise ValueError("Sorter index out of range.")
            r[k] = cast(a[i], T)
        return r


@overload(np.searchsorted)
@overload("method:array.searchsorted")
def searchsorted(a: Array1, v: Number, side: LiteralStr = "left", sorter: Array1 | NoneType = None):
    """Where each value belongs in a sorted array.

    >>> np.searchsorted(s, 1.5)
    >>> np.searchsorted(s, a, side="right")
    >>> s.searchsorted(a)
    >>> np.searchsorted(a, 1.5, sorter=np.argsort(a))
    """
    _check_side(side)
    T = promote(a.dtype, type_of(v))
    return _search(_ordered(a, sorter, T), cast(v, T), side == "right")


@overload(np.searchsorted)
@overload("method:array.searchsorted")
def searchsorted_array(a: Array1, v: Array, side: LiteralStr = "left", sorter: Array1 | NoneType = None):
    _check_side(side)
    T = promote(a.dtype, v.dtype)
    keys = _flat(v)
    r = np.empty(v.shape, np.int64)
    out = packed_view(r, np.int64, 0, (v.size,))
    sorted_a = _ordered(a, sorter, T)
    for i in range(out.shape[0]):
        out[i] = _search(sorted_a, cast(keys[i], T), side == "right")
    return r


def _direction(bins):
    """1 for rising bins, -1 for falling ones."""
    rising = True
    falling = True
    for i in range(1, bins.shape[0]):
        if bins[i] < bins[i - 1]:
            rising = False
        if bins[i] > bins[i - 1]:
            falling = False
    if not rising and not falling:
        raise ValueError("bins must be monotonically increasing or decreasing")
    return 1 if rising else -1


def _bin_of(x, bins, right, direction):
    if direction > 0:
        return _search(bins, x, not right)
    return bins.shape[0] - _search(bins[::-1], x, not right)


@overload(np.digitize)
def digitize(x: Array, bins: Array1, right: Boolean = False):
    """The bin of each value.

    >>> np.digitize(a, s)
    >>> np.digitize(a, s, right=True)
    """
    direction = _direction(bins)
    T = promote(x.dtype, bins.dtype)
    edges = _copy_as(bins, T)
    keys = _flat(x)
    r = np.empty(x.shape, np.int64)
    out = packed_view(r, np.int64, 0, (x.size,))
    for i in range(out.shape[0]):
        out[i] = _bin_of(cast(keys[i], T), edges, right, direction)
    return r


@overload(np.digitize)
def digitize_number(x: Real, bins: Array1, right: Boolean = False):
    T = promote(type_of(x), bins.dtype)
    return _bin_of(cast(x, T), _copy_as(bins, T), right, _direction(bins))


# Sets


def _sorted_flat(a):
    r = packed_view(a.copy(), a.dtype, 0, (a.size,))
    _sort_packed(r)
    return r
