"""Arrays: every dtype, 0 to 4 dimensions, C, F and any layout, negative strides and negative indices."""

import numpy as np
import pytest
from cantil import njit
from cantil.core.errors import TypingError

DTYPES = [
    np.bool_,
    np.int8,
    np.int16,
    np.int32,
    np.int64,
    np.uint8,
    np.uint16,
    np.uint32,
    np.uint64,
    np.float32,
    np.float64,
    np.complex64,
    np.complex128,
]


def filled(shape, dtype=np.int64):
    size = int(np.prod(shape))
    return (np.arange(size) % 100).reshape(shape).astype(dtype)


def copy_1d(a, out):
    for i in range(a.shape[0]):
        out[i] = a[i]


@pytest.mark.parametrize("dtype", DTYPES)
def test_load_and_store(check, dtype):
    check(copy_1d, filled(7, dtype), np.zeros(7, dtype=dtype))


@pytest.mark.parametrize(
    "source, target_dtype",
    [
        (np.int8, np.int64),
        (np.uint8, np.int16),
        (np.int64, np.float32),
        (np.float64, np.float32),
        (np.float32, np.float64),
        (np.bool_, np.int32),
        (np.int16, np.complex64),
        (np.float32, np.complex128),
        (np.uint32, np.float64),
        (np.int64, np.uint8),
        (np.int32, np.bool_),
        (np.float64, np.int32),
    ],
)
def test_stores_convert(check, source, target_dtype):
    check(copy_1d, filled(7, source), np.zeros(7, dtype=target_dtype))


def negative_indices(a, out):
    out[0] = a[-1]
    out[-1] = a[0]
    i = -2
    out[1] = a[i]
    a[i] = out[0]


@pytest.mark.parametrize("dtype", [np.int32, np.float64])
def test_negative_indices(check, dtype):
    check(negative_indices, filled(5, dtype), np.zeros(4, dtype=dtype))


def wrapped_walk(a):
    total = 0
    for i in range(-a.size, a.size):
        total = total * 3 + a[i]
    return total


def test_indices_of_both_signs_in_a_loop(check):
    check(wrapped_walk, filled(9))


@pytest.mark.parametrize(
    "index", [np.int8(-1), np.int16(2), np.uint8(3), np.uint32(1), np.uint64(4), np.int32(-3)]
)
def test_index_types(check, index):
    def pick(a, i):
        return a[i]

    check(pick, filled(5) + 10, index, like=lambda a, i: int(a[int(i)]))


def transpose(a, out):
    for i in range(a.shape[0]):
        for j in range(a.shape[1]):
            out[j, i] = a[i, j]


LAYOUTS = {
    "C": lambda a: np.ascontiguousarray(a),
    "F": lambda a: np.asfortranarray(a),
    "every second row": lambda a: np.repeat(a, 2, axis=0)[::2],
    "every second column": lambda a: np.repeat(a, 2, axis=1)[:, ::2],
    "rows reversed": lambda a: a[::-1].copy()[::-1],
    "columns reversed": lambda a: a[:, ::-1].copy()[:, ::-1],
    "both reversed and strided": lambda a: np.repeat(np.repeat(a[::-1, ::-1], 2, axis=0), 3, axis=1)[
        ::-2, ::-3
    ],
    "inner window": lambda a: np.pad(a, 2)[2:-2, 2:-2],
}


# Views that skip or reverse are CPU tests: a host array that is copied to a device must be contiguous.
@pytest.mark.targets("cpu")
@pytest.mark.parametrize("layout", LAYOUTS)
def test_layouts_2d(check, layout):
    a = LAYOUTS[layout](filled((4, 5)))
    assert np.array_equal(a, filled((4, 5)))
    check(transpose, a, np.zeros((5, 4), dtype=np.int64))


@pytest.mark.targets("cpu")
@pytest.mark.parametrize("layout", LAYOUTS)
def test_stores_in_each_layout(check, layout):
    check(transpose, filled((5, 4)), LAYOUTS[layout](np.zeros((4, 5), dtype=np.int64)))


@pytest.mark.parametrize("order_a", ["C", "F"])
@pytest.mark.parametrize("order_out", ["C", "F"])
def test_orders_2d(check, order_a, order_out):
    a = np.asarray(filled((4, 5)), order=order_a)
    check(transpose, a, np.zeros((5, 4), dtype=np.int64, order=order_out))


@pytest.mark.targets("cpu")
@pytest.mark.parametrize("step", [1, 2, -1, -3])
def test_strided_1d(check, step):
    check(copy_1d, filled(12)[::step], np.zeros(12, dtype=np.int64))
    check(copy_1d, filled(4), np.zeros(12, dtype=np.int64)[::step])


def zero_d(a, out):
    out[()] = a[()] + 1


def test_0d(check):
    check(zero_d, np.array(41), np.array(0))
    check(zero_d, np.array(1.5), np.array(0.0))


def sum_3d(a):
    total = 0.0
    for i in range(a.shape[0]):
        for j in range(a.shape[1]):
            for k in range(a.shape[2]):
                total = total * 0.5 + a[i, j, k]
    return total


@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("dtype", [np.int16, np.float32, np.float64])
def test_3d(check, order, dtype):
    check(
        sum_3d, np.asarray(filled((2, 3, 4), dtype), order=order), like=lambda a: sum_3d(a.astype(np.float64))
    )


@pytest.mark.targets("cpu")
def test_3d_permuted(check):
    check(sum_3d, filled((2, 3, 4)).transpose(2, 0, 1))
    check(sum_3d, filled((4, 3, 4))[::2, ::-1, 1:3])


def permute_4d(a, out):
    for i in range(a.shape[0]):
        for j in range(a.shape[1]):
            for k in range(a.shape[2]):
                for m in range(a.shape[3]):
                    out[m, k, j, i] = a[i, j, k, m]


@pytest.mark.parametrize("order", ["C", "F"])
def test_4d(check, order):
    check(permute_4d, np.asarray(filled((2, 3, 2, 4)), order=order), np.zeros((4, 2, 3, 2), dtype=np.int64))


def tuple_index(a, i, j):
    where = (i, j)
    a[where] += 10
    return a[where]


def test_tuple_as_index(check):
    check(tuple_index, filled((3, 4)), 1, -1)


def attributes(a, out):
    out[0] = a.ndim
    out[1] = a.size
    out[2] = a.shape[0]
    out[3] = a.shape[1]
    out[4] = a.itemsize
    out[5] = a.strides[0]
    out[6] = a.strides[1]
    out[7] = len(a)
    out[8] = a.shape[-1]


@pytest.mark.targets("cpu")
@pytest.mark.parametrize("layout", LAYOUTS)
def test_attributes(check, layout):
    check(attributes, LAYOUTS[layout](filled((4, 5), np.int32)), np.zeros(9, dtype=np.int64))


@pytest.mark.targets("sim", "gpu")
@pytest.mark.parametrize("order", ["C", "F"])
def test_attributes_on_device(check, order):
    check(attributes, np.asarray(filled((4, 5), np.int32), order=order), np.zeros(9, dtype=np.int64))


def unpack_shape(a):
    rows, columns = a.shape
    return rows * 100 + columns


def test_shape_unpacks(check):
    check(unpack_shape, filled((3, 7)))


@pytest.mark.parametrize("shape", [(0,), (0, 3), (3, 0)])
def test_empty(check, shape):
    def visit(a):
        count = 0
        for i in range(a.shape[0]):
            count += a.size
        return count + a.shape[0]

    check(visit, np.zeros(shape))


def augmented(a):
    a[0] += 5
    a[1] -= 2
    a[2] *= 3
    a[3] //= 4
    a[4] %= 5
    a[5] **= 2
    a[6] <<= 2
    a[7] >>= 1
    a[8] &= 6
    a[9] |= 9
    a[10] ^= 12


@pytest.mark.parametrize("dtype", [np.int8, np.int32, np.int64, np.uint16])
def test_augmented_assignment_of_elements(check, dtype):
    check(augmented, (np.arange(11) + 1).astype(dtype))


def augmented_float(a):
    a[0] += 0.5
    a[1] -= 2
    a[2] *= 3
    a[3] /= 4
    a[4] //= 2
    a[5] %= 5
    a[6] **= 2


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_augmented_assignment_of_float_elements(check, dtype):
    check(augmented_float, (np.arange(7) + 1.5).astype(dtype))


def bump(counter):
    counter[0] += 1
    return counter[0]


@pytest.mark.targets("cpu")
def test_index_of_augmented_assignment_is_evaluated_once(check):
    bump_compiled = njit(bump)

    def once(a, counter):
        a[bump_compiled(counter)] += 100
        return counter[0]

    check(once, filled(5), np.zeros(1, dtype=np.int64))


def bubble_sort(a):
    n = a.shape[0]
    for i in range(n):
        for j in range(n - 1 - i):
            if a[j] > a[j + 1]:
                a[j], a[j + 1] = a[j + 1], a[j]


@pytest.mark.parametrize("dtype", [np.int8, np.int64, np.uint32, np.float32, np.float64])
def test_swaps(check, dtype):
    check(bubble_sort, np.random.default_rng(8).integers(0, 100, 20).astype(dtype))


def prefix_sum(a):
    for i in range(1, a.size):
        a[i] += a[i - 1]


@pytest.mark.parametrize("dtype", [np.int8, np.int64, np.float32, np.complex128])
def test_loop_carried_through_memory(check, dtype):
    check(
        prefix_sum, filled(20, dtype), like=lambda a: a.__setitem__(slice(None), np.cumsum(a, dtype=a.dtype))
    )


def overlapping(a, b):
    for i in range(b.size):
        b[i] = a[i] + 1


@pytest.mark.targets("cpu")
@pytest.mark.parametrize("shift", [1, 2, 8])
def test_arguments_may_overlap(shift):
    """b is a view of a, shifted: each store feeds a later load."""
    memory, expected = np.zeros(64, dtype=np.int64), np.zeros(64, dtype=np.int64)
    njit(overlapping)(memory[:-shift], memory[shift:])
    overlapping(expected[:-shift], expected[shift:])
    assert np.array_equal(memory, expected)


@pytest.mark.targets("cpu")
def test_read_only_arrays_can_be_read():
    a = filled(5)
    a.flags.writeable = False

    def total(a):
        s = 0
        for i in range(a.size):
            s += a[i]
        return s

    assert njit(total)(a) == 10


@pytest.mark.targets("cpu")
def test_read_only_arrays_cannot_be_written():
    a = filled(5)
    a.flags.writeable = False

    def clear(a):
        a[0] = 0

    with pytest.raises(TypingError):
        njit(clear)(a)
    assert a[0] == 0 and a[4] == 4


def same_array_back(a):
    a[0] = 5
    return a


@pytest.mark.targets("cpu")
def test_an_array_comes_back_itself():
    a = np.zeros(3)
    result = njit(same_array_back)(a)
    assert np.shares_memory(result, a) and a[0] == 5 and result.dtype == a.dtype and result.shape == a.shape


def matmul(a, b, c):
    for i in range(a.shape[0]):
        for j in range(b.shape[1]):
            total = c[i, j]
            for k in range(a.shape[1]):
                total += a[i, k] * b[k, j]
            c[i, j] = total


@pytest.mark.parametrize("order_a", ["C", "F"])
@pytest.mark.parametrize("order_b", ["C", "F"])
@pytest.mark.parametrize("dtype", [np.int32, np.float64])
def test_matmul(check, order_a, order_b, dtype):
    a = np.asarray(filled((4, 6), dtype), order=order_a)
    b = np.asarray(filled((6, 3), dtype), order=order_b)
    check(matmul, a, b, np.zeros((4, 3), dtype=dtype))


def stencil(a, out):
    for i in range(1, a.shape[0] - 1):
        for j in range(1, a.shape[1] - 1):
            out[i, j] = 0.25 * (a[i - 1, j] + a[i + 1, j] + a[i, j - 1] + a[i, j + 1])


def test_stencil(check):
    a = np.random.default_rng(9).random((9, 11))
    check(stencil, a, np.zeros_like(a))


def sieve(flags):
    for i in range(flags.size):
        flags[i] = i >= 2
    i = 2
    while i * i < flags.size:
        if flags[i]:
            for j in range(i * i, flags.size, i):
                flags[j] = False
        i += 1


def test_sieve(check):
    check(sieve, np.zeros(200, dtype=np.bool_))


def game_of_life(board, out):
    rows, columns = board.shape
    for i in range(rows):
        for j in range(columns):
            alive = 0
            for di in range(-1, 2):
                for dj in range(-1, 2):
                    if di != 0 or dj != 0:
                        alive += board[(i + di) % rows, (j + dj) % columns]
            out[i, j] = 1 if alive == 3 or (alive == 2 and board[i, j] == 1) else 0


def test_game_of_life(check):
    board = (np.random.default_rng(10).random((12, 10)) < 0.4).astype(np.uint8)
    check(game_of_life, board, np.zeros_like(board))


def add_to_parts(a, n):
    for i in range(a.shape[0]):
        a[i, 1:] += 1
        a[i, 1:n] *= 2
        a[i, ::2] -= n


def test_a_slice_among_other_indices_is_updated_in_place(check):
    check(add_to_parts, np.arange(12.0).reshape(3, 4), 3)


def test_augmented_assignment_to_parts(check):
    def parts(a, b):
        a[1:, 1:] += b[:-1, :-1]
        a[1:, 2] -= b[:-1, 3]
        a[::2] *= 3.0
        a[..., 0] /= 2.0
        a[0, 1:3] += 1.0
        a[1, 1] += 1.0

    a = np.arange(20.0).reshape(4, 5)
    check(parts, a, a + 0.5)
    check(parts, np.asfortranarray(a), a[::-1] + 0.5)


@pytest.mark.targets("cpu")
def test_augmented_assignment_to_selected_elements(check):
    def selected(a, b, rows):
        a[b > 7.0] += 1.0
        a[rows] *= 2.0
        a[rows, 1:3] -= b[rows, 1:3]
        a[1:, rows] += 0.5

    a = np.arange(20.0).reshape(4, 5)
    check(selected, a, a + 0.5, np.array([2, 0, 3]))
