"""np.random and Generator: seeding, whole numbers in a range, shuffling, choosing, several categories."""

import numpy as np
from cantil.library import (
    bit_generator,
    bits_of,
    call_runtime,
    cast,
    data_pointer,
    is_class,
    overload,
    packed_view,
    primitive,
    random_call,
    same_type,
    type_of,
)

from .random_distributions import _check, _draw0, random_sample

# Seeding


@overload(np.random.seed)
def seed():
    random_call(None, "seed_entropy", None)


@overload(np.random.seed)
def seed_none(seed: NoneType):
    random_call(None, "seed_entropy", None)


@overload(np.random.seed)
def seed_int(seed: Whole):
    _check(seed >= 0 and seed <= 4294967295, "Seed must be between 0 and 2**32 - 1")
    random_call(None, "seed", None, cast(seed, np.uint32))


@overload(np.random.seed)
def seed_array(seed: Array1):
    _check(seed.shape[0] > 0, "Seed must be non-empty")
    key = np.empty(seed.shape, np.uint32)
    for i in range(seed.shape[0]):
        _check(seed[i] >= 0 and seed[i] <= 4294967295, "Seed must be between 0 and 2**32 - 1")
        key[i] = cast(seed[i], np.uint32)
    random_call(None, "seed_array", None, data_pointer(key), key.shape[0])


# Whole numbers


def _least(T):
    """The smallest number of an integer type or bool."""
    if is_class(T, "Signed"):
        return -1 << (bits_of(T) - 1)
    return 0


def _most(T):
    if is_class(T, "Boolean"):
        return 1
    if is_class(T, "Signed"):
        return (1 << (bits_of(T) - 1)) - 1
    return (1 << bits_of(T)) - 1


def _check_bounds(low, last, T):
    """Whether both fit: 64-bit types take what their bits say."""
    if bits_of(T) < 64:
        least = _least(T)
        most = _most(T)
        if is_class(T, "Boolean"):
            _check(low >= least, "low is out of bounds for bool")
            _check(last <= most, "high is out of bounds for bool")
        elif same_type(T, np.int8):
            _check(low >= least, "low is out of bounds for int8")
            _check(last <= most, "high is out of bounds for int8")
        elif same_type(T, np.uint8):
            _check(low >= least, "low is out of bounds for uint8")
            _check(last <= most, "high is out of bounds for uint8")
        elif same_type(T, np.int16):
            _check(low >= least, "low is out of bounds for int16")
            _check(last <= most, "high is out of bounds for int16")
        elif same_type(T, np.uint16):
            _check(low >= least, "low is out of bounds for uint16")
            _check(last <= most, "high is out of bounds for uint16")
        elif same_type(T, np.int32):
            _check(low >= least, "low is out of bounds for int32")
            _check(last <= most, "high is out of bounds for int32")
        else:
            _check(low >= least, "low is out of bounds for uint32")
            _check(last <= most, "high is out of bounds for uint32")
    elif is_class(T, "Unsigned"):
        _check(low >= 0, "low is out of bounds for uint64")


def _integers(g, low, last, size, T, masked):
    """Numbers of type T in [low, last]."""
    _check_bounds(low, last, T)
    first = cast(low, np.uint64)
    width = cast(last, np.uint64) - first
    bits = 1 if is_class(T, "Boolean") else bits_of(T)
    if size is None:
        r = np.empty((1,), T)
        call_runtime(
            None,
            "cantil_rt_random_integers",
            bit_generator(g),
            first,
            width,
            1,
            cast(bits, np.int32),
            cast(masked, np.int32),
            data_pointer(r),
        )
        return r[0]
    r = np.empty(size, T)
    call_runtime(
        None,
        "cantil_rt_random_integers",
        bit_generator(g),
        first,
        width,
        r.size,
        cast(bits, np.int32),
        cast(masked, np.int32),
        data_pointer(r),
    )
    return r


@overload(np.random.randint)
def randint(
    low: Whole,
    high: Whole | NoneType = None,
    size: Whole | Tuple | NoneType = None,
    dtype: Type = np.int64,
):
    if high is None:
        _check(low > 0, "high <= 0")
        return _integers(None, 0, low - 1, size, dtype, 1)
    _check(low < high, "low >= high")
    return _integers(None, low, high - 1, size, dtype, 1)


@overload("method:generator.integers")
def generator_integers(
    g: Generator,
    low: Whole,
    high: Whole | NoneType = None,
    size: Whole | Tuple | NoneType = None,
    dtype: Type = np.int64,
    endpoint: Boolean = False,
):
    end = 0 if endpoint else 1
    if high is None:
        if endpoint:
            _check(low >= 0, "high < 0")
        else:
            _check(low > 0, "high <= 0")
        return _integers(g, 0, low - end, size, dtype, 0)
    if endpoint:
        _check(low <= high, "low > high")
    else:
        _check(low < high, "low >= high")
    return _integers(g, low, high - end, size, dtype, 0)


# Order


def _interval(g, n):
    """A number in [0, n]."""
    return cast(random_call(np.uint64, "interval", g, cast(n, np.uint64)), np.int64)


def _bounded(g, n):
    """The same, drawn in the other way that Generator has."""
    return cast(random_call(np.uint64, "bounded", g, cast(n, np.uint64)), np.int64)


def _swap_rows(x, i, j):
    if x.ndim == 1:
        v = x[i]
        x[i] = x[j]
        x[j] = v
    else:
        for k in range(x.shape[1]):
            if x.ndim == 2:
                v = x[i, k]
                x[i, k] = x[j, k]
                x[j, k] = v
            else:
                v = x[i, k, ...].copy()
                x[i, k, ...] = x[j, k, ...]
                x[j, k, ...] = v


def _shuffle(g, x):
    for i in range(x.shape[0] - 1, 0, -1):
        j = _interval(g, i)
        if i != j:
            _swap_rows(x, i, j)


@overload(np.random.shuffle)
def shuffle(x: Array):
    if x.ndim == 0:
        raise TypeError("len() of unsized object")
    else:
        _shuffle(None, x)


@overload("method:generator.shuffle")
def generator_shuffle(g: Generator, x: Array, axis: Whole = 0):
    if x.ndim == 0:
        raise TypeError("len() of unsized object")
    elif x.ndim == 1:
        _check(axis == 0 or axis == -1, "axis is out of bounds")
        _shuffle(g, x)
    else:
        _shuffle(g, np.swapaxes(x, 0, axis))


def _permuted(g, x):
    if x.ndim == 1:
        r = x.copy()
        _shuffle(g, r)
        return r
    order = np.arange(x.shape[0])
    _shuffle(g, order)
    return x[order]


@overload(np.random.permutation)
def permutation_int(x: Whole):
    r = np.arange(x)
    _shuffle(None, r)
    return r


@overload(np.random.permutation)
def permutation(x: Array):
    return _permuted(None, x)


@overload("method:generator.permutation")
def generator_permutation_int(g: Generator, x: Whole, axis: Whole = 0):
    r = np.arange(x)
    _shuffle(g, r)
    return r


@overload("method:generator.permutation")
def generator_permutation(g: Generator, x: Array, axis: Whole = 0):
    if x.ndim == 1:
        return _permuted(g, x)
    order = np.arange(x.shape[axis])
    _shuffle(g, order)
    return np.take(x, order, axis)


# Choice


def _total(size):
    if size is None:
        return 1
    n = 1
    if is_class(type_of(size), "Tuple"):
        for i in range(len(size)):
            n *= size[i]
        return n
    return size


def _cumulated(p):
    cdf = np.cumsum(p)
    return cdf / cdf[-1]


def _picks_without(g, n, size, p):
    """`size` different numbers below n with the weights p; drawn again for those that came twice."""
    weights = cast_copy(p)
    found = np.empty((size,), np.int64)
    count = 0
    seen = np.zeros((n,), np.bool_)
    while count < size:
        x = _draw0(g, "standard_uniform", np.float64, size - count)
        if count > 0:
            for i in range(count):
                weights[found[i]] = 0.0
        cdf = _cumulated(weights)
        new = np.searchsorted(cdf, x, "right")
        # The first of each, in the order in which they came.
        for i in range(new.shape[0]):
            if not seen[new[i]]:
                seen[new[i]] = True
                found[count] = new[i]
                count += 1
    return found


def cast_copy(p):
    r = np.empty(p.shape, np.float64)
    r[...] = p
    return r


def _check_weights(p, n, size: LiteralStr, negative: LiteralStr, nan: LiteralStr, total: LiteralStr):
    _check(p.shape[0] == n, size)
    sum_p = 0.0
    error = 0.0
    bad = False
    for i in range(n):
        # Kahan's sum, as NumPy has it here.
        y = cast(p[i], np.float64) - error
        t = sum_p + y
        error = (t - sum_p) - y
        sum_p = t
        if p[i] < 0:
            bad = True
    _check(sum_p == sum_p, nan)
    _check(not bad, negative)
    _check(abs(sum_p - 1.0) <= 1.4901161193847656e-08, total)


def _legacy_picks(n, size, replace, p):
    """Which of n to take: `size` numbers as one axis."""
    k = _total(size)
    if p is not None:
        _check_weights(
            p,
            n,
            "'a' and 'p' must have same size",
            "probabilities are not non-negative",
            "probabilities contain NaN",
            "probabilities do not sum to 1",
        )
    if replace:
        if p is not None:
            return np.searchsorted(_cumulated(p), random_sample(k), "right")
        if k == 0:
            return np.empty((0,), np.int64)
        return randint(0, n, k)
    _check(k <= n, "Cannot take a larger sample than population when 'replace=False'")
    if p is not None:
        _check(np.count_nonzero(p) >= k, "Fewer non-zero entries in p than size")
        return _picks_without(None, n, k, p)
    return permutation_int(n)[:k].copy()


def _generator_picks(g, n, size, replace, p, shuffle):
    k = _total(size)
    if p is not None:
        _check_weights(
            p,
            n,
            "a and p must have same size",
            "Probabilities are not non-negative",
            "Probabilities contain NaN",
            "Probabilities do not sum to 1. See Notes section of docstring for more information.",
        )
    if replace:
        if p is not None:
            return np.searchsorted(_cumulated(p), _draw0(g, "standard_uniform", np.float64, k), "right")
        if k == 0:
            return np.empty((0,), np.int64)
        return _integers(g, 0, n - 1, k, np.int64, 0)
    _check(k <= n, "Cannot take a larger sample than population when replace is False")
    _check(k >= 0, "negative dimensions are not allowed")
    if p is not None:
        _check(np.count_nonzero(p) >= k, "Fewer non-zero entries in p than size")
        return _picks_without(g, n, k, p)
    return _different(g, n, k, shuffle)


def _different(g, n, k, shuffle):
    """k different numbers below n."""
    cutoff = 50 if shuffle else 20
    if n > 10000 and k > n // cutoff:
        x = np.arange(n)
        for i in range(n - 1, max(n - k, 1) - 1, -1):
            j = _bounded(g, i)
            v = x[j]
            x[j] = x[i]
            x[i] = v
        return x[n - k :].copy()
    # Floyd's: a number that was drawn before gives way to the newest one.
    r = np.empty((k,), np.int64)
    places = 1
    while cast(places, np.float64) < 1.2 * cast(k, np.float64):
        places *= 2
    table = np.empty((places,), np.int64)
    table[...] = -1
    for at in range(k):
        newest = n - k + at
        v = _bounded(g, newest)
        slot = v & (places - 1)
        while table[slot] != -1 and table[slot] != v:
            slot = (slot + 1) & (places - 1)
        if table[slot] == v:
            v = newest
            slot = v & (places - 1)
            while table[slot] != -1:
                slot = (slot + 1) & (places - 1)
        table[slot] = v
        r[at] = v
    if shuffle:
        for i in range(k - 1, 0, -1):
            j = _bounded(g, i)
            v = r[j]
            r[j] = r[i]
            r[i] = v
    return r


def _shaped(picks, size):
    """One pick for size None, else an array of that shape."""
    if size is None:
        return picks[0]
    if is_class(type_of(size), "Tuple"):
        return picks.reshape(size)
    return picks


@overload(np.random.choice)
def choice_int(
    a: Whole,
    size: Whole | Tuple | NoneType = None,
    replace: Boolean = True,
    p: Array1 | NoneType = None,
):
    _check(a > 0 or _total(size) == 0, "a must be greater than 0 unless no samples are taken")
    return _shaped(_legacy_picks(a, size, replace, p), size)


@overload(np.random.choice)
def choice(
    a: Array,
    size: Whole | Tuple | NoneType = None,
    replace: Boolean = True,
    p: Array1 | NoneType = None,
):
    if a.ndim != 1:
        raise ValueError("a must be 1-dimensional")
    else:
        _check(a.shape[0] > 0 or _total(size) == 0, "'a' cannot be empty unless no samples are taken")
        picks = _legacy_picks(a.shape[0], size, replace, p)
        if size is None:
            return a[picks[0]]
        return _shaped(a[picks], size)


@overload("method:generator.choice")
def generator_choice_int(
    g: Generator,
    a: Whole,
    size: Whole | Tuple | NoneType = None,
    replace: Boolean = True,
    p: Array1 | NoneType = None,
    axis: Whole = 0,
    shuffle: Boolean = True,
):
    _check(a > 0 or _total(size) == 0, "a must be a positive integer unless no samples are taken")
    return _shaped(_generator_picks(g, a, size, replace, p, shuffle), size)


@overload("method:generator.choice")
def generator_choice(
    g: Generator,
    a: Array1,
    size: Whole | Tuple | NoneType = None,
    replace: Boolean = True,
    p: Array1 | NoneType = None,
    axis: Whole = 0,
    shuffle: Boolean = True,
):
    _check(a.shape[0] > 0 or _total(size) == 0, "a cannot be empty unless no samples are taken")
    picks = _generator_picks(g, a.shape[0], size, replace, p, shuffle)
    if size is None:
        return a[picks[0]]
    return _shaped(a[picks], size)


# Several categories


def _as_tuple(size):
    if size is None:
        return ()
    if is_class(type_of(size), "Tuple"):
        return size
    return (size,)


def _multinomial(g, n, pvals, size):
    p = cast_copy(pvals)
    d = p.shape[0]
    total = 0.0
    for i in range(d):
        _check(p[i] >= 0 and p[i] <= 1, "pvals < 0, pvals > 1 or pvals contains NaNs")
        if i < d - 1:
            total += p[i]
    _check(n >= 0, "n < 0")
    _check(total <= 1.0 + 1e-12, "sum(pvals[:-1]) > 1.0")
    r = np.zeros((*_as_tuple(size), d), np.int64)
    rows = packed_view(r, np.int64, 0, (_total(size), d))
    for i in range(rows.shape[0]):
        random_call(
            None,
            "multinomial",
            g,
            cast(n, np.int64),
            data_pointer(p),
            d,
            primitive("ptr.index", data_pointer(rows), i * d),
        )
    return r


@overload(np.random.multinomial)
def multinomial(n: Whole, pvals: Array1, size: Whole | Tuple | NoneType = None):
    return _multinomial(None, n, pvals, size)


@overload(np.random.multinomial)
def multinomial_tuple(n: Whole, pvals: Tuple, size: Whole | Tuple | NoneType = None):
    return _multinomial(None, n, np.array(pvals), size)


@overload("method:generator.multinomial")
def generator_multinomial(g: Generator, n: Whole, pvals: Array1, size: Whole | Tuple | NoneType = None):
    return _multinomial(g, n, pvals, size)


@overload(np.random.dirichlet)
def dirichlet(alpha: Array1, size: Whole | Tuple | NoneType = None):
    k = alpha.shape[0]
    for i in range(k):
        _check(alpha[i] > 0, "alpha <= 0")
    r = np.empty((*_as_tuple(size), k), np.float64)
    rows = packed_view(r, np.float64, 0, (_total(size), k))
    for i in range(rows.shape[0]):
        total = 0.0
        for j in range(k):
            v = random_call(np.float64, "standard_gamma", None, cast(alpha[j], np.float64))
            rows[i, j] = v
            total += v
        inverse = 1 / total
        for j in range(k):
            rows[i, j] = rows[i, j] * inverse
    return r


@overload(np.random.dirichlet)
def dirichlet_tuple(alpha: Tuple, size: Whole | Tuple | NoneType = None):
    return dirichlet(np.array(alpha), size)
