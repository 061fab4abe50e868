"""Weighted means, covariances and correlations."""

import math

import numpy as np
from cantil.library import cast, is_class, overload, packed_view, promote, tuple_set, type_of

from .reductions import _zero_of_mean
from .reductions_axes import _axes_of, _finish, _merged
from .shapes import _product


def _ones(n: LiteralInt):
    if n == 0:
        return ()
    return (1,) + _ones(n - 1)


def _weight_type(a, weights):
    return _zero_of_mean(promote(a.dtype, weights.dtype))


def _spread_weights(a, axis, weights):
    """The weights in a's shape: they have it, or are those of the one axis."""
    if weights.ndim == a.ndim:
        if weights.shape == a.shape:
            return np.broadcast_to(weights, a.shape)
    if axis is None:
        if a.size >= 0:
            raise TypeError("Axis must be specified when shapes of a and weights differ.")
        return np.broadcast_to(np.zeros((), weights.dtype), a.shape)
    else:
        axes = _axes_of(axis, a.ndim)
        if len(axes) != weights.ndim:
            raise ValueError("Shape of weights must be consistent with shape of a along specified axis.")
        shape = _ones(a.ndim)
        for k in range(len(axes)):
            if weights.shape[k] != a.shape[axes[k]]:
                raise ValueError("Shape of weights must be consistent with shape of a along specified axis.")
            shape = tuple_set(shape, axes[k], weights.shape[k])
        return np.broadcast_to(weights.reshape(shape), a.shape)


def _weighted(m, w, zero):
    """The means of the rows, and the sums of their weights."""
    T = type_of(zero)
    r = np.empty(m.shape[:-1], T)
    s = np.empty(m.shape[:-1], T)
    count = _product(m.shape[:-1])
    rows = packed_view(m, m.dtype, 0, (count, m.shape[-1]))
    each = packed_view(w, w.dtype, 0, (count, m.shape[-1]))
    out = packed_view(r, T, 0, (count,))
    sums = packed_view(s, T, 0, (count,))
    for i in range(count):
        total = zero
        scale = zero
        for k in range(rows.shape[1]):
            total = cast(total + cast(rows[i, k], T) * cast(each[i, k], T), T)
            scale = cast(scale + cast(each[i, k], T), T)
        if scale == 0:
            raise ZeroDivisionError("Weights sum to zero, can't be normalized")
        out[i] = total / scale
        sums[i] = scale
    return r, s


@overload(np.average)
def average(
    a: Array,
    axis: Whole | Tuple | NoneType = None,
    weights: Array | NoneType = None,
    returned: LiteralBool = False,
    keepdims: LiteralBool = False,
):
    """The weighted mean, of all or along axes.

    >>> np.average(a)
    >>> np.average(a, weights=s)
    >>> np.average(m, axis=0)
    """
    if weights is None:
        r = np.mean(a, axis, None, None, keepdims)
        if returned:
            n = a.size / max(np.size(np.asarray(r)), 1)
            return r, _filled_like(r, n)
        else:
            return r
    else:
        w = _spread_weights(a, axis, weights)
        r, s = _weighted(_merged(a, axis), _merged(w, axis), _weight_type(a, weights))
        if returned:
            return _finish(r, a, axis, keepdims, None), _finish(s, a, axis, keepdims, None)
        else:
            return _finish(r, a, axis, keepdims, None)


def _filled_like(r, n):
    if isinstance(r, np.ndarray):
        return np.full(r.shape, cast(n, r.dtype))
    else:
        return cast(n, type_of(r))


# Covariance


def _rows_of(m, rowvar):
    """The variables as rows."""
    if m.ndim == 0:
        return m.reshape((1, 1))
    if m.ndim == 1:
        return m.reshape((1, m.shape[0]))
    if rowvar:
        return np.ascontiguousarray(m)
    if m.shape[0] == 1:
        return np.ascontiguousarray(m)
    return np.ascontiguousarray(m.T)


def _stacked(m, y, rowvar):
    if y is None:
        if m.ndim > 2:
            raise ValueError("m has more than 2 dimensions")
        return _rows_of(m, rowvar)
    else:
        if m.ndim > 2:
            raise ValueError("m has more than 2 dimensions")
        if y.ndim > 2:
            raise ValueError("y has more than 2 dimensions")
        return np.concatenate((_rows_of(m, rowvar), _rows_of(y, rowvar)), 0)


def _frequencies(fweights, n):
    r = np.ones((n,), np.float64)
    if fweights is not None:
        if fweights.ndim > 1:
            raise RuntimeError("cannot handle multidimensional fweights")
        if fweights.shape[0] != n:
            raise RuntimeError("incompatible numbers of samples and fweights")
        for k in range(n):
            if fweights[k] < 0:
                raise ValueError("fweights cannot be negative")
            r[k] = np.float64(fweights[k])
    return r


def _importances(aweights, n):
    r = np.ones((n,), np.float64)
    if aweights is not None:
        if aweights.ndim > 1:
            raise RuntimeError("cannot handle multidimensional aweights")
        if aweights.shape[0] != n:
            raise RuntimeError("incompatible numbers of samples and aweights")
        for k in range(n):
            if aweights[k] < 0:
                raise ValueError("aweights cannot be negative")
            r[k] = np.float64(aweights[k])
    return r


def _free(ddof, bias):
    if ddof is None:
        return 0.0 if bias else 1.0
    else:
        return np.float64(ddof)


def _result_type(x, dtype):
    if dtype is None:
        if is_class(x.dtype, "Complex"):
            return cast(0, np.complex128)
        return cast(0, np.float64)
    else:
        return cast(0, dtype)


def _covariances(x, ddof, bias, fweights, aweights, zero):
    T = type_of(zero)
    n = x.shape[1]
    f = _frequencies(fweights, n)
    a = _importances(aweights, n)
    weight = 0.0
    squares = 0.0
    for k in range(n):
        weight += f[k] * a[k]
        squares += f[k] * a[k] * a[k]
    free = _free(ddof, bias)
    if aweights is None:
        scale = weight - free
    elif free == 0:
        scale = weight
    else:
        scale = weight - free * squares / weight
    if scale <= 0:
        scale = 0.0
    centred = np.empty(x.shape, T)
    for i in range(x.shape[0]):
        mean = zero
        for k in range(n):
            mean = cast(mean + cast(x[i, k], T) * cast(f[k] * a[k], T), T)
        if weight != 0:
            mean = cast(mean / cast(weight, T), T)
        for k in range(n):
            centred[i, k] = cast(x[i, k], T) - mean
    r = np.empty((x.shape[0], x.shape[0]), T)
    for i in range(x.shape[0]):
        for j in range(x.shape[0]):
            total = zero
            for k in range(n):
                total = cast(total + centred[i, k] * cast(f[k] * a[k], T) * _conjugate(centred[j, k]), T)
            if scale == 0:
                # As NumPy, which multiplies with 1 / 0.
                r[i, j] = _over_zero(total)
            else:
                r[i, j] = cast(total * cast(1.0 / scale, T), T)
    return r


def _over_zero(x):
    T = type_of(x)
    if is_class(T, "Complex"):
        return cast(complex(math.nan, math.nan), T)
    if x == 0 or x != x:
        return cast(math.nan, T)
    return cast(math.inf, T) if x > 0 else cast(-math.inf, T)


def _conjugate(x):
    if is_class(type_of(x), "Complex"):
        return x.conjugate()
    return x


@overload(np.cov)
def cov(
    m: Array,
    y: Array | NoneType = None,
    rowvar: Boolean = True,
    bias: Boolean = False,
    ddof: Whole | NoneType = None,
    fweights: Array | NoneType = None,
    aweights: Array | NoneType = None,
    dtype: Type | NoneType = None,
):
    """The covariance matrix of the rows, or of two vectors.

    >>> np.cov(m)
    >>> np.cov(a, b)
    >>> np.cov(m, rowvar=False, bias=True)
    """
    x = _stacked(m, y, rowvar)
    r = _covariances(x, ddof, bias, fweights, aweights, _result_type(x, dtype))
    if m.ndim < 2 and y is None:
        return r[0, 0:1].reshape(())
    return r


@overload(np.corrcoef)
def corrcoef(x: Array, y: Array | NoneType = None, rowvar: Boolean = True, dtype: Type | NoneType = None):
    """Correlation coefficients.

    >>> np.corrcoef(m)
    >>> np.corrcoef(a, b)
    """
    c = np.cov(x, y, rowvar, False, None, None, None, dtype)
    if c.ndim == 0:
        return c[()] / c[()]
    else:
        r = np.empty(c.shape, c.dtype)
        for i in range(c.shape[0]):
            for j in range(c.shape[1]):
                v = c[i, j] / np.sqrt(c[j, j].real) / np.sqrt(c[i, i].real)
                if is_class(c.dtype, "Complex"):
                    re = max(min(v.real, 1.0), -1.0)
                    r[i, j] = cast(complex(re, max(min(v.imag, 1.0), -1.0)), c.dtype)
                else:
                    r[i, j] = cast(v if v != v else max(min(v, 1.0), -1.0), c.dtype)
        return r
