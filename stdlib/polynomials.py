"""Polynomials: np.poly and its kin (the highest power first), numpy.polynomial's functions (the lowest first)."""

import numpy as np
from cantil.library import cast, overload, polynomial_coefficients, polynomial_value, promote, type_of

from .reductions import _zero_of_mean
from .shapes import _copy_as, _flat


def _trimmed(c):
    """Without the zeros at the end, but for the first."""
    n = c.shape[0]
    while n > 1 and c[n - 1] == 0:
        n -= 1
    return c[:n]


def _leading(c):
    """Without the zeros in front."""
    k = 0
    while k < c.shape[0] - 1 and c[k] == 0:
        k += 1
    return c[k:]


def _add(a, b, T, sign):
    """The sum of coefficients whose lowest powers are first."""
    n = max(a.shape[0], b.shape[0])
    r = np.zeros((n,), T)
    for i in range(a.shape[0]):
        r[i] = cast(a[i], T)
    for i in range(b.shape[0]):
        x = cast(b[i], T)
        r[i] = cast(r[i] + x if sign > 0 else r[i] - x, T)
    return r


def _multiply(a, b, T):
    r = np.zeros((a.shape[0] + b.shape[0] - 1,), T)
    for i in range(a.shape[0]):
        for k in range(b.shape[0]):
            r[i + k] = cast(r[i + k] + cast(a[i], T) * cast(b[k], T), T)
    return r


@overload(np.polyadd)
def polyadd(a1: Array1, a2: Array1):
    """The sum of two polynomials.

    >>> np.polyadd(a, j)
    """
    T = promote(a1.dtype, a2.dtype)
    return _add(a1[::-1], a2[::-1], T, 1)[::-1]


@overload(np.polysub)
def polysub(a1: Array1, a2: Array1):
    """The difference of two polynomials.

    >>> np.polysub(a, j)
    """
    T = promote(a1.dtype, a2.dtype)
    return _add(a1[::-1], a2[::-1], T, -1)[::-1]


@overload(np.polymul)
def polymul(a1: Array1, a2: Array1):
    """The product of two polynomials.

    >>> np.polymul(a, j)
    """
    x = _leading(a1)
    y = _leading(a2)
    return _multiply(x, y, promote(a1.dtype, a2.dtype))


@overload(np.polydiv)
def polydiv(u: Array1, v: Array1):
    """The quotient and the remainder of two polynomials.

    >>> np.polydiv(a, j)
    """
    T = type_of(_zero_of_mean(promote(u.dtype, v.dtype)))
    m = u.shape[0] - 1
    n = v.shape[0] - 1
    scale = cast(1, T) / cast(v[0], T)
    q = np.zeros((max(m - n + 1, 1),), T)
    r = _copy_as(u, T)
    for k in range(m - n + 1):
        d = cast(scale * r[k], T)
        q[k] = d
        for i in range(n + 1):
            r[k + i] = cast(r[k + i] - d * cast(v[i], T), T)
    while r.shape[0] > 1 and np.isclose(r[0], cast(0, T), 1e-14):
        r = r[1:]
    return q, r


@overload(np.polyder)
def polyder(p: Array1, m: Whole = 1):
    """The m-th derivative.

    >>> np.polyder(a)
    """
    if m < 0:
        raise ValueError("Order of derivative must be positive (see polyint)")
    r = p.copy()
    for times in range(m):
        n = max(r.shape[0] - 1, 0)
        d = np.empty((n,), p.dtype)
        for i in range(n):
            d[i] = cast(r[i] * cast(n - i, p.dtype), p.dtype)
        r = d
    return r


@overload(np.polyint)
def polyint(p: Array1, m: Whole = 1, k: Number | Array1 | NoneType = None):
    """The m-th integral; k are the constants.

    >>> np.polyint(a)
    """
    if m < 0:
        raise ValueError("Order of integral must be positive (see polyder)")
    T = type_of(_zero_of_mean(p.dtype))
    constants = np.zeros((m,), T)
    if k is not None:
        given = _flat(np.asarray(k))
        if given.shape[0] == 1:
            constants[...] = given[0]
        elif given.shape[0] < m:
            raise ValueError("k must be a scalar or a rank-1 array of length 1 or >m.")
        else:
            constants[...] = given[:m]
    r = _copy_as(p, T)
    for times in range(m):
        n = r.shape[0]
        d = np.empty((n + 1,), T)
        for i in range(n):
            d[i] = r[i] / cast(n - i, T)
        d[n] = constants[times]
        r = d
    return r


@overload(np.poly)
def poly(seq_of_zeros: Array1):
    """The polynomial with these zeros.

    >>> np.poly(a)
    """
    T = type_of(_zero_of_mean(seq_of_zeros.dtype))
    r = np.ones((1,), T)
    pair = np.ones((2,), T)
    for i in range(seq_of_zeros.shape[0]):
        pair[1] = -cast(seq_of_zeros[i], T)
        r = _multiply(r, pair, T)
    return r


@overload(np.polyfit)
def polyfit(x: Array1, y: Array1, deg: Whole, rcond: Real | NoneType = None):
    """The coefficients of the polynomial that is nearest in the sense of least squares.

    >>> np.polyfit(s, b, 2)
    """
    return _fit(x, y, deg, rcond, None)


def _fit(x, y, deg, rcond, w):
    if deg < 0:
        raise ValueError("expected deg >= 0")
    if x.shape[0] == 0:
        raise TypeError("expected non-empty vector for x")
    if x.shape[0] != y.shape[0]:
        raise TypeError("expected x and y to have same length")
    n = x.shape[0]
    lhs = np.vander(x.astype(np.float64), deg + 1)
    rhs = y.astype(np.float64)
    if w is not None:
        if w.shape[0] != n:
            raise TypeError("expected w and y to have the same length")
        for i in range(n):
            rhs[i] = rhs[i] * w[i]
            for j in range(deg + 1):
                lhs[i, j] = lhs[i, j] * w[i]
    scale = np.empty((deg + 1,), np.float64)
    for j in range(deg + 1):
        total = 0.0
        for i in range(n):
            total += lhs[i, j] * lhs[i, j]
        scale[j] = np.sqrt(total)
        for i in range(n):
            lhs[i, j] = lhs[i, j] / scale[j]
    cut = np.float64(n) * 2.220446049250313e-16 if rcond is None else np.float64(rcond)
    c = np.linalg.lstsq(lhs, rhs, cut)[0]
    for j in range(deg + 1):
        c[j] = c[j] / scale[j]
    return c


@overload(np.polyfit)
def polyfit_weighted(x: Array1, y: Array1, deg: Whole, rcond: Real | NoneType = None, w: Array1 = None):
    return _fit(x, y, deg, rcond, w)


# numpy.polynomial.polynomial


def _float_type(a, b):
    return _zero_of_mean(promote(a.dtype, b.dtype))


@overload(np.polynomial.polynomial.polyval)
def polynomial_polyval(x: Number | Array, c: Array1):
    """A polynomial's value, the lowest power first.

    >>> np.polynomial.polynomial.polyval(x, a)
    """
    if isinstance(x, np.ndarray):
        T = promote(c.dtype, x.dtype)
        r = np.empty(x.shape, T)
        u = _flat(x)
        out = _flat(r)
        for i in range(out.shape[0]):
            out[i] = _horner(cast(u[i], T), c)
        return r
    else:
        return _horner(cast(x, promote(c.dtype, type_of(x))), c)


def _horner(x, c):
    T = type_of(x)
    total = cast(c[c.shape[0] - 1], T)
    for k in range(c.shape[0] - 2, -1, -1):
        total = cast(cast(c[k], T) + total * x, T)
    return total


@overload(np.polynomial.polynomial.polyadd)
def polynomial_polyadd(c1: Array1, c2: Array1):
    """The sum of two polynomials, the lowest power first.

    >>> np.polynomial.polynomial.polyadd(a, j)
    """
    return _trimmed(_add(c1, c2, type_of(_float_type(c1, c2)), 1))


@overload(np.polynomial.polynomial.polysub)
def polynomial_polysub(c1: Array1, c2: Array1):
    """The difference of two polynomials, the lowest power first.

    >>> np.polynomial.polynomial.polysub(a, j)
    """
    return _trimmed(_add(c1, c2, type_of(_float_type(c1, c2)), -1))


@overload(np.polynomial.polynomial.polymul)
def polynomial_polymul(c1: Array1, c2: Array1):
    """The product of two polynomials, the lowest power first.

    >>> np.polynomial.polynomial.polymul(a, j)
    """
    return _trimmed(_multiply(_trimmed(c1), _trimmed(c2), type_of(_float_type(c1, c2))))


# numpy.polynomial.polyutils


@overload(np.polynomial.polyutils.trimseq)
def trimseq(seq: Array1):
    """Without the zeros at the end.

    >>> np.polynomial.polyutils.trimseq(np.array([1.0, x, 0.0]))
    """
    if seq.shape[0] == 0:
        return seq
    return _trimmed(seq)


@overload(np.polynomial.polyutils.trimcoef)
def trimcoef(c: Array1, tol: Real = 0):
    """Without the small coefficients at the end.

    >>> np.polynomial.polyutils.trimcoef(np.array([1.0, x, 0.0]))
    """
    if tol < 0:
        raise ValueError("tol must be non-negative")
    n = c.shape[0]
    if n == 0:
        raise ValueError("Coefficient array is empty")
    while n > 0 and abs(c[n - 1]) <= tol:
        n -= 1
    r = _copy_as(c, type_of(_zero_of_mean(c.dtype)))
    if n == 0:
        return r[:1] * 0
    return r[:n].copy()


def _series(items, zero, trim):
    if len(items) == 0:
        return ()
    own = _copy_as(np.atleast_1d(np.asarray(items[0])), type_of(zero))
    if own.shape[0] == 0:
        raise ValueError("Coefficient array is empty")
    if trim:
        own = _trimmed(own).copy()
    return (own,) + _series(items[1:], zero, trim)


def _series_zero(items):
    T = np.asarray(items[0]).dtype
    if len(items) == 1:
        return _zero_of_mean(T)
    return cast(0, promote(type_of(_zero_of_mean(T)), type_of(_series_zero(items[1:]))))


@overload(np.polynomial.polyutils.as_series)
def as_series(alist: Tuple, trim: Boolean = True):
    """Coefficients as vectors of one floating type.

    >>> np.polynomial.polyutils.as_series((a, i))[0]
    """
    return [c for c in _series(alist, _series_zero(alist), trim)]


@overload(np.polynomial.polyutils.as_series)
def as_series_list(alist: List, trim: Boolean = True):
    zero = _zero_of_mean(np.asarray(alist[0]).dtype)
    r = [_copy_as(np.atleast_1d(np.asarray(x)), type_of(zero)) for x in alist]
    if trim:
        for k in range(len(r)):
            r[k] = _trimmed(r[k]).copy()
    return r


@overload(np.polynomial.polyutils.as_series)
def as_series_rows(alist: Array2, trim: Boolean = True):
    return as_series_list([alist[k, :] for k in range(alist.shape[0])], trim)


@overload(np.polynomial.polyutils.as_series)
def as_series_numbers(alist: Array1, trim: Boolean = True):
    return as_series_list([alist[k : k + 1] for k in range(alist.shape[0])], trim)


@overload(np.polynomial.polyutils.getdomain)
def getdomain(x: Array1):
    """The least and the greatest abscissa.

    >>> np.polynomial.polyutils.getdomain(a)
    """
    T = type_of(_zero_of_mean(x.dtype))
    r = np.empty((2,), T)
    r[0] = cast(np.min(x), T)
    r[1] = cast(np.max(x), T)
    return r


@overload(np.polynomial.polyutils.mapparms)
def mapparms(old: Array1, new: Array1):
    """Offset and scale of the linear map from one interval to another.

    >>> np.polynomial.polyutils.mapparms(np.array([0.0, 1.0]), np.array([-1.0, 1.0]))
    """
    width = old[1] - old[0]
    length = new[1] - new[0]
    return (old[1] * new[0] - old[0] * new[1]) / width, length / width


@overload(np.polynomial.polyutils.mapdomain)
def mapdomain(x: Array | Number, old: Array1, new: Array1):
    """Numbers mapped linearly from one interval to another.

    >>> np.polynomial.polyutils.mapdomain(a, np.array([0.0, 1.0]), np.array([-1.0, 1.0]))
    """
    offset, scale = mapparms(old, new)
    return offset + scale * x


# Polynomial objects


@overload(polynomial_coefficients)
def _polynomial_coefficients(c):
    a = np.asarray(c)
    if a.ndim != 1:
        raise ValueError("Coefficient array is not 1-d")
    if a.shape[0] == 0:
        raise ValueError("Coefficient array is empty")
    return a.astype(type_of(_zero_of_mean(a.dtype)))


@overload(polynomial_value)
def _polynomial_value(coef, domain, window, x):
    offset, scale = mapparms(domain, window)
    return polynomial_polyval(offset + scale * x, coef)
