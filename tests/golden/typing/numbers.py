"""Numbers: promotion, literals, and branches that fold."""

import numpy as np
from cantil import njit


@njit
def promoted(a, b):
    total = a + b
    quotient = a / b
    whole = a // b
    return total, quotient, whole, a < b


@njit
def optional(flag, x):
    value = None
    if flag:
        value = x
    if value is None:
        return 0.0
    return value * 2


@njit
def folded(x, y):
    if y is None:
        return x
    return x + y


promoted(np.int8(3), np.uint16(2))
promoted(2, 0.5)
promoted(np.float32(1), np.int32(2))
optional(True, 1.5)
folded(1, None)
folded(1, 2.5)
