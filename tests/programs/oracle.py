"""Runs one function as plain Python and compiled for a target, and compares all that a caller can see.

Compared are: the result (bits, signed zeros and the kind of number: bool, int, float, complex), the arrays that were
passed in and may have been changed, and the exception (class; message too where the program itself states it).
"""

import math
import warnings
from collections import namedtuple

import numpy as np
import pytest
from cantil import cuda, njit

Outcome = namedtuple("Outcome", "result error args")


def copied(value):
    """A copy of `value` that keeps an array's layout and strides."""
    if isinstance(value, np.ndarray):
        base = value
        while isinstance(base.base, np.ndarray):
            base = base.base
        fresh = base.copy(order="K")
        if fresh.strides == base.strides and base.size:
            offset = value.__array_interface__["data"][0] - base.__array_interface__["data"][0]
            buffer = fresh if fresh.flags.c_contiguous else fresh.T
            if buffer.flags.c_contiguous:
                return np.ndarray(
                    value.shape, value.dtype, buffer.reshape(-1).view(np.uint8).data, offset, value.strides
                )
        return value.copy(order="K")
    if isinstance(value, list):
        return [copied(part) for part in value]
    if isinstance(value, tuple):
        parts = [copied(part) for part in value]
        return type(value)(*parts) if hasattr(value, "_fields") else tuple(parts)
    return value


def outcome(function, args):
    args = tuple(copied(arg) for arg in args)
    with warnings.catch_warnings():
        warnings.simplefilter(
            "ignore", RuntimeWarning
        )  # NumPy's about overflow and division: the values are compared
        try:
            return Outcome(function(*args), None, args)
        except Exception as error:
            return Outcome(None, error, args)


def kind(value):
    if isinstance(value, (bool, np.bool_)):
        return "bool"
    if isinstance(value, (int, np.integer)):
        return "int"
    if isinstance(value, (float, np.floating)):
        return "float"
    if isinstance(value, (complex, np.complexfloating)):
        return "complex"
    return type(value).__name__


def assert_same_float(actual, expected, rtol, where):
    if math.isnan(expected):
        assert math.isnan(actual), f"{where}: {actual!r}, Python gives nan"
    elif rtol and not math.isinf(expected):
        assert abs(actual - expected) <= rtol * abs(expected), (
            f"{where}: {actual!r}, Python gives {expected!r}"
        )
    else:
        assert actual == expected and math.copysign(1, actual) == math.copysign(1, expected), (
            f"{where}: {actual!r}, Python gives {expected!r}"
        )


def assert_same(actual, expected, rtol=None, where="result"):
    """Fail unless `actual` is what a caller of plain Python would have seen."""
    if isinstance(expected, np.ndarray):
        assert isinstance(actual, np.ndarray), f"{where}: {kind(actual)} instead of an array"
        assert actual.dtype == expected.dtype, f"{where}: dtype {actual.dtype}, Python gives {expected.dtype}"
        assert actual.shape == expected.shape, f"{where}: shape {actual.shape}, Python gives {expected.shape}"
        for index in np.ndindex(expected.shape):
            assert_same(actual[index], expected[index], rtol, f"{where}[{', '.join(map(str, index))}]")
        return
    assert kind(actual) == kind(expected), (
        f"{where}: {actual!r} is a {kind(actual)}, Python gives {expected!r}"
    )
    if isinstance(expected, (tuple, list)):
        assert len(actual) == len(expected), f"{where}: {actual!r}, Python gives {expected!r}"
        for i, (a, e) in enumerate(zip(actual, expected)):
            assert_same(a, e, rtol, f"{where}[{i}]")
    elif kind(expected) == "float":
        assert_same_float(float(actual), float(expected), rtol, where)
    elif kind(expected) == "complex":
        actual, expected = complex(actual), complex(expected)
        if rtol and math.isfinite(abs(expected)):
            assert abs(actual - expected) <= rtol * abs(expected), (
                f"{where}: {actual!r}, Python gives {expected!r}"
            )
        else:
            assert_same_float(actual.real, expected.real, None, f"{where}.real")
            assert_same_float(actual.imag, expected.imag, None, f"{where}.imag")
    else:
        assert actual == expected, f"{where}: {actual!r}, Python gives {expected!r}"


OUT_DTYPES = {"bool": np.bool_, "int": np.int64, "float": np.float64, "complex": np.complex128}


def kernel_calling(function, arity, has_result):
    """A kernel whose one thread calls `function` and stores its result."""
    inner = cuda.jit(device=True)(function)

    def store_0(out):
        out[0] = inner()

    def store_1(out, a):
        out[0] = inner(a)

    def store_2(out, a, b):
        out[0] = inner(a, b)

    def store_3(out, a, b, c):
        out[0] = inner(a, b, c)

    def store_4(out, a, b, c, d):
        out[0] = inner(a, b, c, d)

    def call_0(out):
        inner()

    def call_1(out, a):
        inner(a)

    def call_2(out, a, b):
        inner(a, b)

    def call_3(out, a, b, c):
        inner(a, b, c)

    def call_4(out, a, b, c, d):
        inner(a, b, c, d)

    stores = (store_0, store_1, store_2, store_3, store_4)
    calls = (call_0, call_1, call_2, call_3, call_4)
    return cuda.jit((stores if has_result else calls)[arity])


def on_device(function, expected):
    """`function` as a callable that runs in a kernel and returns the result as Python would."""

    def call(*args):
        has_result = expected.error is None and expected.result is not None
        dtype = OUT_DTYPES[kind(expected.result)] if has_result else np.int64
        if has_result and dtype is np.int64 and expected.result >= 2**63:
            dtype = np.uint64
        out = np.zeros(1, dtype=dtype)
        kernel_calling(function, len(args), has_result)[1, 1](out, *args)
        cuda.synchronize()
        return out[0].item() if has_result else None

    return call


def check(target, function, *args, like=None, rtol=None, message=False, **options):
    """Compile `function` for `target`, run it on copies of `args`, and compare with plain Python.

    `like`: what to compare with instead of `function` itself, where NumPy scalars would wrap or promote unlike the
    Python subset does. `rtol`: relative tolerance, to be justified at the call. `message`: compare the exception's
    message as well. `options` go to njit.
    """
    expected = outcome(like or function, args)
    run = njit(**options)(function) if target == "cpu" else on_device(function, expected)
    actual = outcome(run, args)
    if expected.error is not None:
        assert actual.error is not None, f"returned {actual.result!r}, Python raises {expected.error!r}"
        if type(actual.error) is not type(expected.error):
            raise AssertionError(f"raised {actual.error!r}, Python {expected.error!r}") from actual.error
        if message:
            assert actual.error.args == expected.error.args
    elif actual.error is not None:
        raise actual.error
    else:
        assert_same(actual.result, expected.result, rtol)
    for i, (a, e) in enumerate(zip(actual.args, expected.args)):
        if isinstance(e, (np.ndarray, list)):
            assert_same(a, e, rtol, f"argument {i}")


def rejects(error, function, *args):
    """Fail unless calling the compiled `function` raises `error`."""
    with pytest.raises(error):
        njit(function)(*args)
