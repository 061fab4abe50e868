"""Whole arrays in compiled code: operators, broadcasting, assignment to views, reductions, np.where."""

import gc

import numpy as np
import pytest
from cantil import njit
from cantil._core import live_blocks
from cantil.core.errors import TypingError

pytestmark = pytest.mark.targets("cpu")


def arrays_2d(shape, dtype=np.float64):
    """Arrays of one shape and contents in every layout."""
    a = (np.arange(np.prod(shape)) % 7 + 1).reshape(shape).astype(dtype)
    wide = np.zeros((shape[0] * 2, shape[1] * 3), dtype=dtype)
    wide[::2, ::3] = a
    padded = np.zeros((shape[0], shape[1] + 2), dtype=dtype)
    padded[:, 1:-1] = a
    return {
        "C": a,
        "F": np.asfortranarray(a),
        "strided": wide[::2, ::3],
        "rows": padded[:, 1:-1],
        "reversed": np.ascontiguousarray(a[::-1, ::-1])[::-1, ::-1],
        "columns reversed": np.ascontiguousarray(a[:, ::-1])[:, ::-1],
    }


LAYOUTS = list(arrays_2d((3, 4)))


def expression(a, b, c):
    return a * b + c - a / b


@pytest.mark.parametrize("left", LAYOUTS)
@pytest.mark.parametrize("right", LAYOUTS)
@pytest.mark.parametrize("shape", [(3, 4), (1, 5), (5, 1), (4, 0), (0, 3)], ids=str)
def test_layouts(check, left, right, shape):
    check(expression, arrays_2d(shape)[left], arrays_2d(shape)[right] + 0.5, arrays_2d(shape)["C"])


SHAPES = [
    ((3,), (3,)),
    ((3,), (1,)),
    ((1,), (3,)),
    ((1,), (1,)),
    ((0,), (1,)),
    ((1,), (0,)),
    ((2, 3), (3,)),
    ((3,), (2, 3)),
    ((2, 3), (2, 1)),
    ((2, 1), (1, 3)),
    ((2, 3), (1, 1)),
    ((1, 3), (3,)),
    ((4, 2, 3), (2, 3)),
    ((4, 1, 3), (2, 1)),
    ((0, 3), (3,)),
    ((2, 0), (2, 1)),
    ((2, 3, 1, 2), (3, 4, 1)),
]


def difference(a, b):
    return a - b * 2


@pytest.mark.parametrize("left, right", SHAPES, ids=str)
def test_broadcasting(check, left, right):
    a = np.arange(np.prod(left), dtype=np.float64).reshape(left)
    b = np.arange(np.prod(right), dtype=np.float64).reshape(right) + 10
    check(difference, a, b)
    check(difference, np.asfortranarray(a), np.asfortranarray(b))


@pytest.mark.parametrize(
    "left, right", [((3,), (4,)), ((2, 3), (2,)), ((0,), (2,)), ((2, 1, 3), (2, 2))], ids=str
)
def test_shapes_that_do_not_fit(check, left, right):
    check(lambda a, b: a - b, np.ones(left), np.ones(right), message=True)
    check(difference, np.ones(left), np.ones(right))


def outer(a, b):
    return a[:, None] * b[None, :] + 1


def test_new_axes(check):
    check(outer, np.arange(4.0), np.arange(5.0))


def zero_dimensional(a, b):
    c = a + b
    return c[()]


def test_zero_dimensional(check):
    check(zero_dimensional, np.array(2.5), np.array(4))


def scalars_and_arrays(a, x, n):
    return x - a, a * n, a // n, a % x, n**a, a > x, a == n, -a, +a


@pytest.mark.parametrize("dtype", [np.int64, np.float64])
def test_scalar_operands(check, dtype):
    check(scalars_and_arrays, np.arange(1, 9).astype(dtype), 2.5, 3)


def whole_operators(a, b):
    return a & b, a | b, a ^ b, ~a, a << b, a >> b


@pytest.mark.parametrize(
    "dtype", [np.int8, np.uint8, np.int16, np.uint16, np.int32, np.uint32, np.int64, np.uint64]
)
def test_bit_operators(check, dtype):
    check(whole_operators, np.arange(1, 9, dtype=dtype), np.arange(8, dtype=dtype) % 5)


def compare_signs(a, b):
    return a < b, a <= b, a > b, a >= b, a == b, a != b


def test_comparison_of_signed_with_unsigned(check):
    a = np.array([-1, 0, 5, 2**62, -(2**63)])
    b = np.array([2**64 - 1, 0, 5, 2**62 + 1, 2**63], dtype=np.uint64)
    check(compare_signs, a, b)
    check(compare_signs, b, a)


def divide_by_zero(a, b):
    return a // b, a % b


def test_integer_division_by_zero_gives_zero(check):
    check(divide_by_zero, np.array([3, -3, 0]), np.array([0, 0, 0]))


def test_float_division_by_zero(check):
    check(expression, np.array([1.0, -1.0, 0.0]), np.zeros(3), np.ones(3))


@pytest.fixture(autouse=True)
def nothing_is_leaked():
    """Every heap block that a test's programs made is freed when it is over."""
    gc.collect()
    before = live_blocks()
    yield
    gc.collect()
    assert live_blocks() == before


# ---- In place, out=, overlaps


def in_place(a, b):
    a += b
    a *= 2
    a[1:] -= b[:-1]
    a[::2] /= 3
    return a


@pytest.mark.parametrize("layout", LAYOUTS)
def test_in_place(check, layout):
    check(in_place, arrays_2d((4, 5))[layout], arrays_2d((4, 5))["C"])


def in_place_int(a, b):
    a += b
    a <<= 1
    a //= 3
    a &= 6


@pytest.mark.parametrize("dtype", [np.int8, np.uint16, np.int64])
def test_in_place_keeps_the_type(check, dtype):
    check(in_place_int, np.arange(9, dtype=dtype), np.arange(9, dtype=dtype))


def test_in_place_refuses_what_would_lose_a_kind():
    def add_float(a):
        a += 1.5

    with pytest.raises(TypingError):
        njit(add_float)(np.arange(3))


def forward(a):
    a[1:] = a[:-1] + 1


def backward(a):
    a[:-1] = a[1:] * 2


def mirrored(a):
    a[:] = a[::-1]


def summed(a):
    a[1:-1] = a[:-2] + a[2:]


@pytest.mark.parametrize("function", [forward, backward, mirrored, summed])
@pytest.mark.parametrize("n", [3, 4, 17, 100])
def test_overlaps_read_before_they_write(check, function, n):
    check(function, np.arange(float(n)))
    check(function, np.arange(2.0 * n)[::2])


def stencil(a):
    a[1:-1, 1:-1] = (a[:-2, 1:-1] + a[2:, 1:-1] + a[1:-1, :-2] + a[1:-1, 2:]) * 0.25


@pytest.mark.parametrize("layout", LAYOUTS)
def test_overlap_in_two_dimensions(check, layout):
    check(stencil, arrays_2d((7, 9))[layout])


def transposed(a):
    a[...] = a.T + 1


def test_overlap_with_the_transpose(check):
    check(transposed, np.arange(25.0).reshape(5, 5))


def with_out(a, b, out):
    np.add(a, b, out)
    np.multiply(out, 2, out=out)
    return np.sqrt(out, out=out) is out


@pytest.mark.parametrize("layout", LAYOUTS)
def test_out(check, layout):
    check(with_out, arrays_2d((3, 4))["C"], arrays_2d((3, 4))["F"], arrays_2d((3, 4))[layout])


def test_out_of_another_shape(check):
    check(with_out, np.ones(3), np.ones(3), np.ones(4))
    check(with_out, np.ones((2, 3)), np.ones(3), np.ones((2, 1)))


def fill(a, x):
    a[...] = x
    a[1:] = x + 1


@pytest.mark.parametrize("dtype", [np.bool_, np.int8, np.uint32, np.float32, np.complex128])
def test_fill(check, dtype):
    check(fill, np.zeros((3, 4), dtype=dtype), 3)


def spread(a, b):
    a[...] = b


@pytest.mark.parametrize("shape", [(4,), (1, 4), (3, 1), (3, 4), (), (1,)], ids=str)
def test_assignment_broadcasts(check, shape):
    check(spread, np.zeros((3, 4)), np.arange(float(np.prod(shape))).reshape(shape))


def test_assignment_of_a_wrong_shape(check):
    check(spread, np.zeros((3, 4)), np.ones(3), message=True)
    check(spread, np.zeros((3, 4)), np.ones((2, 4)), message=True)


# ---- Fusion does not change meaning


def used_twice(a, b):
    t = a + b
    a[0] = 100.0
    u = t * 2
    return t, u, t - u


def changed_between(a, b):
    t = a * 2
    a[:] = 0
    return t + b


def in_a_loop(a, b):
    for _ in range(3):
        a = a + b
        b = b * 2 - a
    return a, b


def branches(a, flag):
    t = a + 1
    if flag:
        t = t * 2
    else:
        a[0] = 9
    return t


def test_fusion(check):
    a, b = np.arange(5.0), np.arange(5.0) + 0.5
    check(used_twice, a, b)
    check(changed_between, a, b)
    check(in_a_loop, a, b)
    check(branches, a, True)
    check(branches, a, False)


def long_chain(a, b, c, d):
    return ((a + b) * (c - d) / (a * a + 1) + (b - c) * (d + a)) * 0.5 - (a - b) * (c + d) + a * b * c * d


def test_long_chain(check):
    check(long_chain, *(np.arange(n, n + 50.0) % 11 for n in range(4)))


def where(a, b):
    return np.where(a > b, a, b), np.where(a > 2, a, 0), np.where(a != 0, 1.5, b)


def test_where(check):
    check(where, np.arange(6.0), np.arange(6.0)[::-1].copy())
    check(where, np.arange(6), np.arange(6.0)[::-1])


# ---- Reductions

# Sums are taken in another order than NumPy's pairs; both are within a few roundings of the true one.
SUM = 1e-12


def reductions(a):
    return np.sum(a), np.prod(a), np.min(a), np.max(a), np.mean(a), np.any(a), np.all(a), np.count_nonzero(a)


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("dtype", [np.int8, np.uint8, np.int32, np.int64, np.uint64, np.float64])
def test_reductions(check, layout, dtype):
    check(reductions, arrays_2d((5, 7), dtype)[layout], rtol=SUM)


def bools(a):
    return np.sum(a), np.any(a), np.all(a), np.mean(a), np.min(a), np.max(a)


@pytest.mark.parametrize("values", [[True, False], [False, False], [True, True]], ids=str)
def test_reductions_of_bool(check, values):
    check(bools, np.array(values))


def fused(a, b):
    return np.sum(a * b), np.max(a - b), (a * b + 1).sum(), np.any(a > b), np.all(a < b), (a - b).min()


def test_fused_reductions(check):
    rng = np.random.default_rng(1)
    check(fused, rng.normal(size=1000), rng.normal(size=1000), rtol=1e-10)
    check(fused, rng.normal(size=(20, 30)), rng.normal(size=30), rtol=1e-10)


def extremes(a):
    return np.min(a), np.max(a)


@pytest.mark.parametrize("at", [0, 5, 39])
def test_nan_wins(check, at):
    a = np.arange(40.0)
    a[at] = np.nan
    check(extremes, a)


@pytest.mark.parametrize("dtype", [np.float64, np.int64, np.bool_])
def test_extremes_of_nothing(check, dtype):
    check(extremes, np.zeros(0, dtype=dtype))


def total(a):
    return np.sum(a), np.prod(a), np.any(a), np.all(a)


def test_sums_of_nothing(check):
    check(total, np.zeros((3, 0)))


def test_complex_sums(check):
    check(total, np.arange(1, 9) + 0.25j, rtol=SUM)


# ---- Parallel


def parallel_body(a, b):
    c = a * b + 1
    return c, np.sum(a * b), np.max(c), np.any(a > 2)


@pytest.mark.parametrize("shape", [(3,), (100_000,), (300, 400), (2, 70_000), (0,), (5, 0)], ids=str)
def test_parallel(shape):
    a = np.random.default_rng(1).random(shape)
    b = a + 0.5
    if a.size == 0:
        got = njit(parallel=True)(lambda a, b: a * b + 1)(a, b)
        assert got.shape == shape
        return
    c, s, m, t = njit(parallel=True)(parallel_body)(a, b)
    want = parallel_body(a, b)
    assert np.array_equal(c, want[0])
    assert abs(s - want[1]) <= 1e-12 * want[1]  # the sum's order
    assert (m, t) == (want[2], want[3])
    rows, columns = a.T, np.asfortranarray(b.T)
    assert np.array_equal(
        njit(parallel=True)(expression)(rows, columns, rows), expression(rows, columns, rows)
    )
