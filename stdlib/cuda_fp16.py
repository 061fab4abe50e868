"""cuda.fp16: arithmetic and mathematics of float16 numbers."""

from cantil import cuda
from cantil.library import cast, math_function, overload


@overload(cuda.fp16.hadd)
def hadd(a: Real, b: Real):
    return cast(a, float16) + cast(b, float16)


@overload(cuda.fp16.hsub)
def hsub(a: Real, b: Real):
    return cast(a, float16) - cast(b, float16)


@overload(cuda.fp16.hmul)
def hmul(a: Real, b: Real):
    return cast(a, float16) * cast(b, float16)


@overload(cuda.fp16.hdiv)
def hdiv(a: Real, b: Real):
    return cast(a, float16) / cast(b, float16)


@overload(cuda.fp16.hfma)
def hfma(a: Real, b: Real, c: Real):
    """a * b + c, rounded once: the product is exact in float64, and nearly always so is the sum."""
    x = cast(cast(a, float16), float64)
    y = cast(cast(b, float16), float64)
    return cast(math_function("fma", x, y, cast(cast(c, float16), float64)), float16)


@overload(cuda.fp16.hneg)
def hneg(a: Real):
    return -cast(a, float16)


@overload(cuda.fp16.habs)
def habs(a: Real):
    return math_function("fabs", cast(a, float16))


@overload(cuda.fp16.hmax)
def hmax(a: Real, b: Real):
    return math_function("fmax", cast(a, float16), cast(b, float16))


@overload(cuda.fp16.hmin)
def hmin(a: Real, b: Real):
    return math_function("fmin", cast(a, float16), cast(b, float16))


@overload(cuda.fp16.heq)
def heq(a: Real, b: Real):
    return cast(a, float16) == cast(b, float16)


@overload(cuda.fp16.hne)
def hne(a: Real, b: Real):
    return cast(a, float16) != cast(b, float16)


@overload(cuda.fp16.hge)
def hge(a: Real, b: Real):
    return cast(a, float16) >= cast(b, float16)


@overload(cuda.fp16.hgt)
def hgt(a: Real, b: Real):
    return cast(a, float16) > cast(b, float16)


@overload(cuda.fp16.hle)
def hle(a: Real, b: Real):
    return cast(a, float16) <= cast(b, float16)


@overload(cuda.fp16.hlt)
def hlt(a: Real, b: Real):
    return cast(a, float16) < cast(b, float16)


@overload(cuda.fp16.hsin)
def hsin(a: Real):
    return math_function("sin", cast(a, float16))


@overload(cuda.fp16.hcos)
def hcos(a: Real):
    return math_function("cos", cast(a, float16))


@overload(cuda.fp16.hlog)
def hlog(a: Real):
    return math_function("log", cast(a, float16))


@overload(cuda.fp16.hlog2)
def hlog2(a: Real):
    return math_function("log2", cast(a, float16))


@overload(cuda.fp16.hlog10)
def hlog10(a: Real):
    return math_function("log10", cast(a, float16))


@overload(cuda.fp16.hexp)
def hexp(a: Real):
    return math_function("exp", cast(a, float16))


@overload(cuda.fp16.hexp2)
def hexp2(a: Real):
    return math_function("exp2", cast(a, float16))


@overload(cuda.fp16.hexp10)
def hexp10(a: Real):
    return cast(math_function("pow", float32(10.0), cast(cast(a, float16), float32)), float16)


@overload(cuda.fp16.hsqrt)
def hsqrt(a: Real):
    return math_function("sqrt", cast(a, float16))


@overload(cuda.fp16.hrsqrt)
def hrsqrt(a: Real):
    return math_function("rsqrt", cast(a, float16))


@overload(cuda.fp16.hrcp)
def hrcp(a: Real):
    return float16(1.0) / cast(a, float16)


@overload(cuda.fp16.hceil)
def hceil(a: Real):
    return math_function("ceil", cast(a, float16))


@overload(cuda.fp16.hfloor)
def hfloor(a: Real):
    return math_function("floor", cast(a, float16))


@overload(cuda.fp16.htrunc)
def htrunc(a: Real):
    return math_function("trunc", cast(a, float16))


@overload(cuda.fp16.hrint)
def hrint(a: Real):
    return math_function("rint", cast(a, float16))


@overload(cuda.fp16.htanh)
def htanh(a: Real):
    return math_function("tanh", cast(a, float16))
