"""stencil: against a loop over all places."""

import copy
import itertools
import pickle

import numpy as np
import pytest
from cantil import errors, njit, stencil

OFFSET = 2

pytestmark = pytest.mark.targets("cpu")


def applied(function, array, reach, cval=0, dtype=None):
    """What a stencil gives: `function(at)` for each place, `at(*offsets)` being the neighbour's value."""
    out = np.full(array.shape, cval, dtype or array.dtype)
    inner = [range(-low, n - high) for (low, high), n in zip(reach, array.shape)]
    for place in itertools.product(*inner):
        out[place] = function(lambda *offsets, p=place: array[tuple(map(sum, zip(p, offsets)))], place)
    return out


@stencil
def laplace(a):
    return a[0, 1] + a[1, 0] + a[0, -1] + a[-1, 0] - 4 * a[0, 0]


def laplace_at(at, _):
    return at(0, 1) + at(1, 0) + at(0, -1) + at(-1, 0) - 4 * at(0, 0)


CROSS = [(-1, 1), (-1, 1)]


@pytest.mark.parametrize("shape", [(5, 6), (3, 3), (2, 7), (1, 1), (0, 4), (40, 50)])
@pytest.mark.parametrize("layout", ["C", "F", "strided"])
def test_two_dimensions(shape, layout):
    a = np.arange(float(np.prod(shape) * 4)).reshape(2 * shape[0], 2 * shape[1])[::2, ::2] ** 2
    if layout != "strided":
        a = np.array(a, order=layout)
    want = applied(laplace_at, a, CROSS)
    assert np.array_equal(laplace(a), want)

    @njit
    def serial(a):
        return laplace(a)

    @njit(parallel=True)
    def parallel(a):
        b = laplace(a)
        return laplace(b) if b.size > 10**6 else b

    assert np.array_equal(serial(a), want)
    assert np.array_equal(parallel(a), want)


@pytest.mark.parametrize("dtype", ["b", "H", "i", "q", "f", "d", "F", "D"])
def test_types(dtype):
    @stencil
    def pick(a):
        return a[1]

    a = np.arange(1, 9).astype(dtype)
    got = pick(a)
    assert got.dtype == a.dtype
    assert np.array_equal(got, [*a[1:], 0])


def test_one_and_three_and_four_dimensions():
    @stencil
    def difference(a):
        return a[1] - a[-1]

    a = np.arange(9.0) ** 2
    assert np.array_equal(difference(a), applied(lambda at, _: at(1) - at(-1), a, [(-1, 1)]))

    @stencil
    def down(a):
        return a[1, 0, -1]

    b = np.arange(60.0).reshape(3, 4, 5)
    assert np.array_equal(down(b), applied(lambda at, _: at(1, 0, -1), b, [(0, 1), (0, 0), (-1, 0)]))

    @stencil
    def back(a):
        return a[0, 0, 0, -1] * 2

    c = np.arange(48.0).reshape(2, 3, 2, 4)
    assert np.array_equal(back(c), applied(lambda at, _: at(0, 0, 0, -1) * 2, c, [(0, 0)] * 3 + [(-1, 0)]))


def test_several_arrays_and_numbers():
    @stencil
    def mix(a, b, k):
        return a[0] * k + b[1]

    a, b = np.arange(5.0), np.arange(5.0) * 10
    want = np.array([a[i] * 0.5 + b[i + 1] for i in range(4)] + [0])
    assert np.array_equal(mix(a, b, 0.5), want)
    assert np.array_equal(mix(a, np.append(b, 7.0), 0.5), want)
    assert np.array_equal(mix(k=0.5, a=a, b=b), want)
    with pytest.raises(ValueError, match="Secondary stencil array has some dimension smaller"):
        mix(a, b[:4], 0.5)
    with pytest.raises(errors.NumbaValueError, match="dimension"):
        mix(a, np.zeros((5, 5)), 0.5)


def test_neighborhood():
    @stencil(neighborhood=((-3, 1),))
    def windowed_maximum(a):
        best = a[-3]
        for i in range(-2, 2):
            if a[i] > best:
                best = a[i]
        return best

    a = np.random.default_rng(0).normal(size=40)
    want = applied(lambda at, _: max(at(i) for i in range(-3, 2)), a, [(-3, 1)])
    assert np.array_equal(windowed_maximum(a), want)

    @stencil
    def moving(a, n):
        return a[n]

    with pytest.raises(errors.NumbaValueError, match="neighborhood"):
        moving(a, 1)


def test_slices_and_constants_of_the_module():
    @stencil
    def ahead(a):
        return a[OFFSET] + a[-OFFSET + 1]

    a = np.arange(9.0)
    assert np.array_equal(ahead(a), applied(lambda at, _: at(2) + at(-1), a, [(-1, 2)]))

    @stencil
    def window(a):
        return a[-1:2].sum()

    assert np.array_equal(window(a), applied(lambda at, _: at(-1) + at(0) + at(1), a, [(-1, 1)]))


def test_standard_indexing():
    @stencil(standard_indexing=("weights",))
    def weighted(a, weights):
        return a[-1] * weights[0] + a[0] * weights[1] + a[1] * weights[2]

    a, w = np.arange(7.0), np.array([1.0, 2.0, 3.0])
    want = applied(lambda at, _: at(-1) * w[0] + at(0) * w[1] + at(1) * w[2], a, [(-1, 1)])
    assert np.array_equal(weighted(a, w), want)

    @njit(parallel=True)
    def f(a, w):
        return weighted(a, w)

    assert np.array_equal(f(a, w), want)
    with pytest.raises(errors.NumbaValueError, match="not present"):
        stencil(standard_indexing=("x",))(lambda a: a[0])(a)
    with pytest.raises(errors.NumbaValueError, match="relative indexing"):
        stencil(standard_indexing=("a",))(lambda a: a[0])(a)


def test_border_and_out():
    @stencil(cval=np.nan)
    def f(a):
        return a[-1] + a[1]

    a = np.arange(5.0)
    want = applied(lambda at, _: at(-1) + at(1), a, [(-1, 1)], np.nan)
    assert np.array_equal(f(a), want, equal_nan=True)
    out = np.full(5, 7.0)
    assert f(a, out=out) is out
    assert np.array_equal(out, want, equal_nan=True)

    @stencil
    def g(a):
        return a[-1] + a[1]

    out = np.full(5, 7.0)
    g(a, out=out)
    assert np.array_equal(out, [7, *want[1:-1], 7])

    @njit
    def inside(a, out):
        g(a, out=out)
        return out

    assert np.array_equal(inside(a, np.zeros(5)), [0, *want[1:-1], 0])
    with pytest.raises(ValueError, match="out"):
        g(a, out=np.zeros(4))
    with pytest.raises(errors.NumbaValueError, match="cval type does not match"):
        stencil(cval=1.5)(lambda a: a[0])(np.arange(4))


def test_closures_and_statements():
    def make(k):
        @stencil
        def kernel(a):
            s = 0.0
            for i in range(2):
                s += a[1] * k
            if s > 10:
                return s
            return -s

        return kernel

    a = np.arange(6.0)
    assert np.array_equal(make(2)(a), applied(lambda at, _: s if (s := at(1) * 4) > 10 else -s, a, [(0, 1)]))
    assert np.array_equal(make(1)(a), applied(lambda at, _: s if (s := at(1) * 2) > 10 else -s, a, [(0, 1)]))


def test_wrong_stencils():
    a = np.zeros((3, 3))
    for wrong, words in [
        (lambda a: a[0], "does not match array dimensionality"),
        (lambda a: 1.0, "no accesses"),
        (lambda a: a[0, 0] < "x", ""),
    ]:
        with pytest.raises(errors.NumbaError, match=words):
            stencil(wrong)(a)

    @stencil
    def writes(a):
        a[0, 1] = 2.0
        return a[0, 0]

    with pytest.raises(errors.NumbaValueError, match="Assignments to arrays"):
        writes(a)
    with pytest.raises(errors.NumbaValueError, match="neighborhood"):
        stencil(neighborhood=((-1, 1),))(lambda a: a[0, 0])(a)
    with pytest.raises(errors.NumbaValueError, match="primary input array"):
        laplace(1.0)
    with pytest.raises(errors.NumbaValueError, match="Unsupported mode"):
        stencil("wrap")
    with pytest.raises(TypeError, match="colour"):
        stencil(colour=1)(lambda a: a[0])
    with pytest.raises(TypeError):
        laplace()


def test_copies_and_pickles():
    assert copy.deepcopy(laplace) is laplace
    assert pickle.loads(pickle.dumps(laplace)) is laplace
