"""np.r_, np.c_, np.mgrid, np.ogrid (frontend/typing/index_tricks.cpp has their syntax) and np.ix_."""

import math

import numpy as np
from cantil.library import (
    cast,
    grid_axis,
    index_c_,
    index_mgrid,
    index_ogrid,
    index_r_,
    is_class,
    overload,
    promote,
    tuple_set,
    type_of,
)


@overload(grid_axis)
def _grid_axis(start, stop, step, together: LiteralBool):
    """The numbers of one slice; `together`: as mgrid computes them for one of several axes."""
    if is_class(type_of(step), "Complex"):
        n = np.int64(abs(step))
        if together:
            width = np.float64(stop) - np.float64(start)
            unit = width / (n - 1) if n > 1 else width
            r = np.empty((n,), np.float64)
            for i in range(n):
                r[i] = np.float64(i) * unit + np.float64(start)
            return r
        else:
            return np.linspace(start, stop, n)
    else:
        if together:
            T = promote(promote(type_of(start), type_of(stop)), type_of(step))
            if step == 0:
                raise ZeroDivisionError("division by zero")
            n = max(np.int64(math.ceil((np.float64(stop) - np.float64(start)) / np.float64(step))), 0)
            r = np.empty((n,), T)
            for i in range(n):
                r[i] = cast(i, T) * cast(step, T) + cast(start, T)
            return r
        else:
            return np.arange(start, stop, step)


def _strong(items):
    """A zero of the type of the arrays among the items; bool where there is none."""
    if len(items) == 0:
        return cast(0, np.bool_)
    if isinstance(items[0], np.ndarray):
        return cast(0, promote(items[0].dtype, type_of(_strong(items[1:]))))
    return _strong(items[1:])


def _arrays_in(items):
    if len(items) == 0:
        return ()
    if isinstance(items[0], np.ndarray):
        return (items[0],) + _arrays_in(items[1:])
    return _arrays_in(items[1:])


def _weak(x, zero):
    """A zero of the type that a number and an array of zero's type have together: as Python's numbers, it has a kind
    but no width."""
    if isinstance(x, np.ndarray):
        return zero
    if is_class(type_of(x), "Boolean"):
        return zero
    if is_class(type_of(x), "Integer"):
        if is_class(type_of(zero), "Boolean"):
            return cast(0, np.int64)
        return zero
    if is_class(type_of(x), "Float"):
        if is_class(type_of(zero), "Whole"):
            return cast(0, np.float64)
        return zero
    return cast(0, promote(type_of(zero), np.complex64))


def _join_zero(items, zero):
    if len(items) == 0:
        return zero
    return _join_zero(items[1:], _weak(items[0], zero))


def _plain(items):
    if len(items) == 1:
        return cast(0, type_of(items[0]))
    return cast(0, promote(type_of(items[0]), type_of(_plain(items[1:]))))


def _zero_of(items):
    if len(_arrays_in(items)) > 0:
        return _join_zero(items, _strong(items))
    return _plain(items)


def _vectors(items, zero):
    if len(items) == 0:
        return ()
    if isinstance(items[0], np.ndarray):
        return (np.atleast_1d(items[0]).astype(type_of(zero)),) + _vectors(items[1:], zero)
    return (np.atleast_1d(cast(items[0], type_of(zero))),) + _vectors(items[1:], zero)


def _columns(vectors):
    if len(vectors) == 0:
        return ()
    if vectors[0].ndim == 1:
        return (np.expand_dims(vectors[0], 1),) + _columns(vectors[1:])
    return (vectors[0],) + _columns(vectors[1:])


@overload(index_r_)
def _index_r(items):
    return np.concatenate(_vectors(items, _zero_of(items)), 0)


@overload(index_c_)
def _index_c(items):
    return np.concatenate(_columns(_vectors(items, _zero_of(items))), -1)


def _grid_zero(axes):
    if len(axes) == 1:
        return cast(0, axes[0].dtype)
    return cast(0, promote(axes[0].dtype, type_of(_grid_zero(axes[1:]))))


def _lengths(axes):
    if len(axes) == 0:
        return ()
    return (axes[0].shape[0],) + _lengths(axes[1:])


def _ones(n: LiteralInt):
    if n == 0:
        return ()
    return (1,) + _ones(n - 1)


def _open(axes, n: LiteralInt, i: LiteralInt, zero):
    """Each vector along its own of n axes."""
    if i == n:
        return ()
    own = axes[i].astype(type_of(zero)).reshape(tuple_set(_ones(n), i, axes[i].shape[0]))
    return (own,) + _open(axes, n, i + 1, zero)


def _put_grids(r, grids, i: LiteralInt):
    if i < len(grids):
        r[i, ...] = grids[i]
        _put_grids(r, grids, i + 1)


@overload(index_ogrid)
def _index_ogrid(axes):
    return _open(axes, len(axes), 0, _grid_zero(axes))


@overload(index_mgrid)
def _index_mgrid(axes):
    r = np.empty((len(axes),) + _lengths(axes), type_of(_grid_zero(axes)))
    _put_grids(r, _index_ogrid(axes), 0)
    return r


def _open_indices(arrays, n: LiteralInt, i: LiteralInt):
    if i == n:
        return ()
    a = arrays[i]
    if a.ndim != 1:
        raise ValueError("Cross index must be 1 dimensional")
    if is_class(a.dtype, "Boolean"):
        at = np.flatnonzero(a)
        return (at.reshape(tuple_set(_ones(n), i, at.shape[0])),) + _open_indices(arrays, n, i + 1)
    else:
        return (a.reshape(tuple_set(_ones(n), i, a.shape[0])),) + _open_indices(arrays, n, i + 1)


def _as_arrays(items):
    if len(items) == 0:
        return ()
    return (np.asarray(items[0]),) + _as_arrays(items[1:])


@overload(np.ix_)
def ix_(*args):
    """Index arrays that select the product of rows and columns.

    >>> q[np.ix_((0, 2), (1, 2))]
    """
    return _open_indices(_as_arrays(args), len(args), 0)
