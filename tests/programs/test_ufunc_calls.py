"""Ufuncs with out=, where=, dtype= and casting=, and their methods, against NumPy."""

import numpy as np
import pytest
from cantil import njit
from cantil.errors import TypingError

pytestmark = pytest.mark.targets("cpu")

A = np.array([3.0, 1.0, 2.0, 5.0, 4.0, 9.0, 0.0])
M = np.arange(12.0).reshape(3, 4)
DTYPES = ["?", "i1", "u1", "i4", "u8", "f2", "f4", "f8", "c8", "c16"]


def numbered(functions):
    return [pytest.param(f, id=str(i)) for i, f in enumerate(functions)]


@pytest.mark.parametrize(
    "function",
    numbered(
        [
            lambda a: np.sqrt(a, where=a > 2, out=np.zeros(7)),
            lambda a: np.sqrt(a, out=np.ones(7), where=np.array([True])),
            lambda a: np.add(a, 1, dtype=np.float32),
            lambda a: np.add(a, a, dtype="c16"),
            lambda a: np.add(a, 1, out=np.zeros(7)),
            lambda a: np.add(a, 1, np.zeros(7)),
            lambda a: np.add(a, 1, out=(np.zeros(7),)),
            lambda a: np.add(a, 1, out=None),
            lambda a: np.add(a, 1, out=np.zeros(7, np.int64), casting="unsafe"),
            lambda a: np.add(a, 1, out=np.zeros((2, 7))),
            lambda a: np.modf(a / 2, out=(np.zeros(7), np.zeros(7))),
            lambda a: np.divmod(a, 2.0, np.zeros(7), np.zeros(7)),
            lambda a: np.maximum(a, [1, 2, 3, 4, 5, 6, 7]),
            lambda a: np.multiply(a, 2, where=True),
            lambda a: np.add(a, np.ones(4)),
            lambda a: np.add(a, a, out=np.zeros(3)),
        ]
    ),
)
def test_keywords(check, function):
    check(function, A, message=True)


def test_an_output_that_is_an_operand(check):
    def program(a, mask):
        np.negative(a, out=a, where=mask)
        np.add(a, a[::-1].copy(), out=a)
        return a

    check(program, A, A > 1)


@pytest.mark.parametrize(
    "function",
    [
        lambda a: np.add(a, 0.5, out=np.zeros(7, np.int64)),
        lambda a: np.add(a, 0.5, casting="strange"),
        lambda a: np.add(a, 0.5, dtype=np.int8),
        lambda a: np.add(a, 0.5, where=np.ones(7)),
    ],
)
def test_casts_that_are_refused(function):
    with pytest.raises(TypingError):
        njit(function)(A)


@pytest.mark.parametrize("dtype", DTYPES)
def test_reduce_and_accumulate_of_each_dtype(check, dtype):
    a = np.array([[1, 0, 3], [2, 5, 4]]).astype(dtype)
    check(
        lambda a: (np.add.reduce(a), np.multiply.reduce(a, axis=1), np.add.accumulate(a, 1)), a, rtol=1e-3
    )  # float16
    if dtype[0] != "c":
        check(lambda a: (np.maximum.reduce(a, axis=None), np.minimum.accumulate(a)), a)
    if dtype[0] in "?iu":
        check(lambda a: (np.bitwise_or.reduce(a), np.bitwise_xor.reduce(a, 1)), a)
    check(lambda a: (np.logical_and.reduce(a, axis=1), np.logical_or.reduce(a, None)), a)


@pytest.mark.parametrize(
    "function",
    numbered(
        [
            lambda m: np.add.reduce(m, axis=(0, 1)),
            lambda m: np.add.reduce(m, axis=-1, keepdims=True),
            lambda m: np.add.reduce(m, axis=1, initial=10.0),
            lambda m: np.add.reduce(m, axis=1, where=m > 2),
            lambda m: np.maximum.reduce(m, axis=1, keepdims=True),
            lambda m: np.maximum.reduce(m, initial=4.0, where=m > 2),
            lambda m: np.add.reduce(m, out=np.zeros(4)),
            lambda m: np.add.reduce(m, dtype=np.float32),
            lambda m: np.subtract.reduce(m),
            lambda m: np.hypot.reduce(m, axis=None),
            lambda m: np.multiply.accumulate(m, axis=1),
            lambda m: np.add.reduceat(m, np.array([0, 2, 1]), axis=1),
            lambda m: np.add.reduceat(m, [0, 1]),
            lambda m: np.add.outer(m, np.array([1, 2])),
            lambda m: np.subtract.outer(m, 2.0),
            lambda m: np.less.outer(m[0], m[1]),
            lambda m: np.add.reduce(m, axis=2),
            lambda m: np.add.reduce(m, axis=(0, 0)),
        ]
    ),
)
@pytest.mark.parametrize("m", [M, M.T, M[::-1, ::2], M.astype("i4")], ids=["C", "F", "strided", "int"])
def test_methods(check, function, m):
    check(function, m, rtol=1e-15)  # NumPy goes through memory in another order


def test_reductions_of_nothing(check):
    check(lambda a: (np.add.reduce(a), np.multiply.reduce(a)), A[:0])
    check(lambda a: np.maximum.reduce(a), A[:0], message=True)
    check(lambda m: np.minimum.reduce(m, axis=1), np.ones((0, 3)))


def test_at(check):
    def add(a, places, values):
        np.add.at(a, places, values)
        return a

    check(add, A, np.array([0, 0, -1]), 2.0)
    check(add, A, np.array([0, 0, -1]), np.array([1.0, 2.0, 3.0]))
    check(add, A, A > 2, 1.0)
    check(add, A, 2, 1.0)
    check(add, M, (np.array([0, 0]), np.array([1, 1])), 1.0)

    def negate(a):
        np.negative.at(a, np.array([0, 2, 2]))
        return a

    check(negate, A)
