"""Nested functions, lambdas, and functions as values: passed, returned, given by Python."""

import os
import subprocess
import sys
from collections import namedtuple
from typing import NamedTuple

import numpy as np
import pytest
from cantil import cuda, njit

OFFSET = 1000


@njit
def apply(f, x):
    return f(x)


@njit
def apply_twice(f, x):
    return f(f(x))


@njit
def double(x):
    return x * 2


@njit
def adder(n):
    def add(x):
        return x + n

    return add


def test_a_nested_function_sees_globals_arguments_and_locals(check):
    def program(a, b):
        c = a * 10

        def inner(x, y):
            return x + y * c + b + OFFSET

        return inner(1, 2) + inner(b, 3)

    check(program, 3, 4)
    check(program, 3, 4.5)


def test_variables_have_their_value_at_the_call(check):
    def program(n):
        total = 0

        def scaled(x):
            return x * factor

        factor = 1
        total += scaled(n)
        for factor in range(3):
            total += scaled(n) * 10
        factor = 0.5
        return total + scaled(n)

    check(program, 7)


def test_assignments_inside_stay_inside(check):
    def program(n):
        x = n

        def inner():
            x = 5
            x += 1
            return x

        return inner() * 100 + x

    check(program, 7)


@pytest.mark.targets("cpu")
def test_defaults_are_computed_where_the_function_is_defined(check):
    def program(n):
        k = n

        def inner(a, b=k, *, c=k * 2):
            return a * 10000 + b * 100 + c

        k = 50
        return inner(1), inner(1, 2), inner(1, c=3), inner(b=4, a=5, c=6)

    check(program, 7)


@pytest.mark.targets("cpu")
def test_star_arguments(check):
    def program(n):
        def inner(*args):
            return len(args) * 100 + args[0]

        return inner(n), inner(n, 2.5), inner(*(n, 1, 2))

    check(program, 7)


def test_nested_in_nested(check):
    def program(a):
        def outer(b):
            def inner(c):
                return a * 100 + b * 10 + c

            return inner(b + 1)

        return outer(2)

    check(program, 3)


def test_recursion_of_a_nested_function(check):
    def program(n, base):
        def count(k):
            if k == 0:
                return base
            return count(k - 1) + 1

        return count(n)

    check(program, 6, 100)


@pytest.mark.targets("cpu")
def test_lambdas(check):
    def program(n):
        scale = n + 1
        f = lambda x: x * scale  # noqa: E731
        g = lambda x, y=scale: x - y  # noqa: E731
        scale = 100
        return f(2), g(1), (lambda x: x + 1)(n)

    check(program, 7)


@pytest.mark.targets("cpu")
def test_functions_are_passed_on(check):
    def program(n):
        def inner(x):
            return x + n

        return apply(inner, 5), apply_twice(inner, 0.5), apply(lambda x: x * n, 3), apply(double, n)

    check(
        program,
        7,
        like=lambda n: (5 + n, 0.5 + n + n, 3 * n, n * 2),
    )


@pytest.mark.targets("cpu")
def test_functions_over_arrays(check):
    def program(a):
        scratch = np.zeros(a.size)

        def put(i, value):
            scratch[i] = value

        for i in range(a.size):
            put(i, a[i] * 2)
        return scratch

    check(program, np.arange(5.0))


def test_functions_are_returned():
    @njit
    def program(a, b):
        f = adder(a)
        return f(b) + adder(b)(a)

    assert program(3, 4) == 14
    assert program(3, 4.5) == 15


def test_a_closure_over_an_array_outlives_the_function_that_made_it():
    @njit
    def reader(n):
        a = np.full(n, 2.5)
        return lambda i: a[i]

    @njit
    def program(n):
        read = reader(n)
        return read(0) + read(n - 1)

    assert program(4) == 5.0


def test_python_passes_compiled_functions():
    @njit
    def triple(x):
        return x * 3

    assert apply(double, 4) == 8
    assert apply(triple, 4) == 12
    assert apply(double, 0.5) == 1.0
    assert apply_twice(triple, 2) == 18
    assert len(apply.signatures) >= 3

    @njit
    def both(fs, x):
        return fs[0](x) * 100 + fs[1](x)

    assert both((double, triple), 3) == 609
    assert both((triple, double), 3) == 906


CACHED = """
from cantil import njit


def plain(f, x):
    return f(x)


def caller():
    return njit(cache=True)(plain)


def same_name(factor):
    @njit
    def scaled(x):
        return x * factor

    return scaled


assert caller()(same_name(2), 5) == 10
assert caller()(same_name(3), 5) == 15
again = caller()
assert again(same_name(2), 5) == 10
assert again(same_name(3), 5) == 15
assert sum(again.stats.cache_hits.values()) == 2
"""


def test_the_disk_cache_tells_functions_apart(tmp_path):
    # In a process of its own: overloads that other tests have made count in every key of theirs.
    script = tmp_path / "cached.py"
    script.write_text(CACHED)
    subprocess.run(
        [sys.executable, script], env={**os.environ, "CANTIL_CACHE_DIR": str(tmp_path / "cache")}, check=True
    )


def test_in_kernels():
    @cuda.jit(device=True)
    def twice(x):
        return x * 2

    @cuda.jit
    def kernel(out, n):
        i = cuda.grid(1)

        def value(k):
            return k * 10 + n

        if i < out.size:
            out[i] = apply_device(value, i) + apply_device(twice, i) + (lambda x: x * 1000)(i)

    @cuda.jit(device=True)
    def apply_device(f, x):
        return f(x)

    out = np.zeros(8, dtype=np.int64)
    kernel[1, 8](out, 3)
    assert out.tolist() == [i * 1012 + 3 for i in range(8)]


def test_functions_that_use_each_other(check):
    def program(n):
        k = n

        def even(i):
            return i == k if i < 2 else odd(i - 1)

        def odd(i):
            return i == k if i < 2 else even(i - 1)

        return even(n)

    check(program, 4)
    check(program, 1)


def test_a_closure_does_not_leave_for_python():
    with pytest.raises(Exception, match="to Python"):
        adder(3)


def test_one_of_two_functions(check):
    def program(c, n):
        if c:
            f = lambda x: x + n  # noqa: E731
        else:
            f = lambda x: x - n  # noqa: E731
        return f(1)

    check(program, True, 3)
    check(program, False, 3)


def test_a_closure_has_no_fields():
    @njit
    def program(n):
        def f(x):
            return x + n

        return f.n

    with pytest.raises(Exception, match="'n'"):
        program(3)


@pytest.mark.targets("cpu")
def test_nonlocal(check):
    def program(n):
        x = n
        y = 0.5

        def inner(k):
            nonlocal x, y
            x += k
            y = x / 2

            def innermost():
                nonlocal x
                x = x * 10

            innermost()

        for i in range(3):
            inner(i)
            y += 1
        x += 1
        return x, y

    check(program, 4)


@pytest.mark.targets("cpu")
def test_nonlocal_as_a_loops_variable(check):
    def program(n):
        i = 0

        def twice():
            nonlocal i
            i *= 2
            return i

        total = 0
        for i in range(n):
            total += twice() + i
        return total, i

    check(program, 5)


Point = namedtuple("Point", ["x", "y"], defaults=[100])


class Typed(NamedTuple):
    a: int
    b: float = 2.5


@pytest.mark.targets("cpu")
def test_named_tuples_are_made(check):
    def program(n):
        p = Point(n, y=n * 0.5)
        q = Point(x=n)
        t = Typed(n)
        return p.x + p.y, q.y, t.b, p, t, isinstance(p, Point), isinstance(p, Typed)

    check(program, 7)
    result = njit(program)(3)
    assert type(result[3]) is Point and type(result[4]) is Typed


@pytest.mark.parametrize("call", ["Point()", "Point(1, 2, 3)", "Point(1, z=2)", "Point(1, x=2)"])
def test_named_tuples_with_wrong_arguments(call, tmp_path):
    path = tmp_path / "wrong.py"
    path.write_text(
        f"from collections import namedtuple\nPoint = namedtuple('Point', 'x y')\ndef f():\n    return {call}\n"
    )
    space = {}
    exec(compile(path.read_text(), str(path), "exec"), space)
    with pytest.raises(Exception, match="Point"):
        njit(space["f"])()
