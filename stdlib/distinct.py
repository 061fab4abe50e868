"""Distinct elements and sets of arrays: np.unique with what it can also return, and the set functions."""

import numpy as np
from cantil.library import cast, overload, packed_view, promote

from .reductions import _is_nan, _less
from .shapes import _axis, _copy_as, _flat
from .sorting import _search, _sorted_flat


def _same(a, b, equal_nan):
    return a == b or (equal_nan and _is_nan(a) and _is_nan(b))


@overload(np.unique)
def unique(ar: Array):
    """The distinct elements, sorted; also where they are first, which one each element is, how often each occurs.

    >>> np.unique(i)
    >>> np.unique(i, return_counts=True)
    >>> np.unique(m, axis=0)
    """
    x = _sorted_flat(ar)
    return _heads(x, True)


def _heads(x, equal_nan):
    n = 0
    for i in range(x.shape[0]):
        if i == 0 or not _same(x[i], x[i - 1], equal_nan):
            n += 1
    r = np.empty((n,), x.dtype)
    n = 0
    for i in range(x.shape[0]):
        if i == 0 or not _same(x[i], x[i - 1], equal_nan):
            r[n] = x[i]
            n += 1
    return r


def _given(values, first, inverse, counts, i: LiteralBool, v: LiteralBool, c: LiteralBool):
    """The arrays that were asked for."""
    if i:
        if v:
            if c:
                return values, first, inverse, counts
            return values, first, inverse
        if c:
            return values, first, counts
        return values, first
    if v:
        if c:
            return values, inverse, counts
        return values, inverse
    if c:
        return values, counts
    return values


@overload(np.unique)
def unique_flat(
    ar: Array,
    return_index: LiteralBool = False,
    return_inverse: LiteralBool = False,
    return_counts: LiteralBool = False,
    axis: NoneType = None,
    equal_nan: Boolean = True,
    sorted: Boolean = True,
):
    x = _flat(ar)
    n = x.shape[0]
    order = np.argsort(x, kind="mergesort")
    groups = 0
    for k in range(n):
        if k == 0 or not _same(x[order[k]], x[order[k - 1]], equal_nan):
            groups += 1
    values = np.empty((groups,), x.dtype)
    first = np.empty((groups,), np.int64)
    counts = np.zeros((groups,), np.int64)
    inverse = np.empty(ar.shape, np.int64)
    place = packed_view(inverse, np.int64, 0, (n,))
    g = -1
    for k in range(n):
        if k == 0 or not _same(x[order[k]], x[order[k - 1]], equal_nan):
            g += 1
            values[g] = x[order[k]]
            first[g] = order[k]
        counts[g] += 1
        place[order[k]] = g
    return _given(values, first, inverse, counts, return_index, return_inverse, return_counts)


def _row_before(rows, p, q):
    """Whether row p comes before row q."""
    for j in range(rows.shape[1]):
        if _less(rows[p, j], rows[q, j]):
            return True
        if _less(rows[q, j], rows[p, j]):
            return False
    return False


def _sorted_rows(rows):
    """The order of the rows: a stable merge sort of their numbers."""
    n = rows.shape[0]
    a = np.arange(n)
    b = np.empty((n,), np.int64)
    width = 1
    while width < n:
        for low in range(0, n, 2 * width):
            middle = min(low + width, n)
            high = min(low + 2 * width, n)
            i = low
            j = middle
            for k in range(low, high):
                if i < middle and (j >= high or not _row_before(rows, a[j], a[i])):
                    b[k] = a[i]
                    i += 1
                else:
                    b[k] = a[j]
                    j += 1
        c = a
        a = b
        b = c
        width *= 2
    return a


def _rows_differ(rows, p, q):
    for j in range(rows.shape[1]):
        if rows[p, j] != rows[q, j]:
            return True
    return False


@overload(np.unique)
def unique_along(
    ar: Array,
    return_index: LiteralBool = False,
    return_inverse: LiteralBool = False,
    return_counts: LiteralBool = False,
    axis: Whole = 0,
    equal_nan: Boolean = True,
    sorted: Boolean = True,
):
    i = _axis(axis, ar.ndim)
    moved = np.ascontiguousarray(np.moveaxis(ar, i, 0))
    n = moved.shape[0]
    rows = packed_view(moved, ar.dtype, 0, (n, moved.size // n if n > 0 else 0))
    order = _sorted_rows(rows)
    groups = 0
    for k in range(n):
        if k == 0 or _rows_differ(rows, order[k], order[k - 1]):
            groups += 1
    r = np.empty((groups,) + moved.shape[1:], ar.dtype)
    values = packed_view(r, ar.dtype, 0, (groups, rows.shape[1]))
    first = np.empty((groups,), np.int64)
    counts = np.zeros((groups,), np.int64)
    inverse = np.empty((n,), np.int64)
    g = -1
    for k in range(n):
        if k == 0 or _rows_differ(rows, order[k], order[k - 1]):
            g += 1
            first[g] = order[k]
            for j in range(rows.shape[1]):
                values[g, j] = rows[order[k], j]
        counts[g] += 1
        inverse[order[k]] = g
    return _given(np.moveaxis(r, 0, i), first, inverse, counts, return_index, return_inverse, return_counts)


# Sets


def _both(a, b, T):
    """The elements of a, then those of b."""
    x = _flat(a)
    y = _flat(b)
    r = np.empty((x.shape[0] + y.shape[0],), T)
    for i in range(x.shape[0]):
        r[i] = cast(x[i], T)
    for i in range(y.shape[0]):
        r[x.shape[0] + i] = cast(y[i], T)
    return r


@overload(np.union1d)
def union1d(ar1: Array, ar2: Array):
    """The distinct elements of either array, sorted.

    >>> np.union1d(a, s)
    """
    return unique(_both(ar1, ar2, promote(ar1.dtype, ar2.dtype)))


def _holds(sorted_a, v):
    at = _search(sorted_a, v, False)
    return at < sorted_a.shape[0] and sorted_a[at] == v


def _kept(x, others, wanted):
    """The items of x that are (or are not) among `others`, which is sorted."""
    n = 0
    for i in range(x.shape[0]):
        if _holds(others, x[i]) == wanted:
            n += 1
    r = np.empty((n,), x.dtype)
    n = 0
    for i in range(x.shape[0]):
        if _holds(others, x[i]) == wanted:
            r[n] = x[i]
            n += 1
    return r


def _set_of(a, T, assume_unique):
    x = _sorted_flat(_copy_as(a, T))
    if assume_unique:
        return x
    return _heads(x, True)


@overload(np.intersect1d)
def intersect1d(ar1: Array, ar2: Array, assume_unique: Boolean = False, return_indices: LiteralBool = False):
    """The distinct elements of both arrays, sorted; also where they are first.

    >>> np.intersect1d(i, j)
    >>> np.intersect1d(i, j, return_indices=True)
    """
    T = promote(ar1.dtype, ar2.dtype)
    r = _kept(_set_of(ar1, T, assume_unique), _sorted_flat(_copy_as(ar2, T)), True)
    if return_indices:
        return r, _first_places(ar1, r), _first_places(ar2, r)
    else:
        return r


def _first_places(a, values):
    """Where in the flat array each value is first."""
    x = _flat(a)
    r = np.empty(values.shape, np.int64)
    order = np.argsort(x, kind="mergesort")
    k = 0
    for i in range(values.shape[0]):
        while cast(x[order[k]], values.dtype) != values[i]:
            k += 1
        r[i] = order[k]
    return r


@overload(np.setdiff1d)
def setdiff1d(ar1: Array, ar2: Array, assume_unique: Boolean = False):
    """The distinct elements of the first array that are not in the second.

    >>> np.setdiff1d(i, j)
    """
    T = promote(ar1.dtype, ar2.dtype)
    others = _sorted_flat(_copy_as(ar2, T))
    if assume_unique:
        return _copy_as(_kept(_flat(_copy_as(ar1, T)), others, False), ar1.dtype)
    return _copy_as(_kept(_set_of(ar1, T, False), others, False), ar1.dtype)


@overload(np.setxor1d)
def setxor1d(ar1: Array, ar2: Array, assume_unique: Boolean = False):
    """The distinct elements of exactly one of the arrays.

    >>> np.setxor1d(i, j)
    """
    T = promote(ar1.dtype, ar2.dtype)
    x = _set_of(ar1, T, assume_unique)
    y = _set_of(ar2, T, assume_unique)
    return _sorted_flat(_both(_kept(x, y, False), _kept(y, x, False), T))


@overload(np.isin)
def isin(
    element: Array,
    test_elements: Array,
    assume_unique: Boolean = False,
    invert: Boolean = False,
    kind: LiteralStr | NoneType = None,
):
    """Which elements of the first array are in the second.

    >>> np.isin(i, j)
    >>> np.isin(i, j, invert=True)
    """
    T = promote(element.dtype, test_elements.dtype)
    others = _sorted_flat(_copy_as(test_elements, T))
    x = _flat(element)
    r = np.empty(element.shape, np.bool_)
    out = packed_view(r, np.bool_, 0, (element.size,))
    for i in range(out.shape[0]):
        out[i] = _holds(others, cast(x[i], T)) != invert
    return r


@overload(np.isin)
def isin_one(
    element: Number | Array,
    test_elements: Number | Array,
    assume_unique: Boolean = False,
    invert: Boolean = False,
    kind: LiteralStr | NoneType = None,
):
    return isin(np.asarray(element), np.asarray(test_elements), assume_unique, invert)
