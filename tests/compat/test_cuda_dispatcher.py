"""What numba-cuda documents of kernels: configuring, inspection, compile_ptx; none of it needs a GPU."""

import os

import numpy as np
import pytest

os.environ.setdefault("CANTIL_CUDA", "sim")

from cantil import cuda, float32, float64, int32, types, void  # noqa: E402  (after the choice of the device)


def scale(a, factor):
    i = cuda.grid(1)
    if i < a.size:
        a[i] *= factor


def test_configuring_a_kernel():
    kernel = cuda.jit(scale)
    a = np.ones(4)
    configured = kernel[1, 4]
    configured(a, 2)
    configured(a, 2)
    kernel[(1,), (4,)](a, 2)
    kernel[1, 4, 0, 0](a, 2)
    assert a.tolist() == [16.0] * 4


def test_the_function_is_still_recognisable():
    kernel = cuda.jit(scale)
    assert kernel.py_func is scale
    assert kernel.__name__ == "scale"


def test_numpy_integers_configure():
    a = np.ones(4)
    cuda.jit(scale)[np.int64(1), np.int32(4)](a, 2)
    assert a.tolist() == [2.0] * 4


def test_compile_ptx():
    ptx, result = cuda.compile_ptx(scale, void(float64[:], float64), cc=(8, 0))
    assert ".target sm_80" in ptx
    assert ".visible .entry" in ptx
    assert result == types.void


@pytest.mark.parametrize("cc", [(7, 5), (8, 0), (9, 0), (10, 0), (12, 0)])
def test_compile_ptx_for_any_architecture(cc):
    ptx, _ = cuda.compile_ptx(scale, void(float32[::1], float32), cc=cc)
    assert f".target sm_{cc[0]}{cc[1]}" in ptx
    assert "%tid.x" in ptx and "%ctaid.x" in ptx and "%ntid.x" in ptx


def test_compile_ptx_of_a_device_function():
    def add(a, b):
        return a + b

    ptx, result = cuda.compile_ptx(add, float32(float32, float32), device=True, cc=(8, 0))
    assert ".func" in ptx and ".entry" not in ptx
    assert result == float32


def test_compile_ptx_infers_the_result():
    def add(a, b):
        return a + b

    _, result = cuda.compile_ptx(add, (int32, float64), device=True, cc=(8, 0))
    assert result == float64


def test_a_kernel_must_return_nothing():
    def add(a, b):
        return a + b

    with pytest.raises(TypeError):
        cuda.compile_ptx(add, (int32, int32), cc=(8, 0))


def test_shared_memory_and_barriers_in_ptx():
    def program(a):
        buffer = cuda.shared.array(32, float32)
        t = cuda.threadIdx.x
        buffer[t] = a[t]
        cuda.syncthreads()
        a[t] = buffer[31 - t]

    ptx, _ = cuda.compile_ptx(program, void(float32[::1]), cc=(9, 0))
    assert ".shared" in ptx and ("bar.sync" in ptx or "barrier.sync" in ptx or "barrier.cta.sync" in ptx)


def test_atomics_in_ptx():
    def program(a):
        cuda.atomic.add(a, 0, 1)

    ptx, _ = cuda.compile_ptx(program, void(int32[::1]), cc=(9, 0))
    assert "atom" in ptx or "red." in ptx
