"""The exponential moving average of a million samples: a loop that no NumPy expression replaces."""

import numpy as np
from _report import best_of, cpu_device, report, require, seconds, size_argument
from cantil import njit


@njit
def moving_average(x, alpha, out):
    average = x[0]
    out[0] = average
    for i in range(1, x.shape[0]):
        average = alpha * x[i] + (1.0 - alpha) * average
        out[i] = average


def main():
    n = size_argument(1_000_000)
    alpha = 0.05
    x = np.cumsum(np.random.default_rng(3).standard_normal(n))
    out = np.empty_like(x)

    compile_s = seconds(lambda: moving_average(x[:2], alpha, out[:2]))
    run_s = best_of(lambda: moving_average(x, alpha, out))

    # The same operations in the same order in plain Python: the same bits.
    part = min(n, 100_000)
    values, python_out = x[:part].tolist(), [0.0] * part

    def in_python():
        average = values[0]
        python_out[0] = average
        for i in range(1, part):
            average = alpha * values[i] + (1.0 - alpha) * average
            python_out[i] = average

    python_s = seconds(in_python) * n / part
    require(np.array_equal(out[:part], np.array(python_out)), "differs from plain Python")

    # The closed form at the end: weights alpha (1 - alpha)^k, negligible beyond a thousand samples.
    window = min(n, 1000)
    weights = alpha * (1.0 - alpha) ** np.arange(window)
    if window == n:
        weights[-1] /= alpha
    require(np.isclose(out[-1], np.dot(weights, x[::-1][:window]), rtol=1e-9), "differs from the closed form")

    report(
        f"exponential moving average, {n:,} float64",
        cpu_device(),
        compile_s,
        run_s,
        {"plain Python (from a part)": python_s},
    )


if __name__ == "__main__":
    main()
