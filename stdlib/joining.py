"""Joining, splitting, repeating and rearranging arrays."""

import numpy as np
from cantil.library import cast, overload, packed_view, promote, strided_view, tuple_set, type_of

from .shapes import _axis, _flat


def _common_type(arrays):
    """A zero of the type to which the arrays' elements promote."""
    if len(arrays) == 1:
        return cast(0, arrays[0].dtype)
    return cast(0, promote(arrays[0].dtype, type_of(_common_type(arrays[1:]))))


def _total(arrays, axis, shape, k):
    """The joined length along `axis`; the other lengths have to be those of `shape`."""
    if len(arrays) == 0:
        return 0
    for i in range(len(shape)):
        if i != axis and arrays[0].shape[i] != shape[i]:
            raise ValueError(
                "all the input array dimensions except for the concatenation axis must match exactly, but along "
                f"dimension {i}, the array at index 0 has size {shape[i]} and the array at index {k} has size "
                f"{arrays[0].shape[i]}"
            )
    return arrays[0].shape[axis] + _total(arrays[1:], axis, shape, k + 1)


def _put(r, at, arrays, axis):
    """Copies the arrays behind each other along `axis`, from position `at`."""
    if len(arrays) > 0:
        a = arrays[0]
        if a.ndim == r.ndim:  # it is: what differs was refused
            place = strided_view(r, r.dtype, at * r.strides[axis], a.shape, r.strides)
            place[...] = a
        _put(r, at + a.shape[axis], arrays[1:], axis)


def _same_ndim(arrays, n, k):
    if len(arrays) > 0:
        if arrays[0].ndim != n:
            raise ValueError(
                f"all the input arrays must have same number of dimensions, but the array at index 0 has {n} "
                f"dimension(s) and the array at index {k} has {arrays[0].ndim} dimension(s)"
            )
        _same_ndim(arrays[1:], n, k + 1)


def _arrays(items):
    """The items as arrays: numbers, lists and tuples may be among them."""
    if len(items) == 0:
        return ()
    return (np.asarray(items[0]),) + _arrays(items[1:])


def _joined(arrays, axis, r):
    """The arrays along `axis` in r, or in a new array where r is a zero of the type."""
    i = _axis(axis, arrays[0].ndim)
    shape = tuple_set(arrays[0].shape, i, _total(arrays, i, arrays[0].shape, 0))
    if isinstance(r, np.ndarray):
        if r.ndim != arrays[0].ndim:
            raise ValueError("Output array has wrong dimensionality")
        if r.shape != shape:
            raise ValueError("Output array is the wrong shape")
        _put(r, 0, arrays, i)
        return r
    else:
        fresh = np.empty(shape, type_of(r))
        _put(fresh, 0, arrays, i)
        return fresh


@overload(np.concatenate)
def concatenate(
    arrays: Tuple,
    axis: Whole = 0,
    out: Array | NoneType = None,
    dtype: Type | NoneType = None,
    casting: LiteralStr = "same_kind",
):
    """Arrays joined along an axis.

    >>> np.concatenate((a, b))
    >>> np.concatenate((m, m), axis=1)
    >>> np.concatenate([a, i])
    """
    if len(arrays) == 0:
        raise ValueError("need at least one array to concatenate")
    parts = _arrays(arrays)
    if parts[0].ndim == 0:
        raise ValueError("zero-dimensional arrays cannot be concatenated")
    _same_ndim(parts, parts[0].ndim, 0)
    if out is None:
        return _joined(parts, axis, _common_type(parts) if dtype is None else cast(0, dtype))
    else:
        return _joined(parts, axis, out)


@overload(np.concatenate)
def concatenate_flat(
    arrays: Tuple, axis: NoneType, out: Array | NoneType = None, dtype: Type | NoneType = None
):
    return concatenate(_flat_all(_arrays(arrays)), 0, out, dtype)


@overload(np.concatenate)
def concatenate_list(arrays: List, axis: Whole = 0):
    n = len(arrays)
    if n == 0:
        raise ValueError("need at least one array to concatenate")
    first = arrays[0]
    i = _axis(axis, first.ndim)
    total = 0
    for k in range(n):
        own = arrays[k].shape
        for d in range(first.ndim):
            if d != i and own[d] != first.shape[d]:
                raise ValueError(
                    "all the input array dimensions except for the concatenation axis must match exactly, but "
                    f"along dimension {d}, the array at index 0 has size {first.shape[d]} and the array at index "
                    f"{k} has size {own[d]}"
                )
        total += own[i]
    r = np.empty(tuple_set(first.shape, i, total), first.dtype)
    at = 0
    for k in range(n):
        a = arrays[k]
        strided_view(r, r.dtype, at * r.strides[i], a.shape, r.strides)[...] = a
        at += a.shape[i]
    return r


@overload(np.concatenate)
def concatenate_list_flat(arrays: List, axis: NoneType):
    return concatenate_list([_flat(x) for x in arrays], 0)


def _items(a):
    """The items of an array's first axis as a list."""
    if a.ndim < 2:
        raise ValueError("zero-dimensional arrays cannot be concatenated")
    return [a[k, ...] for k in range(a.shape[0])]


@overload(np.concatenate)
def concatenate_items(arrays: Array, axis: Whole = 0):
    return concatenate_list(_items(arrays), axis)


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
def stack(arrays: Tuple, axis: Whole = 0, out: Array | NoneType = None, dtype: Type | NoneType = None):
    """Arrays joined along a new axis.

    >>> np.stack((a, b))
    >>> np.stack((a, b), axis=1)
    """
    if len(arrays) == 0:
        raise ValueError("need at least one array to stack")
    parts = _arrays(arrays)
    _same_shapes(parts)
    return concatenate(_expand_all(parts, axis), axis, out, dtype)


@overload(np.stack)
def stack_list(arrays: List, axis: Whole = 0):
    if len(arrays) == 0:
        raise ValueError("need at least one array to stack")
    for k in range(1, len(arrays)):
        if np.asarray(arrays[k]).shape != np.asarray(arrays[0]).shape:
            raise ValueError("all input arrays must have the same shape")
    return concatenate_list([np.expand_dims(np.asarray(x), axis) for x in arrays], axis)


@overload(np.stack)
def stack_items(arrays: Array, axis: Whole = 0):
    return stack_list([arrays[k, ...] for k in range(arrays.shape[0])], axis)


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


def _as_column(a):
    if a.ndim == 0:
        return a.reshape((1, 1))
    if a.ndim == 1:
        return np.expand_dims(a, 1)
    return a


def _columns(arrays):
    if len(arrays) == 0:
        return ()
    return (_as_column(np.asarray(arrays[0])),) + _columns(arrays[1:])


@overload(np.hstack)
def hstack(tup: Tuple, dtype: Type | NoneType = None):
    """Arrays side by side.

    >>> np.hstack((a, b))
    >>> np.hstack((m, m))
    >>> np.hstack([a, i, x])
    """
    if len(tup) == 0:
        raise ValueError("need at least one array to concatenate")
    arrays = _atleast_1d_all(tup)
    return concatenate(arrays, 0 if arrays[0].ndim == 1 else 1, None, dtype)


@overload(np.hstack)
def hstack_list(tup: List):
    arrays = [np.atleast_1d(x) for x in tup]
    if len(arrays) == 0:
        raise ValueError("need at least one array to concatenate")
    return concatenate_list(arrays, 0 if arrays[0].ndim == 1 else 1)


@overload(np.hstack)
def hstack_items(tup: Array):
    return hstack_list([tup[k, ...] for k in range(tup.shape[0])])


@overload(np.vstack)
@overload(np.row_stack)
def vstack(tup: Tuple, dtype: Type | NoneType = None):
    """Arrays one above the other.

    >>> np.vstack((a, b))
    >>> np.vstack([a, i])
    """
    if len(tup) == 0:
        raise ValueError("need at least one array to concatenate")
    return concatenate(_atleast_2d_all(tup), 0, None, dtype)


@overload(np.vstack)
@overload(np.row_stack)
def vstack_list(tup: List):
    return concatenate_list([np.atleast_2d(x) for x in tup], 0)


@overload(np.vstack)
@overload(np.row_stack)
def vstack_items(tup: Array):
    return vstack_list([tup[k, ...] for k in range(tup.shape[0])])


@overload(np.dstack)
def dstack(tup: Tuple, dtype: Type | NoneType = None):
    """Arrays joined along the third axis.

    >>> np.dstack((m, m))
    """
    if len(tup) == 0:
        raise ValueError("need at least one array to concatenate")
    return concatenate(_atleast_3d_all(tup), 2, None, dtype)


@overload(np.dstack)
def dstack_list(tup: List):
    return concatenate_list([np.atleast_3d(x) for x in tup], 2)


@overload(np.column_stack)
def column_stack(tup: Tuple):
    """Vectors as the columns of a matrix.

    >>> np.column_stack((a, b))
    >>> np.column_stack([a, i])
    """
    if len(tup) == 0:
        raise ValueError("need at least one array to concatenate")
    return concatenate(_columns(tup), 1)


@overload(np.column_stack)
def column_stack_list(tup: List):
    return concatenate_list([_as_column(np.asarray(x)) for x in tup], 1)


@overload(np.column_stack)
def column_stack_items(tup: Array):
    return column_stack_list([tup[k, ...] for k in range(tup.shape[0])])


@overload(np.append)
def append(arr: Array | Number, values: Array | Number, axis: NoneType = None):
    """Values after an array.

    >>> np.append(a, 3.0)
    >>> np.append(m, m, axis=0)
    """
    return concatenate((_flat(np.asarray(arr)), _flat(np.asarray(values))), 0)


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


# Counts


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
