"""try: classes, else, finally on every way out, raising again, nested; nothing leaks, variables keep values."""

import numpy as np
import pytest
from cantil import njit

pytestmark = pytest.mark.targets("cpu")


class OwnError(ValueError):
    pass


class OtherError(Exception):
    pass


@njit
def risky(n):
    if n == 1:
        raise ValueError("one")
    if n == 2:
        raise IndexError("two", n)
    if n == 3:
        raise OwnError("three")
    if n == 4:
        raise OtherError
    if n == 5:
        return 1 // (n - 5)
    return n


CASES = range(7)


@pytest.mark.parametrize("n", CASES)
def test_which_clause_is_taken(check, n):
    def program(n):
        try:
            r = risky(n)
        except OwnError:
            r = 1000
        except (LookupError, ZeroDivisionError):
            r = 2000
        except ValueError:
            r = 3000
        return r

    check(program, n)


@pytest.mark.parametrize("n", CASES)
def test_everything_is_caught(check, n):
    def program(n):
        total = 0
        try:
            total += risky(n)
        except:  # noqa: E722
            total += 100
        try:
            total += risky(n)
        except Exception:
            total += 10000
        return total

    check(program, n)


@pytest.mark.parametrize("n", CASES)
def test_else_and_finally(check, n):
    def program(n, log):
        try:
            log[0] += 1
            risky(n)
            log[1] += 1
        except ValueError:
            log[2] += 1
        else:
            log[3] += 1
            if n == 6:
                raise OtherError("from else")
        finally:
            log[4] += 1
        return log[0]

    check(program, n, np.zeros(5, dtype=np.int64))


@pytest.mark.parametrize("n", CASES)
def test_variables_have_the_value_of_the_moment(check, n):
    def program(n):
        x = 0
        y = n
        try:
            x = 1
            risky(n - 1)
            x = 2.5
            y = y + 1
            risky(n - 2)
            for x in range(4, 7):
                risky(n - 3)
            x = 3
        except Exception:
            return x * 1.0, y
        return x + 100.0, y

    check(program, n)


@pytest.mark.parametrize("n", CASES)
def test_raising_again(check, n):
    def program(n, log):
        try:
            try:
                risky(n)
            except ValueError as e:
                log[0] += 1
                try:
                    risky(5)
                except ZeroDivisionError:
                    log[1] += 1
                raise e
            except IndexError:
                log[2] += 1
                raise
        except OwnError:
            log[3] += 1
            raise OtherError("instead") from None
        return n

    check(program, n, np.zeros(4, dtype=np.int64))


def test_return_break_and_continue_run_finally(check):
    def program(n, log):
        for i in range(10):
            try:
                if i == 1:
                    continue
                for j in range(5):
                    if i == 4 and j == 3 and n == 0:
                        return i * 100 + j
                    if j == 2:
                        break
                if i == 6 and n == 1:
                    break
                if i == 8:
                    risky(n)
            finally:
                log[0] += 1
                log[1] += i
        log[2] += 1
        return -1

    for n in range(4):
        check(program, n, np.zeros(3, dtype=np.int64))


def test_nested_finally(check):
    def program(n, log):
        try:
            try:
                risky(n)
                return n
            finally:
                log[0] = log[0] * 10 + 1
        finally:
            log[0] = log[0] * 10 + 2
        log[0] = log[0] * 10 + 3

    for n in CASES:
        check(program, n, np.zeros(1, dtype=np.int64))


def test_return_in_finally_wins(check):
    def program(n):
        try:
            risky(n)
        finally:
            return n * 2  # noqa: B012

    for n in CASES:
        check(program, n)


def test_a_function_that_raises_in_a_loop(check):
    def program(n):
        caught = 0
        for i in range(n):
            try:
                risky(i % 6)
            except (ValueError, IndexError):
                caught += 1
            except OtherError:
                caught += 100
            except ZeroDivisionError:
                caught += 10000
        return caught

    check(program, 30)


def test_index_errors_and_memory():
    @njit(boundscheck=True)
    def program(a, i):
        try:
            return a[i]
        except IndexError:
            return -1.0

    a = np.arange(4.0)
    assert program(a, 2) == 2.0
    assert program(a, 4) == -1.0

    @njit
    def allocate(n):
        try:
            return np.empty(n).size
        except MemoryError:
            return -1

    assert allocate(3) == 3
    assert allocate(1 << 58) == -1


def test_arrays_live_and_die_with_exceptions():
    from cantil import _core

    @njit
    def make(n, bad):
        a = np.full(n, 2.0)
        if bad:
            raise ValueError("bad")
        return a

    @njit
    def program(n):
        total = 0.0
        a = np.zeros(n)
        for i in range(n):
            try:
                b = np.full(n, 1.0)
                a = b
                c = make(n, i % 2 == 0)
                total += c[0]
                a = c
            except ValueError:
                total += a[0] * 100
            finally:
                total += a[0] * 10000
        return total

    expected = 0.0
    for i in range(6):
        expected += 100 + 10000 if i % 2 == 0 else 2 + 20000
    program(6)
    before = _core.live_blocks()
    for _ in range(3):
        assert program(6) == expected
    assert _core.live_blocks() == before


def test_traceback_of_what_passes_through():
    @njit
    def program(n):
        try:
            return risky(n)
        except KeyError:
            return 0
        finally:
            n += 1

    with pytest.raises(IndexError) as caught:
        program(2)
    assert caught.value.args == ("two", 2)


def test_try_in_a_kernel_is_refused():
    from cantil import cuda

    @cuda.jit
    def kernel(a):
        try:
            a[0] = 1
        except Exception:
            a[0] = 2

    with pytest.raises(Exception, match="try"):
        kernel[1, 1](np.zeros(1))
