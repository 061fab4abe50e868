"""Arrays with other shapes: reshape, transposition, broadcasting; views where NumPy gives views."""

import numpy as np
from cantil.library import (
    itemsize_of,
    layout_of,
    overload,
    packed_view,
    strided_view,
    tuple_drop,
    tuple_insert,
    tuple_set,
)
from numpy.exceptions import AxisError


def _axis(axis, ndim):
    """The axis counted from the front, or AxisError."""
    if axis < -ndim or axis >= ndim:
        raise AxisError(axis, ndim)
    return axis + ndim if axis < 0 else axis


def _is_packed(a):
    """Whether the elements lie one after the other in C order."""
    if layout_of(a) == "C":
        return True
    step = a.itemsize
    n = a.size
    for i in range(a.ndim - 1, -1, -1):
        if a.shape[i] != 1 and a.strides[i] != step and n != 0:
            return False
        step *= a.shape[i]
    return True


def _flat(a):
    """All elements in C order as one axis: a view where they lie so, else a copy."""
    if layout_of(a) == "C":
        return packed_view(a, a.dtype, 0, (a.size,))
    if _is_packed(a):
        return packed_view(a, a.dtype, 0, (a.size,))
    return packed_view(a.copy(), a.dtype, 0, (a.size,))


def _product(shape):
    if len(shape) == 0:
        return 1
    n = 1
    for i in range(len(shape)):
        n *= shape[i]
    return n


def _permute(t, axes, n: LiteralInt):
    """The items of `t` at the positions `axes`, the first n of them."""
    if n == 0:
        return ()
    return _permute(t, axes, n - 1) + (t[axes[n - 1]],)


def _wrap_axes(axes, ndim):
    for i in range(len(axes)):
        a = axes[i]
        _axis(a, ndim)
        for k in range(i):
            if (axes[k] - a) % ndim == 0:
                raise ValueError("repeated axis in transpose")


@overload(np.ravel)
@overload("method:array.ravel")
def ravel(a: Array, order: LiteralStr = "C"):
    """The elements as one axis; a view where they lie so.

    >>> np.ravel(m)
    >>> m.ravel()
    """
    if order == "F":
        return _flat(a.T)
    return _flat(a)


@overload("method:array.flatten")
def flatten(a: Array, order: LiteralStr = "C"):
    """A copy of the elements as one axis.

    >>> m.T.flatten()
    """
    if order == "F":
        return packed_view(a.T.copy(), a.dtype, 0, (a.size,))
    return packed_view(a.copy(), a.dtype, 0, (a.size,))


def _resolve_shape(size, shape):
    """`shape` with a -1 replaced by what is left of `size` elements."""
    if len(shape) == 0:
        if size != 1:
            raise ValueError("cannot reshape array: the sizes differ")
        return ()
    known = 1
    unknown = -1
    for i in range(len(shape)):
        if shape[i] < 0:
            if unknown >= 0:
                raise ValueError("can only specify one unknown dimension")
            unknown = i
        else:
            known *= shape[i]
    if unknown >= 0:
        if known == 0 or size % known != 0:
            raise ValueError("cannot reshape array: the sizes differ")
        return tuple_set(shape, unknown, size // known)
    if known != size:
        raise ValueError("cannot reshape array: the sizes differ")
    return tuple_set(shape, 0, shape[0])


def _reverse(t):
    return t[::-1]


@overload(np.reshape)
@overload("method:array.reshape")
def reshape(a: Array, shape: Tuple, order: LiteralStr = "C"):
    """The elements in another shape.

    >>> np.reshape(m, (2, 6))
    >>> np.reshape(m, (-1, 2))
    >>> m.reshape(2, 6)
    >>> m.reshape(-1)
    """
    if order == "F":
        return packed_view(_flat(a.T), a.dtype, 0, _resolve_shape(a.size, _reverse(shape))).T
    return packed_view(_flat(a), a.dtype, 0, _resolve_shape(a.size, shape))


@overload(np.reshape)
@overload("method:array.reshape")
def reshape_length(a: Array, shape: Whole, order: LiteralStr = "C"):
    return reshape(a, (shape,), order)


@overload("method:array.reshape")
def reshape_lengths(a: Array, *shape):
    return packed_view(_flat(a), a.dtype, 0, _resolve_shape(a.size, shape))


@overload(np.transpose)
@overload("method:array.transpose")
def transpose(a: Array, axes: NoneType = None):
    """The axes in reverse or another order.

    >>> np.transpose(m)
    >>> np.transpose(m, (1, 0))
    >>> m.transpose()
    """
    return a.T


@overload(np.transpose)
@overload("method:array.transpose")
def transpose_axes(a: Array, axes: Tuple):
    if len(axes) != a.ndim:
        raise ValueError("axes don't match array")
    _wrap_axes(axes, a.ndim)
    return strided_view(a, a.dtype, 0, _permute(a.shape, axes, a.ndim), _permute(a.strides, axes, a.ndim))


@overload("method:array.transpose")
def transpose_many(a: Array, *axes):
    return transpose_axes(a, axes)


@overload(np.swapaxes)
@overload("method:array.swapaxes")
def swapaxes(a: Array, axis1: Whole, axis2: Whole):
    """Two axes exchanged.

    >>> np.swapaxes(m, 0, 1)
    >>> m.swapaxes(0, 1)
    """
    i = _axis(axis1, a.ndim)
    j = _axis(axis2, a.ndim)
    shape = tuple_set(tuple_set(a.shape, i, a.shape[j]), j, a.shape[i])
    strides = tuple_set(tuple_set(a.strides, i, a.strides[j]), j, a.strides[i])
    return strided_view(a, a.dtype, 0, shape, strides)


@overload(np.moveaxis)
def moveaxis(a: Array, source: Whole, destination: Whole):
    """An axis at another place.

    >>> np.moveaxis(m, 0, 1)
    """
    i = _axis(source, a.ndim)
    j = _axis(destination, a.ndim)
    shape = tuple_insert(tuple_drop(a.shape, i), j, a.shape[i])
    strides = tuple_insert(tuple_drop(a.strides, i), j, a.strides[i])
    return strided_view(a, a.dtype, 0, shape, strides)


@overload(np.rollaxis)
def rollaxis(a: Array, axis: Whole, start: Whole = 0):
    """An axis rolled backwards to another place.

    >>> np.rollaxis(m, 1)
    """
    i = _axis(axis, a.ndim)
    j = _axis(start, a.ndim + 1)
    if i < j:
        j -= 1
    return moveaxis(a, i, j)


@overload(np.expand_dims)
def expand_dims(a: Array, axis: Whole):
    """With a new axis of length 1.

    >>> np.expand_dims(a, 0)
    >>> np.expand_dims(m, -1)
    """
    i = _axis(axis, a.ndim + 1)
    if layout_of(a) == "C":
        return packed_view(a, a.dtype, 0, tuple_insert(a.shape, i, 1))
    return strided_view(a, a.dtype, 0, tuple_insert(a.shape, i, 1), tuple_insert(a.strides, i, 0))


@overload(np.squeeze)
@overload("method:array.squeeze")
def squeeze_axis(a: Array, axis: Whole):
    """Without the axes of length 1.

    >>> np.squeeze(a.reshape(1, -1), axis=0)
    >>> a.reshape(1, -1).squeeze(axis=0)
    """
    i = _axis(axis, a.ndim)
    if a.shape[i] != 1:
        raise ValueError("cannot select an axis to squeeze out which has size not equal to one")
    if layout_of(a) == "C":
        return packed_view(a, a.dtype, 0, tuple_drop(a.shape, i))
    return strided_view(a, a.dtype, 0, tuple_drop(a.shape, i), tuple_drop(a.strides, i))


@overload(np.atleast_1d)
def atleast_1d(a: Array):
    """At least one axis.

    >>> np.atleast_1d(a)
    """
    if a.ndim == 0:
        return packed_view(a, a.dtype, 0, (1,))
    return a


@overload(np.atleast_1d)
def atleast_1d_number(a: Number):
    r = np.empty((1,), type(a))
    r[0] = a
    return r


@overload(np.atleast_2d)
def atleast_2d(a: Array):
    """At least two axes.

    >>> np.atleast_2d(a)
    """
    if a.ndim == 0:
        return packed_view(a, a.dtype, 0, (1, 1))
    if a.ndim == 1:
        return expand_dims(a, 0)
    return a


@overload(np.atleast_2d)
def atleast_2d_number(a: Number):
    return atleast_2d(atleast_1d_number(a))


@overload(np.atleast_3d)
def atleast_3d(a: Array):
    """At least three axes.

    >>> np.atleast_3d(a)
    """
    if a.ndim == 0:
        return packed_view(a, a.dtype, 0, (1, 1, 1))
    if a.ndim == 1:
        return expand_dims(expand_dims(a, 0), 2)
    if a.ndim == 2:
        return expand_dims(a, 2)
    return a


@overload(np.atleast_3d)
def atleast_3d_number(a: Number):
    return atleast_3d(atleast_1d_number(a))


# Broadcasting


def _widen(t, n: LiteralInt, fill):
    """`t` with `fill` put before it until it has n items."""
    if n - len(t) <= 0:
        return t
    return (fill,) * (n - len(t)) + t


def _broadcast_dim(a, b):
    if a != b and a != 1 and b != 1:
        raise ValueError("shape mismatch: objects cannot be broadcast to a single shape")
    return b if a == 1 else a


def _broadcast_two(a, b):
    """The shape to which shapes a and b broadcast."""
    if len(a) == 0:
        return b
    if len(b) == 0:
        return a
    return _broadcast_two(a[:-1], b[:-1]) + (_broadcast_dim(a[-1], b[-1]),)


def _broadcast_shapes(shapes):
    if len(shapes) == 1:
        return shapes[0]
    return _broadcast_two(shapes[0], _broadcast_shapes(shapes[1:]))


def _shapes_of(arrays):
    if len(arrays) == 0:
        return ()
    return (arrays[0].shape,) + _shapes_of(arrays[1:])


def _broadcast_strides(shape, strides, to):
    """Strides of a view of shape `to`; both tuples have the same number of items."""
    if len(shape) == 0:
        return ()
    if shape[-1] != to[-1] and shape[-1] != 1:
        raise ValueError("cannot broadcast array to the requested shape")
    return _broadcast_strides(shape[:-1], strides[:-1], to[:-1]) + (
        strides[-1] if shape[-1] == to[-1] else 0,
    )


@overload(np.broadcast_to)
def broadcast_to(a: Array, shape: Tuple):
    """A read-only view of a larger shape.

    >>> np.broadcast_to(a, (2, 7)).copy()
    """
    if a.ndim > len(shape):
        raise ValueError("input operand has more dimensions than allowed by the axis remapping")
    own = _widen(a.shape, len(shape), 1)
    strides = _widen(a.strides, len(shape), 0)
    return strided_view(a, a.dtype, 0, shape, _broadcast_strides(own, strides, shape))


@overload(np.broadcast_to)
def broadcast_to_length(a: Array, shape: Whole):
    return broadcast_to(a, (shape,))


@overload(np.broadcast_to)
def broadcast_number_to(a: Number, shape: Tuple | Whole):
    return np.broadcast_to(atleast_1d_number(a), shape)


def _broadcast_each(arrays, shape):
    if len(arrays) == 0:
        return ()
    return (broadcast_to(arrays[0], shape),) + _broadcast_each(arrays[1:], shape)


@overload(np.broadcast_arrays)
def broadcast_arrays(*arrays):
    """Views of a common shape.

    >>> np.broadcast_arrays(a, a.reshape(-1, 1))[0].copy()
    """
    return _broadcast_each(arrays, _broadcast_shapes(_shapes_of(arrays)))


@overload(np.broadcast_shapes)
def broadcast_shapes(*shapes):
    """The common shape.

    >>> np.broadcast_shapes((3, 1), (1, 4))
    """
    return _broadcast_shapes(shapes)


# Memory order and type


def _copy_as(a, T):
    r = np.empty(a.shape, T)
    r[...] = a
    return r


@overload("method:array.astype")
def astype(a: Array, dtype: Type):
    """The elements as another type.

    >>> a.astype(np.int64)
    >>> i.astype(np.complex64)
    """
    return _copy_as(a, dtype)


@overload(np.ascontiguousarray)
def ascontiguousarray(a: Array):
    """In C order; itself where it is.

    >>> np.ascontiguousarray(m.T)
    """
    if a.ndim == 0:
        return packed_view(a, a.dtype, 0, (1,))
    if layout_of(a) == "C":
        return a
    if _is_packed(a):
        return packed_view(a, a.dtype, 0, a.shape)
    return a.copy()


@overload(np.ascontiguousarray)
def ascontiguousarray_number(a: Number):
    return atleast_1d_number(a)


@overload(np.asfortranarray)
def asfortranarray(a: Array):
    """In Fortran order; itself where it is.

    >>> np.asfortranarray(m)
    """
    if a.ndim <= 1:
        return ascontiguousarray(a)
    if layout_of(a) == "F":
        return a
    return ascontiguousarray(a.T).T


@overload(np.asfortranarray)
def asfortranarray_number(a: Number):
    return atleast_1d_number(a)


@overload("method:array.view")
def view(a: Array, dtype: Type):
    """The same bytes as another type.

    >>> a.view(np.int64)
    """
    if itemsize_of(dtype) == a.itemsize:
        if layout_of(a) == "C":
            return packed_view(a, dtype, 0, a.shape)
        return strided_view(a, dtype, 0, a.shape, a.strides)
    if a.ndim == 0:
        raise ValueError("Changing the dtype of a 0d array is only supported if the itemsize is unchanged")
    if a.strides[-1] != a.itemsize and a.shape[-1] > 1:
        raise ValueError("To change to a dtype of a different size, the last axis must be contiguous")
    length = a.shape[-1] * a.itemsize
    if length % itemsize_of(dtype) != 0:
        raise ValueError(
            "When changing to a larger dtype, its size must be a divisor of the total size in bytes "
            "of the last axis of the array."
        )
    shape = a.shape[:-1] + (length // itemsize_of(dtype),)
    if layout_of(a) == "C":
        return packed_view(a, dtype, 0, shape)
    return strided_view(a, dtype, 0, shape, a.strides[:-1] + (itemsize_of(dtype),))


@overload("method:array.item")
def item(a: Array):
    """One element as a number.

    >>> a.item(2)
    >>> a[:1].item()
    """
    if a.size != 1:
        raise ValueError("can only convert an array of size 1 to a Python scalar")
    return _flat(a)[0]


@overload("method:array.item")
def item_at(a: Array, index: Whole):
    n = a.size
    if index < -n or index >= n:
        raise IndexError("index is out of bounds")
    return _flat(a)[index]


@overload(np.size)
def np_size(a: Array):
    """The number of elements.

    >>> np.size(m)
    """
    return a.size


@overload(np.shape)
def np_shape(a: Array):
    """The shape.

    >>> np.shape(m)
    """
    return a.shape


@overload(np.ndim)
def np_ndim(a: Array):
    """The number of axes.

    >>> np.ndim(m)
    """
    return a.ndim


@overload(np.ndim)
def np_ndim_number(a: Number):
    return 0


@overload(np.lib.stride_tricks.as_strided)
def as_strided(a: Array, shape: Tuple | NoneType = None, strides: Tuple | NoneType = None):
    """A view with any shape and strides.

    >>> np.lib.stride_tricks.as_strided(a, (3, 3), (8, 8)).copy()
    """
    s = a.shape if shape is None else shape
    t = a.strides if strides is None else strides
    return strided_view(a, a.dtype, 0, s, t)


@overload(np.frombuffer)
def frombuffer_array(buffer: Array, dtype: Type = np.float64, count: Whole = -1, offset: Whole = 0):
    """The memory of an array as elements of another type.

    >>> np.frombuffer(i, np.uint8)
    """
    if not _is_packed(buffer):
        raise ValueError("ndarray is not C-contiguous")
    size = itemsize_of(dtype)
    if offset < 0 or offset > buffer.nbytes:
        raise ValueError(f"offset must be non-negative and no greater than buffer length ({buffer.nbytes})")
    left = buffer.nbytes - offset
    items = np.int64(count)
    if count < 0:
        if left % size != 0:
            raise ValueError("buffer size must be a multiple of element size")
        items = left // size
    elif items * size > left:
        raise ValueError("buffer is smaller than requested size")
    return packed_view(_flat(buffer), dtype, offset, (items,))


def _windows(shape, strides, window, axis, moved):
    """Shape and strides with the axes of the windows behind the others; `moved` are the strides before."""
    if len(window) == 0:
        return shape, strides
    i = _axis(axis[0], len(moved))
    if window[0] < 0:
        raise ValueError("`window_shape` cannot contain negative values")
    if window[0] > shape[i]:
        raise ValueError("window shape cannot be larger than input array shape")
    cut = tuple_set(shape, i, shape[i] - window[0] + 1)
    return _windows(cut + (window[0],), strides + (moved[i],), window[1:], axis[1:], moved)


def _first_axes(n: LiteralInt):
    if n == 0:
        return ()
    return _first_axes(n - 1) + (n - 1,)


@overload(np.lib.stride_tricks.sliding_window_view)
def sliding_window_view(x: Array, window_shape: Tuple | Whole, axis: Tuple | Whole | NoneType = None):
    """A view of all windows.

    >>> np.lib.stride_tricks.sliding_window_view(a, 3).copy()
    >>> np.lib.stride_tricks.sliding_window_view(m, (2, 2)).copy()
    """
    window = window_shape if isinstance(window_shape, tuple) else (window_shape,)
    if axis is None:
        if len(window) != x.ndim:
            raise ValueError(
                "Since axis is `None`, must provide window_shape for all dimensions of `x`; got "
                f"{len(window)} window_shape elements and `x.ndim` is {x.ndim}."
            )
        axes = _first_axes(x.ndim)
    else:
        axes = axis if isinstance(axis, tuple) else (axis,)
        if len(window) != len(axes):
            raise ValueError(
                f"Must provide matching length window_shape and axis; got {len(window)} window_shape elements "
                f"and {len(axes)} axes elements."
            )
    if len(window) == len(axes):
        shape, strides = _windows(x.shape, x.strides, window, axes, x.strides)
        return strided_view(x, x.dtype, 0, shape, strides)
    else:
        return strided_view(x, x.dtype, 0, x.shape, x.strides)
