"""Differences of neighbours, gradients, interpolation in a table, integrals of samples."""

import numpy as np
from cantil.library import (
    cast,
    is_class,
    overload,
    packed_view,
    promote,
    same_type,
    tuple_drop,
    tuple_set,
    type_of,
)

from .reductions import _lanes, _zero_of_mean
from .reductions_axes import _deliver
from .shapes import _axis, _flat
from .splitting import _cut


def _difference(a, b):
    if same_type(type_of(a), np.bool_):
        return a != b
    return cast(a - b, type_of(a))


def _edge_of(x, shape, i):
    """What diff puts before or behind: a number fills a slice one long."""
    if isinstance(x, np.ndarray):
        if x.ndim == 0:
            return np.broadcast_to(x, tuple_set(shape, i, 1))
        else:
            return x
    else:
        return np.broadcast_to(np.asarray(x), tuple_set(shape, i, 1))


def _differences(a, n, i):
    r = a.copy()
    length = a.shape[i]
    x = _lanes(r, i)
    for times in range(min(n, length)):
        for o in range(x.shape[0]):
            for k in range(length - 1 - times):
                for j in range(x.shape[2]):
                    x[o, k, j] = _difference(x[o, k + 1, j], x[o, k, j])
    return _cut(r, i, 0, max(length - n, 0)).copy()


@overload(np.diff)
def diff(
    a: Array,
    n: Whole = 1,
    axis: Whole = -1,
    prepend: Number | Array | NoneType = None,
    append: Number | Array | NoneType = None,
):
    """Differences of neighbours, n times.

    >>> np.diff(a)
    >>> np.diff(a, 2)
    >>> np.diff(m, axis=0, prepend=0.0)
    """
    if n < 0:
        raise ValueError(f"order must be non-negative but got {n}")
    if a.ndim == 0:
        raise ValueError("diff requires input that is at least one dimensional")
    i = _axis(axis, a.ndim)
    if prepend is None:
        if append is None:
            return _differences(a, n, i)
        else:
            return _differences(np.concatenate((a, _edge_of(append, a.shape, i)), i), n, i)
    else:
        if append is None:
            return _differences(np.concatenate((_edge_of(prepend, a.shape, i), a), i), n, i)
        else:
            before = _edge_of(prepend, a.shape, i)
            return _differences(np.concatenate((before, a, _edge_of(append, a.shape, i)), i), n, i)


def _end_values(x, T):
    if x is None:
        return np.empty((0,), T)
    else:
        return _flat(np.asarray(x)).astype(T)


@overload(np.ediff1d)
def ediff1d(ary: Array, to_end: Number | Array | NoneType = None, to_begin: Number | Array | NoneType = None):
    """Differences of neighbours of the flat array, with numbers before and behind.

    >>> np.ediff1d(m)
    >>> np.ediff1d(a, to_end=9.0)
    """
    x = _flat(ary)
    if is_class(ary.dtype, "Boolean"):
        raise TypeError(
            "numpy boolean subtract, the `-` operator, is not supported, use the bitwise_xor, the `^` operator, "
            "or the logical_xor function instead."
        )
    first = _end_values(to_begin, ary.dtype)
    last = _end_values(to_end, ary.dtype)
    b = first.shape[0]
    n = max(x.shape[0] - 1, 0)
    r = np.empty((b + n + last.shape[0],), ary.dtype)
    r[:b] = first
    for k in range(n):
        r[b + k] = _difference(x[k + 1], x[k])
    r[b + n :] = last
    return r


# Gradients


def _gradient_axis(f, i, h, order):
    """The derivative along axis i; h is the distance of the samples, or where they are."""
    T = type_of(_zero_of_mean(f.dtype))
    n = f.shape[i]
    if n < order + 1:
        raise ValueError(
            "Shape of array too small to calculate a numerical gradient, at least (edge_order + 1) elements are "
            "required."
        )
    x = _lanes(f, i)
    r = np.empty(f.shape, T)
    out = packed_view(r, T, 0, x.shape)
    d = np.empty((n - 1,), np.float64)
    even = True
    if isinstance(h, np.ndarray):
        if h.ndim == 0:
            d[...] = np.float64(h[()])
        else:
            if h.ndim != 1:
                raise ValueError("distances must be either scalars or 1d")
            if h.shape[0] != n:
                raise ValueError("when 1d, distances must match the length of the corresponding dimension")
            for k in range(n - 1):
                d[k] = np.float64(h[k + 1]) - np.float64(h[k])
            for k in range(1, n - 1):
                if d[k] != d[0]:
                    even = False
    else:
        d[...] = np.float64(h)
    for o in range(x.shape[0]):
        for j in range(x.shape[2]):
            for k in range(1, n - 1):
                low = cast(x[o, k - 1, j], T)
                mid = cast(x[o, k, j], T)
                high = cast(x[o, k + 1, j], T)
                if even:
                    out[o, k, j] = cast((high - low) / cast(2.0 * d[0], T), T)
                else:
                    d1 = d[k - 1]
                    d2 = d[k]
                    a = cast(-d2 / (d1 * (d1 + d2)), T)
                    b = cast((d2 - d1) / (d1 * d2), T)
                    c = cast(d1 / (d2 * (d1 + d2)), T)
                    out[o, k, j] = cast(a * low + b * mid + c * high, T)
            if order == 1:
                out[o, 0, j] = cast((cast(x[o, 1, j], T) - cast(x[o, 0, j], T)) / cast(d[0], T), T)
                out[o, n - 1, j] = cast(
                    (cast(x[o, n - 1, j], T) - cast(x[o, n - 2, j], T)) / cast(d[n - 2], T), T
                )
            else:
                d1 = d[0]
                d2 = d[1]
                a = -(2.0 * d1 + d2) / (d1 * (d1 + d2))
                b = (d1 + d2) / (d1 * d2)
                c = -d1 / (d2 * (d1 + d2))
                if even:
                    a = -1.5 / d1
                    b = 2.0 / d1
                    c = -0.5 / d1
                out[o, 0, j] = cast(
                    cast(a, T) * cast(x[o, 0, j], T)
                    + cast(b, T) * cast(x[o, 1, j], T)
                    + cast(c, T) * cast(x[o, 2, j], T),
                    T,
                )
                d1 = d[n - 3]
                d2 = d[n - 2]
                a = d2 / (d1 * (d1 + d2))
                b = -(d2 + d1) / (d1 * d2)
                c = (2.0 * d2 + d1) / (d2 * (d1 + d2))
                if even:
                    a = 0.5 / d1
                    b = -2.0 / d1
                    c = 1.5 / d1
                out[o, n - 1, j] = cast(
                    cast(a, T) * cast(x[o, n - 3, j], T)
                    + cast(b, T) * cast(x[o, n - 2, j], T)
                    + cast(c, T) * cast(x[o, n - 1, j], T),
                    T,
                )
    return r


def _plain(h):
    if isinstance(h, np.ndarray):
        return h
    elif isinstance(h, list) or isinstance(h, tuple):
        return np.asarray(h)
    else:
        return np.float64(h)


def _gradients(f, varargs, k: LiteralInt, order):
    """Along all axes from the k-th on."""
    if k == f.ndim:
        return ()
    return (_gradient_axis(f, k, _nth(varargs, k), order),) + _gradients(f, varargs, k + 1, order)


def _nth(varargs, k: LiteralInt):
    if len(varargs) == 0:
        return 1.0
    if len(varargs) == 1:
        return _plain(varargs[0])
    return _plain(varargs[k])


def _gradients_along(f, varargs, axes, k: LiteralInt, order):
    if len(axes) == 0:
        return ()
    own = _gradient_axis(f, _axis(axes[0], f.ndim), _nth(varargs, k), order)
    return (own,) + _gradients_along(f, varargs, axes[1:], k + 1, order)


@overload(np.gradient)
def gradient(f: Array, *varargs, axis: Whole | Tuple | NoneType = None, edge_order: Whole = 1):
    """Central differences, one-sided at the ends; one array for each axis.

    >>> np.gradient(a)
    >>> np.gradient(a, x)
    >>> np.gradient(m, axis=0)
    """
    if edge_order > 2:
        raise ValueError("'edge_order' greater than 2 not supported")
    if axis is None:
        if len(varargs) > 1 and len(varargs) != f.ndim:
            raise TypeError("invalid number of arguments")
        all_of = _gradients(f, varargs, 0, edge_order)
        if len(all_of) == 1:
            return all_of[0]
        else:
            return all_of
    elif isinstance(axis, tuple):
        if len(varargs) > 1 and len(varargs) != len(axis):
            raise TypeError("invalid number of arguments")
        each = _gradients_along(f, varargs, axis, 0, edge_order)
        if len(each) == 1:
            return each[0]
        else:
            return each
    else:
        if len(varargs) > 1:
            raise TypeError("invalid number of arguments")
        return _gradient_axis(f, _axis(axis, f.ndim), _nth(varargs, 0), edge_order)


# Interpolation


def _check_interp(xp, fp):
    if xp.shape[0] == 0:
        raise ValueError("array of sample points is empty")
    if xp.shape[0] != fp.shape[0]:
        raise ValueError("fp and xp are not of the same length.")


def _interp_at(x, xp, fp, left, right):
    n = xp.shape[0]
    T = fp.dtype
    if x != x:
        return cast(x, T)
    if x > xp[n - 1]:
        return right
    if x < xp[0]:
        return left
    lo = 0
    hi = n
    while lo < hi:
        mid = (lo + hi) // 2
        if x >= xp[mid]:
            lo = mid + 1
        else:
            hi = mid
    j = lo - 1
    if j >= n - 1 or x == xp[j]:
        return fp[min(j, n - 1)]
    width = xp[j + 1] - xp[j]
    if is_class(T, "Complex"):
        re = (fp[j + 1].real - fp[j].real) / width * (x - xp[j]) + fp[j].real
        im = (fp[j + 1].imag - fp[j].imag) / width * (x - xp[j]) + fp[j].imag
        return complex(re, im)
    slope = (fp[j + 1] - fp[j]) / width
    v = slope * (x - xp[j]) + fp[j]
    if v != v:
        # From the other side, for infinite values.
        v = slope * (x - xp[j + 1]) + fp[j + 1]
        if v != v and fp[j] == fp[j + 1]:
            v = fp[j]
    return v


def _table_type(fp):
    if is_class(fp.dtype, "Complex"):
        return cast(0, np.complex128)
    return cast(0, np.float64)


def _wrapped(x, period):
    """x modulo the period, as NumPy has it."""
    return np.mod(x, period)


def _interpolate(keys, out, xp, fp, left, right, period):
    T = type_of(_table_type(fp))
    x = _flat(xp).astype(np.float64)
    y = _flat(fp).astype(T)
    _check_interp(x, y)
    if period is None:
        below = y[0] if left is None else cast(left, T)
        above = y[y.shape[0] - 1] if right is None else cast(right, T)
        for i in range(out.shape[0]):
            out[i] = _interp_at(np.float64(keys[i]), x, y, below, above)
    else:
        if period == 0:
            raise ValueError("period must be a non-zero value")
        p = abs(np.float64(period))
        n = x.shape[0]
        for i in range(n):
            x[i] = _wrapped(x[i], p)
        order = np.argsort(x)
        xs = np.empty((n + 2,), np.float64)
        ys = np.empty((n + 2,), T)
        for i in range(n):
            xs[i + 1] = x[order[i]]
            ys[i + 1] = y[order[i]]
        xs[0] = xs[n] - p
        ys[0] = ys[n]
        xs[n + 1] = xs[1] + p
        ys[n + 1] = ys[1]
        for i in range(out.shape[0]):
            out[i] = _interp_at(_wrapped(np.float64(keys[i]), p), xs, ys, ys[0], ys[n + 1])


@overload(np.interp)
def interp(
    x: Array,
    xp: Array1,
    fp: Array1,
    left: Number | NoneType = None,
    right: Number | NoneType = None,
    period: Real | NoneType = None,
):
    """Linear interpolation in a table.

    >>> np.interp(a, s, b)
    >>> np.interp(x, s, b)
    >>> np.interp(a, s, b, left=-1.0, right=9.0)
    """
    r = np.empty(x.shape, type_of(_table_type(fp)))
    _interpolate(_flat(x), packed_view(r, r.dtype, 0, (x.size,)), xp, fp, left, right, period)
    return r


@overload(np.interp)
def interp_number(
    x: Real,
    xp: Array1,
    fp: Array1,
    left: Number | NoneType = None,
    right: Number | NoneType = None,
    period: Real | NoneType = None,
):
    r = np.empty((1,), type_of(_table_type(fp)))
    _interpolate(np.atleast_1d(x), r, xp, fp, left, right, period)
    return r[0]


# Integrals


@overload(np.trapezoid)
def trapezoid(y: Array, x: NoneType = None, dx: Real = 1.0, axis: Whole = -1):
    """The integral by the trapezoidal rule.

    >>> np.trapezoid(a)
    >>> np.trapezoid(a, s)
    >>> np.trapezoid(m, axis=0)
    """
    i = _axis(axis, y.ndim)
    T = type_of(_zero_of_mean(y.dtype))
    v = _lanes(y, i)
    r = np.empty(tuple_drop(y.shape, i), T)
    out = packed_view(r, T, 0, (v.shape[0], v.shape[2]))
    for o in range(v.shape[0]):
        for j in range(v.shape[2]):
            total = cast(0, T)
            for k in range(1, v.shape[1]):
                total = cast(
                    total + cast(dx, T) * (cast(v[o, k, j], T) + cast(v[o, k - 1, j], T)) / cast(2, T), T
                )
            out[o, j] = total
    return _deliver(r, None)


@overload(np.trapezoid)
def trapezoid_at(y: Array, x: Array, dx: Real = 1.0, axis: Whole = -1):
    i = _axis(axis, y.ndim)
    T = promote(type_of(_zero_of_mean(y.dtype)), type_of(_zero_of_mean(x.dtype)))
    v = _lanes(y, i)
    n = v.shape[1]
    if x.ndim == 1:
        if x.shape[0] != n:
            raise ValueError(
                f"operands could not be broadcast together with shapes ({x.shape[0] - 1},) ({n - 1},) "
            )
        at = np.empty(y.shape, x.dtype)
        at[...] = x.reshape(tuple_set((1,) * y.ndim, i, n))
        return _trapezoid_lanes(v, _lanes(at, i), np.empty(tuple_drop(y.shape, i), T))
    else:
        at = np.broadcast_to(x, y.shape).copy()
        return _trapezoid_lanes(v, _lanes(at, i), np.empty(tuple_drop(y.shape, i), T))


def _trapezoid_lanes(v, at, r):
    T = r.dtype
    out = packed_view(r, T, 0, (v.shape[0], v.shape[2]))
    for o in range(v.shape[0]):
        for j in range(v.shape[2]):
            total = cast(0, T)
            for k in range(1, v.shape[1]):
                width = cast(at[o, k, j], T) - cast(at[o, k - 1, j], T)
                total = cast(total + width * (cast(v[o, k, j], T) + cast(v[o, k - 1, j], T)) / cast(2, T), T)
            out[o, j] = total
    return _deliver(r, None)
