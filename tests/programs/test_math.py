"""The math module: every function over special and ordinary values, for float64, float32 and integer arguments.

Tolerances: the C library, SLEEF (1 ULP) and libdevice (2 ULP and more) each round their own way, so functions that IEEE
754 does not fix are compared within a few units in the last place.
"""

import math

import numpy as np
import pytest

VALUES = [
    0.0,
    -0.0,
    0.5,
    -0.5,
    1.0,
    -1.0,
    0.99,
    1.5,
    -2.75,
    3.0,
    10.0,
    123.456,
    -700.0,
    1e-10,
    1e10,
    math.inf,
    -math.inf,
    math.nan,
]
EXACT = ["fabs", "floor", "ceil", "trunc", "sqrt", "isnan", "isinf", "isfinite", "degrees", "radians"]
ROUNDED = [
    "sin",
    "cos",
    "tan",
    "asin",
    "acos",
    "atan",
    "sinh",
    "cosh",
    "tanh",
    "asinh",
    "acosh",
    "atanh",
    "exp",
    "expm1",
    "log",
    "log2",
    "log10",
    "log1p",
    "erf",
    "erfc",
    "gamma",
    "lgamma",
]
TOLERANCE = {"gamma": 1e-14, "lgamma": 1e-13, "erfc": 1e-14}  # as the libraries themselves promise


def unary(name):
    """A function of one argument that calls math.<name>: one closure for each, as users would write it."""
    function = getattr(math, name)

    def call(x):
        return function(x)

    return call


def defined(name, values):
    """The values at which Python neither raises nor overflows; what Cantil does there is tested below."""
    good = []
    for value in values:
        try:
            getattr(math, name)(value)
        except (ValueError, OverflowError):
            continue
        good.append(value)
    return good


@pytest.mark.parametrize("name", EXACT)
def test_exact(check, name):
    rtol = 2**-52 if name in ("degrees", "radians") else None
    for x in defined(name, VALUES):
        check(unary(name), x, rtol=rtol)


@pytest.mark.parametrize("name", ROUNDED)
def test_rounded(check, name):
    def table(a, out):
        for i in range(a.size):
            out[i] = function(a[i])

    function = getattr(math, name)
    a = np.array(defined(name, VALUES))
    check(table, a, np.zeros_like(a), rtol=TOLERANCE.get(name, 4 * 2**-52))


@pytest.mark.parametrize("name", ROUNDED)
def test_float32(check, name):
    """float32 in, float32 arithmetic; the oracle is the float64 function, rounded."""
    function = getattr(math, name)

    def table(a, out):
        for i in range(a.size):
            out[i] = function(a[i])

    def rounded(a, out):
        for i in range(a.size):
            out[i] = function(float(a[i]))

    # Up to 60, so that exp and its kin stay in range; erfc is a float32 without leading zeros up to 5 only.
    largest = 5 if name == "erfc" else 60
    moderate = [x for x in defined(name, VALUES) if not abs(x) > largest or math.isinf(x)]
    a = np.array(moderate, dtype=np.float32)
    check(table, a, np.zeros_like(a), like=rounded, rtol=1e-5 if name in ("gamma", "lgamma") else 8 * 2**-23)


@pytest.mark.parametrize("name", ROUNDED + ["sqrt", "floor", "ceil", "fabs", "trunc"])
def test_integer_arguments(check, name):
    for x in defined(name, [0, 1, 2, 5, -1]):
        check(unary(name), x, rtol=TOLERANCE.get(name, 4 * 2**-52))


@pytest.mark.parametrize(
    "name, x, result",
    [
        ("sqrt", -1.0, math.nan),
        ("log", -1.0, math.nan),
        ("log", 0.0, -math.inf),
        ("log10", 0.0, -math.inf),
        ("log2", -2.0, math.nan),
        ("log1p", -1.0, -math.inf),
        ("asin", 2.0, math.nan),
        ("acos", -2.0, math.nan),
        ("atanh", 1.0, math.inf),
        ("acosh", 0.5, math.nan),
        ("exp", 1000.0, math.inf),
        ("cosh", 1000.0, math.inf),
        ("sinh", -1000.0, -math.inf),
        ("expm1", 1000.0, math.inf),
        ("sin", math.inf, math.nan),
        ("tan", math.inf, math.nan),
    ],
)
def test_where_python_raises_the_value_is_ieee(check, name, x, result):
    """Python raises ValueError or OverflowError here; compiled code, as Numba's, gives the IEEE value."""
    check(unary(name), x, like=lambda x: result)


BINARY = [0.0, -0.0, 1.0, -1.5, 3.0, 1e10, math.inf, -math.inf, math.nan]


@pytest.mark.parametrize("name", ["copysign", "atan2", "hypot", "fmod", "pow"])
def test_binary(check, name):
    function = getattr(math, name)

    def table(a, b, out):
        for i in range(a.size):
            out[i] = function(a[i], b[i])

    pairs = []
    for x in BINARY:
        for y in BINARY:
            try:
                function(x, y)
            except (ValueError, OverflowError):
                continue
            pairs.append((x, y))
    a, b = (np.array(column) for column in zip(*pairs))
    check(table, a, b, np.zeros_like(a), rtol=None if name in ("copysign", "fmod") else 4 * 2**-52)


@pytest.mark.parametrize(
    "x, exponent", [(1.5, 3), (1.5, -3), (0.0, 5), (-1.0, 1100), (1.0, -1074), (math.inf, 2)]
)
def test_ldexp(check, x, exponent):
    def call(x, exponent):
        return math.ldexp(x, exponent)

    check(call, x, exponent, like=lambda x, e: float(np.ldexp(x, e)))


@pytest.mark.targets("cpu")
@pytest.mark.parametrize("x", [0.0, 1.0, -3.5, 1e300, 5e-324])
def test_frexp(check, x):
    def call(x):
        return math.frexp(x)

    check(call, x)


@pytest.mark.targets("cpu")
@pytest.mark.parametrize("x", [0.0, 1.0, -3.5, 1e300, -math.inf])
def test_modf(check, x):
    """Numba has modf on the GPU only."""

    def call(x):
        return math.modf(x)

    check(call, x)


def constants(out):
    out[0] = math.pi
    out[1] = math.e
    out[2] = math.inf
    out[3] = math.nan
    out[4] = math.tau


def test_constants(check):
    check(constants, np.zeros(5))


@pytest.mark.parametrize("x", [2.7, -2.7, 2.0, 1e15 + 0.5])
@pytest.mark.parametrize("name", ["floor", "ceil", "trunc"])
def test_integer_results(check, name, x):
    """floor, ceil and trunc give integers, as in Python."""
    check(unary(name), x)


@pytest.mark.parametrize("n", [0, 1, 5, 20])
def test_factorial_by_gamma(check, n):
    def call(n):
        return math.gamma(n + 1.0)

    check(call, n, rtol=1e-14)


@pytest.mark.parametrize("a, b", [(12, 18), (0, 5), (-4, 6), (0, 0)])
def test_gcd(check, a, b):
    def call(a, b):
        return math.gcd(a, b)

    check(call, a, b)


def haversine(lat1, lon1, lat2, lon2):
    dlat = math.radians(lat2 - lat1)
    dlon = math.radians(lon2 - lon1)
    h = (
        math.sin(dlat / 2) ** 2
        + math.cos(math.radians(lat1)) * math.cos(math.radians(lat2)) * math.sin(dlon / 2) ** 2
    )
    return 2 * 6371.0 * math.asin(math.sqrt(h))


def test_haversine(check):
    check(haversine, 52.5, 13.4, 48.9, 2.35, rtol=1e-14)  # a chain of eight rounded functions


def black_scholes(spot, strike, rate, years):
    sigma = 0.3
    d1 = (math.log(spot / strike) + (rate + 0.5 * sigma * sigma) * years) / (sigma * math.sqrt(years))
    d2 = d1 - sigma * math.sqrt(years)
    n1 = 0.5 * math.erfc(-d1 / math.sqrt(2.0))
    n2 = 0.5 * math.erfc(-d2 / math.sqrt(2.0))
    return spot * n1 - strike * math.exp(-rate * years) * n2


def test_black_scholes(check):
    check(black_scholes, 100.0, 95.0, 0.02, 0.5, rtol=1e-13)  # a difference of two close products


def from_import(x):
    return sqrt(x) + pi


from math import pi, sqrt  # noqa: E402  (the names a user imports directly)


def test_names_imported_from_math(check):
    check(from_import, 2.0)
