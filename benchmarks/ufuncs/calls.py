"""Calling a universal function from Python: one number, four elements, four rows."""

import numpy as np

from benchmarks.launch.calls import timer
from benchmarks.peers import fresh_module

TEXT = """
from @PEER@ import guvectorize, vectorize


@vectorize(["float64(float64, float64)"])
def add(x, y):
    return x + y


@guvectorize(["(float64[:], float64, float64[:])"], "(n),()->(n)")
def scale(x, k, out):
    for i in range(x.shape[0]):
        out[i] = x[i] * k
"""


def run(session):
    four = np.arange(4.0)
    loaded = {}
    for peer in session.peers:
        try:
            loaded[peer] = fresh_module(TEXT, peer)
        except Exception as error:
            session.failed("call", peer, error)
    for title, name, args in [
        ("vectorize (two floats)", "add", (1.5, 2.5)),
        ("vectorize (four elements each)", "add", (four, four)),
        ("guvectorize (four elements)", "scale", (four, 2.0)),
    ]:
        actions = {peer: timer(getattr(module, name), args) for peer, module in loaded.items()}
        if name == "add":
            actions["numpy.add"] = timer(np.add, args)
        session.compare(f"call {title}", actions, repeats=15, measure=None)
