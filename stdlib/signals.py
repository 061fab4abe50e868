"""Functions on sampled data: clip, convolution, covariance, histograms, integration, tiling."""

import math

import numpy as np
from cantil.library import cast, overload, packed_view, promote, type_of

from .reductions import _greatest, _least, _zero_of_mean
from .shapes import _axis, _flat


@overload(np.clip)
@overload("method:array.clip")
def clip(a: Array, a_min: Real | NoneType, a_max: Real | NoneType):
    """The elements limited to an interval.

    >>> np.clip(a, 0.0, 2.0)
    >>> np.clip(i, 1, 3)
    >>> a.clip(0.0, 2.0)
    """
    if a_min is None and a_max is None:
        return a.copy()
    T = promote(a.dtype, type_of(_bound_zero(a, a_min, a_max)))
    r = np.empty(a.shape, T)
    x = _flat(a)
    out = packed_view(r, T, 0, (r.size,))
    for i in range(out.shape[0]):
        v = cast(x[i], T)
        if a_min is not None:
            v = _greatest(v, cast(a_min, T))
        if a_max is not None:
            v = _least(v, cast(a_max, T))
        out[i] = v
    return r


def _bound_zero(a, lo, hi):
    """A zero of the type that the bounds ask for: a Python integer or float takes the array's kind where it fits."""
    if lo is None:
        return _weak_zero(a, hi)
    if hi is None:
        return _weak_zero(a, lo)
    return cast(0, promote(type_of(_weak_zero(a, lo)), type_of(_weak_zero(a, hi))))


def _weak_zero(a, bound):
    whole = isinstance(bound, int)
    floating = isinstance(bound, float)
    if whole:
        return cast(0, a.dtype)
    if floating:
        return _zero_of_mean(a.dtype)
    return cast(0, type_of(bound))


@overload(np.convolve)
def convolve(a: Array1, v: Array1, mode: LiteralStr = "full"):
    """The discrete convolution.

    >>> np.convolve(a, b)
    >>> np.convolve(a, b[:3], mode="same")
    """
    if a.shape[0] == 0:
        raise ValueError("a cannot be empty")
    if v.shape[0] == 0:
        raise ValueError("v cannot be empty")
    T = promote(a.dtype, v.dtype)
    n = a.shape[0]
    m = v.shape[0]
    r = np.zeros((n + m - 1,), T)
    for i in range(n):
        x = cast(a[i], T)
        for k in range(m):
            r[i + k] = cast(r[i + k] + x * cast(v[k], T), T)
    return _part(r, n, m, mode)


def _part(r, n, m, mode):
    """The middle of a full convolution that the mode asks for."""
    small = min(n, m)
    large = max(n, m)
    if mode == "full":
        return r
    if mode == "valid":
        return r[small - 1 : large]
    if mode == "same":
        start = (small - 1) // 2
        return r[start : start + large]
    raise ValueError("mode must be one of 'full', 'same' and 'valid'")


@overload(np.correlate)
def correlate(a: Array1, v: Array1, mode: LiteralStr = "valid"):
    """The cross-correlation.

    >>> np.correlate(a, b)
    >>> np.correlate(a, b, mode="full")
    """
    if a.shape[0] == 0:
        raise ValueError("first array argument cannot be empty")
    if v.shape[0] == 0:
        raise ValueError("second array argument cannot be empty")
    w = np.empty(v.shape, v.dtype)
    for i in range(v.shape[0]):
        w[i] = v[v.shape[0] - 1 - i].conjugate()
    full = convolve(a, w)
    return _part(full, a.shape[0], v.shape[0], mode)


@overload(np.trapezoid)
def trapezoid(y: Array1, x: NoneType = None, dx: Real = 1.0):
    """The integral by the trapezoidal rule.

    >>> np.trapezoid(a)
    >>> np.trapezoid(a, s)
    """
    T = type_of(_zero_of_mean(y.dtype))
    total = cast(0, T)
    for i in range(1, y.shape[0]):
        total = total + (cast(y[i], T) + cast(y[i - 1], T)) * cast(dx, T) / cast(2, T)
    return total


@overload(np.trapezoid)
def trapezoid_at(y: Array1, x: Array1):
    if x.shape[0] != y.shape[0]:
        raise ValueError("operands could not be broadcast together")
    T = promote(type_of(_zero_of_mean(y.dtype)), type_of(_zero_of_mean(x.dtype)))
    total = cast(0, T)
    for i in range(1, y.shape[0]):
        width = cast(x[i], T) - cast(x[i - 1], T)
        total = total + width * (cast(y[i], T) + cast(y[i - 1], T)) / cast(2, T)
    return total


@overload(np.average)
def average(a: Array, axis: NoneType = None, weights: NoneType = None):
    """The weighted mean.

    >>> np.average(a)
    >>> np.average(a, weights=s)
    """
    return np.mean(_flat(a), 0)


@overload(np.average)
def average_weighted(a: Array, axis: NoneType = None, weights: Array = None):
    x = _flat(a)
    w = _flat(weights)
    if x.shape[0] != w.shape[0]:
        raise TypeError("Axis must be specified when shapes of a and weights differ.")
    T = type_of(_zero_of_mean(promote(a.dtype, weights.dtype)))
    total = cast(0, T)
    scale = cast(0, T)
    for i in range(x.shape[0]):
        total = total + cast(x[i], T) * cast(w[i], T)
        scale = scale + cast(w[i], T)
    if scale == 0:
        raise ZeroDivisionError("Weights sum to zero, can't be normalized")
    return total / scale


@overload(np.histogram)
def histogram(a: Array, bins: Whole = 10, range: Tuple | NoneType = None):
    """How many values lie in each bin.

    >>> np.histogram(a, 4)
    >>> np.histogram(a, 4, (-1.0, 2.0))
    """
    x = _flat(a)
    if bins < 1:
        raise ValueError("`bins` must be positive, when an integer")
    lo, hi = _limits(x, range)
    edges = np.linspace(lo, hi, bins + 1)
    counts = np.zeros((bins,), np.int64)
    norm = np.float64(bins) / (hi - lo)
    _count_even(x, counts, edges, lo, hi, norm)
    return counts, edges


def _limits(x, given):
    if given is None:
        if x.shape[0] == 0:
            return 0.0, 1.0
        lo = np.float64(np.min(x))
        hi = np.float64(np.max(x))
    else:
        lo = np.float64(given[0])
        hi = np.float64(given[1])
        if lo > hi:
            raise ValueError("max must be larger than min in range parameter.")
    if not (np.isfinite(lo) and np.isfinite(hi)):
        raise ValueError("range of the data is not finite")
    if lo == hi:
        return lo - 0.5, hi + 0.5
    return lo, hi


def _count_even(x, counts, edges, lo, hi, norm):
    n = counts.shape[0]
    for i in range(x.shape[0]):
        v = np.float64(x[i])
        if v >= lo and v <= hi:
            at = min(np.int64((v - lo) * norm), n - 1)
            # Rounding may have put it one off; the edges decide.
            if v < edges[at]:
                at -= 1
            elif v >= edges[at + 1] and at != n - 1:
                at += 1
            counts[at] += 1


@overload(np.cov)
def cov(m: Array2, y: NoneType = None, rowvar: LiteralBool = True, bias: Boolean = False):
    """The covariance matrix of the rows.

    >>> np.cov(m)
    """
    x = m if rowvar else m.T
    n = x.shape[1]
    r = np.empty((x.shape[0], x.shape[0]), np.float64)
    scale = np.float64(n if bias else n - 1)
    centred = np.empty(x.shape, np.float64)
    for i in range(x.shape[0]):
        mean = np.mean(x[i], 0)
        for k in range(n):
            centred[i, k] = np.float64(x[i, k]) - mean
    for i in range(x.shape[0]):
        for j in range(i + 1):
            total = 0.0
            for k in range(n):
                total += centred[i, k] * centred[j, k]
            v = total / scale if scale != 0 else math.nan
            r[i, j] = v
            r[j, i] = v
    return r


@overload(np.tile)
def tile(A: Array1, reps: Whole):
    """An array repeated along its axes.

    >>> np.tile(a, 2)
    >>> np.tile(m, (2, 1))
    """
    n = A.shape[0]
    r = np.empty((n * max(reps, 0),), A.dtype)
    for i in range(r.shape[0]):
        r[i] = A[i % n]
    return r


@overload(np.tile)
def tile_two(A: Array1 | Array2, reps: Tuple):
    if len(reps) != 2:
        raise ValueError("np.tile takes two repetition counts here")
    a = np.atleast_2d(A)
    r = np.empty((a.shape[0] * reps[0], a.shape[1] * reps[1]), A.dtype)
    for i in range(r.shape[0]):
        for j in range(r.shape[1]):
            r[i, j] = a[i % a.shape[0], j % a.shape[1]]
    return r


@overload(np.take_along_axis)
def take_along_axis(arr: Array, indices: Array, axis: Whole):
    """Elements by an array of indices along an axis.

    >>> np.take_along_axis(m, np.argsort(m, axis=1), 1)
    """
    if arr.ndim != indices.ndim:
        raise ValueError("`indices` and `arr` must have the same number of dimensions")
    i = _axis(axis, arr.ndim)
    r = np.empty(indices.shape, arr.dtype)
    _take_lanes(np.moveaxis(r, i, -1), np.moveaxis(arr, i, -1), np.moveaxis(indices, i, -1))
    return r


def _take_lanes(r, a, at):
    n = a.shape[-1]
    for k in range(r.shape[0]):
        if r.ndim == 1:
            j = np.int64(at[k])
            if j < -n or j >= n:
                raise IndexError("index is out of bounds for the axis it indexes")
            r[k] = a[j + n if j < 0 else j]
        else:
            if a.shape[0] != r.shape[0]:
                raise IndexError("shape mismatch: indexing arrays could not be broadcast together")
            _take_lanes(r[k, ...], a[k, ...], at[k, ...])
