"""Universal functions and stencils over long arrays."""

import numpy as np

from benchmarks.peers import fresh_module

TEXT = """
import math

from @PEER@ import njit, stencil, vectorize


@vectorize(["float64(float64)"])
def selu(x):
    if x > 0:
        return 1.0507009873554805 * x
    return 1.0507009873554805 * 1.6732632423543772 * (math.exp(x) - 1.0)


@vectorize(["float64(float64)"])
def leaky_relu(x):
    return x if x > 0 else 0.01 * x


@vectorize(["float64(float64, float64)"])
def huber(x, delta):
    size = abs(x)
    return 0.5 * x * x if size <= delta else delta * (size - 0.5 * delta)


@vectorize(["float64(float64, float64)"], target="parallel")
def huber_parallel(x, delta):
    size = abs(x)
    return 0.5 * x * x if size <= delta else delta * (size - 0.5 * delta)


@stencil
def heat(t):
    return t[0, 0] + 0.2 * (t[0, -1] + t[0, 1] + t[-1, 0] + t[1, 0] - 4.0 * t[0, 0])


@njit
def heat_steps(t, out):
    for _ in range(4):
        heat(t, out=out)
    return out
"""

SIZE = 10**7


def run(session):
    x = np.random.default_rng(0).standard_normal(SIZE)
    out = np.empty_like(x)
    plate = np.random.default_rng(1).random((2000, 2000))
    plate_out = np.zeros_like(plate)
    loaded = {}
    for peer in session.peers:
        try:
            loaded[peer] = fresh_module(TEXT, peer)
        except Exception as error:
            session.failed("array", peer, error)
    for title, name, args, keywords in [
        ("SELU, 1e7 float64", "selu", (x,), {"out": out}),
        ("leaky ReLU, 1e7 float64", "leaky_relu", (x,), {"out": out}),
        ("Huber loss, 1e7 float64", "huber", (x, 1.0), {"out": out}),
        ("Huber loss in place", "huber", (out, 1.0), {"out": out}),
        ("Huber loss, every other of 1e7", "huber", (x[::2], 1.0), {"out": out[::2]}),
        ("Huber loss, parallel", "huber_parallel", (x, 1.0), {"out": out}),
        ("heat stencil, 4 steps of 2000 x 2000", "heat_steps", (plate, plate_out), {}),
    ]:
        actions = {}
        for peer, module in loaded.items():
            function = getattr(module, name)
            actions[peer] = lambda f=function, a=args, k=keywords: f(*a, **k)
        session.compare(title, actions, repeats=7)
