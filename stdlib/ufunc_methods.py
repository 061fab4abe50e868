"""The methods of ufuncs: reduce, accumulate, reduceat, outer, at. Each gets the ufunc's name and the ufunc."""

import math

import numpy as np
from cantil.library import (
    cast,
    is_class,
    is_readonly,
    overload,
    packed_view,
    type_of,
    ufunc_accumulate,
    ufunc_at,
    ufunc_outer,
    ufunc_reduce,
    ufunc_reduceat,
)

from .reductions import _lanes, _zero_of_sum
from .reductions_axes import _finish, _masked, _merged
from .shapes import _axis, _flat


def _starts_with(name: LiteralStr):
    """Whether the ufunc has an identity, so that a reduction of nothing has a value."""
    return (
        name == "add"
        or name == "multiply"
        or name == "logical_and"
        or name == "logical_or"
        or name == "logical_xor"
        or name == "bitwise_or"
        or name == "bitwise_xor"
        or name == "bitwise_and"
        or name == "hypot"
        or name == "logaddexp"
        or name == "logaddexp2"
        or name == "gcd"
    )


def _identity(name: LiteralStr, T):
    if name == "multiply" or name == "logical_and":
        return cast(1, T)
    if name == "bitwise_and":
        return cast(1, T) if is_class(T, "Boolean") else cast(-1, T)
    if name == "logaddexp" or name == "logaddexp2":
        return cast(-math.inf, T)
    return cast(0, T)


def _zero_of_step(name: LiteralStr, f, T):
    """The 0 of the type in which elements of T are put together."""
    if name == "add" or name == "multiply":
        return _zero_of_sum(T)
    return cast(0, type_of(f(cast(1, T), cast(1, T))))


def _step(f, so_far, x):
    T = type_of(so_far)
    return cast(f(so_far, cast(x, T)), T)


def _reduce_lanes(name: LiteralStr, f, m, zero, initial):
    """Each row (the last axis) put together by f from `initial`, the identity or the row's first element."""
    T = type_of(zero)
    n = m.shape[-1]
    r = np.empty(m.shape[:-1], T)
    rows = packed_view(m, m.dtype, 0, (r.size, n))
    out = packed_view(r, T, 0, (r.size,))
    for i in range(rows.shape[0]):
        if initial is not None:
            total = cast(initial, T)
            first = 0
        elif _starts_with(name):
            total = _identity(name, T)
            first = 0
        else:
            if n == 0:
                raise ValueError(f"zero-size array to reduction operation {name} which has no identity")
            total = cast(rows[i, 0], T)
            first = 1
        for k in range(first, n):
            total = _step(f, total, rows[i, k])
        out[i] = total
    return r


@overload(ufunc_reduce)
def _reduce(
    name: LiteralStr,
    f: Any,
    array: Array,
    axis: Whole | Tuple | NoneType = 0,
    dtype: Type | NoneType = None,
    out: Array | NoneType = None,
    keepdims: LiteralBool = False,
    initial: Number | NoneType = None,
    where: Array | Boolean = True,
):
    zero = _zero_of_step(name, f, array.dtype) if dtype is None else cast(0, dtype)
    if isinstance(where, np.ndarray):
        if _starts_with(name):
            m = _merged(_masked(array, where, _identity(name, array.dtype)), axis)
        else:
            if initial is None:
                raise ValueError(
                    f"reduction operation '{name}' does not have an identity, so to use a where mask one has to "
                    "specify 'initial'"
                )
            else:
                m = _merged(_masked(array, where, cast(initial, array.dtype)), axis)
    else:
        m = _merged(array, axis)
    return _finish(_reduce_lanes(name, f, m, zero, initial), array, axis, keepdims, out)


@overload(ufunc_accumulate)
def _accumulate(
    name: LiteralStr,
    f: Any,
    array: Array,
    axis: Whole = 0,
    dtype: Type | NoneType = None,
    out: Array | NoneType = None,
):
    i = _axis(axis, array.ndim)
    x = _lanes(array, i)
    zero = _zero_of_step(name, f, array.dtype) if dtype is None else cast(0, dtype)
    T = type_of(zero)
    r = np.empty(array.shape, T)
    rows = packed_view(r, T, 0, x.shape)
    for o in range(x.shape[0]):
        for j in range(x.shape[2]):
            for k in range(x.shape[1]):
                if k == 0:
                    rows[o, 0, j] = cast(x[o, 0, j], T)
                else:
                    rows[o, k, j] = _step(f, rows[o, k - 1, j], x[o, k, j])
    if out is None:
        return r
    else:
        out[...] = r
        return out


@overload(ufunc_reduceat)
def _reduceat(
    name: LiteralStr,
    f: Any,
    array: Array,
    indices: Array1,
    axis: Whole = 0,
    dtype: Type | NoneType = None,
    out: Array | NoneType = None,
):
    i = _axis(axis, array.ndim)
    x = _lanes(array, i)
    n = x.shape[1]
    zero = _zero_of_step(name, f, array.dtype) if dtype is None else cast(0, dtype)
    T = type_of(zero)
    count = indices.shape[0]
    for k in range(count):
        if indices[k] < 0 or indices[k] >= n:
            raise IndexError(f"index {indices[k]} out-of-bounds in {name}.reduceat [0, {n})")
    moved = np.moveaxis(array, i, 0)
    r = np.empty((count,) + moved.shape[1:], T)
    rows = packed_view(r, T, 0, (count, x.shape[0], x.shape[2]))
    for k in range(count):
        lo = np.int64(indices[k])
        hi = np.int64(indices[k + 1]) if k + 1 < count else n
        for o in range(x.shape[0]):
            for j in range(x.shape[2]):
                total = cast(x[o, lo, j], T)
                for p in range(lo + 1, hi):
                    total = _step(f, total, x[o, p, j])
                rows[k, o, j] = total
    given = np.moveaxis(r, 0, i)
    if out is None:
        return given
    else:
        out[...] = given
        return out


def _ones(n: LiteralInt):
    if n == 0:
        return ()
    return (1,) + _ones(n - 1)


@overload(ufunc_outer)
def _outer(name: LiteralStr, f: Any, A: Array | Number, B: Array | Number):
    if isinstance(A, np.ndarray):
        if isinstance(B, np.ndarray):
            return f(A.reshape(A.shape + _ones(B.ndim)), B)
        else:
            return f(A, B)
    else:
        return f(A, B)


@overload(ufunc_at)
def _at(name: LiteralStr, f: Any, a: Array, indices: Array | Whole | Tuple | Slice):
    if is_readonly(a):
        raise ValueError("assignment destination is read-only")
    flat = _selected(a, indices)
    for k in range(flat.shape[0]):
        p = _place(a, flat[k])
        p[()] = cast(f(p[()]), a.dtype)


@overload(ufunc_at)
def _at_values(name: LiteralStr, f: Any, a: Array, indices: Array | Whole | Tuple | Slice, b: Array | Number):
    if is_readonly(a):
        raise ValueError("assignment destination is read-only")
    places = np.arange(a.size).reshape(a.shape)[indices]
    if isinstance(places, np.ndarray):
        values = _flat(np.broadcast_to(np.asarray(b), places.shape))
        at = _flat(places)
        for k in range(at.shape[0]):
            p = _place(a, at[k])
            p[()] = cast(f(p[()], values[k]), a.dtype)
    else:
        p = _place(a, places)
        p[()] = cast(f(p[()], np.asarray(b)[()]), a.dtype)


def _selected(a, indices):
    places = np.arange(a.size).reshape(a.shape)[indices]
    if isinstance(places, np.ndarray):
        return _flat(places)
    return np.atleast_1d(places)


def _place(a, k):
    """The 0-dimensional view of element number k in C order."""
    return _place_from(a, k, a.ndim)


def _place_from(a, k, n: LiteralInt):
    if a.ndim == 0:
        return a
    rest = 1
    for i in range(1, a.ndim):
        rest *= a.shape[i]
    return _place_from(a[k // rest, ...], k % rest, n)
