"""np.delete and np.insert, of flat arrays and along an axis."""

import numpy as np
from cantil.library import is_class, overload, packed_view, tuple_set, type_of

from .reductions import _lanes
from .shapes import _axis, _flat
from .splitting import _cut


def _without(a, i, keep):
    """The elements of a along axis i for which `keep` holds."""
    n = 0
    for k in range(keep.shape[0]):
        if keep[k]:
            n += 1
    x = _lanes(a, i)
    r = np.empty(tuple_set(a.shape, i, n), a.dtype)
    out = packed_view(r, a.dtype, 0, (x.shape[0], n, x.shape[2]))
    for o in range(x.shape[0]):
        at = 0
        for k in range(keep.shape[0]):
            if keep[k]:
                for j in range(x.shape[2]):
                    out[o, at, j] = x[o, k, j]
                at += 1
    return r


def _checked(k, axis, n):
    if k < -n or k >= n:
        raise IndexError(f"index {k} is out of bounds for axis {axis} with size {n}")
    return k + n if k < 0 else k


def _mask(obj, axis, n):
    """Which of n elements stay."""
    keep = np.ones((n,), np.bool_)
    if isinstance(obj, np.ndarray):
        if is_class(obj.dtype, "Boolean"):
            if obj.size != n:
                raise ValueError(
                    "boolean array argument obj to delete must be one dimensional and match the axis length of "
                    f"{n}"
                )
            places = _flat(obj)
            for k in range(n):
                keep[k] = not places[k]
        else:
            places = _flat(obj)
            for k in range(places.shape[0]):
                keep[_checked(np.int64(places[k]), axis, n)] = False
    else:
        if is_class(type_of(obj), "Slice"):
            keep[obj] = False
        else:
            keep[_checked(np.int64(obj), axis, n)] = False
    return keep


@overload(np.delete)
def delete(arr: Array, obj: Whole | Slice | Array, axis: NoneType = None):
    """An array without some elements: an index, a slice, several indices or a mask; flat or along an axis.

    >>> np.delete(a, 2)
    >>> np.delete(a, i[1:3])
    >>> np.delete(m, 1, axis=0)
    >>> np.delete(a, slice(1, 3))
    """
    x = _flat(arr)
    return _without(x, 0, _mask(obj, 0, x.shape[0]))


@overload(np.delete)
def delete_axis(arr: Array, obj: Whole | Slice | Array, axis: Whole):
    i = _axis(axis, arr.ndim)
    return _without(arr, i, _mask(obj, i, arr.shape[i]))


def _least_ndim(values, n: LiteralInt):
    """`values` with axes of length 1 put before its own until it has n."""
    if values.ndim >= n:
        return values
    return _least_ndim(np.expand_dims(values, 0), n)


def _insert_one(a, i, obj, values):
    """`values`, whose first axis is the one along which they go in, before index obj of axis i."""
    n = a.shape[i]
    if obj < -n or obj > n:
        raise IndexError(f"index {obj} is out of bounds for axis {i} with size {n}")
    at = obj + n if obj < 0 else obj
    v = np.moveaxis(_least_ndim(values, a.ndim), 0, i)
    count = v.shape[i]
    r = np.empty(tuple_set(a.shape, i, n + count), a.dtype)
    _cut(r, i, 0, at)[...] = _cut(a, i, 0, at)
    _cut(r, i, at, at + count)[...] = v
    _cut(r, i, at + count, n + count)[...] = _cut(a, i, at, n)
    return r


def _insert_many(a, i, places, values):
    n = a.shape[i]
    count = places.shape[0]
    at = np.empty((count,), np.int64)
    for k in range(count):
        p = np.int64(places[k])
        if p < -n or p > n:
            raise IndexError(f"index {p} is out of bounds for axis {i} with size {n}")
        at[k] = p + n if p < 0 else p
    order = np.argsort(at, kind="mergesort")
    for k in range(count):
        at[order[k]] += k
    r = np.empty(tuple_set(a.shape, i, n + count), a.dtype)
    v = np.broadcast_to(_least_ndim(values, a.ndim), tuple_set(a.shape, i, count))
    fresh = np.zeros((n + count,), np.bool_)
    for k in range(count):
        fresh[at[k]] = True
        _cut(r, i, at[k], at[k] + 1)[...] = _cut(v, i, k, k + 1)
    old = 0
    for k in range(n + count):
        if not fresh[k]:
            _cut(r, i, k, k + 1)[...] = _cut(a, i, old, old + 1)
            old += 1
    return r


def _insert(a, i, obj, values):
    if isinstance(obj, np.ndarray):
        if is_class(obj.dtype, "Boolean"):
            return _insert_places(a, i, np.flatnonzero(obj), values)
        else:
            return _insert_places(a, i, obj, values)
    else:
        if is_class(type_of(obj), "Slice"):
            return _insert_places(a, i, np.arange(a.shape[i])[obj], values)
        else:
            return _insert_one(a, i, np.int64(obj), values)


def _insert_places(a, i, obj, values):
    if obj.ndim == 0:
        return _insert_one(a, i, np.int64(obj[()]), values)
    if obj.ndim > 1:
        raise ValueError("index array argument obj to insert must be one dimensional or scalar")
    if obj.shape[0] == 1:
        n = a.shape[i]
        at = np.int64(obj[0])
        if at < -n or at > n:
            raise IndexError(f"index {at} is out of bounds for axis {i} with size {n}")
        v = _least_ndim(values, a.ndim)
        count = v.shape[i]
        r = np.empty(tuple_set(a.shape, i, n + count), a.dtype)
        if at < 0:
            at += n
        _cut(r, i, 0, at)[...] = _cut(a, i, 0, at)
        _cut(r, i, at, at + count)[...] = v
        _cut(r, i, at + count, n + count)[...] = _cut(a, i, at, n)
        return r
    return _insert_many(a, i, obj, values)


@overload(np.insert)
def insert(arr: Array, obj: Whole | Slice | Array, values: Number | Array, axis: NoneType = None):
    """An array with values put in before an index, or before several; flat or along an axis.

    >>> np.insert(a, 2, 9.0)
    >>> np.insert(a, (1, 3), (8.0, 9.0))
    >>> np.insert(m, 1, 9.0, axis=1)
    """
    return _insert(_flat(arr), 0, obj, np.asarray(values).astype(arr.dtype))


@overload(np.insert)
def insert_axis(arr: Array, obj: Whole | Slice | Array, values: Number | Array, axis: Whole):
    return _insert(arr, _axis(axis, arr.ndim), obj, np.asarray(values).astype(arr.dtype))
