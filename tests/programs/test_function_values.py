"""Functions as values whose function is known only when the program runs; recursion through closures."""

import math

import pytest
from cantil import njit
from cantil.errors import NumbaError


@njit
def double(x):
    return x * 2


@njit
def triple(x):
    return x * 3.0


def test_one_of_two(check):
    def program(flag, x):
        def inc(v):
            return v + 1

        f = inc if flag else lambda v: v * x
        g = math.sin if flag else math.cos
        return f(10) + g(0.5)

    check(program, True, 3, rtol=1e-15)  # the simulator has a sine of its own
    check(program, False, 3, rtol=1e-15)


def test_assigned_on_two_paths(check):
    def program(n, x):
        if n > 1:

            def f(v):
                return v + x
        else:

            def f(v):
                return v - x

        total = 0
        h = f
        for i in range(4):
            total += h(i)
            h = (lambda v: v * 10) if i % 2 else f
        return total

    check(program, 2, 5)
    check(program, 1, 5)


def test_results_of_both_kinds_of_number():
    @njit
    def program(flag, x):
        f = double if flag else triple
        return f(x)

    assert program(True, 3) == 6.0
    assert program(False, 3) == 9.0


@pytest.mark.targets("cpu")
def test_tables(check):
    def program(k, x):
        def add(a, b):
            return a + b

        def scaled(a, b):
            return a * b + x

        table = (add, scaled, lambda a, b: a - b)
        l = [add, scaled]
        l.append(lambda a, b: a * 1000 + b)
        d = {0: add, 1: scaled}
        total = 0
        for f in table:
            total = total * 7 + f(3, 4)
        for f in l:
            total = total * 7 + f(3, 4)
        return table[k](5, 6), l[k](5, 6), d[k % 2](7, 8), total

    for k in (0, 1, 2, -1):
        check(program, k, 100)


def test_a_table_in_a_kernel(check):
    def program(k, x):
        table = (lambda v: v + x, lambda v: v * x)
        return table[k](5)

    check(program, 0, 3)
    check(program, 1, 3)


def test_perhaps_none(check):
    def program(n, x):
        f = None
        if n > 0:
            f = lambda v: v + x  # noqa: E731
        if f is None:
            return -1
        return f(10)

    check(program, 1, 2)
    check(program, 0, 2)


def test_nested_functions_that_call_each_other(check):
    def program(n, k):
        def even(n):
            return k if n == 0 else odd(n - 1)

        def odd(n):
            return -k if n == 0 else even(n - 1)

        return even(n) * 100 + odd(n)

    for n in (0, 1, 6):
        check(program, n, 3)


def test_functions_inside_functions_use_those_around(check):
    def program(n, k):
        def scale(x):
            return x * k

        def outer(m):
            def inner(x):
                return scale(x) + m + n

            return inner(m) + scale(1)

        return outer(5) + outer(7)

    check(program, 2, 3)


def test_recursion_in_any_order(check):
    def program(n):
        def first(n):
            if n > 0:
                return second(n - 1) + 1
            return 0.5

        def second(n):
            if n > 0:
                return first(n - 1)
            return 2.0

        return first(n) * 100 + second(n)

    for n in (0, 1, 5):
        check(program, n)


def test_keyword_arguments_that_are_collected(check):
    def program(a, b):
        def inner(x, **rest):
            total = x + rest["y"]
            if "z" in rest:
                total += rest["z"] * 100
            return total * len(rest)

        def outer(**kw):
            return inner(1, **kw) + inner(**{"x": 2, "y": 5})

        return inner(a, y=b) + inner(a, y=b, z=2.5) * 1000 + outer(y=a, z=b) * 1e6

    check(program, 3, 4)


def test_no_such_place_in_the_table(check):
    def program(k):
        table = (lambda v: v + 1, lambda v: v * 2)
        return table[k](5)

    check(program, 0)
    with pytest.raises(IndexError):
        njit(program)(7)


def test_results_that_do_not_go_together():
    def program(flag):
        f = (lambda v: v) if flag else (lambda v: (v, v))
        return f(1)

    with pytest.raises(NumbaError):
        njit(program)(True)
