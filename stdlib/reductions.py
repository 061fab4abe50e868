"""Reductions along an axis and cumulative ones, with NumPy's keepdims and dtype.

Also those of whole arrays that are more than a fold: var, std, argmin, argmax, ptp. An array is seen as
(outer, n, inner) around the axis."""

import math

import numpy as np
from cantil.library import cast, is_class, overload, packed_view, tuple_drop, tuple_set, type_of

from .shapes import _axis, _flat


def _lanes(a, axis):
    """`a` in C order as three axes, the middle one being `axis`; a copy where the elements do not lie so."""
    outer = 1
    for i in range(axis):
        outer *= a.shape[i]
    inner = 1
    for i in range(axis + 1, a.ndim):
        inner *= a.shape[i]
    return packed_view(_flat(a), a.dtype, 0, (outer, a.shape[axis], inner))


def _result(a, axis, keepdims: LiteralBool, T):
    """An array for one result a lane."""
    if keepdims:
        return np.empty(tuple_set(a.shape, axis, 1), T)
    return np.empty(tuple_drop(a.shape, axis), T)


def _give(r):
    """As NumPy: a result without dimensions is a number."""
    if r.ndim == 0:
        return r[()]
    return r


def _rows(r, lanes):
    return packed_view(r, r.dtype, 0, (lanes.shape[0], lanes.shape[2]))


def _fold(a, axis, keepdims: LiteralBool, start, step):
    """`step(so far, element)` over each lane from `start`."""
    i = _axis(axis, a.ndim)
    x = _lanes(a, i)
    r = _result(a, i, keepdims, type_of(start))
    out = _rows(r, x)
    if x.shape[2] == 1:
        for o in range(x.shape[0]):
            total = start
            for k in range(x.shape[1]):
                total = step(total, x[o, k, 0])
            out[o, 0] = total
    else:
        for o in range(x.shape[0]):
            for j in range(x.shape[2]):
                out[o, j] = start
            for k in range(x.shape[1]):
                for j in range(x.shape[2]):
                    out[o, j] = step(out[o, j], x[o, k, j])
    return _give(r)


def _fold_first(a, axis, keepdims: LiteralBool, step):
    """As _fold, from each lane's first element."""
    i = _axis(axis, a.ndim)
    x = _lanes(a, i)
    r = _result(a, i, keepdims, a.dtype)
    out = _rows(r, x)
    if x.shape[1] == 0 and out.size > 0:
        raise ValueError("zero-size array to reduction operation which has no identity")
    for o in range(x.shape[0]):
        for j in range(x.shape[2]):
            out[o, j] = x[o, 0, j]
        for k in range(1, x.shape[1]):
            for j in range(x.shape[2]):
                out[o, j] = step(out[o, j], x[o, k, j])
    return _give(r)


def _zero_of_sum(T):
    """The 0 of the type in which elements of T are added and multiplied."""
    if is_class(T, "Unsigned"):
        return cast(0, np.uint64)
    if is_class(T, "Whole"):
        return cast(0, np.int64)
    return cast(0, T)


def _start(a, dtype, value):
    if dtype is None:
        return cast(value, type_of(_zero_of_sum(a.dtype)))
    return cast(value, dtype)


def _plus(total, x):
    return cast(total + cast(x, type_of(total)), type_of(total))


def _times(total, x):
    return cast(total * cast(x, type_of(total)), type_of(total))


def _less(a, b):
    """NumPy's order: complex numbers by their real parts, then by their imaginary ones; NaN is last."""
    if is_class(type_of(a), "Complex"):
        an = a.real != a.real or a.imag != a.imag
        bn = b.real != b.real or b.imag != b.imag
        if an or bn:
            return not an and bn
        return a.real < b.real or (a.real == b.real and a.imag < b.imag)
    if is_class(type_of(a), "Float"):
        return a < b or (b != b and a == a)
    return a < b


def _is_nan(x):
    return x != x


def _least(m, x):
    """The smaller one; NaN if one is."""
    if is_class(type_of(x), "Complex"):
        if _is_nan(m):
            return m
        return x if _is_nan(x) or _less(x, m) else m
    if is_class(type_of(x), "Float"):
        return m if m != m or not (x < m or x != x) else x
    return x if x < m else m


def _greatest(m, x):
    if is_class(type_of(x), "Complex"):
        if _is_nan(m):
            return m
        return x if _is_nan(x) or _less(m, x) else m
    if is_class(type_of(x), "Float"):
        return m if m != m or not (x > m or x != x) else x
    return x if x > m else m


def _or(so_far, x):
    return so_far or x != 0


def _and(so_far, x):
    return so_far and x != 0


def _count(so_far, x):
    return so_far + (1 if x != 0 else 0)


@overload(np.sum)
@overload("method:array.sum")
def sum_axis(
    a: Array, axis: Whole, dtype: Type | NoneType = None, out: NoneType = None, keepdims: LiteralBool = False
):
    """The sum, of all or along an axis.

    >>> np.sum(m)
    >>> np.sum(m, axis=0)
    >>> np.sum(m, axis=1, keepdims=True)
    >>> m.sum(axis=0)
    """
    return _fold(a, axis, keepdims, _start(a, dtype, 0), _plus)


@overload(np.sum)
@overload("method:array.sum")
def sum_typed(a: Array, axis: NoneType = None, dtype: Type | NoneType = None):
    return _fold(_flat(a), 0, False, _start(a, dtype, 0), _plus)


@overload(np.prod)
@overload("method:array.prod")
def prod_axis(
    a: Array, axis: Whole, dtype: Type | NoneType = None, out: NoneType = None, keepdims: LiteralBool = False
):
    """The product, of all or along an axis.

    >>> np.prod(m)
    >>> np.prod(m, axis=0)
    >>> m.prod(axis=0)
    """
    return _fold(a, axis, keepdims, _start(a, dtype, 1), _times)


@overload(np.prod)
@overload("method:array.prod")
def prod_typed(a: Array, axis: NoneType = None, dtype: Type | NoneType = None):
    return _fold(_flat(a), 0, False, _start(a, dtype, 1), _times)


@overload(np.min)
@overload("method:array.min")
def min_axis(a: Array, axis: Whole, out: NoneType = None, keepdims: LiteralBool = False):
    """The least element, of all or along an axis.

    >>> np.min(m)
    >>> np.min(m, axis=0)
    >>> np.amin(a)
    >>> m.min(axis=0)
    """
    return _fold_first(a, axis, keepdims, _least)


@overload(np.max)
@overload("method:array.max")
def max_axis(a: Array, axis: Whole, out: NoneType = None, keepdims: LiteralBool = False):
    """The greatest element, of all or along an axis.

    >>> np.max(m)
    >>> np.max(m, axis=0)
    >>> np.amax(a)
    >>> m.max(axis=0)
    """
    return _fold_first(a, axis, keepdims, _greatest)


@overload(np.min)
@overload("method:array.min")
def min_all(a: Array, axis: NoneType = None):
    return _fold_first(_flat(a), 0, False, _least)


@overload(np.max)
@overload("method:array.max")
def max_all(a: Array, axis: NoneType = None):
    return _fold_first(_flat(a), 0, False, _greatest)


@overload(np.any)
@overload("method:array.any")
def any_axis(a: Array, axis: Whole, out: NoneType = None, keepdims: LiteralBool = False):
    """Whether any element is true.

    >>> np.any(t)
    >>> np.any(t, axis=0)
    >>> t.any(axis=0)
    """
    return _fold(a, axis, keepdims, cast(0, np.bool_), _or)


@overload(np.any)
@overload("method:array.any")
def any_all(a: Array, axis: NoneType = None):
    return _fold(_flat(a), 0, False, cast(0, np.bool_), _or)


@overload(np.all)
@overload("method:array.all")
def all_axis(a: Array, axis: Whole, out: NoneType = None, keepdims: LiteralBool = False):
    """Whether all elements are true.

    >>> np.all(t)
    >>> np.all(t, axis=0)
    >>> t.all(axis=0)
    """
    return _fold(a, axis, keepdims, cast(1, np.bool_), _and)


@overload(np.all)
@overload("method:array.all")
def all_all(a: Array, axis: NoneType = None):
    return _fold(_flat(a), 0, False, cast(1, np.bool_), _and)


@overload(np.count_nonzero)
def count_nonzero_axis(a: Array, axis: Whole, keepdims: LiteralBool = False):
    """How many elements are not zero.

    >>> np.count_nonzero(i)
    >>> np.count_nonzero(t, axis=0)
    """
    return _fold(a, axis, keepdims, cast(0, np.int64), _count)


@overload(np.count_nonzero)
def count_nonzero(a: Array, axis: NoneType = None):
    return _fold(_flat(a), 0, False, cast(0, np.int64), _count)


# Means and deviations


def _zero_of_mean(T):
    if is_class(T, "Whole"):
        return cast(0, np.float64)
    return cast(0, T)


def _divide_all(r, n):
    flat = packed_view(r, r.dtype, 0, (r.size,))
    for i in range(flat.shape[0]):
        flat[i] = flat[i] / n


def _over(total, n):
    """total / n in total's type."""
    if is_class(type_of(total), "Complex"):
        return cast(total / cast(n, type_of(total.real)), type_of(total))
    return total / cast(n, type_of(total))


def _mean(a, axis, keepdims: LiteralBool, start):
    i = _axis(axis, a.ndim)
    x = _lanes(a, i)
    r = _result(a, i, keepdims, type_of(start))
    out = _rows(r, x)
    n = x.shape[1]
    for o in range(x.shape[0]):
        for j in range(x.shape[2]):
            out[o, j] = start
        for k in range(n):
            for j in range(x.shape[2]):
                out[o, j] = out[o, j] + cast(x[o, k, j], type_of(start))
        for j in range(x.shape[2]):
            out[o, j] = cast(math.nan, type_of(start)) if n == 0 else _over(out[o, j], n)
    return _give(r)


@overload(np.mean)
@overload("method:array.mean")
def mean_axis(
    a: Array, axis: Whole, dtype: Type | NoneType = None, out: NoneType = None, keepdims: LiteralBool = False
):
    """The mean, of all or along an axis.

    >>> np.mean(m)
    >>> np.mean(m, axis=0)
    >>> m.mean(axis=0)
    """
    return _mean(a, axis, keepdims, _zero_of_mean(a.dtype) if dtype is None else cast(0, dtype))


@overload(np.mean)
@overload("method:array.mean")
def mean_all(a: Array, axis: NoneType = None, dtype: Type | NoneType = None):
    return _mean(_flat(a), 0, False, _zero_of_mean(a.dtype) if dtype is None else cast(0, dtype))


def _square(d):
    if is_class(type_of(d), "Complex"):
        return d.real * d.real + d.imag * d.imag
    return d * d


def _spread(a, axis, keepdims: LiteralBool, ddof, root: LiteralBool):
    """Variances (or their roots) of the lanes, in two passes."""
    i = _axis(axis, a.ndim)
    x = _lanes(a, i)
    zero = _zero_of_mean(a.dtype)
    T = type_of(zero)
    R = type_of(_square(zero))
    r = _result(a, i, keepdims, R)
    out = _rows(r, x)
    n = x.shape[1]
    for o in range(x.shape[0]):
        for j in range(x.shape[2]):
            total = zero
            for k in range(n):
                total = total + cast(x[o, k, j], T)
            mean = cast(math.nan, T) if n == 0 else _over(total, n)
            squares = cast(0, R)
            for k in range(n):
                squares = squares + _square(cast(x[o, k, j], T) - mean)
            left = cast(max(n - ddof, 0), R)
            if left == 0:
                v = cast(math.nan, R) if squares == 0 or squares != squares else cast(math.inf, R)
            else:
                v = squares / left
            out[o, j] = cast(math.sqrt(v), R) if root else v
    return _give(r)


@overload(np.var)
@overload("method:array.var")
def var_axis(
    a: Array,
    axis: Whole,
    dtype: NoneType = None,
    out: NoneType = None,
    ddof: Real = 0,
    keepdims: LiteralBool = False,
):
    """The variance, of all or along an axis.

    >>> np.var(m)
    >>> np.var(m, axis=0)
    >>> np.var(a, ddof=1)
    >>> m.var(axis=0)
    """
    return _spread(a, axis, keepdims, ddof, False)


@overload(np.var)
@overload("method:array.var")
def var_all(a: Array, axis: NoneType = None, dtype: NoneType = None, out: NoneType = None, ddof: Real = 0):
    return _spread(_flat(a), 0, False, ddof, False)


@overload(np.std)
@overload("method:array.std")
def std_axis(
    a: Array,
    axis: Whole,
    dtype: NoneType = None,
    out: NoneType = None,
    ddof: Real = 0,
    keepdims: LiteralBool = False,
):
    """The standard deviation, of all or along an axis.

    >>> np.std(m)
    >>> np.std(m, axis=0)
    >>> m.std(axis=0)
    """
    return _spread(a, axis, keepdims, ddof, True)


@overload(np.std)
@overload("method:array.std")
def std_all(a: Array, axis: NoneType = None, dtype: NoneType = None, out: NoneType = None, ddof: Real = 0):
    return _spread(_flat(a), 0, False, ddof, True)


# Where the extremes are


def _before(best, x, greatest: LiteralBool):
    """Whether x comes before `best`, the first NaN before all."""
    if _is_nan(best):
        return False
    if _is_nan(x):
        return True
    return _less(best, x) if greatest else _less(x, best)


def _arg(a, axis, keepdims: LiteralBool, greatest: LiteralBool):
    i = _axis(axis, a.ndim)
    x = _lanes(a, i)
    r = _result(a, i, keepdims, np.int64)
    out = _rows(r, x)
    if x.shape[1] == 0 and out.size > 0:
        if greatest:
            raise ValueError("attempt to get argmax of an empty sequence")
        else:
            raise ValueError("attempt to get argmin of an empty sequence")
    for o in range(x.shape[0]):
        for j in range(x.shape[2]):
            best = x[o, 0, j]
            at = 0
            for k in range(1, x.shape[1]):
                if _before(best, x[o, k, j], greatest):
                    best = x[o, k, j]
                    at = k
            out[o, j] = at
    return _give(r)


@overload(np.argmin)
@overload("method:array.argmin")
def argmin_axis(a: Array, axis: Whole, out: NoneType = None, keepdims: LiteralBool = False):
    """Where the least element is.

    >>> np.argmin(a)
    >>> np.argmin(m, axis=0)
    >>> m.argmin(axis=0)
    """
    return _arg(a, axis, keepdims, False)


@overload(np.argmin)
@overload("method:array.argmin")
def argmin_all(a: Array, axis: NoneType = None):
    return _arg(_flat(a), 0, False, False)


@overload(np.argmax)
@overload("method:array.argmax")
def argmax_axis(a: Array, axis: Whole, out: NoneType = None, keepdims: LiteralBool = False):
    """Where the greatest element is.

    >>> np.argmax(a)
    >>> np.argmax(m, axis=0)
    >>> m.argmax(axis=0)
    """
    return _arg(a, axis, keepdims, True)


@overload(np.argmax)
@overload("method:array.argmax")
def argmax_all(a: Array, axis: NoneType = None):
    return _arg(_flat(a), 0, False, True)


@overload(np.ptp)
def ptp(a: Array, axis: NoneType = None):
    """The greatest minus the least element.

    >>> np.ptp(a)
    >>> np.ptp(m, axis=0)
    """
    flat = _flat(a)
    return cast(max_all(flat) - min_all(flat), a.dtype)


@overload(np.ptp)
def ptp_axis(a: Array, axis: Whole, out: NoneType = None, keepdims: LiteralBool = False):
    i = _axis(axis, a.ndim)
    x = _lanes(a, i)
    r = _result(a, i, keepdims, a.dtype)
    out_rows = _rows(r, x)
    if x.shape[1] == 0 and out_rows.size > 0:
        raise ValueError("zero-size array to reduction operation maximum which has no identity")
    for o in range(x.shape[0]):
        for j in range(x.shape[2]):
            low = x[o, 0, j]
            high = low
            for k in range(1, x.shape[1]):
                low = _least(low, x[o, k, j])
                high = _greatest(high, x[o, k, j])
            out_rows[o, j] = cast(high - low, a.dtype)
    return _give(r)


# Cumulative


def _cumulate(a, axis, start, step):
    i = _axis(axis, a.ndim)
    x = _lanes(a, i)
    r = np.empty(a.shape, type_of(start))
    out = packed_view(r, type_of(start), 0, x.shape)
    for o in range(x.shape[0]):
        for j in range(x.shape[2]):
            total = start
            for k in range(x.shape[1]):
                total = step(total, x[o, k, j])
                out[o, k, j] = total
    return r


@overload(np.cumsum)
@overload("method:array.cumsum")
def cumsum(a: Array, axis: NoneType = None, dtype: Type | NoneType = None):
    """Sums of the elements so far.

    >>> np.cumsum(a)
    >>> np.cumsum(m, axis=0)
    >>> m.cumsum()
    """
    return _cumulate(_flat(a), 0, _start(a, dtype, 0), _plus)


@overload(np.cumsum)
@overload("method:array.cumsum")
def cumsum_axis(a: Array, axis: Whole, dtype: Type | NoneType = None):
    return _cumulate(a, axis, _start(a, dtype, 0), _plus)


@overload(np.cumprod)
@overload("method:array.cumprod")
def cumprod(a: Array, axis: NoneType = None, dtype: Type | NoneType = None):
    """Products of the elements so far.

    >>> np.cumprod(a)
    >>> np.cumprod(m, axis=0)
    >>> m.cumprod()
    """
    return _cumulate(_flat(a), 0, _start(a, dtype, 1), _times)


@overload(np.cumprod)
@overload("method:array.cumprod")
def cumprod_axis(a: Array, axis: Whole, dtype: Type | NoneType = None):
    return _cumulate(a, axis, _start(a, dtype, 1), _times)
