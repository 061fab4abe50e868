"""cuda.bf16: arithmetic, mathematics and conversions of bfloat16 numbers."""

from cantil import bfloat16, cuda
from cantil.library import (
    bits_of,
    cast,
    is_class,
    math_function,
    overload,
    primitive_as,
    type_of,
)


@overload(cuda.bf16.hadd)
def hadd(a: Real, b: Real):
    return cast(a, bfloat16) + cast(b, bfloat16)


@overload(cuda.bf16.hsub)
def hsub(a: Real, b: Real):
    return cast(a, bfloat16) - cast(b, bfloat16)


@overload(cuda.bf16.hmul)
def hmul(a: Real, b: Real):
    return cast(a, bfloat16) * cast(b, bfloat16)


@overload(cuda.bf16.hdiv)
def hdiv(a: Real, b: Real):
    return cast(a, bfloat16) / cast(b, bfloat16)


@overload(cuda.bf16.hfma)
def hfma(a: Real, b: Real, c: Real):
    """a * b + c, rounded once: the product is exact in float32."""
    x = cast(cast(a, bfloat16), float64) * cast(cast(b, bfloat16), float64)
    return cast(x + cast(cast(c, bfloat16), float64), bfloat16)


@overload(cuda.bf16.hneg)
def hneg(a: Real):
    return -cast(a, bfloat16)


@overload(cuda.bf16.habs)
def habs(a: Real):
    return math_function("fabs", cast(a, bfloat16))


@overload(cuda.bf16.hmax)
def hmax(a: Real, b: Real):
    return math_function("fmax", cast(a, bfloat16), cast(b, bfloat16))


@overload(cuda.bf16.hmin)
def hmin(a: Real, b: Real):
    return math_function("fmin", cast(a, bfloat16), cast(b, bfloat16))


@overload(cuda.bf16.heq)
def heq(a: Real, b: Real):
    return cast(a, bfloat16) == cast(b, bfloat16)


@overload(cuda.bf16.hne)
def hne(a: Real, b: Real):
    return cast(a, bfloat16) != cast(b, bfloat16)


@overload(cuda.bf16.hge)
def hge(a: Real, b: Real):
    return cast(a, bfloat16) >= cast(b, bfloat16)


@overload(cuda.bf16.hgt)
def hgt(a: Real, b: Real):
    return cast(a, bfloat16) > cast(b, bfloat16)


@overload(cuda.bf16.hle)
def hle(a: Real, b: Real):
    return cast(a, bfloat16) <= cast(b, bfloat16)


@overload(cuda.bf16.hlt)
def hlt(a: Real, b: Real):
    return cast(a, bfloat16) < cast(b, bfloat16)


@overload(cuda.bf16.hsin)
def hsin(a: Real):
    return math_function("sin", cast(a, bfloat16))


@overload(cuda.bf16.hcos)
def hcos(a: Real):
    return math_function("cos", cast(a, bfloat16))


@overload(cuda.bf16.hlog)
def hlog(a: Real):
    return math_function("log", cast(a, bfloat16))


@overload(cuda.bf16.hlog2)
def hlog2(a: Real):
    return math_function("log2", cast(a, bfloat16))


@overload(cuda.bf16.hlog10)
def hlog10(a: Real):
    return math_function("log10", cast(a, bfloat16))


@overload(cuda.bf16.hexp)
def hexp(a: Real):
    return math_function("exp", cast(a, bfloat16))


@overload(cuda.bf16.hexp2)
def hexp2(a: Real):
    return math_function("exp2", cast(a, bfloat16))


@overload(cuda.bf16.hexp10)
def hexp10(a: Real):
    return cast(math_function("pow", float32(10.0), cast(cast(a, bfloat16), float32)), bfloat16)


@overload(cuda.bf16.hsqrt)
def hsqrt(a: Real):
    return math_function("sqrt", cast(a, bfloat16))


@overload(cuda.bf16.hrsqrt)
def hrsqrt(a: Real):
    return math_function("rsqrt", cast(a, bfloat16))


@overload(cuda.bf16.hrcp)
def hrcp(a: Real):
    return cast(1.0, bfloat16) / cast(a, bfloat16)


@overload(cuda.bf16.hceil)
def hceil(a: Real):
    return math_function("ceil", cast(a, bfloat16))


@overload(cuda.bf16.hfloor)
def hfloor(a: Real):
    return math_function("floor", cast(a, bfloat16))


@overload(cuda.bf16.htrunc)
def htrunc(a: Real):
    return math_function("trunc", cast(a, bfloat16))


@overload(cuda.bf16.hrint)
def hrint(a: Real):
    return math_function("rint", cast(a, bfloat16))


@overload(cuda.bf16.htanh)
def htanh(a: Real):
    return math_function("tanh", cast(a, bfloat16))


@overload(cuda.bf16.htanh_approx)
def htanh_approx(a: Real):
    return math_function("tanh", cast(a, bfloat16))


@overload(cuda.bf16.hadd_rn)
def hadd_rn(a: Real, b: Real):
    """The sum, never fused with a product."""
    return cast(a, bfloat16) + cast(b, bfloat16)


@overload(cuda.bf16.hsub_rn)
def hsub_rn(a: Real, b: Real):
    """The difference, never fused with a product."""
    return cast(a, bfloat16) - cast(b, bfloat16)


@overload(cuda.bf16.hmul_rn)
def hmul_rn(a: Real, b: Real):
    """The product, never fused with a sum."""
    return cast(a, bfloat16) * cast(b, bfloat16)


def _saturated(x):
    """In [0, 1]; NaN becomes 0."""
    one = cast(1.0, bfloat16)
    zero = cast(0.0, bfloat16)
    if x >= one:
        return one
    if x > zero:
        return x
    return zero


@overload(cuda.bf16.hadd_sat)
def hadd_sat(a: Real, b: Real):
    return _saturated(cast(a, bfloat16) + cast(b, bfloat16))


@overload(cuda.bf16.hsub_sat)
def hsub_sat(a: Real, b: Real):
    return _saturated(cast(a, bfloat16) - cast(b, bfloat16))


@overload(cuda.bf16.hmul_sat)
def hmul_sat(a: Real, b: Real):
    return _saturated(cast(a, bfloat16) * cast(b, bfloat16))


@overload(cuda.bf16.hfma_sat)
def hfma_sat(a: Real, b: Real, c: Real):
    return _saturated(hfma(a, b, c))


@overload(cuda.bf16.hfma_relu)
def hfma_relu(a: Real, b: Real, c: Real):
    x = hfma(a, b, c)
    return cast(0.0, bfloat16) if x < cast(0.0, bfloat16) else x


@overload(cuda.bf16.hmax_nan)
def hmax_nan(a: Real, b: Real):
    """The larger; NaN where one is."""
    return math_function("maximum", cast(a, bfloat16), cast(b, bfloat16))


@overload(cuda.bf16.hmin_nan)
def hmin_nan(a: Real, b: Real):
    """The smaller; NaN where one is."""
    return math_function("minimum", cast(a, bfloat16), cast(b, bfloat16))


@overload(cuda.bf16.hisnan)
def hisnan(a: Real):
    return math_function("isnan", cast(cast(a, bfloat16), float32))


@overload(cuda.bf16.hisinf)
def hisinf(a: Real):
    return math_function("isinf", cast(cast(a, bfloat16), float32))


# Unordered comparisons hold where one is NaN.


@overload(cuda.bf16.hequ)
def hequ(a: Real, b: Real):
    x = cast(a, bfloat16)
    y = cast(b, bfloat16)
    return not (x < y or x > y)


@overload(cuda.bf16.hneu)
def hneu(a: Real, b: Real):
    return cast(a, bfloat16) != cast(b, bfloat16)


@overload(cuda.bf16.hgeu)
def hgeu(a: Real, b: Real):
    return not (cast(a, bfloat16) < cast(b, bfloat16))


@overload(cuda.bf16.hgtu)
def hgtu(a: Real, b: Real):
    return not (cast(a, bfloat16) <= cast(b, bfloat16))


@overload(cuda.bf16.hleu)
def hleu(a: Real, b: Real):
    return not (cast(a, bfloat16) > cast(b, bfloat16))


@overload(cuda.bf16.hltu)
def hltu(a: Real, b: Real):
    return not (cast(a, bfloat16) >= cast(b, bfloat16))


# ---- Conversions: the compiler takes their names apart (float32_to_bfloat16_rd) and calls these


def _truncated(bits):
    """The upper half of a float32's bits as a bfloat16."""
    return primitive_as(bfloat16, "bitcast", cast(bits >> 16, uint16))


@overload(cuda.bf16.from_number)
def from_float32(mode: LiteralStr, x: float32):
    if mode == "rn":
        return cast(x, bfloat16)
    bits = cast(primitive_as(uint32, "bitcast", x), int64)
    if x != x:
        return _truncated(bits | 0x400000)
    inexact = (bits & 0xFFFF) != 0
    if mode == "ru":
        if inexact and bits < 0x80000000:
            bits = bits + 0x10000
    if mode == "rd":
        if inexact and bits >= 0x80000000:
            bits = bits + 0x10000
    return _truncated(bits)


@overload(cuda.bf16.from_number)
def from_float64(mode: LiteralStr, x: float64):
    """By way of float32, rounded there to odd (rn) or in the same direction."""
    if mode == "ru":
        return from_float32(mode, cuda.libdevice.double2float_ru(x))
    if mode == "rd":
        return from_float32(mode, cuda.libdevice.double2float_rd(x))
    narrow = cuda.libdevice.double2float_rz(x)
    if mode == "rn" and cast(narrow, float64) != x and x == x:
        odd = primitive_as(uint32, "bitcast", narrow) | uint32(1)
        narrow = primitive_as(float32, "bitcast", cast(odd, uint32))
    return from_float32(mode, narrow)


@overload(cuda.bf16.from_number)
def from_whole(mode: LiteralStr, x: Whole):
    """By way of float64, which holds all but the widest exactly; those are rounded to odd or in the same direction."""
    T = type_of(x)
    if is_class(T, "Boolean") or bits_of(T) < 64:
        return from_float64(mode, cast(x, float64))
    if is_class(T, "Signed"):
        if mode == "ru":
            return from_float64(mode, cuda.libdevice.ll2double_ru(x))
        if mode == "rd":
            return from_float64(mode, cuda.libdevice.ll2double_rd(x))
        wide = cuda.libdevice.ll2double_rz(x)
        exact = cuda.libdevice.double2ll_rz(wide) == x
    else:
        if mode == "ru":
            return from_float64(mode, cuda.libdevice.ull2double_ru(x))
        if mode == "rd":
            return from_float64(mode, cuda.libdevice.ull2double_rd(x))
        wide = cuda.libdevice.ull2double_rz(x)
        exact = cast(cuda.libdevice.double2ull_rz(wide), uint64) == x
    if mode == "rn" and not exact:
        wide = primitive_as(float64, "bitcast", primitive_as(int64, "bitcast", wide) | 1)
    return from_float64(mode, wide)


@overload(cuda.bf16.to_number)
def to_number(mode: LiteralStr, T: Type, x: Real):
    """Saturating; NaN becomes 0."""
    value = cast(cast(x, bfloat16), float64)
    if is_class(T, "Float"):
        return cast(value, T)
    if mode == "rn":
        value = math_function("rint", value)
    elif mode == "rz":
        value = math_function("trunc", value)
    elif mode == "rd":
        value = math_function("floor", value)
    else:
        value = math_function("ceil", value)
    if is_class(T, "Signed"):
        if bits_of(T) == 64:
            return cuda.libdevice.double2ll_rz(value)
        most = cast((1 << (bits_of(T) - 1)) - 1, float64)
        least = -most - 1.0
        if value != value:
            return cast(0, T)
        return cast(cast(min(max(value, least), most), int64), T)
    if bits_of(T) == 64:
        return cast(cuda.libdevice.double2ull_rz(value), uint64)
    most = cast((1 << bits_of(T)) - 1, float64)
    if value != value:
        return cast(0, T)
    return cast(cast(min(max(value, 0.0), most), int64), T)


@overload(cuda.bf16.from_bits)
def from_bits(x: Whole):
    return primitive_as(bfloat16, "bitcast", cast(x, uint16))


@overload(cuda.bf16.to_bits)
def to_bits(T: Type, x: Real):
    return primitive_as(T, "bitcast", cast(x, bfloat16))
