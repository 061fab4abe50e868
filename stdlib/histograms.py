"""Histograms: bins of equal width or between edges, weights, densities, two dimensions."""

import math

import numpy as np
from cantil.library import cast, is_class, overload, type_of

from .shapes import _flat
from .sorting import _search


def _limits(x, given):
    if given is None:
        if x.shape[0] == 0:
            return 0.0, 1.0
        lo = np.float64(np.min(x))
        hi = np.float64(np.max(x))
        if not (np.isfinite(lo) and np.isfinite(hi)):
            raise ValueError(f"autodetected range of [{lo}, {hi}] is not finite")
    else:
        lo = np.float64(given[0])
        hi = np.float64(given[1])
        if lo > hi:
            raise ValueError("max must be larger than min in range parameter.")
        if not (np.isfinite(lo) and np.isfinite(hi)):
            raise ValueError(f"supplied range of [{lo}, {hi}] is not finite")
    if lo == hi:
        return lo - 0.5, hi + 0.5
    return lo, hi


def _even_edges(x, bins, range):
    if bins < 1:
        raise ValueError("`bins` must be positive, when an integer")
    lo, hi = _limits(x, range)
    return np.linspace(lo, hi, bins + 1)


def _check_edges(edges):
    for k in range(1, edges.shape[0]):
        if edges[k - 1] > edges[k]:
            raise ValueError("`bins` must increase monotonically, when an array")


def _even_bin(v, edges, norm):
    """The bin of v among equal ones; -1 outside."""
    n = edges.shape[0] - 1
    lo = edges[0]
    if not (v >= lo and v <= edges[n]):
        return -1
    at = min(np.int64((v - lo) * norm), n - 1)
    # Rounding may have put it one off; the edges decide.
    if v < edges[at]:
        at -= 1
    elif v >= edges[at + 1] and at != n - 1:
        at += 1
    return at


def _bin_between(v, edges):
    n = edges.shape[0] - 1
    if v == edges[n]:
        return n - 1
    if v != v:
        return -1
    at = _search(edges, v, True) - 1
    return at if at < n else -1


def _zero_count(weights):
    if weights is None:
        return cast(0, np.int64)
    else:
        if is_class(weights.dtype, "Whole"):
            return cast(0, np.int64)
        return cast(0, weights.dtype)


def _counted(x, edges, even, weights):
    counts = np.zeros((edges.shape[0] - 1,), type_of(_zero_count(weights)))
    norm = 0.0
    if even:
        norm = np.float64(edges.shape[0] - 1) / (edges[edges.shape[0] - 1] - edges[0])
    for i in range(x.shape[0]):
        v = cast(x[i], edges.dtype)
        at = _even_bin(v, edges, norm) if even else _bin_between(v, edges)
        if at >= 0:
            if weights is None:
                counts[at] += 1
            else:
                counts[at] = cast(counts[at] + weights[i], counts.dtype)
    return counts


def _density(counts, edges):
    r = np.empty(counts.shape, np.float64)
    total = np.float64(np.sum(counts))
    for k in range(counts.shape[0]):
        r[k] = np.float64(counts[k]) / (edges[k + 1] - edges[k]) / total
    return r


def _flat_weights(x, weights):
    if weights is None:
        return None
    else:
        w = _flat(weights)
        if w.shape[0] != x.shape[0]:
            raise ValueError("weights should have the same shape as a.")
        return w


def _histogram(x, edges, even, density: LiteralBool, weights):
    counts = _counted(x, edges, even, _flat_weights(x, weights))
    if density:
        return _density(counts, edges), edges
    else:
        return counts, edges


@overload(np.histogram)
def histogram(
    a: Array,
    bins: Whole = 10,
    range: Tuple | NoneType = None,
    density: LiteralBool | NoneType = False,
    weights: Array | NoneType = None,
):
    """How many values lie in each bin, or their weight or density.

    >>> np.histogram(a, 4)
    >>> np.histogram(a, 4, (-1.0, 2.0))
    >>> np.histogram(a, s, density=True)
    """
    x = _flat(a)
    if density is None:
        return _histogram(x, _even_edges(x, bins, range), True, False, weights)
    else:
        return _histogram(x, _even_edges(x, bins, range), True, density, weights)


@overload(np.histogram)
def histogram_between(
    a: Array,
    bins: Array1,
    range: Tuple | NoneType = None,
    density: LiteralBool | NoneType = False,
    weights: Array | NoneType = None,
):
    _check_edges(bins)
    if density is None:
        return _histogram(_flat(a), bins, False, False, weights)
    else:
        return _histogram(_flat(a), bins, False, density, weights)


def _span(x):
    return np.float64(np.max(x)) - np.float64(np.min(x))


def _width(x, rule: LiteralStr):
    """The width of a bin by a rule of thumb; 0 where there is none."""
    n = np.float64(x.shape[0])
    if rule == "sqrt":
        return _span(x) / math.sqrt(n)
    if rule == "sturges":
        return _span(x) / (np.log2(n) + 1.0)
    if rule == "rice":
        return _span(x) / (2.0 * n ** (1.0 / 3))
    if rule == "scott":
        return (24.0 * math.pi**0.5 / n) ** (1.0 / 3.0) * np.float64(np.std(x))
    if rule == "fd":
        return _freedman(x)
    if rule == "doane":
        return _doane(x)
    if rule == "auto":
        sturges = _span(x) / (np.log2(n) + 1.0)
        fd = _freedman(x)
        return min(fd, sturges) if fd != 0 else sturges
    raise ValueError(f"'{rule}' is not a valid estimator for `bins`")


def _freedman(x):
    high, low = np.percentile(x, 75.0), np.percentile(x, 25.0)
    return 2.0 * np.float64(high - low) * np.float64(x.shape[0]) ** (-1.0 / 3.0)


def _doane(x):
    n = np.float64(x.shape[0])
    if n > 2:
        sg1 = math.sqrt(6.0 * (n - 2) / ((n + 1.0) * (n + 3)))
        sigma = np.float64(np.std(x))
        if sigma > 0.0:
            mean = np.float64(np.mean(x))
            total = 0.0
            for i in range(x.shape[0]):
                t = (np.float64(x[i]) - mean) / sigma
                total += t * t * t
            g1 = total / n
            return _span(x) / (1.0 + np.log2(n) + np.log2(1.0 + abs(g1) / sg1))
    return 0.0


def _rule_bins(x, rule: LiteralStr, range):
    if x.shape[0] == 0:
        return 1
    lo, hi = _limits(x, range)
    inside = x
    if range is not None:
        inside = x[(x >= lo) & (x <= hi)]
        if inside.shape[0] == 0:
            return 1
    width = np.float64(_width(inside, rule))
    if is_class(x.dtype, "Whole"):
        if width < 1:
            width = 1.0
    if width != 0:
        return max(np.int64(math.ceil((hi - lo) / width)), 1)
    return 1


@overload(np.histogram)
def histogram_by_rule(
    a: Array,
    bins: LiteralStr,
    range: Tuple | NoneType = None,
    density: LiteralBool | NoneType = False,
    weights: NoneType = None,
):
    x = _flat(a)
    return histogram(a, _rule_bins(x, bins, range), range, density, None)


@overload(np.histogram_bin_edges)
def histogram_bin_edges(
    a: Array,
    bins: Whole | Array1 | LiteralStr = 10,
    range: Tuple | NoneType = None,
    weights: Array | NoneType = None,
):
    """The edges of the bins.

    >>> np.histogram_bin_edges(a, 4)
    >>> np.histogram_bin_edges(a, "sturges")
    """
    x = _flat(a)
    if isinstance(bins, str):
        return _even_edges(x, _rule_bins(x, bins, range), range)
    elif isinstance(bins, np.ndarray):
        _check_edges(bins)
        return bins
    else:
        return _even_edges(x, bins, range)


# Two dimensions


def _edges_of(x, bins, range):
    if isinstance(bins, np.ndarray):
        _check_edges(bins)
        return bins
    else:
        return _even_edges(x, bins, range)


def _of_axis(bins, k: LiteralInt):
    """The bins of one axis: a number or edges for both, or a pair."""
    if isinstance(bins, tuple):
        if isinstance(bins[k], list) or isinstance(bins[k], tuple):
            return np.asarray(bins[k])
        return bins[k]
    else:
        return bins


def _range_of(range, k: LiteralInt):
    if range is None:
        return None
    elif isinstance(range, tuple):
        if len(range) != 2:
            raise ValueError("range argument must have one entry per dimension")
        return range[k]
    else:
        return range[k][0], range[k][1]


@overload(np.histogram2d)
def histogram2d(
    x: Array1,
    y: Array1,
    bins: Whole | Array1 | Tuple = 10,
    range: Tuple | List | Array2 | NoneType = None,
    density: LiteralBool | NoneType = None,
    weights: Array1 | NoneType = None,
):
    """How many points lie in each cell of a grid, and the grid's edges.

    >>> np.histogram2d(a, b, 3)
    >>> np.histogram2d(a, b, (2, 3), ((-2.0, 3.0), (-3.0, 4.0)))
    """
    if x.shape[0] != y.shape[0]:
        raise ValueError("x and y must have the same length.")
    u = x.astype(np.float64)
    v = y.astype(np.float64)
    e = _edges_of(u, _of_axis(bins, 0), _range_of(range, 0))
    f = _edges_of(v, _of_axis(bins, 1), _range_of(range, 1))
    r = np.zeros((e.shape[0] - 1, f.shape[0] - 1), np.float64)
    rows = e.astype(np.float64)
    columns = f.astype(np.float64)
    for i in _indices(u):
        p = _bin_between(u[i], rows)
        q = _bin_between(v[i], columns)
        if p >= 0 and q >= 0:
            if weights is None:
                r[p, q] += 1.0
            else:
                r[p, q] += np.float64(weights[i])
    if density is True:
        total = np.sum(r)
        for p in _indices(e[1:]):
            for q in _indices(f[1:]):
                r[p, q] = r[p, q] / (e[p + 1] - e[p]) / (f[q + 1] - f[q]) / total
    return r, e, f


def _indices(x):
    return range(x.shape[0])
