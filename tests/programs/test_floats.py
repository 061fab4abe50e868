"""Floats and complex numbers: arithmetic bit for bit, floor division and remainder, powers, conversions."""

import math

import numpy as np
import pytest

VALUES = [0.0, -0.0, 1.0, -1.0, 0.5, -2.5, 7.25, 1e300, -1e-300, 5e-324, math.inf, -math.inf, math.nan]


def arithmetic(a, b, out):
    for i in range(a.size):
        out[i, 0] = a[i] + b[i]
        out[i, 1] = a[i] - b[i]
        out[i, 2] = a[i] * b[i]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_arithmetic(check, dtype):
    with np.errstate(over="ignore", under="ignore"):
        values = np.array(VALUES).astype(dtype)
    a, b = (grid.reshape(-1).copy() for grid in np.meshgrid(values, values))
    check(arithmetic, a, b, np.zeros((a.size, 3), dtype=dtype))


def division(a, b, out):
    for i in range(a.size):
        out[i, 0] = a[i] / b[i]
        out[i, 1] = a[i] // b[i]
        out[i, 2] = a[i] % b[i]


def test_division(check):
    values = np.array([value for value in VALUES if value != 0])
    a, b = (grid.reshape(-1).copy() for grid in np.meshgrid(np.array(VALUES), values))
    with np.errstate(all="ignore"):
        finite = np.isfinite(a) & np.isfinite(b) & (np.abs(a / b) < 2.0**52)
    a, b = a[finite], b[finite]

    def as_python(a, b, out):
        for i in range(a.size):
            x, y = float(a[i]), float(b[i])
            out[i] = x / y, x // y, x % y

    check(division, a, b, np.zeros((a.size, 3)), like=as_python)


@pytest.mark.parametrize("a", [7.5, -7.5, 0.0, -0.0, 1e18])
@pytest.mark.parametrize("b", [2.0, -2.0, 0.1, -0.1, 3.0, math.inf, -math.inf])
def test_floor_and_remainder(check, a, b):
    def both(a, b, out):
        out[0] = a // b
        out[1] = a % b

    check(both, a, b, np.zeros(2))


def no_contraction(a, b, c):
    return a * b + c


@pytest.mark.targets("cpu")
def test_products_are_rounded_before_they_are_added(check):
    """On the CPU; kernels may fuse multiply and add, as CUDA does, and so may the simulator."""
    a = 1.0 + 2.0**-30
    check(no_contraction, a, a, -1.0)


def power(a, b):
    return a**b


@pytest.mark.parametrize("a", [0.0, 1.0, 2.0, 0.5, -2.0, 10.0, math.inf])
@pytest.mark.parametrize("b", [0.0, 1.0, 2.0, -1.0, 3.0, -3.0, 10.0])
def test_power(check, a, b):
    # For 0.0 to a negative power Python raises ZeroDivisionError; Numba, and so Cantil, gives the C library's inf.
    check(
        power,
        a,
        b,
        rtol=2**-50,  # pow's last bits are the library's
        like=lambda a, b: float(np.power(a, b)),
    )


@pytest.mark.parametrize("a", [2.0, 0.1, 9.0])
@pytest.mark.parametrize("b", [0.5, -0.5, 1 / 3, 7.7])
def test_fractional_power(check, a, b):
    check(power, a, b, rtol=2**-50)


@pytest.mark.parametrize("a", [2.0, -1.5, 0.0])
@pytest.mark.parametrize("b", [0, 1, 2, 3, 7])
def test_float_to_an_integer_power(check, a, b):
    check(power, a, b, rtol=2**-50)


def literal_powers(x, out):
    out[0] = x**2
    out[1] = x**3
    out[2] = x**0.5
    out[3] = x**-1.0
    out[4] = 2.0**x


def test_literal_powers(check):
    for x in (1.0, 2.0, 1.7, 100.25):
        check(literal_powers, x, np.zeros(5), rtol=2**-50)


def negative_zero(a):
    return -a


@pytest.mark.parametrize("a", [0.0, -0.0, math.inf, math.nan, 3.5])
def test_negation(check, a):
    check(negative_zero, a)


def to_int(a):
    return int(a)


@pytest.mark.parametrize("a", [0.0, 1.9, -1.9, 2.0**40, -(2.0**52) - 1])
def test_int_of_float_truncates(check, a):
    check(to_int, a)


def to_float(a):
    return float(a)


@pytest.mark.parametrize("a", [0, -1, 2**53 + 1, 1.5])
def test_float_of(check, a):
    check(to_float, a)


def test_float32_rounds_at_each_step(check):
    def third(n):
        total = np.float32(0.0)
        for i in range(n):
            total += np.float32(0.1)
        return total

    check(third, 1000)


def test_float32_arrays_accumulate_in_float32(check):
    def total(a):
        s = a[0]
        for i in range(1, a.size):
            s += a[i]
        return s

    check(total, np.random.default_rng(5).random(1000, dtype=np.float32))


def test_float64_sum_in_order(check):
    """Without fastmath no sum is reassociated."""

    def total(a):
        s = 0.0
        for i in range(a.size):
            s += a[i]
        return s

    check(total, np.random.default_rng(6).random(1001) * 1e10)


def stores(x, out32, out64):
    out32[0] = x
    out64[0] = x


@pytest.mark.parametrize("x", [0.1, 1e-50, 3.5e38, -0.0, math.pi])
def test_stores_round(check, x):
    check(stores, x, np.zeros(1, dtype=np.float32), np.zeros(1))


def float_to_integer_store(x, out8, out64):
    out8[0] = x
    out64[0] = x


@pytest.mark.parametrize("x", [0.0, 1.99, -1.99, 100.5])
def test_integer_store_truncates(check, x):
    check(float_to_integer_store, x, np.zeros(1, dtype=np.int8), np.zeros(1, dtype=np.int64))


def complex_arithmetic(a, b, out):
    out[0] = a + b
    out[1] = a - b
    out[2] = a * b
    out[3] = -a
    out[4] = +b
    out[5] = a.conjugate()
    out[6] = a.real + b.imag * 1j


COMPLEX = [0j, 1 + 0j, 1j, 1 + 2j, -3.5 + 0.25j, 1e100 - 1e-100j, -1.5 - 2.5j]


@pytest.mark.parametrize("a", COMPLEX)
@pytest.mark.parametrize("b", [1j, 2 - 3j, -0.5 + 0j])
def test_complex_arithmetic(check, a, b):
    check(complex_arithmetic, a, b, np.zeros(7, dtype=np.complex128))


@pytest.mark.parametrize("a", COMPLEX)
@pytest.mark.parametrize("b", [1j, 2 - 3j, -0.5 + 0j, 1e-3 + 1e3j])
def test_complex_division(check, a, b):
    def quotient(a, b):
        return a / b

    check(quotient, a, b, rtol=2**-50)  # Python divides by the larger part, others scale differently


@pytest.mark.targets("cpu")
@pytest.mark.parametrize("a", [1j, 0j, 2 + 1j])
def test_complex_division_by_zero(check, a):
    def quotient(a, b):
        return a / b

    check(quotient, a, 0j)


@pytest.mark.parametrize("a", [1j, 1 + 2j, -0.5 + 0.1j])
@pytest.mark.parametrize("b", [2, 0.5, 1 - 1j, 0])
def test_complex_power(check, a, b):
    check(power, a, b, rtol=1e-12)  # exp and log of complex numbers: the library's last bits


def test_complex_magnitude(check):
    def magnitude(a):
        return abs(a)

    for a in COMPLEX:
        check(magnitude, a, rtol=2**-51)  # hypot's last bit is the library's


def test_complex_parts(check):
    def parts(a, out):
        out[0] = a.real
        out[1] = a.imag

    for a in COMPLEX:
        check(parts, a, np.zeros(2))


def test_complex_of_parts(check):
    def build(re, im):
        return complex(re, im)

    check(build, 1.5, -2.0)
    check(build, 1, 2)


@pytest.mark.parametrize("dtype", [np.complex64, np.complex128])
def test_complex_arrays(check, dtype):
    def dot(a, b):
        total = 0j
        for i in range(a.size):
            total += a[i] * b[i]
        return total

    rng = np.random.default_rng(7)
    a = (rng.random(20) + 1j * rng.random(20)).astype(dtype)

    def exact(a, b):
        return dot(a.astype(np.complex128), b)

    # Each product is rounded to the arrays' precision before it is added.
    check(dot, a, a.conj(), rtol=1e-14 if dtype is np.complex128 else 1e-6, like=exact)


def mixed(a, b, c):
    return a * b + c


@pytest.mark.parametrize("args", [(2, 1.5, 1j), (1j, 2, 0.5), (1.5, True, 3), (False, 2.5, 1j)])
def test_mixed_kinds(check, args):
    check(mixed, *args)


def newton(x):
    guess = x
    while abs(guess * guess - x) > 1e-12 * x:
        guess = 0.5 * (guess + x / guess)
    return guess


@pytest.mark.parametrize("x", [2.0, 0.01, 1e6])
def test_newton_square_root(check, x):
    check(newton, x)


def horner(coefficients, x):
    value = 0.0
    for i in range(coefficients.size):
        value = value * x + coefficients[i]
    return value


def test_horner(check, target):
    rtol = None if target == "cpu" else 2**-50  # kernels may fuse multiply and add, which rounds once less
    check(horner, np.array([1.0, -2.0, 0.5, 3.0]), 1.7, rtol=rtol)
    check(horner, np.array([1.0, -2.0, 0.5, 3.0]), 1.7 + 0.2j, rtol=rtol)
