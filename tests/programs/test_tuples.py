"""Tuples: indexing, unpacking, len, nesting, mixed types, equality, as arguments and results, named tuples."""

from collections import namedtuple

import numpy as np
import pytest

pytestmark = pytest.mark.targets("cpu")  # results are tuples; test_on_device below runs them in kernels

Point = namedtuple("Point", "x y")


def index_constant(t):
    return t[0] + t[1] * 10 + t[-1] * 100


@pytest.mark.parametrize("t", [(1, 2, 3), (1.5, 2, 3), (1, 2.5, 3j), (True, 2, 3.0)])
def test_constant_index(check, t):
    check(index_constant, t)


def index_runtime(t, i):
    return t[i]


@pytest.mark.parametrize("i", [0, 1, 2, -1, -3])
def test_runtime_index_of_a_uniform_tuple(check, i):
    check(index_runtime, (10, 20, 30), i)


@pytest.mark.parametrize("i", [3, -4, 100])
def test_runtime_index_out_of_range(check, i):
    check(index_runtime, (10, 20, 30), i)


def unpack(t):
    a, b, c = t
    return a + b * c


@pytest.mark.parametrize("t", [(1, 2, 3), (0.5, 2, 1j)])
def test_unpack(check, t):
    check(unpack, t)


def nested(t):
    (a, b), c = t
    return a - b, (c, (a, c))


@pytest.mark.parametrize("t", [((1, 2), 3), ((1.5, 2), 3j)])
def test_nested(check, t):
    check(nested, t)


def swap(a, b):
    a, b = b, a
    return a, b


def rotate(a, b, c):
    a, b, c = b, c, a
    return a, b, c


def test_swap(check):
    check(swap, 1, 2)
    check(swap, 1.5, 2.5)
    check(rotate, 1, 2, 3)


def lengths(t, u):
    return len(t) * 10 + len(u) + len(())


def test_len(check):
    check(lengths, (1, 2.0, 3j), (1,))


def build(a, b):
    return (a, b, a + b, a / b, a > b)


@pytest.mark.parametrize("a, b", [(1, 2), (1.5, 2), (7, 2.5)])
def test_mixed_result(check, a, b):
    check(build, a, b)


def empty():
    return ()


def one(a):
    return (a,)


def test_short_tuples(check):
    check(empty)
    check(one, 5)
    check(one, 2.5)


def concatenate(t, u):
    return t + u


def test_concatenation(check):
    check(concatenate, (1, 2), (3.5,))
    check(concatenate, (), (1,))


def sliced(t):
    return t[1:], t[:-1], t[::-1]


def test_constant_slices(check):
    check(sliced, (1, 2, 3, 4))
    check(sliced, (1, 2.0, 3j))


def equal(t, u):
    return t == u, t != u


@pytest.mark.parametrize("u", [(1, 2), (1, 3), (1, 2.0)])
def test_equality(check, u):
    check(equal, (1, 2), u)


def less(t, u):
    return t < u, t <= u, t > u, t >= u


@pytest.mark.parametrize("u", [(1, 2), (1, 3), (0, 9), (2, 0)])
def test_ordering(check, u):
    check(less, (1, 2), u)


def loop_carried(n):
    pair = (0, 1)
    for _ in range(n):
        pair = (pair[1], pair[0] + pair[1])
    return pair


@pytest.mark.parametrize("n", [0, 1, 10])
def test_loop_carried(check, n):
    check(loop_carried, n)


def branches(flag):
    if flag:
        t = (1, 2.5)
    else:
        t = (3, 4.5)
    return t


@pytest.mark.parametrize("flag", [True, False])
def test_branches(check, flag):
    check(branches, flag)


def of_arrays(t):
    a, b = t
    for i in range(a.size):
        a[i] += b[i]
    return a[0]


def test_arrays_in_tuples(check):
    check(of_arrays, (np.arange(4.0), np.arange(4)))


def arrays_back(a, n):
    return a, n, (a, n + 1)


def test_arrays_in_results(check):
    check(arrays_back, np.arange(3), 7)


def fields(p):
    return p.x + p.y, p[0], len(p)


def test_named_tuple(check):
    check(fields, Point(1, 2.5))


def mirrored(p):
    return Point(p.y, p.x)


def test_named_tuple_result(check):
    check(mirrored, Point(1, 2.5))


def iterate(t):
    total = 0
    for value in t:
        total = total * 10 + value
    return total


def test_iteration_of_a_uniform_tuple(check):
    check(iterate, (1, 2, 3))


def contains(x, t):
    return x in t, x not in t


def test_membership(check):
    check(contains, 2, (1, 2, 3))
    check(contains, 5, (1, 2, 3))


def minimum_and_maximum(a):
    low, high = a[0], a[0]
    for i in range(1, a.size):
        if a[i] < low:
            low = a[i]
        if a[i] > high:
            high = a[i]
    return low, high


@pytest.mark.parametrize("dtype", [np.int32, np.float64])
def test_two_results(check, dtype):
    check(minimum_and_maximum, np.array([3, 1, 4, 1, 5], dtype=dtype))


class TestOnDevice:
    """The same inside kernels, with scalar results."""

    pytestmark = pytest.mark.targets("cpu", "sim", "gpu")

    def test_unpack(self, check):
        check(unpack, (1, 2.5, 3))

    def test_index(self, check):
        check(index_constant, (1, 2.5, 3))
        check(index_runtime, (10, 20, 30), -2)

    def test_loop_carried(self, check):
        def fibonacci(n):
            a, b = 0, 1
            for _ in range(n):
                a, b = b, a + b
            return a

        check(fibonacci, 40)

    def test_device_function_with_two_results(self, check):
        def swapped(a, b):
            t = (b, a)
            x, y = t
            return x * 10 + y

        check(swapped, 1, 2)
