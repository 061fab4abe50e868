"""NumPy's functions with all their keywords, against NumPy: arrays split, padded, edited, joined, searched, counted."""

import random

import numpy as np
import pytest
from cantil import njit
from numpy.polynomial import Polynomial, polyutils

pytestmark = pytest.mark.targets("cpu")

A = np.array([3.0, 1.0, 2.0, 5.0, 4.0, 9.0, 0.0])
I = np.array([3, 1, 2, 5, 4, 0, 3])  # noqa: E741
M = np.arange(12.0).reshape(3, 4)
T = np.arange(24.0).reshape(2, 3, 4)
Z = A + 1j * A[::-1]
Q = np.array([3, 3, 1, 2, 2, 2, 9])
ROWS = np.array([[1, 2], [1, 2], [0, 5], [1, 1]])
LAYOUTS = [M, M.T, M[::-1, ::-1], M.astype("i4"), M.astype("f4"), M.astype("c8"), M > 3]
NAMES = ["C", "F", "reversed", "int32", "float32", "complex64", "bool"]
TOLERANCE = 1e-12  # sums in another order


def cases(*groups):
    return [
        pytest.param(f, a, id=f"{g}-{i}")
        for g, (a, functions) in enumerate(groups)
        for i, f in enumerate(functions)
    ]


SPLIT = cases(
    (
        A,
        [
            lambda a: np.split(a, 7),
            lambda a: np.split(a, 2),
            lambda a: np.split(a, [2, 5]),
            lambda a: np.split(a, (2, -1, 20)),
            lambda a: np.array_split(a, 3),
            lambda a: np.array_split(a, 9),
            lambda a: np.array_split(a, 0),
            lambda a: np.vsplit(a, 1),
        ],
    ),
    (M, [lambda a: np.hsplit(a, 2), lambda a: np.vsplit(a, [1]), lambda a: np.split(a, 2, axis=-1)]),
    (M, [lambda a: np.dsplit(a, 2), lambda a: np.split(a, 3, axis=2)]),
    (T, [lambda a: np.dsplit(a, 2), lambda a: np.array_split(a, 2, 1)]),
)
EDIT = cases(
    (
        A,
        [
            lambda a: np.delete(a, 2),
            lambda a: np.delete(a, -1),
            lambda a: np.delete(a, [0, 2, 2]),
            lambda a: np.delete(a, np.array([1, -1])),
            lambda a: np.delete(a, slice(1, 4)),
            lambda a: np.delete(a, slice(None, None, 2)),
            lambda a: np.delete(a, a > 2),
            lambda a: np.delete(a, 9),
            lambda a: np.insert(a, 2, 9),
            lambda a: np.insert(a, 1, [7, 8]),
            lambda a: np.insert(a, [1, 3], [8, 9]),
            lambda a: np.insert(a, [1, 3], 8),
            lambda a: np.insert(a, [3, 1, 1], [7, 8, 9]),
            lambda a: np.insert(a, slice(0, 2), 8),
            lambda a: np.insert(a, 99, 8),
        ],
    ),
    (
        M,
        [
            lambda a: np.delete(a, 1, axis=0),
            lambda a: np.delete(a, 1, 1),
            lambda a: np.delete(a, [0, -1], axis=-1),
            lambda a: np.delete(a, slice(0, 2), 1),
            lambda a: np.delete(a, 7, 1),
            lambda a: np.delete(a, 0, 2),
            lambda a: np.insert(a, 1, 9, axis=0),
            lambda a: np.insert(a, 1, [1, 2, 3], axis=1),
            lambda a: np.insert(a, [0, 2], 9, axis=1),
            lambda a: np.insert(a, [1], [[1], [2], [3]], axis=1),
            lambda a: np.insert(a, -1, 9.5, axis=1),
            lambda a: np.insert(a, 5, 9.5, axis=1),
        ],
    ),
    (I, [lambda a: np.insert(a, 1, 9.5), lambda a: np.delete(a, 0)]),
)
DIFFERENCES = cases(
    (
        M,
        [
            lambda a: np.diff(a, axis=0),
            lambda a: np.diff(a, n=2, axis=1, prepend=0, append=[[1], [2], [3]]),
            lambda a: np.diff(a, n=9),
            lambda a: np.gradient(a),
            lambda a: np.gradient(a, axis=1),
            lambda a: np.gradient(a, 2.0, axis=0, edge_order=2),
            lambda a: np.gradient(a, 1.0, [0.0, 1, 3, 4]),
            lambda a: np.gradient(a, axis=(0, 1)),
            lambda a: np.gradient(a, axis=2),
            lambda a: np.trapezoid(a),
            lambda a: np.trapezoid(a, axis=0, dx=2.0),
            lambda a: np.trapezoid(a, x=[0, 1, 3, 4]),
        ],
    ),
    (
        A,
        [
            lambda a: np.diff(a > 2),
            lambda a: np.diff(a, -1),
            lambda a: np.ediff1d(a, to_end=9.0, to_begin=[1.0, 2]),
            lambda a: np.gradient(a, 2.0),
            lambda a: np.gradient(a, np.array([0.0, 1, 3, 4, 6, 7, 9]), edge_order=2),
            lambda a: np.gradient(a[:1]),
            lambda a: np.interp(a, np.array([0.0, 1, 2, 4]), np.array([5.0, 3, 9, 1]), left=-1, right=7),
            lambda a: np.interp(a, [0.0, 1, 2, 4], [5.0, 3, 9, 1], period=3),
            lambda a: np.interp(1.5, [0.0, 1, 2, 4], [5.0, 3, 9, 1]),
            lambda a: np.interp(a, [0.0, 1, 2, 4], [5.0, 3j, 9, 1]),
            lambda a: np.interp(a, [0.0, 1], [5.0]),
            lambda a: np.trapezoid(a, a),
        ],
    ),
)
REARRANGE = cases(
    (
        M,
        [
            lambda a: np.rot90(a, -1),
            lambda a: np.rot90(a, 1, (0, 0)),
            lambda a: np.roll(a, (1, 2), axis=(0, 1)),
            lambda a: np.roll(a, 1, axis=(0, 1)),
            lambda a: np.roll(a, 5),
            lambda a: np.repeat(a, 2, axis=1),
            lambda a: np.repeat(a, [1, 2, 0], axis=0),
            lambda a: np.repeat(a, [1, 2], axis=0),
            lambda a: a.repeat(2, axis=0),
            lambda a: np.tile(a, (2, 1, 2)),
            lambda a: np.tile(a, 0),
            lambda a: np.block([[a, a], [a, a]]),
            lambda a: np.block([[a, np.ones((3, 1))], [np.zeros((1, 5))]]),
        ],
    ),
    (
        T,
        [
            lambda a: np.rot90(a, 1, (1, 2)),
            lambda a: np.flip(a, (0, 2)),
            lambda a: np.flip(a, (0, 0)),
            lambda a: np.roll(a, -2, axis=-1),
            lambda a: np.tile(a, 2),
            lambda a: (np.concatenate(a), np.vstack(a), np.hstack(a), np.stack(a, 1)),
        ],
    ),
    (
        A,
        [
            lambda a: np.rot90(a),
            lambda a: np.tile(a, (2, 2)),
            lambda a: np.block([a, 1.0]),
            lambda a: np.vstack([a, a]),
            lambda a: np.hstack([a, a[:2], 1.0]),
            lambda a: np.column_stack([a, a.astype(np.int32), np.ones((7, 2))]),
            lambda a: np.stack([a, a], axis=-1),
            lambda a: np.dstack([a, a]),
            lambda a: np.concatenate((a, [1, 2])),
            lambda a: np.concatenate((a, a), dtype=np.float32),
            lambda a: np.concatenate((a, a), out=np.zeros(14)),
            lambda a: np.append(a, [1, 2]),
            lambda a: np.append(1, a),
        ],
    ),
    (
        M,
        [
            lambda a: np.append(a, [[1, 2, 3, 4]], axis=0),
            lambda a: np.concatenate((a, a.T)),
            lambda a: np.concatenate((a, a[0])),
        ],
    ),
)
SETS = cases(
    (
        Q,
        [
            lambda x: np.unique(x, return_counts=True),
            lambda x: np.unique(x, return_index=True, return_inverse=True, return_counts=True),
            lambda x: np.unique([3, 1, 1]),
            lambda x: np.intersect1d(x, [2, 3, 7], return_indices=True),
            lambda x: np.setdiff1d(x, [2, 3, 7]),
            lambda x: np.setdiff1d(x, [2, 3, 7], assume_unique=True),
            lambda x: np.setxor1d(x, [7, 2]),
            lambda x: np.union1d(x, [7]),
            lambda x: np.isin(x, [2, 3], invert=True),
            lambda x: np.isin(x, [2, 3], kind="sort"),
            lambda x: np.isin(2, x),
        ],
    ),
    (
        np.array([np.nan, 1, np.nan, 2]),
        [
            lambda x: np.unique(x, return_inverse=True, return_counts=True),
            lambda x: np.unique(x, equal_nan=False),
        ],
    ),
    (
        ROWS,
        [
            lambda x: np.unique(x, axis=0),
            lambda x: np.unique(x, axis=1, return_index=True, return_inverse=True, return_counts=True),
            lambda x: np.unique(x, return_inverse=True),
        ],
    ),
)
COUNTS = cases(
    (
        A,
        [
            lambda a: np.histogram(a),
            lambda a: np.histogram(a, bins=4, density=True),
            lambda a: np.histogram(a, [0, 1, 3, 9]),
            lambda a: np.histogram(a, [0, 1, 3, 9], weights=a),
            lambda a: np.histogram(a, 4, (0, 5)),
            lambda a: np.histogram(a, 4, (5, 0)),
            lambda a: np.histogram(a, [3, 1]),
            lambda a: np.histogram(a, 0),
            lambda a: np.histogram(a, "auto"),
            lambda a: (np.histogram_bin_edges(a, "sqrt"), np.histogram_bin_edges(a, "sturges")),
            lambda a: (np.histogram_bin_edges(a, "rice"), np.histogram_bin_edges(a, "scott")),
            lambda a: (np.histogram_bin_edges(a, "fd"), np.histogram_bin_edges(a, "doane")),
            lambda a: np.histogram2d(a, a[::-1], 3),
            lambda a: np.histogram2d(a, a[::-1], (2, 3), ((0, 9), (0, 9))),
            lambda a: np.histogram2d(a, a[::-1], [[0, 4, 9], [0, 2, 9]], density=True),
            lambda a: np.histogram2d(a, a[::-1], bins=[2, 3], weights=a),
            lambda a: np.average(a, weights=[0, 0, 0, 0, 0, 0, 0]),
            lambda a: (np.cov(a), np.cov(a, a[::-1]), np.corrcoef(a, a[::-1]), np.corrcoef(a)),
        ],
    ),
    (
        M**2,
        [
            lambda a: np.average(a, axis=0),
            lambda a: np.average(a, axis=1, weights=[1, 2, 3, 4]),
            lambda a: np.average(a, weights=a + 1, returned=True),
            lambda a: np.average(a, axis=0, keepdims=True),
            lambda a: np.average(a, weights=[1, 2]),
            lambda a: np.cov(a, rowvar=False, bias=True),
            lambda a: np.cov(a, ddof=0, fweights=[1, 2, 1, 1], aweights=[0.1, 0.2, 0.3, 0.4]),
            lambda a: np.corrcoef(a),
        ],
    ),
    (Z, [lambda a: np.cov(a), lambda a: np.corrcoef(a)]),
)
CHOICES = cases(
    (
        A,
        [
            lambda a: np.select([a > 3, a > 1], [a, -a], 7),
            lambda a: np.select([a > 3, a > 1], [a, a.astype(np.int32)]),
            lambda a: np.take(a, [1, 9], mode="wrap"),
            lambda a: np.take(a, 9),
            lambda a: np.put(a, 99, 1.0),
            lambda a: np.clip(a, a - 1, a[::-1]),
            lambda a: np.clip(a, None, 4),
            lambda a: np.clip(a, 2, None, out=np.zeros(7)),
            lambda a: a.clip(min=2),
            lambda a: np.clip(5.0, 1.0, 2.0),
            lambda a: np.searchsorted(a, [1.0, 3.0], sorter=np.argsort(a)),
            lambda a: np.searchsorted(a, 2.0, "middle"),
            lambda a: np.partition(a, 99),
        ],
    ),
    (
        I,
        [
            lambda a: np.choose(a % 2, [a, -a]),
            lambda a: np.choose([0, 1, 2, 0], [[1, 2, 3, 4], [5, 6, 7, 8], [9, 9, 9, 9]]),
            lambda a: np.choose(a, [a, -a], mode="clip"),
            lambda a: np.choose(a, [a, -a]),
            lambda a: np.lexsort((a, a[::-1] % 2)),
            lambda a: a.clip(max=2),
        ],
    ),
    (
        M,
        [
            lambda a: np.take(a, [[0, 1], [2, 0]], axis=1),
            lambda a: np.take(a, 1, axis=0),
            lambda a: np.take(a, 9, axis=1),
            lambda a: a.take([0, 1], axis=-1, out=np.zeros((3, 2))),
            lambda a: np.compress([True, False, True], a, axis=0),
            lambda a: np.compress([True, False, True], a),
            lambda a: a.compress([0, 1, 1], axis=1),
            lambda a: np.clip(a, [0, 1, 2, 3], 5),
            lambda a: np.partition(a[::-1], (1, 2), axis=0)[1],
            lambda a: (a.tolist(), a.flags.writeable),
        ],
    ),
)
POLYNOMIALS = cases(
    (
        A,
        [
            lambda a: (np.polyadd(a, [1, 2]), np.polysub([1, 2], a), np.polymul(a, a)),
            lambda a: np.polydiv(a, [1, 2]),
            lambda a: (np.polyder(a, 2), np.polyint(a), np.poly(a)),
            lambda a: np.polynomial.polynomial.polyval(2.0, a),
            lambda a: np.polynomial.polynomial.polymul(a, [1, 2]),
            lambda a: (polyutils.trimseq(a), polyutils.trimcoef(a, 1)),
            lambda a: polyutils.as_series([a, [1, 2]]),
            lambda a: (Polynomial(a).coef, Polynomial(a).domain, Polynomial(a, [0, 1]).window),
            lambda a: Polynomial(a)(2.0),
        ],
    ),
    (I, [lambda a: Polynomial(a).coef, lambda a: polyutils.trimseq(a)]),
)


@pytest.mark.parametrize(
    "function, a", [*SPLIT, *EDIT, *DIFFERENCES, *REARRANGE, *SETS, *COUNTS, *CHOICES, *POLYNOMIALS]
)
def test_calls(check, function, a):
    check(function, a, rtol=TOLERANCE)


@pytest.mark.parametrize("a", LAYOUTS, ids=NAMES)
def test_layouts_and_dtypes(check, a):
    check(
        lambda a: (np.tile(a, 2), np.repeat(a, 2, 0), np.roll(a, 1, 1), np.rot90(a), np.block([[a], [a]])), a
    )
    check(
        lambda a: (np.delete(a, 1, 0), np.insert(a, 1, a[0], 0), np.take(a, [1, 0], 1), np.split(a, [1])), a
    )
    check(lambda a: (np.diff(a, axis=0), np.append(a, a), np.stack([a, a], 2), np.vstack([a, a])), a)
    check(
        lambda a: (
            np.select([a != 1], [a]),
            np.compress([True, False], a, 1),
            np.unique(a, return_index=True),
        ),
        a,
    )


@pytest.mark.parametrize("mode", ["edge", "reflect", "symmetric", "wrap", "maximum", "minimum", "constant"])
@pytest.mark.parametrize("a", [A, *LAYOUTS[:5], T[:, ::-1], A[:1], M > 3], ids=range(9))
def test_pad(check, mode, a):
    check(lambda a: (np.pad(a, 3, mode=mode), np.pad(a, (1, 9), mode=mode)), a)


@pytest.mark.parametrize("mode", ["mean", "median", "linear_ramp"])
@pytest.mark.parametrize("a", [A, M, M.astype("i4"), T[:, ::-1], A[:1]], ids=range(5))
def test_pad_with_computed_values(check, mode, a):
    check(lambda a: (np.pad(a, 3, mode=mode), np.pad(a, (1, 9), mode=mode)), a, rtol=TOLERANCE)


def test_keywords_of_pad(check):
    check(lambda x: np.pad(x, ((1, 2), (0, 3)), "reflect", reflect_type="odd"), M)
    check(lambda x: np.pad(x, 9, "symmetric", reflect_type="odd"), M)
    check(lambda x: np.pad(x, [(1, 2), (0, 3)], "constant", constant_values=(4, 5)), M)
    check(lambda x: np.pad(x, 2, "mean", stat_length=2), M)
    check(lambda x: np.pad(x, 2, "linear_ramp", end_values=((1, 2), (3, 4))), M)
    check(lambda x: np.pad(x, -1), M, message=True)
    check(lambda x: np.pad(x, 1.5), M, message=True)
    check(lambda x: np.pad(x, 1, "edge"), M[:0], message=True)
    check(lambda x: np.pad(x, 1), M[:0])


def test_lists_of_arrays(check):
    def program(a):
        pieces = [a, a + 1]
        pieces.append(a * 2)
        joined = np.concatenate(pieces), np.concatenate(pieces, axis=None), np.stack(pieces)
        return joined, np.hstack(pieces), np.vstack(pieces), np.column_stack(pieces), np.dstack(pieces)

    check(program, A)
    check(program, M)


def test_elements_set(check):
    def put(a):
        np.put(a, [1, -1], [7, 8])
        np.put(a, 99, 5.0, mode="clip")
        return a

    def place(a):
        np.place(a, a > 2, [7, 8])
        np.putmask(a, a > 7, -a)
        np.copyto(a, 5, where=a == 0)
        return a

    def along(a):
        np.put_along_axis(a, np.argmax(a, axis=1, keepdims=True), -1, 1)
        return a

    for a in (M, M.T, M[::-1]):
        check(put, a)
        check(place, a)
        check(along, a)


def test_samples_of_populations():
    @njit
    def sample(n, k):
        return random.sample(range(n), k)

    @njit
    def choices(k):
        return random.choices([1, 2, 3], weights=[0.0, 1.0, 3.0], k=k)

    for n, k in ((5, 5), (100, 3), (3, 0)):
        drawn = sample(n, k)
        assert len(drawn) == k and len(set(drawn)) == k and set(drawn) <= set(range(n))
    drawn = choices(400)
    assert len(drawn) == 400 and set(drawn) == {2, 3} and 230 < drawn.count(3) < 370
    with pytest.raises(ValueError):
        sample(2, 3)


def test_windows_and_buffers(check):
    windows = np.lib.stride_tricks.sliding_window_view
    check(
        lambda a: (
            windows(a, (2, 2)),
            windows(a, 2, axis=1),
            windows(a, (2, 2), (1, 1)),
            windows(a, (2,), 0),
        ),
        M,
    )
    check(lambda a: windows(a, 2), M, message=True)
    check(lambda a: windows(a, 9), A, message=True)
    check(lambda a: (np.frombuffer(a, np.uint8), np.frombuffer(a, np.int32, count=3, offset=8)), I)
    check(lambda a: np.frombuffer(a, np.int64, count=99), I)
