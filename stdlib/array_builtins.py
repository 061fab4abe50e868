"""Python's builtins on arrays, and the parts of arrays of complex numbers."""

import numpy as np
from cantil.library import is_class, overload, part_of, strided_view, type_of


@overload(abs)
def abs_array(a: Array):
    """The absolute values.

    >>> abs(a)
    >>> abs(z)
    """
    return np.absolute(a)


@overload(min)
def min_array(a: Array1):
    """The least element; of elements that compare neither way, such as NaN, the first stays.

    >>> min(a)
    >>> min(i)
    """
    if a.shape[0] == 0:
        raise ValueError("min() iterable argument is empty")
    best = a[0]
    for k in range(1, a.shape[0]):
        if a[k] < best:
            best = a[k]
    return best


@overload(max)
def max_array(a: Array1):
    """The greatest element; of elements that compare neither way, such as NaN, the first stays.

    >>> max(a)
    >>> max(i)
    """
    if a.shape[0] == 0:
        raise ValueError("max() iterable argument is empty")
    best = a[0]
    for k in range(1, a.shape[0]):
        if a[k] > best:
            best = a[k]
    return best


@overload(sum)
def sum_array(a: Array1):
    """The elements added from left to right.

    >>> sum(b)
    >>> sum(i)
    >>> sum(z)
    """
    total = 0 + type_of(a[0])(0)
    for k in range(a.shape[0]):
        total = total + a[k]
    return total


@overload(sum)
def sum_array_from(a: Array1, start: Number):
    total = start + type_of(a[0])(0)
    for k in range(a.shape[0]):
        total = total + a[k]
    return total


@overload(any)
def any_array(a: Array1):
    """Whether any element is true.

    >>> any(i)
    """
    return np.any(a)


@overload(all)
def all_array(a: Array1):
    """Whether all elements are true.

    >>> all(i)
    """
    return np.all(a)


@overload("attribute:array.real")
@overload(np.real)
def real(a: Array):
    """The real parts: a view.

    >>> z.real
    >>> np.real(a)
    """
    if is_class(a.dtype, "Complex"):
        return strided_view(a, part_of(a.dtype), 0, a.shape, a.strides)
    return a


@overload("attribute:array.imag")
@overload(np.imag)
def imag(a: Array):
    """The imaginary parts: a view, or zeros of an array of real numbers.

    >>> z.imag
    >>> np.imag(a)
    """
    if is_class(a.dtype, "Complex"):
        return strided_view(a, part_of(a.dtype), a.itemsize // 2, a.shape, a.strides)
    return np.zeros(a.shape, a.dtype)


@overload(np.round)
@overload("method:array.round")
def round_array(a: Array, decimals: Whole = 0):
    """Rounded to even at so many decimals, in NumPy's way: by scaling.

    >>> np.round(a)
    >>> np.round(m, 1)
    >>> a.round()
    """
    if is_class(a.dtype, "Integer") or is_class(a.dtype, "Boolean"):
        return a.copy()
    if decimals == 0:
        return np.rint(a)
    if decimals > 0:
        scale = part_of(a.dtype)(10.0**decimals)
        return np.rint(a * scale) / scale
    scale = part_of(a.dtype)(10.0**-decimals)
    return np.rint(a / scale) * scale


@overload(np.round)
def round_number(x: Float, decimals: Whole = 0):
    if decimals == 0:
        return np.rint(x)
    if decimals > 0:
        scale = type_of(x)(10.0**decimals)
        return np.rint(x * scale) / scale
    scale = type_of(x)(10.0**-decimals)
    return np.rint(x / scale) * scale
