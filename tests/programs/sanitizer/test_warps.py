"""The sanitizer and what threads of a warp do together."""

import numpy as np
import pytest
from cantil import cuda, float32, float64, int32

pytestmark = pytest.mark.targets("sim")
RNG = np.random.default_rng(5)


@cuda.jit(sanitize=True)
def warp_sums(a, out):
    """Sums of warps by shared memory that only the warp uses, ordered by syncwarp."""
    s = cuda.shared.array(64, float64)
    t = cuda.threadIdx.x
    lane = t % 32
    s[t] = a[cuda.grid(1)]
    cuda.syncwarp()
    step = 16
    while step > 0:
        x = s[t] + s[t + step] if lane < step else s[t]
        cuda.syncwarp()
        s[t] = x
        cuda.syncwarp()
        step //= 2
    if lane == 0:
        out[cuda.grid(1) // 32] = s[t]


@cuda.jit(sanitize=True)
def shuffled_sums(a, out):
    x = a[cuda.grid(1)]
    for step in (16, 8, 4, 2, 1):
        x += cuda.shfl_down_sync(0xFFFFFFFF, x, step)
    partial = cuda.shared.array(2, float32)
    t = cuda.threadIdx.x
    if t % 32 == 0:
        partial[t // 32] = x
    cuda.syncthreads()
    if t == 0:
        out[cuda.blockIdx.x] = partial[0] + partial[1]


@cuda.jit(sanitize=True)
def counted(a, out):
    s = cuda.shared.array(64, int32)
    t = cuda.threadIdx.x
    s[t] = a[t]
    n = cuda.syncthreads_count(a[t] > 5)
    out[t] = n + s[63 - t]


def test_warp_synchronous_code_is_right():
    a, out = RNG.random(128), np.zeros(4)
    warp_sums[2, 64](a, out)
    np.testing.assert_allclose(out, a.reshape(4, 32).sum(axis=1))
    a, out = RNG.random(128, dtype=np.float32), np.zeros(2, np.float32)
    shuffled_sums[2, 64](a, out)
    np.testing.assert_allclose(out, a.reshape(2, 64).sum(axis=1), rtol=1e-5)
    a, out = np.arange(64, dtype=np.int32), np.zeros(64, np.int32)
    counted[1, 64](a, out)
    np.testing.assert_array_equal(out, 58 + a[::-1])


@cuda.jit(sanitize=True)
def without_syncwarp(a, out):
    s = cuda.shared.array(32, float64)
    t = cuda.threadIdx.x
    s[t] = a[t]
    cuda.syncwarp()
    if t < 16:
        s[t] += s[t + 16]
    if t < 8:
        s[t] += s[t + 8]
    out[t] = s[t]


@cuda.jit(sanitize=True)
def across_warps(a, out):
    s = cuda.shared.array(64, float64)
    t = cuda.threadIdx.x
    s[t] = a[t]
    cuda.syncwarp()
    out[t] = s[63 - t]


@pytest.mark.parametrize("kernel, threads", [(without_syncwarp, 32), (across_warps, 64)])
def test_what_syncwarp_does_not_order(kernel, threads):
    with pytest.raises(cuda.SanitizerError) as caught:
        kernel[1, threads](np.ones(threads), np.zeros(threads))
    assert any(f.kind == "race" and f.array == "s" for f in caught.value.findings)


@cuda.jit(sanitize=True)
def mask_without_itself(a, out):
    t = cuda.threadIdx.x
    out[t] = cuda.shfl_sync(0x0000FFFE, a[t], 1)


@cuda.jit(sanitize=True)
def mask_of_ended(a, out):
    t = cuda.threadIdx.x
    if t >= 20:
        return
    out[t] = cuda.shfl_sync(0xFFFFFFFF, a[t], 0)


@cuda.jit(sanitize=True)
def mask_of_living(a, out):
    t = cuda.threadIdx.x
    if t >= 20:
        return
    out[t] = cuda.shfl_sync(0x000FFFFF, a[t], 0)


def test_misuse_of_masks():
    with pytest.raises(cuda.SanitizerError) as caught:
        mask_without_itself[1, 16](np.arange(16.0), np.zeros(16))
    f = caught.value.findings[0]
    assert (f.kind, f.mask, f.thread) == ("warp mask", 0xFFFE, (0, 0, 0))
    assert f.line > 0
    with pytest.raises(cuda.SanitizerError) as caught:
        mask_of_ended[1, 32](np.arange(32.0), np.zeros(32))
    assert {f.kind for f in caught.value.findings} == {"warp mask"}
    out = np.ones(32)
    mask_of_living[1, 32](np.arange(32.0), out)
    np.testing.assert_array_equal(out, [0.0] * 20 + [1.0] * 12)
