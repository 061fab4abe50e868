"""The functions whose first call is timed: text, the decorator's options, and arguments."""

import numpy as np

ADD = """
def add(a, b):
    return a + b + @K@
"""

SCALAR_SUM = """
def scalar_sum(a):
    total = 0.0
    for i in range(a.shape[0]):
        total += a[i]
    return total + @K@
"""

EMA = """
def ema(x, alpha, out):
    average = x[0] + @K@
    out[0] = average
    for i in range(1, x.shape[0]):
        average = alpha * x[i] + (1.0 - alpha) * average
        out[i] = average
"""

MATMUL = """
def matmul(a, b, c):
    for i in range(a.shape[0]):
        for j in range(b.shape[1]):
            total = 0.0
            for k in range(a.shape[1]):
                total += a[i, k] * b[k, j]
            c[i, j] = total + @K@
"""

BLUR = """
def blur(image, out):
    for i in range(1, image.shape[0] - 1):
        for j in range(1, image.shape[1] - 1):
            out[i, j] = (
                image[i - 1, j - 1] + 2.0 * image[i - 1, j] + image[i - 1, j + 1]
                + 2.0 * image[i, j - 1] + 4.0 * image[i, j] + 2.0 * image[i, j + 1]
                + image[i + 1, j - 1] + 2.0 * image[i + 1, j] + image[i + 1, j + 1]
            ) / (16.0 + @K@)
"""

BLUR_PARALLEL = """
from @PEER@ import prange


def blur(image, out):
    for i in prange(1, image.shape[0] - 1):
        for j in range(1, image.shape[1] - 1):
            out[i, j] = (
                image[i - 1, j - 1] + 2.0 * image[i - 1, j] + image[i - 1, j + 1]
                + 2.0 * image[i, j - 1] + 4.0 * image[i, j] + 2.0 * image[i, j + 1]
                + image[i + 1, j - 1] + 2.0 * image[i + 1, j] + image[i + 1, j + 1]
            ) / (16.0 + @K@)
"""

SIX_HELPERS = """
import math

from @PEER@ import njit


@njit
def clamp(x, low, high):
    if x < low:
        return low
    if x > high:
        return high
    return x


@njit
def smooth(t):
    t = clamp(t, 0.0, 1.0)
    return t * t * (3.0 - 2.0 * t)


@njit
def mix(a, b, t):
    return a * (1.0 - t) + b * t


@njit
def length(x, y):
    return math.sqrt(x * x + y * y)


@njit
def wave(x, y):
    return math.sin(x) * math.cos(y)


@njit
def shade(x, y):
    return mix(wave(x, y), length(x, y), smooth(x * 0.5))


def draw(out):
    for i in range(out.shape[0]):
        for j in range(out.shape[1]):
            out[i, j] = shade(i * 0.1, j * 0.1) + @K@
"""

MANDELBROT = """
def mandelbrot(out, limit):
    for i in range(out.shape[0]):
        for j in range(out.shape[1]):
            c = complex(j * 0.01 - 2.0, i * 0.01 - 1.0)
            z = 0j
            n = 0
            while n < limit and z.real * z.real + z.imag * z.imag < 4.0:
                z = z * z + c
                n += 1
            out[i, j] = n + @K@
"""


def two_hundred_lines():
    """A long function of everyday statements, each line different."""
    lines = ["def long(a, n):", "    x = 1.5", "    y = 0.5 + @K@", "    k = n"]
    for block in range(24):
        lines += [
            f"    for i{block} in range({2 + block % 3}):",
            f"        if x > {10 + block} and y < {100 + 7 * block}:",
            f"            x -= y * 0.{block + 11}",
            f"        elif k % {block + 2} == 0:",
            f"            y += a[(k + i{block}) % n] * {block + 1}",
            "        else:",
            f"            x = x * 0.5 + y / ({block + 3} + i{block})",
            f"        k = (k * {2 * block + 3} + i{block}) % 1009",
        ]
    return "\n".join([*lines, "    return x + y + k"])


LINE = np.arange(64.0)
SQUARE = np.ones((32, 32))

# name, text, name of the function in it, options of njit, arguments
PROGRAMS = [
    ("add", ADD, "add", {}, (1, 2)),
    ("scalar sum", SCALAR_SUM, "scalar_sum", {}, (LINE,)),
    ("EMA", EMA, "ema", {}, (LINE, 0.1, LINE.copy())),
    ("matmul", MATMUL, "matmul", {}, (SQUARE, SQUARE, SQUARE.copy())),
    ("blur", BLUR, "blur", {}, (SQUARE, SQUARE.copy())),
    ("blur, parallel", BLUR_PARALLEL, "blur", {"parallel": True}, (SQUARE, SQUARE.copy())),
    ("six helpers", SIX_HELPERS, "draw", {}, (SQUARE.copy(),)),
    ("Mandelbrot", MANDELBROT, "mandelbrot", {}, (np.zeros((8, 8), dtype=np.int64), 20)),
    ("200 lines", two_hundred_lines(), "long", {}, (LINE, 64)),
]
