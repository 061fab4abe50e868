"""Blurs a 1080x1920 image with a 5x5 Gaussian: rows over the CPU's cores with prange, and pixels on the CUDA device."""

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
from cantil import cuda, float32, njit, prange

RADIUS = 2
TAPS = 2 * RADIUS + 1


@njit(parallel=True)
def blur(padded, weights, out):
    """`padded` is the image with RADIUS more pixels on each side, so that no tap needs a test."""
    for i in prange(out.shape[0]):
        for j in range(out.shape[1]):
            total = float32(0.0)
            for di in range(TAPS):
                for dj in range(TAPS):
                    total += weights[di, dj] * padded[i + di, j + dj]
            out[i, j] = total


@cuda.jit
def blur_kernel(padded, weights, out):
    j, i = cuda.grid(2)
    if i < out.shape[0] and j < out.shape[1]:
        total = float32(0.0)
        for di in range(TAPS):
            for dj in range(TAPS):
                total += weights[di, dj] * padded[i + di, j + dj]
        out[i, j] = total


def blur_in_numpy(padded, weights, shape):
    out = np.zeros(shape, dtype=np.float32)
    for di in range(TAPS):
        for dj in range(TAPS):
            out += weights[di, dj] * padded[di : di + shape[0], dj : dj + shape[1]]
    return out


def blur_in_python(padded, weights, rows, columns):
    return [
        [
            sum(weights[di][dj] * padded[i + di][j + dj] for di in range(TAPS) for dj in range(TAPS))
            for j in range(columns)
        ]
        for i in range(rows)
    ]


def gaussian(sigma=1.2):
    line = np.exp(-0.5 * (np.arange(-RADIUS, RADIUS + 1) / sigma) ** 2)
    weights = np.outer(line, line)
    return (weights / weights.sum()).astype(np.float32)


def main():
    height = size_argument(1080)
    shape = (height, height * 16 // 9)
    rows, columns = np.ogrid[: shape[0], : shape[1]]
    image = (np.sin(rows / 37.0) * np.cos(columns / 23.0)).astype(np.float32)
    image += np.random.default_rng(4).standard_normal(shape, dtype=np.float32) * np.float32(0.1)
    padded = np.pad(image, RADIUS, mode="edge")
    weights = gaussian()

    expected = blur_in_numpy(padded, weights, shape)
    baselines = {"NumPy": best_of(lambda: blur_in_numpy(padded, weights, shape), repeat=3)}
    band = min(8, height)
    baselines["plain Python (from a part)"] = (
        height
        / band
        * seconds(
            lambda: blur_in_python(padded[: band + 2 * RADIUS].tolist(), weights.tolist(), band, shape[1])
        )
    )

    out = np.empty(shape, dtype=np.float32)
    compile_s = seconds(lambda: blur(padded, weights, out[:1]))
    run_s = best_of(lambda: blur(padded, weights, out))
    require(np.array_equal(out, expected), "prange differs from NumPy")
    report(
        f"Gaussian blur with prange, {shape[0]}x{shape[1]} float32", cpu_device(), compile_s, run_s, baselines
    )

    device_padded, device_weights = cuda.to_device(padded), cuda.to_device(weights)
    device_out = cuda.device_array(shape, dtype=np.float32)
    block = (32, 8)
    grid = ((shape[1] + block[0] - 1) // block[0], (shape[0] + block[1] - 1) // block[1])
    compile_s = first_launch(lambda: blur_kernel[(1, 1), block](device_padded, device_weights, device_out))
    run_s = best_on_device(lambda: blur_kernel[grid, block](device_padded, device_weights, device_out))
    # A GPU fuses multiply and add, which rounds once less: the 25 sums may differ in their last bits.
    worst = float(np.max(np.abs(device_out.copy_to_host() - expected)))
    require(worst <= 25 * 2.0**-23, f"the CUDA kernel is off by {worst}")
    report(
        f"Gaussian blur on CUDA, {shape[0]}x{shape[1]} float32", cuda_device(), compile_s, run_s, baselines
    )


if __name__ == "__main__":
    main()
