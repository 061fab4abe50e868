"""Estimates pi from random points in the unit square: with prange on the CPU's cores, and on the CUDA device.

Points come from a counter-based generator (SplitMix64): point i depends on i alone, so that CPU, GPU and NumPy see
the same points in any order and must count exactly the same hits. The generator is one Python function, compiled
for both.
"""

import math

import numpy as np
from _report import (
    best_of,
    best_on_device,
    cpu_device,
    cuda_device,
    first_launch,
    report,
    require,
    seconds,
    size_argument,
)
from cantil import cuda, int32, njit, prange

# Constants are unsigned on purpose: uint64 with a plain (signed) integer would become float64.
GOLDEN = np.uint64(0x9E3779B97F4A7C15)
MIX_1 = np.uint64(0xBF58476D1CE4E5B9)
MIX_2 = np.uint64(0x94D049BB133111EB)
ONE, TWO, S11, S27, S30, S31 = (np.uint64(value) for value in (1, 2, 11, 27, 30, 31))
TO_UNIT = 2.0**-53
THREADS = 256


def uniform(counter):
    """A float64 in [0, 1) from the uint64 `counter`; also works on NumPy arrays of counters."""
    z = (counter + ONE) * GOLDEN
    z = (z ^ (z >> S30)) * MIX_1
    z = (z ^ (z >> S27)) * MIX_2
    return ((z ^ (z >> S31)) >> S11) * TO_UNIT


uniform_cpu = njit(uniform)
uniform_cuda = cuda.jit(device=True)(uniform)


@njit(parallel=True)
def count_hits(points):
    hits = 0
    for i in prange(points):
        counter = np.uint64(i) * TWO
        x = uniform_cpu(counter)
        y = uniform_cpu(counter + ONE)
        if x * x + y * y <= 1.0:
            hits += 1
    return hits


@cuda.jit
def count_hits_kernel(points, hits):
    """Each thread counts every gridsize-th point; the counts of a block are added up in shared memory."""
    counts = cuda.shared.array(THREADS, int32)
    thread = cuda.threadIdx.x
    mine = 0
    for i in range(cuda.grid(1), points, cuda.gridsize(1)):
        counter = np.uint64(i) * TWO
        x = uniform_cuda(counter)
        y = uniform_cuda(counter + ONE)
        if x * x + y * y <= 1.0:
            mine += 1
    counts[thread] = mine
    cuda.syncthreads()
    step = THREADS // 2
    while step > 0:
        if thread < step:
            counts[thread] += counts[thread + step]
        cuda.syncthreads()
        step //= 2
    if thread == 0:
        cuda.atomic.add(hits, 0, counts[0])


def count_hits_in_numpy(points, chunk=1 << 18):
    hits = 0
    for start in range(0, points, chunk):
        counter = np.arange(start, min(start + chunk, points), dtype=np.uint64) * TWO
        x, y = uniform(counter), uniform(counter + ONE)
        hits += int(np.count_nonzero(x * x + y * y <= 1.0))
    return hits


def count_hits_in_python(points):
    mask = 2**64 - 1
    golden, mix_1, mix_2 = int(GOLDEN), int(MIX_1), int(MIX_2)

    def uniform_of(counter):
        z = (counter + 1) * golden & mask
        z = (z ^ (z >> 30)) * mix_1 & mask
        z = (z ^ (z >> 27)) * mix_2 & mask
        return ((z ^ (z >> 31)) >> 11) * TO_UNIT

    hits = 0
    for i in range(points):
        x, y = uniform_of(2 * i), uniform_of(2 * i + 1)
        if x * x + y * y <= 1.0:
            hits += 1
    return hits


def main():
    points = size_argument(10_000_000)
    expected = count_hits_in_numpy(points)
    # Five standard deviations of the estimate: a check of the generator itself.
    tolerance = 5.0 * 4.0 * math.sqrt(math.pi / 4 * (1 - math.pi / 4) / points)
    require(abs(4.0 * expected / points - math.pi) <= tolerance, f"{4.0 * expected / points} is not pi")
    part = min(points, 50_000)
    baselines = {
        "NumPy": best_of(lambda: count_hits_in_numpy(points), repeat=2),
        "plain Python (from a part)": seconds(lambda: count_hits_in_python(part)) * points / part,
    }

    compile_s = seconds(lambda: count_hits(1))
    hits = count_hits(points)
    require(hits == expected, f"prange counted {hits} hits, NumPy {expected}")
    report(
        f"Monte Carlo pi with prange, {points:,} points: {4.0 * hits / points:.6f}",
        cpu_device(),
        compile_s,
        best_of(lambda: count_hits(points)),
        baselines,
    )

    device_hits = cuda.to_device(np.zeros(1, dtype=np.int64))
    blocks = max(1, min(1024, points // THREADS))
    compile_s = first_launch(lambda: count_hits_kernel[1, THREADS](0, device_hits))
    count_hits_kernel[blocks, THREADS](points, device_hits)
    hits = int(device_hits.copy_to_host()[0])
    require(hits == expected, f"the CUDA kernel counted {hits} hits, NumPy {expected}")
    report(
        f"Monte Carlo pi on CUDA, {points:,} points: {4.0 * hits / points:.6f}",
        cuda_device(),
        compile_s,
        best_on_device(lambda: count_hits_kernel[blocks, THREADS](points, device_hits)),
        baselines,
    )


if __name__ == "__main__":
    main()
