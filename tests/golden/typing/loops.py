"""Loops: types grow to a fixpoint, and each assignment of a name has its own."""

import numpy as np
from cantil import njit


@njit
def widened(n):
    value = 1
    for _ in range(n):
        value = value / 2
    return value


@njit
def in_turns(n):
    a = b = 0
    while n > 0:
        b = a
        a = a + 0.5
        n -= 1
    return b


@njit
def renamed(x):
    y = x
    y = (y, 2.5)
    y = y[1] * 1j
    return y


@njit
def elements(a):
    total = np.float32(0)
    for i, x in enumerate(a):
        total += x * i
    return total


widened(3)
in_turns(3)
renamed(2)
elements(np.ones(3, np.float32))
