"""Arithmetic of scalars beyond the IR's operations: floats' // and %, integer powers, complex numbers."""

import operator

from cantil.library import (
    arith_type,
    cast,
    math_function,
    numpy_errors,
    overload,
    primitive,
    type_of,
)


@overload(operator.floordiv)
def float_floordiv(a: Real, b: Real):
    """Division rounded down.

    >>> -k // l
    >>> -x // y
    """
    T = arith_type(type_of(a), type_of(b))
    x = cast(a, T)
    y = cast(b, T)
    if y == 0:
        if not numpy_errors():
            raise ZeroDivisionError("float floor division by zero")
        return x / y
    # As CPython: from the exact remainder, so that q * y + r == x holds as well as it can.
    r = math_function("fmod", x, y)
    q = (x - r) / y
    if r != 0 and (r < 0) != (y < 0):
        q -= cast(1, T)
    if q == 0:
        return math_function("copysign", cast(0, T), x / y)
    f = math_function("floor", q)
    if q - f > cast(0.5, T):
        f += cast(1, T)
    return f


@overload(operator.mod)
def float_mod(a: Real, b: Real):
    """The remainder, with the sign of the divisor.

    >>> -k % l
    >>> x % -y
    """
    T = arith_type(type_of(a), type_of(b))
    x = cast(a, T)
    y = cast(b, T)
    if y == 0 and not numpy_errors():
        raise ZeroDivisionError("float modulo")
    r = math_function("fmod", x, y)
    if r == 0:
        return math_function("copysign", cast(0, T), y)
    if (r < 0) != (y < 0):
        r += y
    return r


@overload(operator.pow)
def int_pow(a: Whole, b: Whole):
    """Powers.

    >>> x**y
    >>> k**l
    >>> w**2
    """
    T = arith_type(type_of(a), type_of(b))
    base = cast(a, T)
    n = b
    if n < 0:
        # What Numba gives: the power of a reciprocal, as an integer.
        if base == 1:
            return cast(1, T)
        if base == -1:
            return cast(1, T) if (n & 1) == 0 else cast(-1, T)
        if base == 0 and not numpy_errors():
            raise ZeroDivisionError("0.0 cannot be raised to a negative power")
        return cast(0, T)
    result = cast(1, T)
    while n > 0:
        if n & 1:
            result = cast(result * base, T)
        base = cast(base * base, T)
        n = n >> 1
    return result


@overload(pow)
def pow_modulo(a: Whole, b: Whole, m: Whole):
    """``pow(a, b, m)`` for ``b >= 0``, by squaring; intermediate products wrap beyond 64 bits.

    >>> pow(x, 2)
    >>> pow(k, l)
    >>> pow(k, l, 7)
    """
    if m == 0:
        raise ValueError("pow() 3rd argument cannot be 0")
    if b < 0:
        raise ValueError("pow() 2nd argument cannot be negative when 3rd argument specified")
    result = 1 % m
    base = a % m
    n = b
    while n > 0:
        if n & 1:
            result = (result * base) % m
        base = (base * base) % m
        n = n >> 1
    return result


@overload(operator.truediv)
def complex_truediv(a: Number, b: Number):
    """Division.

    >>> k / l
    >>> w / x
    """
    T = arith_type(type_of(a), type_of(b))
    x = cast(a, T)
    y = cast(b, T)
    if y.real == 0 and y.imag == 0 and not numpy_errors():
        raise ZeroDivisionError("complex division by zero")
    # Smith's method (R. L. Smith, Algorithm 116: Complex division, CACM 5 (8), 1962), as CPython and NumPy.
    if abs(y.real) >= abs(y.imag):
        if y.real == 0 and y.imag == 0:
            return T(x.real / abs(y.real), x.imag / abs(y.real))
        ratio = y.imag / y.real
        denominator = y.real + y.imag * ratio
        return T((x.real + x.imag * ratio) / denominator, (x.imag - x.real * ratio) / denominator)
    ratio = y.real / y.imag
    denominator = y.real * ratio + y.imag
    return T((x.real * ratio + x.imag) / denominator, (x.imag * ratio - x.real) / denominator)


@overload(operator.pow)
def complex_pow(a: Number, b: Number):
    T = arith_type(type_of(a), type_of(b))
    x = cast(a, T)
    y = cast(b, T)
    if y.real == 0 and y.imag == 0:
        return T(1, 0)
    if x.real == 0 and x.imag == 0:
        if (y.imag != 0 or y.real < 0) and not numpy_errors():
            raise ZeroDivisionError("0.0 to a negative or complex power")
        return T(0, 0)
    n = y.real
    if y.imag == 0 and n == math_function("rint", n) and abs(n) <= 100:
        # Small integer powers by multiplication, as CPython.
        k = abs(cast(n, int64))
        result = T(1, 0)
        power = x
        while k > 0:
            if k & 1:
                result = result * power
            power = power * power
            k = k >> 1
        if n < 0:
            return T(1, 0) / result
        return result
    modulus = math_function("hypot", x.real, x.imag)
    angle = math_function("atan2", x.imag, x.real)
    length = math_function("pow", modulus, y.real)
    phase = angle * y.real
    if y.imag != 0:
        length = length / math_function("exp", angle * y.imag)
        phase = phase + y.imag * math_function("log", modulus)
    return T(length * math_function("cos", phase), length * math_function("sin", phase))


@overload(round)
def round_int(x: Whole):
    """Rounded to even, to whole numbers or digits.

    >>> round(x)
    >>> round(x, 1)
    >>> round(k)
    """
    return cast(x, int64)


@overload(round)
def round_none(x: Float):
    return cast(math_function("rint", x), int64)


@overload(round)
def round_digits(x: Float, ndigits: Whole):
    if math_function("isnan", x) or math_function("isinf", x):
        return x
    if ndigits >= 0:
        if ndigits > 22:
            scale1 = math_function("pow", cast(10, type_of(x)), cast(ndigits - 22, type_of(x)))
            scale2 = cast(1e22, type_of(x))
        else:
            scale1 = math_function("pow", cast(10, type_of(x)), cast(ndigits, type_of(x)))
            scale2 = cast(1, type_of(x))
        y = (x * scale1) * scale2
        if math_function("isinf", y):
            return x
        return (math_function("rint", y) / scale2) / scale1
    scale = math_function("pow", cast(10, type_of(x)), cast(-ndigits, type_of(x)))
    return math_function("rint", x / scale) * scale


@overload("method:number.conjugate")
def conjugate(x: Complex):
    """The complex conjugate.

    >>> w.conjugate()
    >>> x.conjugate()
    """
    return type_of(x)(x.real, -x.imag)


@overload("method:number.conjugate")
def conjugate_real(x: Real):
    return x


@overload("method:number.is_integer")
def is_integer(x: Float):
    """Whether the number is whole.

    >>> x.is_integer()
    >>> (x * 4.0).is_integer()
    """
    return math_function("isfinite", x) and math_function("floor", x) == x


@overload("method:number.bit_length")
def bit_length(x: Integer):
    """How many bits the absolute value takes.

    >>> k.bit_length()
    """
    n = x if x >= 0 else -x
    return 64 - cast(primitive("clz", cast(n, int64)), int64)
