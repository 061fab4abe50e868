"""Runs the installed cantil: its bundled libraries load, a function and a simulated kernel compile, PTX is made."""

import ctypes
import os
import sys
from pathlib import Path

os.environ["CANTIL_CUDA"] = "sim"

import cantil
import numpy as np
from cantil import cuda, njit, prange, types

package = Path(cantil.__file__).parent
assert package.is_relative_to(sys.prefix), f"cantil comes from {package}, not from this environment"
assert (package / "_data" / "libdevice.10.bc").read_bytes()[:4] in (b"BC\xc0\xde", b"\xde\xc0\x17\x0b")
for name in ("libtbb.so.12", "libsleef.so.3"):
    ctypes.CDLL(str(package / "_libs" / name))


@njit(parallel=True)
def sines(x):
    total = 0.0
    for i in prange(x.size):
        total += np.sin(x[i])
    return total


@cuda.jit
def add(x, y, out):
    i = cuda.grid(1)
    if i < out.size:
        out[i] = x[i] + y[i]


x = np.linspace(0.0, 3.0, 1000)
assert np.isclose(sines(x), np.sin(x).sum())
out = np.zeros_like(x)
add[8, 128](x, x, out)
assert np.array_equal(out, 2 * x)
array = types.float64[::1]
ptx, _ = cuda.compile_ptx(add.py_func, (array, array, array), cc=(9, 0))
assert ".visible .entry" in ptx
print(f"cantil {cantil.__version__} works on Python {sys.version.split()[0]}")
