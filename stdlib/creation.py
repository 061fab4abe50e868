"""New arrays: ranges, from scalars, tuples and arrays, with special shapes."""

import math

import numpy as np
from cantil import prange
from cantil.library import (
    cast,
    is_class,
    overload,
    packed_view,
    promote,
    same_type,
    type_of,
)

from .shapes import _copy_as, _flat


@overload(np.arange)
def arange(
    start: Real, stop: Real | NoneType = None, step: Real | NoneType = 1, dtype: Type | NoneType = None
):
    """Numbers from a start in steps.

    >>> np.arange(k)
    >>> np.arange(1.0, 3.0, 0.25)
    >>> np.arange(2, k, 3)
    """
    if stop is None:
        return arange(0, start, step, dtype)
    if step is None:
        return arange(start, stop, 1, dtype)
    T = promote(promote(type_of(start), type_of(stop)), type_of(step))
    if step == 0:
        raise ZeroDivisionError("division by zero")
    if is_class(T, "Float"):
        # The length as NumPy computes it, in double precision.
        n = cast(
            math.ceil((cast(stop, np.float64) - cast(start, np.float64)) / cast(step, np.float64)), np.int64
        )
        r = np.empty((max(n, 0),), T if dtype is None else dtype)
        first = cast(start, np.float64)
        # NumPy stores the first two values and steps by their difference.
        delta = (first + cast(step, np.float64)) - first
        for i in prange(r.shape[0]):
            r[i] = first + cast(i, np.float64) * delta
        return r
    lo = cast(start, np.int64)
    k = cast(step, np.int64)
    r = np.empty((len(range(lo, cast(stop, np.int64), k)),), np.int64 if dtype is None else dtype)
    for i in prange(r.shape[0]):
        r[i] = lo + i * k
    return r


@overload(np.linspace)
def linspace(
    start: Number,
    stop: Number,
    num: Whole = 50,
    endpoint: Boolean = True,
    retstep: LiteralBool = False,
    dtype: Type | NoneType = None,
):
    """Numbers at equal distances, both ends included.

    >>> np.linspace(x, y, 7)
    >>> np.linspace(x, y)
    """
    if num < 0:
        raise ValueError("Number of samples must be non-negative.")
    T = promote(promote(type_of(start), type_of(stop)), np.float64)
    div = num - 1 if endpoint else num
    r = np.empty((num,), T if dtype is None else dtype)
    first = cast(start, T)
    last = cast(stop, T)
    delta = last - first
    step = delta
    if div > 0:
        step = delta / cast(div, T)
        for i in prange(num):
            if step == 0:
                r[i] = cast(i, T) / cast(div, T) * delta + first
            else:
                r[i] = cast(i, T) * step + first
    else:
        step = cast(math.nan, T)
        for i in range(num):
            r[i] = cast(i, T) * delta + first
    if endpoint and num > 1:
        r[num - 1] = last
    if retstep:
        return r, step
    return r


@overload(np.logspace)
def logspace(start: Real, stop: Real, num: Whole = 50, endpoint: Boolean = True, base: Real = 10.0):
    """Powers of a base at equal distances of the exponent.

    >>> np.logspace(0.0, 2.0, 5)
    """
    r = np.linspace(start, stop, num, endpoint)
    for i in range(num):
        r[i] = cast(base, np.float64) ** r[i]
    return r


# np.array and np.asarray: of arrays, numbers, and nested tuples of them.


def _element_type(x):
    """A zero of the dtype that NumPy finds for the items of a nested tuple."""
    if isinstance(x, tuple):
        if len(x) == 0:
            return cast(0, np.float64)
        if len(x) == 1:
            return _element_type(x[0])
        return cast(0, promote(type_of(_element_type(x[0])), type_of(_element_type(x[1:]))))
    if isinstance(x, np.ndarray):
        return cast(0, x.dtype)
    return cast(0, type_of(x))


def _nested_shape(x):
    if isinstance(x, tuple):
        if len(x) == 0:
            return (0,)
        return (len(x),) + _nested_shape(x[0])
    if isinstance(x, np.ndarray):
        return x.shape
    return ()


def _put_nested(view, i, x):
    """The items of the tuple x into view[i], view[i + 1], …"""
    if len(x) > 0:
        item = x[0]
        if isinstance(item, tuple):
            if len(item) != view.shape[1]:
                raise ValueError(
                    "setting an array element with a sequence. The requested array has an inhomogeneous shape."
                )
            _put_nested(view[i, ...], 0, item)
        elif isinstance(item, np.ndarray):
            view[i, ...] = item
        else:
            view[i] = item
        _put_nested(view, i + 1, x[1:])


@overload(np.array)
def array_of_tuple(object: Tuple, dtype: Type | NoneType = None):
    """An array of nested tuples, of an array or a number.

    >>> np.array((1.0, 2.0, x))
    >>> np.array(((1, 2), (3, k)))
    >>> np.array(a)
    """
    r = np.empty(_nested_shape(object), type_of(_element_type(object)) if dtype is None else dtype)
    _put_nested(r, 0, object)
    return r


@overload(np.array)
def array_of_number(object: Number, dtype: Type | NoneType = None):
    r = np.empty((), type_of(object) if dtype is None else dtype)
    r[()] = object
    return r


@overload(np.array)
def array_of_array(object: Array, dtype: Type | NoneType = None, copy: LiteralBool = True):
    if copy == False and (dtype is None or same_type(object.dtype, dtype)):
        return object
    return _copy_as(object, object.dtype if dtype is None else dtype)


@overload(np.asarray)
@overload(np.asanyarray)
def asarray(a: Array, dtype: Type | NoneType = None):
    """An array of what may be one already.

    >>> np.asarray(a)
    >>> np.asarray((1, 2, k))
    >>> np.asanyarray(a)
    """
    if dtype is None:
        return a
    if same_type(a.dtype, dtype):
        return a
    return _copy_as(a, dtype)


@overload(np.asarray)
@overload(np.asanyarray)
def asarray_other(a: Tuple | Number, dtype: Type | NoneType = None):
    return np.array(a, dtype)


@overload(np.asarray_chkfinite)
def asarray_chkfinite(a: Array, dtype: Type | NoneType = None):
    """As asarray; an error where an element is not finite.

    >>> np.asarray_chkfinite(a)
    """
    flat = _flat(a)
    for i in range(flat.shape[0]):
        if not np.isfinite(flat[i]):
            raise ValueError("array must not contain infs or NaNs")
    return np.asarray(a, dtype)


# Matrices


@overload(np.eye)
def eye(N: Whole, M: Whole | NoneType = None, k: Whole = 0, dtype: Type = np.float64):
    """Ones on a diagonal.

    >>> np.eye(3)
    >>> np.eye(3, 4, 1)
    """
    columns = N if M is None else M
    r = np.zeros((N, columns), dtype)
    for i in range(max(0, -k), min(N, columns - k)):
        r[i, i + k] = cast(1, dtype)
    return r


@overload(np.identity)
def identity(n: Whole, dtype: Type = np.float64):
    """The unit matrix.

    >>> np.identity(3)
    """
    return np.eye(n, None, 0, dtype)


@overload(np.diag)
def diag_of_vector(v: Array1, k: Whole = 0):
    """A diagonal, or a matrix of one.

    >>> np.diag(q)
    >>> np.diag(a, 1)
    """
    n = v.shape[0] + abs(k)
    r = np.zeros((n, n), v.dtype)
    for i in range(v.shape[0]):
        r[i + max(0, -k), i + max(0, k)] = v[i]
    return r


@overload(np.diag)
@overload(np.diagonal)
@overload("method:array.diagonal")
def diag_of_matrix(v: Array2, k: Whole = 0):
    """A diagonal.

    >>> np.diagonal(q)
    >>> q.diagonal()
    """
    row = max(0, -k)
    column = max(0, k)
    n = max(min(v.shape[0] - row, v.shape[1] - column), 0)
    r = np.empty((n,), v.dtype)
    for i in range(n):
        r[i] = v[row + i, column + i]
    return r


@overload(np.diagflat)
def diagflat(v: Array, k: Whole = 0):
    """A matrix with the flat elements on a diagonal.

    >>> np.diagflat(m)
    """
    return diag_of_vector(_flat(v), k)


@overload(np.fill_diagonal)
def fill_diagonal(a: Array2, val: Number, wrap: Boolean = False):
    """Sets the diagonal in place.

    >>> np.fill_diagonal(q, 7.0)
    """
    n = a.shape[1]
    step = n + 1
    end = a.shape[0] * n if wrap else min(a.shape[0] * n, n * n)
    for at in range(0, end, step):
        a[at // n, at % n] = val


@overload(np.fill_diagonal)
def fill_diagonal_array(a: Array2, val: Array, wrap: Boolean = False):
    values = _flat(val)
    n = a.shape[1]
    end = a.shape[0] * n if wrap else min(a.shape[0] * n, n * n)
    k = 0
    for at in range(0, end, n + 1):
        a[at // n, at % n] = values[k]
        k += 1
        if k == values.shape[0]:
            k = 0


@overload(np.tri)
def tri(N: Whole, M: Whole | NoneType = None, k: Whole = 0, dtype: Type = np.float64):
    """Ones at and below a diagonal.

    >>> np.tri(3)
    >>> np.tri(3, 4, 1)
    """
    columns = N if M is None else M
    r = np.empty((N, columns), dtype)
    for i in range(N):
        for j in range(columns):
            r[i, j] = cast(1 if j <= i + k else 0, dtype)
    return r


def _triangle(m, k, lower):
    r = np.empty(m.shape, m.dtype)
    for i in range(m.shape[0]):
        for j in range(m.shape[1]):
            kept = j <= i + k if lower else j >= i + k
            r[i, j] = m[i, j] if kept else cast(0, m.dtype)
    return r


@overload(np.tril)
def tril(m: Array2, k: Whole = 0):
    """The matrix at and below a diagonal.

    >>> np.tril(q)
    >>> np.tril(q, 1)
    """
    return _triangle(m, k, True)


@overload(np.triu)
def triu(m: Array2, k: Whole = 0):
    """The matrix at and above a diagonal.

    >>> np.triu(q)
    >>> np.triu(q, -1)
    """
    return _triangle(m, k, False)


def _triangle_indices(n, columns, k, lower):
    count = 0
    for i in range(n):
        edge = min(max(i + k + (1 if lower else 0), 0), columns)
        count += edge if lower else columns - edge
    rows = np.empty((count,), np.int64)
    cols = np.empty((count,), np.int64)
    at = 0
    for i in range(n):
        edge = min(max(i + k + (1 if lower else 0), 0), columns)
        first = 0 if lower else edge
        last = edge if lower else columns
        for j in range(first, last):
            rows[at] = i
            cols[at] = j
            at += 1
    return rows, cols


@overload(np.tril_indices)
def tril_indices(n: Whole, k: Whole = 0, m: Whole | NoneType = None):
    """Indices at and below a diagonal.

    >>> np.tril_indices(3)
    """
    return _triangle_indices(n, n if m is None else m, k, True)


@overload(np.triu_indices)
def triu_indices(n: Whole, k: Whole = 0, m: Whole | NoneType = None):
    """Indices at and above a diagonal.

    >>> np.triu_indices(3, 1)
    """
    return _triangle_indices(n, n if m is None else m, k, False)


@overload(np.tril_indices_from)
def tril_indices_from(arr: Array2, k: Whole = 0):
    """Indices at and below a diagonal of a matrix.

    >>> np.tril_indices_from(q)
    """
    return _triangle_indices(arr.shape[0], arr.shape[1], k, True)


@overload(np.triu_indices_from)
def triu_indices_from(arr: Array2, k: Whole = 0):
    """Indices at and above a diagonal of a matrix.

    >>> np.triu_indices_from(q)
    """
    return _triangle_indices(arr.shape[0], arr.shape[1], k, False)


@overload(np.diag_indices)
def diag_indices(n: Whole):
    """Indices of the main diagonal.

    >>> np.diag_indices(3)
    """
    r = np.arange(n)
    return r, r


@overload(np.indices)
def indices(dimensions: Tuple):
    """The indices of a grid.

    >>> np.indices((2, 3))
    """
    r = np.empty((len(dimensions),) + dimensions, np.int64)
    n = 1
    for i in range(len(dimensions)):
        n *= dimensions[i]
    rows = packed_view(r, np.int64, 0, (len(dimensions), n))
    inner = n
    for k in range(len(dimensions)):
        length = dimensions[k]
        inner = inner // length if length > 0 else 0
        for i in range(n):
            rows[k, i] = i // inner % length
    return r


@overload(np.vander)
def vander(x: Array1, N: Whole | NoneType = None, increasing: Boolean = False):
    """Powers of the elements as columns.

    >>> np.vander(a)
    >>> np.vander(a, 3)
    """
    columns = x.shape[0] if N is None else N
    if columns < 0:
        raise ValueError("Negative dimensions are not allowed")
    T = promote(x.dtype, np.int64)
    r = np.empty((x.shape[0], columns), T)
    for i in range(x.shape[0]):
        power = cast(1, T)
        for j in range(columns):
            r[i, j if increasing else columns - 1 - j] = power
            power = cast(power * x[i], T)
    return r


def _flat_each(arrays):
    if len(arrays) == 0:
        return ()
    return (_flat(arrays[0]),) + _flat_each(arrays[1:])


def _lengths(arrays):
    if len(arrays) == 0:
        return ()
    return (arrays[0].shape[0],) + _lengths(arrays[1:])


def _grid(flat, shape, axis):
    """For each vector a grid of `shape` that varies along its own axis."""
    if len(flat) == 0:
        return ()
    r = np.empty(shape, flat[0].dtype)
    inner = 1
    for i in range(axis + 1, len(shape)):
        inner *= shape[i]
    out = packed_view(r, r.dtype, 0, (r.size,))
    for i in range(r.size):
        out[i] = flat[0][i // inner % shape[axis]]
    return (r,) + _grid(flat[1:], shape, axis + 1)


@overload(np.meshgrid)
def meshgrid(*xi, indexing: LiteralStr = "xy"):
    """Coordinate matrices of coordinate vectors.

    >>> np.meshgrid(a, b)[0]
    """
    flat = _flat_each(xi)
    if indexing == "xy":
        if len(xi) > 1:
            lengths = _lengths(flat)
            grids = _grid((flat[1], flat[0]) + flat[2:], (lengths[1], lengths[0]) + lengths[2:], 0)
            return (grids[1], grids[0]) + grids[2:]
    elif indexing != "ij":
        raise ValueError("Valid values for `indexing` are 'xy' and 'ij'.")
    return _grid(flat, _lengths(flat), 0)
