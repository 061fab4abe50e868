"""From `kernel[grid, block](…)` to cuLaunchKernel, against a stub of the driver that returns at once; no GPU is needed.

The numbers have the stub's own cost in them (it writes down each call, some 100 ns). Where valgrind is installed the
instructions of a launch are counted too, which other work on the machine does not disturb.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from benchmarks.harness import OURS

ROOT = Path(__file__).resolve().parents[2]
STUB = ROOT / "build" / "tests" / "host_api" / "libcuda_fake.so"

PROGRAM = """
import ctypes, os, sys, timeit
import numpy as np
from cantil import cuda

stub = ctypes.CDLL(os.environ["CANTIL_LIBCUDA"])


@cuda.jit
def eight_arrays(a, b, c, d, e, f, g, h):
    a[cuda.grid(1)] = b[0] + c[0] + d[0] + e[0] + f[0] + g[0] + h[0]


a, b, c, d, e, f, g, h = [cuda.to_device(np.zeros(4)) for _ in range(8)]
configured, stream = eight_arrays[1, 1], cuda.stream()
eight_arrays[1, 1, stream](a, b, c, d, e, f, g, h)
timer = timeit.Timer(sys.argv[1], globals=globals())
count, best = int(sys.argv[2]), 1.0
for _ in range(int(sys.argv[3])):
    stub.cantil_fake_forget_calls()
    best = min(best, timer.timeit(count) / count)
print(best)
"""

STATEMENTS = {
    "configured": "configured(a, b, c, d, e, f, g, h)",
    "configure and launch": "eight_arrays[1, 1](a, b, c, d, e, f, g, h)",
    "configure with a stream, launch": "eight_arrays[(1, 1), (8, 8), stream, 0](a, b, c, d, e, f, g, h)",
}


def _start(statement, count, repeats, before=()):
    environment = {**os.environ, "CANTIL_CUDA": "gpu", "CANTIL_LIBCUDA": str(STUB)}
    command = [*before, sys.executable, "-c", PROGRAM, statement, str(count), str(repeats)]
    return subprocess.run(command, check=True, env=environment, capture_output=True, text=True)


def instructions(statement):
    """Instructions of one launch: the difference between a long and a short run under callgrind."""

    def counted(launches):
        tool = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null"]
        text = _start(statement, launches, 1, tool).stderr
        return int(re.search(r"Collected : (\d+)", text)[1])

    return (counted(6000) - counted(1000)) / 5000


def run(session):
    if not STUB.exists():
        raise RuntimeError(f"{STUB} is missing: ./dev build makes it")
    for title, statement in STATEMENTS.items():
        action = {OURS: lambda s=statement: float(_start(s, 5000, 9).stdout)}
        session.compare(f"launch of eight arrays on a stub: {title}", action, repeats=5, measure=None)
    if shutil.which("valgrind") and not session.quick:
        value = instructions(STATEMENTS["configure and launch"])
        session.record("launch of eight arrays on a stub: instructions", {OURS: value}, "instructions")
