"""prange: independent iterations, reductions with + * min max, steps, nests, calls, exceptions.

Sums of floats are compared with a tolerance: the parts of a parallel sum are added in another order.
"""

import numpy as np
import pytest
from cantil import njit, prange

pytestmark = pytest.mark.targets("cpu")

SIZES = [0, 1, 2, 3, 17, 1000, 100_003]


def fill(a):
    for i in prange(a.size):
        a[i] = i * i


@pytest.mark.parametrize("n", SIZES)
@pytest.mark.parametrize("dtype", [np.int64, np.float32])
def test_independent_iterations(check, n, dtype):
    check(
        fill,
        np.zeros(n, dtype=dtype),
        parallel=True,
        like=lambda a: a.__setitem__(slice(None), np.arange(a.size, dtype=np.int64) ** 2),
    )


def sum_integers(a):
    total = 0
    for i in prange(a.size):
        total += a[i]
    return total


@pytest.mark.parametrize("n", SIZES)
@pytest.mark.parametrize("dtype", [np.int8, np.int64, np.uint32])
def test_integer_sum(check, n, dtype):
    a = (np.arange(n) % 100).astype(dtype)
    check(sum_integers, a, parallel=True, like=lambda a: int(a.sum(dtype=np.int64)))


def sum_floats(a):
    total = 0.0
    for i in prange(a.size):
        total += a[i]
    return total


@pytest.mark.parametrize("n", SIZES)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_float_sum(check, n, dtype):
    a = np.random.default_rng(13).random(n).astype(dtype)
    check(sum_floats, a, parallel=True, rtol=1e-10, like=lambda a: float(a.astype(np.float64).sum()))


def sum_from(a, start):
    total = start
    for i in prange(a.size):
        total += a[i]
    return total


def test_the_initial_value_counts_once(check):
    check(sum_from, np.arange(1000), 10**6, parallel=True, like=lambda a, s: int(a.sum()) + s)


def product(a):
    result = 1
    for i in prange(a.size):
        result *= a[i]
    return result


@pytest.mark.parametrize("n", [0, 1, 20, 60])
def test_product(check, n):
    check(product, np.full(n, 2, dtype=np.int64), parallel=True, like=lambda a: 2**a.size)


def smallest(a):
    result = np.inf
    for i in prange(a.size):
        result = min(result, a[i])
    return result


def largest(a):
    result = -1.0e300
    for i in prange(a.size):
        result = max(result, a[i])
    return result


@pytest.mark.parametrize("function", [smallest, largest])
@pytest.mark.parametrize("n", SIZES)
def test_min_and_max(check, function, n):
    a = np.random.default_rng(14).standard_normal(n)
    check(function, a, parallel=True)


def several(a):
    total = 0
    squares = 0.0
    low = 10**9
    for i in prange(a.size):
        total += a[i]
        squares += a[i] * 0.5
        low = min(low, a[i])
    return total, squares, low


def test_several_reductions(check):
    a = np.random.default_rng(15).integers(-50, 50, 10_000)
    check(
        several,
        a,
        parallel=True,
        rtol=1e-10,
        like=lambda a: (int(a.sum()), float(a.sum() * 0.5), int(a.min())),
    )


def conditional_count(a, limit):
    count = 0
    for i in prange(a.size):
        if a[i] > limit:
            count += 1
    return count


def test_conditional_reduction(check):
    a = np.random.default_rng(16).random(50_000)
    check(conditional_count, a, 0.25, parallel=True, like=lambda a, limit: int((a > limit).sum()))


def subtracting(a):
    total = 100
    for i in prange(a.size):
        total -= a[i]
    return total


def test_subtraction_is_a_sum(check):
    check(subtracting, np.arange(1000), parallel=True, like=lambda a: 100 - int(a.sum()))


def start_and_stop(a, start, stop):
    for i in prange(start, stop):
        a[i] = i


def test_start_and_stop(check):
    check(start_and_stop, np.zeros(100), 17, 80, parallel=True)
    check(start_and_stop, np.zeros(100), 80, 17, parallel=True)


def from_negative(n):
    total = 0
    for i in prange(-n, n):
        total += i * i
    return total


def test_negative_start(check):
    check(from_negative, 1000, parallel=True, like=lambda n: sum(i * i for i in range(-n, n)))


def private_variables(a, out):
    for i in prange(a.shape[0]):
        total = 0.0
        best = a[i, 0]
        for j in range(a.shape[1]):
            value = a[i, j]
            total += value
            if value > best:
                best = value
        out[i] = total - best


def test_variables_of_the_body_are_private(check):
    a = np.random.default_rng(17).random((300, 20))
    check(private_variables, a, np.zeros(300), parallel=True)


def inner_prange(a):
    for i in prange(a.shape[0]):
        for j in prange(a.shape[1]):
            a[i, j] = i * 1000 + j


def test_nests(check):
    check(inner_prange, np.zeros((50, 70)), parallel=True)


@njit
def helper(x):
    return x * x + 1


def calls(a, out):
    for i in prange(a.size):
        out[i] = helper(a[i])


def test_calls(check):
    check(calls, np.arange(1000.0), np.zeros(1000), parallel=True)


def two_loops(a, b):
    total = 0
    for i in prange(a.size):
        a[i] = i
    for i in prange(a.size):
        b[i] = a[a.size - 1 - i] * 2
        total += b[i]
    return total


def test_loops_follow_each_other(check):
    n = 10_000
    check(two_loops, np.zeros(n, dtype=np.int64), np.zeros(n, dtype=np.int64), parallel=True)


def continues(a):
    count = 0
    for i in prange(a.size):
        if a[i] % 2:
            continue
        count += a[i]
    return count


def test_continue(check):
    check(continues, np.arange(999), parallel=True)


def test_without_parallel_it_is_range(check):
    check(sum_integers, np.arange(1000))
    check(fill, np.zeros(10))


@pytest.mark.parametrize("where", [0, 500, 999])
def test_exceptions_leave_the_region(where):
    """One failing iteration: its exception arrives once, and the next call works."""

    @njit(parallel=True)
    def program(a):
        total = 0
        for i in prange(a.size):
            if a[i] < 0:
                raise ValueError("negative")
            total += a[i]
        return total

    a = np.ones(1000, dtype=np.int64)
    a[where] = -1
    with pytest.raises(ValueError, match="negative"):
        program(a)
    assert program(np.ones(1000, dtype=np.int64)) == 1000


def test_calls_from_many_threads():
    from concurrent.futures import ThreadPoolExecutor

    compiled = njit(parallel=True)(sum_integers)
    a = np.arange(100_000)
    expected = int(a.sum())
    compiled(a)
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(lambda _: compiled(a), range(64))) == [expected] * 64
