"""np.finfo and np.iinfo: the limits of number types; the flags of arrays."""

import numpy as np
from cantil.library import bits_of, cast, is_class, layout_of, overload, same_type

from .shapes import _is_packed


def _of_width(T, half, single, double):
    if same_type(T, np.float16):
        return cast(half, np.float16)
    if same_type(T, np.float32) or same_type(T, np.complex64):
        return cast(single, np.float32)
    return cast(double, np.float64)


@overload("attribute:finfo.eps")
def eps(T: Type):
    """The distance from 1 to the next number.

    >>> np.finfo(a.dtype).eps
    """
    return _of_width(T, 0.0009765625, 1.1920928955078125e-07, 2.220446049250313e-16)


@overload("attribute:finfo.epsneg")
def epsneg(T: Type):
    """The distance from 1 to the number before.

    >>> np.finfo(a.dtype).epsneg
    """
    return _of_width(T, 0.00048828125, 5.960464477539063e-08, 1.1102230246251565e-16)


@overload("attribute:finfo.max")
def largest(T: Type):
    """The largest number.

    >>> np.finfo(a.dtype).max
    """
    return _of_width(T, 65504.0, 3.4028234663852886e38, 1.7976931348623157e308)


@overload("attribute:finfo.min")
def lowest(T: Type):
    """The smallest number.

    >>> np.finfo(a.dtype).min
    """
    return -largest(T)


@overload("attribute:finfo.tiny")
@overload("attribute:finfo.smallest_normal")
def tiny(T: Type):
    """The smallest normal number above 0.

    >>> np.finfo(a.dtype).tiny
    """
    return _of_width(T, 6.103515625e-05, 1.1754943508222875e-38, 2.2250738585072014e-308)


@overload("attribute:finfo.resolution")
def resolution(T: Type):
    """The precision in decimal digits, as a number.

    >>> np.finfo(a.dtype).resolution
    """
    return _of_width(T, 0.001, 1e-06, 1e-15)


@overload("attribute:finfo.bits")
def float_bits(T: Type):
    """The width.

    >>> np.finfo(a.dtype).bits
    """
    return bits_of(T) // 2 if is_class(T, "Complex") else bits_of(T)


@overload("attribute:iinfo.bits")
def int_bits(T: Type):
    """The width.

    >>> np.iinfo(i.dtype).bits
    """
    return bits_of(T)


@overload("attribute:iinfo.min")
def int_min(T: Type):
    """The smallest number.

    >>> np.iinfo(i.dtype).min
    """
    if is_class(T, "Unsigned"):
        return 0
    return -1 << (bits_of(T) - 1)


@overload("attribute:iinfo.max")
def int_max(T: Type):
    """The largest number.

    >>> np.iinfo(i.dtype).max
    """
    if same_type(T, np.uint64):
        return cast(-1, np.uint64)
    elif is_class(T, "Unsigned"):
        return (1 << bits_of(T)) - 1
    else:
        return ~int_min(T)


@overload("attribute:flags.c_contiguous")
@overload("attribute:flags.contiguous")
def c_contiguous(a: Array):
    """Whether the elements lie one after another in C order.

    >>> m.T.flags.c_contiguous
    """
    return layout_of(a) == "C" or _is_packed(a)


@overload("attribute:flags.f_contiguous")
def f_contiguous(a: Array):
    """The same in Fortran order.

    >>> m.T.flags.f_contiguous
    """
    return layout_of(a) == "F" or _is_packed(a.T)
