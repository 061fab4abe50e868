"""Choosing among arrays, and setting chosen elements: select, choose, piecewise, put, place, putmask, copyto."""

import numpy as np
from cantil.library import cast, is_class, is_readonly, overload, promote, type_of

from .shapes import _axis, _broadcast_shapes, _flat, _shapes_of


def _arrays(items):
    if len(items) == 0:
        return ()
    return (np.asarray(items[0]),) + _arrays(items[1:])


def _strong_zero(arrays):
    if len(arrays) == 1:
        return cast(0, arrays[0].dtype)
    return cast(0, promote(arrays[0].dtype, type_of(_strong_zero(arrays[1:]))))


def _with_default(zero, default):
    """A Python number has a kind, but no width."""
    if isinstance(default, np.ndarray):
        return cast(0, promote(type_of(zero), default.dtype))
    if is_class(type_of(default), "Whole"):
        if is_class(type_of(zero), "Boolean"):
            return cast(0, type_of(default))
        return zero
    if is_class(type_of(default), "Float"):
        if is_class(type_of(zero), "Whole"):
            return cast(0, np.float64)
        return zero
    return cast(0, promote(type_of(zero), type_of(default)))


def _choose_first(r, conditions, choices):
    """Later choices are written first, so that earlier ones hold."""
    if len(conditions) > 0:
        _choose_first(r, conditions[1:], choices[1:])
        if not is_class(conditions[0].dtype, "Boolean"):
            raise TypeError("invalid entry in condlist: should be boolean ndarray")
        r[...] = np.where(conditions[0], choices[0], r)


@overload(np.select)
def select(condlist: Tuple, choicelist: Tuple, default: Number | Array = 0):
    """Elements of the first array whose condition holds.

    >>> np.select([a > 1.0, a > 0.0], [a, -a], 7.0)
    """
    if len(condlist) != len(choicelist):
        raise ValueError("list of cases must be same length as list of conditions")
    if len(condlist) == 0:
        raise ValueError("select with an empty condition list is not possible")
    conditions = _arrays(condlist)
    choices = _arrays(choicelist)
    zero = _with_default(_strong_zero(choices), default)
    r = np.empty(_broadcast_shapes(_shapes_of(conditions) + _shapes_of(choices)), type_of(zero))
    r[...] = default
    _choose_first(r, conditions, choices)
    return r


@overload(np.select)
def select_lists(condlist: List, choicelist: List, default: Number | Array = 0):
    if len(condlist) != len(choicelist):
        raise ValueError("list of cases must be same length as list of conditions")
    if len(condlist) == 0:
        raise ValueError("select with an empty condition list is not possible")
    zero = _with_default(cast(0, np.asarray(choicelist[0]).dtype), default)
    r = np.empty(np.broadcast_shapes(condlist[0].shape, np.asarray(choicelist[0]).shape), type_of(zero))
    r[...] = default
    for k in range(len(condlist) - 1, -1, -1):
        r[...] = np.where(condlist[k], choicelist[k], r)
    return r


def _index(i, n, mode: LiteralStr):
    if mode == "wrap":
        return i % n
    if mode == "clip":
        return min(max(i, 0), n - 1)
    if i < 0 or i >= n:
        raise ValueError("invalid entry in choice array")
    return i


def _pick(flat, which, k, zero):
    if len(flat) == 1:
        return cast(flat[0][k], type_of(zero))
    if which == 0:
        return cast(flat[0][k], type_of(zero))
    return _pick(flat[1:], which - 1, k, zero)


def _spread(arrays, shape):
    if len(arrays) == 0:
        return ()
    return (_flat(np.broadcast_to(arrays[0], shape)),) + _spread(arrays[1:], shape)


@overload(np.choose)
@overload("method:array.choose")
def choose(a: Array, choices: Tuple, out: Array | NoneType = None, mode: LiteralStr = "raise"):
    """Elements of the array whose number `a` gives.

    >>> np.choose(i % 2, [i, -i])
    """
    if not is_class(a.dtype, "Whole"):
        raise TypeError(
            "Cannot cast array data from dtype('float64') to dtype('int64') according to the rule 'safe'"
        )
    arrays = _arrays(choices)
    zero = _strong_zero(arrays)
    shape = _broadcast_shapes((a.shape,) + _shapes_of(arrays))
    which = _flat(np.broadcast_to(a, shape))
    flat = _spread(arrays, shape)
    r = np.empty(shape, type_of(zero))
    each = _flat(r)
    for k in range(each.shape[0]):
        each[k] = _pick(flat, _index(np.int64(which[k]), len(choices), mode), k, zero)
    if out is None:
        return r
    else:
        out[...] = r
        return out


@overload(np.choose)
@overload("method:array.choose")
def choose_rows(a: Array, choices: Array, out: Array | NoneType = None, mode: LiteralStr = "raise"):
    n = choices.shape[0]
    shape = np.broadcast_shapes(a.shape, choices.shape[1:])
    which = _flat(np.broadcast_to(a, shape))
    r = np.empty(shape, choices.dtype)
    each = _flat(r)
    for k in range(each.shape[0]):
        row = _flat(np.broadcast_to(choices[_index(np.int64(which[k]), n, mode), ...], shape))
        each[k] = row[k]
    if out is None:
        return r
    else:
        out[...] = r
        return out


# Setting


def _place_index(i, n, mode: LiteralStr):
    if mode == "wrap":
        return i % n
    if mode == "clip":
        return min(max(i, 0), n - 1)
    if i < -n or i >= n:
        raise IndexError(f"index {i} is out of bounds for axis 0 with size {n}")
    return i + n if i < 0 else i


@overload(np.put)
@overload("method:array.put")
def put(a: Array, ind: Array | Whole, v: Number | Array, mode: LiteralStr = "raise"):
    """Sets elements by their flat indices.

    >>> np.put(a, i, 9.0)
    >>> a.put((1, 2), (8.0, 9.0))
    """
    if is_readonly(a):
        raise ValueError("put: output array is read-only")
    else:
        places = _flat(np.asarray(ind))
        values = _flat(np.asarray(v))
        n = a.size
        m = values.shape[0]
        if m > 0:
            if n == 0 and places.shape[0] > 0:
                raise IndexError("cannot replace elements of an empty array")
            for k in range(places.shape[0]):
                a.flat[_place_index(np.int64(places[k]), n, mode)] = cast(values[k % m], a.dtype)


@overload(np.place)
def place(arr: Array, mask: Array, vals: Number | Array):
    """Sets the elements where a mask holds, one value after another.

    >>> np.place(a, a > 1.0, (8.0, 9.0))
    """
    if is_readonly(arr):
        raise ValueError("place: output array is read-only")
    else:
        if mask.size != arr.size:
            raise ValueError("place: mask and data must be the same size")
        values = _flat(np.asarray(vals))
        keep = _flat(mask)
        n = values.shape[0]
        at = 0
        for k in range(keep.shape[0]):
            if keep[k]:
                if n == 0:
                    raise ValueError("Cannot insert from an empty array!")
                arr.flat[k] = cast(values[at % n], arr.dtype)
                at += 1


@overload(np.putmask)
def putmask(a: Array, mask: Array, values: Number | Array):
    """Sets the elements where a mask holds, each to the value at its own place.

    >>> np.putmask(a, a > 1.0, b)
    """
    if is_readonly(a):
        raise ValueError("putmask: output array is read-only")
    else:
        if mask.size != a.size:
            raise ValueError("putmask: mask and data must be the same size")
        given = _flat(np.asarray(values))
        keep = _flat(mask)
        n = given.shape[0]
        if n > 0:
            for k in range(keep.shape[0]):
                if keep[k]:
                    a.flat[k] = cast(given[k % n], a.dtype)


@overload(np.copyto)
def copyto(
    dst: Array, src: Number | Array, casting: LiteralStr = "same_kind", where: Array | LiteralBool = True
):
    """Copies into an array, where a mask holds.

    >>> np.copyto(a, b)
    >>> np.copyto(a, 1.0, where=a > 0.0)
    """
    if where is True:
        dst[...] = src
    elif where is False:
        pass
    else:
        mask = np.broadcast_to(where, dst.shape)
        dst[...] = np.where(mask, src, dst)


@overload(np.put_along_axis)
def put_along_axis(arr: Array, indices: Array, values: Number | Array, axis: Whole):
    """Sets elements by an array of indices along an axis.

    >>> np.put_along_axis(m, np.argmax(m, axis=1, keepdims=True), 9.0, 1)
    """
    if arr.ndim != indices.ndim:
        raise ValueError("`indices` and `arr` must have the same number of dimensions")
    i = _axis(axis, arr.ndim)
    v = np.broadcast_to(np.asarray(values), indices.shape)
    _put_lanes(np.moveaxis(arr, i, -1), np.moveaxis(indices, i, -1), np.moveaxis(v, i, -1))


def _put_lanes(a, at, v):
    n = a.shape[-1]
    for k in range(at.shape[0]):
        if a.ndim == 1:
            j = np.int64(at[k])
            if j < -n or j >= n:
                raise IndexError(f"index {j} is out of bounds for axis 0 with size {n}")
            a[j + n if j < 0 else j] = v[k]
        else:
            if a.shape[0] != at.shape[0] and at.shape[0] != 1:
                raise IndexError("shape mismatch: indexing arrays could not be broadcast together")
            _put_lanes(a[k, ...], at[k, ...], v[k, ...])
