"""NumPy's universal functions in compiled code, for every dtype that both take: results, types, special values."""

import warnings

import numpy as np
import pytest
from cantil import njit

UNARY = (
    "absolute negative positive sign rint conjugate exp exp2 log log2 log10 log1p expm1 sqrt square cbrt reciprocal "
    "sin cos tan arcsin arccos arctan sinh cosh tanh arcsinh arccosh arctanh deg2rad rad2deg "
    "degrees radians invert logical_not "
    "isfinite isinf isnan signbit floor ceil trunc spacing fabs modf frexp"
).split()
BINARY = (
    "add subtract multiply divide floor_divide power remainder fmod logaddexp logaddexp2 heaviside maximum minimum "
    "fmax fmin bitwise_and bitwise_or bitwise_xor left_shift right_shift greater greater_equal "
    "less less_equal equal not_equal "
    "logical_and logical_or logical_xor copysign nextafter float_power hypot arctan2 gcd lcm divmod"
).split()
DTYPES = "? i1 u1 i2 u2 i4 u4 i8 u8 f4 f8 c8 c16".split()
# Their loops for bytes compute in float16 in NumPy, in float32 here (as in Numba): the spacing of numbers differs.
HALF_PRECISION = {"spacing", "nextafter"}


def values(dtype, seed):
    rng = np.random.default_rng(seed)
    if dtype == "?":
        return rng.random(29) > 0.5
    if dtype[0] in "iu":
        return rng.integers(0 if dtype[0] == "u" else -5, 9, 29).astype(dtype)
    x = rng.normal(size=29) * 3
    x[:7] = [0, -0.0, np.inf, -np.inf, np.nan, 1, -1]
    if dtype[0] == "c":
        return (rng.normal(size=29) + 1j * rng.normal(size=29)).astype(dtype)
    return (x if seed == 1 else rng.permutation(x)).astype(dtype)


def arguments(name, dtype):
    x = values(dtype, 1)
    if name == "reciprocal" and dtype[0] in "iu":
        x[x == 0] = 1  # undefined in NumPy, 0 here
    if name in UNARY:
        return (x,)
    y = values(dtype, 2)
    if name in ("power", "left_shift", "right_shift") and dtype[0] == "i":
        y = abs(y)  # NumPy refuses negative powers; shifts by them mean nothing
    return (x, y)


def calls(name):
    ufunc = getattr(np, name)
    return njit(lambda a: ufunc(a)) if name in UNARY else njit(lambda a, b: ufunc(a, b))


def assert_close(got, want, name, dtype):
    if want.dtype == np.float16:
        assert got.dtype == np.float32
        rtol = 2e-3  # that of float16
    else:
        assert got.dtype == want.dtype
        single = got.dtype in (np.float32, np.complex64)
        rtol = 2e-6 if single else 1e-13  # libm and SLEEF against NumPy's own: a few units in the last place
    if got.dtype.kind in "fc":
        np.testing.assert_allclose(got, want, rtol=rtol, atol=0, equal_nan=True)
    else:
        assert np.array_equal(got, want)


@pytest.mark.parametrize("name", UNARY + BINARY)
def test_every_dtype(name):
    compiled = calls(name)
    taken = 0
    for dtype in DTYPES:
        if dtype in ("?", "i1", "u1") and name in HALF_PRECISION:
            continue
        args = arguments(name, dtype)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)
            try:
                want = getattr(np, name)(*args)
            except TypeError:
                continue
        got = compiled(*args)
        for g, w in zip(got, want) if isinstance(want, tuple) else [(got, want)]:
            assert_close(g, w, name, dtype)
        taken += 1
    assert taken > 0


def ldexp(a, b):
    return np.ldexp(a, b)


def test_ldexp():
    a = np.array([1.5, -0.75, 0.0, np.inf])
    assert np.array_equal(njit(ldexp)(a, np.array([3, -2, 5, 1])), np.ldexp(a, [3, -2, 5, 1]))


def mixed(a, b):
    return a + b


# Numba's choice: an integer mixes with a float of any width, a Python scalar counts by its type.
@pytest.mark.parametrize(
    "left, right, result",
    [
        ("i4", "f4", "f4"),
        ("i8", "f4", "f4"),
        ("u8", "i8", "f8"),
        ("i1", "u1", "i2"),
        ("f4", "c8", "c8"),
        ("i4", "c8", "c8"),
        ("?", "u1", "u1"),
        ("f4", "f8", "f8"),
        ("f8", "c8", "c16"),
    ],
)
def test_mixed_types(left, right, result):
    a, b = np.ones(3, left), np.ones(3, right)
    assert njit(mixed)(a, b).dtype == result
    assert njit(mixed)(b, a).dtype == result


def scalars(x, n):
    return np.add(x, n), np.maximum(x, n), np.sqrt(n), np.isnan(x), np.arctan2(x, n), np.gcd(n, 12)


@pytest.mark.targets("cpu")
def test_scalar_form(check):
    check(scalars, 2.5, 4)
