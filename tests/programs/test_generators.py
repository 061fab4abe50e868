"""Generators against Python's own: yield in all control flow, as values, from Python; nothing leaks."""

import gc
import itertools

import numpy as np
import pytest
from cantil import njit
from cantil._core import live_blocks
from cantil.errors import NumbaError

pytestmark = pytest.mark.targets("cpu")


@pytest.fixture(autouse=True)
def nothing_leaks():
    gc.collect()
    before = live_blocks()
    yield
    gc.collect()
    assert live_blocks() == before


def test_loops(check):
    def program(n):
        def pairs(n):
            for i in range(n):
                for j in range(i, -1, -1):
                    if (i + j) % 2:
                        yield i, j
                    else:
                        yield j, i * 10
                    if j == 3:
                        continue
                    if i == 5:
                        break
                else:
                    yield -i, 0
            yield -1, -1

        return [p for p in pairs(n)]

    for n in (0, 1, 2, 7):
        check(program, n)


def test_while_and_state(check):
    def program(n):
        def fibonacci():
            a, b = 0, 1
            while True:
                yield a
                a, b = b, a + b

        out = []
        for x in fibonacci():
            if x > n:
                break
            out.append(x)
        return out

    check(program, 100)


@pytest.mark.parametrize("step", [1, 3, -1, -4])
def test_ranges_up_to_the_ends_of_their_type(check, step):
    def program(start, stop, step):
        def numbers(start, stop, step):
            for i in range(start, stop, step):
                yield i

        return [i for i in numbers(start, stop, step)]

    top = 2**63 - 1
    check(program, 0, 10, step)
    check(program, 10, 0, step)
    check(program, top - 5, top, step)
    check(program, -top + 3, -top - 1, step)


def test_try_in_all_places(check):
    def program(n):
        def steps(n):
            try:
                for i in range(n):
                    try:
                        if i % 3 == 1:
                            raise ValueError("x", i)
                        yield i
                        if i == 6:
                            raise KeyError(i)
                    except ValueError:
                        yield 100 + i
                        yield 200 + i
                    else:
                        yield 300 + i
                    finally:
                        yield 400 + i
            except KeyError:
                yield -7
                raise
            finally:
                yield 999

        out = []
        try:
            for x in steps(n):
                out.append(x)
        except KeyError:
            out.append(-1)
        return out

    for n in (0, 2, 5, 9):
        check(program, n)


def test_an_exception_kept_over_yields_is_raised_again(check):
    def program(x):
        def steps(x):
            try:
                raise ValueError("first", x)
            except ValueError:
                try:
                    raise KeyError("other", 2 * x)
                except KeyError:
                    yield 1
                yield 2
                raise

        n = 0
        for k in steps(x):
            n += k
        return n

    check(program, 5, message=True)


def test_leaving_a_loop_through_finally(check):
    def program(n):
        def steps(n):
            for i in range(n):
                try:
                    if i == 2:
                        continue
                    if i == 5:
                        break
                    yield i
                finally:
                    yield -i
            yield 77

        return [x for x in steps(n)]

    for n in (0, 4, 9):
        check(program, n)


def test_return_ends_it(check):
    def program(n):
        def steps(n):
            i = 0
            while True:
                if i == n:
                    return
                yield i
                i += 1

        g = steps(n)
        h = steps(n + 2)
        first = next(g, -1)
        return first, next(h), next(h), next(g, -5), next(g, -6), next(h, -7), next(h, -8)

    for n in (0, 1, 2, 3):
        check(program, n)


def test_next_of_one_that_has_ended(check):
    def program(n):
        def one():
            yield 1

        g = one()
        next(g)
        return next(g)

    check(program, 1)


def test_yield_from_and_recursion(check):
    def program(n):
        def walk(n):
            if n > 0:
                yield from walk(n - 1)
                yield n
                yield from walk(n - 1)

        def all_of(n):
            yield from walk(n)
            yield from range(3)
            yield from [7, 8, 9]
            yield from (1, 2)

        return [x for x in all_of(n)]

    for n in (0, 1, 4):
        check(program, n)


def test_arrays_lists_and_tuples_are_kept(check):
    def program(a):
        def rows(a):
            seen = [0.0]
            for i in range(a.shape[0]):
                row = a[i] * 2
                part = (row, i)
                seen.append(row.sum())
                yield row
                seen.append(part[0][0] + part[1])
                yield np.array(seen)

        total = 0.0
        n = 0
        for r in rows(a):
            total += r.sum()
            n += 1
            if n == 5:
                break
        return total, n

    check(program, np.arange(12.0).reshape(4, 3))


def test_several_at_once_and_as_arguments(check):
    def program(n):
        def count(n):
            for i in range(n):
                yield i

        def take(g, k):
            total = 0
            for _ in range(k):
                total = total * 10 + next(g)
            return total

        g, h = count(n), count(n)
        a = take(g, 2)
        b = take(h, 3)
        return a, b, take(g, 3), [x for x in g], [x for x in h]

    check(program, 8)


def test_kept_in_lists_tuples_and_branches(check):
    def program(flag):
        def count(a, b):
            while a < b:
                yield a
                a += 1

        gs = [count(0, 3), count(10, 12)]
        pair = (count(5, 7), 1)
        chosen = gs[0] if flag else gs[1]
        out = [next(chosen)]
        for g in gs:
            for x in g:
                out.append(x)
        for x in pair[0]:
            out.append(x)
        return out

    check(program, True)
    check(program, False)


def test_generator_expressions(check):
    def program(a, k):
        g = (x * k for x in a if x > 1 for _ in range(2))
        first = next(g)
        rest = 0.0
        for x in g:
            rest += x
        return first, rest, sum(x * x for x in a), any(x > 3 for x in a), all(x > 3 for x in a)

    check(program, np.arange(5.0), 3)


def test_any_and_all_stop_at_the_first(check):
    def program(n):
        it = iter(range(n))
        found = any(x == 3 for x in it)
        return found, next(it, -1)

    check(program, 10)
    check(program, 2)


def test_builtin_iterators_as_values(check):
    def program():
        e = enumerate([5, 6, 7], 1)
        m = map(lambda x, y: x + y, [1, 2, 3], [10, 20, 30])
        f = filter(lambda x: x > 1, [1, 2, 3])
        r = reversed([1, 2, 3])
        z = zip([1, 2, 3], (1.5, 2.5))
        i = iter({4: 1, 5: 2})
        return (
            next(e),
            next(e),
            next(m),
            [x for x in m],
            list(f),
            next(r),
            list(r),
            list(z),
            next(z, (0, 0.0)),
            list(i),
        )

    check(program)


def test_loops_over_generators_beside_others(check):
    def program():
        def count(n):
            for i in range(n):
                yield i

        out = []
        for a, b in zip([1, 2, 3], count(2)):
            out.append((a, b))
        g = count(9)
        for a, b in zip((1, 2), g):
            out.append((a, b))
        out.append((0, next(g)))
        for i, x in enumerate(count(3), 5):
            out.append((i, x))
        for x in map(lambda x: x * 2, count(3)):
            out.append((x, x))
        for x in filter(lambda x: x % 2 == 1, count(6)):
            out.append((x, -x))
        for k, v in zip({1: 2, 3: 4}, {5, 6}):
            out.append((k, v))
        return out

    check(program)


@pytest.mark.parametrize(
    "lengths", [(2, 2, 2), (2, 1, 2), (1, 2, 2), (2, 2, 1), (2, 2, 3), (0, 0, 0), (1, 1, 2)]
)
def test_zip_strict(check, lengths):
    def program(a, b, c):
        out = []
        for x in zip(range(a), range(b), range(c), strict=True):
            out.append(x)
        return out

    def as_value(a, b, c):
        return list(zip(range(a), [i for i in range(b)], range(c), strict=True))

    check(program, *lengths, message=True)
    check(as_value, *lengths, message=True)


@njit
def squares(n):
    for i in range(n):
        yield i * i


@njit
def halves(a):
    for x in a:
        yield x / 2


def test_called_from_python():
    assert list(squares(4)) == [0, 1, 4, 9]
    g = squares(3)
    assert iter(g) is g
    assert next(g) == 0
    assert list(g) == [1, 4]
    with pytest.raises(StopIteration):
        next(g)
    assert list(halves(np.array([1.0, 3.0]))) == [0.5, 1.5]
    assert list(itertools.islice(squares(10), 2)) == [0, 1]


def test_given_to_a_compiled_function():
    @njit
    def total(g):
        s = 0
        for x in g:
            s += x
        return s

    g = squares(5)
    next(g)
    next(g)
    assert total(g) == 4 + 9 + 16
    assert total(g) == 0


def test_a_nested_generator_goes_to_python():
    @njit
    def make(n):
        def count(k):
            for i in range(k):
                yield i + n

        return count(3)

    g = make(10)
    del make
    gc.collect()
    assert list(g) == [10, 11, 12]


def test_dropped_half_way():
    @njit
    def pieces(a):
        for i in range(len(a)):
            kept = a[i:] + 1
            yield kept

    a = np.arange(5.0)
    g = pieces(a)
    assert next(g)[0] == 1.0
    assert next(g)[0] == 2.0
    del g


def test_an_exception_ends_it():
    @njit
    def failing(n):
        for i in range(n):
            if i == 2:
                raise ValueError("two")
            yield i

    g = failing(5)
    assert next(g) == 0
    assert next(g) == 1
    with pytest.raises(ValueError, match="two"):
        next(g)
    with pytest.raises(StopIteration):
        next(g)


def test_what_it_cannot_be():
    def unlike(n):
        yield 1
        yield (1, 2)

    def value(n):
        yield 1
        return 5

    for program in (unlike, value):
        with pytest.raises(NumbaError):
            njit(program)(1)
