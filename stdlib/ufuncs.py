"""NumPy's universal functions: for each the types it has loops for, and what it does with one element of each operand.

The loops stand in NumPy's order, by NumPy's type letters (frontend/typing/ufuncs.h); the first into which all operands
can be cast serves. A body that is a single expression costs no call.
"""

import math

import numpy as np
from cantil.library import cast, math_function, type_of, ufunc

# ---- Arithmetic


@ufunc(np.add, "?")
def add_bool(x1, x2):
    return x1 | x2


@ufunc(np.add, "bBhHiIlLefdFD")
def add(x1, x2):
    return x1 + x2


@ufunc(np.subtract, "bBhHiIlLefdFD")
def subtract(x1, x2):
    return x1 - x2


@ufunc(np.multiply, "?")
def multiply_bool(x1, x2):
    return x1 & x2


@ufunc(np.multiply, "bBhHiIlLefdFD")
def multiply(x1, x2):
    return x1 * x2


@ufunc(np.divide, "?bBhHiIlL:d efdFD")
def divide(x1, x2):
    return x1 / x2


@ufunc(np.floor_divide, "bBhHiIlLefd")
def floor_divide(x1, x2):
    return x1 // x2


@ufunc(np.remainder, "bBhHiIlLefd")
def remainder(x1, x2):
    return x1 % x2


@ufunc(np.fmod, "bBhHiIlL")
def fmod_int(x1, x2):
    # C's remainder: the sign of the dividend.
    if x2 == 0:
        return cast(0, type_of(x1))
    r = x1 % x2
    if r != 0 and (r < 0) != (x1 < 0):
        r -= x2
    return cast(r, type_of(x1))


@ufunc(np.fmod, "efd")
def fmod(x1, x2):
    return math_function("fmod", x1, x2)


@ufunc(np.divmod, "bBhHiIlLefd:")
def divmod_(x1, x2):
    return cast(x1 // x2, type_of(x1)), cast(x1 % x2, type_of(x1))


@ufunc(np.power, "bBhHiIlLefdFD")
def power(x1, x2):
    return x1**x2


@ufunc(np.float_power, "dD")
def float_power(x1, x2):
    return x1**x2


@ufunc(np.negative, "bBhHiIlLefdFD")
def negative(x):
    return -x


@ufunc(np.positive, "bBhHiIlLefdFD")
def positive(x):
    return x


@ufunc(np.absolute, "?")
def absolute_bool(x):
    return x


@ufunc(np.absolute, "bBhHiIlLefd FD:")
def absolute(x):
    return abs(x)


@ufunc(np.fabs, "efd")
def fabs(x):
    return math_function("fabs", x)


@ufunc(np.sign, "bBhHiIlL")
def sign_int(x):
    return cast(x > 0, type_of(x)) - cast(x < 0, type_of(x))


@ufunc(np.sign, "efd")
def sign_float(x):
    return (
        cast(1, type_of(x))
        if x > 0
        else (cast(-1, type_of(x)) if x < 0 else (cast(0, type_of(x)) if x == 0 else x))
    )


@ufunc(np.sign, "FD")
def sign_complex(x):
    # The direction, as NumPy 2; 0 stays 0 and NaN stays NaN. One infinite part is the direction.
    T = type_of(x)
    if math_function("isinf", x.real) != math_function("isinf", x.imag):
        if math_function("isinf", x.real):
            return (
                T(math_function("copysign", cast(1, type_of(x.real)), x.real), 0)
                if x.imag == x.imag
                else T(math.nan, math.nan)
            )
        return (
            T(0, math_function("copysign", cast(1, type_of(x.real)), x.imag))
            if x.real == x.real
            else T(math.nan, math.nan)
        )
    m = math_function("hypot", x.real, x.imag)
    if m == 0:
        return T(0, 0)
    return T(x.real / m, x.imag / m)


@ufunc(np.square, "bBhHiIlLefdFD")
def square(x):
    return x * x


@ufunc(np.reciprocal, "bBhHiIlL")
def reciprocal_int(x):
    return x if x == 1 or x == cast(-1, type_of(x)) and x < 0 else cast(0, type_of(x))


@ufunc(np.reciprocal, "efdFD")
def reciprocal(x):
    return cast(1, type_of(x)) / x


@ufunc(np.conjugate, "bBhHiIlLefd")
def conjugate_real(x):
    return x


@ufunc(np.conjugate, "FD")
def conjugate(x):
    return x.conjugate()


@ufunc(np.gcd, "bBhHiIlL")
def gcd(x1, x2):
    a = x1
    b = x2
    while b != 0:
        a, b = b, cast(a % b, type_of(x1))
    return abs(a)


@ufunc(np.lcm, "bBhHiIlL")
def lcm(x1, x2):
    a = x1
    b = x2
    while b != 0:
        a, b = b, cast(a % b, type_of(x1))
    if a == 0:
        return cast(0, type_of(x1))
    return cast(abs(x1) // abs(a) * abs(x2), type_of(x1))


# ---- Powers, exponentials and logarithms


@ufunc(np.sqrt, "efd")
def sqrt(x):
    return math_function("sqrt", x)


@ufunc(np.cbrt, "efd")
def cbrt(x):
    return math_function("cbrt", x)


@ufunc(np.exp, "efd")
def exp(x):
    return math_function("exp", x)


@ufunc(np.exp2, "efd")
def exp2(x):
    return math_function("exp2", x)


@ufunc(np.expm1, "efd")
def expm1(x):
    return math_function("expm1", x)


@ufunc(np.log, "efd")
def log(x):
    return math_function("log", x)


@ufunc(np.log2, "efd")
def log2(x):
    return math_function("log2", x)


@ufunc(np.log10, "efd")
def log10(x):
    return math_function("log10", x)


@ufunc(np.log1p, "efd")
def log1p(x):
    return math_function("log1p", x)


@ufunc(np.logaddexp, "efd")
def logaddexp(x1, x2):
    if x1 == x2:  # infinities of one sign included
        return x1 + cast(0.6931471805599453, type_of(x1))
    d = x1 - x2
    if d > 0:
        return x1 + math_function("log1p", math_function("exp", -d))
    if d <= 0:
        return x2 + math_function("log1p", math_function("exp", d))
    return d  # NaN


@ufunc(np.logaddexp2, "efd")
def logaddexp2(x1, x2):
    if x1 == x2:
        return x1 + cast(1, type_of(x1))
    d = x1 - x2
    e = cast(1.4426950408889634, type_of(x1))  # log2(e)
    if d > 0:
        return x1 + e * math_function("log1p", math_function("exp2", -d))
    if d <= 0:
        return x2 + e * math_function("log1p", math_function("exp2", d))
    return d  # NaN


# ---- Trigonometric and hyperbolic functions


@ufunc(np.sin, "efd")
def sin(x):
    return math_function("sin", x)


@ufunc(np.cos, "efd")
def cos(x):
    return math_function("cos", x)


@ufunc(np.tan, "efd")
def tan(x):
    return math_function("tan", x)


@ufunc(np.arcsin, "efd")
def arcsin(x):
    return math_function("asin", x)


@ufunc(np.arccos, "efd")
def arccos(x):
    return math_function("acos", x)


@ufunc(np.arctan, "efd")
def arctan(x):
    return math_function("atan", x)


@ufunc(np.arctan2, "efd")
def arctan2(x1, x2):
    return math_function("atan2", x1, x2)


@ufunc(np.hypot, "efd")
def hypot(x1, x2):
    return math_function("hypot", x1, x2)


@ufunc(np.sinh, "efd")
def sinh(x):
    return math_function("sinh", x)


@ufunc(np.cosh, "efd")
def cosh(x):
    return math_function("cosh", x)


@ufunc(np.tanh, "efd")
def tanh(x):
    return math_function("tanh", x)


@ufunc(np.arcsinh, "efd")
def arcsinh(x):
    return math_function("asinh", x)


@ufunc(np.arccosh, "efd")
def arccosh(x):
    return math_function("acosh", x)


@ufunc(np.arctanh, "efd")
def arctanh(x):
    return math_function("atanh", x)


@ufunc(np.deg2rad, "efd")
def deg2rad(x):
    return x * cast(math.pi / 180.0, type_of(x))


@ufunc(np.radians, "efd")
def radians(x):
    return x * cast(math.pi / 180.0, type_of(x))


@ufunc(np.rad2deg, "efd")
def rad2deg(x):
    return x * cast(180.0 / math.pi, type_of(x))


@ufunc(np.degrees, "efd")
def degrees(x):
    return x * cast(180.0 / math.pi, type_of(x))


# ---- Bits


@ufunc(np.bitwise_and, "?bBhHiIlL")
def bitwise_and(x1, x2):
    return x1 & x2


@ufunc(np.bitwise_or, "?bBhHiIlL")
def bitwise_or(x1, x2):
    return x1 | x2


@ufunc(np.bitwise_xor, "?bBhHiIlL")
def bitwise_xor(x1, x2):
    return x1 ^ x2


@ufunc(np.invert, "?bBhHiIlL")
def invert(x):
    return ~x


@ufunc(np.left_shift, "bBhHiIlL")
def left_shift(x1, x2):
    return x1 << x2


@ufunc(np.right_shift, "bBhHiIlL")
def right_shift(x1, x2):
    return x1 >> x2


# ---- Comparison and logic


@ufunc(np.equal, "?bBhHiIlL:? lL->? Ll->? efdFD:?")
def equal(x1, x2):
    return x1 == x2


@ufunc(np.not_equal, "?bBhHiIlL:? lL->? Ll->? efdFD:?")
def not_equal(x1, x2):
    return x1 != x2


@ufunc(np.less, "?bBhHiIlL:? lL->? Ll->? efd:?")
def less(x1, x2):
    return x1 < x2


@ufunc(np.less, "FD:?")
def less_complex(x1, x2):
    return (x1.real < x2.real) | ((x1.real == x2.real) & (x1.imag < x2.imag))


@ufunc(np.less_equal, "?bBhHiIlL:? lL->? Ll->? efd:?")
def less_equal(x1, x2):
    return x1 <= x2


@ufunc(np.less_equal, "FD:?")
def less_equal_complex(x1, x2):
    return (x1.real < x2.real) | ((x1.real == x2.real) & (x1.imag <= x2.imag))


@ufunc(np.greater, "?bBhHiIlL:? lL->? Ll->? efd:?")
def greater(x1, x2):
    return x1 > x2


@ufunc(np.greater, "FD:?")
def greater_complex(x1, x2):
    return (x1.real > x2.real) | ((x1.real == x2.real) & (x1.imag > x2.imag))


@ufunc(np.greater_equal, "?bBhHiIlL:? lL->? Ll->? efd:?")
def greater_equal(x1, x2):
    return x1 >= x2


@ufunc(np.greater_equal, "FD:?")
def greater_equal_complex(x1, x2):
    return (x1.real > x2.real) | ((x1.real == x2.real) & (x1.imag >= x2.imag))


@ufunc(np.logical_and, "?bBhHiIlLefdFD:?")
def logical_and(x1, x2):
    return (x1 != 0) & (x2 != 0)


@ufunc(np.logical_or, "?bBhHiIlLefdFD:?")
def logical_or(x1, x2):
    return (x1 != 0) | (x2 != 0)


@ufunc(np.logical_xor, "?bBhHiIlLefdFD:?")
def logical_xor(x1, x2):
    return (x1 != 0) ^ (x2 != 0)


@ufunc(np.logical_not, "?bBhHiIlLefdFD:?")
def logical_not(x):
    return x == 0


@ufunc(np.maximum, "?")
def maximum_bool(x1, x2):
    return x1 | x2


@ufunc(np.maximum, "bBhHiIlL")
def maximum_int(x1, x2):
    return max(x1, x2)


@ufunc(np.maximum, "efd")
def maximum(x1, x2):
    return math_function("maximum", x1, x2)


@ufunc(np.maximum, "FD")
def maximum_complex(x1, x2):
    if x1 != x1 or (x2 == x2 and (x1.real > x2.real or (x1.real == x2.real and x1.imag >= x2.imag))):
        return x1
    return x2


@ufunc(np.minimum, "?")
def minimum_bool(x1, x2):
    return x1 & x2


@ufunc(np.minimum, "bBhHiIlL")
def minimum_int(x1, x2):
    return min(x1, x2)


@ufunc(np.minimum, "efd")
def minimum(x1, x2):
    return math_function("minimum", x1, x2)


@ufunc(np.minimum, "FD")
def minimum_complex(x1, x2):
    if x1 != x1 or (x2 == x2 and (x1.real < x2.real or (x1.real == x2.real and x1.imag <= x2.imag))):
        return x1
    return x2


@ufunc(np.fmax, "?")
def fmax_bool(x1, x2):
    return x1 | x2


@ufunc(np.fmax, "bBhHiIlL")
def fmax_int(x1, x2):
    return max(x1, x2)


@ufunc(np.fmax, "efd")
def fmax(x1, x2):
    return math_function("fmax", x1, x2)


@ufunc(np.fmax, "FD")
def fmax_complex(x1, x2):
    if x2 != x2 or (x1 == x1 and (x1.real > x2.real or (x1.real == x2.real and x1.imag >= x2.imag))):
        return x1
    return x2


@ufunc(np.fmin, "?")
def fmin_bool(x1, x2):
    return x1 & x2


@ufunc(np.fmin, "bBhHiIlL")
def fmin_int(x1, x2):
    return min(x1, x2)


@ufunc(np.fmin, "efd")
def fmin(x1, x2):
    return math_function("fmin", x1, x2)


@ufunc(np.fmin, "FD")
def fmin_complex(x1, x2):
    if x2 != x2 or (x1 == x1 and (x1.real < x2.real or (x1.real == x2.real and x1.imag <= x2.imag))):
        return x1
    return x2


# ---- Floating point


@ufunc(np.isfinite, "?bBhHiIlL:?")
def isfinite_int(x):
    return True


@ufunc(np.isfinite, "efd:?")
def isfinite(x):
    return math_function("isfinite", x)


@ufunc(np.isfinite, "FD:?")
def isfinite_complex(x):
    return math_function("isfinite", x.real) & math_function("isfinite", x.imag)


@ufunc(np.isinf, "?bBhHiIlL:?")
def isinf_int(x):
    return False


@ufunc(np.isinf, "efd:?")
def isinf(x):
    return math_function("isinf", x)


@ufunc(np.isinf, "FD:?")
def isinf_complex(x):
    return math_function("isinf", x.real) | math_function("isinf", x.imag)


@ufunc(np.isnan, "?bBhHiIlL:?")
def isnan_int(x):
    return False


@ufunc(np.isnan, "efdFD:?")
def isnan(x):
    return x != x


@ufunc(np.signbit, "efd:?")
def signbit(x):
    return math_function("signbit", x)


@ufunc(np.copysign, "efd")
def copysign(x1, x2):
    return math_function("copysign", x1, x2)


@ufunc(np.nextafter, "fd")
def nextafter(x1, x2):
    return math_function("nextafter", x1, x2)


@ufunc(np.spacing, "fd")
def spacing(x):
    # To the next number away from zero, with the sign of x.
    T = type_of(x)
    if math_function("isinf", x):
        return cast(math.nan, T)
    up = math_function("nextafter", math_function("fabs", x), cast(math.inf, T)) - math_function("fabs", x)
    return -up if x < 0 else up


@ufunc(np.floor, "?bBhHiIlL")
def floor_int(x):
    return x


@ufunc(np.floor, "efd")
def floor(x):
    return math_function("floor", x)


@ufunc(np.ceil, "?bBhHiIlL")
def ceil_int(x):
    return x


@ufunc(np.ceil, "efd")
def ceil(x):
    return math_function("ceil", x)


@ufunc(np.trunc, "?bBhHiIlL")
def trunc_int(x):
    return x


@ufunc(np.trunc, "efd")
def trunc(x):
    return math_function("trunc", x)


@ufunc(np.rint, "efd")
def rint(x):
    return math_function("rint", x)


@ufunc(np.rint, "FD")
def rint_complex(x):
    return type_of(x)(math_function("rint", x.real), math_function("rint", x.imag))


@ufunc(np.ldexp, "ei->e fi->f di->d el->e fl->f dl->d")
def ldexp(x1, x2):
    return math_function("ldexp", x1, cast(min(max(cast(x2, int64), -100000), 100000), int32))


@ufunc(np.modf, "fd:")
def modf(x):
    T = type_of(x)
    whole = math_function("trunc", x)
    if math_function("isinf", x):
        return math_function("copysign", cast(0, T), x), whole
    return math_function("copysign", x - whole, x), whole


@ufunc(np.frexp, "fd:")
def frexp(x):
    m, e = math.frexp(x)
    return cast(m, type_of(x)), cast(e, int32)


@ufunc(np.heaviside, "efd")
def heaviside(x1, x2):
    return x1 if x1 != x1 else (x2 if x1 == 0 else (cast(0, type_of(x1)) if x1 < 0 else cast(1, type_of(x1))))
