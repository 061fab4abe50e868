# ruff: noqa: F401, F821
"""What the free names of a function stand for when it is captured, and the tree that is captured with them."""

import cmath
import collections
import enum
import math
import math as m
import operator
import random
import threading
import types
from math import sqrt
from operator import add as plus

import cantil
import numpy
import numpy as np
import pytest
from cantil import _core, cuda, njit, prange
from numpy.linalg import norm

INTEGER = 7
BIG = 2**63
TOO_BIG = 2**64
FLAG = True
REAL = 0.1
COMPLEX = 1 - 2j
TEXT = "täxt\n"
BYTES = b"\x00\xff"
NOTHING = None
DOTS = ...
SINGLE = np.float32(0.1)
HALF = np.float16(0.5)
BYTE = np.uint8(255)
UNSIGNED = np.uint64(2**64 - 1)
NUMPY_BOOL = np.bool_(True)
COMPLEX64 = np.complex64(1 + 2j)
PAIR = (1, (2.5, "x"), None)
Point = collections.namedtuple("Point", "x y")
POINT = Point(1, 2.0)
ARRAY = np.arange(6, dtype=np.int16).reshape(2, 3)
FORTRAN = np.asfortranarray(ARRAY)
VIEW = ARRAY[:, ::2]
SWAPPED = ARRAY.astype(">i2")
OBJECTS = np.array([None])
SCALAR_ARRAY = np.array(1.5)
LIST = [1, 2]
DICT = {}
SIN = np.sin
F32 = np.float32
DTYPE = np.dtype("f4")
NAMESPACE = types.SimpleNamespace(k=3, inner=types.SimpleNamespace(z=(1, 2)))


class Color(enum.Enum):
    RED = 1
    GREEN = "g"


class Level(enum.IntEnum):
    LOW = 1


class Settings:
    N = 5

    class Deep:
        M = 2.5

    @staticmethod
    def plain():
        return 1


class MyError(ValueError):
    class Inner(Exception):
        pass


def plain(x):
    return x


@njit
def compiled(x):
    return x


def captures(function):
    return _core.dump_captures(function)


def one(function):
    """The only captured name: (key, description)."""
    (item,) = captures(function).items()
    return item


@pytest.mark.parametrize(
    "function, expected",
    [
        (lambda: INTEGER, "Int int64 7"),
        (lambda: BIG, "Int uint64 9223372036854775808"),
        (lambda: TOO_BIG, "Other int"),
        (lambda: FLAG, "Bool bool True"),
        (lambda: REAL, "Float float64 0.1"),
        (lambda: COMPLEX, "Complex complex128 1 -2"),
        (lambda: TEXT, "Str täxt\n"),
        (lambda: BYTES, "Bytes of 2"),
        (lambda: NOTHING, "None"),
        (lambda: DOTS, "Ellipsis"),
        (lambda: SINGLE, f"Float float32 {float(np.float32(0.1))!r}"),
        (lambda: HALF, "Float float16 0.5"),
        (lambda: BYTE, "Int uint8 255"),
        (lambda: UNSIGNED, "Int uint64 18446744073709551615"),
        (lambda: NUMPY_BOOL, "Bool bool True"),
        (lambda: COMPLEX64, "Complex complex64 1 2"),
        (lambda: PAIR, "Tuple (Int int64 1, Tuple (Float float64 2.5, Str x), None)"),
        (lambda: POINT, "Tuple Point (x=Int int64 1, y=Float float64 2)"),
        (lambda: ARRAY, "Array readonly array(int16, 2d, C) shape 2 3"),
        (lambda: FORTRAN, "Array readonly array(int16, 2d, C) shape 2 3"),
        (lambda: VIEW, "Array readonly array(int16, 2d, C) shape 2 2"),
        (lambda: SCALAR_ARRAY, "Array readonly array(float64, 0d, C) shape"),
        (lambda: SWAPPED, "Other ndarray"),
        (lambda: OBJECTS, "Other ndarray"),
        (lambda: LIST, "Other list"),
        (lambda: DICT, "Other dict"),
        (lambda: Color.RED, "Other Color"),
        (lambda: Color.RED.value, "Int int64 1"),
        (lambda: Color.GREEN.value, "Str g"),
        (lambda: Level.LOW, "Int int64 1"),
        (lambda: Settings.N, "Int int64 5"),
        (lambda: Settings.Deep.M, "Float float64 2.5"),
        (lambda: Settings.plain, "Other function"),
        (lambda: NAMESPACE.k, "Int int64 3"),
        (lambda: NAMESPACE.inner.z, "Tuple (Int int64 1, Int int64 2)"),
        (lambda: plain, "Other function"),
        (lambda: compiled, "Function compiled"),
        (lambda: undefined_name, "Missing undefined_name"),  # noqa: F821
        (lambda: math.no_such_name, "Missing math.no_such_name"),
        (lambda: Settings.no_such_name, "Missing Settings.no_such_name"),
        # Library functions, whatever the way they are reached.
        (lambda: np.sin, "Builtin numpy.sin"),
        (lambda: numpy.sin, "Builtin numpy.sin"),
        (lambda: SIN, "Builtin numpy.sin"),
        (lambda: np.abs, "Builtin numpy.absolute"),
        (lambda: np.linalg.norm, "Builtin numpy.linalg.norm"),
        (lambda: norm, "Builtin numpy.linalg.norm"),
        (lambda: np.random.normal, "Builtin numpy.random.normal"),
        (lambda: np.median, "Builtin numpy.median"),
        (lambda: m.sqrt, "Builtin math.sqrt"),
        (lambda: sqrt, "Builtin math.sqrt"),
        (lambda: cmath.exp, "Builtin cmath.exp"),
        (lambda: operator.add, "Builtin operator.add"),
        (lambda: plus, "Builtin operator.add"),
        (lambda: random.random, "Builtin random.random"),
        (lambda: len, "Builtin builtins.len"),
        (lambda: range, "Builtin builtins.range"),
        (lambda: print, "Builtin builtins.print"),
        (lambda: np.ndarray, "Builtin numpy.ndarray"),
        (lambda: prange, "Builtin cantil.prange"),
        (lambda: cantil.prange, "Builtin cantil.prange"),
        (lambda: threading.Thread, "Other type"),
        # Modules and constants of modules.
        (lambda: np, "Module numpy"),
        (lambda: m, "Module math"),
        (lambda: np.linalg, "Module numpy.linalg"),
        (lambda: cantil, "Module cantil"),
        (lambda: cuda, "Module cantil.cuda"),
        (lambda: math.pi, f"Float float64 {math.pi!r}"),
        (lambda: np.nan, "Float float64 nan"),
        (lambda: math.inf, "Float float64 inf"),
        (lambda: np.newaxis, "None"),
        # Types.
        (lambda: int, "Type int64 builtins.int"),
        (lambda: float, "Type float64 builtins.float"),
        (lambda: bool, "Type bool"),
        (lambda: complex, "Type complex128"),
        (lambda: np.float32, "Type float32"),
        (lambda: F32, "Type float32"),
        (lambda: DTYPE, "Type float32"),
        (lambda: cantil.int32, "Type int32"),
        (lambda: cantil.types.uint8, "Type uint8"),
        # Exceptions.
        (lambda: ValueError, "ExceptionClass builtins.ValueError"),
        (lambda: MyError, f"ExceptionClass {__name__}.MyError"),
        (lambda: MyError.Inner, None),
        (lambda: np.linalg.LinAlgError, "ExceptionClass numpy.linalg.LinAlgError"),
    ],
)
def test_globals(function, expected):
    key, text = one(function)
    if expected is None:  # an exception class is no namespace: the chain stops at it
        assert key == "MyError"
    else:
        assert text.removesuffix(" (object)") == expected


@pytest.mark.parametrize(
    "function, name",
    [
        (lambda: cuda.threadIdx.x, "threadIdx.x"),
        (lambda: cuda.blockDim.z, "blockDim.z"),
        (lambda: cuda.grid, "grid"),
        (lambda: cuda.syncthreads, "syncthreads"),
        (lambda: cuda.shared.array, "shared.array"),
        (lambda: cuda.atomic.add, "atomic.add"),
        (lambda: cantil.cuda.gridsize, "gridsize"),
    ],
)
def test_cuda_names(function, name):
    key, text = one(function)
    assert key.endswith("cuda." + name)
    assert text == "Builtin cantil.cuda." + name


def test_cuda_names_imported_one_by_one():
    from cantil.cuda import atomic, grid, shared, threadIdx
    from cantil.cuda import blockIdx as b

    def kernel(a):
        s = shared.array(1, 2)
        atomic.add(a, threadIdx.x, b.y)
        return grid(1)

    assert captures(kernel) == {
        "shared.array": "Builtin cantil.cuda.shared.array",
        "atomic.add": "Builtin cantil.cuda.atomic.add",
        "threadIdx.x": "Builtin cantil.cuda.threadIdx.x",
        "b.y": "Builtin cantil.cuda.blockIdx.y",
        "grid": "Builtin cantil.cuda.grid",
    }


def test_keys_are_the_resolved_prefixes():
    def f(x):
        return np.linalg.norm(x).real + ARRAY.shape[0] + math.pi.real + POINT.x + x.np.sin

    assert sorted(captures(f)) == ["ARRAY", "POINT", "math.pi", "np.linalg.norm"]


def test_closures_come_before_globals():
    INTEGER = 2.5
    late = 1

    def f():
        return INTEGER + late + unbound

    late = "now"
    assert captures(f) == {"INTEGER": "Float float64 2.5", "late": "Str now", "unbound": "Missing unbound"}
    unbound = 3
    assert captures(f)["unbound"] == "Int int64 3"


def test_globals_hide_builtins():
    space = {"abs": 5, "__name__": "hidden"}
    f = types.FunctionType((lambda: abs).__code__, space)
    assert captures(f) == {"abs": "Int int64 5"}


def test_locals_are_not_captured():
    def f(np, x):
        INTEGER = 1
        REAL = [TEXT for TEXT in x]
        return np.sin(INTEGER), REAL

    assert captures(f) == {}


def test_recursion():
    def f(n):
        return f(n - 1)

    assert captures(f) == {"f": "Function " + f.__qualname__}
    decorated = njit(f)
    assert captures(decorated) == {"f": "Function " + f.__qualname__}
    global not_yet
    space = {}
    g = types.FunctionType((lambda n: not_yet(n - 1)).__code__.replace(co_name="<lambda>"), space)
    assert captures(g) == {"not_yet": "Missing not_yet"}


def test_arrays_are_frozen():
    table = np.array([1, 2, 3])

    @njit
    def f(i):
        return table[i]

    assert f(0) == 1
    table[0] = 100
    assert f(0) == 1


def test_local_exception_classes_are_kept_by_object():
    class Local(Exception):
        pass

    assert one(lambda: Local)[1].endswith(".Local (object)")
    assert one(lambda: MyError)[1].endswith("MyError") or "(object)" in one(lambda: MyError)[1]


def test_no_source():
    space = {}
    exec("def f(x):\n    return x", space)
    with pytest.raises(cantil.errors.NumbaError, match="source of 'f' cannot be found"):
        captures(space["f"])


def test_syntax_dump():
    def f(x, k=2):
        """Doc."""
        return -x[0:k] if x is not None else "é"

    line = f.__code__.co_firstlineno
    assert _core.dump_syntax(f) == (
        "FunctionDef f\n"
        "  args: Arguments\n"
        "    args:\n"
        "      Arg x\n"
        "      Arg k\n"
        "    defaults:\n"
        "      Constant 2\n"
        "  body:\n"
        "    ExprStmt\n"
        "      value: Constant 'Doc.'\n"
        "    Return\n"
        "      value: IfExp\n"
        "        test: Compare is not\n"
        "          left: Name x\n"
        "          comparators:\n"
        "            Constant None\n"
        "        body: UnaryOp -\n"
        "          operand: Subscript\n"
        "            value: Name x\n"
        "            slice: Slice\n"
        "              lower: Constant 0\n"
        "              upper: Name k\n"
        "        orelse: Constant 'é'\n"
    )
    assert f"Constant 'é' @{line + 2}:45-49" in _core.dump_syntax(f, positions=True)


def test_every_construct_is_read():
    """Each node class of this Python's ast is either in the table or an Unknown node, and nothing fails."""

    def f(a, /, b, *c, d=1, **e):
        global INTEGER
        import os.path as path
        from math import pi as PI

        x = y = 0
        x += 1 @ 2 // 3 % 4**5 << 6 >> 7 | 8 & 9 ^ 10
        z: int = ~x
        del y
        for i, (j, *k) in a:
            break
        else:
            pass
        while not x:
            continue
        with a as w, b:
            pass
        try:
            assert x, "message"
        except (ValueError, TypeError) as error:
            raise RuntimeError from error
        except:
            raise
        else:
            pass
        finally:
            x = 1
        if (n := len(a)) > 1 and x or y:
            yield (yield from a)
        s = {1, *c}, {1: 2, **e}, [1, 2.5, 1j, b"b", ..., None, True], a[1:2, ::3, ...], f"{a!r:>{b}}c"
        t = [q for q in a if q if b], {q for q in a}, {q: r for q, r in a}, (q for q in a for r in q)
        u = lambda v, *args, k=1, **kw: v if v else k
        return (
            1 < x <= 2 != 3 == 4 >= 5 > 6,
            a is b,
            a is not b,
            a in b,
            a not in b,
            f(*a, k=b, **e),
            10**30,
            "\ud800",
        )

    text = _core.dump_syntax(f)
    assert "Unknown" not in text
    for kind in (
        "Global INTEGER",
        "Alias os.path path",
        "AugAssign +",
        "BinOp @",
        "BinOp **",
        "Starred",
        "ExceptHandler error",
        "NamedExpr",
        "YieldFrom",
        "FormattedValue extra=114",
        "Comprehension",
        "GeneratorExp",
        "Compare < <= != == >= >",
        "Keyword k",
        "DictComp",
        "Constant (0.0, 1.0j)",
        "Constant b'b'",
        "AnnAssign",
        "Delete",
        "With",
        "BoolOp or",
        "Lambda",
    ):
        assert kind in text, kind


def test_newer_constructs_are_unknown_where_they_stand():
    import sys

    if sys.version_info < (3, 12):
        # The statement does not exist here: nothing to show.
        return
    space = {"_core": _core}
    source = "def f(x):\n    type T = int\n    return x\n"
    import linecache

    linecache.cache["<newer>"] = (len(source), None, source.splitlines(True), "<newer>")
    exec(compile(source, "<newer>", "exec"), space)
    assert "Unknown TypeAlias" in _core.dump_syntax(space["f"])
