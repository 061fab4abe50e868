"""Joining, splitting, repeating and rearranging arrays."""

import numpy as np
from cantil.library import cast, overload, packed_view, promote, same_type, strided_view, tuple_set, type_of

from .shapes import _axis, _flat


def _common_type(arrays):
    """A zero of the type to which the arrays' elements promote."""
    if len(arrays) == 1:
        return cast(0, arrays[0].dtype)
    return cast(0, promote(arrays[0].dtype, type_of(_common_type(arrays[1:]))))


def _total(arrays, axis, shape):
    """The joined length along `axis`; the other lengths have to be those of `shape`."""
    if len(arrays) == 0:
        return 0
    for i in range(len(shape)):
        if i != axis and arrays[0].shape[i] != shape[i]:
            raise ValueError(
                "all the input array dimensions except for the concatenation axis must match exactly"
            )
    return arrays[0].shape[axis] + _total(arrays[1:], axis, shape)


def _put(r, at, arrays, axis):
    """Copies the arrays behind each other along `axis`, from position `at`."""
    if len(arrays) > 0:
        a = arrays[0]
        place = strided_view(r, r.dtype, at * r.strides[axis], a.shape, r.strides)
        place[...] = a
        _put(r, at + a.shape[axis], arrays[1:], axis)


def _same_ndim(arrays):
    if len(arrays) > 1:
        if arrays[0].ndim != arrays[1].ndim:
            raise ValueError("all the input arrays must have same number of dimensions")
        _same_ndim(arrays[1:])


@overload(np.concatenate)
def concatenate(arrays: Tuple, axis: Whole = 0):
    """Arrays joined along an axis.

    >>> np.concatenate((a, b))
    >>> np.concatenate((m, m), axis=1)
    """
    if len(arrays) == 0:
        raise ValueError("need at least one array to concatenate")
    if arrays[0].ndim == 0:
        raise ValueError("zero-dimensional arrays cannot be concatenated")
    _same_ndim(arrays)
    i = _axis(axis, arrays[0].ndim)
    n = _total(arrays, i, arrays[0].shape)
    r = np.empty(tuple_set(arrays[0].shape, i, n), type_of(_common_type(arrays)))
    _put(r, 0, arrays, i)
    return r


@overload(np.concatenate)
def concatenate_flat(arrays: Tuple, axis: NoneType):
    return concatenate(_flat_all(arrays), 0)


def _flat_all(arrays):
    if len(arrays) == 0:
        return ()
    return (_flat(arrays[0]),) + _flat_all(arrays[1:])


def _expand_all(arrays, axis):
    if len(arrays) == 0:
        return ()
    return (np.expand_dims(arrays[0], axis),) + _expand_all(arrays[1:], axis)


def _same_shapes(arrays):
    if len(arrays) > 1:
        if arrays[0].shape != arrays[1].shape:
            raise ValueError("all input arrays must have the same shape")
        _same_shapes(arrays[1:])


@overload(np.stack)
def stack(arrays: Tuple, axis: Whole = 0):
    """Arrays joined along a new axis.

    >>> np.stack((a, b))
    >>> np.stack((a, b), axis=1)
    """
    _same_shapes(arrays)
    return concatenate(_expand_all(arrays, axis), axis)


def _atleast_1d_all(arrays):
    if len(arrays) == 0:
        return ()
    return (np.atleast_1d(arrays[0]),) + _atleast_1d_all(arrays[1:])


def _atleast_2d_all(arrays):
    if len(arrays) == 0:
        return ()
    return (np.atleast_2d(arrays[0]),) + _atleast_2d_all(arrays[1:])


def _atleast_3d_all(arrays):
    if len(arrays) == 0:
        return ()
    return (np.atleast_3d(arrays[0]),) + _atleast_3d_all(arrays[1:])


def _columns(arrays):
    if len(arrays) == 0:
        return ()
    if arrays[0].ndim == 1:
        return (np.expand_dims(arrays[0], 1),) + _columns(arrays[1:])
    return (arrays[0],) + _columns(arrays[1:])


@overload(np.hstack)
def hstack(tup: Tuple):
    """Arrays side by side.

    >>> np.hstack((a, b))
    >>> np.hstack((m, m))
    """
    arrays = _atleast_1d_all(tup)
    return concatenate(arrays, 0 if arrays[0].ndim == 1 else 1)


@overload(np.vstack)
@overload(np.row_stack)
def vstack(tup: Tuple):
    """Arrays one above the other.

    >>> np.vstack((a, b))
    """
    return concatenate(_atleast_2d_all(tup), 0)


@overload(np.dstack)
def dstack(tup: Tuple):
    """Arrays joined along the third axis.

    >>> np.dstack((m, m))
    """
    return concatenate(_atleast_3d_all(tup), 2)


@overload(np.column_stack)
def column_stack(tup: Tuple):
    """Vectors as the columns of a matrix.

    >>> np.column_stack((a, b))
    """
    return concatenate(_columns(tup), 1)


@overload(np.append)
def append(arr: Array, values: Array, axis: NoneType = None):
    """Values after an array.

    >>> np.append(a, 3.0)
    >>> np.append(m, m, axis=0)
    """
    return concatenate((_flat(arr), _flat(values)), 0)


@overload(np.append)
def append_number(arr: Array, values: Number, axis: NoneType = None):
    return concatenate((_flat(arr), np.atleast_1d(values)), 0)


@overload(np.append)
def append_axis(arr: Array, values: Array, axis: Whole):
    return concatenate((arr, values), axis)


# Reversing, rotating, repeating


@overload(np.flip)
def flip_axis(m: Array, axis: Whole):
    """The elements reversed along all axes or one.

    >>> np.flip(m)
    >>> np.flip(m, 0)
    """
    i = _axis(axis, m.ndim)
    strides = tuple_set(m.strides, i, -m.strides[i])
    start = (m.shape[i] - 1) * m.strides[i] if m.size > 0 else 0
    return strided_view(m, m.dtype, start, m.shape, strides)


def _negated(t):
    if len(t) == 0:
        return ()
    return (-t[0],) + _negated(t[1:])


@overload(np.flip)
def flip(m: Array, axis: NoneType = None):
    start = 0
    if m.size > 0:
        for i in range(m.ndim):
            start += (m.shape[i] - 1) * m.strides[i]
    return strided_view(m, m.dtype, start, m.shape, _negated(m.strides))


@overload(np.flipud)
def flipud(m: Array):
    """The rows reversed.

    >>> np.flipud(m)
    """
    return flip_axis(m, 0)


@overload(np.fliplr)
def fliplr(m: Array):
    """The columns reversed.

    >>> np.fliplr(m)
    """
    if m.ndim < 2:
        raise ValueError("Input must be >= 2-d.")
    return flip_axis(m, 1)


@overload(np.rot90)
def rot90(m: Array, k: Whole = 1):
    """A quarter turn, k times.

    >>> np.rot90(m)
    >>> np.rot90(m, 3)
    """
    if m.ndim < 2:
        raise ValueError("Axes=(0, 1) out of range for array of ndim=1.")
    turns = k % 4
    if turns == 0:
        return flip_axis(flip_axis(m, 0), 0)
    if turns == 2:
        return flip_axis(flip_axis(m, 0), 1)
    turned = np.swapaxes(m, 0, 1)
    if turns == 1:
        return flip_axis(turned, 0)
    return flip_axis(turned, 1)


@overload(np.roll)
def roll(a: Array, shift: Whole):
    """The elements shifted around.

    >>> np.roll(a, 2)
    >>> np.roll(m, 1, 0)
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
    r = np.empty(a.shape, a.dtype)
    source = np.moveaxis(a, i, 0)
    target = np.moveaxis(r, i, 0)
    n = a.shape[i]
    for k in range(n):
        if a.ndim == 1:
            target[(k + shift) % n] = source[k]
        else:
            target[(k + shift) % n, ...] = source[k, ...]
    return r


@overload(np.repeat)
@overload("method:array.repeat")
def repeat(a: Array, repeats: Whole):
    """Each element several times.

    >>> np.repeat(a, 3)
    >>> np.repeat(a, i)
    >>> a.repeat(2)
    """
    if repeats < 0:
        raise ValueError("repeats may not contain negative values.")
    x = _flat(a)
    r = np.empty((x.shape[0] * repeats,), a.dtype)
    for i in range(x.shape[0]):
        for k in range(repeats):
            r[i * repeats + k] = x[i]
    return r


@overload(np.repeat)
@overload("method:array.repeat")
def repeat_each(a: Array, repeats: Array1):
    x = _flat(a)
    n = x.shape[0]
    if repeats.shape[0] != n and repeats.shape[0] != 1:
        raise ValueError("operands could not be broadcast together")
    total = 0
    for i in range(n):
        times = repeats[0 if repeats.shape[0] == 1 else i]
        if times < 0:
            raise ValueError("repeats may not contain negative values.")
        total += times
    r = np.empty((total,), a.dtype)
    at = 0
    for i in range(n):
        for k in range(repeats[0 if repeats.shape[0] == 1 else i]):
            r[at] = x[i]
            at += 1
    return r


@overload(np.repeat)
def repeat_number(a: Number, repeats: Whole):
    r = np.empty((repeats,), type_of(a))
    r[...] = a
    return r


@overload(np.resize)
def resize(a: Array, new_shape: Tuple):
    """The elements repeated to fill a shape.

    >>> np.resize(a, (3, 4))
    """
    x = _flat(a)
    r = np.empty(new_shape, a.dtype)
    out = packed_view(r, a.dtype, 0, (r.size,))
    n = x.shape[0]
    for i in range(out.shape[0]):
        out[i] = cast(0, a.dtype) if n == 0 else x[i % n]
    return r


@overload(np.resize)
def resize_length(a: Array, new_shape: Whole):
    return resize(a, (new_shape,))


@overload(np.trim_zeros)
def trim_zeros(filt: Array1, trim: LiteralStr = "fb"):
    """The elements without zeros at the ends.

    >>> np.trim_zeros(i)
    >>> np.trim_zeros(i, "f")
    """
    lo = 0
    hi = filt.shape[0]
    if trim != "b":
        while lo < hi and filt[lo] == 0:
            lo += 1
    if trim != "f":
        while hi > lo and filt[hi - 1] == 0:
            hi -= 1
    return filt[lo:hi]


# Removing and inserting


def _slot(i, n):
    if i < -n or i >= n:
        raise IndexError("index is out of bounds")
    return i + n if i < 0 else i


@overload(np.delete)
def delete(arr: Array, obj: Whole):
    """An array without some elements.

    >>> np.delete(a, 2)
    >>> np.delete(a, i[1:3])
    """
    x = _flat(arr)
    n = x.shape[0]
    at = _slot(obj, n)
    r = np.empty((n - 1,), arr.dtype)
    for i in range(n - 1):
        r[i] = x[i if i < at else i + 1]
    return r


@overload(np.delete)
def delete_many(arr: Array, obj: Array1):
    x = _flat(arr)
    keep = np.ones((x.shape[0],), np.bool_)
    for i in range(obj.shape[0]):
        keep[_slot(np.int64(obj[i]), x.shape[0])] = False
    return x[keep]


@overload(np.insert)
def insert(arr: Array, obj: Whole, values: Number):
    """An array with a value put in before an index.

    >>> np.insert(a, 2, 9.0)
    """
    x = _flat(arr)
    n = x.shape[0]
    if obj < -n or obj > n:
        raise IndexError("index is out of bounds")
    at = obj + n if obj < 0 else obj
    r = np.empty((n + 1,), arr.dtype)
    for i in range(at):
        r[i] = x[i]
    r[at] = values
    for i in range(at, n):
        r[i + 1] = x[i]
    return r


# Differences, counts, products


@overload(np.diff)
def diff(a: Array, n: Whole = 1):
    """Differences of neighbours, n times.

    >>> np.diff(a)
    >>> np.diff(a, 2)
    """
    if n < 0:
        raise ValueError("order must be non-negative")
    last = a.ndim - 1
    r = a.copy()
    length = a.shape[last]
    rows = packed_view(r, a.dtype, 0, (a.size // length if length > 0 else 0, length))
    for o in range(rows.shape[0]):
        for times in range(n):
            for k in range(length - 1 - times):
                rows[o, k] = _difference(rows[o, k + 1], rows[o, k])
    return r[..., : max(length - n, 0)].copy()


def _difference(a, b):
    if same_type(type_of(a), np.bool_):
        return a != b
    return cast(a - b, type_of(a))


@overload(np.ediff1d)
def ediff1d(ary: Array):
    """Differences of neighbours of the flat array.

    >>> np.ediff1d(m)
    """
    return diff(_flat(ary))


@overload(np.bincount)
def bincount(x: Array1, weights: NoneType = None, minlength: Whole = 0):
    """How often each non-negative integer occurs.

    >>> np.bincount(i)
    >>> np.bincount(i, a)
    """
    n = _bins(x, minlength)
    r = np.zeros((n,), np.int64)
    for i in range(x.shape[0]):
        r[x[i]] += 1
    return r


@overload(np.bincount)
def bincount_weighted(x: Array1, weights: Array1, minlength: Whole = 0):
    n = _bins(x, minlength)
    if weights.shape[0] != x.shape[0]:
        raise ValueError("The weights and list don't have the same length.")
    r = np.zeros((n,), np.float64)
    for i in range(x.shape[0]):
        r[x[i]] += weights[i]
    return r


def _bins(x, minlength):
    if minlength < 0:
        raise ValueError("'minlength' must not be negative")
    n = np.int64(minlength)
    for i in range(x.shape[0]):
        if x[i] < 0:
            raise ValueError("'list' argument must have no negative elements")
        n = max(n, np.int64(x[i]) + 1)
    return n


@overload(np.interp)
def interp(x: Array, xp: Array1, fp: Array1):
    """Linear interpolation in a table.

    >>> np.interp(a, s, b)
    >>> np.interp(x, s, b)
    """
    _check_interp(xp, fp)
    keys = _flat(x)
    r = np.empty(x.shape, np.float64)
    out = packed_view(r, np.float64, 0, (x.size,))
    for i in range(out.shape[0]):
        out[i] = _interp_at(np.float64(keys[i]), xp, fp)
    return r


@overload(np.interp)
def interp_number(x: Real, xp: Array1, fp: Array1):
    _check_interp(xp, fp)
    return _interp_at(np.float64(x), xp, fp)


def _check_interp(xp, fp):
    if xp.shape[0] == 0:
        raise ValueError("array of sample points is empty")
    if xp.shape[0] != fp.shape[0]:
        raise ValueError("fp and xp are not of the same length.")


def _interp_at(x, xp, fp):
    n = xp.shape[0]
    if x != x:
        return x
    if x > xp[n - 1]:
        return np.float64(fp[n - 1])
    if x < xp[0]:
        return np.float64(fp[0])
    lo = 0
    hi = n
    while lo < hi:
        mid = (lo + hi) // 2
        if x >= xp[mid]:
            lo = mid + 1
        else:
            hi = mid
    j = lo - 1
    if j >= n - 1 or x == xp[j]:
        return np.float64(fp[min(j, n - 1)])
    slope = (np.float64(fp[j + 1]) - np.float64(fp[j])) / (np.float64(xp[j + 1]) - np.float64(xp[j]))
    return slope * (x - np.float64(xp[j])) + np.float64(fp[j])
