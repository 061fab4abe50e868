"""Array expressions in kernels: they become part of what uses them, since kernels have no heap."""

import numpy as np
import pytest
from cantil import cuda, float64
from cantil.errors import TypingError

pytestmark = pytest.mark.targets("sim", "gpu")


@pytest.fixture(autouse=True)
def on_each_device(target):
    """Names the device in every test's id."""


@pytest.mark.parametrize("dtype", [np.int32, np.float32, np.float64, np.complex128])
@pytest.mark.parametrize("order", ["C", "F"])
def test_an_expression_is_written_into_an_array(dtype, order):
    @cuda.jit
    def k(a, b, out):
        doubled = a * 2
        out[:] = doubled + b * b - 1

    a = np.asarray(np.arange(12).reshape(3, 4).astype(dtype), order=order)
    b = np.arange(4).astype(dtype)
    out = np.zeros((3, 4), (a * 2 + b * b - 1).dtype)
    k[1, 1](a, b, out)
    assert np.array_equal(out, a * 2 + b * b - 1)


def test_parts_and_rows():
    @cuda.jit
    def k(a, out):
        i = cuda.grid(1)
        out[i, 1:] = np.sqrt(a[i, 1:]) + a[i, :-1]
        out[i, 0] = (a[i] * a[i]).sum()
        out[i, 1:] += 1

    a = np.arange(12.0).reshape(3, 4)
    out = np.zeros((3, 4))
    k[1, 3](a, out)
    assert np.allclose(out[:, 1:], np.sqrt(a[:, 1:]) + a[:, :-1] + 1)
    assert np.allclose(out[:, 0], (a * a).sum(1))


def test_local_and_shared_arrays():
    @cuda.jit
    def k(a, out):
        i = cuda.threadIdx.x
        own = cuda.local.array(4, float64)
        shared = cuda.shared.array((8, 4), float64)
        own[:] = a[i] * 3
        shared[i, :] = own + i
        cuda.syncthreads()
        out[i] = np.sum(shared[7 - i] + own)

    a = np.arange(32.0).reshape(8, 4)
    out = np.zeros(8)
    k[1, 8](a, out)
    assert np.allclose(out, ((a * 3 + np.arange(8)[:, None])[::-1] + a * 3).sum(1))


def test_an_array_that_would_need_memory_of_its_own_is_refused():
    @cuda.jit
    def k(a, out):
        t = a + a
        out[0] = t[1]

    with pytest.raises(TypingError, match="an operation that makes an array") as error:
        k[1, 1](np.zeros(4), np.zeros(4))
    assert "t = a + a" in str(error.value)
