"""Calling a compiled function from Python: the cost of the call itself."""

import timeit

import numpy as np

from benchmarks.peers import fresh_module

TEXT = """
from @PEER@ import njit


@njit
def empty():
    pass


@njit
def one_float(x):
    return x


@njit
def one_integer(x):
    return x


@njit
def one_array(a):
    return a.shape[0]


@njit
def four_arrays_two_scalars(a, b, c, d, x, y):
    return x * y


@njit
def pair(t):
    return t[0]


@njit
def array_through(a):
    return a
"""


def timer(function, args):
    """A callable that gives the seconds of one call, timed as a statement: no Python frame in between."""
    names = [f"a{i}" for i in range(len(args))]
    statement = timeit.Timer(f"f({', '.join(names)})", globals={"f": function, **dict(zip(names, args))})
    count, elapsed = 1000, statement.timeit(1000)
    while elapsed < 2e-3:
        count *= 4
        elapsed = statement.timeit(count)
    return lambda: statement.timeit(count) / count


def run(session):
    a = np.zeros(4)
    m = np.zeros((2, 2), dtype=np.float32)
    calls = [
        ("()", "empty", ()),
        ("(float)", "one_float", (1.5,)),
        ("(int)", "one_integer", (3,)),
        ("(one array)", "one_array", (a,)),
        ("(one 2-D array)", "one_array", (m,)),
        ("(four arrays, two scalars)", "four_arrays_two_scalars", (a, a, m, m, 1.5, 2)),
        ("(tuple)", "pair", ((1, 2.5),)),
        ("(array) -> array", "array_through", (a,)),
    ]
    loaded = {}
    for peer in session.peers:
        try:
            loaded[peer] = fresh_module(TEXT, peer)
        except Exception as error:
            session.failed("call", peer, error)

    for title, name, args in calls:
        actions = {peer: timer(getattr(module, name), args) for peer, module in loaded.items()}
        session.compare(f"call {title}", actions, repeats=15, measure=None)
