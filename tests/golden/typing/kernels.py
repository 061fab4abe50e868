"""Kernels and device functions: indices, shared arrays, arrays of every layout."""

import numpy as np
from cantil import cuda, float32


@cuda.jit(device=True)
def weighted(x, w):
    return x * w


@cuda.jit
def smooth(a, out):
    tile = cuda.shared.array(64, float32)
    i = cuda.grid(1)
    t = cuda.threadIdx.x
    if i < a.size:
        tile[t] = a[i]
    cuda.syncthreads()
    if 0 < t and i < a.size:
        value = weighted(tile[t] + tile[t - 1], 0.5)
        out[i] = value


@cuda.jit
def transposed(a, out):
    x, y = cuda.grid(2)
    if x < a.shape[0] and y < a.shape[1]:
        out[y, x] = a[x, y]


a = np.arange(128, dtype=np.float32)
smooth[2, 64](a, np.zeros_like(a))
m = np.arange(12.0).reshape(3, 4)
transposed[1, (4, 4)](m, np.zeros((4, 3)))
transposed[1, (4, 4)](np.asfortranarray(m), np.zeros((8, 6))[::2, ::2])
