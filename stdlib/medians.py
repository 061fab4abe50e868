"""Medians, percentiles and quantiles, also without NaN, along axes."""

import math

import numpy as np
from cantil.library import cast, is_class, overload, packed_view, type_of

from .reductions import _is_nan, _zero_of_mean
from .reductions_axes import _axes_of, _deliver, _each_row, _kept_shape, _merged
from .shapes import _flat, _product
from .sorting import _sorted_flat


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


def _median_row(row, extra):
    return _median_of(_sorted_flat(row))


def _nanmedian_row(row, extra):
    return _median_of(_sorted_known(row))


@overload(np.median)
def median(a: Array):
    """The middle of the sorted elements; the mean of the two middle ones.

    >>> np.median(a)
    >>> np.median(m, axis=0)
    """
    return _median_of(_sorted_flat(a))


@overload(np.median)
def median_over(
    a: Array,
    axis: Whole | Tuple | NoneType = None,
    out: Array | NoneType = None,
    overwrite_input: Boolean = False,
    keepdims: LiteralBool = False,
):
    return _each_row(a, axis, keepdims, out, _median_row, None)


@overload(np.nanmedian)
def nanmedian(a: Array):
    """The median without NaN.

    >>> np.nanmedian(g)
    """
    return _median_of(_sorted_known(a))


@overload(np.nanmedian)
def nanmedian_over(
    a: Array,
    axis: Whole | Tuple | NoneType = None,
    out: Array | NoneType = None,
    overwrite_input: Boolean = False,
    keepdims: LiteralBool = False,
):
    return _each_row(a, axis, keepdims, out, _nanmedian_row, None)


def _sorted_known(a):
    """Sorted, without the NaNs at the end."""
    x = _sorted_flat(a)
    n = x.shape[0]
    while n > 0 and _is_nan(x[n - 1]):
        n -= 1
    return packed_view(x, x.dtype, 0, (n,))


# Quantiles. Each method says at which place between the sorted elements the result lies, and how two neighbours are
# weighed there (Hyndman and Fan's nine, and four that need no interpolation).

# The numbers of the methods are Hyndman and Fan's, and 10 to 13 for lower, higher, midpoint and nearest.


def _method(name: LiteralStr):
    if name == "linear":
        return 7
    if name == "lower":
        return 10
    if name == "higher":
        return 11
    if name == "midpoint":
        return 12
    if name == "nearest":
        return 13
    if name == "inverted_cdf":
        return 1
    if name == "averaged_inverted_cdf":
        return 2
    if name == "closest_observation":
        return 3
    if name == "interpolated_inverted_cdf":
        return 4
    if name == "hazen":
        return 5
    if name == "weibull":
        return 6
    if name == "median_unbiased":
        return 8
    if name == "normal_unbiased":
        return 9
    raise ValueError(
        f"'{name}' is not a valid method. Use one of: inverted_cdf, averaged_inverted_cdf, closest_observation, "
        "interpolated_inverted_cdf, hazen, weibull, linear, median_unbiased, normal_unbiased, lower, higher, "
        "midpoint, nearest"
    )


def _position(n, q, method):
    """Where in n sorted elements the quantile q lies."""
    m = cast(n, np.float64)
    last = m - 1.0
    if method == 7:
        return last * q
    if method == 10:
        return math.floor(last * q) * 1.0
    if method == 11:
        return math.ceil(last * q) * 1.0
    if method == 12:
        return 0.5 * (math.floor(last * q) * 1.0 + math.ceil(last * q) * 1.0)
    if method == 13:
        return np.rint(last * q)
    if method == 1:
        at = m * q - 1.0
        low = np.floor(at)
        return max(low if at == low else low + 1.0, 0.0)
    if method == 2:
        return m * q - 1.0
    if method == 3:
        at = m * q - 1.0 - 0.5
        low = np.floor(at)
        return max(low if at == low and np.mod(low, 2.0) == 1.0 else low + 1.0, 0.0)
    alpha = 0.0
    beta = 0.0
    if method == 4:
        beta = 1.0
    elif method == 5:
        alpha = 0.5
        beta = 0.5
    elif method == 8:
        alpha = 1 / 3.0
        beta = 1 / 3.0
    elif method == 9:
        alpha = 3 / 8.0
        beta = 3 / 8.0
    return m * q + (alpha + q * (1 - alpha - beta)) - 1


def _quantile_of(x, q, method):
    """The quantile of a sorted vector, NaN when one is in it."""
    n = x.shape[0]
    T = type_of(_zero_of_mean(x.dtype))
    if n == 0 or _is_nan(x[n - 1]):
        return cast(math.nan, T)
    at = _position(n, q, method)
    lo = cast(math.floor(at), np.int64)
    hi = lo + 1
    if at >= cast(n - 1, np.float64):
        lo = n - 1
        hi = n - 1
    elif at < 0:
        lo = 0
        hi = 0
    a = cast(x[lo], T)
    b = cast(x[hi], T)
    g = at - cast(lo, np.float64)
    if lo == n - 1:
        g = at - cast(-1, np.float64)
    if method == 2:
        g = 0.5 if g == 0 else 1.0
    elif method == 12:
        g = 0.0 if np.mod(at, 1.0) == 0 else 0.5
    elif method == 1 or method == 3 or method == 10 or method == 11 or method == 13:
        g = 0.0
    t = cast(g, T)
    d = b - a
    # From the nearer end, so that the result is monotonic in t.
    if t >= cast(0.5, T):
        return b - d * (cast(1, T) - t)
    return a + d * t


def _place_of(n, q, method):
    """The index for a method that takes an element as it is."""
    at = _position(n, q, method)
    if at >= cast(n - 1, np.float64):
        return n - 1
    return max(cast(math.floor(at), np.int64), 0)


def _item_of(x, q, method):
    n = x.shape[0]
    if is_class(x.dtype, "Whole"):
        if n == 0:
            return cast(0, x.dtype)
        return x[_place_of(n, q, method)]
    else:
        if n == 0 or _is_nan(x[n - 1]):
            return cast(math.nan, x.dtype)
        return x[_place_of(n, q, method)]


def _fraction(q, percent: LiteralBool):
    f = cast(q, np.float64) / (100.0 if percent else 1.0)
    if not (f >= 0 and f <= 1):
        if percent:
            raise ValueError("Percentiles must be in the range [0, 100]")
        else:
            raise ValueError("Quantiles must be in the range [0, 1]")
    return f


def _row_of_quantiles(x, q, method, percent: LiteralBool):
    """The quantiles q, an array, of a sorted vector."""
    flat = _flat(q)
    r = np.empty(q.shape, type_of(_zero_of_mean(x.dtype)))
    out = packed_view(r, r.dtype, 0, (q.size,))
    for i in range(out.shape[0]):
        out[i] = _quantile_of(x, _fraction(flat[i], percent), method)
    return r


def _sorted_rows(m, known: LiteralBool, i):
    if known:
        return _sorted_known(m[i])
    else:
        return _sorted_flat(m[i])


def _quantiles_over(
    a, q, axis, out, name: LiteralStr, keepdims: LiteralBool, known: LiteralBool, percent: LiteralBool
):
    if (
        name == "lower"
        or name == "higher"
        or name == "nearest"
        or name == "inverted_cdf"
        or name == "closest_observation"
    ):
        return _quantile_table(
            a, q, axis, out, _method(name), keepdims, known, percent, cast(0, a.dtype), _item_of
        )
    else:
        return _quantile_table(
            a, q, axis, out, _method(name), keepdims, known, percent, _zero_of_mean(a.dtype), _quantile_of
        )


def _quantile_table(
    a, q, axis, out, method, keepdims: LiteralBool, known: LiteralBool, percent: LiteralBool, zero, quantile
):
    m = _merged(a, axis)
    count = _product(m.shape[:-1])
    rows = packed_view(m, m.dtype, 0, (count, m.shape[-1]))
    T = type_of(zero)
    fractions = np.empty(q.shape, np.float64)
    f = packed_view(fractions, np.float64, 0, (q.size,))
    given = _flat(q)
    for k in range(f.shape[0]):
        f[k] = _fraction(given[k], percent)
    r = np.empty(q.shape + m.shape[:-1], T)
    table = packed_view(r, T, 0, (f.shape[0], count))
    for i in range(count):
        x = _sorted_rows(rows, known, i)
        for k in range(f.shape[0]):
            table[k, i] = quantile(x, f[k], method)
    if keepdims:
        return _deliver(packed_view(r, T, 0, q.shape + _kept_shape(a.shape, _axes_of(axis, a.ndim))), out)
    else:
        return _deliver(r, out)


@overload(np.percentile)
def percentile(a: Array, q: Real):
    """The q-th percentiles, linear between elements or by another method.

    >>> np.percentile(a, 30.0)
    >>> np.percentile(a, p)
    >>> np.percentile(m, 30.0, axis=1)
    """
    return _quantile_of(_sorted_flat(a), _fraction(q, True), 7)


@overload(np.percentile)
def percentile_array(a: Array, q: Array):
    return _row_of_quantiles(_sorted_flat(a), q, 7, True)


@overload(np.percentile)
def percentile_over(
    a: Array,
    q: Array | Real,
    axis: Whole | Tuple | NoneType = None,
    out: Array | NoneType = None,
    overwrite_input: Boolean = False,
    method: LiteralStr = "linear",
    keepdims: LiteralBool = False,
):
    return _quantiles_over(a, np.asarray(q), axis, out, method, keepdims, False, True)


@overload(np.quantile)
def quantile(a: Array, q: Real):
    """The q-th quantiles, linear between elements or by another method.

    >>> np.quantile(a, 0.3)
    >>> np.quantile(m, 0.3, axis=0, method="lower")
    """
    return _quantile_of(_sorted_flat(a), _fraction(q, False), 7)


@overload(np.quantile)
def quantile_array(a: Array, q: Array):
    return _row_of_quantiles(_sorted_flat(a), q, 7, False)


@overload(np.quantile)
def quantile_over(
    a: Array,
    q: Array | Real,
    axis: Whole | Tuple | NoneType = None,
    out: Array | NoneType = None,
    overwrite_input: Boolean = False,
    method: LiteralStr = "linear",
    keepdims: LiteralBool = False,
):
    return _quantiles_over(a, np.asarray(q), axis, out, method, keepdims, False, False)


@overload(np.nanpercentile)
def nanpercentile(a: Array, q: Real):
    """Percentiles without NaN.

    >>> np.nanpercentile(g, 30.0)
    """
    return _quantile_of(_sorted_known(a), _fraction(q, True), 7)


@overload(np.nanpercentile)
def nanpercentile_array(a: Array, q: Array):
    return _row_of_quantiles(_sorted_known(a), q, 7, True)


@overload(np.nanpercentile)
def nanpercentile_over(
    a: Array,
    q: Array | Real,
    axis: Whole | Tuple | NoneType = None,
    out: Array | NoneType = None,
    overwrite_input: Boolean = False,
    method: LiteralStr = "linear",
    keepdims: LiteralBool = False,
):
    return _quantiles_over(a, np.asarray(q), axis, out, method, keepdims, True, True)


@overload(np.nanquantile)
def nanquantile(a: Array, q: Real):
    """Quantiles without NaN.

    >>> np.nanquantile(g, 0.3)
    """
    return _quantile_of(_sorted_known(a), _fraction(q, False), 7)


@overload(np.nanquantile)
def nanquantile_array(a: Array, q: Array):
    return _row_of_quantiles(_sorted_known(a), q, 7, False)


@overload(np.nanquantile)
def nanquantile_over(
    a: Array,
    q: Array | Real,
    axis: Whole | Tuple | NoneType = None,
    out: Array | NoneType = None,
    overwrite_input: Boolean = False,
    method: LiteralStr = "linear",
    keepdims: LiteralBool = False,
):
    return _quantiles_over(a, np.asarray(q), axis, out, method, keepdims, True, False)
