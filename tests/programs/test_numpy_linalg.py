"""Linear algebra and functions on sampled data, against NumPy.

Other orders of summation than LAPACK's need a tolerance.
"""

import numpy as np
import pytest

pytestmark = pytest.mark.targets("cpu")

RNG = np.random.default_rng(7)
SQUARE = RNG.normal(size=(6, 6)) + 4 * np.eye(6)
MATRICES = {
    "f64": SQUARE,
    "f": np.asfortranarray(SQUARE),
    "c128": SQUARE + 0.5j * RNG.normal(size=(6, 6)),
    "int": np.array([[2, 1, 0], [1, 3, 1], [0, 1, 4]]),
    "singular": np.ones((3, 3)),
    "not_square": np.ones((2, 3)),
}


def numbered(functions):
    return [pytest.param(f, id=str(i)) for i, f in enumerate(functions)]


@pytest.mark.parametrize("name", MATRICES)
@pytest.mark.parametrize(
    "function",
    numbered(
        [
            lambda a: (np.linalg.det(a), np.linalg.slogdet(a)[0], np.linalg.slogdet(a)[1]),
            lambda a: np.linalg.inv(a),
            lambda a: (np.linalg.solve(a, a[:, :2].copy() + 1), np.linalg.solve(a, a[0] + 1)),
            lambda a: (np.linalg.norm(a), np.linalg.norm(a[0])),
            lambda a: np.linalg.matrix_power(a, 3),
        ]
    ),
)
def test_matrices(check, function, name):
    check(function, MATRICES[name], rtol=1e-8)


@pytest.mark.parametrize("name", MATRICES)
def test_cholesky(check, name):
    a = MATRICES[name]
    check(lambda a: np.linalg.cholesky(a), a @ a.conj().T if a.shape[0] == a.shape[1] else a, rtol=1e-8)


V, W = RNG.normal(size=9), RNG.normal(size=4)


@pytest.mark.parametrize(
    "function",
    numbered(
        [
            lambda a, b: (
                np.convolve(a, b),
                np.convolve(a, b, "same"),
                np.convolve(a, b, mode="valid"),
                np.convolve(b, a),
            ),
            lambda a, b: (np.correlate(a, b), np.correlate(a, b, "full")),
            lambda a, b: (np.trapezoid(a), np.trapezoid(a, dx=0.5), np.trapezoid(a, np.cumsum(a))),
            lambda a, b: (np.average(a), np.average(b)),
            lambda a, b: (np.tile(a, 3), np.tile(a, (2, 1)), np.tile(b, (2, 3))),
            lambda a, b: (np.histogram(a), np.histogram(a, 4), np.histogram(a, 3, (-1, 1))),
            lambda a, b: (np.clip(a, -0.5, 0.5), np.clip(a, None, 0.1), a.clip(0, 1)),
            lambda a, b: np.take_along_axis(a, np.argsort(a), 0),
        ]
    ),
)
def test_samples(check, function):
    check(function, V, W, rtol=1e-9)


def test_clip_of_integers(check):
    check(lambda a: (np.clip(a, 2, 5), np.clip(a, 1, None)), np.arange(9))


def test_cov(check):
    check(
        lambda a: (np.cov(a), np.cov(a, rowvar=False), np.cov(a, bias=True)),
        RNG.normal(size=(3, 5)),
        rtol=1e-9,
    )
