"""Reductions over several axes, with out=, initial=, where= and keepdims of whole arrays.

The axes that are reduced become one, the last; the rest is reductions.py's."""

import math

import numpy as np
from cantil.library import cast, is_class, overload, packed_view, strided_view, tuple_drop, tuple_set, type_of

from .reductions import (
    _and,
    _arg,
    _count,
    _cumulate,
    _fold,
    _fold_first,
    _greatest,
    _is_nan,
    _least,
    _mean,
    _or,
    _plus,
    _spread,
    _start,
    _times,
    _zero_of_mean,
)
from .shapes import _axis, _flat, _product


def _normal(axes, ndim):
    """The axes counted from the front, each once."""
    if len(axes) == 0:
        return ()
    rest = _normal(axes[1:], ndim)
    i = _axis(axes[0], ndim)
    if len(rest) > 0:
        for k in range(len(rest)):
            if rest[k] == i:
                raise ValueError("duplicate value in 'axis'")
    return (i,) + rest


def _ascending(axes):
    for i in range(1, len(axes)):
        for k in range(i):
            if axes[k] > axes[i]:
                a = axes[k]
                b = axes[i]
                axes = tuple_set(tuple_set(axes, k, b), i, a)
    return axes


def _without(t, axes):
    """`t` without the items at the ascending positions `axes`."""
    if len(axes) == 0:
        return t
    return _without(tuple_drop(t, axes[-1]), axes[:-1])


def _picked(t, axes):
    if len(axes) == 0:
        return ()
    return (t[axes[0]],) + _picked(t, axes[1:])


def _axes_of(axis, ndim: LiteralInt):
    """axis= as a tuple of ascending axes."""
    if axis is None:
        return _all_axes(ndim)
    elif isinstance(axis, tuple):
        return _ascending(_normal(axis, ndim))
    else:
        return (_axis(axis, ndim),)


def _all_axes(n: LiteralInt):
    if n == 0:
        return ()
    return _all_axes(n - 1) + (n - 1,)


def _merged(a, axis):
    """`a` in C order with the axes that are reduced as one, the last."""
    if axis is None:
        return _flat(a)
    else:
        axes = _axes_of(axis, a.ndim)
        rest = _without(a.shape, axes)
        own = _picked(a.shape, axes)
        strides = _without(a.strides, axes) + _picked(a.strides, axes)
        moved = strided_view(a, a.dtype, 0, rest + own, strides)
        return packed_view(_flat(moved), a.dtype, 0, rest + (_product(own),))


def _kept_shape(shape, axes):
    if len(axes) == 0:
        return shape
    return _kept_shape(tuple_set(shape, axes[0], 1), axes[1:])


def _finish(r, a, axis, keepdims: LiteralBool, out):
    """The result r (a number, or a packed array) in the shape that keepdims asks for, put into `out`."""
    if isinstance(r, np.ndarray):
        if keepdims:
            return _deliver(packed_view(r, r.dtype, 0, _kept_shape(a.shape, _axes_of(axis, a.ndim))), out)
        else:
            return _deliver(r, out)
    else:
        if keepdims:
            kept = np.empty(_kept_shape(a.shape, _axes_of(axis, a.ndim)), type_of(r))
            kept[...] = r
            return _deliver(kept, out)
        else:
            return _deliver_number(r, out)


def _deliver(r, out):
    if out is None:
        if r.ndim == 0:
            return r[()]
        return r
    else:
        if out.ndim != r.ndim:
            raise ValueError(
                "output parameter for reduction operation has the wrong number of dimensions: "
                f"Found {out.ndim} but expected {r.ndim}"
            )
        if out.ndim > 0:
            if out.shape != r.shape:
                raise ValueError(
                    "output parameter for reduction operation has a non-reduction dimension not equal to the "
                    "input one."
                )
        out[...] = r
        return out


def _deliver_number(r, out):
    if out is None:
        return r
    else:
        if out.ndim != 0:
            raise ValueError(
                "output parameter for reduction operation has the wrong number of dimensions: "
                f"Found {out.ndim} but expected 0"
            )
        out[...] = r
        return out


def _masked(a, where, fill):
    """`a` with `fill` where the mask does not hold."""
    if isinstance(where, np.ndarray):
        return np.where(np.broadcast_to(where, a.shape), a, fill)
    else:
        if where:
            return a.copy()
        return np.full(a.shape, fill)


def _masks(where):
    """Whether where= leaves anything out."""
    return not (where is True)


def _last(m):
    return m.ndim - 1


def _from(r, initial, step):
    """step(initial, r), elementwise."""
    if initial is None:
        return r
    else:
        if isinstance(r, np.ndarray):
            flat = packed_view(r, r.dtype, 0, (r.size,))
            for i in range(flat.shape[0]):
                flat[i] = step(cast(initial, r.dtype), flat[i])
            return r
        else:
            return step(cast(initial, type_of(r)), r)


@overload(np.sum)
@overload("method:array.sum")
def sum_over(
    a: Array,
    axis: Whole | Tuple | NoneType = None,
    dtype: Type | NoneType = None,
    out: Array | NoneType = None,
    keepdims: LiteralBool = False,
    initial: Number | NoneType = None,
    where: Array | LiteralBool = True,
):
    if where is True:
        m = _merged(a, axis)
    else:
        m = _merged(_masked(a, where, cast(0, a.dtype)), axis)
    r = _fold(m, _last(m), False, _start(a, dtype, 0), _plus)
    return _finish(_from(r, initial, _plus), a, axis, keepdims, out)


@overload(np.prod)
@overload("method:array.prod")
def prod_over(
    a: Array,
    axis: Whole | Tuple | NoneType = None,
    dtype: Type | NoneType = None,
    out: Array | NoneType = None,
    keepdims: LiteralBool = False,
    initial: Number | NoneType = None,
    where: Array | LiteralBool = True,
):
    if where is True:
        m = _merged(a, axis)
    else:
        m = _merged(_masked(a, where, cast(1, a.dtype)), axis)
    r = _fold(m, _last(m), False, _start(a, dtype, 1), _times)
    return _finish(_from(r, initial, _times), a, axis, keepdims, out)


def _extreme(a, axis, out, keepdims: LiteralBool, initial, where, step, name: LiteralStr):
    if where is True:
        m = _merged(a, axis)
    else:
        if initial is None:
            raise ValueError(
                f"reduction operation '{name}' does not have an identity, so to use a where mask one has to "
                "specify 'initial'"
            )
        else:
            m = _merged(_masked(a, where, cast(initial, a.dtype)), axis)
    if initial is None:
        if m.shape[-1] == 0 and _product(m.shape[:-1]) > 0:
            raise ValueError(f"zero-size array to reduction operation {name} which has no identity")
        return _finish(_fold_first(m, _last(m), False, step), a, axis, keepdims, out)
    else:
        r = _fold(m, _last(m), False, cast(initial, a.dtype), step)
        return _finish(r, a, axis, keepdims, out)


@overload(np.min)
@overload("method:array.min")
def min_over(
    a: Array,
    axis: Whole | Tuple | NoneType = None,
    out: Array | NoneType = None,
    keepdims: LiteralBool = False,
    initial: Number | NoneType = None,
    where: Array | LiteralBool = True,
):
    return _extreme(a, axis, out, keepdims, initial, where, _least, "minimum")


@overload(np.max)
@overload("method:array.max")
def max_over(
    a: Array,
    axis: Whole | Tuple | NoneType = None,
    out: Array | NoneType = None,
    keepdims: LiteralBool = False,
    initial: Number | NoneType = None,
    where: Array | LiteralBool = True,
):
    return _extreme(a, axis, out, keepdims, initial, where, _greatest, "maximum")


@overload(np.any)
@overload("method:array.any")
def any_over(
    a: Array,
    axis: Whole | Tuple | NoneType = None,
    out: Array | NoneType = None,
    keepdims: LiteralBool = False,
    where: Array | LiteralBool = True,
):
    if where is True:
        m = _merged(a, axis)
    else:
        m = _merged(_masked(a, where, cast(0, a.dtype)), axis)
    return _finish(_fold(m, _last(m), False, cast(0, np.bool_), _or), a, axis, keepdims, out)


@overload(np.all)
@overload("method:array.all")
def all_over(
    a: Array,
    axis: Whole | Tuple | NoneType = None,
    out: Array | NoneType = None,
    keepdims: LiteralBool = False,
    where: Array | LiteralBool = True,
):
    if where is True:
        m = _merged(a, axis)
    else:
        m = _merged(_masked(a, where, cast(1, a.dtype)), axis)
    return _finish(_fold(m, _last(m), False, cast(1, np.bool_), _and), a, axis, keepdims, out)


@overload(np.count_nonzero)
def count_nonzero_over(a: Array, axis: Whole | Tuple | NoneType = None, keepdims: LiteralBool = False):
    m = _merged(a, axis)
    return _finish(_fold(m, _last(m), False, cast(0, np.int64), _count), a, axis, keepdims, None)


# Means and deviations


def _kept_rows(a, where):
    """The mask of a.shape as an array of bool."""
    if isinstance(where, np.ndarray):
        return np.broadcast_to(where, a.shape).copy()
    else:
        return np.full(a.shape, where)


def _mean_where(m, mask, start):
    """The means of the rows' elements that the mask keeps."""
    T = type_of(start)
    r = np.empty(m.shape[:-1], T)
    rows = packed_view(m, m.dtype, 0, (r.size, m.shape[-1]))
    keep = packed_view(mask, np.bool_, 0, (r.size, m.shape[-1]))
    out = packed_view(r, T, 0, (r.size,))
    for i in range(rows.shape[0]):
        total = start
        n = 0
        for k in range(rows.shape[1]):
            if keep[i, k]:
                total = cast(total + cast(rows[i, k], T), T)
                n += 1
        out[i] = cast(math.nan, T) if n == 0 else cast(total / cast(n, T), T)
    return r


def _of_kept(m, mask, i):
    n = 0
    for k in range(m.shape[1]):
        if mask[i, k]:
            n += 1
    r = np.empty((n,), m.dtype)
    n = 0
    for k in range(m.shape[1]):
        if mask[i, k]:
            r[n] = m[i, k]
            n += 1
    return r


@overload(np.mean)
@overload("method:array.mean")
def mean_over(
    a: Array,
    axis: Whole | Tuple | NoneType = None,
    dtype: Type | NoneType = None,
    out: Array | NoneType = None,
    keepdims: LiteralBool = False,
    where: Array | LiteralBool = True,
):
    start = _zero_of_mean(a.dtype) if dtype is None else cast(0, dtype)
    m = _merged(a, axis)
    if where is True:
        return _finish(_mean(m, _last(m), False, start), a, axis, keepdims, out)
    else:
        return _finish(_mean_where(m, _merged(_kept_rows(a, where), axis), start), a, axis, keepdims, out)


def _spread_over(a, axis, dtype, out, ddof, keepdims: LiteralBool, where, root: LiteralBool):
    if dtype is None:
        m = _merged(a, axis)
        return _spread_of(m, a, axis, out, ddof, keepdims, where, root)
    else:
        m = _merged(a.astype(dtype), axis)
        return _spread_of(m, a, axis, out, ddof, keepdims, where, root)


def _spread_of(m, a, axis, out, ddof, keepdims: LiteralBool, where, root: LiteralBool):
    if where is True:
        return _finish(_spread(m, _last(m), False, ddof, root), a, axis, keepdims, out)
    else:
        mask = _merged(_kept_rows(a, where), axis)
        n = m.shape[-1]
        count = _product(m.shape[:-1])
        rows = packed_view(m, m.dtype, 0, (count, n))
        keep = packed_view(mask, np.bool_, 0, (count, n))
        r = np.empty(m.shape[:-1], type_of(_spread(rows[0], 0, False, ddof, root)))
        each = packed_view(r, r.dtype, 0, (count,))
        for i in range(count):
            each[i] = _spread(_of_kept(rows, keep, i), 0, False, ddof, root)
        return _finish(r, a, axis, keepdims, out)


def _freedom(ddof, correction):
    if correction is None:
        return ddof
    else:
        return correction


@overload(np.var)
@overload("method:array.var")
def var_over(
    a: Array,
    axis: Whole | Tuple | NoneType = None,
    dtype: Type | NoneType = None,
    out: Array | NoneType = None,
    ddof: Real = 0,
    keepdims: LiteralBool = False,
    where: Array | LiteralBool = True,
    correction: Real | NoneType = None,
):
    return _spread_over(a, axis, dtype, out, _freedom(ddof, correction), keepdims, where, False)


@overload(np.std)
@overload("method:array.std")
def std_over(
    a: Array,
    axis: Whole | Tuple | NoneType = None,
    dtype: Type | NoneType = None,
    out: Array | NoneType = None,
    ddof: Real = 0,
    keepdims: LiteralBool = False,
    where: Array | LiteralBool = True,
    correction: Real | NoneType = None,
):
    return _spread_over(a, axis, dtype, out, _freedom(ddof, correction), keepdims, where, True)


# Where the extremes are; differences; cumulative


@overload(np.argmin)
@overload("method:array.argmin")
def argmin_over(
    a: Array, axis: Whole | NoneType = None, out: Array | NoneType = None, keepdims: LiteralBool = False
):
    m = _merged(a, axis)
    return _finish(_arg(m, _last(m), False, False), a, axis, keepdims, out)


@overload(np.argmax)
@overload("method:array.argmax")
def argmax_over(
    a: Array, axis: Whole | NoneType = None, out: Array | NoneType = None, keepdims: LiteralBool = False
):
    m = _merged(a, axis)
    return _finish(_arg(m, _last(m), False, True), a, axis, keepdims, out)


@overload(np.ptp)
def ptp_over(
    a: Array,
    axis: Whole | Tuple | NoneType = None,
    out: Array | NoneType = None,
    keepdims: LiteralBool = False,
):
    m = _merged(a, axis)
    return _finish(np.ptp(m, _last(m)), a, axis, keepdims, out)


def _cumulate_over(a, axis, start, step, out):
    if axis is None:
        return _deliver_whole(_cumulate(_flat(a), 0, start, step), out)
    else:
        return _deliver_whole(_cumulate(a, axis, start, step), out)


def _deliver_whole(r, out):
    if out is None:
        return r
    else:
        out[...] = r
        return out


@overload(np.cumsum)
@overload("method:array.cumsum")
def cumsum_over(
    a: Array, axis: Whole | NoneType = None, dtype: Type | NoneType = None, out: Array | NoneType = None
):
    return _cumulate_over(a, axis, _start(a, dtype, 0), _plus, out)


@overload(np.cumprod)
@overload("method:array.cumprod")
def cumprod_over(
    a: Array, axis: Whole | NoneType = None, dtype: Type | NoneType = None, out: Array | NoneType = None
):
    return _cumulate_over(a, axis, _start(a, dtype, 1), _times, out)


# For functions that take one row at a time


def _each_row(a, axis, keepdims: LiteralBool, out, f, extra):
    """f(row, extra) of each lane along the axes."""
    m = _merged(a, axis)
    if m.ndim == 1:
        return _finish(f(m, extra), a, axis, keepdims, out)
    else:
        count = _product(m.shape[:-1])
        rows = packed_view(m, m.dtype, 0, (count, m.shape[-1]))
        r = np.empty(m.shape[:-1], type_of(f(rows[0], extra)))
        each = packed_view(r, r.dtype, 0, (count,))
        for i in range(count):
            each[i] = f(rows[i], extra)
        return _finish(r, a, axis, keepdims, out)


def _any_nan(x):
    for i in range(x.shape[0]):
        if _is_nan(x[i]):
            return True
    return False


def _is_float(T):
    return is_class(T, "Float") or is_class(T, "Complex")
