"""random.sample and random.choices, and shuffle and choice on lists."""

import math
import random

import numpy as np
from cantil.library import overload

from .python_random import _below


@overload(random.shuffle)
def shuffle_list(x: List):
    for i in range(len(x) - 1, 0, -1):
        j = _below(i + 1)
        v = x[i]
        x[i] = x[j]
        x[j] = v


@overload(random.choice)
def choice_list(seq: List):
    if len(seq) == 0:
        raise IndexError("Cannot choose from an empty sequence")
    return seq[_below(len(seq))]


@overload(random.sample)
def sample(population: List | Array1 | Tuple | Range, k: Whole):
    n = len(population)
    if k < 0 or k > n:
        raise ValueError("Sample larger than population or is negative")
    pool = [x for x in population]
    room = 21
    if k > 5:
        room += 4 ** math.ceil(math.log(k * 3) / math.log(4))
    if n <= room:
        r = [x for x in population]
        for i in range(k):
            j = _below(n - i)
            r[i] = pool[j]
            pool[j] = pool[n - i - 1]
        return r[:k]
    taken = np.zeros((n,), np.bool_)
    places = np.empty((k,), np.int64)
    for i in range(k):
        j = _below(n)
        while taken[j]:
            j = _below(n)
        taken[j] = True
        places[i] = j
    return [pool[places[i]] for i in range(k)]


def _sums(weights, n):
    if len(weights) != n:
        raise ValueError("The number of weights does not match the population")
    r = np.empty((n,), np.float64)
    total = 0.0
    for i in range(n):
        total += weights[i]
        r[i] = total
    return r


def _given_sums(weights, n):
    if len(weights) != n:
        raise ValueError("The number of weights does not match the population")
    r = np.empty((n,), np.float64)
    for i in range(n):
        r[i] = weights[i]
    return r


def _weighted_places(sums, k):
    n = sums.shape[0]
    total = sums[n - 1] + 0.0
    if total <= 0.0:
        raise ValueError("Total of weights must be greater than zero")
    if not math.isfinite(total):
        raise ValueError("Total of weights must be finite")
    places = np.empty((k,), np.int64)
    for i in range(k):
        v = random.random() * total
        lo = 0
        hi = n - 1
        while lo < hi:
            mid = (lo + hi) // 2
            if v < sums[mid]:
                hi = mid
            else:
                lo = mid + 1
        places[i] = lo
    return places


@overload(random.choices)
def choices(
    population: List | Array1 | Tuple | Range,
    weights: List | Array1 | Tuple | NoneType = None,
    *,
    cum_weights: List | Array1 | Tuple | NoneType = None,
    k: Whole = 1,
):
    n = len(population)
    if n == 0 and k > 0:
        raise IndexError("list index out of range")
    if weights is None:
        if cum_weights is None:
            return [population[math.floor(random.random() * (n + 0.0))] for i in range(k)]
        else:
            places = _weighted_places(_given_sums(cum_weights, n), k)
            return [population[places[i]] for i in range(k)]
    else:
        places = _weighted_places(_sums(weights, n), k)
        return [population[places[i]] for i in range(k)]
