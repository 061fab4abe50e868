"""Sorting, searching, sets, medians and percentiles, against NumPy."""

import numpy as np
import pytest

pytestmark = pytest.mark.targets("cpu")

RNG = np.random.default_rng(5)
WITH_NAN = RNG.normal(size=60)
WITH_NAN[::7] = np.nan
WITH_NAN[3] = np.inf
VECTORS = {
    "f64": RNG.normal(size=300),
    "f32": RNG.normal(size=40).astype(np.float32),
    "ties": RNG.integers(0, 5, 200),
    "u8": RNG.integers(0, 255, 90).astype(np.uint8),
    "i16": RNG.integers(-99, 99, 33).astype(np.int16),
    "bool": RNG.integers(0, 2, 30).astype(np.bool_),
    "c128": RNG.integers(0, 3, 50) + 1j * RNG.integers(0, 3, 50),
    "nan": WITH_NAN,
    "sorted": np.arange(1000.0),
    "reversed": np.arange(1000)[::-1],
    "one": np.array([3.5]),
    "empty": np.zeros(0),
}
MATRICES = {
    "f64": RNG.normal(size=(5, 7)),
    "strided": RNG.normal(size=(10, 6))[::-2, ::2],
    "f": np.asfortranarray(RNG.normal(size=(3, 5))),
    "i32_3": RNG.integers(-9, 9, (2, 3, 4)).astype(np.int32),
}


def in_place(a):
    a.sort()


@pytest.mark.parametrize("name", VECTORS)
def test_sort(check, name):
    check(lambda a: (np.sort(a), np.argsort(a, kind="stable"), np.argsort(a), np.unique(a)), VECTORS[name])
    check(in_place, VECTORS[name].copy())


@pytest.mark.parametrize("name", MATRICES)
def test_sort_axes(check, name):
    check(
        lambda a: (np.sort(a), np.sort(a, 0), np.sort(a, axis=None), a.argsort(-1), np.argsort(a, 0)),
        MATRICES[name],
    )
    check(in_place, MATRICES[name].copy(order="K"))
    check(lambda a: np.sort(a, 4), MATRICES[name])


def test_sort_adversaries(check):
    # Organ pipes, saw teeth and many equal items: what makes a plain quicksort quadratic.
    n = 3000
    pipes = np.minimum(np.arange(n), np.arange(n)[::-1])
    for a in (pipes, np.arange(n) % 7, np.zeros(n), np.concatenate([np.arange(n), np.arange(n)])):
        check(lambda a: np.sort(a), a)


@pytest.mark.parametrize("side", ["left", "right"])
def test_searchsorted(check, side):
    a = np.array([1.0, 2.0, 2.0, 5.0, np.nan])
    keys = np.array([[0.5, 2.0, 7.0], [1.0, np.nan, 5.0]])
    if side == "left":
        check(lambda a, v: (np.searchsorted(a, v), np.searchsorted(a, 2), a.searchsorted(v)), a, keys)
    else:
        check(lambda a, v: (np.searchsorted(a, v, side="right"), np.searchsorted(a, 2.0, "right")), a, keys)


def test_digitize(check):
    x = np.array([0.2, 6.4, 3.0, 1.6, 10.0])
    bins = np.array([0.0, 1.0, 2.5, 4.0, 10.0])
    for b in (bins, bins[::-1].copy(), np.array([1.0, 3.0, 2.0])):
        check(lambda x, b: (np.digitize(x, b), np.digitize(x, b, right=True), np.digitize(3.0, b)), x, b)


def test_sets(check):
    a, b = np.array([3, 1, 2, 1, 9]), np.array([2, 3, 3, 7])
    check(lambda a, b: (np.union1d(a, b), np.intersect1d(a, b), np.setdiff1d(a, b), np.setxor1d(a, b)), a, b)
    check(lambda a, b: (np.isin(a, b), np.isin(a, b, invert=True)), a, b)


@pytest.mark.parametrize("name", ["f64", "f32", "ties", "u8", "nan", "one", "empty"])
def test_median(check, name):
    check(lambda a: (np.median(a), np.nanmedian(a)), VECTORS[name])


@pytest.mark.parametrize("name", MATRICES)
def test_median_axis(check, name):
    check(lambda a: (np.median(a), np.median(a, 0), np.median(a, axis=-1)), MATRICES[name])


# NumPy and we round the interpolation in different steps.
@pytest.mark.parametrize("name", ["f64", "ties", "u8", "nan", "one"])
def test_percentile(check, name):
    q = np.array([0.0, 12.5, 50.0, 99.0, 100.0])
    check(
        lambda a, q: (np.percentile(a, q), np.percentile(a, 33), np.quantile(a, 0.3)),
        VECTORS[name],
        q,
        rtol=1e-14,
    )
    check(lambda a, q: (np.nanpercentile(a, q), np.nanquantile(a, 0.7)), VECTORS[name], q, rtol=1e-14)
    check(lambda a, q: np.percentile(a, 101), VECTORS[name], q)
