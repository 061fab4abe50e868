"""Lists against Python's own: literals, methods, slices, comprehensions, as arguments and results; nothing leaks."""

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


INDICES = (-6, -5, -4, -1, 0, 1, 4, 5, 100)


@pytest.mark.parametrize("i", INDICES)
def test_index(check, i):
    def read(i):
        l = [10, 20, 30, 40, 50]
        return l[i]

    def write(i):
        l = [1.5, 2.5, 3.5, 4.5, 5.5]
        l[i] = 9.0
        l[i] += 0.25
        return l

    def remove(i):
        l = [1, 2, 3, 4, 5]
        del l[i]
        return l

    def pop(i):
        l = [1, 2, 3, 4, 5]
        x = l.pop(i)
        return x, l

    def insert(i):
        l = [1, 2, 3, 4, 5]
        l.insert(i, 77)
        return l

    for program in (read, write, remove, pop, insert):
        check(program, i, message=True)


BOUNDS = [
    (a, b, c)
    for a in (None, -7, -2, 0, 1, 4, 9)
    for b in (None, -7, -2, 0, 3, 9)
    for c in (None, 1, 2, -1, -3)
]


def test_slices(check):
    def read(l, a, b, c):
        return l[a:b:c]

    def delete(l, a, b, c):
        del l[a:b:c]
        return len(l)

    for a, b, c in BOUNDS:
        check(read, [1, 2, 3, 4, 5], a, b, c)
        check(delete, [1, 2, 3, 4, 5], a, b, c)


@pytest.mark.parametrize("value", [[7], [7, 8, 9], [7, 8, 9, 10, 11, 12]])
def test_slice_assignment(check, value):
    def simple(l, v, a, b):
        l[a:b] = v
        return l

    def stepped(l, v):
        l[::2] = v
        return l

    def itself(l):
        l[1:2] = l
        return l

    for a, b in ((0, 0), (1, 3), (-2, 9), (4, 2), (5, 5)):
        check(simple, [1, 2, 3, 4, 5], value, a, b)
    check(stepped, [1, 2, 3, 4, 5], value, message=True)
    check(itself, [1, 2, 3])


def test_methods(check):
    def program(n):
        l = [3, 1, 2]
        l.append(n)
        l.extend([5, 6])
        l.extend(range(3))
        l.extend((8, 9))
        l += [1]
        l *= 2
        c = l.copy()
        l.reverse()
        l.remove(5)
        k = l.count(1), l.index(6), l.index(6, 4), len(l)
        l.sort()
        c.clear()
        c.append(1)
        return l, c, k

    check(program, 4)


@pytest.mark.parametrize("size", [0, 1, 2, 15, 16, 17, 33, 100, 1000])
def test_sort(check, size):
    rng = np.random.default_rng(size)
    whole = [int(x) for x in rng.integers(-20, 20, size)]
    pairs = [(int(a), float(b)) for a, b in zip(rng.integers(0, 4, size), rng.random(size))]

    def program(l):
        a = sorted(l)
        b = sorted(l, reverse=True)
        l.sort()
        return a, b, l

    def by_key(l):
        a = sorted(l, key=lambda x: x[0])
        b = sorted(l, key=lambda x: x[0], reverse=True)
        l.sort(key=lambda x: -x[1])
        return a, b, l

    if size:
        check(program, whole)
        check(program, [float(x) for x in whole])
        check(by_key, pairs)


def test_operators(check):
    def program(a, b):
        return (
            a + b,
            a * 2,
            2 * a,
            a * -1,
            a == b,
            a != b,
            a < b,
            a <= b,
            a > b,
            a >= b,
            a == a.copy(),
            a is a,
            a is b,
            2 in a,
            2 not in b,
            bool(a),
            not b,
        )

    for a in ([1, 2, 3], [2], [1, 2, 4]):
        for b in ([1, 2, 3], [1, 2], [3, 0, 0, 0]):
            check(program, a, b)


def test_iteration(check):
    def program(l, m):
        out = 0
        for i, x in enumerate(l):
            if x == 2:
                continue
            if x > 50:
                break
            out = out * 3 + i + x
        else:
            out += 1000
        for x in reversed(l):
            out = out * 3 + x
        for x, y in zip(l, m):
            out += int(x * y)
        for i, (x, y) in enumerate(zip(l, m), 5):
            out += i * x
        return out

    check(program, [1, 2, 3], [0.5, 2.0])
    check(program, [1, 60, 3], [0.5, 2.0, 4.0, 8.0])


def test_growing_and_shrinking_while_iterating(check):
    def grow(l):
        for x in l:
            if len(l) < 8:
                l.append(x + 10)
        return l

    def shrink(l):
        out = [0]
        for x in l:
            out.append(x)
            l.pop()
        return l, out

    def shrink_backwards(l):
        out = [0]
        for x in reversed(l):
            out.append(x)
            if len(l) > 2:
                del l[:2]
        return l, out

    for program in (grow, shrink, shrink_backwards):
        check(program, [1, 2, 3, 4, 5])


def test_comprehensions(check):
    def program(n):
        x = 100
        a = [x * 2 for x in range(n) if x % 2 if x > 1]
        b = [(x, y) for x in range(n) for y in range(x)]
        c = [[i * j for j in range(n)] for i in range(n)]
        d = [y for row in c for y in row if y > 3]
        e = [v for i, v in enumerate(a)]
        f = [p + q for p, q in zip(a, [1.5, 2.5, 3.5])]
        return a, b, c, d, e, f, x

    check(program, 6)
    check(program, 2)


def test_generator_expressions(check):
    def program(n):
        return (
            sum(i * i for i in range(n)),
            any(i > 3 for i in range(n)),
            all(i < 3 for i in range(n)),
            min(i % 5 for i in range(1, n)),
            max([i % 5 for i in range(1, n)]),
            sorted(-i for i in range(n)),
            list(map(lambda v: v * 2, [1, 2, 3])),
            list(filter(lambda v: v != 2, [1, 2, 3])),
            list(zip([1, 2], [3.0, 4.0])),
            list(enumerate([7.0])),
            list(reversed([1, 2, 3])),
            list(range(4)),
            list((1, 2)),
        )

    check(program, 8)


def test_empty_lists_take_their_type_from_later_use(check):
    def program(n):
        a = []
        b = list()
        c = []
        for i in range(n):
            a.append(i * 0.5)
            b.extend([i])
            row = []
            for j in range(i):
                row.append(j)
            c.append(row)
        d = [[] for _ in range(3)]
        d[1].append(n)
        e = []
        e.append([])
        e[0].append(2.5)
        f = []
        f += [True]
        g = [1] if n > 2 else []
        return a, b, c, e, f, g

    check(program, 4)
    check(program, 1)

    def returned(n):
        if n:
            return []
        return [1.5]

    check(returned, 0)
    check(returned, 1)


def test_an_item_of_a_wider_type_widens_the_literal():
    @njit
    def program():
        l = [1]
        l.append(2.5)
        return l

    assert program() == [1.0, 2.5] and type(program()[0]) is float


def test_arrays_tuples_and_lists_in_lists(check):
    def program(n):
        l = [np.zeros(2), np.ones(2)]
        for i in range(n):
            l.append(np.full(2, i * 1.0))
        l[0] = l[1] + l[2]
        del l[1]
        l.insert(1, l[0])
        l[1][0] = 50.0
        m = [(1, l[0]), (2, l[1])]
        m[0] = m[1]
        k = [l[:2], l[1:]]
        k[0].append(k[1][0])
        total = 0.0
        for a in l:
            total += a.sum()
        last = l.pop()
        return l[0], l[1], last, m[0][0], m[0][1], len(k[0]), total

    check(program, 3)


def test_optional_elements(check):
    def program(n):
        l = [np.ones(2), None]
        l.append(np.full(2, 3.0))
        total = 0.0
        for x in l:
            if x is not None:
                total += x[0]
        l[0] = None
        return total, l[0] is None, l[2] is None

    check(program, 1)


def test_arguments_are_reflected(check):
    def program(l, n):
        l.append(n)
        l[0] = 5
        if n > 2:
            l.clear()
        if n > 3:
            l.append(1)
            return l[7]
        return len(l)

    for n in range(6):
        check(program, [1, 2, 3], n)


def test_identity_of_arguments():
    @njit
    def same(l, m):
        l.append(1.0)
        return l, m, l is m

    a = [0.5]
    first, second, identical = same(a, a)
    assert first is a and second is a and identical and a == [0.5, 1.0]
    first, second, identical = same(a, [2.0])
    assert not identical and second == [2.0]


def test_nested_arguments():
    @njit
    def program(ll):
        inner = ll[0]
        inner.append(9)
        ll.append([1, 2])
        ll[1] = ll[0]
        return inner

    a, b = [1], [2, 3]
    ll = [a, b]
    assert program(ll) is a
    assert ll == [[1, 9], [1, 9], [1, 2]] and ll[0] is a and ll[1] is a and b == [2, 3]


def test_lists_of_arrays_as_arguments():
    @njit
    def program(l):
        l[0][0] = 7.0
        l.append(np.ones(2))
        return l[1]

    a, b = np.zeros(3), np.arange(3.0)
    l = [a, b]
    assert program(l) is b
    assert a[0] == 7 and l[0] is a and l[1] is b and np.array_equal(l[2], np.ones(2))


def test_changes_are_seen_when_the_call_raises():
    @njit
    def program(l):
        l.append(4)
        raise ValueError("after the change")

    l = [1]
    with pytest.raises(ValueError, match="after the change"):
        program(l)
    assert l == [1, 4]


@pytest.mark.parametrize("value", [[], [1, 2.5], [1, None], [object()], [[]]])
def test_arguments_without_one_element_type(value):
    with pytest.raises(TypingError, match="C0323"):
        njit(lambda l: len(l))(value)


def test_a_list_that_holds_itself():
    l = [1]
    l[0] = l
    with pytest.raises(TypingError):
        njit(lambda l: len(l))(l)


def test_unpacking(check):
    def program(l):
        a, b, c = l
        return a + 10 * b + 100 * c

    for l in ([1, 2, 3], [1, 2], [1, 2, 3, 4]):
        check(program, l, message=len(l) == 2)


def test_exceptions_release_what_is_alive(check):
    def program(n):
        rows = [np.ones(i + 1) for i in range(3)]
        try:
            kept = [rows[n], rows[0]]
            more = [r * 2 for r in kept]
            return more[n][0], len(rows)
        except IndexError:
            rows.append(np.zeros(1))
            return 0.0, len(rows)

    for n in range(5):
        check(program, n)


def test_arrays_of_lists(check):
    def program(n):
        l = [1, 2, 3]
        l.append(n)
        return (
            np.array(l),
            np.array([[1.0, 2.0], [3.0, 4.0]]),
            np.array([(1, 2.5), (3, 4.5)]),
            np.array([True, False]),
            np.asarray([1.5, 2.5]),
            np.array([[[1], [2]], [[3], [4]]]),
            np.array([1, 2], dtype=np.float32),
        )

    check(program, 4)

    def ragged(n):
        return np.array([[1, 2], [3]])

    with pytest.raises(ValueError):
        njit(ragged)(1)


def test_deep_chains_are_freed():
    @njit
    def program(n):
        l = [1]
        all_of_them = [l]
        for i in range(n):
            all_of_them = [all_of_them[0]]
        return len(all_of_them)

    assert program(100000) == 1


def test_in_place_addition_keeps_the_list(check):
    def program(n):
        a = [1]
        b = a
        b += [n]
        c = a
        c = c + [5]
        return a, b, c, a is b

    check(program, 2)


def test_functions_and_lists(check):
    @njit
    def inner(l, x):
        l.append(x)
        return l

    def program(n):
        l = [1.5]
        m = inner(l, 2.5)
        m.append(n * 1.0)
        return l, len(m)

    check(program, 3)


def test_lists_are_refused_in_kernels():
    @cuda.jit
    def literal(out):
        l = [1, 2]
        out[0] = l[0]

    with pytest.raises(TypingError, match="a list cannot be used in a CUDA kernel"):
        literal[1, 1](np.zeros(1))

    @cuda.jit
    def comprehension(out):
        out[0] = len([i for i in range(3)])

    with pytest.raises(TypingError, match="a list cannot be used in a CUDA kernel"):
        comprehension[1, 1](np.zeros(1))

    @cuda.jit
    def argument(l, out):
        out[0] = 1

    with pytest.raises(TypingError, match="a list cannot be used in a CUDA kernel"):
        argument[1, 1]([1, 2], np.zeros(1))
