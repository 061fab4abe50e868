"""Correct kernels, in the ways people write them: the sanitizer must not say a word, and results stay what they are."""

import numpy as np
import pytest
from cantil import cuda, float32, float64, int32

pytestmark = pytest.mark.targets("sim")
RNG = np.random.default_rng(11)


@cuda.jit(sanitize=True)
def matmul(a, b, c):
    tile_a = cuda.shared.array((16, 16), float32)
    tile_b = cuda.shared.array((16, 16), float32)
    tx, ty = cuda.threadIdx.x, cuda.threadIdx.y
    row, col = cuda.blockIdx.y * 16 + ty, cuda.blockIdx.x * 16 + tx
    total = float32(0.0)
    for start in range(0, a.shape[1], 16):
        tile_a[ty, tx] = a[row, start + tx]
        tile_b[ty, tx] = b[start + ty, col]
        cuda.syncthreads()
        for k in range(16):
            total += tile_a[ty, k] * tile_b[k, tx]
        cuda.syncthreads()
    c[row, col] = total


def test_tiled_matmul():
    a, b = RNG.random((64, 96), dtype=np.float32), RNG.random((96, 32), dtype=np.float32)
    c = np.zeros((64, 32), np.float32)
    for _ in range(2):
        matmul[(2, 4), (16, 16)](a, b, c)
        np.testing.assert_allclose(c, a @ b, rtol=1e-4)


@cuda.jit(sanitize=True)
def block_sums(a, out):
    s = cuda.shared.array(128, float64)
    t = cuda.threadIdx.x
    mine = 0.0
    for i in range(cuda.grid(1), a.size, cuda.gridsize(1)):
        mine += a[i]
    s[t] = mine
    cuda.syncthreads()
    step = 64
    while step > 0:
        if t < step:
            s[t] += s[t + step]
        cuda.syncthreads()
        step //= 2
    if t == 0:
        cuda.atomic.add(out, 0, s[0])


def test_reduction_with_atomics():
    a, out = RNG.random(5000), np.zeros(1)
    block_sums[7, 128](a, out)
    np.testing.assert_allclose(out[0], a.sum())


@cuda.jit(sanitize=True)
def double_buffered(a, out, steps):
    buffers = cuda.shared.array((2, 66), float64)
    t = cuda.threadIdx.x
    buffers[0, t + 1] = a[t]
    if t == 0:
        buffers[0, 0] = buffers[1, 0] = 0.0
        buffers[0, 65] = buffers[1, 65] = 0.0
    cuda.syncthreads()
    now = 0
    for _ in range(steps):
        buffers[1 - now, t + 1] = 0.5 * (buffers[now, t] + buffers[now, t + 2])
        now = 1 - now
        cuda.syncthreads()
    out[t] = buffers[now, t + 1]


@cuda.jit(sanitize=True)
def swapped_buffers(a, out, steps):
    one = cuda.shared.array(64, float64)
    two = cuda.shared.array(64, float64)
    t = cuda.threadIdx.x
    one[t] = a[t]
    cuda.syncthreads()
    source, target = one, two
    for _ in range(steps):
        target[t] = source[t] + source[(t + 1) % 64]
        cuda.syncthreads()
        source, target = target, source
    out[t] = source[t]


def test_double_buffers():
    a, out = RNG.random(64), np.zeros(64)
    double_buffered[1, 64](a, out, 5)
    x = np.concatenate([[0], a, [0]])
    for _ in range(5):
        x[1:-1] = 0.5 * (x[:-2] + x[2:])
    np.testing.assert_allclose(out, x[1:-1])
    swapped_buffers[1, 64](a, out, 4)
    for _ in range(4):
        a = a + np.roll(a, -1)
    np.testing.assert_allclose(out, a)


@cuda.jit(sanitize=True)
def halo_stencil(a, b):
    tile = cuda.shared.array(66, float32)
    t, i = cuda.threadIdx.x, cuda.grid(1)
    n = a.size
    if i < n:
        tile[t + 1] = a[i]
    else:
        tile[t + 1] = 0.0
    if t == 0:
        tile[0] = a[i - 1] if i > 0 else 0.0
    if t == 63:
        tile[65] = a[i + 1] if i + 1 < n else 0.0
    cuda.syncthreads()
    if i < n:
        b[i] = tile[t] + tile[t + 1] + tile[t + 2]


def test_halo():
    a = RNG.random(1000, dtype=np.float32)
    b = np.zeros_like(a)
    halo_stencil[16, 64](a, b)
    x = np.concatenate([[0], a, [0]]).astype(np.float32)
    np.testing.assert_allclose(b, x[:-2] + x[1:-1] + x[2:], rtol=1e-6)


@cuda.jit(sanitize=True)
def histogram(a, out):
    h = cuda.shared.array(16, int32)
    t = cuda.threadIdx.x
    if t < 16:
        h[t] = 0
    cuda.syncthreads()
    for i in range(cuda.grid(1), a.size, cuda.gridsize(1)):
        cuda.atomic.add(h, a[i], 1)
    cuda.syncthreads()
    if t < 16:
        cuda.atomic.add(out, t, h[t])


def test_shared_histogram():
    a, out = RNG.integers(0, 16, 3000).astype(np.uint8), np.zeros(16, np.int32)
    histogram[5, 64](a, out)
    np.testing.assert_array_equal(out, np.bincount(a, minlength=16))


@cuda.jit(sanitize=True)
def last_block_sums(a, partial, count, out):
    """The last block to be done adds up what all have left (CUDA's threadFenceReduction)."""
    s = cuda.shared.array(64, float64)
    last = cuda.shared.array(1, int32)
    t = cuda.threadIdx.x
    i = cuda.grid(1)
    s[t] = a[i] if i < a.size else 0.0
    cuda.syncthreads()
    step = 32
    while step > 0:
        if t < step:
            s[t] += s[t + step]
        cuda.syncthreads()
        step //= 2
    if t == 0:
        partial[cuda.blockIdx.x] = s[0]
        cuda.threadfence()
        last[0] = cuda.atomic.add(count, 0, 1) == cuda.gridDim.x - 1
    cuda.syncthreads()
    if last[0] and t == 0:
        total = 0.0
        for k in range(cuda.gridDim.x):
            total += partial[k]
        out[0] = total


def test_last_block():
    a, out = RNG.random(3000), np.zeros(1)
    blocks = (a.size + 63) // 64
    last_block_sums[blocks, 64](a, np.zeros(blocks), np.zeros(1, np.int32), out)
    np.testing.assert_allclose(out[0], a.sum())


@cuda.jit(sanitize=True)
def locked_updates(lock, values):
    """A spin lock of one thread a block around plain updates."""
    if cuda.threadIdx.x == 0:
        while cuda.atomic.cas(lock, 0, 0, 1) != 0:
            pass
        cuda.threadfence()
        values[0] += 1
        values[1] = values[0] * 2
        cuda.threadfence()
        cuda.atomic.exch(lock, 0, 0)


def test_lock():
    values = np.zeros(2, np.int64)
    locked_updates[50, 32](np.zeros(1, np.int32), values)
    assert list(values) == [50, 100]


@cuda.jit(sanitize=True)
def guarded_maximum(a, best):
    i = cuda.grid(1)
    if i < a.size and a[i] > best[0]:
        cuda.atomic.max(best, 0, a[i])


@cuda.jit(sanitize=True)
def multiply_by_cas(a, product):
    i = cuda.grid(1)
    if i < a.size:
        old = product[0]
        while True:
            assumed = old
            old = cuda.atomic.cas(product, 0, assumed, assumed * a[i] % 10007)
            if assumed == old:
                break


@cuda.jit(sanitize=True)
def found_flag(a, found):
    i = cuda.grid(1)
    if i < a.size and a[i] > 0.9:
        found[0] = 1


def test_idioms_of_atomics_and_flags():
    a, best = RNG.random(777), np.zeros(1)
    guarded_maximum[13, 64](a, best)
    assert best[0] == a.max()
    found = np.zeros(1, np.int8)
    found_flag[13, 64](a, found)
    assert found[0] == 1
    factors = RNG.integers(1, 100, 100)
    product = np.ones(1, np.int64)
    multiply_by_cas[4, 32](factors, product)
    expected = 1
    for f in factors:
        expected = expected * int(f) % 10007
    assert product[0] == expected


@cuda.jit(sanitize=True)
def early_return(a, out, flag):
    t, i = cuda.threadIdx.x, cuda.grid(1)
    s = cuda.shared.array(32, float64)
    if i >= a.size:
        return
    s[t] = a[i]
    cuda.syncthreads()
    if flag:
        s[t] *= 2
        cuda.syncthreads()
    for _ in range(3):
        x = s[t ^ 1] if (i ^ 1) < a.size else 0.0
        cuda.syncthreads()
        s[t] = x
        cuda.syncthreads()
    out[i] = s[t]


@pytest.mark.parametrize("flag", [False, True])
def test_returned_threads_are_not_waited_for(flag):
    a, out = RNG.random(100), np.zeros(100)
    early_return[4, 32](a, out, flag)
    swapped = a.reshape(-1, 2)[:, ::-1].ravel() * (2 if flag else 1)
    np.testing.assert_array_equal(out, swapped)


@cuda.jit(sanitize=True)
def many_barriers(out, n):
    s = cuda.shared.array(2, int32)
    t = cuda.threadIdx.x
    s[t] = 0
    cuda.syncthreads()
    for _ in range(n):
        x = s[1 - t]
        cuda.syncthreads()
        s[t] = x + 1
        out[t] = x + 1
        cuda.syncthreads()
        out[1 - t] = out[t] if t == 5 else x + 1
        cuda.syncthreads()


def test_more_barriers_than_fit_a_tag():
    out = np.zeros(2, np.int32)
    many_barriers[1, 2](out, 20000)
    assert list(out) == [20000, 20000]


@cuda.jit(sanitize=True)
def per_thread_scratch(a, out):
    i = cuda.grid(1)
    window = cuda.local.array(4, float64)
    for k in range(4):
        window[k] = a[(i + k) % a.size]
    cuda.syncthreads()
    best = window[0]
    for k in range(1, 4):
        best = max(best, window[k])
    out[i] = best


def test_local_arrays_across_barriers():
    a, out = RNG.random(96), np.zeros(96)
    for _ in range(2):
        per_thread_scratch[3, 32](a, out)
        np.testing.assert_array_equal(out, np.max([np.roll(a, -k) for k in range(4)], axis=0))


@cuda.jit(sanitize=True)
def small_elements(a, out):
    i = cuda.grid(1)
    s = cuda.shared.array(64, np.uint8)
    t = cuda.threadIdx.x
    s[t] = a[i]
    cuda.syncthreads()
    out[i] = s[t ^ 1] + 1


def test_neighbouring_bytes():
    a = RNG.integers(0, 200, 256).astype(np.uint8)
    out = np.zeros_like(a)
    small_elements[4, 64](a, out)
    np.testing.assert_array_equal(out, a.reshape(-1, 2)[:, ::-1].ravel() + 1)


@cuda.jit(sanitize=True)
def typed_parts(a, out):
    doubles = cuda.shared.array(0, float64)
    ints = cuda.shared.array(0, int32)[64:]
    t = cuda.threadIdx.x
    doubles[t] = a[t]
    ints[t] = t
    cuda.syncthreads()
    out[t] = doubles[31 - t] + ints[31 - t]


def test_parts_of_dynamic_shared_memory():
    a, out = RNG.random(32), np.zeros(32)
    typed_parts[1, 32, 0, 32 * 8 + 32 * 4](a, out)
    np.testing.assert_array_equal(out, a[::-1] + np.arange(31, -1, -1))


@cuda.jit(sanitize=True)
def in_place_by_block(a):
    """Each block turns its own part round; the threads of others never meet it."""
    base = cuda.blockIdx.x * cuda.blockDim.x
    t = cuda.threadIdx.x
    x = a[base + cuda.blockDim.x - 1 - t]
    cuda.syncthreads()
    a[base + t] = x


def test_global_memory_across_barriers():
    a = RNG.random(256)
    expected = a.reshape(8, 32)[:, ::-1].ravel().copy()
    in_place_by_block[8, 32](a)
    np.testing.assert_array_equal(a, expected)


def test_launches_are_ordered():
    device = cuda.to_device(np.arange(64.0))

    @cuda.jit(sanitize=True)
    def turn(a, b):
        i = cuda.grid(1)
        b[i] = a[a.size - 1 - i]

    other = cuda.device_array_like(device)
    for _ in range(3):
        turn[2, 32](device, other)
        turn[2, 32](other, device)
    np.testing.assert_array_equal(device.copy_to_host(), np.arange(64.0))


@pytest.mark.parametrize("order", ["C", "F", "A"])
def test_layouts(order):
    @cuda.jit(sanitize=True)
    def double(a, b):
        x, y = cuda.grid(2)
        if x < a.shape[0] and y < a.shape[1]:
            b[x, y] = 2 * a[-1 - x, y]

    whole = RNG.random((20, 14))
    a = np.asarray(whole, order=order) if order != "A" else whole[::2, ::2]
    b = np.zeros_like(a)
    double[(2, 2), (16, 16)](a, b)
    np.testing.assert_array_equal(b, 2 * a[::-1])
