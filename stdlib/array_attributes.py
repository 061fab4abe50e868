"""Attributes and methods of arrays about their memory, and their elements as Python's values."""

import numpy as np
from cantil.library import data_pointer, is_class, is_readonly, overload, primitive_as


@overload("attribute:ctypes.data")
def ctypes_data(a: Array):
    """Where the elements lie in memory, as a number.

    >>> a.ctypes.data > 0
    """
    return primitive_as(np.int64, "bitcast", data_pointer(a))


@overload("attribute:flags.writeable")
def writeable(a: Array):
    """Whether the elements may be changed.

    >>> a.flags.writeable
    """
    return not is_readonly(a)


@overload("method:array.tolist")
def tolist(a: Array):
    """The elements as lists in lists; a number without dimensions as itself.

    >>> a.tolist()
    >>> m.T.tolist()
    """
    if a.ndim == 0:
        return a[()]
    if a.ndim == 1:
        return [x for x in a]
    return [tolist(a[i, ...]) for i in range(a.shape[0])]


@overload("method:array.conj")
@overload("method:array.conjugate")
def conj(a: Array):
    """The complex conjugates.

    >>> z.conj()
    >>> z.conjugate()
    """
    if is_class(a.dtype, "Complex"):
        return np.conjugate(a)
    return a
