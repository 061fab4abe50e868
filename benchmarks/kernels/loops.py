"""Run time of the loops that people write njit functions for."""

import numpy as np

from benchmarks.harness import per_call, seconds
from benchmarks.kernels._programs import TEXT
from benchmarks.peers import fresh_module


def problems():
    """name, arguments, which arguments are outputs, relative tolerance of the results, timer."""
    rng = np.random.default_rng(1)
    line = rng.random(1_000_000)
    image = rng.random((1080, 1920))
    grid = rng.random((1000, 1000))
    square = rng.random((256, 256))
    points = rng.random((1000, 3))
    return [
        ("scalar_sum", (line,), (), 0, seconds),
        ("scalar_sum_fast", (line,), (), 1e-12, seconds),
        ("ema", (line, 0.05, np.zeros_like(line)), (2,), 0, seconds),
        ("rolling_sum", (line, 20, np.zeros_like(line)), (2,), 0, seconds),
        ("triad", (line, line[::-1].copy(), line, np.zeros_like(line)), (3,), 0, seconds),
        ("blur", (image, np.zeros_like(image)), (1,), 0, seconds),
        ("blur_radius", (image, np.zeros_like(image), 2), (1,), 0, seconds),
        ("blur_parallel", (image, np.zeros_like(image)), (1,), 0, seconds),
        ("jacobi", (grid, grid.copy()), (1,), 0, seconds),
        ("mandelbrot", (np.zeros((200, 300), dtype=np.int64), 200), (0,), 0, seconds),
        ("mandelbrot_complex", (np.zeros((200, 300), dtype=np.int64), 200), (0,), 0, seconds),
        ("n_body", (points, np.zeros_like(points)), (1,), 1e-12, seconds),
        ("n_body_fast", (points, np.zeros_like(points)), (1,), 1e-9, seconds),
        ("assign_expression", (line, line, line, line, np.zeros_like(line)), (4,), 0, seconds),
        ("fresh_expression", (line, line, line, line), (), 0, seconds),
        ("offset", (line, np.zeros(line.size - 10), 10), (1,), 0, seconds),
        ("pi_random", (1_000_000,), (), 0.01, seconds),
        ("matmul", (square, square.T.copy(), np.zeros_like(square)), (2,), 0, seconds),
        ("row_sums", (image, np.zeros(1080)), (1,), 0, seconds),
        ("histogram", (line, np.zeros(64, dtype=np.int64)), (), 0, seconds),
        ("sieve", (np.zeros(1_000_000, dtype=np.uint8),), (0,), 0, seconds),
        ("fibonacci", (27,), (), 0, seconds),
        ("monte_carlo", (2_000_000,), (), 0, seconds),
        ("sum_parallel", (line[:100_000].copy(),), (), 1e-12, per_call),
        ("empty_parallel", (np.zeros(2),), (0,), 0, per_call),
    ]


def agree(result, expected, rtol):
    if expected is None:
        return result is None
    return np.array_equal(result, expected) if rtol == 0 else np.allclose(result, expected, rtol=rtol, atol=0)


def run(session):
    modules = {}
    for peer in session.peers:
        try:
            modules[peer] = fresh_module(TEXT, peer)
        except Exception as error:
            session.failed("kernels", peer, error)
    pairs = []
    for name, args, outputs, rtol, measure in problems():
        reference = None
        actions = {}
        for peer, module in modules.items():
            function = getattr(module, name)
            try:
                # Each peer's results against those of the first: a fast wrong answer is no measurement.
                result = function(*args)
                seen = [np.copy(args[i]) for i in outputs] + [result]
                if reference is None:
                    reference = seen
                elif not all(agree(a, b, rtol) for a, b in zip(seen, reference)):
                    raise ArithmeticError(f"its result differs from {next(iter(modules))}'s")
            except Exception as error:
                session.failed(f"run: {name}", peer, error)
                continue
            actions[peer] = lambda function=function, args=args: function(*args)
        values = session.compare(f"run: {name}", actions, repeats=15, measure=measure)
        pairs.append((values.get("cantil"), values.get("numba")))
    session.geometric_mean("run: geometric mean, numba / cantil", pairs)
