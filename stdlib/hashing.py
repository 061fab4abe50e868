"""hash(): CPython's values for numbers and tuples of them."""

import math

from cantil.library import cast, overload


@overload(hash)
def hash_bool(x: Boolean):
    return 1 if x else 0


@overload(hash)
def hash_int(x: Integer):
    modulus = cast(2305843009213693951, uint64)  # 2**61 - 1
    negative = x < 0
    magnitude = cast(x, uint64)
    if negative:
        magnitude = cast(0, uint64) - magnitude
    r = cast(magnitude % modulus, int64)
    if negative:
        r = -r
    return -2 if r == -1 else r


@overload(hash)
def hash_float(x: Float):
    v = cast(x, float64)
    if math.isinf(v):
        return 314159 if v > 0 else -314159
    if math.isnan(v):
        return 0
    modulus = cast(2305843009213693951, uint64)
    m, e = math.frexp(v)
    negative = m < 0
    if negative:
        m = -m
    r = cast(0, uint64)
    power = cast(e, int64)
    while m != 0.0:  # 28 bits of the mantissa at a time
        r = ((r << cast(28, uint64)) & modulus) | (r >> cast(33, uint64))
        m *= 268435456.0
        power -= 28
        part = cast(m, uint64)
        m -= cast(part, float64)
        r += part
        if r >= modulus:
            r -= modulus
    turn = cast(power % 61, uint64)
    r = ((r << turn) & modulus) | (r >> (cast(61, uint64) - turn))
    h = cast(r, int64)
    if negative:
        h = -h
    return -2 if h == -1 else h


@overload(hash)
def hash_complex_number(x: Complex):
    h = cast(cast(hash(x.real), uint64) + cast(1000003, uint64) * cast(hash(x.imag), uint64), int64)
    return -2 if h == -1 else h


def _hash_items(x, acc):
    """CPython's xxHash over the items' hashes."""
    if len(x) == 0:
        return acc
    else:
        a = acc + cast(hash(x[0]), uint64) * cast(-4417276706812531889, uint64)
        a = (a << cast(31, uint64)) | (a >> cast(33, uint64))
        return _hash_items(x[1:], a * cast(-7046029288634856825, uint64))


@overload(hash)
def hash_tuple_of_numbers(x: Tuple):
    seed = cast(2870177450012600261, uint64)
    acc = _hash_items(x, seed)
    acc += cast(len(x), uint64) ^ (seed ^ cast(3527539, uint64))
    h = cast(acc, int64)
    return 1546275796 if h == -1 else h
