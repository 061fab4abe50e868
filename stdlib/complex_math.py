"""``cmath``, and NumPy's functions of the same names on complex numbers.

Algorithms: W. Kahan, "Branch Cuts for Complex Elementary Functions, or Much Ado About Nothing's Sign Bit" (1987), in
the overflow-safe forms for square root, logarithm and the inverse functions.
"""

import cmath
import math

import numpy as np
from cantil.library import cast, complex_of, math_function, overload, part_of, type_of, ufunc


def _complex(z):
    return cast(z, complex_of(type_of(z)))


@overload(cmath.phase)
@overload(np.angle)
def phase(z: Number):
    """The angle of a complex number.

    >>> cmath.phase(w)
    >>> np.angle(w)
    """
    w = _complex(z)
    return math_function("atan2", w.imag, w.real)


@overload(cmath.polar)
def polar(z: Number):
    """Modulus and angle.

    >>> cmath.polar(w)
    """
    w = _complex(z)
    return math_function("hypot", w.real, w.imag), math_function("atan2", w.imag, w.real)


@overload(cmath.rect)
def rect(r: Real, phi: Real):
    """The number of a modulus and an angle.

    >>> cmath.rect(x, y)
    """
    a = cast(r, float64)
    p = cast(phi, float64)
    if p == 0.0:
        return complex(a, a * p)
    return complex(a * math.cos(p), a * math.sin(p))


@overload(cmath.isnan)
def isnan(z: Complex):
    """Whether a part is NaN.

    >>> cmath.isnan(w)
    """
    return math_function("isnan", z.real) or math_function("isnan", z.imag)


@overload(cmath.isinf)
def isinf(z: Complex):
    """Whether a part is infinite.

    >>> cmath.isinf(w)
    """
    return math_function("isinf", z.real) or math_function("isinf", z.imag)


@overload(cmath.isfinite)
def isfinite(z: Complex):
    """Whether both parts are finite.

    >>> cmath.isfinite(w)
    """
    return math_function("isfinite", z.real) and math_function("isfinite", z.imag)


@overload(cmath.isnan)
def isnan_real(x: Real):
    return math.isnan(x)


@overload(cmath.isinf)
def isinf_real(x: Real):
    return math.isinf(x)


@overload(cmath.isfinite)
def isfinite_real(x: Real):
    return math.isfinite(x)


@overload(cmath.isclose)
def isclose(a: Number, b: Number, *, rel_tol=1e-09, abs_tol=0.0):
    """Whether two numbers are close.

    >>> cmath.isclose(w, w + 1e-12)
    """
    if rel_tol < 0.0 or abs_tol < 0.0:
        raise ValueError("tolerances must be non-negative")
    x = _complex(a)
    y = _complex(b)
    if x == y:
        return True
    if isinf(x) or isinf(y):
        return False
    d = abs(x - y)
    return d <= abs(rel_tol * abs(y)) or d <= abs(rel_tol * abs(x)) or d <= abs_tol


def _exp(w):
    T = type_of(w)
    x = w.real
    y = w.imag
    if y == 0:
        return T(math_function("exp", x), y)
    if math_function("isinf", x):
        if x < 0 and not math_function("isfinite", y):
            return T(0, 0)
        if x > 0 and not math_function("isfinite", y):
            return T(x, y - y)
    if x > 700:
        # exp(x) alone would overflow where the product does not.
        e = math_function("exp", x - 1)
        return T(
            e * math_function("cos", y) * cast(math.e, type_of(x)),
            e * math_function("sin", y) * cast(math.e, type_of(x)),
        )
    e = math_function("exp", x)
    return T(e * math_function("cos", y), e * math_function("sin", y))


def _log(w):
    T = type_of(w)
    P = part_of(T)
    x = abs(w.real)
    y = abs(w.imag)
    big = max(x, y)
    small = min(x, y)
    angle = math_function("atan2", w.imag, w.real)
    if cast(0.5, P) <= big <= cast(2, P) and small <= 2:
        h = math_function("hypot", x, y)
        if cast(0.71, P) <= h <= cast(1.73, P):
            # Near 1 the logarithm's argument loses its digits: log(h) from h*h - 1.
            return T(math_function("log1p", (big - 1) * (big + 1) + small * small) / 2, angle)
        return T(math_function("log", h), angle)
    if big > cast(1e37, P):
        return T(
            math_function("log", math_function("hypot", x / 4, y / 4)) + cast(1.3862943611198906, P), angle
        )
    return T(math_function("log", math_function("hypot", x, y)), angle)


def _sqrt(w):
    T = type_of(w)
    P = part_of(T)
    x = w.real
    y = w.imag
    if x == 0 and y == 0:
        return T(0, y)
    if math_function("isinf", y):
        return T(abs(y), y)
    if math_function("isinf", x):
        if x > 0:
            return T(x, y if math_function("isnan", y) else math_function("copysign", cast(0, P), y))
        return T(y - y, math_function("copysign", -x, y))
    ax = abs(x) / 8
    s = 2 * math_function("sqrt", ax + math_function("hypot", ax, abs(y) / 8))
    if s == 0:
        # Both parts subnormal: scaled up by a power of four and back.
        k = cast(1 << 54, P)
        ax = abs(x) * k
        s = math_function("sqrt", (ax + math_function("hypot", ax, abs(y) * k)) / 2) / cast(1 << 27, P)
    d = abs(y) / (2 * s)
    if x >= 0:
        return T(s, math_function("copysign", d, y))
    return T(d, math_function("copysign", s, y))


def _sinh(w):
    T = type_of(w)
    s = math_function("sinh", w.real) * math_function("cos", w.imag)
    if w.imag == 0:
        return T(s, w.imag)
    return T(s, math_function("cosh", w.real) * math_function("sin", w.imag))


def _cosh(w):
    T = type_of(w)
    c = math_function("cosh", w.real) * math_function("cos", w.imag)
    if w.imag == 0:
        return T(c, w.imag * w.real)
    return T(c, math_function("sinh", w.real) * math_function("sin", w.imag))


def _tanh(w):
    T = type_of(w)
    P = part_of(T)
    x = w.real
    y = w.imag
    if abs(x) > 22:
        # tanh is ±1 to the last bit; the imaginary part decays as exp(-2|x|).
        if not math_function("isfinite", y):
            return T(math_function("copysign", cast(1, P), x), 0)
        t = math_function("exp", -abs(x))
        return T(
            math_function("copysign", cast(1, P), x),
            4 * math_function("sin", y) * math_function("cos", y) * t * t,
        )
    tx = math_function("tanh", x)
    ty = math_function("tan", y)
    c = 1 / math_function("cosh", x)
    u = tx * ty
    d = 1 + u * u
    return T(tx * (1 + ty * ty) / d, (ty / d) * c * c)


def _asinh(w):
    T = type_of(w)
    P = part_of(T)
    x = w.real
    y = w.imag
    if abs(x) > cast(1e18, P) or abs(y) > cast(1e18, P):
        l = _log(T(abs(x) / 2, y / 2))
        return T(
            math_function("copysign", l.real + cast(1.3862943611198906, P), x),
            math_function("copysign", math_function("atan2", y, abs(x)), y),
        )
    s1 = _sqrt(T(1 + y, -x))
    s2 = _sqrt(T(1 - y, x))
    return T(
        math_function("asinh", s1.real * s2.imag - s2.real * s1.imag),
        math_function("atan2", y, s1.real * s2.real - s1.imag * s2.imag),
    )


def _acos(w):
    T = type_of(w)
    P = part_of(T)
    x = w.real
    y = w.imag
    if abs(x) > cast(1e18, P) or abs(y) > cast(1e18, P):
        r = math_function("log", math_function("hypot", x / 2, y / 2)) + cast(1.3862943611198906, P)
        return T(math_function("atan2", abs(y), x), math_function("copysign", r, -y))
    s1 = _sqrt(T(1 - x, -y))
    s2 = _sqrt(T(1 + x, y))
    return T(
        2 * math_function("atan2", s1.real, s2.real),
        math_function("asinh", s2.real * s1.imag - s2.imag * s1.real),
    )


def _acosh(w):
    T = type_of(w)
    P = part_of(T)
    x = w.real
    y = w.imag
    if abs(x) > cast(1e18, P) or abs(y) > cast(1e18, P):
        return T(
            math_function("log", math_function("hypot", x / 2, y / 2)) + cast(1.3862943611198906, P),
            math_function("atan2", y, x),
        )
    s1 = _sqrt(T(x - 1, y))
    s2 = _sqrt(T(x + 1, y))
    return T(
        math_function("asinh", s1.real * s2.real + s1.imag * s2.imag),
        2 * math_function("atan2", s1.imag, s2.real),
    )


def _atanh(w):
    T = type_of(w)
    P = part_of(T)
    x = abs(w.real)
    y = w.imag if w.real >= 0 and not math_function("signbit", w.real) else -w.imag
    if x > cast(1e18, P) or abs(y) > cast(1e18, P):
        h = math_function("hypot", x / 2, y / 2)
        re = x / 4 / h / h
        im = math_function("copysign", cast(math.pi / 2, P), y)
    elif x == 1 and y == 0:
        re = cast(math.inf, P)
        im = y
    elif x == 1 and abs(y) < cast(1e-19, P):
        # y * y would vanish beside nothing else: the limits of both parts.
        re = -math_function("log", math_function("sqrt", abs(y)) / cast(1.4142135623730951, P))
        im = math_function("copysign", math_function("atan2", cast(2, P), -abs(y)) / 2, y)
    else:
        re = math_function("log1p", 4 * x / ((1 - x) * (1 - x) + y * y)) / 4
        im = math_function("atan2", 2 * y, (1 - x) * (1 + x) - y * y) / 2
    if math_function("signbit", w.real):
        return T(-re, -im)
    return T(re, im)


def _times_i(w):
    return type_of(w)(-w.imag, w.real)


def _over_i(w):
    return type_of(w)(w.imag, -w.real)


@overload(cmath.exp)
def exp(z: Number):
    """The exponential of a complex number.

    >>> cmath.exp(w)
    """
    return _exp(_complex(z))


@overload(cmath.log)
def log(z: Number):
    """The natural logarithm of a complex number.

    >>> cmath.log(w)
    """
    w = _complex(z)
    if w.real == 0 and w.imag == 0:
        raise ValueError("math domain error")
    return _log(w)


@overload(cmath.log)
def log_base(z: Number, base: Number):
    return cmath.log(z) / cmath.log(base)


@overload(cmath.log10)
def log10(z: Number):
    """The logarithm to base 10 of a complex number.

    >>> cmath.log10(w)
    """
    l = cmath.log(z)
    k = cast(0.4342944819032518, part_of(type_of(l)))
    return type_of(l)(l.real * k, l.imag * k)


@overload(cmath.sqrt)
def sqrt(z: Number):
    """The square root of a complex number.

    >>> cmath.sqrt(w)
    """
    return _sqrt(_complex(z))


@overload(cmath.sinh)
def sinh(z: Number):
    """The hyperbolic sine of a complex number.

    >>> cmath.sinh(w)
    """
    return _sinh(_complex(z))


@overload(cmath.cosh)
def cosh(z: Number):
    """The hyperbolic cosine of a complex number.

    >>> cmath.cosh(w)
    """
    return _cosh(_complex(z))


@overload(cmath.tanh)
def tanh(z: Number):
    """The hyperbolic tangent of a complex number.

    >>> cmath.tanh(w)
    """
    return _tanh(_complex(z))


@overload(cmath.sin)
def sin(z: Number):
    """The sine of a complex number.

    >>> cmath.sin(w)
    """
    return _over_i(_sinh(_times_i(_complex(z))))


@overload(cmath.cos)
def cos(z: Number):
    """The cosine of a complex number.

    >>> cmath.cos(w)
    """
    return _cosh(_times_i(_complex(z)))


@overload(cmath.tan)
def tan(z: Number):
    """The tangent of a complex number.

    >>> cmath.tan(w)
    """
    return _over_i(_tanh(_times_i(_complex(z))))


@overload(cmath.asinh)
def asinh(z: Number):
    """The inverse hyperbolic sine of a complex number.

    >>> cmath.asinh(w)
    """
    return _asinh(_complex(z))


@overload(cmath.acosh)
def acosh(z: Number):
    """The inverse hyperbolic cosine of a complex number.

    >>> cmath.acosh(w)
    """
    return _acosh(_complex(z))


@overload(cmath.atanh)
def atanh(z: Number):
    """The inverse hyperbolic tangent of a complex number.

    >>> cmath.atanh(w)
    """
    w = _complex(z)
    if w.imag == 0 and (w.real == 1 or w.real == -1):
        raise ValueError("math domain error")
    return _atanh(w)


@overload(cmath.asin)
def asin(z: Number):
    """The arc sine of a complex number.

    >>> cmath.asin(w)
    """
    return _over_i(_asinh(_times_i(_complex(z))))


@overload(cmath.acos)
def acos(z: Number):
    """The arc cosine of a complex number.

    >>> cmath.acos(w)
    """
    return _acos(_complex(z))


@overload(cmath.atan)
def atan(z: Number):
    """The arc tangent of a complex number.

    >>> cmath.atan(w)
    """
    w = _complex(z)
    if w.real == 0 and (w.imag == 1 or w.imag == -1):
        raise ValueError("math domain error")
    return _over_i(_atanh(_times_i(w)))


# NumPy's functions do not raise at singular points.


@ufunc(np.exp, "FD")
def np_exp(z):
    return _exp(z)


@ufunc(np.log, "FD")
def np_log(z):
    return _log(z)


@ufunc(np.sqrt, "FD")
def np_sqrt(z):
    return _sqrt(z)


@ufunc(np.sin, "FD")
def np_sin(z):
    return _over_i(_sinh(_times_i(z)))


@ufunc(np.cos, "FD")
def np_cos(z):
    return _cosh(_times_i(z))


@ufunc(np.tan, "FD")
def np_tan(z):
    return _over_i(_tanh(_times_i(z)))


@ufunc(np.sinh, "FD")
def np_sinh(z):
    return _sinh(z)


@ufunc(np.cosh, "FD")
def np_cosh(z):
    return _cosh(z)


@ufunc(np.tanh, "FD")
def np_tanh(z):
    return _tanh(z)


@ufunc(np.arcsin, "FD")
def np_arcsin(z):
    return _over_i(_asinh(_times_i(z)))


@ufunc(np.arccos, "FD")
def np_arccos(z):
    return _acos(z)


@ufunc(np.arctan, "FD")
def np_arctan(z):
    return _over_i(_atanh(_times_i(z)))


@ufunc(np.arcsinh, "FD")
def np_arcsinh(z):
    return _asinh(z)


@ufunc(np.arccosh, "FD")
def np_arccosh(z):
    return _acosh(z)


@ufunc(np.arctanh, "FD")
def np_arctanh(z):
    return _atanh(z)


@ufunc(np.log2, "FD")
def np_log2(z):
    w = _log(z)
    scale = cast(1.4426950408889634, part_of(type_of(z)))  # 1 / log(2)
    return type_of(z)(w.real * scale, w.imag * scale)


@ufunc(np.log10, "FD")
def np_log10(z):
    w = _log(z)
    scale = cast(0.4342944819032518, part_of(type_of(z)))  # 1 / log(10)
    return type_of(z)(w.real * scale, w.imag * scale)


@ufunc(np.exp2, "FD")
def np_exp2(z):
    scale = cast(0.6931471805599453, part_of(type_of(z)))  # log(2)
    return _exp(type_of(z)(z.real * scale, z.imag * scale))


@ufunc(np.log1p, "FD")
def np_log1p(z):
    # log|1 + z| from |1 + z|**2 - 1, which does not cancel near 0 and is not needed far from it.
    T = type_of(z)
    one = cast(1, part_of(T))
    modulus = math_function("hypot", one + z.real, z.imag)
    if modulus > 0.5 and modulus < 2:
        length = math_function("log1p", z.real * (z.real + 2 * one) + z.imag * z.imag) / 2
    else:
        length = math_function("log", modulus)
    return T(length, math_function("atan2", z.imag, one + z.real))


@ufunc(np.expm1, "FD")
def np_expm1(z):
    half = math_function("sin", z.imag / 2)
    real = math_function("expm1", z.real) * math_function("cos", z.imag) - 2 * half * half
    return type_of(z)(real, math_function("exp", z.real) * math_function("sin", z.imag))
