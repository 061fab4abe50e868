"""The functions of ``math`` that are not single machine or libm operations."""

import math

from cantil.library import cast, math_function, overload


@overload(math.degrees)
def degrees(x: Real):
    """Radians to degrees.

    >>> math.degrees(x)
    """
    return x * (180.0 / math.pi)


@overload(math.radians)
def radians(x: Real):
    """Degrees to radians.

    >>> math.radians(x)
    """
    return x * (math.pi / 180.0)


@overload(math.gcd)
def gcd(a: Whole, b: Whole):
    """The greatest common divisor.

    >>> math.gcd(k, l)
    >>> math.gcd(-k, 0)
    """
    x = abs(a)
    y = abs(b)
    while y != 0:
        x, y = y, x % y
    return x


@overload(math.lcm)
def lcm(a: Whole, b: Whole):
    """The least common multiple.

    >>> math.lcm(k, l)
    """
    if a == 0 or b == 0:
        return 0
    return abs(a // math.gcd(a, b) * b)


@overload(math.factorial)
def factorial(n: Whole):
    """``n!`` for ``0 <= n <= 20``; beyond that it does not fit 64 bits.

    >>> math.factorial(k)
    """
    if n < 0:
        raise ValueError("factorial() not defined for negative values")
    if n > 20:
        raise OverflowError("factorial() result does not fit 64 bits")
    result = 1
    for k in range(2, n + 1):
        result *= k
    return result


@overload(math.comb)
def comb(n: Whole, k: Whole):
    """Ways to choose l of k.

    >>> math.comb(k, 3)
    """
    if n < 0:
        raise ValueError("n must be a non-negative integer")
    if k < 0:
        raise ValueError("k must be a non-negative integer")
    if k > n:
        return 0
    if k > n - k:
        k = n - k
    result = 1
    for i in range(k):
        result = result * (n - i) // (i + 1)
    return result


@overload(math.perm)
def perm(n: Whole, k: Whole):
    """Ordered ways to choose l of k.

    >>> math.perm(k, 3)
    """
    if n < 0:
        raise ValueError("n must be a non-negative integer")
    if k < 0:
        raise ValueError("k must be a non-negative integer")
    if k > n:
        return 0
    result = 1
    for i in range(k):
        result *= n - i
    return result


@overload(math.isqrt)
def isqrt(n: Whole):
    """The integer square root.

    >>> math.isqrt(k)
    """
    if n < 0:
        raise ValueError("isqrt() argument must be nonnegative")
    r = int(math.sqrt(n))
    while r * r > n:
        r -= 1
    while (r + 1) * (r + 1) <= n:
        r += 1
    return r


@overload(math.isclose)
def isclose(a: Real, b: Real, *, rel_tol=1e-09, abs_tol=0.0):
    """Whether two numbers are close, by relative and absolute tolerance.

    >>> math.isclose(x, x + 1e-12)
    >>> math.isclose(x, y)
    """
    if rel_tol < 0.0 or abs_tol < 0.0:
        raise ValueError("tolerances must be non-negative")
    if a == b:
        return True
    if math.isinf(a) or math.isinf(b):
        return False
    d = abs(b - a)
    return d <= abs(rel_tol * b) or d <= abs(rel_tol * a) or d <= abs_tol


@overload(math.modf)
def modf(x: Real):
    """The fractional and the whole part.

    >>> math.modf(x)
    """
    y = cast(x, float64)
    if math.isinf(y):
        return math.copysign(0.0, y), y
    whole = math_function("trunc", y)
    return math.copysign(y - whole, y), whole


@overload(math.frexp)
def frexp(x: Real):
    """Mantissa and exponent.

    >>> math.frexp(x)
    """
    y = cast(x, float64)
    if y == 0.0 or math.isinf(y) or math.isnan(y):
        return y, 0
    e = 0
    m = abs(y)
    if m < 2.2250738585072014e-308:
        m *= 18014398509481984.0  # 2**54: out of the subnormal range
        e = -54
    k = int(math.floor(math.log2(m))) + 1
    m = math.ldexp(m, -k)
    if m >= 1.0:
        m *= 0.5
        k += 1
    elif m < 0.5:
        m *= 2.0
        k -= 1
    return math.copysign(m, y), e + k


@overload(math.log)
def log_base(x: Real, base: Real):
    """The natural logarithm, or that to a base.

    >>> math.log(y)
    >>> math.log(y, 3.0)
    """
    return math.log(x) / math.log(base)


@overload(math.dist)
def dist(p: Tuple, q: Tuple):
    """The Euclidean distance of two points.

    >>> math.dist((x, y), (1.0, 2.0))
    """
    total = 0.0
    for i in range(len(p)):
        d = p[i] - q[i]
        total += d * d
    return math.sqrt(total)
