"""Multiplies float32 matrices on the CUDA device with 16x16 tiles in shared memory.

The second product has sizes that are no multiples of the tile: threads outside the matrices load zeros, so that
all threads of a block reach each barrier.
"""

import numpy as np
from _report import (
    best_of,
    best_on_device,
    cuda_device,
    first_launch,
    report,
    require,
    seconds,
    size_argument,
)
from cantil import cuda, float32

TILE = 16


@cuda.jit
def matmul(a, b, c):
    tile_a = cuda.shared.array((TILE, TILE), float32)
    tile_b = cuda.shared.array((TILE, TILE), float32)
    tx = cuda.threadIdx.x
    ty = cuda.threadIdx.y
    col = cuda.blockIdx.x * TILE + tx
    row = cuda.blockIdx.y * TILE + ty
    inner = a.shape[1]

    total = float32(0.0)
    for start in range(0, inner, TILE):
        tile_a[ty, tx] = 0.0
        tile_b[ty, tx] = 0.0
        if row < a.shape[0] and start + tx < inner:
            tile_a[ty, tx] = a[row, start + tx]
        if col < b.shape[1] and start + ty < inner:
            tile_b[ty, tx] = b[start + ty, col]
        cuda.syncthreads()
        for k in range(TILE):
            total += tile_a[ty, k] * tile_b[k, tx]
        cuda.syncthreads()
    if row < c.shape[0] and col < c.shape[1]:
        c[row, col] = total


def matmul_in_python(a, b):
    columns = list(zip(*b))
    return [[sum(x * y for x, y in zip(row, column)) for column in columns] for row in a]


def multiply(rows, inner, columns):
    rng = np.random.default_rng(2)
    a = rng.standard_normal((rows, inner), dtype=np.float32)
    b = rng.standard_normal((inner, columns), dtype=np.float32)
    device_a, device_b = cuda.to_device(a), cuda.to_device(b)
    device_c = cuda.device_array((rows, columns), dtype=np.float32)
    grid = ((columns + TILE - 1) // TILE, (rows + TILE - 1) // TILE)

    run_s = best_on_device(lambda: matmul[grid, (TILE, TILE)](device_a, device_b, device_c))
    exact = a.astype(np.float64) @ b.astype(np.float64)
    # A float32 sum of `inner` products of standard normals is off by a few inner * 2**-24 at most.
    worst = float(np.max(np.abs(device_c.copy_to_host() - exact)))
    require(worst <= inner * 2.0**-22, f"{rows}x{inner}x{columns}: off by {worst}")
    return run_s, best_of(lambda: a @ b)


def main():
    n = size_argument(512)
    tiny = cuda.to_device(np.ones((1, 1), dtype=np.float32))
    compile_s = first_launch(lambda: matmul[1, (TILE, TILE)](tiny, tiny, tiny))
    run_s, numpy_s = multiply(n, n, n)
    part = min(n, 64)
    small = np.ones((part, part)).tolist()
    python_s = seconds(lambda: matmul_in_python(small, small)) * (n / part) ** 3
    report(
        f"tiled matmul, {n}x{n} float32, {2e-9 * n**3 / run_s:.3g} GFLOP/s",
        cuda_device(),
        compile_s,
        run_s,
        {"plain Python (from a part)": python_s, "NumPy's BLAS": numpy_s},
    )

    rows, inner, columns = n - 11, n // 2 + 5, n // 3 + 1
    run_s, numpy_s = multiply(rows, inner, columns)
    report(
        f"tiled matmul, {rows}x{inner} by {inner}x{columns} float32",
        cuda_device(),
        None,
        run_s,
        {"NumPy's BLAS": numpy_s},
    )


if __name__ == "__main__":
    main()
