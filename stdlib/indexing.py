"""Advanced indexing: integer arrays and masks, reading and assigning.

frontend/typing/array_calls.cpp splits the index into a basic view and these arrays.
"""

import numpy as np
from cantil.library import gather, mask_places, overload, packed_view, scatter, strided_view, tuple_drop

from .shapes import (
    _axis,
    _broadcast_shapes,
    _flat,
    _product,
    _shapes_of,
    broadcast_to,
)


def _empty_places(n, count: LiteralInt):
    if count == 0:
        return ()
    return (np.empty((n,), np.int64),) + _empty_places(n, count - 1)


def _put_place(places, at, shape, rest):
    """Writes the indices of element number `rest` of an array of this shape, last axis first."""
    if len(places) == 1:
        places[0][at] = rest
    else:
        places[-1][at] = rest % shape[-1]
        _put_place(places[:-1], at, shape[:-1], rest // shape[-1])


def _places(a):
    """Where `a` is not zero: an array of indices for each axis."""
    flat = _flat(a)
    n = 0
    for i in range(flat.shape[0]):
        if flat[i]:
            n += 1
    places = _empty_places(n, a.ndim)
    k = 0
    for i in range(flat.shape[0]):
        if flat[i]:
            _put_place(places, k, a.shape, i)
            k += 1
    return places


@overload(np.nonzero)
@overload("method:array.nonzero")
def nonzero(a: Array):
    """The indices of elements that are not zero, one array an axis.

    >>> np.nonzero(i)
    >>> np.nonzero(t)
    >>> t.nonzero()
    """
    if a.ndim == 0:
        return _places(packed_view(a, a.dtype, 0, (1,)))
    return _places(a)


@overload(np.where)
def where_places(condition: Array):
    """Elements of one or the other, or where a condition holds.

    >>> np.where(a > 0.5, a, b)
    >>> np.where(t)
    """
    return nonzero(condition)


@overload(np.flatnonzero)
def flatnonzero(a: Array):
    """The flat indices of elements that are not zero.

    >>> np.flatnonzero(t)
    """
    return _places(_flat(a))[0]


@overload(np.argwhere)
def argwhere(a: Array):
    """The indices of elements that are not zero, one row each.

    >>> np.argwhere(t)
    """
    places = nonzero(a)
    r = np.empty((places[0].shape[0], a.ndim), np.int64)
    _fill_columns(r, places)
    return r


def _fill_columns(r, places):
    if len(places) > 0:
        k = len(places) - 1
        for i in range(r.shape[0]):
            r[i, k] = places[-1][i]
        _fill_columns(r, places[:-1])


@overload(mask_places)
def _mask_places(mask, dims):
    for i in range(mask.ndim):
        if mask.shape[i] != dims[i]:
            raise IndexError("boolean index did not match indexed array")
    return _places(mask)


# gather(view, places, position): the index arrays take the leading len(places) axes of `view`; their own axes,
# broadcast together, stand at `position` in the result.


def _flat_indices(places, shape):
    if len(places) == 0:
        return ()
    return (_flat(broadcast_to(places[0], shape)),) + _flat_indices(places[1:], shape)


def _checked(i, n):
    if i < -n or i >= n:
        raise IndexError("index is out of bounds for the axis it indexes")
    return i + n if i < 0 else i


def _at(flat, k, shape):
    """The k-th index as a tuple of integers, each checked."""
    if len(flat) == 0:
        return ()
    return (_checked(np.int64(flat[0][k]), shape[0]),) + _at(flat[1:], k, shape[1:])


def _check_all(flat, n, shape):
    """Raises before anything is written when an index is out of bounds."""
    for k in range(n):
        _at(flat, k, shape)


@overload(gather)
def _gather(view, places, position: LiteralInt):
    common = _broadcast_shapes(_shapes_of(places))
    flat = _flat_indices(places, common)
    rest = view.shape[len(places) :]
    n = _product(common)
    r = np.empty(common + rest, view.dtype)
    rows = packed_view(r, r.dtype, 0, (n,) + rest)
    for k in range(n):
        if len(places) == view.ndim:
            rows[k] = view[_at(flat, k, view.shape)]
        else:
            rows[k, ...] = view[_at(flat, k, view.shape) + (...,)]
    if position == 0:
        return r
    nb = len(common)
    shape = rest[:position] + common + rest[position:]
    strides = r.strides[nb : nb + position] + r.strides[:nb] + r.strides[nb + position :]
    return strided_view(r, r.dtype, 0, shape, strides)


@overload(scatter)
def _scatter_number(view, places, value: Number, position: LiteralInt):
    common = _broadcast_shapes(_shapes_of(places))
    flat = _flat_indices(places, common)
    n = _product(common)
    _check_all(flat, n, view.shape)
    for k in range(n):
        if len(places) == view.ndim:
            view[_at(flat, k, view.shape)] = value
        else:
            view[_at(flat, k, view.shape) + (...,)] = value


@overload(scatter)
def _scatter(view, places, value: Array, position: LiteralInt):
    common = _broadcast_shapes(_shapes_of(places))
    flat = _flat_indices(places, common)
    rest = view.shape[len(places) :]
    n = _product(common)
    nb = len(common)
    # The value broadcasts against the result's shape; then the axes of the indices come first, as one.
    spread = broadcast_to(value, rest[:position] + common + rest[position:])
    s = spread.strides[position : position + nb] + spread.strides[:position] + spread.strides[position + nb :]
    moved = strided_view(spread, spread.dtype, 0, common + rest, s)
    rows = packed_view(moved.copy(), moved.dtype, 0, (n,) + rest)
    _check_all(flat, n, view.shape)
    for k in range(n):
        if len(places) == view.ndim:
            view[_at(flat, k, view.shape)] = rows[k]
        else:
            view[_at(flat, k, view.shape) + (...,)] = rows[k, ...]


def _taken(i, n, axis, mode):
    """An index by the mode: 0 raise, 1 wrap, 2 clip."""
    if mode == 1:
        return i % n
    if mode == 2:
        return min(max(i, 0), n - 1)
    if i < -n or i >= n:
        raise IndexError(f"index {i} is out of bounds for axis {axis} with size {n}")
    return i + n if i < 0 else i


def _mode(mode: LiteralStr):
    if mode == "raise":
        return 0
    if mode == "wrap":
        return 1
    if mode == "clip":
        return 2
    raise ValueError(f"clipmode must be one of 'clip', 'raise', or 'wrap' (got '{mode}')")


def _take_along(a, places, i, mode):
    """For each index the elements of a along axis i, the axes of the indices in its place."""
    outer = 1
    for k in range(i):
        outer *= a.shape[k]
    n = a.shape[i]
    inner = 1
    for k in range(i + 1, a.ndim):
        inner *= a.shape[k]
    x = packed_view(_flat(a), a.dtype, 0, (outer, n, inner))
    at = _flat(places)
    if n == 0 and at.shape[0] > 0:
        raise IndexError("cannot do a non-empty take from an empty axes.")
    moved = np.empty(places.shape + tuple_drop(a.shape, i), a.dtype)
    r = packed_view(moved, a.dtype, 0, (at.shape[0], outer, inner))
    for k in range(at.shape[0]):
        j = _taken(np.int64(at[k]), n, i, mode)
        for o in range(outer):
            for p in range(inner):
                r[k, o, p] = x[o, j, p]
    return moved


def _move_front(r, count: LiteralInt, i):
    """The first `count` axes moved behind the i that follow them."""
    if count == 0:
        return r
    return _move_front(np.moveaxis(r, count - 1, count - 1 + i), count - 1, i)


@overload(np.take)
@overload("method:array.take")
def take(a: Array, indices: Array):
    """Elements by flat index or along an axis.

    >>> np.take(a, i)
    >>> np.take(m, i % 3, axis=1)
    >>> a.take(i)
    >>> np.take(a, 99, mode="clip")
    """
    return _take_along(_flat(a), indices, 0, 0)


@overload(np.take)
@overload("method:array.take")
def take_one(a: Array, indices: Whole):
    return _flat(a)[_taken(indices, a.size, 0, 0)]


@overload(np.take)
@overload("method:array.take")
def take_tuple(a: Array, indices: Tuple | List):
    return _take_along(_flat(a), np.array(indices), 0, 0)


@overload(np.take)
@overload("method:array.take")
def take_over(
    a: Array,
    indices: Whole | Array | Tuple | List,
    axis: Whole | NoneType = None,
    out: Array | NoneType = None,
    mode: LiteralStr = "raise",
):
    places = np.asarray(indices)
    if axis is None:
        r = _take_along(_flat(a), places, 0, _mode(mode))
    else:
        i = _axis(axis, a.ndim)
        r = _move_front(_take_along(a, places, i, _mode(mode)), places.ndim, i)
    if out is None:
        if r.ndim == 0:
            return r[()]
        return r
    else:
        out[...] = r
        return out


def _held(condition, n, axis):
    """The indices up to n at which a condition holds."""
    count = 0
    for i in range(condition.shape[0]):
        if condition[i]:
            if i >= n:
                raise IndexError(f"index {i} is out of bounds for axis {axis} with size {n}")
            count += 1
    places = np.empty((count,), np.int64)
    count = 0
    for i in range(condition.shape[0]):
        if condition[i]:
            places[count] = i
            count += 1
    return places


@overload(np.compress)
def compress(condition: Array1, a: Array, axis: NoneType = None, out: Array | NoneType = None):
    """The slices where a condition holds.

    >>> np.compress(a > 0.5, a)
    >>> np.compress((True, False, True), m, axis=0)
    """
    r = _take_along(_flat(a), _held(condition, a.size, 0), 0, 0)
    if out is None:
        return r
    else:
        out[...] = r
        return out


@overload(np.compress)
def compress_axis(condition: Array1, a: Array, axis: Whole, out: Array | NoneType = None):
    i = _axis(axis, a.ndim)
    r = _move_front(_take_along(a, _held(condition, a.shape[i], i), i, 0), 1, i)
    if out is None:
        return r
    else:
        out[...] = r
        return out


@overload("method:array.compress")
def compress_method(a: Array, condition: Array1, axis: Whole | NoneType = None, out: Array | NoneType = None):
    """The slices where a condition holds.

    >>> a.compress(a > 0.5)
    """
    return np.compress(condition, a, axis, out)


@overload(np.extract)
def extract(condition: Array, a: Array):
    """The elements where a condition holds.

    >>> np.extract(a > 0.5, a)
    """
    return compress(_flat(condition), a)
