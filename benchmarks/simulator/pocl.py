"""Kernels on the simulated device against PoCL, which compiles the same ones in OpenCL C for the same cores.

PoCL is a peer where pyopencl is installed and finds it (Debian's pocl-opencl-icd). Both are measured in turns, on data
that lies where the kernels use it, until the queue is empty.
"""

import importlib.util

import numpy as np

from benchmarks.harness import OURS
from benchmarks.peers import cuda_of, fresh_module

OURS_TEXT = """
from @PEER@ import cuda, float32, int32


@cuda.jit
def vector_add(x, y, out):
    i = cuda.grid(1)
    if i < out.size:
        out[i] = x[i] + y[i]


@cuda.jit
def saxpy(factor, x, y):
    for i in range(cuda.grid(1), x.size, cuda.gridsize(1)):
        y[i] += factor * x[i]


@cuda.jit
def reduce(a, out):
    partial = cuda.shared.array(256, float32)
    t = cuda.threadIdx.x
    mine = float32(0)
    for i in range(cuda.grid(1), a.size, cuda.gridsize(1)):
        mine += a[i]
    partial[t] = mine
    cuda.syncthreads()
    step = 128
    while step > 0:
        if t < step:
            partial[t] += partial[t + step]
        cuda.syncthreads()
        step //= 2
    if t == 0:
        out[cuda.blockIdx.x] = partial[0]


@cuda.jit
def matmul(a, b, c):
    tile_a = cuda.shared.array((16, 16), float32)
    tile_b = cuda.shared.array((16, 16), float32)
    tx = cuda.threadIdx.x
    ty = cuda.threadIdx.y
    row = cuda.blockIdx.y * 16 + ty
    col = cuda.blockIdx.x * 16 + tx
    total = float32(0)
    for start in range(0, a.shape[1], 16):
        tile_a[ty, tx] = a[row, start + tx]
        tile_b[ty, tx] = b[start + ty, col]
        cuda.syncthreads()
        for k in range(16):
            total += tile_a[ty, k] * tile_b[k, tx]
        cuda.syncthreads()
    c[row, col] = total


@cuda.jit
def transpose(a, b):
    tile = cuda.shared.array((16, 17), float32)
    tx = cuda.threadIdx.x
    ty = cuda.threadIdx.y
    tile[ty, tx] = a[cuda.blockIdx.y * 16 + ty, cuda.blockIdx.x * 16 + tx]
    cuda.syncthreads()
    b[cuda.blockIdx.x * 16 + ty, cuda.blockIdx.y * 16 + tx] = tile[tx, ty]


@cuda.jit
def scan(a, out):
    buffers = cuda.shared.array((2, 256), float32)
    t = cuda.threadIdx.x
    i = cuda.grid(1)
    now = 0
    buffers[0, t] = a[i]
    cuda.syncthreads()
    step = 1
    while step < 256:
        if t >= step:
            buffers[1 - now, t] = buffers[now, t] + buffers[now, t - step]
        else:
            buffers[1 - now, t] = buffers[now, t]
        now = 1 - now
        cuda.syncthreads()
        step *= 2
    out[i] = buffers[now, t]


@cuda.jit
def histogram(a, out):
    bins = cuda.shared.array(256, int32)
    t = cuda.threadIdx.x
    bins[t] = 0
    cuda.syncthreads()
    for i in range(cuda.grid(1), a.size, cuda.gridsize(1)):
        cuda.atomic.add(bins, a[i], 1)
    cuda.syncthreads()
    cuda.atomic.add(out, t, bins[t])


@cuda.jit
def halo(a, b):
    tile = cuda.shared.array(258, float32)
    t = cuda.threadIdx.x
    i = cuda.grid(1)
    tile[t + 1] = a[i]
    if t == 0:
        tile[0] = a[max(i - 1, 0)]
    if t == 255:
        tile[257] = a[min(i + 1, a.size - 1)]
    cuda.syncthreads()
    b[i] = float32(0.25) * tile[t] + float32(0.5) * tile[t + 1] + float32(0.25) * tile[t + 2]
"""

POCL_TEXT = """
kernel void vector_add(global const float* x, global const float* y, global float* out, int n) {
  int i = get_global_id(0);
  if (i < n) out[i] = x[i] + y[i];
}
kernel void saxpy(float factor, global const float* x, global float* y, int n) {
  for (int i = get_global_id(0); i < n; i += get_global_size(0)) y[i] += factor * x[i];
}
kernel void reduce(global const float* a, global float* out, int n) {
  local float partial[256];
  int t = get_local_id(0);
  float mine = 0;
  for (int i = get_global_id(0); i < n; i += get_global_size(0)) mine += a[i];
  partial[t] = mine;
  barrier(CLK_LOCAL_MEM_FENCE);
  for (int step = 128; step > 0; step /= 2) {
    if (t < step) partial[t] += partial[t + step];
    barrier(CLK_LOCAL_MEM_FENCE);
  }
  if (t == 0) out[get_group_id(0)] = partial[0];
}
kernel void matmul(global const float* a, global const float* b, global float* c, int n) {
  local float tile_a[16][16], tile_b[16][16];
  int tx = get_local_id(0), ty = get_local_id(1);
  int row = get_group_id(1) * 16 + ty, col = get_group_id(0) * 16 + tx;
  float total = 0;
  for (int start = 0; start < n; start += 16) {
    tile_a[ty][tx] = a[row * n + start + tx];
    tile_b[ty][tx] = b[(start + ty) * n + col];
    barrier(CLK_LOCAL_MEM_FENCE);
    for (int k = 0; k < 16; ++k) total += tile_a[ty][k] * tile_b[k][tx];
    barrier(CLK_LOCAL_MEM_FENCE);
  }
  c[row * n + col] = total;
}
kernel void transpose(global const float* a, global float* b, int n) {
  local float tile[16][17];
  int tx = get_local_id(0), ty = get_local_id(1);
  tile[ty][tx] = a[(get_group_id(1) * 16 + ty) * n + get_group_id(0) * 16 + tx];
  barrier(CLK_LOCAL_MEM_FENCE);
  b[(get_group_id(0) * 16 + ty) * n + get_group_id(1) * 16 + tx] = tile[tx][ty];
}
kernel void scan(global const float* a, global float* out) {
  local float buffers[2][256];
  int t = get_local_id(0), i = get_global_id(0), now = 0;
  buffers[0][t] = a[i];
  barrier(CLK_LOCAL_MEM_FENCE);
  for (int step = 1; step < 256; step *= 2) {
    buffers[1 - now][t] = t >= step ? buffers[now][t] + buffers[now][t - step] : buffers[now][t];
    now = 1 - now;
    barrier(CLK_LOCAL_MEM_FENCE);
  }
  out[i] = buffers[now][t];
}
kernel void histogram(global const int* a, global int* out, int n) {
  local int bins[256];
  int t = get_local_id(0);
  bins[t] = 0;
  barrier(CLK_LOCAL_MEM_FENCE);
  for (int i = get_global_id(0); i < n; i += get_global_size(0)) atomic_inc(&bins[a[i]]);
  barrier(CLK_LOCAL_MEM_FENCE);
  atomic_add(&out[t], bins[t]);
}
kernel void halo(global const float* a, global float* b, int n) {
  local float tile[258];
  int t = get_local_id(0), i = get_global_id(0);
  tile[t + 1] = a[i];
  if (t == 0) tile[0] = a[max(i - 1, 0)];
  if (t == 255) tile[257] = a[min(i + 1, n - 1)];
  barrier(CLK_LOCAL_MEM_FENCE);
  b[i] = 0.25f * tile[t] + 0.5f * tile[t + 1] + 0.25f * tile[t + 2];
}
"""


class Problem:
    """The arrays of one benchmark, on both sides; the last one is the result."""

    def __init__(self, name, n, grid, block, arrays, expected, before=(), accumulates=False, tolerance=1e-4):
        self.name, self.n, self.grid, self.block = name, n, grid, block
        self.arrays, self.expected, self.before = arrays, expected, before
        self.accumulates, self.tolerance = accumulates, tolerance

    def right(self, result):
        return self.accumulates or np.allclose(result, self.expected, rtol=self.tolerance)


def problems(rng):
    n = 10_000_000
    x, y = rng.random(n, dtype=np.float32), rng.random(n, dtype=np.float32)
    out = np.zeros_like(x)
    blocks = (n + 255) // 256
    yield Problem("vector_add", n, blocks, 256, [x, y, out], x + y)
    yield Problem("saxpy", n, 64, 256, [x, y.copy()], y, before=(np.float32(0),))
    strided = np.zeros(64, np.float32)
    columns = np.zeros((-(-n // (64 * 256)) * 64 * 256), np.float32)
    columns[:n] = x
    yield Problem(
        "grid-stride reduce",
        n,
        64,
        256,
        [x, strided],
        columns.reshape(-1, 64, 256).sum(axis=(0, 2), dtype=np.float64),
    )
    a, b = rng.random((512, 512), dtype=np.float32), rng.random((512, 512), dtype=np.float32)
    yield Problem("matmul", 512, (32, 32), (16, 16), [a, b, np.zeros_like(a)], a.astype(np.float64) @ b)
    m = rng.random((2048, 2048), dtype=np.float32)
    yield Problem("transpose", 2048, (128, 128), (16, 16), [m, np.zeros_like(m)], m.T)
    part = x[: 39000 * 256]
    yield Problem(
        "scan",
        part.size,
        39000,
        256,
        [part, np.zeros_like(part)],
        np.cumsum(part.reshape(-1, 256), axis=1, dtype=np.float64).ravel(),
    )
    values = rng.integers(0, 256, n).astype(np.int32)
    yield Problem("histogram", n, 64, 256, [values, np.zeros(256, np.int32)], None, accumulates=True)
    ends = np.concatenate([part[:1], part, part[-1:]]).astype(np.float64)
    halo = 0.25 * ends[:-2] + 0.5 * ends[1:-1] + 0.25 * ends[2:]
    yield Problem("halo stencil", part.size, 39000, 256, [part, np.zeros_like(part)], halo)


def ours(problem, module, cuda):
    device = [cuda.to_device(a) for a in problem.arrays]
    kernel = getattr(module, problem.name.split()[-1] if problem.name != "halo stencil" else "halo")
    launcher = kernel[problem.grid, problem.block]

    def run():
        launcher(*problem.before, *device)
        cuda.synchronize()

    return run, lambda: device[-1].copy_to_host()


def pocl(problem, context, queue, program):
    import pyopencl as cl

    flags = cl.mem_flags.READ_WRITE | cl.mem_flags.COPY_HOST_PTR
    buffers = [cl.Buffer(context, flags, hostbuf=np.ascontiguousarray(a)) for a in problem.arrays]
    name = problem.name.split()[-1] if problem.name != "halo stencil" else "halo"
    kernel = cl.Kernel(program, name)
    size = () if name == "scan" else (np.int32(problem.n),)
    kernel.set_args(*problem.before, *buffers, *size)
    block = problem.block if isinstance(problem.block, tuple) else (problem.block,)
    grid = problem.grid if isinstance(problem.grid, tuple) else (problem.grid,)
    whole = tuple(g * b for g, b in zip(grid, block))

    def run():
        cl.enqueue_nd_range_kernel(queue, kernel, whole, block)
        queue.finish()

    def result():
        host = np.empty_like(problem.arrays[-1])
        cl.enqueue_copy(queue, host, buffers[-1])
        return host

    return run, result


def open_pocl(session):
    """(context, queue, program), or None where PoCL is not installed."""
    if importlib.util.find_spec("pyopencl") is None:
        return None
    import pyopencl as cl

    try:
        found = [p for p in cl.get_platforms() if "portable computing" in p.name.lower()]
    except cl.Error:
        found = []
    if not found:
        return None
    context = cl.Context(found[0].get_devices())
    return context, cl.CommandQueue(context), cl.Program(context, POCL_TEXT).build()


def run(session):
    peer = open_pocl(session)
    if peer is None:
        print("PoCL is not installed (pocl-opencl-icd, and pyopencl): nothing to compare with")
        return
    module = fresh_module(OURS_TEXT, OURS) if OURS in session.peers else None
    for problem in problems(np.random.default_rng(5)):
        title = f"simulator: {problem.name} {problem.n}"
        actions = {}
        sides = {"pocl": lambda p=problem: pocl(p, *peer)}
        if module is not None:
            sides = {OURS: lambda p=problem: ours(p, module, cuda_of(OURS)), **sides}
        for name, make in sides.items():
            try:
                action, result = make()
                action()
                if not problem.right(result()):
                    raise ArithmeticError("wrong result")
                actions[name] = action
            except Exception as error:
                session.failed(title, name, error)
        session.compare(title, actions, repeats=9)
