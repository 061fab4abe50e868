"""Calls among jitted functions: several types, tuples, arrays, keywords, defaults, closures, recursion."""

import math

import numpy as np
import pytest
from cantil import njit

pytestmark = pytest.mark.targets("cpu")


@njit
def square(x):
    return x * x


@njit
def sum_of_squares(a, b):
    return square(a) + square(b)


@njit
def fill(a, value):
    for i in range(a.size):
        a[i] = value


@njit
def divmod_pair(a, b):
    return a // b, a % b


@njit
def no_result(a):
    a[0] += 1


def test_one_callee_at_several_types():
    assert sum_of_squares(3, 4) == 25
    assert sum_of_squares(1.5, 2) == 6.25
    assert sum_of_squares(1j, 2) == 3 + 0j
    assert len(sum_of_squares.signatures) == 3


def test_arrays_are_passed_by_reference(check):
    def program(a):
        fill(a, 7)
        no_result(a)
        return a[0] + a[1]

    check(program, np.zeros(4))
    check(
        program, np.zeros(4, dtype=np.int16), like=lambda a: (fill.py_func(a, 7), a.__setitem__(0, 8), 15)[2]
    )


def test_tuples_through_calls(check):
    def program(a, b):
        q, r = divmod_pair(a, b)
        return q * 1000 + r

    check(program, 17, 5)
    check(program, -17, 5)


def test_calls_in_expressions(check):
    def program(x):
        return square(square(x) + square(1)) - square(x - 1)

    check(program, 3)
    check(program, 2.5)


def test_call_in_condition_and_index(check):
    def program(a, i):
        if square(i) > 3:
            return a[square(i) - 4]
        return a[0]

    check(program, np.arange(10), 2)
    check(program, np.arange(10), 1)


def test_keyword_arguments(check):
    @njit
    def weighted(a, b, weight):
        return a * weight + b

    def program(a, b):
        return weighted(b=b, weight=3, a=a) + weighted(a, b, weight=0.5)

    check(program, 2, 5)


def test_default_arguments(check):
    @njit
    def scaled(x, factor=2.5, offset=1):
        return x * factor + offset

    def program(x):
        return scaled(x) + scaled(x, 3) + scaled(x, offset=10)

    check(program, 4)


def test_captured_values(check):
    offset, factor = 10, 2.5
    table = (1, 2, 3)

    def program(x):
        return x * factor + offset + table[1]

    check(program, 4)


def test_captured_function(check):
    helper = square

    def program(x):
        return helper(x) + 1

    check(program, 4)


def test_global_array_is_a_constant(check):
    table = np.array([1.5, 2.5, 4.0])

    def program(i):
        return table[i] + table.size

    check(program, 2)


GLOBAL_SCALE = 3


def test_globals(check):
    def program(x):
        return x * GLOBAL_SCALE + math.pi

    check(program, 4)


def test_function_arguments(check):
    @njit
    def apply(f, x):
        return f(x) + f(x + 1)

    def program(x):
        return apply(square, x)

    check(program, 3, like=lambda x: x * x + (x + 1) * (x + 1))


@njit
def factorial(n):
    if n <= 1:
        return 1
    return n * factorial(n - 1)


@njit
def fibonacci(n):
    if n < 2:
        return n
    return fibonacci(n - 1) + fibonacci(n - 2)


@njit
def ackermann(m, n):
    if m == 0:
        return n + 1
    if n == 0:
        return ackermann(m - 1, 1)
    return ackermann(m - 1, ackermann(m, n - 1))


@njit
def is_even(n):
    if n == 0:
        return True
    return is_odd(n - 1)


@njit
def is_odd(n):
    if n == 0:
        return False
    return is_even(n - 1)


def test_self_recursion():
    assert factorial(20) == math.factorial(20)
    assert fibonacci(20) == 6765
    assert ackermann(2, 3) == 9


def test_self_recursion_in_floats():
    assert factorial(5.0) == 120.0


def test_mutual_recursion():
    assert is_even(10) is True
    assert is_odd(10) is False
    assert is_odd(7) is True


def test_recursion_with_arrays():
    @njit
    def total(a, low, high):
        if high - low == 1:
            return a[low]
        middle = (low + high) // 2
        return total(a, low, middle) + total(a, middle, high)

    assert total(np.arange(100), 0, 100) == 4950


def test_recursive_quicksort():
    @njit
    def sort(a, low, high):
        if low >= high:
            return
        pivot = a[(low + high) // 2]
        i = low
        j = high
        while i <= j:
            while a[i] < pivot:
                i += 1
            while a[j] > pivot:
                j -= 1
            if i <= j:
                a[i], a[j] = a[j], a[i]
                i += 1
                j -= 1
        sort(a, low, j)
        sort(a, i, high)

    a = np.random.default_rng(12).random(500)
    expected = np.sort(a)
    sort(a, 0, a.size - 1)
    assert np.array_equal(a, expected)


def test_deep_call_chain(check):
    @njit
    def f1(x):
        return x + 1

    @njit
    def f2(x):
        return f1(x) * 2

    @njit
    def f3(x):
        return f2(x) - f1(x)

    @njit
    def f4(x):
        return f3(f2(f1(x)))

    def program(x):
        return f4(x) + f3(x)

    check(program, 5)
    check(program, 0.25)


def test_unused_results(check):
    def program(x):
        square(x)
        return x

    check(program, 3)


def test_callee_called_with_literals(check):
    def program():
        return square(3) + square(0.5) + square(True)

    check(program)
