"""Adds two vectors of ten million elements in a CUDA kernel, one thread an element."""

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
from cantil import cuda


@cuda.jit
def add(x, y, out):
    i = cuda.grid(1)
    if i < out.size:
        out[i] = x[i] + y[i]


def add_in_python(x, y, out):
    for i in range(len(out)):
        out[i] = x[i] + y[i]


def main():
    n = size_argument(10_000_000)
    rng = np.random.default_rng(1)
    x = rng.random(n, dtype=np.float32)
    y = rng.random(n, dtype=np.float32)

    device_x, device_y = cuda.to_device(x), cuda.to_device(y)
    device_out = cuda.device_array(n, dtype=np.float32)
    threads = 256
    blocks = (n + threads - 1) // threads

    compile_s = first_launch(lambda: add[1, 1](device_x, device_y, device_out))
    run_s = best_on_device(lambda: add[blocks, threads](device_x, device_y, device_out))
    out = device_out.copy_to_host()
    require(np.array_equal(out, x + y), "the sum differs from NumPy's")

    # Host arrays may be passed straight in as well: they are copied there and back.
    again = np.zeros(min(n, 1000), dtype=np.float32)
    add[4, 256](x[: again.size], y[: again.size], again)
    require(np.array_equal(again, out[: again.size]), "host arrays passed straight in give another sum")

    part = min(n, 100_000)
    python_s = seconds(lambda: add_in_python(x[:part].tolist(), y[:part].tolist(), [0.0] * part)) * n / part
    numpy_out = np.empty_like(x)
    numpy_s = best_of(lambda: np.add(x, y, out=numpy_out))
    report(
        f"vector addition, {n:,} float32",
        cuda_device(),
        compile_s,
        run_s,
        {"NumPy": numpy_s, "plain Python (from a part)": python_s},
    )


if __name__ == "__main__":
    main()
