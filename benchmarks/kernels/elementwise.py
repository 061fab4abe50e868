"""Element-wise math over a million values, float64 and float32, against NumPy too; results within 4 ULP."""

import numpy as np

from benchmarks.kernels._programs import MATH, POWER
from benchmarks.peers import fresh_module

FUNCTIONS = [
    ("sin", np.sin, (-10.0, 10.0)),
    ("cos", np.cos, (-10.0, 10.0)),
    ("exp", np.exp, (-10.0, 10.0)),
    ("log", np.log, (0.01, 100.0)),
    ("tanh", np.tanh, (-4.0, 4.0)),
    ("sqrt", np.sqrt, (0.0, 100.0)),
    ("pow", None, (0.1, 5.0)),
]


def run(session):
    rng = np.random.default_rng(2)
    for dtype in (np.float64, np.float32):
        for name, ufunc, (low, high) in FUNCTIONS:
            a = rng.uniform(low, high, 1_000_000).astype(dtype)
            exact = a.astype(np.float64) ** a if ufunc is None else ufunc(a.astype(np.float64))
            text = POWER if ufunc is None else MATH.replace("@NAME@", name)
            title = f"element-wise: {name} {np.dtype(dtype).name}"
            out = np.zeros_like(a)
            actions = {}
            for peer in session.peers:
                try:
                    function = fresh_module(text, peer).apply
                    function(a, out)
                    worst = np.max(np.abs(out - exact) / np.spacing(np.abs(exact).astype(dtype)))
                    if not worst <= 4:
                        raise ArithmeticError(f"off by {worst:.1f} ULP")
                except Exception as error:
                    session.failed(title, peer, error)
                    continue
                actions[peer] = lambda function=function: function(a, out)
            power = np.power
            actions["numpy"] = (
                (lambda: power(a, a, out=out)) if ufunc is None else (lambda: ufunc(a, out=out))
            )
            session.compare(title, actions, repeats=11)
