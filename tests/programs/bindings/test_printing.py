"""print() in compiled code: Python's text, on Python's standard output, from any thread."""

import contextlib
import io
import subprocess
import sys

import numpy as np
from cantil import njit


def printed(function, *args):
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        function(*args)
    return out.getvalue()


def test_values_look_as_in_python():
    def show(i, x, flag, single):
        print("values", i, x, flag, single)
        print()
        print(i, x, sep="1;", end="0!\n")
        print("100%;", i)

    for args in [
        (3, 1.5, True, np.float32(0.1)),
        (-1, 1e300, False, np.float32(1e-8)),
        (0, float("nan"), True, 2.0),
    ]:
        expected = printed(show, *args[:3], args[3] if isinstance(args[3], float) else args[3].item())
        actual = printed(njit(show), *args)
        if isinstance(args[3], float):
            assert actual == expected
        else:  # a float32 prints its own shortest digits
            assert actual.splitlines()[1:] == expected.splitlines()[1:]
            assert actual.splitlines()[0].endswith(str(args[3]))


def test_order_with_python():
    compiled = njit(lambda i: print("compiled", i))

    def both():
        for i in range(3):
            print("python", i)
            compiled(i)

    assert printed(both) == "".join(f"python {i}\ncompiled {i}\n" for i in range(3))


PARALLEL = """
import math
from cantil import njit, prange

@njit(parallel={inner})
def inside(n):
    s = 0.0
    for i in prange(n):
        if i % 100000 == 0:
            print("at", i)
        s += math.sin(i)
    return s

@njit
def outside(n):
    return inside(n)

for _ in range(5):
    {call}(4000000)
print("done")
"""


def test_workers_print_while_the_caller_has_the_gil():
    """In a process of its own: a deadlock would hang."""
    for call in ("inside", "outside"):
        source = PARALLEL.format(inner=True, call=call)
        done = subprocess.run(
            [sys.executable, "-c", source], capture_output=True, text=True, timeout=120, check=True
        )
        lines = done.stdout.splitlines()
        assert (
            sorted(lines[:-1]) == sorted(5 * [f"at {i}" for i in range(0, 4000000, 100000)])
            and lines[-1] == "done"
        )
