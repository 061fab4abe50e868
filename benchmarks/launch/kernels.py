"""What a kernel launch costs in Python, on the device of this process (the simulator or a GPU), with device arrays.

numba-cuda's own simulator runs threads as Python threads and is no peer here; with a GPU numba-cuda is.
"""

import os

import numpy as np

from benchmarks.harness import OURS, per_call
from benchmarks.peers import cuda_of, fresh_module

TEXT = """
from @PEER@ import cuda


@cuda.jit
def nothing():
    pass


@cuda.jit
def eight_arrays(a, b, c, d, e, f, g, h):
    pass


@cuda.jit
def one_array(a):
    i = cuda.grid(1)
    if i < a.size:
        a[i] += 1
"""


def run(session):
    peers = (
        session.peers if os.environ.get("CANTIL_CUDA") == "gpu" else [p for p in session.peers if p == OURS]
    )
    loaded = {peer: (cuda_of(peer), fresh_module(TEXT, peer)) for peer in peers}

    def launching(name, arrays):
        actions = {}
        for peer, (cuda, module) in loaded.items():
            configured = getattr(module, name)[1, 1]
            device = [cuda.to_device(np.zeros(4)) for _ in range(arrays)]
            actions[peer] = lambda configured=configured, device=device: configured(*device)
        return actions

    for title, name, arrays in [
        ("()", "nothing", 0),
        ("(one device array)", "one_array", 1),
        ("(eight device arrays)", "eight_arrays", 8),
    ]:
        session.compare(f"launch {title}", launching(name, arrays), repeats=11, measure=per_call)
    host = np.zeros(4)
    actions = {
        peer: lambda kernel=module.one_array[1, 1]: kernel(host) for peer, (_, module) in loaded.items()
    }
    session.compare("launch (one host array)", actions, repeats=11, measure=per_call)
    actions = {peer: lambda module=module: module.nothing[1, 1]() for peer, (_, module) in loaded.items()}
    session.compare("configure and launch ()", actions, repeats=11, measure=per_call)
