"""Medians, percentiles and quantiles, also without NaN."""

import math

import numpy as np
from cantil.library import cast, overload, packed_view, type_of

from .reductions import _give, _is_nan, _lanes, _result, _rows, _zero_of_mean
from .shapes import _axis, _flat
from .sorting import _sort_packed, _sorted_flat


def _median_of(x):
    """The median of a sorted vector, NaN when one is in it."""
    n = x.shape[0]
    zero = _zero_of_mean(x.dtype)
    T = type_of(zero)
    if n == 0 or _is_nan(x[n - 1]):
        return cast(math.nan, T)
    if n % 2 == 1:
        return cast(x[n // 2], T)
    return cast((cast(x[n // 2 - 1], T) + cast(x[n // 2], T)) / cast(2, T), T)


@overload(np.median)
def median(a: Array, axis: NoneType = None):
    """The middle of the sorted elements; the mean of the two middle ones.

    >>> np.median(a)
    """
    return _median_of(_sorted_flat(a))


@overload(np.median)
def median_axis(
    a: Array,
    axis: Whole,
    out: NoneType = None,
    overwrite_input: Boolean = False,
    keepdims: LiteralBool = False,
):
    i = _axis(axis, a.ndim)
    x = _lanes(a, i)
    r = _result(a, i, keepdims, type_of(_zero_of_mean(a.dtype)))
    rows = _rows(r, x)
    lane = np.empty((x.shape[1],), a.dtype)
    for o in range(x.shape[0]):
        for j in range(x.shape[2]):
            for k in range(x.shape[1]):
                lane[k] = x[o, k, j]
            _sort_packed(lane)
            rows[o, j] = _median_of(lane)
    return _give(r)


def _quantile_of(x, q):
    """Linear interpolation in a sorted vector, as NumPy's default method."""
    n = x.shape[0]
    T = type_of(_zero_of_mean(x.dtype))
    if n == 0 or _is_nan(x[n - 1]):
        return cast(math.nan, T)
    at = q * cast(n - 1, np.float64)
    lo = cast(math.floor(at), np.int64)
    a = cast(x[min(lo, n - 1)], T)
    b = cast(x[min(lo + 1, n - 1)], T)
    t = cast(at - cast(lo, np.float64), T)
    d = b - a
    # From the nearer end, so that the result is monotonic in t.
    if t >= cast(0.5, T):
        return b - d * (cast(1, T) - t)
    return a + d * t


def _quantile(a, q, scale, percent: LiteralBool):
    f = cast(q, np.float64) / scale
    if not (f >= 0 and f <= 1):
        if percent:
            raise ValueError("Percentiles must be in the range [0, 100]")
        else:
            raise ValueError("Quantiles must be in the range [0, 1]")
    return _quantile_of(a, f)


def _quantiles(x, q, scale, percent: LiteralBool):
    flat = _flat(q)
    r = np.empty(q.shape, type_of(_zero_of_mean(x.dtype)))
    out = packed_view(r, r.dtype, 0, (q.size,))
    for i in range(out.shape[0]):
        out[i] = _quantile(x, flat[i], scale, percent)
    return r


@overload(np.percentile)
def percentile(a: Array, q: Real):
    """The q-th percentiles, linear between elements.

    >>> np.percentile(a, 30.0)
    >>> np.percentile(a, p)
    """
    return _quantile(_sorted_flat(a), q, 100.0, True)


@overload(np.percentile)
def percentile_array(a: Array, q: Array):
    return _quantiles(_sorted_flat(a), q, 100.0, True)


@overload(np.percentile)
def percentile_tuple(a: Array, q: Tuple):
    return _quantiles(_sorted_flat(a), np.array(q), 100.0, True)


@overload(np.quantile)
def quantile(a: Array, q: Real):
    """The q-th quantiles, linear between elements.

    >>> np.quantile(a, 0.3)
    """
    return _quantile(_sorted_flat(a), q, 1.0, False)


@overload(np.quantile)
def quantile_array(a: Array, q: Array):
    return _quantiles(_sorted_flat(a), q, 1.0, False)


@overload(np.quantile)
def quantile_tuple(a: Array, q: Tuple):
    return _quantiles(_sorted_flat(a), np.array(q), 1.0, False)


def _sorted_known(a):
    """Sorted, without the NaNs at the end."""
    x = _sorted_flat(a)
    n = x.shape[0]
    while n > 0 and _is_nan(x[n - 1]):
        n -= 1
    return packed_view(x, x.dtype, 0, (n,))


@overload(np.nanmedian)
def nanmedian(a: Array):
    """The median without NaN.

    >>> np.nanmedian(g)
    """
    return _median_of(_sorted_known(a))


@overload(np.nanpercentile)
def nanpercentile(a: Array, q: Real):
    """Percentiles without NaN.

    >>> np.nanpercentile(g, 30.0)
    """
    return _quantile(_sorted_known(a), q, 100.0, True)


@overload(np.nanpercentile)
def nanpercentile_array(a: Array, q: Array):
    return _quantiles(_sorted_known(a), q, 100.0, True)


@overload(np.nanquantile)
def nanquantile(a: Array, q: Real):
    """Quantiles without NaN.

    >>> np.nanquantile(g, 0.3)
    """
    return _quantile(_sorted_known(a), q, 1.0, False)


@overload(np.nanquantile)
def nanquantile_array(a: Array, q: Array):
    return _quantiles(_sorted_known(a), q, 1.0, False)
