"""Subclasses of ndarray as arguments, and dtypes that compiled code does not know."""

import numpy as np
import pytest
from cantil import cuda, errors, njit, typeof


def total(a):
    return a.sum()


def test_masked_arrays_are_refused():
    masked = np.ma.array([1.0, 2.0], mask=[False, True])
    with pytest.raises(errors.TypingError, match="MaskedArray.*data and its mask"):
        njit(total)(masked)
    with pytest.raises(errors.TypingError, match="MaskedArray"):
        njit(lambda t: t[0].sum())((masked, 1))
    with pytest.raises(errors.NumbaValueError):
        typeof(masked)

    @cuda.jit
    def k(a):
        a[0] = 1.0

    with pytest.raises(errors.TypingError, match="MaskedArray"):
        k[1, 1](masked)
    assert njit(total)(masked.data) == 3.0


def test_other_subclasses_are_plain_arrays(tmp_path):
    class Sub(np.ndarray):
        pass

    f = njit(total)
    assert f(np.arange(4.0).view(Sub)) == 6 and f(np.arange(4.0).reshape(2, 2).view(np.matrix)) == 6
    np.arange(4.0).tofile(tmp_path / "x")
    assert f(np.memmap(tmp_path / "x", float)) == 6


@pytest.mark.parametrize("value", [np.zeros(2, np.longdouble), np.array([None]), np.zeros(2, ">f8")])
def test_other_dtypes_are_refused(value):
    with pytest.raises(errors.TypingError, match="dtype"):
        njit(total)(value)
