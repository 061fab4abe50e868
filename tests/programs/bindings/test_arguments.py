"""What compiled functions take from Python and give back: types, layouts, binding, ownership."""

import gc
import itertools
import sys
import weakref
from collections import namedtuple

import cantil
import numpy as np
import pytest
from cantil import float32, float64, int32, int64, njit, types
from cantil.errors import TypingError


@njit
def identity(x):
    return x


@njit
def second(x, y):
    return y


NUMBERS = [
    (True, "bool"),
    (-5, "int64"),
    (2**63 - 1, "int64"),
    (-(2**63), "int64"),
    (2**63, "uint64"),
    (2**64 - 1, "uint64"),
    (2**30, "int64"),
    (-(2**30) + 1, "int64"),
    (2**60 + 12345, "int64"),
    (1.5, "float64"),
    (float("inf"), "float64"),
    (1 - 2j, "complex128"),
    (np.int8(-3), "int8"),
    (np.uint8(250), "uint8"),
    (np.int16(-300), "int16"),
    (np.uint16(65535), "uint16"),
    (np.int32(-70000), "int32"),
    (np.uint32(2**32 - 1), "uint32"),
    (np.int64(-1), "int64"),
    (np.uint64(2**64 - 1), "uint64"),
    (np.longlong(7), "int64"),
    (np.float32(0.1), "float32"),
    (np.float64(0.1), "float64"),
    (np.complex64(1 + 2j), "complex64"),
    (np.complex128(1 + 2j), "complex128"),
    (np.bool_(True), "bool"),
]


@pytest.mark.parametrize("value, name", NUMBERS, ids=[f"{name}-{value}" for value, name in NUMBERS])
def test_numbers_pass_through(value, name):
    assert str(cantil.typeof(value)) == name
    result = identity(value)
    assert result == value
    assert type(result) in (bool, int, float, complex)


def test_a_subclass_of_a_number_is_its_base():
    class Whole(int):
        pass

    class Real(float):
        pass

    assert cantil.typeof(Whole(3)) == int64 and identity(Whole(3)) == 3
    assert cantil.typeof(Real(0.5)) == float64 and identity(Real(0.5)) == 0.5


@pytest.mark.parametrize("value", [2**64, -(2**63) - 1, 10**30])
def test_integers_beyond_64_bits(value):
    with pytest.raises(OverflowError, match="64 bits"):
        identity(value)
    assert identity(1) == 1


@pytest.mark.parametrize(
    "value", [[], [1, 2.5], {1: 2}, {1, "a"}, object(), print, np.array(["a"]), np.array([None])]
)
def test_values_without_a_type(value):
    with pytest.raises((TypingError, TypeError), match="argument 1|list|str|dtype|type"):
        identity(value)
    assert identity(1) == 1


def test_the_message_names_the_argument():
    with pytest.raises(TypingError, match=r"argument 2.*'list'"):
        second(1, [2, 2.5])
    with pytest.raises(TypingError, match=r"argument 1.*'>f8'"):
        identity(np.zeros(2, dtype=">f8"))
    with pytest.raises(TypingError, match=r"argument 1.*'tuple'.*'list'"):
        identity((1, [2, object()]))


Point = namedtuple("Point", "x y")


def test_tuples():
    assert identity((1, 2.5, (True, 3j))) == (1, 2.5, (True, 3j))
    assert identity(()) == ()
    point = identity(Point(1, 2.5))
    assert type(point) is Point and point == Point(1, 2.5)
    a = np.arange(3)
    result = identity((a, 1))
    assert result[0] is a


LAYOUTS = {
    "0-d": (lambda: np.array(1.5), "C"),
    "1-d": (lambda: np.zeros(4), "C"),
    "1-d strided": (lambda: np.zeros(8)[::2], "A"),
    "1-d reversed": (lambda: np.zeros(4)[::-1], "A"),
    "1-d of one": (lambda: np.zeros(8)[::9], "C"),
    "empty": (lambda: np.zeros((0, 3)), "C"),
    "2-d C": (lambda: np.zeros((2, 3)), "C"),
    "2-d F": (lambda: np.zeros((2, 3), order="F"), "F"),
    "2-d part": (lambda: np.zeros((4, 6))[:, ::2], "A"),
    "3-d transposed": (lambda: np.zeros((2, 3, 4)).transpose(1, 0, 2), "A"),
    "broadcast": (lambda: np.broadcast_to(np.arange(3.0), (2, 3)), "A"),
}


@pytest.mark.parametrize("name", LAYOUTS)
def test_layouts(name):
    make, layout = LAYOUTS[name]
    a = make()
    t = cantil.typeof(a)
    assert (t.dtype, t.ndim, t.layout, t.mutable) == (float64, a.ndim, layout, a.flags.writeable)
    assert identity(a) is a


def test_many_dimensions():
    a = np.zeros((1, 2) * 6)
    assert cantil.typeof(a) == types.Array(float64, 12, "C")
    assert identity(a) is a


def test_readonly_and_unaligned_arrays():
    a = np.arange(3.0)
    a.flags.writeable = False
    assert cantil.typeof(a) == types.Array(float64, 1, "C", readonly=True)
    assert identity(a) is a
    raw = np.zeros(25, dtype=np.uint8)
    unaligned = raw[1:].view(np.float64)
    assert not unaligned.flags.aligned
    assert cantil.typeof(unaligned) == types.Array(float64, 1, "C", aligned=False)


@pytest.mark.parametrize(
    "dtype", ["?", "i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8", "f4", "f8", "c8", "c16"]
)
def test_dtypes(dtype):
    a = np.ones((2, 2), dtype=dtype)
    assert cantil.typeof(a) == cantil.from_dtype(a.dtype)[:, ::1]
    assert identity(a) is a


def test_views_of_arguments_share_memory():
    @njit
    def tail(a):
        return a[1:]

    a = np.arange(5)
    result = tail(a)
    assert result.tolist() == [1, 2, 3, 4] and np.shares_memory(result, a)
    result[0] = 99
    assert a[1] == 99


def test_results_of_readonly_arrays_are_readonly():
    @njit
    def tail(a):
        return a[1:]

    a = np.arange(5)
    a.flags.writeable = False
    assert not tail(a).flags.writeable


def test_allocated_results_live_as_long_as_they_are_used():
    @njit
    def squares(n):
        a = np.empty(n, np.int64)
        for i in range(n):
            a[i] = i * i
        return a

    before = cantil._core.live_blocks()
    a = squares(1000)
    part = a[10:20]
    assert cantil._core.live_blocks() == before + 1
    del a
    gc.collect()
    assert part.tolist() == [i * i for i in range(10, 20)]
    assert cantil._core.live_blocks() == before + 1
    del part
    gc.collect()
    assert cantil._core.live_blocks() == before


def test_calls_leak_no_references():
    a, b = np.arange(6.0), np.arange(6.0).reshape(2, 3)[:, ::2]
    counts = [sys.getrefcount(x) for x in (a, b)]
    for _ in range(100):
        identity(a)
        identity(b)
        identity((a, (b, 1)))
    assert [sys.getrefcount(x) for x in (a, b)] == counts


def test_failing_calls_leak_no_references():
    @njit
    def fail(a, x):
        if x > 0:
            raise ValueError("x")
        return a

    a = np.arange(6.0)
    count = sys.getrefcount(a)
    for _ in range(100):
        with pytest.raises(ValueError):
            fail(a, 1)
    assert sys.getrefcount(a) == count


def test_an_array_dies_with_its_last_reference():
    class Tracked(np.ndarray):
        pass

    a = np.zeros(4).view(Tracked)
    died = weakref.ref(a)
    result = identity(a)
    assert result is a
    del a, result
    gc.collect()
    assert died() is None


def test_arguments_are_bound_as_python_binds_them():
    def f(a, /, b, c=3, *rest, d, e=5):
        return (a, b, c, rest, d, e)

    compiled = njit(f)
    for args, kwargs in [
        ((1, 2), {"d": 4}),
        ((1,), {"b": 2, "d": 4}),
        ((1, 2, 30), {"d": 4, "e": 50}),
        ((1, 2, 30, 40, 50), {"d": 4}),
        ((1,), {"d": 4, "c": 7, "b": 2}),
    ]:
        assert compiled(*args, **kwargs) == f(*args, **kwargs)
    calls = [
        ((), {}),
        ((1,), {"d": 4}),
        ((1, 2), {}),
        ((1, 2), {"d": 4, "g": 1}),
        ((1, 2), {"b": 2, "d": 4}),
        ((), {"a": 1, "b": 2, "d": 4}),
    ]
    for args, kwargs in calls:
        with pytest.raises(TypeError) as expected:
            f(*args, **kwargs)
        with pytest.raises(TypeError) as actual:
            compiled(*args, **kwargs)
        assert str(actual.value) == str(expected.value)


def test_wrong_counts_are_explained_as_python_does():
    functions = [lambda: 0, lambda x: 0, lambda x, y=1: 0, lambda x, *, k: 0, lambda a, b, c: 0]
    arguments = [((), {}), ((1,), {}), ((1, 2), {}), ((1, 2, 3, 4), {}), ((1, 2), {"k": 3}), ((1,), {"z": 3})]
    for f, (args, kwargs) in itertools.product(functions, arguments):
        try:
            f(*args, **kwargs)
        except TypeError as error:
            with pytest.raises(TypeError) as actual:
                njit(f)(*args, **kwargs)
            assert str(actual.value) == str(error)


def test_explicit_signatures_convert():
    whole = njit("int64(int64)")(lambda x: x)
    assert whole(2.9) == 2 and whole(True) == 1 and whole(np.uint8(200)) == 200
    single = njit("float32(float32)")(lambda x: x)
    assert single(0.1) == float(np.float32(0.1)) and single(3) == 3.0
    narrow = njit(int32(int32))(lambda x: x)
    assert narrow(2**32 + 5) == 5
    both = njit([float64(float64), int64(int64), float32(float32)])(lambda x: x)
    assert type(both(3)) is int and both(np.float32(0.1)) == float(np.float32(0.1)) and both(np.int8(3)) == 3


def test_optional_signature():
    f = njit(int64(types.Optional(int64)))(lambda x: 0 if x is None else x + 1)
    assert f(None) == 0 and f(4) == 5


def test_many_arguments():
    names = [f"a{i}" for i in range(80)]
    namespace = {}
    import linecache

    source = f"def total({', '.join(names)}):\n    return {' + '.join(names)}\n"
    filename = "<test_many_arguments>"
    linecache.cache[filename] = (len(source), None, source.splitlines(True), filename)
    exec(compile(source, filename, "exec"), namespace)
    total = njit(namespace["total"])
    assert total(*range(80)) == sum(range(80))
    arrays = [np.full(3, i) for i in range(80)]
    first = njit(lambda *rest: rest[79][0])
    assert first(*arrays) == 79


def test_a_function_is_garbage_with_its_dispatcher():
    def make():
        @njit
        def local(x):
            return x

        return local

    dispatcher = make()
    dead = weakref.ref(dispatcher)
    del dispatcher
    gc.collect()
    assert dead() is None
