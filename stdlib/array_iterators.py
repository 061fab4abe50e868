"""What a.flat, np.ndindex, np.ndenumerate and np.nditer give at each step, and the indexing of a.flat."""

import numpy as np
from cantil.library import (
    cast,
    enumerated_item,
    flat_get,
    flat_item,
    flat_set,
    index_count,
    index_shape,
    index_tuple,
    item_view,
    iteration_views,
    layout_of,
    overload,
    packed_view,
    strided_view,
    tuple_set,
)

from .shapes import (
    _broadcast_shapes,
    _broadcast_strides,
    _flat,
    _product,
    _shapes_of,
    _widen,
)


@overload(index_shape)
def _index_shape(shape):
    if len(shape) > 0:
        for i in range(len(shape)):
            if shape[i] < 0:
                raise ValueError("negative dimensions are not allowed")
    return shape


@overload(index_count)
def _index_count(shape):
    return _product(shape)


@overload(index_tuple)
def _index_tuple(k, shape):
    """The indices of element number k in C order."""
    if len(shape) == 0:
        return ()
    if len(shape) == 1:
        return (k,)
    return _index_tuple(k // shape[-1], shape[:-1]) + (k % shape[-1],)


@overload(item_view)
def _item_view(a, places):
    """The 0-dimensional view of one element."""
    offset = 0
    if a.ndim > 0:
        for i in range(a.ndim):
            offset += places[i] * a.strides[i]
    return packed_view(a, a.dtype, offset, ())


@overload(enumerated_item)
def _enumerated_item(a, k):
    places = _index_tuple(k, a.shape)
    return places, a[places]


@overload(flat_item)
def _flat_item(a, k):
    if layout_of(a) == "C":
        return packed_view(a, a.dtype, 0, (a.size,))[k]
    return a[_index_tuple(np.int64(k), a.shape)]


# nditer: the arrays broadcast together, their axes in the order in which memory is laid out ('K'), as NumPy has it.


def _spread(arrays, shape):
    if len(arrays) == 0:
        return ()
    a = arrays[0]
    strides = _broadcast_strides(_widen(a.shape, len(shape), 1), _widen(a.strides, len(shape), 0), shape)
    return (strided_view(a, a.dtype, 0, shape, strides),) + _spread(arrays[1:], shape)


def _outer_first(arrays, i, k):
    """Whether axis k, which comes first, should come behind axis i: 1 yes, -1 no, 0 the arrays do not tell."""
    if len(arrays) == 0:
        return 0
    a = abs(arrays[0].strides[k])
    b = abs(arrays[0].strides[i])
    rest = _outer_first(arrays[1:], i, k)
    if a != 0 and b != 0:
        if a >= b:
            return -1
        return rest if rest == -1 else 1
    return rest


def _swapped(arrays, i, k):
    if len(arrays) == 0:
        return ()
    return (np.swapaxes(arrays[0], i, k),) + _swapped(arrays[1:], i, k)


def _may_flip(arrays, i):
    """Whether no array runs forwards along axis i and one runs backwards."""
    if len(arrays) == 0:
        return True
    return arrays[0].strides[i] <= 0 and _may_flip(arrays[1:], i)


def _runs_back(arrays, i):
    if len(arrays) == 0:
        return False
    return arrays[0].strides[i] < 0 or _runs_back(arrays[1:], i)


def _flipped(arrays, i):
    if len(arrays) == 0:
        return ()
    a = arrays[0]
    start = (a.shape[i] - 1) * a.strides[i] if a.size > 0 else 0
    turned = strided_view(a, a.dtype, start, a.shape, tuple_set(a.strides, i, -a.strides[i]))
    return (turned,) + _flipped(arrays[1:], i)


@overload(iteration_views)
def _iteration_views(arrays, order: LiteralStr):
    views = _spread(arrays, _broadcast_shapes(_shapes_of(arrays)))
    n = views[0].ndim
    if views[0].size == 0:
        raise ValueError("Iteration of zero-sized operands is not enabled")
    if n == 0:
        return views
    if order == "F":
        for i in range(n // 2):
            views = _swapped(views, i, n - 1 - i)
    elif order == "K" or order == "A":
        for i in range(n):
            if _may_flip(views, i) and _runs_back(views, i):
                views = _flipped(views, i)
        # Insertion: an axis moves towards the front as long as its strides are greater than the one before it.
        for i in range(1, n):
            k = i
            while k > 0 and _outer_first(views, k, k - 1) == 1:
                views = _swapped(views, k, k - 1)
                k -= 1
    return views


# a.flat[index], reading and assigning


@overload(flat_get)
def _flat_get(a, index: Whole):
    n = a.size
    k = np.int64(index)
    if k < -n or k >= n:
        raise IndexError(f"index {k} is out of bounds for size {n}")
    return _flat_item(a, k + n if k < 0 else k)


@overload(flat_get)
def _flat_get_many(a, index: Slice | Array):
    return _flat(a)[index].copy()


@overload(flat_set)
def _flat_set(a, index: Whole, value: Number):
    n = a.size
    k = np.int64(index)
    if k < -n or k >= n:
        raise IndexError(f"index {k} is out of bounds for size {n}")
    a[_index_tuple(k + n if k < 0 else k, a.shape)] = cast(value, a.dtype)


@overload(flat_set)
def _flat_set_many(a, index: Slice | Array, value: Number | Array):
    places = np.arange(a.size)[index]
    values = _flat(np.asarray(value))
    n = values.shape[0]
    if n > 0:
        for k in range(places.shape[0]):
            a[_index_tuple(places[k], a.shape)] = cast(values[k % n], a.dtype)


@overload("method:flat.copy")
def _flat_copy(a: Array):
    """The elements of a.flat as a new array.

    >>> m.flat.copy()
    """
    return _flat(a).copy()
