"""a.flat, np.ndindex, np.ndenumerate, np.nditer, and np.r_ and its kin, against NumPy."""

import numpy as np
import pytest
from cantil import njit
from cantil.errors import UnsupportedError

pytestmark = pytest.mark.targets("cpu")

M = np.arange(12.0).reshape(3, 4)
T = np.arange(24.0).reshape(2, 3, 4)
LAYOUTS = [
    M,
    M.T,
    M[::-1],
    M[:, ::-1],
    M.T[::-1, ::2],
    T,
    T.transpose(2, 0, 1),
    T[:, ::-1].transpose(1, 2, 0),
]
LAYOUTS += [M[:0], np.array(5.0), M[0], M.astype("c8"), M.astype("?"), np.broadcast_to(M[0], (2, 4))]


@pytest.mark.parametrize("a", LAYOUTS, ids=range(len(LAYOUTS)))
def test_every_element(check, a):
    def program(a):
        flat = [a.dtype.type(0)]
        entries = [(0, a.dtype.type(0))]
        ordered = [a.dtype.type(0)]
        for x in a.flat:
            flat.append(x)
        for index, x in np.ndenumerate(a):
            entries.append((len(index), x))
        for x in np.nditer(a):
            ordered.append(x.item())
        for index in np.ndindex(a.shape):
            flat.append(a[index])
        return flat, entries, ordered, len(a.flat)

    check(program, a)


def test_several_arrays_at_once(check):
    def program(a, b):
        r = [0.0]
        for x, y in np.nditer((a, b)):
            r.append(x.item() * 10 + y.item())
        return r

    for a in (M, M.T.copy().T, M[:, ::-1]):
        for b in (M, M[0], M[::-1], M.T.copy().T):
            check(program, a, b)
    check(program, M, np.ones(3))


def test_elements_of_nditer_are_views(check):
    def program(a):
        for x in np.nditer(a):
            x[()] = x.item() * 2
        return a

    result = njit(program)(M.copy())
    assert (result == M * 2).all()


def test_ndindex_of_numbers_and_tuples(check):
    def program(n):
        r = [0]
        for i, j in np.ndindex(n, 3):
            r.append(10 * i + j)
        for (i,) in np.ndindex(n):
            r.append(i)
        for index in np.ndindex((2, n)):
            r.append(index[0] * 10 + index[1])
        return r

    check(program, 2)
    check(program, 0)
    check(program, -1)


def test_flat_read_and_assigned(check):
    def program(a):
        r = a.flat[5], a.flat[-1], a.flat[1:5], a.flat[::-2], a.flat[[1, 3]], a.flat[np.array([0, -1])]
        a.flat[2] = 7.0
        a.flat[4:6] = [1, 2]
        a.flat[[0, 1]] = 9.0
        return r, a, a.flat.copy()

    check(program, M)
    check(program, M.T)
    check(program, M[::-1, ::-1])
    check(lambda a: a.flat[12], M, message=True)
    check(lambda a: a.flat[-13], M)

    def fill(a):
        a.flat = [1, 2, 3]
        return a

    check(fill, M)
    check(fill, M.T)


def test_flat_in_other_loops(check):
    def program(a):
        s = 0.0
        for k, x in enumerate(a.flat):
            s += k * x
        for x, y in zip(a.flat, a.T.flat):
            s += x * y
        f = a.flat
        return s + f[2], sum([x for x in f])

    check(program, M)


def test_an_iterator_cannot_leave():
    with pytest.raises(UnsupportedError):
        njit(lambda a: a.flat)(M)


GRIDS = [
    lambda a: np.r_[a, 1.0, 2.0],
    lambda a: np.r_[a, a],
    lambda a: np.r_[1:5, a, 0:1:5j],
    lambda a: np.r_[1:5],
    lambda a: np.r_[0:3, 5, 7:9],
    lambda a: np.r_[a.astype(np.float32), 1],
    lambda a: np.r_[[1, 2], (3, 4)],
    lambda a: np.c_[a, a],
    lambda a: np.c_[a, a * 2, a.reshape(-1, 1)],
    lambda a: np.mgrid[0:3, 1:2:3j],
    lambda a: np.mgrid[0:3, 0:2],
    lambda a: np.mgrid[0:3],
    lambda a: np.mgrid[-1:1:0.5, :3:2, 1:3],
    lambda a: np.mgrid[0:1:5j],
    lambda a: np.ogrid[0:3, 1:2:3j],
    lambda a: a[np.s_[1:3]],
    lambda a: a[np.index_exp[::-1]],
    lambda a: np.arange(12).reshape(3, 4)[np.ix_([0, 2], [1, 3])],
    lambda a: np.arange(12).reshape(3, 4)[np.ix_(np.array([True, False, True]), (1, 3))],
]


@pytest.mark.parametrize("function", GRIDS, ids=range(len(GRIDS)))
def test_grids(check, function):
    check(function, np.array([3.0, 1.0, 2.0]), rtol=1e-15)  # linspace's last bit
