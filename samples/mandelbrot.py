"""Draws the Mandelbrot set into samples/out/mandelbrot.png: with prange on the CPU, and on the CUDA device."""

import struct
import zlib
from pathlib import Path

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
from cantil import cuda, njit, prange

LIMIT = 100
LEFT, RIGHT, BOTTOM, TOP = -2.2, 0.8, -1.0, 1.0


def escape_time(cr, ci, limit):
    """After how many steps of z -> z*z + c the point leaves the circle of radius 2, at most `limit`."""
    zr = 0.0
    zi = 0.0
    for step in range(limit):
        rr = zr * zr
        ii = zi * zi
        if rr + ii > 4.0:
            return step
        zi = (zr + zr) * zi + ci
        zr = rr - ii + cr
    return limit


escape_time_cpu = njit(escape_time)
escape_time_cuda = cuda.jit(device=True)(escape_time)


@njit(parallel=True)
def draw(left, bottom, step, limit, out):
    for i in prange(out.shape[0]):
        ci = bottom + step * i
        for j in range(out.shape[1]):
            out[i, j] = escape_time_cpu(left + step * j, ci, limit)


@cuda.jit
def draw_kernel(left, bottom, step, limit, out):
    j, i = cuda.grid(2)
    if i < out.shape[0] and j < out.shape[1]:
        out[i, j] = escape_time_cuda(left + step * j, bottom + step * i, limit)


def draw_in_numpy(left, bottom, step, limit, shape):
    cr = (left + step * np.arange(shape[1]))[None, :]
    ci = (bottom + step * np.arange(shape[0]))[:, None]
    zr, zi = np.zeros(shape), np.zeros(shape)
    out = np.full(shape, limit, dtype=np.int32)
    inside = np.ones(shape, dtype=bool)
    with np.errstate(over="ignore", invalid="ignore"):
        for count in range(limit):
            rr, ii = zr * zr, zi * zi
            leaving = inside & (rr + ii > 4.0)
            out[leaving] = count
            inside &= ~leaving
            zi = (zr + zr) * zi + ci
            zr = rr - ii + cr
    return out


def write_png(path, pixels):
    """`pixels`: uint8, (height, width, 3)."""

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    height, width, _ = pixels.shape
    lines = np.zeros((height, 1 + 3 * width), dtype=np.uint8)  # each line begins with its filter, 0 = none
    lines[:, 1:] = pixels.reshape(height, 3 * width)
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    path.write_bytes(
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(lines.tobytes(), 6))
        + chunk(b"IEND", b"")
    )


def colours(counts):
    t = np.sqrt(counts / LIMIT)[..., None]
    palette = 0.5 - 0.5 * np.cos(2.0 * np.pi * (t * np.array([1.0, 1.3, 1.9]) + np.array([0.0, 0.05, 0.15])))
    return np.where((counts < LIMIT)[..., None], 255.0 * palette, 0.0).astype(np.uint8)


def main():
    height = size_argument(480)
    shape = (height, height * 3 // 2)
    step = (TOP - BOTTOM) / height
    view = (LEFT, BOTTOM, step, LIMIT)
    expected = draw_in_numpy(*view, shape)

    band = min(4, height)
    middle = BOTTOM + step * (height // 2)
    baselines = {
        "NumPy": best_of(lambda: draw_in_numpy(*view, shape), repeat=2),
        "plain Python (from a part)": height
        / band
        * seconds(
            lambda: [
                escape_time(LEFT + step * j, middle + step * i, LIMIT)
                for i in range(band)
                for j in range(shape[1])
            ]
        ),
    }

    out = np.zeros(shape, dtype=np.int32)
    compile_s = seconds(lambda: draw(*view, out[:1]))
    run_s = best_of(lambda: draw(*view, out))
    require(np.array_equal(out, expected), "prange differs from NumPy")
    report(
        f"Mandelbrot with prange, {shape[0]}x{shape[1]}, {LIMIT} steps",
        cpu_device(),
        compile_s,
        run_s,
        baselines,
    )

    device_out = cuda.device_array(shape, dtype=np.int32)
    block = (32, 8)
    grid = ((shape[1] + block[0] - 1) // block[0], (shape[0] + block[1] - 1) // block[1])
    compile_s = first_launch(lambda: draw_kernel[(1, 1), block](*view, device_out))
    run_s = best_on_device(lambda: draw_kernel[grid, block](*view, device_out))
    drawn = device_out.copy_to_host()
    # A GPU fuses multiply and add; where the set's edge is chaotic, a point may leave a step sooner or later.
    different = float(np.mean(drawn != expected))
    require(different <= 1e-3, f"the CUDA kernel differs from NumPy in {different:.2%} of the points")
    report(
        f"Mandelbrot on CUDA, {shape[0]}x{shape[1]}, {LIMIT} steps",
        cuda_device(),
        compile_s,
        run_s,
        baselines,
    )

    path = Path(__file__).parent / "out" / "mandelbrot.png"
    path.parent.mkdir(exist_ok=True)
    write_png(path, colours(drawn))
    print(f"  written   {path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path}")


if __name__ == "__main__":
    main()
