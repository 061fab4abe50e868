"""Comparing whole arrays, and telling kinds of numbers."""

import math

import numpy as np
from cantil.library import cast, is_class, overload, promote, type_of

from .shapes import _flat


def _part_type(T):
    """The type of the real part."""
    return type_of(abs(cast(0, T)))


def _close(x, y, rtol, atol, equal_nan):
    if x != x or y != y:
        return equal_nan and x != x and y != y
    if x == y:
        return True
    size = abs(y)
    return math.isfinite(size) and abs(x - y) <= atol + rtol * size


@overload(np.isclose)
def isclose(
    a: Array | Number, b: Array | Number, rtol: Real = 1e-05, atol: Real = 1e-08, equal_nan: Boolean = False
):
    """Whether elements are equal within a tolerance.

    >>> np.isclose(a, a + 1e-9)
    >>> np.isclose(g, g, equal_nan=True)
    >>> np.isclose(x, y)
    """
    if is_class(type_of(a), "Number") and is_class(type_of(b), "Number"):
        T = promote(promote(type_of(a), type_of(b)), np.float64)
        return _close(cast(a, T), cast(b, T), rtol, atol, equal_nan)
    else:
        x, y = np.broadcast_arrays(np.asarray(a), np.asarray(b))
        T = promote(promote(x.dtype, y.dtype), np.float64)
        u = _flat(x)
        v = _flat(y)
        r = np.empty(x.shape, np.bool_)
        out = _flat(r)
        for i in range(out.shape[0]):
            out[i] = _close(cast(u[i], T), cast(v[i], T), rtol, atol, equal_nan)
        return r


@overload(np.allclose)
def allclose(
    a: Array | Number, b: Array | Number, rtol: Real = 1e-05, atol: Real = 1e-08, equal_nan: Boolean = False
):
    """Whether all elements are equal within a tolerance.

    >>> np.allclose(a, a + 1e-9)
    >>> np.allclose(a, b)
    """
    if is_class(type_of(a), "Number") and is_class(type_of(b), "Number"):
        return isclose(a, b, rtol, atol, equal_nan)
    else:
        return np.all(isclose(a, b, rtol, atol, equal_nan))


@overload(np.array_equal)
def array_equal(a1: Array | Number, a2: Array | Number):
    """Whether shapes and all elements are equal.

    >>> np.array_equal(a, a)
    >>> np.array_equal(a, b)
    >>> np.array_equal(a, m)
    """
    x = np.asarray(a1)
    y = np.asarray(a2)
    if x.ndim != y.ndim:
        return False
    else:
        if x.shape != y.shape:
            return False
        u = _flat(x)
        v = _flat(y)
        for i in range(u.shape[0]):
            if u[i] != v[i]:
                return False
        return True


def _imaginary(x):
    return x.imag != 0


def _real(x):
    return x.imag == 0


@overload(np.iscomplex)
def iscomplex(x: Array | Number):
    """Whether elements have an imaginary part.

    >>> np.iscomplex(z)
    >>> np.iscomplex(a)
    """
    if is_class(type_of(x), "Number"):
        return _imaginary(x)
    else:
        r = np.empty(x.shape, np.bool_)
        u = _flat(x)
        out = _flat(r)
        for i in range(out.shape[0]):
            out[i] = _imaginary(u[i])
        return r


@overload(np.isreal)
def isreal(x: Array | Number):
    """Whether elements have no imaginary part.

    >>> np.isreal(z)
    >>> np.isreal(a)
    """
    if is_class(type_of(x), "Number"):
        return _real(x)
    else:
        r = np.empty(x.shape, np.bool_)
        u = _flat(x)
        out = _flat(r)
        for i in range(out.shape[0]):
            out[i] = _real(u[i])
        return r


@overload(np.iscomplexobj)
def iscomplexobj(x):
    """Whether the type is complex.

    >>> np.iscomplexobj(z)
    >>> np.iscomplexobj(x)
    """
    if is_class(type_of(x), "Array"):
        return is_class(x.dtype, "Complex")
    else:
        return is_class(type_of(x), "Complex")


@overload(np.isrealobj)
def isrealobj(x):
    """Whether the type is not complex.

    >>> np.isrealobj(z)
    >>> np.isrealobj(a)
    """
    return not iscomplexobj(x)


@overload(np.isscalar)
def isscalar(element):
    """Whether it is a number.

    >>> np.isscalar(x)
    >>> np.isscalar(a)
    """
    return is_class(type_of(element), "Number")


@overload(np.isneginf)
def isneginf(x: Array | Real):
    """Where elements are -inf.

    >>> np.isneginf(g / 0.0)
    >>> np.isneginf(x)
    """
    return x == -math.inf


@overload(np.isposinf)
def isposinf(x: Array | Real):
    """Where elements are +inf.

    >>> np.isposinf(g / 0.0)
    >>> np.isposinf(x)
    """
    return x == math.inf


def _largest(T):
    return 3.4028234663852886e38 if is_class(T, "float32") else 1.7976931348623157e308


def _known(x, nan, posinf, neginf):
    T = type_of(x)
    if x != x:
        return cast(nan, T)
    if x == math.inf:
        return cast(_largest(T) if posinf is None else posinf, T)
    if x == -math.inf:
        return cast(-_largest(T) if neginf is None else neginf, T)
    return x


def _any_known(x, nan, posinf, neginf):
    T = type_of(x)
    if is_class(T, "Complex"):
        return complex(_known(x.real, nan, posinf, neginf), _known(x.imag, nan, posinf, neginf))
    elif is_class(T, "Float"):
        return _known(x, nan, posinf, neginf)
    else:
        return x


@overload(np.nan_to_num)
def nan_to_num(
    x: Array | Number,
    copy: Boolean = True,
    nan: Real = 0.0,
    posinf: Real | NoneType = None,
    neginf: Real | NoneType = None,
):
    """NaN as zero and infinities as the largest numbers, or as what is given; in place without `copy`.

    >>> np.nan_to_num(g)
    >>> np.nan_to_num(g / 0.0, nan=2.0, posinf=5.0)
    >>> np.nan_to_num(i)
    """
    if is_class(type_of(x), "Number"):
        return _any_known(x, nan, posinf, neginf)
    else:
        r = x.copy() if copy else x
        _replace(r, nan, posinf, neginf)
        return r


def _replace(r, nan, posinf, neginf):
    for i in range(r.shape[0]):
        if r.ndim == 1:
            r[i] = cast(_any_known(r[i], nan, posinf, neginf), r.dtype)
        else:
            _replace(r[i, ...], nan, posinf, neginf)
