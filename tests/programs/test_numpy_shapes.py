"""Creation of arrays, their shapes, and advanced indexing, against NumPy over layouts and dimensions."""

import numpy as np
import pytest

pytestmark = pytest.mark.targets("cpu")

A3 = np.arange(24.0).reshape(2, 3, 4)
ARRAYS = {
    "c3": A3,
    "f3": np.asfortranarray(A3),
    "strided3": A3[:, ::-1, ::2],
    "c2": np.arange(12).reshape(3, 4),
    "square_f2": np.arange(9, dtype=np.int8).reshape(3, 3).T,
    "c1": np.arange(5, dtype=np.complex128),
    "reversed1": np.arange(5, dtype=np.uint16)[::-2],
    "empty2": np.zeros((0, 3)),
}


def numbered(functions):
    return [pytest.param(f, id=str(i)) for i, f in enumerate(functions)]


def assign_scalar(a, at):
    a[at] = 7


def assign_items(a, at):
    a[at] = a[at]


def assign_row(a, i):
    a[:, i] = a[0, 0]


def assign_spread(a, i):
    a[i, ..., i] = a[0, :, 0]


ANY_SHAPE = numbered(
    [
        lambda a: (a.ravel(), a.flatten(), np.ravel(a), a.flatten("F"), a.ravel("F")),
        lambda a: (
            a.reshape(-1),
            a.reshape((1, a.size)),
            a.reshape(a.size, 1),
            np.reshape(a, (-1,), order="F"),
        ),
        lambda a: a.reshape(7, 7),
        lambda a: a.reshape(-1, -1),
        lambda a: a.T,
        lambda a: (np.transpose(a), a.transpose()),
        lambda a: (np.expand_dims(a, 0), np.expand_dims(a, 1), np.expand_dims(a, -1)),
        lambda a: np.expand_dims(a, 9),
        lambda a: (np.atleast_1d(a), np.atleast_2d(a)),
        lambda a: np.atleast_3d(a),
        lambda a: (np.ascontiguousarray(a), np.asfortranarray(a)),
        lambda a: (a.astype(np.complex64), np.array(a), np.asarray(a), np.asarray(a, np.complex128)),
        lambda a: (a.nonzero(), np.nonzero(a), np.where(a)),
        lambda a: (np.argwhere(a), np.flatnonzero(a)),
        lambda a: np.broadcast_to(a, (2,) + a.shape),
        lambda a: (np.shape(a), np.size(a), np.ndim(a)),
    ]
)


@pytest.mark.parametrize("name", ARRAYS)
@pytest.mark.parametrize("function", ANY_SHAPE)
def test_any_shape(check, function, name):
    check(function, ARRAYS[name])


AXES = numbered(
    [
        lambda a: (a.transpose(1, 0, 2), a.transpose((2, 0, 1)), np.transpose(a, (0, -1, 1))),
        lambda a: a.transpose((0, 0, 1)),
        lambda a: a.transpose((0, 1)),
        lambda a: (np.swapaxes(a, 0, 2), a.swapaxes(-1, 1)),
        lambda a: np.swapaxes(a, 0, 3),
        lambda a: (np.moveaxis(a, 0, -1), np.moveaxis(a, 2, 0)),
        lambda a: np.moveaxis(a, 0, -4),
        lambda a: (np.rollaxis(a, 2), np.rollaxis(a, 0, 3)),
        lambda a: np.squeeze(a[:1], 0),
        lambda a: np.squeeze(a, 1),
        lambda a: np.broadcast_to(a, (5, 5)),
        lambda a: np.broadcast_arrays(a[0], a[:, :1]),
        lambda a: a.item(3),
        lambda a: a.item(),
        lambda a: a.item(99),
    ]
)


@pytest.mark.parametrize("name", ["c3", "f3", "strided3"])
@pytest.mark.parametrize("function", AXES)
def test_axes(check, function, name):
    check(function, ARRAYS[name])


INDICES = {
    "list": np.array([0, -1, 0]),
    "grid": np.array([[0], [1]]),
    "small": np.array([1, 0], np.uint8),
    "none": np.array([], np.int64),
    "outside": np.array([0, 99]),
}
READS = numbered(
    [
        lambda a, i: a[i],
        lambda a, i: a[:, i],
        lambda a, i: a[..., i],
        lambda a, i: a[:, i, 1:],
        lambda a, i: a[0, i],
        lambda a, i: a[0, :, i],
        lambda a, i: a[i, :, i],
        lambda a, i: a[i, i, i],
        lambda a, i: a[None, i],
        lambda a, i: np.take(a, i),
    ]
)


@pytest.mark.parametrize("index", INDICES)
@pytest.mark.parametrize("name", ["c3", "f3", "strided3"])
@pytest.mark.parametrize("function", READS)
def test_integer_arrays_read(check, function, name, index):
    check(function, ARRAYS[name], INDICES[index])


@pytest.mark.parametrize("index", ["list", "grid", "small", "none", "outside"])
@pytest.mark.parametrize("name", ["c3", "strided3", "c2", "c1"])
@pytest.mark.parametrize("function", [assign_scalar, assign_items])
def test_integer_arrays_assign(check, function, name, index):
    check(function, ARRAYS[name].copy(), INDICES[index])


@pytest.mark.parametrize("function", [assign_row, assign_spread])
def test_integer_arrays_assign_spread(check, function):
    check(function, np.arange(27.0).reshape(3, 3, 3), np.array([2, 0]))


@pytest.mark.parametrize("name", ARRAYS)
@pytest.mark.parametrize("function", [lambda a, m: a[m], assign_scalar, assign_items])
def test_masks(check, function, name):
    a = ARRAYS[name].copy()
    check(function, a, a.real % 3 == 1)


@pytest.mark.parametrize(
    "function, mask",
    [
        (lambda a, m: a[m], A3[:, :, 0] > 4),
        (lambda a, m: a[:, m], np.array([True, False, True])),
        (lambda a, m: a[m, 1:], np.array([True, False])),
        (lambda a, m: a[0, m], np.array([True, False, True])),
        (lambda a, m: a[:, m], np.array([True, False])),
        (lambda a, m: a[m], np.array([[True, False]])),
    ],
)
def test_masks_of_fewer_dimensions(check, function, mask):
    check(function, A3, mask)


CREATION = numbered(
    [
        lambda: (np.arange(5), np.arange(5.5), np.arange(1, 10, 3), np.arange(10, 1, -3), np.arange(5, 1)),
        lambda: (np.arange(0.0, 1.0, 0.1), np.arange(3, dtype=np.float32), np.arange(1, stop=9, step=2)),
        lambda: np.arange(1, 9, 0),
        lambda: (np.linspace(0, 1), np.linspace(0, 10, 4, endpoint=False), np.linspace(2.5, 2.5, 4)),
        lambda: (
            np.linspace(0, 1, 1),
            np.linspace(0, 1, 0),
            np.linspace(1j, 2, 3),
            np.linspace(0, 1, 3, retstep=True),
        ),
        lambda: np.linspace(0, 1, -1),
        lambda: (
            np.array((1, 2)),
            np.array(((1, 2), (3, 2.5))),
            np.array((1, 2), np.float32),
            np.array(((1, 2j), (True, 4))),
        ),
        lambda: np.array(((1, 2), (3, 4, 5))),
        lambda: (np.eye(3), np.eye(3, 4), np.eye(3, 4, 1), np.eye(3, k=-1, dtype=np.int32), np.identity(3)),
        lambda: (
            np.tri(3, 4, -1),
            np.tri(3),
            np.tril_indices(3),
            np.triu_indices(3, -1, 4),
            np.tril_indices(3, 1),
        ),
        lambda: (np.indices((2, 3)), np.vander(np.arange(3)), np.vander(np.arange(3.0), 4, True)),
    ]
)


@pytest.mark.parametrize("function", CREATION)
def test_creation(check, function):
    check(function)


OF_MATRIX = numbered(
    [
        lambda a: (
            np.diag(a),
            np.diag(a, 1),
            np.diag(a, -2),
            np.diag(a[0]),
            np.diag(a[0], -1),
            np.diag(a, 9),
        ),
        lambda a: (
            np.tril(a),
            np.triu(a),
            np.tril(a, -1),
            np.triu(a, 2),
            np.triu_indices_from(a),
            np.tril_indices_from(a),
        ),
        lambda a: (
            np.array((a, a)),
            np.diagflat(a),
            np.meshgrid(a[0], a[:, 0])[1],
            np.meshgrid(a[0], a[0], indexing="ij")[0],
        ),
    ]
)


@pytest.mark.parametrize("name", ["c2", "square_f2"])
@pytest.mark.parametrize("function", OF_MATRIX)
def test_of_matrix(check, function, name):
    check(function, ARRAYS[name])


def fill_diagonal(a):
    np.fill_diagonal(a, 5)


def fill_diagonal_wrapped(a):
    np.fill_diagonal(a, np.array((1, 2)), True)


@pytest.mark.parametrize("shape", [(3, 3), (2, 5), (7, 2)])
@pytest.mark.parametrize("function", [fill_diagonal, fill_diagonal_wrapped])
def test_fill_diagonal(check, function, shape):
    check(function, np.zeros(shape))


@pytest.mark.parametrize("dtype", [np.int64, np.int32, np.uint8])
def test_view(check, dtype):
    check(lambda a: a.view(dtype), np.arange(6.0).reshape(2, 3))


def test_windows(check):
    check(lambda a: np.lib.stride_tricks.sliding_window_view(a, 3), np.arange(5.0))
    check(lambda a: np.lib.stride_tricks.as_strided(a, (3, 2), (8, 8)), np.arange(5.0))
