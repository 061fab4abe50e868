"""The kernels whose SASS is counted, as Python text; twins.cu has the same by hand, under the same names.

Each entry of KERNELS: name, signature, what counts as one unit of work in SASS, and where it is counted: `loop` (the
innermost loop with most units) or `whole` (straight-line kernels: all instructions).
"""

TEXT = """
import math

import numpy as np
from @PEER@ import cuda, float32, int32

TILE = 16
PADDED = TILE + 1  # a column more, so that a tile's column lies in different banks


def vector_add(x, y, out):
    i = cuda.grid(1)
    if i < out.size:
        out[i] = x[i] + y[i]


def saxpy(a, x, y):
    for i in range(cuda.grid(1), x.size, cuda.gridsize(1)):
        y[i] = a * x[i] + y[i]


def matmul(a, b, c):
    tile_a = cuda.shared.array((TILE, TILE), float32)
    tile_b = cuda.shared.array((TILE, TILE), float32)
    tx = cuda.threadIdx.x
    ty = cuda.threadIdx.y
    row = cuda.blockIdx.y * TILE + ty
    col = cuda.blockIdx.x * TILE + tx
    total = float32(0.0)
    for start in range(0, a.shape[1], TILE):
        tile_a[ty, tx] = a[row, start + tx]
        tile_b[ty, tx] = b[start + ty, col]
        cuda.syncthreads()
        for k in range(TILE):
            total += tile_a[ty, k] * tile_b[k, tx]
        cuda.syncthreads()
    c[row, col] = total


def transpose(a, b):
    tile = cuda.shared.array((TILE, PADDED), float32)
    tx = cuda.threadIdx.x
    ty = cuda.threadIdx.y
    x = cuda.blockIdx.x * TILE
    y = cuda.blockIdx.y * TILE
    if y + ty < a.shape[0] and x + tx < a.shape[1]:
        tile[ty, tx] = a[y + ty, x + tx]
    cuda.syncthreads()
    if x + ty < b.shape[0] and y + tx < b.shape[1]:
        b[x + ty, y + tx] = tile[tx, ty]


def reduce(a, out):
    partial = cuda.shared.array(256, float32)
    t = cuda.threadIdx.x
    mine = float32(0.0)
    for i in range(cuda.grid(1), a.size, cuda.gridsize(1)):
        mine += a[i]
    partial[t] = mine
    cuda.syncthreads()
    step = 128
    while step > 0:
        if t < step:
            partial[t] += partial[t + step]
        cuda.syncthreads()
        step >>= 1
    if t == 0:
        cuda.atomic.add(out, 0, partial[0])


def jacobi(a, b):
    j, i = cuda.grid(2)
    if 0 < i and i < a.shape[0] - 1 and 0 < j and j < a.shape[1] - 1:
        b[i, j] = float32(0.25) * (a[i - 1, j] + a[i + 1, j] + a[i, j - 1] + a[i, j + 1])


def n_body(x, y, z, fx, fy, fz):
    i = cuda.grid(1)
    if i < x.size:
        ax = float32(0.0)
        ay = float32(0.0)
        az = float32(0.0)
        for j in range(x.size):
            dx = x[j] - x[i]
            dy = y[j] - y[i]
            dz = z[j] - z[i]
            r2 = dx * dx + dy * dy + dz * dz + float32(1e-9)
            inverse = float32(1.0) / (r2 * math.sqrt(r2))
            ax += dx * inverse
            ay += dy * inverse
            az += dz * inverse
        fx[i] = ax
        fy[i] = ay
        fz[i] = az


def mandelbrot(out, step, limit):
    j, i = cuda.grid(2)
    if i < out.shape[0] and j < out.shape[1]:
        cr = step * j - 2.2
        ci = step * i - 1.0
        zr = 0.0
        zi = 0.0
        n = 0
        while n < limit and zr * zr + zi * zi <= 4.0:
            zr, zi = zr * zr - zi * zi + cr, 2.0 * zr * zi + ci
            n += 1
        out[i, j] = n


def monte_carlo(points, hits):
    s13 = np.uint64(13)
    s7 = np.uint64(7)
    s17 = np.uint64(17)
    s11 = np.uint64(11)
    state = np.uint64(cuda.grid(1)) * np.uint64(0x9E3779B97F4A7C15) + np.uint64(1)
    mine = 0
    for _ in range(points):
        state ^= state << s13
        state ^= state >> s7
        state ^= state << s17
        x = (state >> s11) * 1.1102230246251565e-16
        state ^= state << s13
        state ^= state >> s7
        state ^= state << s17
        y = (state >> s11) * 1.1102230246251565e-16
        if x * x + y * y < 1.0:
            mine += 1
    hits[cuda.grid(1)] = mine


def histogram(a, counts):
    bins = cuda.shared.array(256, int32)
    t = cuda.threadIdx.x
    bins[t] = 0
    cuda.syncthreads()
    for i in range(cuda.grid(1), a.size, cuda.gridsize(1)):
        cuda.atomic.add(bins, a[i], 1)
    cuda.syncthreads()
    cuda.atomic.add(counts, t, bins[t])


def black_scholes(spot, strike, years, call, put):
    rate = float32(0.02)
    sigma = float32(0.3)
    half = float32(0.5)
    root_half = float32(0.70710678)
    for i in range(cuda.grid(1), spot.size, cuda.gridsize(1)):
        root = sigma * math.sqrt(years[i])
        d1 = (math.log(spot[i] / strike[i]) + (rate + half * sigma * sigma) * years[i]) / root
        d2 = d1 - root
        n1 = half * math.erfc(-d1 * root_half)
        n2 = half * math.erfc(-d2 * root_half)
        discounted = strike[i] * math.exp(-rate * years[i])
        value = spot[i] * n1 - discounted * n2
        call[i] = value
        put[i] = value - spot[i] + discounted


def scan(a, out):
    buffer = cuda.shared.array(512, float32)
    t = cuda.threadIdx.x
    n = cuda.blockDim.x
    i = cuda.grid(1)
    buffer[t] = a[i]
    cuda.syncthreads()
    distance = 1
    while distance < n:
        value = float32(0.0)
        if t >= distance:
            value = buffer[t - distance]
        cuda.syncthreads()
        buffer[t] += value
        cuda.syncthreads()
        distance *= 2
    out[i] = buffer[t]


def softmax(a, out):
    row = cuda.grid(1)
    if row < a.shape[0]:
        largest = a[row, 0]
        for j in range(1, a.shape[1]):
            largest = max(largest, a[row, j])
        total = float32(0.0)
        for j in range(a.shape[1]):
            value = math.exp(a[row, j] - largest)
            out[row, j] = value
            total += value
        for j in range(a.shape[1]):
            out[row, j] /= total


def bitonic(a):
    buffer = cuda.shared.array(512, float32)
    t = cuda.threadIdx.x
    i = cuda.grid(1)
    n = cuda.blockDim.x
    buffer[t] = a[i]
    cuda.syncthreads()
    size = 2
    while size <= n:
        distance = size // 2
        while distance > 0:
            other = t ^ distance
            if other > t:
                x = buffer[t]
                y = buffer[other]
                if (x > y) == ((t & size) == 0):
                    buffer[t] = y
                    buffer[other] = x
            cuda.syncthreads()
            distance //= 2
        size *= 2
    a[i] = buffer[t]


def complex_axpy(a, x, y):
    for i in range(cuda.grid(1), x.size, cuda.gridsize(1)):
        y[i] = a * x[i] + y[i]


def blur(image, weights, out):
    j, i = cuda.grid(2)
    if i < out.shape[0] and j < out.shape[1]:
        total = float32(0.0)
        for di in range(5):
            for dj in range(5):
                total += weights[di, dj] * image[i + di, j + dj]
        out[i, j] = total


def matvec(a, x, out):
    row = cuda.grid(1)
    if row < a.shape[0]:
        total = float32(0.0)
        for k in range(a.shape[1]):
            total += a[row, k] * x[k]
        out[row] = total


def heat_3d(a, b, rate):
    k, j, i = cuda.grid(3)
    if (
        0 < i and i < a.shape[0] - 1 and 0 < j and j < a.shape[1] - 1 and 0 < k and k < a.shape[2] - 1
    ):
        centre = a[i, j, k]
        around = a[i - 1, j, k] + a[i + 1, j, k] + a[i, j - 1, k] + a[i, j + 1, k] + a[i, j, k - 1] + a[i, j, k + 1]
        b[i, j, k] = centre + rate * (around - float32(6.0) * centre)


def collatz(start, steps):
    i = cuda.grid(1)
    if i < start.size:
        n = start[i]
        count = 0
        while n > 1:
            if n & 1:
                n = 3 * n + 1
            else:
                n >>= 1
            count += 1
        steps[i] = count


def fir(x, taps, out):
    i = cuda.grid(1)
    if i < out.size:
        total = float32(0.0)
        for k in range(taps.size):
            total += taps[k] * x[i + k]
        out[i] = total


def polynomial(x, out):
    for i in range(cuda.grid(1), x.size, cuda.gridsize(1)):
        v = x[i]
        p = float32(0.1)
        for _ in range(8):
            p = p * v + float32(0.7)
        out[i] = p
"""

LINE = "float32[::1]"
SQUARE = "float32[:, ::1]"

KERNELS = [
    ("vector_add", f"void({LINE}, {LINE}, {LINE})", r"^STG", "whole"),
    ("saxpy", f"void(float32, {LINE}, {LINE})", r"^STG", "loop"),
    ("matmul", f"void({SQUARE}, {SQUARE}, {SQUARE})", r"^FFMA", "loop"),
    ("transpose", f"void({SQUARE}, {SQUARE})", r"^STG", "whole"),
    ("reduce", f"void({LINE}, {LINE})", r"^LDG", "loop"),
    ("jacobi", f"void({SQUARE}, {SQUARE})", r"^STG", "whole"),
    ("n_body", f"void({', '.join([LINE] * 6)})", r"^MUFU.RSQ", "loop"),
    ("mandelbrot", "void(int32[:, ::1], float64, int64)", r"^DSETP", "loop"),
    ("monte_carlo", "void(int64, int64[::1])", r"^I2F", "loop"),
    ("histogram", "void(uint8[::1], int32[::1])", r"^ATOMS", "loop"),
    ("black_scholes", f"void({', '.join([LINE] * 5)})", r"^STG", "loop"),
    ("scan", f"void({LINE}, {LINE})", r"^BAR", "loop"),
    ("softmax", f"void({SQUARE}, {SQUARE})", r"^MUFU.EX2", "loop"),
    ("bitonic", f"void({LINE})", r"^BAR", "loop"),
    ("complex_axpy", "void(complex64, complex64[::1], complex64[::1])", r"^STG", "loop"),
    ("blur", f"void({SQUARE}, {SQUARE}, {SQUARE})", r"^STG", "whole"),
    ("matvec", f"void({SQUARE}, {LINE}, {LINE})", r"^FFMA", "loop"),
    ("heat_3d", "void(float32[:, :, ::1], float32[:, :, ::1], float32)", r"^STG", "whole"),
    ("collatz", "void(int64[::1], int64[::1])", r"^(IMAD|LEA|IADD3|SHF|UIADD3)", "loop length"),
    ("fir", f"void({LINE}, {LINE}, {LINE})", r"^FFMA", "loop"),
    ("polynomial", f"void({LINE}, {LINE})", r"^STG", "loop"),
]
