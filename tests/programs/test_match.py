"""match against Python's own."""

from collections import namedtuple

import numpy as np
import pytest

Point = namedtuple("Point", "x y")
LIMIT = 7


class Limits:
    low = 3


def test_constants(check):
    def program(x):
        match x:
            case 1:
                return 10
            case 2 | 3 | -4:
                return 20
            case Limits.low:
                return 25
            case 5.5:
                return 27
            case _:
                return 30

    for x in (1, 2, 3, -4, 5.5, 9):
        check(program, x)


def test_guards_and_captures(check):
    def program(x, y):
        r = 0
        match x:
            case 0:
                r = 1
            case n if n > y:
                r = n * 2
            case n if n == y:
                r = 5
            case other:
                r = other - 100
        return r

    for x, y in ((0, 1), (5, 1), (1, 1), (-3, 1), (2.5, 4)):
        check(program, x, y)


def test_tuples(check):
    def program(t, k):
        match t, k:
            case (0, 0), _:
                return 1.0
            case (0, y), 1:
                return y + 0.5
            case (x, y) as both, 2 | 3:
                return x + y + both[0] * 100.0
            case (x, _), other:
                return x * 10.0 + other
        return -1.0

    for t in ((0, 0), (0, 7), (3, 4)):
        for k in range(5):
            check(program, t, k)


@pytest.mark.targets("cpu")
def test_lists(check):
    def program(l):
        match l:
            case []:
                return 0
            case [x]:
                return x
            case [1, 2, *rest]:
                return len(rest) * 1000 + sum(rest)
            case [first, *_, last]:
                return first * 100 + last
        return -1

    for l in ([5], [1, 2], [1, 2, 3, 4], [7, 8], [7, 8, 9]):
        check(program, l)


def test_classes_and_named_tuples(check):
    def program(p):
        match p:
            case Point(x=0):
                return 1
            case Point(x, 5):
                return x * 10
            case Point(x, y):
                return x + y
        return -1

    for p in (Point(0, 3), Point(2, 5), Point(3, 4)):
        check(program, p)

    def number(x):
        match x:
            case bool():
                return 1
            case int(n) if n > 3:
                return n
            case int():
                return 2
            case float(y):
                return int(y * 10)
        return -1

    for x in (True, 2, 9, 1.5):
        check(number, x)


def test_none_and_singletons(check):
    def program(x):
        match x:
            case None:
                return -1
            case True:
                return 1
            case n:
                return n + 10

    for x in (None, True, False, 5):
        check(program, x)


@pytest.mark.targets("cpu")
def test_mappings(check):
    def program(k):
        d = {1: 2, k: 10}
        match d:
            case {3: x}:
                return x
            case {1: 2, 4: y}:
                return y + 100
        return 0

    for k in (3, 4, 5):
        check(program, k)


def test_an_array_is_no_sequence(check):
    def program(a):
        match a:
            case [x, y]:
                return 1
            case _:
                return 2

    check(program, np.arange(2.0))


def test_a_case_that_cannot_match_is_not_typed(check):
    def program(x):
        match x:
            case (a, b):
                return a.no_such_attribute
            case _:
                return 3

    check(program, 4)


def test_in_loops(check):
    def program(n):
        total = 0
        for i in range(n):
            match i % 4:
                case 0:
                    continue
                case 3 if i > 10:
                    break
                case k:
                    total += k * i
        return total

    check(program, 20)
