"""np.finfo, np.iinfo, the flags of arrays, and dtypes as text, against NumPy."""

import numpy as np
import pytest

pytestmark = pytest.mark.targets("cpu")


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, np.complex64, np.complex128])
def test_floats(check, dtype):
    def g(a):
        return (
            np.finfo(a.dtype).eps,
            np.finfo(a.dtype).epsneg,
            np.finfo(a.dtype).max,
            np.finfo(a.dtype).min,
            np.finfo(a.dtype).tiny,
            np.finfo(a.dtype).smallest_normal,
            np.finfo(a.dtype).bits,
        )

    check(g, np.zeros(1, dtype))


@pytest.mark.parametrize("dtype", [f"{s}int{b}" for s in ("", "u") for b in (8, 16, 32, 64)])
def test_integers(check, dtype):
    check(
        lambda a: (np.iinfo(a.dtype).min, np.iinfo(a.dtype).max, np.iinfo(a.dtype).bits), np.zeros(1, dtype)
    )


def test_flags(check):
    base = np.arange(24.0).reshape(4, 6)
    for a in (
        base,
        base.T,
        base[::2],
        base[:, 1],
        base[:1],
        base[0],
        np.zeros((2, 0)),
        base.reshape(2, 3, 4).T,
    ):
        check(lambda a: (a.flags.c_contiguous, a.flags.f_contiguous, a.flags.contiguous), a)


def test_text_dtypes(check):
    check(lambda n: (np.zeros(n, "f4"), np.ones(n, dtype="int16"), np.empty((n, 0), "complex64")), 3)
    check(lambda a: (a.astype("float32"), a.astype("i8")), np.array([1.5, 2.5]))
