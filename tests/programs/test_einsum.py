"""np.einsum against NumPy."""

import numpy as np
import pytest
from cantil import njit
from cantil.errors import TypingError

pytestmark = pytest.mark.targets("cpu")

M = np.arange(12.0).reshape(3, 4)
T = np.arange(24.0).reshape(2, 3, 4)
ONE = [
    lambda a: np.einsum("ij->ji", a),
    lambda a: np.einsum("ij", a),
    lambda a: np.einsum("ji", a),
    lambda a: np.einsum("ij->", a),
    lambda a: np.einsum("ij->i", a),
    lambda a: np.einsum("ij -> j", a),
    lambda a: np.einsum("...j->...", a),
    lambda a: np.einsum("ii", a[:3, :3]),
    lambda a: np.einsum("ii->i", a[:3, :3]),
    lambda a: np.einsum("ii->i", a),
]
TWO = [
    lambda a, b: np.einsum("ij,jk->ik", a, b.T),
    lambda a, b: np.einsum("ij,jk", a, b.T),
    lambda a, b: np.einsum("ij,ij->i", a, b),
    lambda a, b: np.einsum("ij,ij->", a, b),
    lambda a, b: np.einsum("ij,kl->ijkl", a, b),
    lambda a, b: np.einsum("ij,kj->ki", a, b, optimize=True),
    lambda a, b: np.einsum("i,j,k->ijk", a[0], b[1], a[:, 2]),
    lambda a, b: np.einsum("ij,i->j", a, [1, 2, 3]),
    lambda a, b: np.einsum("ij,jk->ik", a, b),
]


@pytest.mark.parametrize("dtype", ["f8", "i4", "c16", "f4"])
@pytest.mark.parametrize("a", [M, M.T.copy().T, M[::-1, ::-1]], ids=["C", "F", "reversed"])
@pytest.mark.parametrize("function", ONE, ids=range(len(ONE)))
def test_one_operand(check, function, a, dtype):
    check(function, a.astype(dtype, order="K"))


@pytest.mark.parametrize("dtype", ["f8", "i4", "c16"])
@pytest.mark.parametrize("function", TWO, ids=range(len(TWO)))
def test_two_operands(check, function, dtype):
    check(function, M.astype(dtype), M[::-1] + 1)


def test_batches(check):
    check(lambda a, b: np.einsum("...ij,...jk->...ik", a, b), T, T.transpose(0, 2, 1))
    check(lambda a, b: np.einsum("bij,jk->bik", a, b), T, M.T)
    check(lambda a, b: np.einsum("...ij,jk", a, b), T, M.T)


@pytest.mark.parametrize(
    "function",
    [
        lambda a: np.einsum("i", a),
        lambda a: np.einsum("ijk", a),
        lambda a: np.einsum("ij,jk", a),
        lambda a: np.einsum("ij->k", a),
        lambda a: np.einsum("ij->ii", a),
        lambda a: np.einsum("i1", a),
    ],
)
def test_subscripts_that_do_not_fit(function):
    with pytest.raises((TypingError, ValueError)):
        njit(function)(M)
