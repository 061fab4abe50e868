"""Reductions that leave NaN out."""

import math

import numpy as np
from cantil.library import cast, overload

from .reductions import (
    _before,
    _cumulate,
    _fold,
    _is_nan,
    _plus,
    _start,
    _times,
    max_all,
    mean_all,
    min_all,
    std_all,
    var_all,
)
from .shapes import _flat


def _plus_known(total, x):
    return total if _is_nan(x) else _plus(total, x)


def _times_known(total, x):
    return total if _is_nan(x) else _times(total, x)


@overload(np.nancumsum)
def nancumsum(a: Array, axis: NoneType = None):
    """Sums so far, NaN as 0.

    >>> np.nancumsum(g)
    """
    return _cumulate(_flat(a), 0, _start(a, None, 0), _plus_known)


@overload(np.nancumsum)
def nancumsum_axis(a: Array, axis: Whole):
    return _cumulate(a, axis, _start(a, None, 0), _plus_known)


@overload(np.nancumprod)
def nancumprod(a: Array, axis: NoneType = None):
    """Products so far, NaN as 1.

    >>> np.nancumprod(g)
    """
    return _cumulate(_flat(a), 0, _start(a, None, 1), _times_known)


@overload(np.nancumprod)
def nancumprod_axis(a: Array, axis: Whole):
    return _cumulate(a, axis, _start(a, None, 1), _times_known)


@overload(np.nansum)
def nansum(a: Array, axis: NoneType = None):
    """The sum, NaN as 0.

    >>> np.nansum(g)
    """
    return _fold(_flat(a), 0, False, _start(a, None, 0), _plus_known)


@overload(np.nansum)
def nansum_axis(a: Array, axis: Whole, keepdims: LiteralBool = False):
    return _fold(a, axis, keepdims, _start(a, None, 0), _plus_known)


@overload(np.nanprod)
def nanprod(a: Array, axis: NoneType = None):
    """The product, NaN as 1.

    >>> np.nanprod(g)
    """
    return _fold(_flat(a), 0, False, _start(a, None, 1), _times_known)


@overload(np.nanprod)
def nanprod_axis(a: Array, axis: Whole, keepdims: LiteralBool = False):
    return _fold(a, axis, keepdims, _start(a, None, 1), _times_known)


def _known(a):
    """The elements that are not NaN, in order."""
    flat = _flat(a)
    n = 0
    for i in range(flat.shape[0]):
        if not _is_nan(flat[i]):
            n += 1
    r = np.empty((n,), a.dtype)
    n = 0
    for i in range(flat.shape[0]):
        if not _is_nan(flat[i]):
            r[n] = flat[i]
            n += 1
    return r


@overload(np.nanmin)
def nanmin(a: Array):
    """The least element that is not NaN.

    >>> np.nanmin(g)
    """
    known = _known(a)
    if known.shape[0] == 0 and a.size > 0:
        return cast(math.nan, a.dtype)
    return min_all(known)


@overload(np.nanmax)
def nanmax(a: Array):
    """The greatest element that is not NaN.

    >>> np.nanmax(g)
    """
    known = _known(a)
    if known.shape[0] == 0 and a.size > 0:
        return cast(math.nan, a.dtype)
    return max_all(known)


@overload(np.nanmean)
def nanmean(a: Array):
    """The mean of what is not NaN.

    >>> np.nanmean(g)
    """
    return mean_all(_known(a))


@overload(np.nanvar)
def nanvar(a: Array):
    """The variance of what is not NaN.

    >>> np.nanvar(g)
    """
    return var_all(_known(a))


@overload(np.nanstd)
def nanstd(a: Array):
    """The standard deviation of what is not NaN.

    >>> np.nanstd(g)
    """
    return std_all(_known(a))


def _arg_known(a, greatest: LiteralBool):
    flat = _flat(a)
    at = -1
    for i in range(flat.shape[0]):
        if not _is_nan(flat[i]) and (at < 0 or _before(flat[at], flat[i], greatest)):
            at = i
    if at < 0:
        raise ValueError("All-NaN slice encountered")
    return at


@overload(np.nanargmin)
def nanargmin(a: Array):
    """Where the least element that is not NaN is.

    >>> np.nanargmin(g)
    """
    return _arg_known(a, False)


@overload(np.nanargmax)
def nanargmax(a: Array):
    """Where the greatest element that is not NaN is.

    >>> np.nanargmax(g)
    """
    return _arg_known(a, True)
