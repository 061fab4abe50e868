"""vectorize and guvectorize with target="cuda", on the simulator or a GPU."""

import math

import numpy as np
import pytest
from cantil import cuda, float32, float64, guvectorize, int64, vectorize

pytestmark = pytest.mark.targets("sim", "gpu")


@pytest.fixture(autouse=True)
def on_each_device(target):
    """Names the device in every test's id."""


@vectorize([float32(float32, float32), float64(float64, float64), int64(int64, int64)], target="cuda")
def add(x, y):
    return x + y


@vectorize(["float64(float64, float64)"], target="cuda")
def length(x, y):
    return math.sqrt(x * x + y * y)


def test_host_arrays():
    x, y = np.arange(6.0), np.ones(6)
    assert np.array_equal(add(x, y), x + 1)
    assert np.array_equal(length(np.array([3.0]), 4.0), [5.0])
    assert add(x.astype(np.float32), y.astype(np.float32)).dtype == np.float32
    assert np.array_equal(add(x.reshape(2, 3), y.reshape(2, 3)), x.reshape(2, 3) + 1)
    assert np.array_equal(add(x[:, None], y[:4]), x[:, None] + y[:4])
    assert np.array_equal(add(x[::2], y[::2]), x[::2] + 1)
    assert np.array_equal(add(x, 2), x + 2)
    assert add(np.zeros(0), np.zeros(0)).shape == (0,)
    with pytest.raises(ValueError, match="broadcast"):
        add(x, y[:4])


def test_device_arrays():
    x, y = np.arange(6.0), np.ones(6)
    dx, dy = cuda.to_device(x), cuda.to_device(y)
    out = add(dx, dy)
    assert cuda.is_cuda_array(out)
    assert np.array_equal(out.copy_to_host(), x + 1)
    assert np.array_equal(add(dx, y).copy_to_host(), x + 1)
    target = cuda.device_array(6)
    assert add(dx, dy, out=target) is target
    assert np.array_equal(target.copy_to_host(), x + 1)
    assert np.array_equal(add(dx.reshape(2, 3), dy[:3]).copy_to_host(), x.reshape(2, 3) + 1)
    assert np.array_equal(add(dx[::2], dy[::2]).copy_to_host(), x[::2] + 1)


def test_out_and_stream():
    x, y, out = np.arange(6.0), np.ones(6), np.zeros(6)
    assert add(x, y, out=out) is out
    assert np.array_equal(out, x + 1)
    stream = cuda.stream()
    dx = cuda.to_device(x, stream=stream)
    target = cuda.device_array(6, stream=stream)
    add(dx, dx, out=target, stream=stream)
    host = target.copy_to_host(stream=stream)
    stream.synchronize()
    assert np.array_equal(host, x * 2)
    with pytest.raises(ValueError, match="shape of out"):
        add(x, y, out=np.zeros(5))


def test_types_are_exact():
    with pytest.raises(TypeError, match="No matching version"):
        add(np.zeros(3, np.int32), np.zeros(3))
    with pytest.raises(TypeError, match="ambiguous"):
        add(np.int16(1), np.int16(2))
    assert add.types == ["ff->f", "dd->d", "ll->l"]
    assert (add.nin, add.nout, add.nargs, add.ntypes) == (2, 1, 3, 3)


def test_options():
    with pytest.raises(KeyError, match="fastmath"):
        vectorize(["float64(float64)"], target="cuda", fastmath=True)(lambda x: x)
    with pytest.raises(TypeError, match="caching"):
        vectorize(["float64(float64)"], target="cuda", cache=True)(lambda x: x)
    inferred = vectorize([(int64, float64)], target="cuda")(lambda x, y: x < y)
    assert inferred(np.array([1, 5]), np.array([2.0, 2.0])).tolist() == [True, False]
    limited = vectorize(["float64(float64)"], target="cuda")(lambda x: -x)
    limited.max_blocksize = 32
    assert np.array_equal(limited(np.arange(100.0)), -np.arange(100.0))


@pytest.mark.parametrize("n", [1, 2, 3, 5, 8, 100, 1001])
def test_reduce(n):
    x = np.arange(n) + 1
    assert add.reduce(x) == x.sum()
    assert add.reduce(cuda.to_device(x)) == x.sum()
    assert np.array_equal(x, np.arange(n) + 1)
    with pytest.raises(TypeError, match="empty"):
        add.reduce(np.zeros(0))


@guvectorize(["(float64[:,:], float64[:,:], float64[:,:])"], "(m,n),(n,p)->(m,p)", target="cuda")
def product(a, b, c):
    for i in range(a.shape[0]):
        for j in range(b.shape[1]):
            s = 0.0
            for k in range(a.shape[1]):
                s += a[i, k] * b[k, j]
            c[i, j] = s


@guvectorize(["(float64[:], float64, float64[:], float64[:])"], "(n),()->(),(n)", target="cuda")
def norm(x, k, total, scaled):
    total[0] = 0.0
    for i in range(x.shape[0]):
        total[0] += x[i]
        scaled[i] = x[i] * k


def test_generalised():
    a, b = np.arange(24.0).reshape(4, 2, 3), np.arange(12.0).reshape(3, 4)
    assert np.array_equal(product(a, b), a @ b)
    assert np.array_equal(product(a[0], b), a[0] @ b)
    assert np.array_equal(product(a, b[:, ::2]), a @ b[:, ::2])
    assert np.array_equal(product(a.astype(np.int32), b), a @ b)
    total, scaled = norm(a, 2.0)
    assert np.array_equal(total, a.sum(-1))
    assert np.array_equal(scaled, a * 2)
    device = product(cuda.to_device(a), cuda.to_device(b))
    assert np.array_equal(device.copy_to_host(), a @ b)
    out = np.zeros((4, 2, 4))
    assert product(a, b, out=out) is out
    assert np.array_equal(out, a @ b)
    out[:] = 0
    product(a, b, out)
    assert np.array_equal(out, a @ b)
    target = cuda.device_array((4, 2, 4))
    product(a, b, out=target)
    assert np.array_equal(target.copy_to_host(), a @ b)


def test_generalised_errors():
    a = np.zeros((2, 3))
    with pytest.raises(ValueError, match="mismatch"):
        product(a, a)
    with pytest.raises(ValueError, match="insufficient"):
        product(np.zeros(3), a)
    with pytest.raises(ValueError, match="output shape mismatch"):
        product(a, np.zeros((3, 2)), out=np.zeros((3, 3)))
    with pytest.raises(TypeError, match="no matching signature"):
        product(a.astype(complex), a.T)
    with pytest.raises(TypeError, match="Got 1 positional"):
        product(a)
