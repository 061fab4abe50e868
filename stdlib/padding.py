"""np.pad: an axis at a time, on lanes (outer, n, inner) of the result. What later axes will pad holds no values yet
while an earlier axis is padded; they overwrite it."""

import numpy as np
from cantil.library import cast, is_class, overload, promote, tuple_set, type_of

from .reductions import _lanes
from .shapes import _flat


def _pairs(x, ndim, T):
    """What is given for both ends of all axes, as an array (ndim, 2)."""
    r = np.empty((ndim, 2), T)
    r[...] = np.broadcast_to(np.asarray(x), (ndim, 2))
    return r


def _padded_shape(shape, widths):
    for i in range(len(shape)):
        shape = tuple_set(shape, i, shape[i] + widths[i, 0] + widths[i, 1])
    return shape


def _middle(r, shape, widths):
    """The part of r that the array itself fills."""
    start = 0
    for i in range(len(shape)):
        start += widths[i, 0] * r.strides[i]
    return np.lib.stride_tricks.as_strided(_flat(r)[start // r.itemsize :], shape, r.strides)


def _pad_constant(x, before, after, left, right):
    n = x.shape[1]
    for o in range(x.shape[0]):
        for j in range(x.shape[2]):
            for k in range(before):
                x[o, k, j] = left
            for k in range(n - after, n):
                x[o, k, j] = right


def _pad_edge(x, before, after):
    n = x.shape[1]
    for o in range(x.shape[0]):
        for j in range(x.shape[2]):
            for k in range(before):
                x[o, k, j] = x[o, before, j]
            for k in range(n - after, n):
                x[o, k, j] = x[o, n - after - 1, j]


def _ramp(end, edge, k, count, T):
    """The k-th of `count` numbers that lead from `end` to `edge`, without the edge."""
    W = promote(promote(type_of(end), type_of(edge)), np.float64)
    step = (cast(edge, W) - cast(end, W)) / cast(count, W)
    v = cast(k, W) * step + cast(end, W)
    if is_class(T, "Integer"):
        return cast(np.floor(v), T)
    return cast(v, T)


def _pad_ramp(x, before, after, left, right):
    n = x.shape[1]
    T = x.dtype
    for o in range(x.shape[0]):
        for j in range(x.shape[2]):
            for k in range(before):
                x[o, k, j] = _ramp(left, x[o, before, j], k, before, T)
            for k in range(after):
                x[o, n - 1 - k, j] = _ramp(right, x[o, n - after - 1, j], k, after, T)


def _statistic(lane, mode: LiteralStr):
    if mode == "maximum":
        return np.max(lane)
    if mode == "minimum":
        return np.min(lane)
    if mode == "mean":
        return _rounded(np.mean(lane), lane.dtype)
    return _rounded(np.median(lane), lane.dtype)


def _rounded(v, T):
    if is_class(T, "Integer"):
        return cast(np.rint(v), T)
    return cast(v, T)


def _pad_statistic(x, before, after, left, right, mode: LiteralStr):
    n = x.shape[1] - before - after
    left = min(left, n)
    right = min(right, n)
    if mode == "maximum" or mode == "minimum":
        if left == 0 or right == 0:
            raise ValueError("stat_length of 0 yields no value for padding")
    for o in range(x.shape[0]):
        for j in range(x.shape[2]):
            low = _statistic(x[o, before : before + left, j], mode)
            high = _statistic(x[o, before + n - right : before + n, j], mode)
            for k in range(before):
                x[o, k, j] = low
            for k in range(before + n, x.shape[1]):
                x[o, k, j] = high


def _mirrored(k, n, edge):
    """Where position k is read from when n elements are mirrored again and again; with the edge twice or once."""
    period = 2 * n if edge else 2 * (n - 1)
    k = k % period
    if k < n:
        return k
    return period - 1 - k if edge else period - k


def _odd(x, o, j, before, n, k, edge):
    """The element at place k (from the first one on) of the extension that is point symmetric to both ends."""
    first = x[o, before, j]
    last = x[o, before + n - 1, j]
    sign = False
    total = x[o, before, j] - x[o, before, j]
    while k < 0 or k >= n:
        # v(k) = 2 * end - v(k'), with the sign of what is still to be added.
        end = first if k < 0 else last
        twice = end + end
        total = total - twice if sign else total + twice
        sign = not sign
        if k < 0:
            k = -1 - k if edge else -k
        else:
            k = 2 * n - 1 - k if edge else 2 * (n - 1) - k
    v = x[o, before + k, j]
    return total - v if sign else total + v


def _pad_mirror(x, before, after, edge, odd):
    n = x.shape[1] - before - after
    T = x.dtype
    if n == 1:
        _pad_edge(x, before, after)
    else:
        for o in range(x.shape[0]):
            for j in range(x.shape[2]):
                for k in range(x.shape[1]):
                    if k < before or k >= before + n:
                        if odd:
                            x[o, k, j] = cast(_odd(x, o, j, before, n, k - before, edge), T)
                        else:
                            x[o, k, j] = x[o, before + _mirrored(k - before, n, edge), j]


def _pad_wrap(x, before, after):
    n = x.shape[1] - before - after
    for o in range(x.shape[0]):
        for j in range(x.shape[2]):
            for k in range(x.shape[1]):
                if k < before or k >= before + n:
                    x[o, k, j] = x[o, before + (k - before) % n, j]


def _check_mode(mode: LiteralStr):
    if (
        mode == "constant"
        or mode == "edge"
        or mode == "linear_ramp"
        or mode == "maximum"
        or mode == "mean"
        or mode == "median"
        or mode == "minimum"
        or mode == "reflect"
        or mode == "symmetric"
        or mode == "wrap"
        or mode == "empty"
    ):
        return True
    raise ValueError(f"mode '{mode}' is not supported")


def _lengths(stat_length, ndim):
    if stat_length is None:
        r = np.empty((ndim, 2), np.int64)
        r[...] = np.int64(9223372036854775807)
        return r
    else:
        return _pairs(stat_length, ndim, np.int64)


@overload(np.pad)
def pad(
    array: Array,
    pad_width: Number | Array | Tuple | List,
    mode: LiteralStr = "constant",
    stat_length: Whole | Array | Tuple | List | NoneType = None,
    constant_values: Number | Array | Tuple | List = 0,
    end_values: Number | Array | Tuple | List = 0,
    reflect_type: LiteralStr = "even",
):
    """An array with a border: constant, edge, linear_ramp, maximum, mean, median, minimum, reflect, symmetric, wrap
    or empty.

    >>> np.pad(a, 2)
    >>> np.pad(m, ((1, 2), (0, 3)), mode="reflect")
    >>> np.pad(a, (1, 2), "constant", constant_values=(3.0, 4.0))
    """
    _check_mode(mode)
    given = np.asarray(pad_width)
    if not is_class(given.dtype, "Integer"):
        raise TypeError("`pad_width` must be of integral type.")
    if array.ndim == 0:
        return array.copy()
    else:
        widths = _pairs(given, array.ndim, np.int64)
        for i in range(array.ndim):
            if widths[i, 0] < 0 or widths[i, 1] < 0:
                raise ValueError("index can't contain negative values")
        r = np.empty(_padded_shape(array.shape, widths), array.dtype)
        if array.size > 0:
            _middle(r, array.shape, widths)[...] = array
        lengths = _lengths(stat_length, array.ndim)
        if mode == "maximum" or mode == "minimum" or mode == "mean" or mode == "median":
            for i in range(array.ndim):
                if lengths[i, 0] < 0 or lengths[i, 1] < 0:
                    raise ValueError("index can't contain negative values")
        for i in range(array.ndim):
            before = widths[i, 0]
            after = widths[i, 1]
            if array.shape[i] == 0 and (before > 0 or after > 0):
                if mode != "constant" and mode != "empty":
                    raise ValueError(
                        f"can't extend empty axis {i} using modes other than 'constant' or 'empty'"
                    )
            if before + after > 0 and r.size > 0:
                lanes = _lanes(r, i)
                if mode == "constant":
                    values = _pairs(constant_values, array.ndim, array.dtype)
                    _pad_constant(lanes, before, after, values[i, 0], values[i, 1])
                elif mode == "edge":
                    _pad_edge(lanes, before, after)
                elif mode == "linear_ramp":
                    ends = np.broadcast_to(np.asarray(end_values), (array.ndim, 2))
                    _pad_ramp(lanes, before, after, ends[i, 0], ends[i, 1])
                elif mode == "reflect":
                    _pad_mirror(lanes, before, after, False, reflect_type == "odd")
                elif mode == "symmetric":
                    _pad_mirror(lanes, before, after, True, reflect_type == "odd")
                elif mode == "wrap":
                    _pad_wrap(lanes, before, after)
                elif mode == "empty":
                    pass
                else:
                    _pad_statistic(lanes, before, after, lengths[i, 0], lengths[i, 1], mode)
        return r
