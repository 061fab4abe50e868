"""cfunc: called through ctypes, from compiled code, and when it raises."""

import ctypes
import math
import pickle
import sys

import numpy as np
import pytest
from cantil import cfunc, errors, njit

pytestmark = pytest.mark.targets("cpu")


@cfunc("float64(float64, int32)")
def scaled(x, k):
    return x * k + 1


NUMBERS = [
    ("int8", ctypes.c_int8, -7),
    ("uint8", ctypes.c_uint8, 250),
    ("int16", ctypes.c_int16, -300),
    ("uint16", ctypes.c_uint16, 65000),
    ("int32", ctypes.c_int32, -70000),
    ("uint32", ctypes.c_uint32, 4000000000),
    ("int64", ctypes.c_int64, -(2**40)),
    ("uint64", ctypes.c_uint64, 2**63 + 5),
    ("float32", ctypes.c_float, 1.5),
    ("float64", ctypes.c_double, math.pi),
    ("boolean", ctypes.c_bool, True),
]


@pytest.mark.parametrize("name, c_type, value", NUMBERS)
def test_numbers_pass(name, c_type, value):
    f = cfunc(f"{name}({name})")(lambda x: x)
    assert f.ctypes(value) == value
    assert ctypes.CFUNCTYPE(c_type, c_type)(f.address)(value) == value


def test_many_arguments_and_none():
    f = cfunc("float64(int8, float32, int64, float64, uint16, float64, int32, int32, int64, float64)")(
        lambda a, b, c, d, e, f, g, h, i, j: a + b + c + d + e + f + g + h + i + j
    )
    assert f.ctypes(*range(10)) == 45.0
    g = cfunc("void(float64)")(lambda x: None)
    assert g.ctypes(1.0) is None


def test_attributes():
    assert scaled.address > 0
    assert "scaled" in scaled.native_name
    assert "define" in scaled.inspect_llvm()
    assert scaled.native_name in scaled.inspect_asm()
    assert scaled.__name__ == "scaled"
    assert str(scaled.signature) == "(float64, int32) -> float64"
    assert scaled.ctypes(2.0, 3) == 7.0
    assert scaled(2.0, 3) == 7.0
    assert pickle.loads(pickle.dumps(scaled)) is scaled


def test_compiled_code_calls_it_and_takes_it():
    @njit
    def direct(x):
        return scaled(x, 2) + scaled(x, 3)

    @njit
    def applied(f, x):
        return f(x, 4)

    assert direct(1.0) == 7.0
    assert applied(scaled, 2.0) == 9.0


def test_scipy_and_qsort_take_it():
    @cfunc("float64(float64)")
    def square(x):
        return x * x

    integrate = pytest.importorskip("scipy.integrate")
    assert abs(integrate.quad(square.ctypes, 0, 3)[0] - 9) < 1e-9


def test_exceptions_are_reported(monkeypatch):
    seen = []
    monkeypatch.setattr(sys, "unraisablehook", lambda info: seen.append((info.exc_type, str(info.exc_value))))

    @cfunc("int64(int64)")
    def check(x):
        if x > 3:
            raise ValueError("too large")
        return x

    assert check.ctypes(2) == 2
    assert check.ctypes(5) == 0
    assert seen == [(ValueError, "too large")]
    with pytest.raises(ValueError, match="too large"):
        check(5)


def test_wrong_ones():
    with pytest.raises(errors.TypingError, match="C"):
        cfunc("float64(float64[:])")(lambda x: x[0])
    with pytest.raises(errors.TypingError):
        cfunc("float64(float64, float64)")(lambda x: x)
    with pytest.raises(TypeError, match="colour"):
        cfunc("float64(float64)", colour=1)
    with pytest.raises(errors.TypingError):
        cfunc("float64(")
    assert np.isnan(cfunc("float64(float64)")(lambda x: x).ctypes(math.nan))
