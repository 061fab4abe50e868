"""Dicts and sets against Python's own; nothing leaks."""

import gc

import numpy as np
import pytest
from cantil import cuda, njit
from cantil._core import live_blocks
from cantil.errors import TypingError

pytestmark = pytest.mark.targets("cpu")


@pytest.fixture(autouse=True)
def nothing_leaks():
    gc.collect()
    before = live_blocks()
    yield
    gc.collect()
    assert live_blocks() == before


def test_dict_statements(check):
    def program(n):
        d = {1: 0.5, 2: 1.5}
        d[n] = 2.5
        d[1] += 10.0
        del d[2]
        out = 0.0
        for k in d:
            out = out * 3 + k
        for k, x in d.items():
            out = out * 3 + k * x
        for x in d.values():
            out = out * 3 + x
        return (
            out,
            len(d),
            n in d,
            2 in d,
            3 not in d,
            bool(d),
            sorted(d),
            list(d.items()),
            d.get(77, -1.0),
            d[1],
        )

    for n in (1, 2, 5):
        check(program, n)


def test_dict_methods(check):
    def program(n):
        d = {i: i * i for i in range(n)}
        a = d.pop(1), d.pop(100, 7), d.setdefault(3, 55), d.setdefault(50, 55)
        e = d.copy()
        e[2] = 1000
        d.update({7: 8, 2: 9})
        last = d.popitem()
        same = d == e, d != e, d == d.copy()
        keys, values = list(d.keys()), list(d.values())
        d.clear()
        d[1] = 2
        return a, e.get(2), last, same, keys, values, list(d.items()), d.get(5) is None

    check(program, 6)


def test_missing_keys(check):
    def read(d, k):
        return {1: 2, 3: 4}[k]

    def remove(d, k):
        e = {1: 2, 3: 4}
        del e[k]
        return len(e)

    def pop(d, k):
        e = {1: 2, 3: 4}
        return e.pop(k)

    for program in (read, remove, pop):
        for k in (1, 2):
            check(program, 0, k, message=True)

    def from_empty(n):
        d = {1: 1}
        d.pop(1)
        return d.popitem()

    check(from_empty, 0)


@pytest.mark.parametrize("seed", range(4))
def test_random_operations(check, seed):
    def program(ops, keys):
        d = {}
        s = set()
        for i in range(len(ops)):
            k = keys[i]
            if ops[i] < 5:
                d[k] = i
                s.add(k)
            elif ops[i] < 8:
                if k in d:
                    del d[k]
                s.discard(k)
            elif len(d) > 0:
                kk, x = d.popitem()
                s.remove(kk)
        return list(d.items()), sorted(s), len(s)

    rng = np.random.default_rng(seed)
    n = 3000
    check(program, rng.integers(0, 9, n), rng.integers(-50, 50 + 400 * seed, n))


@pytest.mark.parametrize("dtype", [np.int8, np.uint8, np.int32, np.int64, np.uint64, np.float32, np.float64])
def test_keys_of_each_type(dtype):
    def program(a):
        d = {}
        for i in range(len(a)):
            d[a[i]] = d.get(a[i], 0) + 1
        total = 0
        for x in d.values():
            total += x
        return len(d), total, d[a[3]]

    a = np.arange(200).astype(dtype) % dtype(17)
    a[5] = dtype(0)
    assert njit(program)(a) == program(a)


def test_signed_zeros_and_tuples_as_keys(check):
    def program(n):
        d = {0.0: 1}
        d[-0.0] = 2
        e = {(1, 2.5): 3, (n, 0.5): 4}
        e[(1, 2.5)] += 1
        f = {(i, (j, i)) for i in range(4) for j in range(3)}
        g = {1 + 2j: 1, 2 + 1j: 2}
        return len(d), d[0.0], list(e.items()), (1, (2, 1)) in f, (2, (2, 1)) in f, len(f), g[1 + 2j]

    check(program, 7)


def test_values_that_count(check):
    def program(n):
        d = {}
        for i in range(n):
            d[i % 5] = np.full(2, i * 1.0)
        d[2] = d[3]
        del d[0]
        groups = {}
        for i in range(n):
            if i % 3 not in groups:
                groups[i % 3] = [0]
            groups[i % 3].append(i)
        return d[2], d[4], len(d), groups[0], groups[2]

    check(program, 20)


def test_set_operations(check):
    def program(x, y):
        a = set(x)
        b = {v for v in y}
        c = a.copy()
        c |= b
        e = a.copy()
        e &= b
        f = a.copy()
        f -= b
        g = a.copy()
        g ^= b
        return (
            sorted(a | b),
            sorted(a & b),
            sorted(a - b),
            sorted(a ^ b),
            sorted(c),
            sorted(e),
            sorted(f),
            sorted(g),
            a == b,
            a != b,
            a <= b,
            a < b,
            a >= b,
            a > b,
            a.isdisjoint(b),
            a.issubset(b),
            a.issuperset(b),
            sorted(a.union(y)),
            len(a),
            3 in a,
            sum(a),
            min(a),
            max(b),
        )

    for x in ([1, 2, 3], [3], [1, 2, 3, 4, 5]):
        for y in ([3, 2, 1, 1], [4, 9], [3]):
            check(program, x, y)


def test_sets_as_arguments_and_results():
    @njit
    def program(s):
        s.add(10)
        s.discard(1)
        return {x * 2 for x in s}

    s = {1, 2, 3}
    assert program(s) == {4, 6, 20} and s == {2, 3, 10}

    @njit
    def same(s):
        return s

    assert same(s) is s

    @njit
    def clear(s):
        s.clear()
        s.add((1, 2.0))
        return len(s)

    t = {(5, 6.0), (7, 8.0)}
    assert clear(t) == 1 and t == {(1, 2.0)}


def test_missing_elements(check):
    def remove(n):
        s = {1, 2}
        s.remove(n)
        return len(s)

    check(remove, 1)
    check(remove, 5, message=True)

    def pop(n):
        s = {n}
        s.pop()
        return s.pop()

    check(pop, 5, message=True)


def test_a_key_of_a_wider_type_widens_the_literal():
    @njit
    def program():
        d = {1: 2}
        d[1] = 2.5
        return d[1]

    assert program() == 2.5


def test_keys_that_cannot_be_hashed():
    def program(n):
        d = {}
        d[np.ones(2)] = 1
        return len(d)

    with pytest.raises(TypingError, match="a key must be a number"):
        njit(program)(1)


def test_refused_in_kernels():
    @cuda.jit
    def kernel(out):
        d = {1: 2}
        out[0] = d[1]

    with pytest.raises(TypingError, match="a dict cannot be used in a CUDA kernel"):
        kernel[1, 1](np.zeros(1))
