"""hash() of numbers and tuples is CPython's."""

import pytest
from cantil import njit

WHOLE = (0, 1, -1, -2, 5, 2**61 - 2, 2**61 - 1, 2**61, -(2**61), 2**63 - 1, -(2**63), 123456789123456789)
REAL = (
    0.0,
    -0.0,
    1.0,
    -1.0,
    -2.0,
    0.5,
    0.1,
    -3.75,
    1e300,
    1e-300,
    5e-324,
    2.0**61,
    float("inf"),
    float("-inf"),
    1.5e16,
)


@pytest.mark.parametrize("x", WHOLE + REAL + (True, False))
def test_numbers(check, x):
    def program(x):
        return hash(x)

    check(program, x)


def test_unsigned():
    import numpy as np

    assert njit(lambda x: hash(x))(np.uint64(2**64 - 1)) == hash(2**64 - 1)


@pytest.mark.targets("cpu")
@pytest.mark.parametrize("x", [(), (1,), (1, 2.5), (1, (2, 3.5), True), (-1, -1), (1 + 2j,), 1 + 2j, -1j, 0j])
def test_tuples_and_complex_numbers(check, x):
    def program(x):
        return hash(x)

    check(program, x)
