"""Python's own functions on numbers: abs, min, max, int, float, bool, complex, round, len, divmod, pow."""

import math

import numpy as np
import pytest


def absolute(x):
    return abs(x)


@pytest.mark.parametrize("x", [5, -5, 0, 2.5, -2.5, -0.0, math.inf, -math.inf, math.nan])
def test_abs(check, x):
    check(absolute, x)


def smallest(a, b):
    return min(a, b)


def largest(a, b):
    return max(a, b)


@pytest.mark.parametrize("function", [smallest, largest])
@pytest.mark.parametrize("a, b", [(1, 2), (2, 1), (-1, -1), (1.5, -2.5), (0.0, 1.0)])
def test_min_and_max(check, function, a, b):
    check(function, a, b)


@pytest.mark.parametrize("function", [smallest, largest])
@pytest.mark.parametrize("a, b", [(1, 2.5), (3, 2.5)])
def test_min_and_max_of_mixed_types_unify(check, function, a, b):
    check(function, a, b, like=lambda a, b: float(function(a, b)))


def smallest_of_three(a, b, c):
    return min(a, b, c) + 10 * max(a, b, c)


def test_min_and_max_of_three(check):
    check(smallest_of_three, 3, 1, 2)
    check(smallest_of_three, 0.5, 1.5, -2.5)


@pytest.mark.parametrize("x", [0, 1, -3, 0.0, 0.5, math.nan, True, False])
def test_bool(check, x):
    def call(x):
        return bool(x)

    check(call, x)


@pytest.mark.parametrize("x", [0, -3, 2.9, -2.9, True, 1e15])
def test_int(check, x):
    def call(x):
        return int(x)

    check(call, x)


@pytest.mark.parametrize("x", [0, -3, 2.9, 2**60])
def test_float(check, x):
    def call(x):
        return float(x)

    check(call, x)


@pytest.mark.parametrize("x", [1, 2.5, 1j])
def test_complex(check, x):
    def call(x):
        return complex(x)

    check(call, x)


@pytest.mark.parametrize("x", [0.5, 1.5, 2.5, -0.5, -1.5, 2.4999, 1e15 + 0.5, -3.7])
def test_round_to_even(check, x):
    def call(x):
        return round(x)

    check(call, x)


@pytest.mark.parametrize("x", [1.2345, -9.876, 0.0])
@pytest.mark.parametrize("digits", [0, 1, 2, 3])
def test_round_to_digits(check, x, digits):
    def call(x, digits):
        return round(x, digits)

    check(call, x, digits, rtol=2**-52)  # Python rounds the decimal text, compiled code scales


@pytest.mark.targets("cpu")
@pytest.mark.parametrize("a, b", [(7, 3), (-7, 3), (7, -3), (7.5, 2.0), (-7.5, 2.0)])
def test_divmod(check, a, b):
    def call(a, b):
        return divmod(a, b)

    check(call, a, b)


@pytest.mark.parametrize("a, b", [(2, 10), (2.0, 0.5), (3, 0)])
def test_pow(check, a, b):
    def call(a, b):
        return pow(a, b)

    check(call, a, b, rtol=2**-51)


@pytest.mark.parametrize(
    "name", ["float32", "float64", "int8", "int32", "int64", "uint8", "uint64", "complex128"]
)
def test_numpy_constructors(check, name):
    constructor = getattr(np, name)

    def call(x):
        return constructor(x) + constructor(1)

    check(call, 41, like=lambda x: constructor(x).item() + 1)


@pytest.mark.targets("cpu")
def test_cantil_types_convert():
    """The type objects are constructors inside compiled code."""
    from cantil import float32, int8, njit

    @njit
    def call(x):
        return float32(x), int8(x)

    assert call(300.1) == (float(np.float32(300.1)), 44)
