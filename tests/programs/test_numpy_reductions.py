"""Reductions along axes, cumulative ones and their NaN forms, against NumPy.

Sums run in another order than NumPy's pairwise ones: floats are compared to 1e-12 (float32: 1e-5).
"""

import numpy as np
import pytest

pytestmark = pytest.mark.targets("cpu")

RNG = np.random.default_rng(4)
WITH_NAN = RNG.normal(size=(3, 4))
WITH_NAN[1, 2] = WITH_NAN[0, 0] = np.nan
ARRAYS = {
    "f64": RNG.normal(size=(3, 4)),
    "f64_3": RNG.normal(size=(2, 3, 4)),
    "f64_strided": RNG.normal(size=(4, 6))[::-1, ::2],
    "f64_f": np.asfortranarray(RNG.normal(size=(3, 4))),
    "f32": RNG.normal(size=(5, 2)).astype(np.float32),
    "i32": RNG.integers(-9, 9, (3, 4)).astype(np.int32),
    "u8": RNG.integers(0, 255, (3, 4)).astype(np.uint8),
    "bool": RNG.integers(0, 2, (3, 4)).astype(np.bool_),
    "c128": RNG.normal(size=(3, 4)) + 1j * RNG.normal(size=(3, 4)),
    "vector": RNG.integers(-9, 9, 7),
    "nan": WITH_NAN,
    "empty": np.zeros((0, 3)),
}


def numbered(functions):
    return [pytest.param(f, id=str(i)) for i, f in enumerate(functions)]


FUNCTIONS = numbered(
    [
        lambda a: (
            np.sum(a, 0),
            a.sum(axis=-1),
            np.sum(a, axis=0, keepdims=True),
            a.sum(),
            np.sum(a, dtype=np.complex128),
        ),
        lambda a: (np.prod(a, 0), a.prod(axis=-1), a.prod(), np.sum(a, 0, np.complex128)),
        lambda a: (np.min(a, -1), a.min(axis=-1), np.max(a, axis=-1, keepdims=True), a.max(-1)),
        lambda a: (np.min(a), np.max(a), a.min(), a.max()),
        lambda a: np.min(a, 0),
        lambda a: (np.mean(a, 0), a.mean(axis=-1), a.mean()),
        lambda a: (np.var(a, 0), a.var(axis=-1), a.var(), np.std(a, -1), np.std(a), np.var(a, ddof=1)),
        lambda a: (
            np.any(a, 0),
            np.all(a, axis=-1),
            a.any(),
            a.all(),
            np.count_nonzero(a),
            np.count_nonzero(a, 0),
        ),
        lambda a: (np.argmin(a, -1), a.argmax(axis=-1)),
        lambda a: (a.argmin(), np.argmax(a)),
        lambda a: np.argmax(a, 0),
        lambda a: (np.cumsum(a), a.cumsum(0), np.cumprod(a, -1), a.cumprod()),
        lambda a: np.sum(a, 5),
        lambda a: np.argmin(a, -4),
    ]
)


@pytest.mark.parametrize("name", ARRAYS)
@pytest.mark.parametrize("function", FUNCTIONS)
def test_reductions(check, function, name):
    check(function, ARRAYS[name], rtol=1e-5 if name == "f32" else 1e-12)


NAN_FUNCTIONS = numbered(
    [
        lambda a: (np.nansum(a), np.nansum(a, 0), np.nanprod(a), np.nanprod(a, -1)),
        lambda a: (np.nancumsum(a), np.nancumprod(a), np.nancumsum(a, 0)),
        lambda a: (np.nanmean(a), np.nanvar(a), np.nanstd(a)),
        lambda a: (np.nanmin(a), np.nanmax(a)),
        lambda a: (np.nanargmin(a), np.nanargmax(a)),
    ]
)


@pytest.mark.parametrize("name", ["f64", "f32", "i32", "nan", "vector"])
@pytest.mark.parametrize("function", NAN_FUNCTIONS)
def test_nan_forms(check, function, name):
    check(function, ARRAYS[name], rtol=1e-5 if name == "f32" else 1e-12)


@pytest.mark.parametrize("name", ["f64", "i32", "u8", "vector", "nan"])
def test_ptp(check, name):
    check(lambda a: (np.ptp(a), np.ptp(a, 0), np.ptp(a, axis=-1)), ARRAYS[name])
