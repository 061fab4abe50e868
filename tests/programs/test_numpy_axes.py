"""Reductions over several axes and with NumPy's other keywords, against NumPy."""

import numpy as np
import pytest

pytestmark = pytest.mark.targets("cpu")

T = np.arange(24.0).reshape(2, 3, 4) - 7
N = np.where(T % 5 == 0, np.nan, T)
VALUES = [T, np.asfortranarray(T), T[::-1, :, ::2], T.astype("i2"), T.astype("f4"), N, T > 0, T.astype("u1")]
NAMES = ["C", "F", "strided", "int16", "float32", "nan", "bool", "uint8"]
TOLERANCE = 1e-5  # of float32 sums, which NumPy adds in pairs
REDUCTIONS = [
    np.sum, np.prod, np.min, np.max, np.mean, np.var, np.std, np.median, np.nansum, np.nanprod, np.nanmin, np.nanmax,
    np.nanmean, np.nanvar, np.nanstd, np.nanmedian, np.any, np.all, np.count_nonzero,
]  # fmt: skip
METHODS = [
    "linear", "lower", "higher", "midpoint", "nearest", "inverted_cdf", "averaged_inverted_cdf", "closest_observation",
    "interpolated_inverted_cdf", "hazen", "weibull", "median_unbiased", "normal_unbiased",
]  # fmt: skip


def name_of(f):
    return f.__name__


@pytest.mark.parametrize("a", VALUES, ids=NAMES)
@pytest.mark.parametrize("f", REDUCTIONS, ids=name_of)
def test_axes(check, f, a):
    check(
        lambda a: (
            f(a, axis=(0, 2)),
            f(a, axis=(-1, 0), keepdims=True),
            f(a, axis=None, keepdims=True),
            f(a, axis=1, keepdims=True),
            f(a, axis=-1),
            f(a, axis=(0, 1, 2)),
            f(a, (1,)),
        ),
        a,
        rtol=TOLERANCE,
    )


@pytest.mark.parametrize("f", [*REDUCTIONS, np.argmin, np.argmax, np.ptp], ids=name_of)
def test_axes_that_do_not_exist(check, f):
    check(lambda a: f(a, axis=3), T)
    check(lambda a: f(a, axis=-4), T)
    if f not in (np.argmin, np.argmax):
        check(lambda a: f(a, axis=(0, 0)), T)
        check(lambda a: f(a, axis=(0, 3)), T)


@pytest.mark.parametrize("f", [f for f in REDUCTIONS if f is not np.count_nonzero], ids=name_of)
def test_out(check, f):
    check(lambda a: f(a, axis=1, out=np.zeros((2, 4))), T, rtol=TOLERANCE)
    check(lambda a: f(a, axis=(0, 1), keepdims=True, out=np.zeros((1, 1, 4))), T, rtol=TOLERANCE)
    check(lambda a: f(a, axis=1, out=np.zeros((4, 2))), T)
    check(lambda a: f(a, axis=1, out=np.zeros(2)), T)


def test_where_and_initial(check):
    check(lambda a: (np.sum(a, initial=3, where=a > 3), np.prod(a, axis=0, initial=2, where=a > 3)), T)
    check(lambda a: (np.min(a, initial=3, where=a > 0), np.max(a, axis=1, initial=3)), T)
    check(lambda a: (np.mean(a, axis=1, where=a > 3), np.var(a, axis=1, where=a > 3)), T, rtol=1e-13)
    check(lambda a: (np.any(a, axis=1, where=a > 3), np.all(a, axis=(0, 1), where=a > 3)), T)
    check(lambda a: np.min(a, where=a > 0), T)
    check(lambda a: np.min(a, axis=1, initial=2.0), T[:, :0])
    check(lambda a: np.min(a, axis=1), T[:, :0])
    check(lambda a: np.sum(a, axis=1), T[:, :0])
    check(lambda a: np.nansum(a, initial=3, where=np.array([True, False, True, True])), N)


def test_dtypes_and_methods(check):
    check(lambda a: (np.sum(a, dtype=np.float32), a.sum(axis=(0, 1), dtype=np.int64)), T)
    check(lambda a: (a.std(dtype=np.float32), a.var(axis=(1, 2), ddof=1)), T, rtol=1e-6)
    check(lambda a: (np.var(a, correction=1), np.std(a, axis=0, correction=1)), T, rtol=1e-13)
    check(lambda a: (a.min(axis=(0, 2)), a.max(keepdims=True), a.any(axis=(0, 1)), a.all(axis=(0, 1))), T)
    check(lambda a: (a.argmin(keepdims=True), a.argmax(axis=1, keepdims=True), np.argmax(a, 0)), T)
    check(lambda a: (np.ptp(a, axis=(0, 1)), np.ptp(a, keepdims=True)), T)
    check(lambda a: (np.cumsum(a, out=np.zeros(24)), a.cumprod(axis=1, out=np.zeros((2, 3, 4)))), T)
    check(lambda a: (np.nancumsum(a, axis=1), np.nancumprod(a, out=np.zeros(24))), N)
    check(lambda a: (np.nanargmin(a, axis=1), np.nanargmax(a, axis=2, keepdims=True)), N)
    check(lambda a: np.nanargmax(a, axis=1), np.full((2, 3), np.nan))


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("a", [T, N, T.astype("i4"), T[:, :1]], ids=["float", "nan", "int", "single"])
def test_quantiles(check, method, a):
    check(lambda a: np.percentile(a, [0, 10, 25.0, 33, 50, 77, 100], axis=1, method=method), a, rtol=1e-13)
    check(lambda a: np.quantile(a, 0.3, axis=(0, 1), keepdims=True, method=method), a, rtol=1e-13)
    check(lambda a: np.nanquantile(a, (0.3, 0.5), axis=2, method=method), a, rtol=1e-13)
    check(lambda a: np.nanpercentile(a, np.array([[30.0, 5.0]]), method=method), a, rtol=1e-13)


def test_quantiles_that_do_not_exist(check):
    check(lambda a: np.quantile(a, 1.3, axis=1), T, message=True)
    check(lambda a: np.percentile(a, [-1, 5], axis=1), T, message=True)
    check(lambda a: np.percentile(a, 5, axis=7), T)


def test_what_arrays_are_made_of(check):
    check(lambda: (np.sum([1, 2, 3]), np.median((1, 2, 4)), np.mean([[1.0, 2.0], [3.0, 4.0]], axis=0)))
    check(lambda: (np.sort([3, 1, 2]), np.cumsum((1, 2, 3)), np.max([1.5, 2.5]), np.std((1.0, 2.0))))
