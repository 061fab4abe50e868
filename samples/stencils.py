"""Stencils: heat spreading over a plate, on one core and on all, and the largest value of a moving window."""

import numpy as np
from _report import best_of, cpu_device, report, require, seconds, size_argument
from cantil import njit, stencil

WINDOW = 8


@stencil
def heat_step(t):
    return t[0, 0] + 0.2 * (t[0, -1] + t[0, 1] + t[-1, 0] + t[1, 0] - 4.0 * t[0, 0])


@njit
def spread(t, steps):
    for _ in range(steps):
        t = heat_step(t)
    return t


@njit(parallel=True)
def spread_in_parallel(t, steps):
    for _ in range(steps):
        t = heat_step(t)
    return t


def spread_in_numpy(t, steps):
    for _ in range(steps):
        next_t = np.zeros_like(t)
        inner = t[1:-1, 1:-1]
        around = t[1:-1, :-2] + t[1:-1, 2:] + t[:-2, 1:-1] + t[2:, 1:-1] - 4.0 * inner
        next_t[1:-1, 1:-1] = inner + 0.2 * around
        t = next_t
    return t


@stencil(neighborhood=((-WINDOW, 0),), cval=-np.inf)
def window_maximum(x):
    best = x[-WINDOW]
    for k in range(-WINDOW + 1, 1):
        best = max(best, x[k])
    return best


def main():
    n = size_argument(1000)
    steps = 20
    plate = np.zeros((n, n))
    plate[n // 4 : n // 2, n // 4 : n // 2] = 100.0
    want = spread_in_numpy(plate, steps)
    numpy_s = best_of(lambda: spread_in_numpy(plate, steps))
    for title, run in (("one core", spread), ("all cores", spread_in_parallel)):
        compile_s = seconds(lambda run=run: run(plate[:4, :4].copy(), 1))
        require(np.allclose(run(plate, steps), want, rtol=1e-12), f"heat on {title} differs from NumPy")
        run_s = best_of(lambda run=run: run(plate, steps))
        report(
            f"heat, {n:,} x {n:,}, {steps} steps, {title}", cpu_device(), compile_s, run_s, {"NumPy": numpy_s}
        )

    x = np.random.default_rng(9).standard_normal(n * 1000)
    compile_s = seconds(lambda: window_maximum(x[:20]))
    got = window_maximum(x)

    def in_numpy():
        return np.lib.stride_tricks.sliding_window_view(x, WINDOW + 1).max(axis=1)

    require(np.array_equal(got[WINDOW:], in_numpy()), "the windowed maximum differs from NumPy")
    require(np.all(got[:WINDOW] == -np.inf), "the border is not what was asked for")
    run_s = best_of(lambda: window_maximum(x))
    report(
        f"maximum of {WINDOW + 1}, {x.size:,} float64",
        cpu_device(),
        compile_s,
        run_s,
        {"NumPy": best_of(in_numpy)},
    )


if __name__ == "__main__":
    main()
