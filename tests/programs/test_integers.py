"""Integers: wrap-around at every width, floor division and remainder for all signs, powers, shifts, bits."""

import numpy as np
import pytest

SIGNED = [np.int8, np.int16, np.int32, np.int64]
UNSIGNED = [np.uint8, np.uint16, np.uint32, np.uint64]
ALL = SIGNED + UNSIGNED


def extremes(dtype):
    info = np.iinfo(dtype)
    values = [info.min, info.min + 1, info.max, info.max - 1, info.max // 2 + 1, 0, 1, 2, 3, 7, 100]
    if info.min < 0:
        values += [-1, -2, -3, -7, -100]
    return np.array(values, dtype=dtype)


def pairs(dtype):
    values = extremes(dtype)
    left, right = np.meshgrid(values, values)
    return left.reshape(-1).copy(), right.reshape(-1).copy()


def add(a, b, out):
    for i in range(out.size):
        out[i] = a[i] + b[i]


def subtract(a, b, out):
    for i in range(out.size):
        out[i] = a[i] - b[i]


def multiply(a, b, out):
    for i in range(out.size):
        out[i] = a[i] * b[i]


def bit_and(a, b, out):
    for i in range(out.size):
        out[i] = a[i] & b[i]


def bit_or(a, b, out):
    for i in range(out.size):
        out[i] = a[i] | b[i]


def bit_xor(a, b, out):
    for i in range(out.size):
        out[i] = a[i] ^ b[i]


def floor_divide(a, b, out):
    for i in range(out.size):
        out[i] = a[i] // b[i]


def remainder(a, b, out):
    for i in range(out.size):
        out[i] = a[i] % b[i]


def negate(a, out):
    for i in range(out.size):
        out[i] = -a[i]


def invert(a, out):
    for i in range(out.size):
        out[i] = ~a[i]


def by_numpy(ufunc):
    """The oracle: NumPy on whole arrays wraps as fixed-width integers do."""

    def whole(*args):
        args[-1][:] = ufunc(*args[:-1])

    return whole


@pytest.mark.parametrize("dtype", ALL)
@pytest.mark.parametrize(
    "function, ufunc",
    [
        (add, np.add),
        (subtract, np.subtract),
        (multiply, np.multiply),
        (bit_and, np.bitwise_and),
        (bit_or, np.bitwise_or),
        (bit_xor, np.bitwise_xor),
    ],
)
def test_wraps_at_the_width_of_the_array(check, dtype, function, ufunc):
    a, b = pairs(dtype)
    check(function, a, b, np.zeros_like(a), like=by_numpy(ufunc))


@pytest.mark.parametrize("dtype", ALL)
@pytest.mark.parametrize("function, ufunc", [(floor_divide, np.floor_divide), (remainder, np.remainder)])
def test_floor_division(check, dtype, function, ufunc):
    a, b = pairs(dtype)
    usable = b != 0
    if dtype is np.int64:
        usable &= ~((a == np.iinfo(dtype).min) & (b == -1))  # a test of its own
    a, b = a[usable], b[usable]
    check(function, a, b, np.zeros_like(a), like=by_numpy(ufunc))


@pytest.mark.parametrize("dtype", ALL)
@pytest.mark.parametrize("function, ufunc", [(negate, np.negative), (invert, np.invert)])
def test_unary(check, dtype, function, ufunc):
    a = extremes(dtype)
    check(function, a, np.zeros_like(a), like=by_numpy(ufunc))


def quotient_and_remainder(a, b, out):
    out[0] = a // b
    out[1] = a % b


@pytest.mark.parametrize("a", [7, -7, 0, 1, -1, 2**62, -(2**63)])
@pytest.mark.parametrize("b", [2, -2, 7, -7, 3, -3, 1, 2**62])
def test_signs(check, a, b):
    check(quotient_and_remainder, a, b, np.zeros(2, dtype=np.int64))


def test_smallest_by_minus_one(check):
    """The one quotient that does not fit wraps, and must not trap."""
    check(
        quotient_and_remainder,
        -(2**63),
        -1,
        np.zeros(2, dtype=np.int64),
        like=lambda a, b, out: out.__setitem__(slice(None), (-(2**63), 0)),
    )


def floor_only(a, b):
    return a // b


def remainder_only(a, b):
    return a % b


def true_divide(a, b):
    return a / b


@pytest.mark.targets("cpu")
@pytest.mark.parametrize("function", [floor_only, remainder_only, true_divide])
@pytest.mark.parametrize("a, b", [(1, 0), (0, 0), (-5, 0), (1.0, 0.0), (0.0, 0.0), (1, 0.0), (1.5, 0)])
def test_division_by_zero_raises(check, function, a, b):
    check(function, a, b)


@pytest.mark.targets("cpu")
@pytest.mark.parametrize("function", [floor_only, remainder_only, true_divide])
@pytest.mark.parametrize("a, b", [(1.0, 0.0), (-1.0, 0.0), (0.0, 0.0), (1.0, -0.0)])
def test_division_by_zero_in_the_numpy_error_model(check, function, a, b):
    ufunc = {floor_only: np.floor_divide, remainder_only: np.remainder, true_divide: np.true_divide}[function]
    check(function, a, b, like=lambda a, b: float(ufunc(np.float64(a), np.float64(b))), error_model="numpy")


@pytest.mark.targets("cpu")
@pytest.mark.parametrize("function", [floor_only, remainder_only])
@pytest.mark.parametrize("a", [5, -5, 0])
def test_integer_division_by_zero_in_the_numpy_error_model(check, function, a):
    check(function, a, 0, like=lambda a, b: 0, error_model="numpy")


def power(a, b):
    return a**b


@pytest.mark.parametrize("a", [0, 1, -1, 2, -2, 3, 10, -7])
@pytest.mark.parametrize("b", [0, 1, 2, 3, 5, 17])
def test_power(check, a, b):
    check(power, a, b)


@pytest.mark.parametrize("a, b", [(3, 41), (10, 20), (2, 64), (-3, 63), (2**40, 2)])
def test_power_wraps(check, a, b):
    def wrapped(a, b):
        value = a**b & 2**64 - 1
        return value - 2**64 if value >= 2**63 else value

    check(power, a, b, like=wrapped)


def literal_powers(a, out):
    out[0] = a**0
    out[1] = a**1
    out[2] = a**2
    out[3] = a**3
    out[4] = a**4
    out[5] = a**7
    out[6] = 2**a
    out[7] = (-3) ** a


@pytest.mark.parametrize("a", [0, 1, 2, 5, 8])
def test_power_with_literals(check, a):
    check(literal_powers, a, np.zeros(8, dtype=np.int64))


def shifts(a, n, out):
    out[0] = a << n
    out[1] = a >> n


@pytest.mark.parametrize("a", [1, -1, 5, -5, 0x1234, -(2**40)])
@pytest.mark.parametrize("n", [0, 1, 7, 20])
def test_shifts(check, a, n):
    check(shifts, a, n, np.zeros(2, dtype=np.int64))


@pytest.mark.parametrize("dtype", UNSIGNED)
def test_unsigned_right_shift_brings_zeros(check, dtype):
    def logical(a, out):
        for i in range(a.size):
            out[i] = a[i] >> 3

    a = extremes(dtype)
    check(logical, a, np.zeros_like(a), like=lambda a, out: out.__setitem__(slice(None), a >> dtype(3)))


def test_hash_in_uint64(check):
    """A whole integer hash in uint64 constants keeps its 64 bits."""
    multiplier = np.uint64(0xBF58476D1CE4E5B9)
    s = np.uint64(30)

    def mix(x):
        z = (x ^ (x >> s)) * multiplier
        return z ^ (z >> s)

    for x in (0, 1, 2**63, 2**64 - 1, 0x123456789ABCDEF):
        check(mix, np.uint64(x), like=lambda x: int(mix(x)))


def bit_tricks(x):
    count = 0
    while x:
        x &= x - 1
        count += 1
    return count


@pytest.mark.parametrize("x", [0, 1, 255, 2**62 - 1, 0x5555])
def test_population_count_by_hand(check, x):
    check(bit_tricks, x)


def gcd(a, b):
    while b:
        a, b = b, a % b
    return a


@pytest.mark.parametrize("a, b", [(48, 36), (17, 5), (0, 9), (-48, 36), (2**40, 6**20)])
def test_gcd(check, a, b):
    check(gcd, a, b)


def collatz(n):
    steps = 0
    while n != 1:
        if n % 2 == 0:
            n //= 2
        else:
            n = 3 * n + 1
        steps += 1
    return steps


@pytest.mark.parametrize("n", [1, 7, 27, 97, 871])
def test_collatz(check, n):
    check(collatz, n)


def casts(x, out):
    out[0] = np.int8(x)
    out[1] = np.int16(x)
    out[2] = np.int32(x)
    out[3] = np.uint8(x)
    out[4] = np.uint16(x)
    out[5] = np.uint32(x)
    out[6] = np.int64(x)


@pytest.mark.parametrize(
    "x", [0, 1, -1, 127, 128, 255, 256, 65535, 65536, 2**31, 2**32 + 5, -(2**31) - 1, -(2**63)]
)
def test_casts_wrap(check, x):
    def wrapped(x, out):
        for i, dtype in enumerate((np.int8, np.int16, np.int32, np.uint8, np.uint16, np.uint32, np.int64)):
            out[i] = np.int64(x).astype(dtype)

    check(casts, x, np.zeros(7, dtype=np.int64), like=wrapped)


def test_literals_of_every_base(check):
    def literals():
        return 0x7F + 0b101 + 0o17 + 1_000_000

    check(literals)


def test_large_literals(check):
    def large(out):
        out[0] = 9223372036854775807
        out[1] = -9223372036854775807 - 1

    check(large, np.zeros(2, dtype=np.int64))


def test_uint64_literal(check):
    def large():
        return 0xFFFFFFFFFFFFFFFF

    check(large)


def test_scalar_arguments_of_each_width(check):
    """A NumPy scalar keeps its width as an argument; sums are 64 bits wide."""

    def plus(a, b):
        return a + b

    for dtype in SIGNED[:3] + UNSIGNED[:3]:
        largest = np.iinfo(dtype).max
        check(plus, dtype(largest), dtype(largest), like=lambda a, b: int(a) + int(b))
