"""The types of arithmetic results are Numba's, for every pair of scalar types (result_types.tsv)."""

import math
from pathlib import Path

import numpy as np
import pytest
from cantil import njit

pytestmark = pytest.mark.targets("cpu")

ROWS = [
    line.split("\t") for line in (Path(__file__).parent / "result_types.tsv").read_text().splitlines()[2:]
]
SCALARS = {
    name: getattr(np, name)
    for name in (
        "int8 int16 int32 int64 uint8 uint16 uint32 uint64 float32 float64 complex64 complex128"
    ).split()
}
SCALARS["bool"] = np.bool_


def all_operations(a, b):
    return (a + b, a - b, a * b, a / b, a // b, a % b, a**b, a << b, a >> b, a & b, a | b, a ^ b)


def float_operations(a, b):
    return (a + b, a - b, a * b, a / b, a // b, a % b, a**b)


def complex_operations(a, b):
    return (a + b, a - b, a * b, a / b, a**b)


def result_types(function, *args):
    compiled = njit(function)
    compiled(*args)
    return [str(part) for part in compiled.nopython_signatures[-1].return_type]


@pytest.mark.parametrize(
    "left, right, results",
    [(row[0], row[1], row[2:]) for row in ROWS],
    ids=[f"{row[0]}-{row[1]}" for row in ROWS],
)
def test_binary(left, right, results):
    there = [name for name in results if name != "-"]
    function = {12: all_operations, 7: float_operations, 5: complex_operations}[len(there)]
    assert result_types(function, SCALARS[left](1), SCALARS[right](1)) == there


def test_the_table_is_whole():
    assert len(ROWS) == 13 * 13


def unary(a):
    return (-a, +a, ~a)


def unary_float(a):
    return (-a, +a, abs(a))


@pytest.mark.parametrize(
    "name, result",
    [
        ("int8", "int64"),
        ("int16", "int64"),
        ("int32", "int64"),
        ("int64", "int64"),
        ("uint8", "uint64"),
        ("uint16", "uint64"),
        ("uint32", "uint64"),
        ("uint64", "uint64"),
    ],
)
def test_unary_integer(name, result):
    assert result_types(unary, SCALARS[name](1)) == [result] * 3


@pytest.mark.parametrize(
    "name, results",
    [
        ("float32", ["float32"] * 3),
        ("float64", ["float64"] * 3),
        ("complex64", ["complex64", "complex64", "float32"]),
        ("complex128", ["complex128", "complex128", "float64"]),
    ],
)
def test_unary_float(name, results):
    assert result_types(unary_float, SCALARS[name](1)) == results


def compared(a, b):
    return (a < b, a <= b, a > b, a >= b, a == b, a != b)


@pytest.mark.parametrize("left", ["bool", "int8", "int64", "uint64", "float32", "float64"])
@pytest.mark.parametrize("right", ["bool", "uint8", "int64", "uint64", "float32", "float64"])
def test_comparisons_are_bool(left, right):
    assert result_types(compared, SCALARS[left](1), SCALARS[right](2)) == ["bool"] * 6


def with_literals(a):
    return (a + 1, a * 2, a - 3, a // 2, a % 5, a / 2, a >> 1, a << 1, a & 1, a**2)


@pytest.mark.parametrize("name", ["int8", "int32", "int64", "uint8", "uint32", "uint64"])
def test_with_literals(name):
    """A literal is an int64: an unsigned value next to it becomes int64, but keeps its sign when it is shifted."""
    shifted = "uint64" if name.startswith("u") else "int64"
    assert result_types(with_literals, SCALARS[name](7)) == (
        ["int64"] * 5 + ["float64"] + [shifted] * 2 + ["int64"] * 2
    )


def merged(flag, a, b):
    if flag:
        value = a
    else:
        value = b
    return value


@pytest.mark.parametrize(
    "left, right, result",
    [
        ("int32", "int64", "int64"),
        ("int64", "float64", "float64"),
        ("float32", "float64", "float64"),
        ("int64", "complex128", "complex128"),
        ("float64", "complex128", "complex128"),
        ("uint8", "int16", "int16"),
        ("uint32", "int64", "int64"),
        ("uint64", "int64", "float64"),
        ("bool", "int64", "int64"),
        ("int32", "float32", "float64"),
        ("int8", "int32", "int32"),
        ("uint8", "uint32", "uint32"),
    ],
)
def test_branches_unify(left, right, result):
    compiled = njit(merged)
    compiled(True, SCALARS[left](1), SCALARS[right](1))
    assert str(compiled.nopython_signatures[-1].return_type) == result


def test_loop_widens():
    def total(n):
        s = 0
        for i in range(n):
            s += i * 0.5
        return s

    compiled = njit(total)
    assert compiled(4) == 3.0
    assert str(compiled.nopython_signatures[0].return_type) == "float64"


@pytest.mark.parametrize(
    "left, right, result",
    [
        ("int64", "uint64", "float64"),
        ("int32", "uint32", "int64"),
        ("int8", "uint8", "int16"),
        ("int64", "float32", "float64"),
        ("int16", "float32", "float32"),
        ("float32", "complex64", "complex64"),
        ("int64", "complex64", "complex128"),
    ],
)
def test_min_max_and_branches_unify_alike(left, right, result):
    compiled = njit(merged)
    compiled(True, SCALARS[left](1), SCALARS[right](1))
    assert str(compiled.nopython_signatures[-1].return_type) == result
    if not result.startswith("complex"):
        assert (
            result_types(lambda a, b: (min(a, b), max(a, b)), SCALARS[left](1), SCALARS[right](2))
            == [result] * 2
        )


def conversions(x):
    return (abs(x), int(x), float(x), round(x), math.floor(x), math.sqrt(x))


@pytest.mark.parametrize(
    "name, results",
    [
        ("int32", ["int32", "int32", "float64", "int64", "int64", "float64"]),
        ("uint64", ["uint64", "uint64", "float64", "int64", "uint64", "float64"]),
        ("float32", ["float32", "int64", "float32", "int64", "int64", "float32"]),
        ("float64", ["float64", "int64", "float64", "int64", "int64", "float64"]),
    ],
)
def test_conversions(name, results):
    assert result_types(conversions, SCALARS[name](3)) == results


@pytest.mark.parametrize(
    "name, result",
    [("int8", "int32"), ("int32", "int32"), ("int64", "int64"), ("uint8", "uint64"), ("uint64", "uint64")],
)
def test_range(name, result):
    def last(n):
        for i in range(n):
            pass
        return (i,)

    assert result_types(last, SCALARS[name](3)) == [result]
