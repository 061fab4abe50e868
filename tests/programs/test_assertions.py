"""assert statements in compiled functions.

PYTEST_DONT_REWRITE: pytest would replace the asserts of the programs, so this module must not be rewritten.
"""

import pytest

pytestmark = pytest.mark.targets("cpu")


def bare(x):
    assert x <= 3
    return x


def with_message(x):
    assert x <= 3, "x is at most 3"
    return x


def in_a_loop(n):
    total = 0
    for i in range(n):
        assert total < 10, "total below ten"
        total += i
    return total


@pytest.mark.parametrize("function", [bare, with_message, in_a_loop])
@pytest.mark.parametrize("x", [1, 3, 50])
def test_assert(check, function, x):
    check(function, x, message=True)
