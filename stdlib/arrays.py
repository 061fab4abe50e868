"""Creating, filling and copying arrays."""

import numpy as np
from cantil.library import allocate_array, assign_array, cast, overload, type_of


def _count(shape):
    """The number of elements, after refusing negative dimensions as NumPy does."""
    if len(shape) == 0:
        return 1
    n = 1
    for i in range(len(shape)):
        if shape[i] < 0:
            raise ValueError("negative dimensions are not allowed")
        n *= shape[i]
    return n


@overload(np.empty)
def empty_tuple(shape: Tuple, dtype: Type = np.float64):
    """A new array, its elements undefined.

    >>> np.empty((2, k)).shape
    """
    _count(shape)
    return allocate_array(dtype, shape)


@overload(np.empty)
def empty_int(shape: Whole, dtype: Type = np.float64):
    return np.empty((shape,), dtype)


@overload(np.zeros)
def zeros(shape: Tuple | Whole, dtype: Type = np.float64):
    """A new array of zeros.

    >>> np.zeros((2, k))
    >>> np.zeros(3, np.int8)
    """
    a = np.empty(shape, dtype)
    a[...] = cast(0, dtype)
    return a


@overload(np.ones)
def ones(shape: Tuple | Whole, dtype: Type = np.float64):
    """A new array of ones.

    >>> np.ones((2, k))
    >>> np.ones(3, np.complex64)
    """
    a = np.empty(shape, dtype)
    a[...] = cast(1, dtype)
    return a


@overload(np.full)
def full_typed(shape: Tuple | Whole, fill_value: Number, dtype: Type):
    """A new array of one value.

    >>> np.full((2, k), x)
    >>> np.full(3, k, np.float32)
    """
    a = np.empty(shape, dtype)
    a[...] = fill_value
    return a


@overload(np.full)
def full(shape: Tuple | Whole, fill_value: Number):
    a = np.empty(shape, type_of(fill_value))
    a[...] = fill_value
    return a


@overload(np.empty_like)
def empty_like(a: Array):
    """A new array of the same shape and type, its elements undefined.

    >>> np.empty_like(m).shape
    """
    return np.empty(a.shape, a.dtype)


@overload(np.empty_like)
def empty_like_typed(a: Array, dtype: Type):
    return np.empty(a.shape, dtype)


@overload(np.zeros_like)
def zeros_like(a: Array):
    """A new array of zeros of the same shape and type.

    >>> np.zeros_like(m)
    """
    return np.zeros(a.shape, a.dtype)


@overload(np.zeros_like)
def zeros_like_typed(a: Array, dtype: Type):
    return np.zeros(a.shape, dtype)


@overload(np.ones_like)
def ones_like(a: Array):
    """A new array of ones of the same shape and type.

    >>> np.ones_like(i)
    """
    return np.ones(a.shape, a.dtype)


@overload(np.ones_like)
def ones_like_typed(a: Array, dtype: Type):
    return np.ones(a.shape, dtype)


@overload(np.full_like)
def full_like(a: Array, fill_value: Number):
    """A new array of one value of the same shape and type.

    >>> np.full_like(i, 7)
    """
    r = np.empty(a.shape, a.dtype)
    r[...] = fill_value
    return r


@overload("method:array.copy")
def copy(a: Array):
    """A copy in C order.

    >>> m.T.copy()
    """
    r = np.empty(a.shape, a.dtype)
    r[...] = a
    return r


@overload(np.copy)
def np_copy(a: Array):
    """A copy.

    >>> np.copy(m)
    """
    return a.copy()


@overload("method:array.fill")
def fill(a: Array, value: Number):
    """Sets every element.

    >>> a.fill(2.0)
    """
    a[...] = value


# Assignment to a whole view: a scalar everywhere, or an array of the same shape (broadcasting: where a length is 1).


@overload(assign_array)
def assign_0d(view: Array0, value: Number):
    view[()] = value


@overload(assign_array)
def assign_scalar(view: Array, value: Number):
    for i in range(view.shape[0]):
        if view.ndim == 1:
            view[i] = value
        else:
            view[i, ...] = value


@overload(assign_array)
def assign(view: Array, value: Array):
    if value.ndim > view.ndim:
        raise ValueError("cannot assign an array with more dimensions than the target has")
    if value.ndim < view.ndim:
        for i in range(view.shape[0]):
            view[i, ...] = value
    elif view.ndim == 0:
        view[()] = value[()]
    else:
        n = value.shape[0]
        if n != view.shape[0] and n != 1:
            raise ValueError("cannot assign slice from input of different size")
        for i in range(view.shape[0]):
            k = 0 if n == 1 else i
            if view.ndim == 1:
                view[i] = value[k]
            else:
                view[i, ...] = value[k, ...]
