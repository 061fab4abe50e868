"""Splitting arrays: lists of views."""

import numpy as np
from cantil.library import overload, strided_view, tuple_set


def _cut(a, axis, low, high):
    """The view from low up to high along an axis, by the rules of slices."""
    n = a.shape[axis]
    lo = min(max(low + n if low < 0 else low, 0), n)
    hi = min(max(high + n if high < 0 else high, 0), n)
    length = max(hi - lo, 0)
    return strided_view(a, a.dtype, lo * a.strides[axis], tuple_set(a.shape, axis, length), a.strides)


def _even_bounds(n, sections):
    """Where `sections` pieces of n begin and end, the longer ones first."""
    bounds = np.empty((sections + 1,), np.int64)
    each = n // sections
    longer = n % sections
    at = 0
    for k in range(sections + 1):
        bounds[k] = at
        at += each + 1 if k < longer else each
    return bounds


def _bounds_at(n, indices):
    bounds = np.empty((indices.shape[0] + 2,), np.int64)
    bounds[0] = 0
    for k in range(indices.shape[0]):
        bounds[k + 1] = indices[k]
    bounds[indices.shape[0] + 1] = n
    return bounds


def _pieces(a, axis, bounds):
    return [_cut(a, axis, bounds[k], bounds[k + 1]) for k in range(bounds.shape[0] - 1)]


def _known_axis(axis, ndim):
    """The axis counted from the front; NumPy takes it from the shape."""
    if axis < -ndim or axis >= ndim:
        raise IndexError("tuple index out of range")
    return axis + ndim if axis < 0 else axis


@overload(np.array_split)
def array_split(ary: Array, indices_or_sections: Whole | Array1, axis: Whole = 0):
    """Views of nearly equal pieces, or of the pieces between indices.

    >>> np.array_split(a, 3)
    >>> np.array_split(a, (2, 5))
    """
    i = _known_axis(axis, ary.ndim)
    n = ary.shape[i]
    if isinstance(indices_or_sections, np.ndarray):
        return _pieces(ary, i, _bounds_at(n, indices_or_sections))
    else:
        if indices_or_sections <= 0:
            raise ValueError("number sections must be larger than 0.")
        return _pieces(ary, i, _even_bounds(n, np.int64(indices_or_sections)))


@overload(np.split)
def split(ary: Array, indices_or_sections: Whole | Array1, axis: Whole = 0):
    """Views of equal pieces, or of the pieces between indices.

    >>> np.split(m, 3)
    >>> np.split(a, (2, 5))
    """
    if isinstance(indices_or_sections, np.ndarray):
        return array_split(ary, indices_or_sections, axis)
    else:
        if ary.shape[_known_axis(axis, ary.ndim)] % indices_or_sections != 0:
            raise ValueError("array split does not result in an equal division")
        return array_split(ary, indices_or_sections, axis)


@overload(np.hsplit)
def hsplit(ary: Array, indices_or_sections: Whole | Array1):
    """Views of pieces side by side.

    >>> np.hsplit(m, 2)
    """
    if ary.ndim == 0:
        raise ValueError("hsplit only works on arrays of 1 or more dimensions")
    return split(ary, indices_or_sections, 1 if ary.ndim > 1 else 0)


@overload(np.vsplit)
def vsplit(ary: Array, indices_or_sections: Whole | Array1):
    """Views of pieces one above the other.

    >>> np.vsplit(m, 3)
    """
    if ary.ndim < 2:
        raise ValueError("vsplit only works on arrays of 2 or more dimensions")
    return split(ary, indices_or_sections, 0)


@overload(np.dsplit)
def dsplit(ary: Array, indices_or_sections: Whole | Array1):
    """Views of pieces along the third axis.

    >>> np.dsplit(m.reshape(1, 3, 4), 2)
    """
    if ary.ndim < 3:
        raise ValueError("dsplit only works on arrays of 3 or more dimensions")
    return split(ary, indices_or_sections, 2)
