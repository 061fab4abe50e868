"""Arrays turned, shifted, repeated, tiled and put together from blocks."""

import numpy as np
from cantil.library import overload, packed_view, strided_view, tuple_insert, tuple_set, type_of

from .reductions import _lanes
from .shapes import _axis, _flat


@overload(np.rot90)
def rot90(m: Array, k: Whole = 1, axes: Tuple = (0, 1)):
    """A quarter turn, k times, in the plane of two axes.

    >>> np.rot90(m)
    >>> np.rot90(m, 3)
    >>> np.rot90(m.reshape(2, 2, 3), 1, (1, 2))
    """
    if len(axes) != 2:
        raise ValueError("len(axes) must be 2.")
    if axes[0] == axes[1] or abs(axes[0] - axes[1]) == m.ndim:
        raise ValueError("Axes must be different.")
    if axes[0] >= m.ndim or axes[0] < -m.ndim or axes[1] >= m.ndim or axes[1] < -m.ndim:
        raise ValueError(f"Axes={(axes[0], axes[1])} out of range for array of ndim={m.ndim}.")
    turns = k % 4
    first = _axis(axes[0], m.ndim)
    second = _axis(axes[1], m.ndim)
    if turns == 0:
        return _reversed(_reversed(m, first), first)
    if turns == 2:
        return _reversed(_reversed(m, first), second)
    turned = np.swapaxes(m, first, second)
    if turns == 1:
        return _reversed(turned, first)
    return _reversed(turned, second)


def _reversed(m, i):
    strides = tuple_set(m.strides, i, -m.strides[i])
    start = (m.shape[i] - 1) * m.strides[i] if m.size > 0 else 0
    return strided_view(m, m.dtype, start, m.shape, strides)


@overload(np.flip)
def flip_axes(m: Array, axis: Tuple):
    """The elements reversed along several axes."""
    r = strided_view(m, m.dtype, 0, m.shape, m.strides)
    for k in range(len(axis)):
        i = _axis(axis[k], m.ndim)
        for p in range(k):
            if _axis(axis[p], m.ndim) == i:
                raise ValueError("repeated axis")
        r = _reversed(r, i)
    return r


# Shifting


def _roll_lanes(r, i, shift):
    """`r`, a packed array, with its elements shifted around along axis i."""
    n = r.shape[i]
    if n > 0:
        x = _lanes(r, i)
        lane = np.empty((n,), r.dtype)
        by = shift % n
        for o in range(x.shape[0]):
            for j in range(x.shape[2]):
                for k in range(n):
                    at = k + by
                    lane[at - n if at >= n else at] = x[o, k, j]
                for k in range(n):
                    x[o, k, j] = lane[k]


@overload(np.roll)
def roll(a: Array, shift: Whole, axis: NoneType = None):
    """The elements shifted around, flat or along axes.

    >>> np.roll(a, 2)
    >>> np.roll(m, 1, 0)
    >>> np.roll(m, (1, 2), axis=(0, 1))
    """
    x = _flat(a)
    n = x.shape[0]
    r = np.empty(a.shape, a.dtype)
    out = packed_view(r, a.dtype, 0, (n,))
    if n > 0:
        k = shift % n
        for i in range(n - k):
            out[i + k] = x[i]
        for i in range(n - k, n):
            out[i + k - n] = x[i]
    return r


@overload(np.roll)
def roll_axis(a: Array, shift: Whole, axis: Whole):
    i = _axis(axis, a.ndim)
    r = a.copy()
    _roll_lanes(r, i, shift)
    return r


def _many(x):
    if isinstance(x, tuple):
        return np.array(x)
    else:
        return np.atleast_1d(x)


@overload(np.roll)
def roll_axes(a: Array, shift: Whole | Tuple, axis: Whole | Tuple):
    by = _many(shift)
    along = _many(axis)
    n = max(by.shape[0], along.shape[0])
    if by.shape[0] != n and by.shape[0] != 1 or along.shape[0] != n and along.shape[0] != 1:
        raise ValueError(
            "shape mismatch: objects cannot be broadcast to a single shape.  Mismatch is between arg 0 with "
            f"shape ({by.shape[0]},) and arg 1 with shape ({along.shape[0]},)."
        )
    r = a.copy()
    for k in range(n):
        i = _axis(along[k if along.shape[0] == n else 0], a.ndim)
        _roll_lanes(r, i, by[k if by.shape[0] == n else 0])
    return r


@overload(np.roll)
def roll_flat(a: Array, shift: Tuple, axis: NoneType = None):
    total = 0
    for k in range(len(shift)):
        total += shift[k]
    return roll(a, total)


# Repeating


def _repeated(a, i, repeats):
    n = a.shape[i]
    counts = repeats
    if counts.shape[0] != n and counts.shape[0] != 1:
        raise ValueError(f"operands could not be broadcast together with shape ({n},) ({counts.shape[0]},)")
    one = counts.shape[0] == 1
    total = 0
    for k in range(n):
        times = counts[0 if one else k]
        if times < 0:
            raise ValueError("repeats may not contain negative values.")
        total += times
    x = _lanes(a, i)
    r = np.empty(tuple_set(a.shape, i, total), a.dtype)
    out = packed_view(r, a.dtype, 0, (x.shape[0], total, x.shape[2]))
    for o in range(x.shape[0]):
        at = 0
        for k in range(n):
            for times in range(counts[0 if one else k]):
                for j in range(x.shape[2]):
                    out[o, at, j] = x[o, k, j]
                at += 1
    return r


def _counts(repeats):
    if isinstance(repeats, np.ndarray):
        return _flat(repeats).astype(np.int64)
    else:
        r = np.empty((1,), np.int64)
        r[0] = repeats
        return r


@overload(np.repeat)
@overload("method:array.repeat")
def repeat(a: Array, repeats: Whole | Array, axis: NoneType = None):
    """Each element several times, flat or along an axis.

    >>> np.repeat(a, 3)
    >>> np.repeat(a, i)
    >>> a.repeat(2)
    >>> np.repeat(m, 2, axis=1)
    """
    return _repeated(_flat(a), 0, _counts(repeats))


@overload(np.repeat)
@overload("method:array.repeat")
def repeat_axis(a: Array, repeats: Whole | Array, axis: Whole):
    return _repeated(a, _axis(axis, a.ndim), _counts(repeats))


@overload(np.repeat)
def repeat_number(a: Number, repeats: Whole, axis: NoneType = None):
    r = np.empty((repeats,), type_of(a))
    r[...] = a
    return r


# Tiling


def _paired(a, b):
    """(a0, b0, a1, b1, …)"""
    if len(a) == 0:
        return ()
    return (a[0], b[0]) + _paired(a[1:], b[1:])


def _times(a, b):
    if len(a) == 0:
        return ()
    return (a[0] * b[0],) + _times(a[1:], b[1:])


def _zeros(n: LiteralInt):
    if n == 0:
        return ()
    return (0,) + _zeros(n - 1)


def _not_negative(t):
    if len(t) == 0:
        return ()
    return (max(np.int64(t[0]), 0),) + _not_negative(t[1:])


def _as_long(t, other, fill):
    """`t` with `fill` put before it until it is as long as `other`."""
    if len(t) >= len(other):
        return t
    return _as_long((fill,) + t, other, fill)


@overload(np.tile)
def tile(A: Array, reps: Tuple):
    """An array repeated along its axes.

    >>> np.tile(a, 2)
    >>> np.tile(m, (2, 1))
    >>> np.tile(a, (2, 1, 2))
    """
    times = _as_long(_not_negative(reps), A.shape, 1)
    shape = _as_long(A.shape, times, 1)
    strides = _as_long(A.strides, times, 0)
    r = np.empty(_times(times, shape), A.dtype)
    if len(shape) == 0:
        r[()] = A[()]
    else:
        if r.size > 0:
            source = strided_view(A, A.dtype, 0, _paired(times, shape), _paired(_zeros(len(shape)), strides))
            packed_view(r, A.dtype, 0, _paired(times, shape))[...] = source
    return r


@overload(np.tile)
def tile_once(A: Array, reps: Whole):
    return tile(A, (reps,))


# Blocks. Numbers of axes are lengths of tuples here, which are known when a function is compiled.


def _with_axes(a, axes):
    """With axes of length 1 in front until it has as many as `axes`."""
    if a.ndim >= len(axes):
        return a
    return _with_axes(
        strided_view(a, a.dtype, 0, tuple_insert(a.shape, 0, 1), tuple_insert(a.strides, 0, 0)), axes
    )


def _depth(x):
    """As many zeros as there are levels of nesting."""
    if isinstance(x, tuple):
        if len(x) == 0:
            raise ValueError("List at arrays cannot be empty")
        return (0,) + _depth(x[0])
    return ()


def _most_axes(x):
    """As many zeros as the array with the most axes has."""
    if isinstance(x, tuple):
        if len(x) == 1:
            return _most_axes(x[0])
        a = _most_axes(x[0])
        b = _most_axes(x[1:])
        if len(a) > len(b):
            return a
        return b
    return _zeros(np.asarray(x).ndim)


def _each_block(x, levels, axes):
    if len(x) == 0:
        return ()
    return (_block(x[0], levels, axes),) + _each_block(x[1:], levels, axes)


def _block(x, levels, axes):
    if len(levels) == 0:
        return _with_axes(np.asarray(x), axes)
    return np.concatenate(_each_block(x, levels[1:], axes), len(axes) - len(levels))


@overload(np.block)
def block(arrays: Tuple | Array):
    """An array of nested lists of blocks.

    >>> np.block([[m, m], [m, m]])
    >>> np.block([a, a])
    """
    if isinstance(arrays, np.ndarray):
        return arrays.copy()
    else:
        levels = _depth(arrays)
        most = _most_axes(arrays)
        return _block(arrays, levels, _as_long(levels, most, 0))
