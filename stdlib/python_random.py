"""The module `random`: CPython's algorithms over this thread's own Mersenne twister.

As in Numba, an integer seeds as NumPy's RandomState does (init_genrand), not as CPython's seed() (init_by_array)."""

import math
import random

import numpy as np
from cantil.library import call_runtime, cast, overload, primitive


@overload(random.seed)
def seed():
    call_runtime(None, "cantil_rt_random_seed_entropy")


@overload(random.seed)
def seed_int(a: Whole):
    call_runtime(None, "cantil_rt_random_seed", cast(a, np.uint32))


@overload(random.random)
def real():
    return call_runtime(np.float64, "cantil_rt_random_real")


def _word():
    return cast(call_runtime(np.uint32, "cantil_rt_random_word"), np.uint64)


def _bits(k):
    """k random bits, 1 to 64: the lower word first."""
    if k <= 32:
        return _word() >> cast(32 - k, np.uint64)
    low = _word()
    return low | ((_word() >> cast(64 - k, np.uint64)) << cast(32, np.uint64))


@overload(random.getrandbits)
def getrandbits(k: Whole):
    if k < 0:
        raise ValueError("number of bits must be non-negative")
    if k > 64:
        raise OverflowError("getrandbits() limited to 64 bits")
    if k == 0:
        return cast(0, np.uint64)
    return _bits(cast(k, np.int64))


def _below(n):
    """A number in [0, n) for n > 0: as many bits as n has, until they fit."""
    k = 64 - cast(primitive("clz", cast(n, np.uint64)), np.int64)
    r = _bits(k)
    while r >= cast(n, np.uint64):
        r = _bits(k)
    return cast(r, np.int64)


@overload(random.randrange)
def randrange_stop(start: Whole):
    if start <= 0:
        raise ValueError("empty range for randrange()")
    return _below(start)


@overload(random.randrange)
def randrange(start: Whole, stop: Whole, step: Whole = 1):
    if step == 0:
        raise ValueError("zero step for randrange()")
    n = len(range(start, stop, step))
    if n <= 0:
        raise ValueError("empty range for randrange()")
    return start + step * _below(n)


@overload(random.randint)
def randint(a: Whole, b: Whole):
    if b < a:
        raise ValueError("empty range for randrange()")
    width = cast(b, np.int64) - cast(a, np.int64) + 1
    return a + _below(width)


@overload(random.uniform)
def uniform(a: Real, b: Real):
    return a + (b - a) * real()


@overload(random.triangular)
def triangular(low: Real = 0.0, high: Real = 1.0, mode: Real | NoneType = None):
    lo = cast(low, np.float64)
    hi = cast(high, np.float64)
    u = real()
    c = 0.5
    if mode is not None:
        if hi == lo:
            return lo
        c = (cast(mode, np.float64) - lo) / (hi - lo)
    if u > c:
        u = 1.0 - u
        c = 1.0 - c
        lo, hi = hi, lo
    return lo + (hi - lo) * math.sqrt(u * c)


@overload(random.normalvariate)
def normalvariate(mu: Real = 0.0, sigma: Real = 1.0):
    z = 0.0
    while True:
        u1 = real()
        u2 = 1.0 - real()
        # 4 * exp(-0.5) / sqrt(2)
        z = 1.7155277699214135 * (u1 - 0.5) / u2
        if z * z / 4.0 <= -math.log(u2):
            break
    return mu + z * sigma


@overload(random.gauss)
def gauss(mu: Real = 0.0, sigma: Real = 1.0):
    z = call_runtime(np.float64, "cantil_rt_random_take_gauss")
    if z != z:
        angle = real() * 6.283185307179586
        radius = math.sqrt(-2.0 * math.log(1.0 - real()))
        z = math.cos(angle) * radius
        call_runtime(None, "cantil_rt_random_keep_gauss", math.sin(angle) * radius)
    return mu + z * sigma


@overload(random.lognormvariate)
def lognormvariate(mu: Real = 0.0, sigma: Real = 1.0):
    return math.exp(normalvariate(mu, sigma))


@overload(random.expovariate)
def expovariate(lambd: Real = 1.0):
    if lambd == 0:
        raise ZeroDivisionError("float division by zero")
    return -math.log(1.0 - real()) / lambd


@overload(random.vonmisesvariate)
def vonmisesvariate(mu: Real, kappa: Real):
    turn = 6.283185307179586
    if kappa <= 1e-6:
        return turn * real()
    s = 0.5 / kappa
    r = s + math.sqrt(1.0 + s * s)
    z = 0.0
    while True:
        z = math.cos(math.pi * real())
        d = z / (r + z)
        u = real()
        if u < 1.0 - d * d or u <= (1.0 - d) * math.exp(d):
            break
    q = 1.0 / r
    f = (q + z) / (1.0 + q * z)
    if real() > 0.5:
        return (mu + math.acos(f)) % turn
    return (mu - math.acos(f)) % turn


@overload(random.gammavariate)
def gammavariate(alpha: Real, beta: Real):
    if alpha <= 0.0 or beta <= 0.0:
        raise ValueError("gammavariate: alpha and beta must be > 0.0")
    if alpha > 1.0:
        inverse = math.sqrt(2.0 * alpha - 1.0)
        b = alpha - 1.3862943611198906  # log 4
        c = alpha + inverse
        while True:
            u1 = real()
            if not (1e-7 < u1 and u1 < 0.9999999):
                continue
            u2 = 1.0 - real()
            v = math.log(u1 / (1.0 - u1)) / inverse
            x = alpha * math.exp(v)
            z = u1 * u1 * u2
            r = b + c * v - x
            # 1 + log 4.5
            if r + 2.504077396776274 - 4.5 * z >= 0.0 or r >= math.log(z):
                return x * beta
    if alpha == 1.0:
        return -math.log(1.0 - real()) * beta
    x = 0.0
    while True:
        b = (math.e + alpha) / math.e
        p = b * real()
        if p <= 1.0:
            x = p ** (1.0 / alpha)
        else:
            x = -math.log((b - p) / alpha)
        u1 = real()
        if p > 1.0:
            if u1 <= x ** (alpha - 1.0):
                break
        elif u1 <= math.exp(-x):
            break
    return x * beta


@overload(random.betavariate)
def betavariate(alpha: Real, beta: Real):
    y = gammavariate(alpha, 1.0)
    if y == 0.0:
        return 0.0
    return y / (y + gammavariate(beta, 1.0))


@overload(random.paretovariate)
def paretovariate(alpha: Real):
    return (1.0 - real()) ** (-1.0 / alpha)


@overload(random.weibullvariate)
def weibullvariate(alpha: Real, beta: Real):
    u = 1.0 - real()
    return alpha * (-math.log(u)) ** (1.0 / beta)


@overload(random.shuffle)
def shuffle(x: Array):
    for i in range(x.shape[0] - 1, 0, -1):
        j = _below(i + 1)
        if x.ndim == 1:
            v = x[i]
            x[i] = x[j]
            x[j] = v
        else:
            row = x[i, ...].copy()
            x[i, ...] = x[j, ...]
            x[j, ...] = row


@overload(random.choice)
def choice(seq: Array):
    if seq.shape[0] == 0:
        raise IndexError("Cannot choose from an empty sequence")
    return seq[_below(seq.shape[0])]


@overload(random.choice)
def choice_range(seq: Range):
    if len(seq) == 0:
        raise IndexError("Cannot choose from an empty sequence")
    return seq[_below(len(seq))]


@overload(random.choice)
def choice_tuple(seq: Tuple):
    if len(seq) == 0:
        raise IndexError("Cannot choose from an empty sequence")
    else:
        return seq[_below(len(seq))]
