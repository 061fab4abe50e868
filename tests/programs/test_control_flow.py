"""if, while, for over range in every direction, else clauses, break, continue, return, augmented assignment."""

import numpy as np
import pytest


def classify(x):
    if x < 0:
        return -1
    elif x == 0:
        return 0
    elif x < 10:
        return 1
    else:
        return 2


@pytest.mark.parametrize("x", [-5, 0, 3, 10, -0.5, 9.99])
def test_elif(check, x):
    check(classify, x)


def range_1(n):
    total = 0
    for i in range(n):
        total = total * 3 + i
    return total


@pytest.mark.parametrize("n", [0, 1, 5, -3])
def test_range_stop(check, n):
    check(range_1, n)


def range_3(start, stop, step):
    total = 1
    for i in range(start, stop, step):
        total = (total * 31 + i) % 1000003
    return total


@pytest.mark.parametrize("start, stop", [(0, 10), (10, 0), (-5, 5), (5, -5), (3, 3), (0, 1)])
@pytest.mark.parametrize("step", [1, 2, 3, 7, 100, -1, -2, -7])
def test_range_step(check, start, stop, step):
    check(range_3, start, stop, step)


def range_constant_negative(n):
    total = 0
    for i in range(n - 1, -1, -1):
        total = total * 2 + i
    return total


@pytest.mark.parametrize("n", [0, 1, 6])
def test_range_downwards(check, n):
    check(range_constant_negative, n)


@pytest.mark.targets("cpu")
def test_range_step_zero_raises(check):
    check(range_3, 0, 5, 0)


@pytest.mark.parametrize(
    "start, stop, step",
    [
        (2**63 - 3, 2**63 - 1, 1),
        (-(2**63), -(2**63) + 3, 1),
        (2**63 - 10, 2**63 - 1, 4),
        (-(2**63) + 5, -(2**63), -3),
    ],
)
def test_range_near_the_ends_of_int64(check, start, stop, step):
    """The counter must stop although its next value would not fit."""

    def count(start, stop, step):
        n = 0
        for i in range(start, stop, step):
            n += 1
        return n

    check(count, start, stop, step)


def range_len(start, stop, step):
    return len(range(start, stop, step))


@pytest.mark.parametrize("start, stop, step", [(0, 10, 3), (10, 0, -3), (0, -5, 1), (5, 5, 1)])
def test_len_of_range(check, start, stop, step):
    check(range_len, start, stop, step)


def loop_variable_after(n):
    i = -100
    for i in range(n):
        pass
    return i


@pytest.mark.parametrize("n", [0, 1, 5])
def test_loop_variable_keeps_its_last_value(check, n):
    check(loop_variable_after, n)


def assign_loop_variable(n):
    total = 0
    for i in range(n):
        i *= 2
        total += i
    return total


def test_loop_variable_may_be_assigned(check):
    check(assign_loop_variable, 5)


def bounds_are_fixed(n):
    count = 0
    for i in range(n):
        n = 0
        count += 1
    return count * 10 + n


def test_range_is_evaluated_once(check):
    check(bounds_are_fixed, 4)


def for_else(n, stop):
    for i in range(n):
        if i == stop:
            result = 1
            break
    else:
        result = 2
    return result


@pytest.mark.parametrize("n, stop", [(5, 2), (5, 7), (0, 0)])
def test_for_else(check, n, stop):
    check(for_else, n, stop)


def while_else(n, stop):
    i = 0
    while i < n:
        if i == stop:
            break
        i += 1
    else:
        i += 100
    return i


@pytest.mark.parametrize("n, stop", [(5, 2), (5, 7), (0, 0)])
def test_while_else(check, n, stop):
    check(while_else, n, stop)


def continue_and_break(n):
    total = 0
    for i in range(n):
        if i % 3 == 0:
            continue
        if i > 10:
            break
        total += i
    return total


@pytest.mark.parametrize("n", [0, 5, 20])
def test_continue_and_break(check, n):
    check(continue_and_break, n)


def nested_break(a):
    found = -1
    for i in range(a.shape[0]):
        for j in range(a.shape[1]):
            if a[i, j] == 7:
                found = i * 100 + j
                break
        else:
            continue
        break
    return found


def test_break_out_of_two_loops(check):
    a = np.zeros((4, 5), dtype=np.int64)
    check(nested_break, a)
    a[2, 3] = 7
    check(nested_break, a)


def return_from_loops(a, x):
    for i in range(a.shape[0]):
        j = 0
        while j < a.shape[1]:
            if a[i, j] == x:
                return i * 10 + j
            j += 1
    return -1


@pytest.mark.parametrize("x", [0, 7, 11, 99])
def test_return_from_nested_loops(check, x):
    check(return_from_loops, np.arange(12).reshape(3, 4), x)


def while_true(n):
    i = 0
    while True:
        i += 1
        if i * i > n:
            return i


@pytest.mark.parametrize("n", [0, 10, 1000])
def test_while_true(check, n):
    check(while_true, n)


def while_true_break(n):
    while True:
        n -= 3
        if n % 2:
            continue
        if n < 0:
            break
    return n


def test_while_true_break(check):
    check(while_true_break, 20)


def while_continue(n):
    total = 0
    while n > 0:
        n -= 1
        if n % 2:
            continue
        total += n
    return total


def test_while_continue(check):
    check(while_continue, 11)


def no_result(a):
    a[0] = 1


def early_return_of_none(a, flag):
    if flag:
        return
    a[0] = 1


@pytest.mark.parametrize("flag", [True, False])
def test_functions_without_a_result(check, flag):
    check(no_result, np.zeros(2))
    check(early_return_of_none, np.zeros(2), flag)


def after_infinite_branches(x):
    if x > 0:
        return 1
    else:
        return 2
    return 3


def test_unreachable_code(check):
    check(after_infinite_branches, 1)
    check(after_infinite_branches, -1)


def passes(n):
    if n > 0:
        pass
    else:
        pass
    for _ in range(n):
        pass
    return n


def test_pass(check):
    check(passes, 3)


def augmented(a, b):
    x = a
    x += b
    x -= 2
    x *= 3
    x //= 2
    x %= 1000
    x **= 2
    x <<= 1
    x >>= 2
    x &= 0xFFF
    x |= 0x10
    x ^= 0x5
    return x


@pytest.mark.parametrize("a, b", [(1, 2), (100, -7), (-50, 3)])
def test_augmented_assignment(check, a, b):
    check(augmented, a, b)


def augmented_true_division(a):
    x = a
    x /= 4
    return x


@pytest.mark.parametrize("a", [1, 2.5])
def test_augmented_division_changes_the_type(check, a):
    check(augmented_true_division, a)


def multiple_targets(a):
    x = y = a + 1
    x += 1
    return x * 100 + y


def test_chained_assignment(check):
    check(multiple_targets, 5)


def annotated(a):
    x: int = a
    return x + 1


def test_annotated_assignment(check):
    check(annotated, 5)


def triangle(n):
    count = 0
    for i in range(n):
        for j in range(i, n):
            for k in range(j, n):
                if i * i + j * j == k * k and i > 0:
                    count += 1
    return count


def test_deep_nests(check):
    check(triangle, 30)


def state_machine(data):
    state = 0
    words = 0
    for i in range(data.size):
        c = data[i]
        if state == 0:
            if c != 32:
                state = 1
                words += 1
        elif c == 32:
            state = 0
    return words


def test_state_machine(check):
    check(state_machine, np.frombuffer(b"  one two   three ", dtype=np.uint8).copy())


def binary_search(a, x):
    low, high = 0, a.size
    while low < high:
        middle = (low + high) // 2
        if a[middle] < x:
            low = middle + 1
        else:
            high = middle
    return low


@pytest.mark.parametrize("x", [-1, 0, 7, 8, 100])
def test_binary_search(check, x):
    check(binary_search, np.arange(0, 40, 2), x)


def edit_distance(a, b, row):
    for j in range(b.size + 1):
        row[j] = j
    for i in range(1, a.size + 1):
        diagonal = row[0]
        row[0] = i
        for j in range(1, b.size + 1):
            above = row[j]
            cost = 0 if a[i - 1] == b[j - 1] else 1
            row[j] = min(row[j] + 1, row[j - 1] + 1, diagonal + cost)
            diagonal = above
    return row[b.size]


def test_edit_distance(check):
    a, b = (np.frombuffer(word, dtype=np.uint8).copy() for word in (b"kitten", b"sitting"))
    check(edit_distance, a, b, np.zeros(b.size + 1, dtype=np.int64))


def quicksort(a, stack):
    top = 2
    stack[0], stack[1] = 0, a.size - 1
    while top > 0:
        top -= 2
        low, high = stack[top], stack[top + 1]
        if low >= high:
            continue
        pivot = a[(low + high) // 2]
        i, j = low, high
        while i <= j:
            while a[i] < pivot:
                i += 1
            while a[j] > pivot:
                j -= 1
            if i <= j:
                a[i], a[j] = a[j], a[i]
                i += 1
                j -= 1
        stack[top], stack[top + 1] = low, j
        stack[top + 2], stack[top + 3] = i, high
        top += 4


@pytest.mark.parametrize("dtype", [np.int64, np.float32])
def test_quicksort(check, dtype):
    a = np.random.default_rng(11).permutation(100).astype(dtype)
    check(quicksort, a, np.zeros(400, dtype=np.int64))
