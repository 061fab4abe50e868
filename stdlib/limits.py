"""Limiting values to an interval."""

import numpy as np
from cantil.library import cast, elementwise, overload, promote, type_of

from .reductions import _greatest, _least, _zero_of_mean


def _weak_zero(a, bound):
    """A zero of the type that a bound asks for: a Python integer or float takes the array's kind where it fits."""
    if isinstance(bound, np.ndarray):
        return cast(0, bound.dtype)
    if isinstance(bound, int):
        return cast(0, a.dtype)
    if isinstance(bound, float):
        return _zero_of_mean(a.dtype)
    return cast(0, type_of(bound))


def _bound_zero(a, lo, hi):
    if lo is None:
        return _weak_zero(a, hi)
    if hi is None:
        return _weak_zero(a, lo)
    return cast(0, promote(type_of(_weak_zero(a, lo)), type_of(_weak_zero(a, hi))))


def _above(x, low, zero):
    T = type_of(zero)
    return _greatest(cast(x, T), cast(low, T))


def _below(x, high, zero):
    T = type_of(zero)
    return _least(cast(x, T), cast(high, T))


def _between(x, low, high, zero):
    T = type_of(zero)
    return _least(_greatest(cast(x, T), cast(low, T)), cast(high, T))


def _clipped(a, lo, hi):
    if lo is None:
        if hi is None:
            return a.copy()
        else:
            zero = cast(0, promote(a.dtype, type_of(_bound_zero(a, lo, hi))))
            return elementwise(_below, a, hi, zero)
    else:
        zero = cast(0, promote(a.dtype, type_of(_bound_zero(a, lo, hi))))
        if hi is None:
            return elementwise(_above, a, lo, zero)
        else:
            return elementwise(_between, a, lo, hi, zero)


def _given(first, second):
    if first is None:
        return second
    else:
        return first


@overload(np.clip)
@overload("method:array.clip")
def clip(
    a: Array,
    a_min: Number | Array | NoneType = None,
    a_max: Number | Array | NoneType = None,
    out: Array | NoneType = None,
    min: Number | Array | NoneType = None,
    max: Number | Array | NoneType = None,
):
    """The elements limited to an interval.

    >>> np.clip(a, 0.0, 2.0)
    >>> np.clip(i, 1, 3)
    >>> a.clip(0.0, 2.0)
    >>> np.clip(a, b, None)
    """
    r = _clipped(a, _given(a_min, min), _given(a_max, max))
    if out is None:
        return r
    else:
        out[...] = r
        return out


def _clipped_number(x, lo, hi, zero):
    T = type_of(zero)
    v = cast(x, T)
    if lo is not None:
        v = _greatest(v, cast(lo, T))
    if hi is not None:
        v = _least(v, cast(hi, T))
    return v


def _number_zero(x, lo, hi):
    if lo is None:
        if hi is None:
            return cast(0, type_of(x))
        else:
            return cast(0, promote(type_of(x), type_of(hi)))
    else:
        return cast(0, promote(type_of(_number_zero(x, None, hi)), type_of(lo)))


@overload(np.clip)
def clip_number(a: Number, a_min: Number | NoneType = None, a_max: Number | NoneType = None):
    return _clipped_number(a, a_min, a_max, _number_zero(a, a_min, a_max))
