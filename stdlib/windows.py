"""Windows of signal processing, sinc, i0, unwrapping of angles; gradients, correlation, roots of polynomials."""

import math

import numpy as np
from cantil.library import cast, is_class, overload, promote, type_of

from .linalg import _eigen
from .reductions import _zero_of_mean
from .shapes import _copy_as, _flat


def _cosines(M, a, b, c):
    """a + b cos + c cos of the double angle, over M points from -(M - 1) in steps of 2."""
    n = np.arange(1 - M, M, 2)
    r = np.empty((max(M, 0),), np.float64)
    for i in range(r.shape[0]):
        t = math.pi * n[i] / (M - 1)
        r[i] = a + b * math.cos(t) + c * math.cos(2.0 * t)
    return r


@overload(np.hamming)
def hamming(M: Whole):
    """Hamming's window.

    >>> np.hamming(k)
    """
    if M == 1:
        return np.ones(1)
    return _cosines(M, 0.54, 0.46, 0.0)


@overload(np.hanning)
def hanning(M: Whole):
    """Hann's window.

    >>> np.hanning(k)
    """
    if M == 1:
        return np.ones(1)
    return _cosines(M, 0.5, 0.5, 0.0)


@overload(np.blackman)
def blackman(M: Whole):
    """Blackman's window.

    >>> np.blackman(k) + 1.0
    """
    if M == 1:
        return np.ones(1)
    return _cosines(M, 0.42, 0.5, 0.08)


@overload(np.bartlett)
def bartlett(M: Whole):
    """Bartlett's window.

    >>> np.bartlett(k)
    """
    if M == 1:
        return np.ones(1)
    r = np.empty((max(M, 0),), np.float64)
    for i in range(r.shape[0]):
        n = cast(1 - M + 2 * i, np.float64)
        r[i] = 1 + n / (M - 1) if n <= 0 else 1 - n / (M - 1)
    return r


def _bessel(v):
    """The power series: all its terms are positive, so that nothing cancels."""
    q = cast(v, np.float64) * cast(v, np.float64) / 4.0
    term = 1.0
    total = 1.0
    k = 1.0
    while term > 1e-17 * total and total < math.inf:
        term = term * q / (k * k)
        total = total + term
        k = k + 1.0
    return total


@overload(np.i0)
def i0(x: Array | Real):
    """The modified Bessel function of order 0.

    >>> np.i0(a)
    """
    if is_class(type_of(x), "Array"):
        r = np.empty(x.shape, np.float64)
        u = _flat(x)
        out = _flat(r)
        for i in range(out.shape[0]):
            out[i] = _bessel(u[i])
        return r
    else:
        return _bessel(x)


@overload(np.kaiser)
def kaiser(M: Whole, beta: Real):
    """Kaiser's window.

    >>> np.kaiser(k, y)
    """
    r = np.ones((max(M, 0),), np.float64)
    if M == 1:
        return r
    half = (M - 1) / 2.0
    scale = _bessel(beta)
    for i in range(r.shape[0]):
        t = (i - half) / half
        r[i] = _bessel(beta * math.sqrt(1 - t * t)) / scale
    return r


def _sinc(x):
    T = type_of(_zero_of_mean(type_of(x)))
    y = cast(math.pi, T) * (cast(1.0e-20, T) if x == 0 else cast(x, T))
    return np.sin(y) / y


@overload(np.sinc)
def sinc(x: Array | Number):
    """sin(pi x) / (pi x), 1 at 0.

    >>> np.sinc(a)
    >>> np.sinc(x)
    """
    if is_class(type_of(x), "Array"):
        r = np.empty(x.shape, type_of(_zero_of_mean(x.dtype)))
        u = _flat(x)
        out = _flat(r)
        for i in range(out.shape[0]):
            out[i] = _sinc(u[i])
        return r
    else:
        return _sinc(x)


@overload(np.unwrap)
def unwrap(p: Array1, discont: Real | NoneType = None, axis: Whole = -1, period: Real = 6.283185307179586):
    """Angles without jumps of more than half a period.

    >>> np.unwrap(a)
    >>> np.unwrap(a, period=2.0)
    """
    T = type_of(_zero_of_mean(p.dtype))
    r = _copy_as(p, T)
    whole = cast(period, T)
    half = whole / 2
    limit = half if discont is None else max(cast(discont, T), half)
    total = cast(0, T)
    for i in range(1, p.shape[0]):
        d = cast(p[i], T) - cast(p[i - 1], T)
        fit = np.mod(d + half, whole) - half
        if fit == -half and d > 0:
            fit = half
        if abs(d) >= limit:
            total = total + (fit - d)
        r[i] = cast(p[i], T) + total
    return r


@overload(np.geomspace)
def geomspace(start: Real, stop: Real, num: Whole = 50, endpoint: Boolean = True):
    """Numbers with constant ratios.

    >>> np.geomspace(x, y, 7)
    """
    if start == 0 or stop == 0:
        raise ValueError("Geometric sequence cannot include zero")
    a = cast(start, np.float64)
    b = cast(stop, np.float64)
    sign = 1.0
    if a < 0 and b < 0:
        sign = -1.0
        a = -a
        b = -b
    r = np.power(10.0, np.linspace(math.log10(a), math.log10(b), num, endpoint))
    for i in range(r.shape[0]):
        r[i] = r[i] * sign
    if num > 0:
        r[0] = start
        if num > 1 and endpoint:
            r[num - 1] = stop
    return r


# Polynomials


@overload(np.roots)
def roots(p: Array1):
    """The roots of a polynomial, the highest power first.

    >>> np.abs(np.roots(s[3:]))
    """
    C = promote(type_of(_zero_of_mean(p.dtype)), np.complex64)
    first = 0
    last = p.shape[0]
    while first < last and p[first] == 0:
        first += 1
    while last > first and p[last - 1] == 0:
        last -= 1
    zeros = p.shape[0] - last
    n = max(last - first - 1, 0)
    r = np.zeros((n + zeros if last > first else 0,), C)
    if n > 0:
        T = type_of(_zero_of_mean(p.dtype))
        a = np.zeros((n, n), T)
        for j in range(n):
            a[0, j] = cast(-p[first + 1 + j], T) / cast(p[first], T)
        for j in range(n - 1):
            a[j + 1, j] = cast(1, T)
        w, _ = _eigen(a, T, False)
        r[:n] = w
    return r


@overload(np.polyval)
def polyval(p: Array1, x: Number):
    """A polynomial's value, the highest power first.

    >>> np.polyval(a, x)
    """
    T = promote(p.dtype, type_of(x))
    total = cast(0, T)
    for i in range(p.shape[0]):
        total = cast(total * cast(x, T) + cast(p[i], T), T)
    return total


@overload(np.polyval)
def polyval_array(p: Array1, x: Array):
    T = promote(p.dtype, x.dtype)
    r = np.empty(x.shape, T)
    u = _flat(x)
    out = _flat(r)
    for i in range(out.shape[0]):
        out[i] = polyval(p, cast(u[i], T))
    return r
