"""CANTIL_DISABLE_JIT=1: decorated functions and kernels run as plain Python."""

import os
import subprocess
import sys
import textwrap

import pytest

PRELUDE = """
import numpy as np
from cantil import cuda, float64, int64, njit, prange
"""


def run(program, **environment):
    source = PRELUDE + textwrap.dedent(program) + '\nprint("done")\n'
    path = os.pathsep.join([p for p in sys.path if p])
    variables = {**os.environ, "CANTIL_CUDA": "sim", "PYTHONPATH": path, **environment}
    done = subprocess.run(
        [sys.executable, "-c", source], env=variables, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0 and done.stdout.endswith("done\n"), done.stdout + done.stderr


PROGRAMS = {
    "functions": """
        @njit(parallel=True)
        def total(n):
            s = 0
            for i in prange(n):
                s += i
            return s

        assert total(10) == 45
    """,
    "exceptions": """
        @cuda.jit
        def fails(a):
            if cuda.grid(1) == 3:
                raise KeyError("three")
            cuda.syncthreads()

        try:
            fails[1, 8](np.zeros(8))
            cuda.synchronize()
        except KeyError as error:
            assert "three" in str(error)
        else:
            raise AssertionError("nothing was raised")
    """,
    "reduction": """
        @cuda.jit
        def sums(a, out):
            part = cuda.shared.array(16, float64)
            t = cuda.threadIdx.x
            part[t] = a[cuda.grid(1)]
            cuda.syncthreads()
            step = 8
            while step > 0:
                if t < step:
                    part[t] += part[t + step]
                cuda.syncthreads()
                step //= 2
            if t == 0:
                out[cuda.blockIdx.x] = part[0]

        a = np.arange(64.0)
        out = cuda.to_device(np.zeros(4))
        sums[4, 16](a, out)
        assert np.array_equal(out.copy_to_host(), a.reshape(4, 16).sum(axis=1))
    """,
    "early return": """
        @cuda.jit
        def program(a):
            t = cuda.threadIdx.x
            if t >= 5:
                return
            buffer = cuda.shared.array(5, int64)
            buffer[t] = t
            cuda.syncthreads()
            a[t] = buffer[4 - t]

        a = np.zeros(8, dtype=np.int64)
        program[1, 8](a)
        assert a.tolist() == [4, 3, 2, 1, 0, 0, 0, 0]
    """,
    "indices and atomics": """
        @cuda.jit(device=True)
        def twice(x):
            return 2 * x

        @cuda.jit
        def program(out, count):
            x, y = cuda.grid(2)
            w, h = cuda.gridsize(2)
            out[x, y] = x + w * y
            cuda.atomic.add(count, 0, twice(1))
            cuda.atomic.max(count, 1, x)

        out, count = np.zeros((6, 8), dtype=np.int64), np.zeros(2, dtype=np.int64)
        program[(3, 2), (2, 4)](out, count)
        assert np.array_equal(out, np.arange(48).reshape(8, 6).T) and count.tolist() == [96, 5]
    """,
}


@pytest.mark.parametrize("setting", ["CANTIL_DISABLE_JIT", "NUMBA_DISABLE_JIT"])
@pytest.mark.parametrize("name", PROGRAMS)
def test_plain(name, setting):
    run(PROGRAMS[name], **{setting: "1"})


@pytest.mark.parametrize("name", PROGRAMS)
def test_compiled_gives_the_same(name):
    run(PROGRAMS[name], CANTIL_DISABLE_JIT="0")


def test_functions_stay_what_they_were():
    run(
        """
        def f(x):
            return x

        assert njit(f) is f and njit("int64(int64)")(f) is f
        assert cuda.jit(f).py_func is f
        """,
        CANTIL_DISABLE_JIT="1",
    )
