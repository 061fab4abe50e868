"""Comparisons, truth values and logic: signed against unsigned is mathematically right, operands are evaluated once."""

import numpy as np
import pytest
from cantil import njit


def compare(a, b, out):
    out[0] = a < b
    out[1] = a <= b
    out[2] = a > b
    out[3] = a >= b
    out[4] = a == b
    out[5] = a != b


FLAGS = np.zeros(6, dtype=np.bool_)


@pytest.mark.parametrize("a", [-1, 0, 1, 2**63 - 1, -(2**63)])
@pytest.mark.parametrize("b", [0, 1, 2**63, 2**64 - 1])
def test_signed_with_unsigned(check, a, b):
    def exactly(a, b, out):
        compare(int(a), int(b), out)

    check(compare, np.int64(a), np.uint64(b), FLAGS, like=exactly)
    check(compare, np.uint64(b), np.int64(a), FLAGS, like=exactly)


@pytest.mark.parametrize("left", [np.int8, np.int16, np.int32, np.uint8, np.uint16, np.uint32])
@pytest.mark.parametrize("right", [np.int8, np.int32, np.uint8, np.uint32])
def test_small_widths(check, left, right):
    def exactly(a, b, out):
        compare(int(a), int(b), out)

    for a in (np.iinfo(left).min, 1, np.iinfo(left).max):
        for b in (np.iinfo(right).min, np.iinfo(right).max):
            check(compare, left(a), right(b), FLAGS, like=exactly)


@pytest.mark.parametrize("a", [0.0, -0.0, 1.5, -1.5, float("inf"), float("-inf"), float("nan")])
@pytest.mark.parametrize("b", [0.0, 1.5, float("inf"), float("nan")])
def test_floats(check, a, b):
    check(compare, a, b, FLAGS)


@pytest.mark.parametrize(
    "a, b", [(1, 1.0), (2, 1.5), (-1, -0.5), (0, -0.0), (3, float("nan")), (2**53, 2.0**53)]
)
def test_integer_with_float(check, a, b):
    check(compare, a, b, FLAGS)


def test_complex_equality(check):
    def equality(a, b, out):
        out[0] = a == b
        out[1] = a != b

    for a, b in [(1 + 2j, 1 + 2j), (1 + 2j, 1 - 2j), (0j, -0j), (complex("nan"), complex("nan"))]:
        check(equality, a, b, np.zeros(2, dtype=np.bool_))


def test_bools(check):
    for a in (False, True):
        for b in (False, True):
            check(compare, a, b, FLAGS)


def chained(a, b, c):
    return a < b < c


def chained_mixed(a, b, c):
    return a < b <= c != a


@pytest.mark.parametrize("function", [chained, chained_mixed])
@pytest.mark.parametrize("args", [(1, 2, 3), (1, 3, 2), (3, 2, 1), (1, 1, 1), (1, 2, 2)])
def test_chained(check, function, args):
    check(function, *args)


@pytest.mark.targets("cpu")
def test_chained_evaluates_the_middle_once(check):
    @njit
    def middle(count):
        count[0] += 1
        return count[0]

    def once(count):
        return 0 < middle(count) < 2

    check(once, np.zeros(1, dtype=np.int64))


def logic(a, b):
    if a and b:
        return 1
    if a or b:
        return 2
    if not a and not b:
        return 3
    return 4


@pytest.mark.parametrize("a", [True, False])
@pytest.mark.parametrize("b", [True, False])
def test_logic_of_bools(check, a, b):
    check(logic, a, b)


@pytest.mark.parametrize("a", [0, 5, -1])
@pytest.mark.parametrize("b", [0, 3])
def test_logic_of_integers(check, a, b):
    check(logic, a, b)


@pytest.mark.parametrize("a", [0.0, -0.0, 0.1, float("nan")])
def test_truth_of_floats(check, a):
    check(logic, a, 1.0)


def value_of_and(a, b):
    return a and b


def value_of_or(a, b):
    return a or b


@pytest.mark.parametrize("function", [value_of_and, value_of_or])
@pytest.mark.parametrize("a, b", [(0, 5), (3, 5), (3, 0), (0, 0)])
def test_and_or_give_an_operand(check, function, a, b):
    check(function, a, b)


def negation(a):
    return not a


@pytest.mark.parametrize("a", [True, False, 0, 7, 0.0, 2.5, 0j, 1j])
def test_not(check, a):
    check(negation, a)


def guarded(a, n, i):
    """The right operand must not be evaluated when the left decides."""
    if i < n and a[i] > 0:
        return 1
    if i >= n or a[i] == 0:
        return 2
    return 3


@pytest.mark.parametrize("i", [0, 1, 2, 10**9])
def test_short_circuit(check, i):
    check(guarded, np.array([1, 0, -1]), 3, i)


def count_true(flags):
    count = 0
    for i in range(flags.size):
        if flags[i]:
            count += 1
    return count


def test_bool_arrays(check):
    check(count_true, np.array([True, False, True, True]))


def bool_arithmetic(a, b):
    return a + b + (a & b) + (a | b) + (a ^ b)


@pytest.mark.parametrize("a", [True, False])
@pytest.mark.parametrize("b", [True, False])
def test_bool_arithmetic(check, a, b):
    check(bool_arithmetic, a, b)


def ternary(a, b):
    return a if a > b else b


@pytest.mark.parametrize("a, b", [(1, 2), (2, 1), (1.5, -2.5)])
def test_conditional_expression(check, a, b):
    check(ternary, a, b)


def is_none(flag):
    x = None
    if flag:
        return x is None
    return x is not None


@pytest.mark.parametrize("flag", [True, False])
def test_is_none(check, flag):
    check(is_none, flag)
