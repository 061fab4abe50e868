"""Kernels on the simulated device: ours at full size, numba-cuda's simulator (Python threads) at a size it can bear.

numba-cuda's simulator is measured in a process of its own at a small size, and its time is scaled by the number of
threads times the barriers and steps each makes: the note says from which size.
"""

import json
import os
import subprocess
import sys

import numpy as np

from benchmarks.harness import OURS
from benchmarks.peers import cuda_of, fresh_module

TEXT = """
from @PEER@ import cuda, float32, float64

TILE = 16
PADDED = TILE + 1


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


@cuda.jit
def reduce(a, out):
    partial = cuda.shared.array(256, float64)
    t = cuda.threadIdx.x
    mine = 0.0
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
        cuda.atomic.add(out, 0, partial[0])


@cuda.jit
def stencil(a, b):
    j, i = cuda.grid(2)
    if 0 < i and i < a.shape[0] - 1 and 0 < j and j < a.shape[1] - 1:
        b[i, j] = 0.25 * (a[i - 1, j] + a[i + 1, j] + a[i, j - 1] + a[i, j + 1])


@cuda.jit
def transpose(a, b):
    tile = cuda.shared.array((TILE, PADDED), float32)
    tx = cuda.threadIdx.x
    ty = cuda.threadIdx.y
    tile[ty, tx] = a[cuda.blockIdx.y * TILE + ty, cuda.blockIdx.x * TILE + tx]
    cuda.syncthreads()
    b[cuda.blockIdx.x * TILE + ty, cuda.blockIdx.y * TILE + tx] = tile[tx, ty]
"""


def prepare(cuda, module, name, n):
    """A launch of kernel `name` at size `n`, and a check of what it has written."""
    rng = np.random.default_rng(3)
    if name in ("matmul", "transpose", "stencil"):
        a = rng.random((n, n), dtype=np.float32)
        b = rng.random((n, n), dtype=np.float32)
        device_a, device_b = cuda.to_device(a), cuda.to_device(b)
        grid, block = ((n + 15) // 16, (n + 15) // 16), (16, 16)
        if name == "matmul":
            device_c = cuda.to_device(np.zeros((n, n), dtype=np.float32))
            return (
                lambda: module.matmul[grid, block](device_a, device_b, device_c),
                lambda: np.allclose(device_c.copy_to_host(), a.astype(np.float64) @ b, rtol=1e-4),
            )
        kernel = getattr(module, name)
        if name == "transpose":
            return (
                lambda: kernel[grid, block](device_a, device_b),
                lambda: np.array_equal(device_b.copy_to_host(), a.T),
            )
        inner = 0.25 * (a[:-2, 1:-1] + a[2:, 1:-1] + a[1:-1, :-2] + a[1:-1, 2:])
        return (
            lambda: kernel[grid, block](device_a, device_b),
            lambda: np.allclose(device_b.copy_to_host()[1:-1, 1:-1], inner, rtol=1e-5),
        )
    x = rng.random(n, dtype=np.float32)
    device_x, device_y = cuda.to_device(x), cuda.to_device(x)
    blocks = min((n + 255) // 256, 4096)
    if name == "vector_add":
        device_out = cuda.to_device(np.zeros_like(x))
        return (
            lambda: module.vector_add[(n + 255) // 256, 256](device_x, device_y, device_out),
            lambda: np.array_equal(device_out.copy_to_host(), x + x),
        )
    if name == "saxpy":
        return (
            lambda: module.saxpy[min(blocks, 64), 256](np.float32(0.0), device_x, device_y),
            lambda: np.array_equal(device_y.copy_to_host(), x),
        )
    total = cuda.to_device(np.zeros(1))
    launches = []

    def launch():
        launches.append(1)
        module.reduce[min(blocks, 64), 256](device_x, total)

    exact = float(x.sum(dtype=np.float64))
    # numba-cuda's simulator adds NumPy scalars, and so in float32.
    return launch, lambda: np.isclose(total.copy_to_host()[0], exact * len(launches), rtol=1e-5)


def scaled_peer(name, n):
    """numba-cuda's simulator: seconds of one launch at size n, measured in a process of its own."""
    code = (
        "import json, sys, time\n"
        "from benchmarks.simulator.kernels import TEXT, prepare\n"
        "from benchmarks.peers import cuda_of, fresh_module\n"
        "launch, right = prepare(cuda_of('numba'), fresh_module(TEXT, 'numba'), sys.argv[1], int(sys.argv[2]))\n"
        "start = time.perf_counter()\n"
        "launch()\n"
        "took = time.perf_counter() - start\n"
        "assert right()\n"
        "print(json.dumps(took))\n"
    )
    environment = {**os.environ, "NUMBA_ENABLE_CUDASIM": "1", "PYTHONPATH": os.pathsep.join(["", *sys.path])}
    done = subprocess.run(
        [sys.executable, "-c", code, name, str(n)],
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
    )
    if done.returncode != 0:
        raise RuntimeError(done.stderr.strip().splitlines()[-1])
    return json.loads(done.stdout.splitlines()[-1])


# name, our size, the peer's size, and by how much more work our size is
PROBLEMS = [
    ("matmul", 128, 32, (128 / 32) ** 2 * (128 / 32)),
    ("matmul", 512, 32, (512 / 32) ** 2 * (512 / 32)),
    ("vector_add", 1_000_000, 2_000, 500.0),
    ("vector_add", 10_000_000, 2_000, 5000.0),
    ("saxpy", 10_000_000, 200_000, 50.0),
    ("reduce", 10_000_000, 200_000, 50.0),
    ("stencil", 1024, 32, (1024 / 32) ** 2),
    ("transpose", 1024, 32, (1024 / 32) ** 2),
]


def run(session):
    ours = fresh_module(TEXT, OURS) if OURS in session.peers else None
    measured = {}
    for name, n, small, factor in PROBLEMS:
        title = f"simulator: {name} {n}"
        values = {}
        samples = None
        if ours is not None:
            try:
                cuda = cuda_of(OURS)
                launch, right = prepare(cuda, ours, name, n)

                def launch_and_wait(launch=launch, cuda=cuda):
                    launch()
                    cuda.synchronize()

                launch_and_wait()
                if not right():
                    raise ArithmeticError("wrong result")
                samples = session.time(launch_and_wait, 9)
                values[OURS] = samples[len(samples) // 2]
            except Exception as error:
                session.failed(title, OURS, error)
        note = ""
        if "numba" in session.peers:
            try:
                if (name, small) not in measured:
                    measured[name, small] = scaled_peer(name, small)
                values["numba"] = measured[name, small] * factor
                note = f"numba-cuda's simulator scaled by {factor:g} from size {small}"
            except Exception as error:
                session.failed(title, "numba", error)
        session.record(title, values, note=note, samples=samples)
