"""vectorize: its objects against NumPy's ufuncs, and against a loop over the Python function."""

import copy
import math
import pickle
import subprocess
import sys
import warnings

import numpy as np
import pytest
from cantil import errors, float32, float64, int64, njit, vectorize

DTYPES = "?bBhHiIlLefdFD"

pytestmark = pytest.mark.targets("cpu")


@vectorize
def multiply_add(x, y):
    return x * y + x


@vectorize(["int64(int64, int64)", "float64(float64, float64)"], identity=0)
def add(a, b):
    """Adds."""
    return a + b


@vectorize([float64(float64), float32(float32)])
def selu(x):
    if x > 0:
        return x * float32(1.0507009873554805)
    return float32(1.7580993408473766) * (math.exp(x) - float32(1.0))


def values(dtype, n=37, seed=0):
    rng = np.random.default_rng(seed)
    a = rng.integers(0, 2 if dtype == "?" else 100, n)
    if dtype in "efdFD":
        a = rng.normal(size=n) * 3
    if dtype in "FD":
        a = a + 1j * rng.normal(size=n)
    return a.astype(dtype)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("kind", ["contiguous", "strided", "reversed", "scalar", "column"])
def test_types_and_layouts(dtype, kind):
    @vectorize
    def pick(x, y):
        return y if x != y else x

    x, y = values(dtype), values(dtype, seed=1)
    if kind == "strided":
        x, y = values(dtype, 74)[::2], values(dtype, 111, 1)[::3]
    elif kind == "reversed":
        x = x[::-1]
    elif kind == "scalar":
        y = y[3]
    elif kind == "column":
        x, y = x[:, None], y[:5]
    got = pick(x, y)
    want = np.broadcast_arrays(x, y)[1]
    assert got.dtype == np.dtype(dtype)
    assert got.shape == want.shape
    assert got.tobytes() == want.tobytes()


@pytest.mark.parametrize("n", [0, 1, 7, 8, 9, 100, 4097, 20000])
@pytest.mark.parametrize("where", ["cpu", "parallel"])
def test_lengths(n, where):
    f = vectorize(["float64(float64, float64)"], target=where)(lambda x, y: x * 2 + y)
    x, y = np.arange(float(n)), np.ones(2 * n)[::2]
    assert np.array_equal(f(x, y), x * 2 + y)
    assert np.array_equal(f(x, 0.5), x * 2 + 0.5)


def test_in_place_and_overlapping_results():
    x = np.arange(1000.0)
    add(x, 1.0, out=x)
    assert np.array_equal(x, np.arange(1000.0) + 1)
    want = np.add(x[:-1], x[1:])
    y = x.copy()
    add(y[:-1], y[1:], out=y[1:])
    assert np.array_equal(y[1:], want)
    y = x.copy()
    add(y[1:], y[:-1], out=y[:-1])
    assert np.array_equal(y[:-1], want)


def test_attributes():
    assert add.types == ["ll->l", "dd->d"]
    assert (add.ntypes, add.nin, add.nout, add.nargs) == (2, 2, 1, 3)
    assert (add.identity, add.signature, add.__name__, add.__doc__) == (0, None, "add", "Adds.")
    assert isinstance(add, np.ufunc)
    assert add.py_func(1, 2) == 3
    assert multiply_add.identity is None


def test_reductions_are_numpys():
    x = np.random.default_rng(0).integers(0, 9, (4, 5, 6))
    for kwargs in ({}, {"axis": 1}, {"axis": (0, 2)}, {"axis": None}, {"axis": -1, "keepdims": True}):
        assert np.array_equal(add.reduce(x, **kwargs), np.add.reduce(x, **kwargs))
    mask = x > 4
    assert np.array_equal(
        add.reduce(x, axis=0, where=mask, initial=7), np.add.reduce(x, axis=0, where=mask, initial=7)
    )
    for axis in range(3):
        assert np.array_equal(add.accumulate(x, axis=axis), np.add.accumulate(x, axis=axis))
        assert np.array_equal(add.reduceat(x, [0, 2, 1], axis=axis), np.add.reduceat(x, [0, 2, 1], axis=axis))
    long = np.arange(10000)
    assert add.reduce(long) == long.sum()
    assert add.reduce(long[::2]) == long[::2].sum()
    assert add.reduce(np.zeros(0)) == 0.0
    assert np.array_equal(add.outer(long[:3], long[:4]), np.add.outer(long[:3], long[:4]))
    target = np.zeros(4)
    add.at(target, [0, 0, 3], 1.5)
    assert np.array_equal(target, [3.0, 0, 0, 1.5])


def test_float_reductions_keep_their_order():
    x = np.random.default_rng(1).normal(size=1000)
    total = 0.0
    for v in x:
        total = total + v
    assert add.reduce(x) == total


def test_identity():
    with pytest.raises(ValueError, match="no identity"):
        multiply_add.reduce(np.zeros(0))
    times = vectorize(["int64(int64, int64)"], identity=1)(lambda a, b: a * b)
    assert times.reduce(np.zeros(0, np.int64)) == 1
    first = vectorize(["int64(int64, int64)"], identity="reorderable")(lambda a, b: max(a, b))
    x = np.arange(12).reshape(3, 4)
    assert first.reduce(x, axis=(0, 1)) == 11
    with pytest.raises(ValueError, match="not reorderable"):
        vectorize(["int64(int64, int64)"])(lambda a, b: max(a, b)).reduce(x, axis=(0, 1))
    with pytest.raises(ValueError, match="identity"):
        vectorize(["int64(int64, int64)"], identity="zero")


def test_keywords():
    x = np.arange(6.0)
    out = np.full(6, -1.0)
    assert add(x, 1, out=out) is out
    assert np.array_equal(out, x + 1)
    out[:] = -1
    add(x, 1, out=(out,), where=x > 2)
    assert np.array_equal(out, np.where(x > 2, x + 1, -1))
    add(x, 2, out)
    assert np.array_equal(out, x + 2)
    assert add(np.arange(3), 1, dtype=np.float64).dtype == np.float64
    assert add(np.arange(3), 1, signature="dd->d").dtype == np.float64
    assert add(np.ones((3, 4), order="F"), 1.0).flags.f_contiguous
    assert add(np.ones((3, 4), order="F"), 1.0, order="C").flags.c_contiguous
    with pytest.raises(TypeError):
        add(x, 1, out=np.zeros(6, np.int32))
    assert add(x, 1, out=np.zeros(6, np.int32), casting="unsafe").dtype == np.int32
    with pytest.raises(TypeError, match="unexpected keyword|invalid keyword|got an unexpected"):
        add(x, 1, outt=x)
    with pytest.raises(ValueError, match="broadcast"):
        add(np.zeros(3), np.zeros(4))
    with pytest.raises(TypeError):
        add(1)

    class Sub(np.ndarray):
        pass

    sub = np.ones(3).view(Sub)
    assert type(add(sub, 1)) is Sub
    assert type(add(sub, 1, subok=False)) is np.ndarray


def test_casting():
    assert add(np.int8(3), np.int16(4)).dtype == np.int64
    assert add(np.float32(3), 4).dtype == np.float64
    assert selu(np.float32([1, -1])).dtype == np.float32
    assert selu(np.float16([1, -1])).dtype == np.float64  # the first loop that takes it
    with pytest.raises(TypeError):
        add("a", 1)
    with pytest.raises(TypeError):
        add(1j, 1)
    swapped = np.arange(4.0).astype(">f8")
    assert np.array_equal(add(swapped, 1), np.arange(4.0) + 1)
    unaligned = np.frombuffer(b"x" + np.arange(4.0).tobytes(), np.uint8)[1:].view(np.float64)
    assert np.array_equal(add(unaligned, 1), np.arange(4.0) + 1)
    assert np.array_equal(add([1, 2], (3, 4)), [4, 6])


def test_loops_are_made_at_the_call():
    @vectorize
    def f(a, b):
        return a * b

    assert f.types == []
    assert f(3, 4) == 12
    assert f.types == ["ll->l"]
    assert f(2.0, 1.5) == 3.0
    assert f(np.int8(2), np.int8(3)) == 6
    assert f.types == ["ll->l", "dd->d"]  # int8 goes safely into the first
    assert f(np.complex64(1j), np.complex64(1j)) == -1
    assert f.types[-1] == "FF->F"
    assert f.reduce(np.arange(1, 5)) == 24
    assert f.outer([1.0, 2.0], [3.0]).shape == (2, 1)
    f.add("float32(float32, float32)")
    assert f.types[-1] == "ff->f"
    f.disable_compile()
    with pytest.raises(TypeError):
        f(np.complex128(1), np.array(["a"]))


def test_reduce_makes_its_loop():
    f = vectorize(lambda a, b: a + b)
    assert f.reduce(np.arange(5)) == 10
    g = vectorize(lambda a, b: a + b)
    assert np.array_equal(g.accumulate(np.ones(3)), [1, 2, 3])


def test_exceptions_come_from_the_users_line():
    @vectorize
    def check(x):
        if x > 5:
            raise ValueError("too large", x)
        return x

    for call in (
        lambda: check(7),
        lambda: check(np.arange(100)),
        lambda: check(np.arange(100)[::3]),
        lambda: check.ufunc(1) and check(np.arange(9)),
    ):
        with pytest.raises(ValueError, match="too large") as info:
            call()
        assert info.traceback[-1].name == "check"
    g = vectorize(["int64(int64, int64)"])(lambda a, b: a + b if b != 3 else [1][b])
    with pytest.raises(IndexError):
        g.reduce(np.arange(10))
    assert check(1) == 1


def test_exceptions_of_parallel_loops():
    @vectorize(["int64(int64)"], target="parallel")
    def check(x):
        if x % 10007 == 10006:
            raise ValueError("bad", x)
        return x

    with pytest.raises(ValueError, match="10006"):
        check(np.arange(200000))


def test_division_gives_what_numpy_gives():
    f = vectorize(lambda a, b: a / b)
    with np.errstate(all="ignore"):
        assert np.array_equal(f(np.array([1.0, -1.0]), 0.0), [np.inf, -np.inf])
        assert math.isnan(f(0.0, 0.0))
    g = vectorize(lambda a, b: a // b)
    with np.errstate(all="ignore"):
        assert g(5, 0) == 0


def test_error_state():
    f = vectorize(["float64(float64)"])(lambda x: 1.0 / x)
    with np.errstate(divide="raise"), pytest.raises(FloatingPointError):
        f(np.zeros(20))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        f(np.ones(20))
        with pytest.raises(RuntimeWarning):
            f(np.zeros(3))


@pytest.mark.parametrize("target_name", ["cpu", "parallel"])
def test_only_what_is_computed_warns(target_name):
    @vectorize(["float64(float64, float64)"], target=target_name)
    def divided(x, y):
        return x / y if y != 0 else 0.0

    @vectorize(["float64(float64)"], target=target_name)
    def grown(x):
        return math.exp(x) if x < 100 else 1.0

    x = np.arange(30000.0)
    with np.errstate(all="raise"):
        for y in (np.arange(30000.0) % 3, np.zeros(60000)[::2], 0.0):
            divided(x, y)
        assert grown(x)[-1] == 1.0
        z = x.copy()
        grown(z, out=z)
        assert z[0] == 1.0
        for bad in (1.0, -1.0):
            with pytest.raises(FloatingPointError):
                vectorize(["float64(float64)"], target=target_name)(lambda x: bad / (x - 29999))(x)


class Logged:
    def __init__(self, value):
        self.value = value

    def __array_ufunc__(self, ufunc, method, *inputs, **kwargs):
        inputs = [i.value if isinstance(i, Logged) else i for i in inputs]
        return ufunc.__name__, method, getattr(ufunc, method)(*inputs, **kwargs)


class Refusing:
    __array_ufunc__ = None


def test_overrides():
    f = vectorize(lambda a, b: a - b)
    assert f(Logged(5), 3) == ("<lambda>", "__call__", 2)
    assert f(1.0, Logged(0.5)) == ("<lambda>", "__call__", 0.5)
    assert add.reduce(Logged(np.arange(4))) == ("add", "reduce", 6)
    with pytest.raises(TypeError, match="does not support ufuncs"):
        f(1, Refusing())
    name, method, result = add.outer(Logged(np.arange(2)), np.arange(2))
    assert (name, method) == ("add", "outer")
    assert result.shape == (2, 2)


def test_compiled_code_calls_it():
    @njit
    def scalar(x, y):
        return add(x, y) + multiply_add(x, y)

    @njit
    def arrays(x, y):
        return add(x, y) * 2 + multiply_add(x, y)

    @njit
    def into(x, y, out):
        add(x, y, out)
        return multiply_add(x, y, out=out)

    assert scalar(3, 4) == 7 + 15
    assert scalar(2.0, 3) == 5.0 + 8.0
    x, y = np.arange(6.0).reshape(2, 3), np.arange(3)
    assert np.array_equal(arrays(x, y), (x + y) * 2 + x * y + x)
    out = np.zeros((2, 3))
    assert np.array_equal(into(x, y, out), x * y + x)
    assert np.array_equal(out, x * y + x)
    with pytest.raises(errors.TypingError):
        njit(lambda x: add(x, 1j))(1)


def test_options():
    f = vectorize(["float64(float64)"], nopython=True, fastmath=True, locals={"y": float32})(lambda x: x)
    assert f(1.5) == 1.5
    with pytest.raises(TypeError, match="colour"):
        vectorize(["float64(float64)"], colour=1)
    with pytest.raises(ValueError, match="target"):
        vectorize(["float64(float64)"], target="tpu")
    with pytest.raises(TypeError):
        vectorize(["float64(float64)"])(lambda *x: x)
    with pytest.raises(errors.TypingError):
        vectorize(["float64(float64[:])"])(lambda x: x)
    with pytest.raises(errors.TypingError):
        vectorize(["float64(float64, float64)"])(lambda x: x)
    assert vectorize((float64, int64))(lambda x, y: x).types == ["dl->d"]
    assert vectorize("float64(float64)")(lambda x: x).types == ["d->d"]


def test_copies_and_pickles():
    assert copy.copy(add) is add
    assert copy.deepcopy([add])[0] is add
    assert pickle.loads(pickle.dumps(add)) is add
    program = (
        "import pickle, sys, numpy as np\n"
        "sys.path.insert(0, sys.argv[1])\n"
        "f = pickle.loads(bytes.fromhex(sys.argv[2]))\n"
        "print(f(np.arange(3), 1).tolist(), f.types)\n"
    )
    import os

    done = subprocess.run(
        [sys.executable, "-c", program, os.path.dirname(__file__), pickle.dumps(add).hex()],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "[1, 2, 3] ['ll->l', 'dd->d']\n"


def test_threads():
    from concurrent.futures import ThreadPoolExecutor

    f = vectorize(lambda a, b: a * b)
    x = np.arange(5000.0)
    with ThreadPoolExecutor(4) as pool:
        for result in pool.map(lambda k: f(x, k), range(16)):
            assert result[1] * 4999 == result[4999]
