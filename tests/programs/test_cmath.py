"""cmath against CPython, over all quadrants, axes, signed zeros and extreme magnitudes."""

import cmath
import itertools
import math

import numpy as np
import pytest
from cantil import njit

PARTS = [0.3, -0.7, 1.0, -1.0, 0.0, -0.0, 2.5, -3.25, 1e-300, 1e10, 30.0, 0.99999999]


@njit
def f_exp(z):
    return cmath.exp(z)


@njit
def f_log(z):
    return cmath.log(z)


@njit
def f_log10(z):
    return cmath.log10(z)


@njit
def f_sqrt(z):
    return cmath.sqrt(z)


@njit
def f_sin(z):
    return cmath.sin(z)


@njit
def f_cos(z):
    return cmath.cos(z)


@njit
def f_tan(z):
    return cmath.tan(z)


@njit
def f_sinh(z):
    return cmath.sinh(z)


@njit
def f_cosh(z):
    return cmath.cosh(z)


@njit
def f_tanh(z):
    return cmath.tanh(z)


@njit
def f_asin(z):
    return cmath.asin(z)


@njit
def f_acos(z):
    return cmath.acos(z)


@njit
def f_atan(z):
    return cmath.atan(z)


@njit
def f_asinh(z):
    return cmath.asinh(z)


@njit
def f_acosh(z):
    return cmath.acosh(z)


@njit
def f_atanh(z):
    return cmath.atanh(z)


@njit
def f_phase(z):
    return cmath.phase(z)


FUNCTIONS = [
    f_exp,
    f_log,
    f_log10,
    f_sqrt,
    f_sin,
    f_cos,
    f_tan,
    f_sinh,
    f_cosh,
    f_tanh,
    f_asin,
    f_acos,
    f_atan,
    f_asinh,
    f_acosh,
    f_atanh,
    f_phase,
]


def close(got, want):
    # 1e-15: four units in the last place; libm's own functions differ by one or two between versions.
    return got == want or (math.isfinite(want) and abs(got - want) <= 1e-15 * abs(want))


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda f: f.__name__[2:])
def test_against_cpython(function):
    for z in itertools.starmap(complex, itertools.product(PARTS, PARTS)):
        try:
            want = complex(function.py_func(z))
        except OverflowError:
            continue  # as in math: the result is infinite, no exception
        except ValueError:
            with pytest.raises(ValueError, match="math domain error"):
                function(z)
            continue
        got = complex(function(z))
        assert close(got.real, want.real) and close(got.imag, want.imag), (z, got, want)
        assert math.copysign(1, got.real) == math.copysign(1, want.real), (z, got, want)
        assert math.copysign(1, got.imag) == math.copysign(1, want.imag), (z, got, want)


def test_complex64_stays():
    @njit
    def store(a, out):
        for i in range(a.size):
            out[i] = cmath.sqrt(a[i]) * cmath.exp(a[i])

    a = (np.arange(8) - 3.5 + 1j * np.arange(8)).astype(np.complex64)
    out = np.empty_like(a)
    store(a, out)
    np.testing.assert_allclose(out, np.sqrt(a) * np.exp(a), rtol=2e-6)


def test_polar_rect_and_predicates():
    @njit
    def both(z):
        r, phi = cmath.polar(z)
        return (
            cmath.rect(r, phi),
            cmath.isnan(z),
            cmath.isinf(z),
            cmath.isfinite(z),
            cmath.isclose(z, z + 1e-12),
        )

    w, nan, inf, finite, near = both(3 - 4j)
    assert abs(w - (3 - 4j)) < 1e-15 * 8
    assert (nan, inf, finite, near) == (False, False, True, True)
    assert both(complex(math.nan, 1))[1] and both(complex(1, -math.inf))[2]
