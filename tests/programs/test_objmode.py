"""Blocks of compiled functions that run as Python."""

import gc

import numpy as np
import pytest
from cantil import njit, objmode, types
from cantil._core import live_blocks
from cantil.errors import NumbaError

log = []


def helper(i):
    if i > 3:
        raise KeyError("deep")
    return len("x" * i)


@pytest.fixture(autouse=True)
def nothing_leaks():
    gc.collect()
    before = live_blocks()
    yield
    log.clear()
    gc.collect()
    assert live_blocks() == before


def test_values_in_and_out():
    @njit
    def f(x, t):
        y = x + 1
        with objmode(z="int64", w="float64", flag="boolean"):
            z = len(str(y))
            w = sum(t) / 2
            flag = isinstance(y, int)
        return z, w, flag

    assert f(99, (1, 2.5)) == (3, 1.75, True)
    assert f(5, (1, 2.5)) == (1, 1.75, True)


def test_types_as_values_and_expressions():
    @njit
    def f(a):
        with objmode(b=types.float64[::1], n=types.int64):
            b = a * 2
            n = len(a)
        with objmode(c=types.float64[:, :]):
            c = np.outer(a, a)[:, ::-1]
        return b, n, c

    a = np.arange(3.0)
    b, n, c = f(a)
    assert np.array_equal(b, a * 2)
    assert n == 3
    assert np.array_equal(c, np.outer(a, a)[:, ::-1])


def test_arrays_and_no_outputs():
    @njit
    def f(a):
        with objmode():
            log.append(a.copy())
            a[0] = 7
        with objmode(b="float64[::1]"):
            b = np.fft.ifft(np.fft.fft(a)).real.copy()
        return b * 2

    x = np.arange(4.0)
    result = f(x)
    assert x[0] == 7
    assert np.allclose(result, x * 2)
    assert np.array_equal(log[0], np.arange(4.0))


def test_in_a_loop_and_an_exception():
    @njit
    def f(n):
        s = 0
        for i in range(n):
            with objmode(k="int64"):
                k = helper(i)
            s += k
        return s

    assert f(3) == 3
    with pytest.raises(KeyError, match="deep") as caught:
        f(6)
    names = [entry.name for entry in caught.traceback]
    assert "helper" in names
    assert names.index("f") < names.index("helper")


def test_an_exception_is_handled_by_compiled_code():
    @njit
    def f(i):
        r = 0
        try:
            with objmode(k="int64"):
                k = helper(i)
            r = k
        except Exception:
            r = -1
        return r

    assert f(2) == 2
    assert f(9) == -1


def test_what_the_function_sees():
    offset = 10

    @njit
    def f(x):
        def inner(y):
            with objmode(r="int64"):
                values = [y, offset]
                r = max(values)
            return r

        return inner(x)

    assert f(3) == 10
    assert f(30) == 30


def test_an_array_of_another_type():
    @njit
    def f(a):
        with objmode(b="float64[:]"):
            b = a.astype(np.int32)
        return b

    with pytest.raises(TypeError, match="announced"):
        f(np.arange(3.0))


def test_what_it_cannot_do():
    @njit
    def leaves(x):
        with objmode(y="int64"):
            y = 1
            return y
        return 0

    @njit
    def untyped(x):
        with objmode(y="nonsense"):
            y = 1
        return y

    for f in (leaves, untyped):
        with pytest.raises(NumbaError):
            f(1)


def test_in_plain_python_it_is_nothing():
    with objmode(y="int64"):
        y = 3
    assert y == 3
