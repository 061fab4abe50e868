"""itertools, functools, heapq, bisect and the makers of operators against Python's own."""

import bisect
import functools
import heapq
import itertools
import operator

import numpy as np
import pytest

pytestmark = pytest.mark.targets("cpu")


def test_endless_ones(check):
    def program(n):
        out = []
        for a, b, c in zip(itertools.count(5, 2), itertools.cycle([1, 2, 3]), itertools.repeat(7)):
            if a > n:
                break
            out.append((a, b, c))
        for x in itertools.count(0.5):
            if x > 2:
                break
            out.append((int(x * 2), 0, 0))
        return out

    check(program, 25)


def test_accumulate(check):
    def program(a):
        return (
            list(itertools.accumulate(a)),
            list(itertools.accumulate(a, lambda x, y: x * y)),
            list(itertools.accumulate(a, initial=a[0])),
            list(itertools.accumulate(a, lambda x, y: max(x, y), initial=a[0])),
        )

    check(program, [3, 1, 4])
    check(program, [2.5])


def test_chains_and_choices(check):
    def program(a, b):
        return (
            list(itertools.chain(a, b, (1, 2), range(2))),
            list(itertools.chain.from_iterable([a, b])),
            list(itertools.compress(a, [True, False, True])),
            list(itertools.dropwhile(lambda x: x < 3, a)),
            list(itertools.takewhile(lambda x: x < 3, a)),
            list(itertools.filterfalse(lambda x: x < 3, a)),
            list(itertools.starmap(lambda x, y: x - y, zip(a, b))),
            list(itertools.pairwise(a)),
            list(itertools.zip_longest(a, b, fillvalue=-1)),
            list(itertools.repeat(4, 3)),
        )

    check(program, [1, 2, 5, 1], [9, 8])
    check(program, [4], [7, 7, 7])


@pytest.mark.parametrize(
    "bounds", [(0, 3, 1), (1, None, 2), (2, 2, 1), (3, 9, 3), (None, 4, None), (None, None, None)]
)
def test_islice(check, bounds):
    def program(start, stop, step):
        it = iter(range(8))
        return list(itertools.islice(it, start, stop, step)), next(it, -1)

    check(program, *bounds)


def test_islice_takes_no_more_than_it_gives(check):
    def program(n):
        it = iter([1, 2, 3, 4])
        a = list(itertools.islice(it, n))
        return a, list(it)

    for n in (0, 1, 3, 9):
        check(program, n)
    check(program, -1)


def test_combinatorics(check):
    def program(a):
        return (
            list(itertools.product(a, (0.5, 1.5), repeat=1)),
            list(itertools.product(a, repeat=2)),
            list(itertools.combinations(a, 2)),
            list(itertools.combinations(a, 0)),
            list(itertools.combinations_with_replacement(a, 2)),
            list(itertools.permutations(a, 2)),
            list(itertools.permutations((1, 2, 3))),
        )

    for a in ([1, 2, 3, 4], [5, 6], [1]):
        check(program, a)


def test_groupby(check):
    def program(a):
        out = []
        for key, group in itertools.groupby(a, lambda x: x // 10):
            for x in group:
                out.append((key, x))
        return out, [k for k, g in itertools.groupby(a)]

    check(program, [1, 2, 11, 12, 3, 3])


def test_reduce_and_partial(check):
    def program(a, k):
        add = functools.partial(lambda x, y: x * 10 + y, k)
        return functools.reduce(lambda x, y: x * y, a), functools.reduce(lambda x, y: x + y, a, 0.5), add(3)

    check(program, [1, 2, 3], 7)

    def empty(a):
        return functools.reduce(lambda x, y: x * y, a[:0])

    check(empty, [1], message=True)


def test_operators_that_are_made(check):
    def program(t, z):
        first = operator.itemgetter(0)
        return (
            first(t),
            operator.itemgetter(1, 0)(t),
            operator.attrgetter("real")(z),
            operator.methodcaller("conjugate")(z),
        )

    check(program, (3, 4.5), 1.5 - 2j)


@pytest.mark.parametrize(
    "values", [[5, 1, 4, 1, 3, 9, 2], [2.5, -0.5, 7.0], [3], [(2, 1.5), (1, 2.5), (2, 0.5)]]
)
def test_heaps(check, values):
    def program(a, extra):
        heapq.heapify(a)
        after = a.copy()
        heapq.heappush(a, extra)
        x = heapq.heappop(a)
        y = heapq.heapreplace(a, extra)
        z = heapq.heappushpop(a, extra)
        rest = [heapq.heappop(a) for _ in range(len(a))]
        return after, x, y, z, rest

    check(program, values, values[0])


def test_most_and_least(check):
    def program(a, n):
        return (
            heapq.nsmallest(n, a),
            heapq.nlargest(n, a),
            heapq.nlargest(n, a, key=lambda x: -x),
            list(heapq.merge([1, 4], [2, 3])),
        )

    for n in (0, 1, 3, 99):
        check(program, [5, 1, 4, 1, 3], n)


@pytest.mark.parametrize("x", [-1, 1, 3, 4, 9])
def test_bisection(check, x):
    def program(a, x):
        l = [1, 3, 3, 5]
        bisect.insort(l, x)
        bisect.insort_left(l, 3, lo=1)
        return (
            bisect.bisect(a, x),
            bisect.bisect_left(a, x),
            bisect.bisect_right(a, x, 1),
            bisect.bisect_left(a, x, 1, 3),
            bisect.bisect_left(a, -x, key=lambda v: -v),
            l,
        )

    check(program, [1, 3, 3, 5], x)
    check(program, np.array([1.0, 3.0, 3.0, 5.0]), x)

    def below(a):
        return bisect.bisect(a, 1, -1)

    check(below, [1], message=True)
