"""First PTX of a kernel: source to PTX for sm_90 in a process that has compiled others."""

import time

from benchmarks.peers import cuda_of, fresh_module, package

VECTOR_ADD = """
from @PEER@ import cuda


def kernel(x, y, out):
    i = cuda.grid(1)
    if i < out.size:
        out[i] = x[i] + y[i] + @K@
"""

MATMUL = """
from @PEER@ import cuda, float32


def kernel(a, b, c):
    tile_a = cuda.shared.array((16, 16), float32)
    tile_b = cuda.shared.array((16, 16), float32)
    tx = cuda.threadIdx.x
    ty = cuda.threadIdx.y
    row = cuda.blockIdx.y * 16 + ty
    col = cuda.blockIdx.x * 16 + tx
    total = float32(@K@)
    for start in range(0, a.shape[1], 16):
        tile_a[ty, tx] = a[row, start + tx]
        tile_b[ty, tx] = b[start + ty, col]
        cuda.syncthreads()
        for k in range(16):
            total += tile_a[ty, k] * tile_b[k, tx]
        cuda.syncthreads()
    c[row, col] = total
"""

MATH = """
import math

from @PEER@ import cuda


def kernel(x, y, out):
    for i in range(cuda.grid(1), out.size, cuda.gridsize(1)):
        out[i] = math.exp(-x[i]) * math.sin(y[i]) + math.pow(x[i], y[i]) + @K@
"""

PROGRAMS = [
    ("vector add", VECTOR_ADD, "void(float32[::1], float32[::1], float32[::1])"),
    ("tiled matmul", MATMUL, "void(float32[:, ::1], float32[:, ::1], float32[:, ::1])"),
    ("exp, sin, pow from libdevice", MATH, "void(float64[::1], float64[::1], float64[::1])"),
]


def first_ptx(peer, text, signature):
    kernel = fresh_module(text, peer).kernel
    cuda = cuda_of(peer)
    names = vars(package(peer).types)
    signature = eval(signature, dict(names))  # a signature object, as both accept it
    start = time.perf_counter()
    cuda.compile_ptx(kernel, signature, cc=(9, 0))
    return time.perf_counter() - start


def run(session):
    for peer in session.peers:
        try:
            first_ptx(peer, *PROGRAMS[2][1:])
        except Exception as error:
            session.failed("first PTX, warming up", peer, error)
    for title, text, signature in PROGRAMS:
        session.compare(
            f"first PTX: {title}",
            {peer: lambda peer=peer: first_ptx(peer, text, signature) for peer in session.peers},
            measure=None,
        )
