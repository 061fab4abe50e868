"""Reductions without NaN along axes, with keepdims, out=, dtype= and where=."""

import math

import numpy as np
from cantil.library import cast, is_class, overload, type_of

from .nan_reductions import _plus_known, _times_known, nanargmax, nanargmin, nanmax, nanmean, nanmin
from .reductions import _fold, _is_nan, _start, std_all, var_all
from .reductions_axes import _deliver_whole, _each_row, _finish, _from, _last, _masked, _merged


def _nan_of(T):
    """What counts as left out: NaN, which integers do not have."""
    if is_class(T, "Whole"):
        return cast(0, T)
    return cast(math.nan, T)


@overload(np.nansum)
def nansum_over(
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
    r = _fold(m, _last(m), False, _start(a, dtype, 0), _plus_known)
    return _finish(_from(r, initial, _plus_known), a, axis, keepdims, out)


@overload(np.nanprod)
def nanprod_over(
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
    r = _fold(m, _last(m), False, _start(a, dtype, 1), _times_known)
    return _finish(_from(r, initial, _times_known), a, axis, keepdims, out)


def _min_row(row, extra):
    return nanmin(row)


def _max_row(row, extra):
    return nanmax(row)


def _mean_row(row, extra):
    return nanmean(row)


def _argmin_row(row, extra):
    return nanargmin(row)


def _argmax_row(row, extra):
    return nanargmax(row)


def _known_of(row):
    n = 0
    for i in range(row.shape[0]):
        if not _is_nan(row[i]):
            n += 1
    r = np.empty((n,), row.dtype)
    n = 0
    for i in range(row.shape[0]):
        if not _is_nan(row[i]):
            r[n] = row[i]
            n += 1
    return r


def _var_row(row, ddof):
    known = _known_of(row)
    if known.shape[0] - ddof <= 0:
        return cast(math.nan, type_of(var_all(known)))
    return var_all(known, None, None, None, ddof)


def _std_row(row, ddof):
    known = _known_of(row)
    if known.shape[0] - ddof <= 0:
        return cast(math.nan, type_of(std_all(known)))
    return std_all(known, None, None, None, ddof)


@overload(np.nanmin)
def nanmin_over(
    a: Array,
    axis: Whole | Tuple | NoneType = None,
    out: Array | NoneType = None,
    keepdims: LiteralBool = False,
):
    return _each_row(a, axis, keepdims, out, _min_row, None)


@overload(np.nanmax)
def nanmax_over(
    a: Array,
    axis: Whole | Tuple | NoneType = None,
    out: Array | NoneType = None,
    keepdims: LiteralBool = False,
):
    return _each_row(a, axis, keepdims, out, _max_row, None)


@overload(np.nanmean)
def nanmean_over(
    a: Array,
    axis: Whole | Tuple | NoneType = None,
    dtype: Type | NoneType = None,
    out: Array | NoneType = None,
    keepdims: LiteralBool = False,
    where: Array | LiteralBool = True,
):
    x = _kept(a, dtype, where)
    return _each_row(x, axis, keepdims, out, _mean_row, None)


def _kept(a, dtype, where):
    """`a` as dtype, NaN where the mask leaves out."""
    if dtype is None:
        if where is True:
            return a
        else:
            return _masked(a, where, _nan_of(a.dtype))
    else:
        if where is True:
            return a.astype(dtype)
        else:
            return _masked(a.astype(dtype), where, _nan_of(dtype))


@overload(np.nanvar)
def nanvar_over(
    a: Array,
    axis: Whole | Tuple | NoneType = None,
    dtype: Type | NoneType = None,
    out: Array | NoneType = None,
    ddof: Real = 0,
    keepdims: LiteralBool = False,
    where: Array | LiteralBool = True,
):
    return _each_row(_kept(a, dtype, where), axis, keepdims, out, _var_row, ddof)


@overload(np.nanstd)
def nanstd_over(
    a: Array,
    axis: Whole | Tuple | NoneType = None,
    dtype: Type | NoneType = None,
    out: Array | NoneType = None,
    ddof: Real = 0,
    keepdims: LiteralBool = False,
    where: Array | LiteralBool = True,
):
    return _each_row(_kept(a, dtype, where), axis, keepdims, out, _std_row, ddof)


@overload(np.nanargmin)
def nanargmin_over(
    a: Array, axis: Whole | NoneType = None, out: Array | NoneType = None, keepdims: LiteralBool = False
):
    return _each_row(a, axis, keepdims, out, _argmin_row, None)


@overload(np.nanargmax)
def nanargmax_over(
    a: Array, axis: Whole | NoneType = None, out: Array | NoneType = None, keepdims: LiteralBool = False
):
    return _each_row(a, axis, keepdims, out, _argmax_row, None)


@overload(np.nancumsum)
def nancumsum_over(
    a: Array, axis: Whole | NoneType = None, dtype: Type | NoneType = None, out: Array | NoneType = None
):
    return _deliver_whole(np.cumsum(np.where(np.isnan(a), cast(0, a.dtype), a), axis, dtype), out)


@overload(np.nancumprod)
def nancumprod_over(
    a: Array, axis: Whole | NoneType = None, dtype: Type | NoneType = None, out: Array | NoneType = None
):
    return _deliver_whole(np.cumprod(np.where(np.isnan(a), cast(1, a.dtype), a), axis, dtype), out)
