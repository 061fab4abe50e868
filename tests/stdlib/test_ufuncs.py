"""Every ufunc of the library gives NumPy's values and types, for every loop that its declaration names."""

import warnings

import numpy as np
import pytest
from declarations import declarations
from oracle import assert_same, kind

# Last places that libm, SLEEF and NumPy's own vector code differ by; results that are exact are compared exactly.
ROUNDING = {np.dtype(np.float32): 4e-6, np.dtype(np.float64): 8e-15, np.dtype(np.complex64): 8e-6}
EXACT = {
    "add",
    "subtract",
    "multiply",
    "negative",
    "positive",
    "fabs",
    "sign",
    "square",
    "copysign",
    "nextafter",
}
EXACT |= {
    "floor",
    "ceil",
    "trunc",
    "rint",
    "maximum",
    "minimum",
    "fmax",
    "fmin",
    "sqrt",
    "ldexp",
    "heaviside",
}


def chars(loops):
    """The type characters of the first argument: "efd FD:" is five loops, "di->d" is one."""
    found = []
    for part in loops.split():
        if "->" in part:
            found.append(part.partition("->")[0])
        else:
            found += [c for c in part.partition(":")[0]]
    return found


def samples(char):
    dtype = np.dtype(char)
    if dtype.kind == "b":
        return np.array([True, False, True, True])
    if dtype.kind in "iu":
        info = np.iinfo(dtype)
        low = [-1, -7, info.min] if dtype.kind == "i" else []
        return np.array([0, 1, 2, 3, 5, 100, info.max, *low], dtype)
    corners = [0.0, -0.0, 0.5, -0.5, 1.0, -1.0, 1.5, 2.5, 7.25, np.inf, -np.inf, np.nan]
    if dtype.kind == "f":
        return np.array(corners, dtype)
    return np.array([0.5 + 1.0j, -0.25 + 0.5j, 2.0 - 1.5j, -1.0 - 0.125j, 1.0 + 0.0j], dtype)


def cases():
    seen = {}
    for d in declarations():
        if d.kind == "ufunc" and d.name.startswith("np."):
            for char in chars(d.loops):
                seen[d.name, char] = None
    return list(seen)


@pytest.mark.parametrize("name, char", cases())
def test_loop(name, char, compiled_from):
    ufunc = getattr(np, name[3:])
    first = samples(char[0])
    if ufunc.__name__ == "reciprocal" and first.dtype.kind in "iu":
        first = first[first != 0]  # NumPy's own answer is undefined, and differs by type
    if ufunc.nin == 1:
        args, text = (first,), f"np.{ufunc.__name__}(p)"
        parameters = "p"
    else:
        second = samples(char[-1])
        if ufunc.__name__ == "ldexp":
            second = second[(second > -50) & (second < 50)]
        if ufunc.__name__ in ("power", "left_shift", "right_shift") and second.dtype.kind in "iu":
            second = second[(second >= 0) & (second < 8 * second.dtype.itemsize)]
        grid = np.meshgrid(first, second)
        args, text = (grid[0].ravel(), grid[1].ravel()), f"np.{ufunc.__name__}(p, q)"
        parameters = "p, q"
    module = compiled_from(
        f"import numpy as np\nfrom cantil import njit\n\n\n@njit\ndef loop({parameters}):\n    return {text}\n"
    )
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        expected = ufunc(*args)
    actual = module.loop(*args)
    for got, wanted in zip(*((r if isinstance(r, tuple) else (r,)) for r in (actual, expected)), strict=True):
        assert kind(got) == kind(wanted)
        if ufunc.__name__ in ("maximum", "minimum", "fmax", "fmin") and wanted.dtype.kind == "f":
            got, wanted = got + 0.0, wanted + 0.0  # which of two zeros is the greater one is nobody's promise
        rtol = None if ufunc.__name__ in EXACT else ROUNDING.get(wanted.dtype)
        if wanted.dtype == np.float16:
            rtol = 2e-3
        if wanted.dtype == np.complex128:
            rtol = 2e-14
        assert_same(got, wanted, rtol)
