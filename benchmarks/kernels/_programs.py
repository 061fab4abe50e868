"""The functions whose run time is measured, as text, so that each peer compiles its own copy."""

TEXT = """
import math

import numpy as np
from @PEER@ import njit, prange


@njit
def scalar_sum(a):
    total = 0.0
    for i in range(a.shape[0]):
        total += a[i]
    return total


@njit(fastmath=True)
def scalar_sum_fast(a):
    total = 0.0
    for i in range(a.shape[0]):
        total += a[i]
    return total


@njit
def ema(x, alpha, out):
    average = x[0]
    out[0] = average
    for i in range(1, x.shape[0]):
        average = alpha * x[i] + (1.0 - alpha) * average
        out[i] = average


@njit
def rolling_sum(x, window, out):
    total = 0.0
    for i in range(x.shape[0]):
        total += x[i]
        if i >= window:
            total -= x[i - window]
        out[i] = total


@njit
def triad(a, b, c, out):
    for i in range(out.shape[0]):
        out[i] = a[i] + b[i] * c[i]


@njit
def blur(image, out):
    for i in range(1, image.shape[0] - 1):
        for j in range(1, image.shape[1] - 1):
            out[i, j] = (
                image[i - 1, j - 1] + 2.0 * image[i - 1, j] + image[i - 1, j + 1]
                + 2.0 * image[i, j - 1] + 4.0 * image[i, j] + 2.0 * image[i, j + 1]
                + image[i + 1, j - 1] + 2.0 * image[i + 1, j] + image[i + 1, j + 1]
            ) * 0.0625


@njit
def blur_radius(image, out, radius):
    for i in range(radius, image.shape[0] - radius):
        for j in range(radius, image.shape[1] - radius):
            total = 0.0
            for di in range(-1, 2):
                for dj in range(-1, 2):
                    total += image[i + di, j + dj]
            out[i, j] = total / 9.0


@njit(parallel=True)
def blur_parallel(image, out):
    for i in prange(1, image.shape[0] - 1):
        for j in range(1, image.shape[1] - 1):
            out[i, j] = (
                image[i - 1, j - 1] + 2.0 * image[i - 1, j] + image[i - 1, j + 1]
                + 2.0 * image[i, j - 1] + 4.0 * image[i, j] + 2.0 * image[i, j + 1]
                + image[i + 1, j - 1] + 2.0 * image[i + 1, j] + image[i + 1, j + 1]
            ) * 0.0625


@njit
def jacobi(a, b):
    worst = 0.0
    for i in range(1, a.shape[0] - 1):
        for j in range(1, a.shape[1] - 1):
            b[i, j] = 0.25 * (a[i - 1, j] + a[i + 1, j] + a[i, j - 1] + a[i, j + 1])
            worst = max(worst, abs(b[i, j] - a[i, j]))
    return worst


@njit
def mandelbrot(out, limit):
    for i in range(out.shape[0]):
        for j in range(out.shape[1]):
            cr = j * 3.0 / out.shape[1] - 2.2
            ci = i * 2.0 / out.shape[0] - 1.0
            zr = 0.0
            zi = 0.0
            n = 0
            while n < limit:
                rr = zr * zr
                ii = zi * zi
                if rr + ii > 4.0:
                    break
                zi = (zr + zr) * zi + ci
                zr = rr - ii + cr
                n += 1
            out[i, j] = n


@njit
def mandelbrot_complex(out, limit):
    for i in range(out.shape[0]):
        for j in range(out.shape[1]):
            c = complex(j * 3.0 / out.shape[1] - 2.2, i * 2.0 / out.shape[0] - 1.0)
            z = 0j
            n = 0
            while n < limit and z.real * z.real + z.imag * z.imag <= 4.0:
                z = z * z + c
                n += 1
            out[i, j] = n


@njit
def n_body(position, force):
    n = position.shape[0]
    for i in range(n):
        fx = 0.0
        fy = 0.0
        fz = 0.0
        for j in range(n):
            dx = position[j, 0] - position[i, 0]
            dy = position[j, 1] - position[i, 1]
            dz = position[j, 2] - position[i, 2]
            r2 = dx * dx + dy * dy + dz * dz + 1e-9
            inverse = 1.0 / (r2 * math.sqrt(r2))
            fx += dx * inverse
            fy += dy * inverse
            fz += dz * inverse
        force[i, 0] = fx
        force[i, 1] = fy
        force[i, 2] = fz


@njit(fastmath=True)
def n_body_fast(position, force):
    n = position.shape[0]
    for i in range(n):
        fx = 0.0
        fy = 0.0
        fz = 0.0
        for j in range(n):
            dx = position[j, 0] - position[i, 0]
            dy = position[j, 1] - position[i, 1]
            dz = position[j, 2] - position[i, 2]
            r2 = dx * dx + dy * dy + dz * dz + 1e-9
            inverse = 1.0 / (r2 * math.sqrt(r2))
            fx += dx * inverse
            fy += dy * inverse
            fz += dz * inverse
        force[i, 0] = fx
        force[i, 1] = fy
        force[i, 2] = fz


@njit
def matmul(a, b, c):
    for i in range(a.shape[0]):
        for j in range(b.shape[1]):
            c[i, j] = 0.0
        for k in range(a.shape[1]):
            x = a[i, k]
            for j in range(b.shape[1]):
                c[i, j] += x * b[k, j]


@njit
def row_sums(a, out):
    for i in range(a.shape[0]):
        total = 0.0
        for j in range(a.shape[1]):
            total += a[i, j]
        out[i] = total


@njit
def assign_expression(a, b, c, d, out):
    out[:] = a * b + c * d


@njit
def fresh_expression(a, b, c, d):
    return a * b + c * d


@njit
def offset(a, out, k):
    for i in range(out.shape[0]):
        out[i] = a[i + k]


@njit
def pi_random(points):
    hits = 0
    for i in range(points):
        x = np.random.random()
        y = np.random.random()
        if x * x + y * y < 1.0:
            hits += 1
    return hits / points


@njit
def histogram(a, counts):
    for i in range(a.shape[0]):
        counts[int(a[i] * counts.shape[0])] += 1


@njit
def sieve(flags):
    for i in range(flags.shape[0]):
        flags[i] = 1
    i = 2
    while i * i < flags.shape[0]:
        if flags[i]:
            for j in range(i * i, flags.shape[0], i):
                flags[j] = 0
        i += 1


@njit
def fibonacci(n):
    if n < 2:
        return n
    return fibonacci(n - 1) + fibonacci(n - 2)


@njit
def monte_carlo(points):
    shift = np.uint64(30)
    state = np.uint64(88172645463325252)
    s13 = np.uint64(13)
    s7 = np.uint64(7)
    s17 = np.uint64(17)
    s11 = np.uint64(11)
    hits = 0
    for i in range(points):
        state ^= state << s13
        state ^= state >> s7
        state ^= state << s17
        x = (state >> s11) * 1.1102230246251565e-16
        state ^= state << s13
        state ^= state >> s7
        state ^= state << s17
        y = (state >> s11) * 1.1102230246251565e-16
        if x * x + y * y < 1.0:
            hits += 1
    return hits


@njit(parallel=True)
def sum_parallel(a):
    total = 0.0
    for i in prange(a.shape[0]):
        total += a[i]
    return total


@njit(parallel=True)
def empty_parallel(a):
    for i in prange(2):
        a[i] = i
"""

MATH = """
import math

from @PEER@ import njit


@njit
def apply(a, out):
    for i in range(a.shape[0]):
        out[i] = math.@NAME@(a[i])
"""

POWER = """
from @PEER@ import njit


@njit
def apply(a, out):
    for i in range(a.shape[0]):
        out[i] = a[i] ** a[i]
"""
