"""Exceptions: raised by the program or by an operation, through several calls, with tracebacks that name its lines."""

import traceback

import numpy as np
import pytest
from cantil import njit

pytestmark = pytest.mark.targets("cpu")


class CustomError(Exception):
    """A user's own exception."""


class WithFields(Exception):
    def __init__(self, code, value):
        super().__init__(code, value)
        self.code = code
        self.value = value


def raise_value_error(x):
    if x > 3:
        raise ValueError("too large")
    return x


def raise_without_arguments(x):
    if x > 3:
        raise ValueError
    return x


def raise_empty_call(x):
    if x > 3:
        raise RuntimeError()
    return x


def raise_with_two(x):
    if x > 3:
        raise IndexError("index", 42)
    return x


def raise_custom(x):
    if x > 3:
        raise CustomError("mine")
    return x


def raise_fields(x):
    if x > 3:
        raise WithFields(7, 2.5)
    return x


@pytest.mark.parametrize(
    "function",
    [
        raise_value_error,
        raise_without_arguments,
        raise_empty_call,
        raise_with_two,
        raise_custom,
        raise_fields,
    ],
)
@pytest.mark.parametrize("x", [1, 5])
def test_raise(check, function, x):
    check(function, x, message=True)


@pytest.mark.parametrize(
    "error",
    [
        ArithmeticError,
        AttributeError,
        EOFError,
        FloatingPointError,
        IndexError,
        KeyError,
        LookupError,
        MemoryError,
        NameError,
        NotImplementedError,
        OSError,
        OverflowError,
        RuntimeError,
        StopIteration,
        TypeError,
        ValueError,
        ZeroDivisionError,
    ],
)
def test_raise_builtin_exceptions(check, error):
    def program():
        raise error("why")

    check(program, message=True)


def test_raise_with_runtime_values(check):
    def program(x):
        if x > 3:
            raise ValueError("too large", x)
        return x

    check(program, 5, message=True)
    check(program, 5.5, message=True)


def test_after_an_exception_the_next_call_works():
    compiled = njit(raise_value_error)
    for _ in range(3):
        with pytest.raises(ValueError, match="too large"):
            compiled(5)
        assert compiled(2) == 2


@njit
def innermost(x):
    if x == 0:
        raise CustomError("from the innermost")
    return 10 // x


@njit
def middle(x):
    return innermost(x - 1) + 1


@njit
def outermost(x):
    total = 0
    for i in range(2):
        total += middle(x + i)
    return total


def test_exceptions_pass_through_calls():
    with pytest.raises(CustomError, match="from the innermost"):
        outermost(1)
    assert outermost(2) == 10 + 1 + 5 + 1


def test_exceptions_pass_through_recursion():
    @njit
    def down(n):
        if n == 0:
            raise KeyError("bottom")
        if n < 0:
            return 0
        return down(n - 1) + 1

    with pytest.raises(KeyError, match="bottom"):
        down(50)


def test_effects_before_the_exception_stay(check):
    def program(a):
        for i in range(a.size):
            if i == 3:
                raise ValueError("stop")
            a[i] = i

    check(program, np.full(5, -1), message=True)


def lines_of(error):
    """(file, line number, function) of each frame of the traceback."""
    return [(frame.filename, frame.lineno, frame.name) for frame in traceback.extract_tb(error.__traceback__)]


def line_with(function, text):
    """The number of the only line of `function` that contains `text`."""
    import inspect

    lines, first = inspect.getsourcelines(function)
    found = [first + i for i, line in enumerate(lines) if text in line]
    assert len(found) == 1
    return found[0]


def test_traceback_shows_the_raising_line():
    compiled = njit(raise_value_error)
    with pytest.raises(ValueError) as caught:
        compiled(5)
    frames = lines_of(caught.value)
    assert (__file__, line_with(raise_value_error, "raise ValueError"), "raise_value_error") in frames
    assert 'raise ValueError("too large")' in "".join(traceback.format_exception(caught.value))


def test_traceback_shows_every_jitted_frame():
    with pytest.raises(CustomError) as caught:
        outermost(1)
    frames = lines_of(caught.value)
    expected = [
        (__file__, line_with(outermost.py_func, "middle("), "outermost"),
        (__file__, line_with(middle.py_func, "return innermost"), "middle"),
        (__file__, line_with(innermost.py_func, "raise CustomError"), "innermost"),
    ]
    positions = [frames.index(frame) for frame in expected]
    assert positions == sorted(positions)


def test_traceback_of_an_implicit_exception():
    def program(a, b):
        c = a + 1
        return c // b

    compiled = njit(program)
    with pytest.raises(ZeroDivisionError) as caught:
        compiled(1, 0)
    assert (__file__, line_with(program, "c // b"), "program") in lines_of(caught.value)


@pytest.mark.parametrize("index", [5, -6, 100, -(2**62)])
def test_boundscheck(index):
    @njit(boundscheck=True)
    def program(a, i):
        return a[i]

    with pytest.raises(IndexError):
        program(np.zeros(5), index)
    assert program(np.ones(5), -5) == 1.0


@pytest.mark.parametrize("where", [(3, 0), (0, 4), (-4, 0), (0, -5)])
def test_boundscheck_2d(where):
    @njit(boundscheck=True)
    def program(a, i, j):
        a[i, j] = 1

    a = np.zeros((3, 4))
    with pytest.raises(IndexError):
        program(a, *where)
    assert not a.any()


def test_unpacking_a_wrong_length_is_rejected_while_compiling():
    from cantil.core.errors import TypingError

    @njit
    def program(t):
        a, b = t
        return a + b

    with pytest.raises(TypingError):
        program((1, 2, 3))


def test_unpacking_a_shape_of_another_rank_is_rejected_while_compiling():
    from cantil.core.errors import TypingError

    @njit
    def program(a):
        rows, columns = a.shape
        return rows * columns

    assert program(np.zeros((2, 3))) == 6
    with pytest.raises(TypingError):
        program(np.zeros(3))


def test_zero_step_of_range():
    """range with a zero step raises, also when the step is only known at run time."""

    @njit
    def program(step):
        n = 0
        for _ in range(0, 3, step):
            n += 1
        return n

    with pytest.raises(ValueError):
        program(0)
    assert program(1) == 3
