"""Functions on sampled data: clip, convolution, covariance, histograms, integration, tiling."""

import numpy as np
from cantil.library import cast, overload, promote

from .shapes import _axis


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
