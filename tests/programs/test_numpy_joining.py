"""Joining, splitting, repeating, counting and multiplying arrays, against NumPy."""

import numpy as np
import pytest

pytestmark = pytest.mark.targets("cpu")

V, W = np.array([3.0, 1.0, 2.0]), np.array([5, 6, 7])
M, N = np.arange(6).reshape(2, 3), np.arange(6.0).reshape(3, 2).T
T = np.arange(24).reshape(2, 3, 4)


def numbered(functions):
    return [pytest.param(f, id=str(i)) for i, f in enumerate(functions)]


PAIRS = numbered(
    [
        lambda a, b: (
            np.concatenate((a, b)),
            np.concatenate((b, a, b), axis=0),
            np.concatenate((a, b), axis=-1),
        ),
        lambda a, b: np.concatenate((a, b), axis=None),
        lambda a, b: (np.stack((a, b)), np.stack((a, b), axis=1), np.stack((a, b), -1)),
        lambda a, b: (np.hstack((a, b)), np.vstack((a, b)), np.dstack((a, b)), np.column_stack((a, b))),
        lambda a, b: (np.append(a, b), np.append(a, 5), np.append(a, b, axis=0)),
        lambda a, b: np.concatenate((a, b), axis=2),
        lambda a, b: np.outer(a, b),
        lambda a, b: (np.kron(a, b), np.vdot(a, b)),
        lambda a, b: np.inner(a, b),
    ]
)


@pytest.mark.parametrize("a, b", [(V, W), (M, N), (V[::-1], V)], ids=["vectors", "matrices", "reversed"])
@pytest.mark.parametrize("function", PAIRS)
def test_pairs(check, function, a, b):
    check(function, a, b)


def test_shapes_that_do_not_fit(check):
    check(lambda a, b: np.concatenate((a, b), axis=1), M, N.T)
    check(lambda a, b: np.stack((a, b)), V, np.zeros(4))


SINGLES = numbered(
    [
        lambda a: (np.flip(a), np.flip(a, 0), np.flip(a, -1), np.flipud(a)),
        lambda a: np.fliplr(a),
        lambda a: (np.rot90(a), np.rot90(a, 2), np.rot90(a, -1), np.rot90(a, 4)),
        lambda a: (np.roll(a, 1), np.roll(a, -2), np.roll(a, 1, 0), np.roll(a, 2, axis=-1)),
        lambda a: (np.repeat(a, 2), a.repeat(3), np.repeat(4.5, 3)),
        lambda a: np.repeat(a, -1),
        lambda a: (np.resize(a, (2, 4)), np.resize(a, 2)),
        lambda a: (np.delete(a, 1), np.delete(a, -1), np.insert(a, 1, 9), np.insert(a, -1, 7)),
        lambda a: np.delete(a, 99),
        lambda a: (np.diff(a), np.diff(a, 2), np.ediff1d(a)),
    ]
)


@pytest.mark.parametrize("a", [V, M, N, T, V[::-1]], ids=["v", "m", "n", "t", "reversed"])
@pytest.mark.parametrize("function", SINGLES)
def test_singles(check, function, a):
    check(function, a)


def test_repeat_each(check):
    check(lambda a, n: a.repeat(n), V, np.array([2, 0, 1]))
    check(lambda a, n: np.repeat(a, n), V, np.array([1, -1, 1]))
    check(lambda a, n: np.repeat(a, n), V, np.array([1, 2]))


def test_trim_zeros(check):
    check(
        lambda a: (np.trim_zeros(a), np.trim_zeros(a, "f"), np.trim_zeros(a, "b")),
        np.array([0, 0, 1, 0, 2, 0]),
    )


def test_bincount(check):
    x = np.array([0, 1, 1, 3, 2, 1, 7])
    check(lambda x: (np.bincount(x), np.bincount(x, minlength=10), np.bincount(x, x)), x)
    check(lambda x: np.bincount(x), -x)


def test_interp(check):
    xp, fp = np.array([1.0, 2.0, 3.0]), np.array([3.0, 2.0, 0.0])
    x = np.array([0.0, 1.0, 1.5, 2.72, 3.0, 3.14, np.nan])
    check(lambda x, xp, fp: (np.interp(x, xp, fp), np.interp(2.5, xp, fp)), x, xp, fp)
    check(lambda x, xp, fp: np.interp(x, xp, fp), x, xp, fp[:2])


RNG = np.random.default_rng(6)
SHAPES = [
    ((3,), (3,)),
    ((4, 3), (3,)),
    ((3,), (3, 5)),
    ((4, 3), (3, 5)),
    ((0, 3), (3, 2)),
    ((200, 150), (150, 70)),
]


# Sums run in another order than BLAS's.
@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.complex128, np.int64, np.int8])
@pytest.mark.parametrize("shapes", SHAPES, ids=str)
def test_dot(check, shapes, dtype):
    a, b = (np.round(RNG.normal(size=s) * 4).astype(dtype) for s in shapes)
    check(lambda a, b: (np.dot(a, b), a.dot(b), a @ b, np.matmul(a, b)), a, b, rtol=1e-12)


def test_dot_layouts(check):
    a, b = np.arange(12.0).reshape(3, 4), np.arange(20.0).reshape(4, 5)
    for x in (a, np.asfortranarray(a), a[::-1]):
        for y in (b, np.asfortranarray(b), b[:, ::-2]):
            check(lambda a, b: np.dot(a, b), x, y)
    check(lambda a, b: np.dot(a, b), a, a)
    check(lambda a, b: a @ b, a, np.arange(3.0))


def test_matmul_batched(check):
    check(lambda a, b: np.matmul(a, b), np.arange(24.0).reshape(2, 3, 4), np.arange(40.0).reshape(2, 4, 5))
    check(lambda a, b: a @ b, np.arange(24.0).reshape(2, 3, 4), np.arange(8.0).reshape(4, 2))
    check(lambda a, b: a @ b, np.arange(24.0).reshape(2, 1, 3, 4), np.arange(40.0).reshape(5, 4, 2))


def test_trace_and_cross(check):
    check(lambda a: (np.trace(a), np.trace(a, 1), a.trace(-1)), M)
    check(lambda a, b: np.cross(a, b), V, W)
