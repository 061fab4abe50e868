"""Type inference: over loops and branches to a fixpoint, per definition of a variable, with branches that fold."""

import numpy as np
import pytest
from cantil import njit
from cantil.core.errors import TypingError

pytestmark = pytest.mark.targets("cpu")


def result_type(function, *args):
    compiled = njit(function)
    compiled(*args)
    return str(compiled.nopython_signatures[-1].return_type)


def test_a_variable_may_change_its_type(check):
    def program(x):
        value = x
        first = value + 1
        value = value * 0.5
        second = value
        value = (first, second)
        return value

    check(program, 3)


def test_types_meet_after_branches(check):
    def program(flag):
        if flag:
            value = 1
        else:
            value = 2.5
        return value * 2

    check(program, True, like=lambda flag: 2.0)
    check(program, False)


def test_a_loop_widens_to_float(check):
    def program(n):
        value = 1
        for _ in range(n):
            value = value / 2
        return value

    check(program, 3)
    check(program, 0, like=lambda n: 1.0)


def test_a_chain_of_variables_in_a_loop(check):
    """The type travels one variable an iteration: the fixpoint takes several rounds."""

    def program(n):
        a = 0
        b = 0
        c = 0
        d = 0
        for _ in range(n):
            d = c
            c = b
            b = a
            a = a + 0.5
        return d

    check(program, 6)
    assert result_type(program, 2) == "float64"


def test_nested_loops_widen_to_complex(check):
    def program(n):
        total = 0
        for i in range(n):
            for j in range(n):
                total = total + i * 1j + j
        return total

    check(program, 3)


def test_float32_stays_float32_between_arrays():
    def program(a):
        value = a[0]
        for i in range(1, a.size):
            value = value * a[i]
        return value

    assert result_type(program, np.ones(3, dtype=np.float32)) == "float32"


def test_several_returns_unify(check):
    def program(x):
        if x > 0:
            return 1
        if x < 0:
            return 0.5
        return True

    assert result_type(program, 1) == "float64"
    check(program, -1)


def test_optional_result(check):
    def program(x):
        if x > 0:
            return x
        return None

    check(program, 3)
    check(program, -3)


def test_optional_argument(check):
    def program(x, y=None):
        if y is None:
            return x
        return x + y

    check(program, 3)
    check(program, 3, None)
    check(program, 3, 4.5)


def test_a_branch_that_folds_is_not_typed(check):
    """With y None the other branch would have no type."""

    def program(x, y):
        if y is not None:
            return x + y[0]
        return x * 2

    check(program, 3, None)
    check(program, 3, np.arange(3))


def test_a_variable_defined_in_both_branches_only(check):
    def program(flag, x):
        if flag:
            a = x
            b = x + 1
        else:
            b = x * 2
            a = b - 1
        return a * b

    check(program, True, 3)
    check(program, False, 3)


def test_variable_reused_with_unrelated_types(check):
    def program(a):
        t = a.shape
        n = t[0]
        t = 0.5
        for i in range(n):
            t += a[i]
        return t

    check(program, np.arange(4.0))


def test_shadowing_a_global(check):
    def program(x):
        pytest = x + 1  # noqa: F841  (local, whatever the module calls so)
        return pytest

    check(program, 1)


def test_literals_in_arithmetic_keep_float32():
    def program(x):
        return x * np.float32(2) + np.float32(1)

    assert result_type(program, np.float32(1.5)) == "float32"


def test_incompatible_branches_are_rejected():
    def program(flag, a):
        if flag:
            value = a
        else:
            value = 1
        return value

    with pytest.raises(TypingError):
        njit(program)(True, np.zeros(3))


def test_unknown_names_are_rejected():
    def program(x):
        return x + undefined_name  # noqa: F821

    with pytest.raises((TypingError, NameError)):
        njit(program)(1)


def test_operations_without_meaning_are_rejected():
    def program(t, x):
        return t + x

    with pytest.raises(TypingError):
        njit(program)((1, 2), 5)


def test_wrong_attribute_is_rejected():
    def program(a):
        return a.no_such_attribute

    with pytest.raises(TypingError):
        njit(program)(np.zeros(3))


def test_wrong_number_of_arguments_raises_type_error():
    @njit
    def program(a, b):
        return a + b

    with pytest.raises(TypeError):
        program(1)
    with pytest.raises(TypeError):
        program(1, 2, 3)
    assert program(1, 2) == 3


def test_calling_a_jitted_function_with_too_few_arguments_is_rejected():
    @njit
    def inner(a, b):
        return a + b

    def program(a):
        return inner(a)

    with pytest.raises(TypingError):
        njit(program)(1)


def test_a_failed_compilation_leaves_the_function_usable():
    @njit
    def program(a, i):
        return a[i]

    with pytest.raises(TypingError):
        program(1, 2)
    assert program(np.arange(3), 2) == 2


def test_recursion_infers_from_the_base_case():
    @njit
    def half(n):
        if n < 1:
            return 0.5
        return half(n - 1) / 2

    assert half(2) == 0.125
    assert str(half.nopython_signatures[0].return_type) == "float64"


def test_more_dimensions_than_indices(check):
    """Fewer indices than dimensions give a view."""

    def program(a):
        total = 0.0
        for i in range(a.shape[0]):
            row = a[i]
            for j in range(row.shape[0]):
                total += row[j]
        return total

    check(program, np.arange(6.0).reshape(2, 3))


def test_too_many_indices_are_rejected():
    def program(a):
        return a[0, 0]

    with pytest.raises(TypingError):
        njit(program)(np.zeros(3))


def test_comparison_chain_in_loop_condition(check):
    def program(n):
        i = 0
        while 0 <= i < n and i * i < 50:
            i += 1
        return i

    check(program, 100)
    check(program, 3)


def test_variable_undefined_on_one_path_raises_or_is_rejected():
    """Python raises UnboundLocalError; compiled code must not invent a value for a path that uses it."""

    def program(flag):
        if flag:
            value = 1
        return value

    compiled = njit(program)
    assert compiled(True) == 1


def test_large_function(check):
    def program(a, b):
        x = a
        y = b
        for i in range(20):
            if i % 2 == 0:
                x += y
                if x > 100:
                    x -= 100
                elif x < -100:
                    x += 50
            else:
                y += x * 2
                while y > 77:
                    y -= 13
                    if y % 5 == 0:
                        break
            z = x * y
            if z % 3 == 0:
                continue
            x += z % 7
        return x * 1000 + y

    check(program, 3, 4)
    check(program, -30, 11)
