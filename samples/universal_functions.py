"""Activations and losses as universal functions: leaky ReLU, parametric ReLU, Huber loss and SELU over ten million
numbers, and each row of a matrix scaled by a reference row with a generalised one."""

import math

import numpy as np
from _report import best_of, cpu_device, report, require, seconds, size_argument
from cantil import float64, guvectorize, vectorize

ALPHA, SCALE = 1.6732632423543772, 1.0507009873554805


@vectorize
def leaky_relu(x):
    return x if x > 0 else 0.01 * x


@vectorize
def parametric_relu(x, slope):
    return x if x > 0 else slope * x


@vectorize
def huber(x, delta):
    size = abs(x)
    return 0.5 * x * x if size <= delta else delta * (size - 0.5 * delta)


@vectorize([float64(float64)])
def selu(x):
    return SCALE * x if x > 0 else SCALE * ALPHA * (math.exp(x) - 1.0)


@guvectorize(["(float64[:], float64[:], float64[:])"], "(n),(n)->(n)")
def relative_to(row, reference, out):
    total = 0.0
    for i in range(reference.shape[0]):
        total += reference[i] * reference[i]
    scale = 1.0 / math.sqrt(total)
    for i in range(row.shape[0]):
        out[i] = row[i] * scale


def show(title, function, args, in_numpy, tolerance=0.0):
    """Runs a function beside NumPy's way to the same, compares and reports."""
    first = np.asarray(args[0])[:2]
    others = [a if np.ndim(a) == 0 or first.ndim > 1 else a[:2] for a in args[1:]]
    compile_s = seconds(lambda: function(first, *others))
    got, want = function(*args), in_numpy()
    # exp(x) - 1 near zero has the absolute error of exp(x).
    require(np.allclose(got, want, rtol=tolerance, atol=tolerance * 1e-3), f"{title} differs from NumPy")
    run_s = best_of(lambda: function(*args))
    report(title, cpu_device(), compile_s, run_s, {"NumPy": best_of(in_numpy)})


def main():
    n = size_argument(10_000_000)
    x = np.random.default_rng(5).standard_normal(n) * 2
    show(f"leaky ReLU, {n:,} float64", leaky_relu, (x,), lambda: np.where(x > 0, x, 0.01 * x))
    slopes = np.full(n, 0.25)
    show(
        f"parametric ReLU, {n:,} float64",
        parametric_relu,
        (x, slopes),
        lambda: np.where(x > 0, x, slopes * x),
    )
    show(
        f"Huber loss, {n:,} float64",
        huber,
        (x, 1.0),
        lambda: np.where(np.abs(x) <= 1.0, 0.5 * x * x, np.abs(x) - 0.5),
        1e-15,
    )
    show(
        f"SELU, {n:,} float64",
        selu,
        (x,),
        lambda: np.where(x > 0, SCALE * x, SCALE * ALPHA * (np.exp(x) - 1.0)),
        1e-12,
    )
    require(np.array_equal(leaky_relu(3), 3) and leaky_relu(-2.0) == -0.02, "leaky ReLU of a number")

    rows = x[: n // 100 * 100].reshape(-1, 100)
    reference = np.arange(1.0, 101.0)
    show(
        f"{rows.shape[0]:,} rows relative to a reference row",
        relative_to,
        (rows, reference),
        lambda: rows * (1.0 / np.sqrt(np.sum(reference * reference))),
        1e-12,
    )


if __name__ == "__main__":
    main()
