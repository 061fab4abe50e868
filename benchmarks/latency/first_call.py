"""First call of a new function, source to result, in a process that has compiled others."""

import time

from benchmarks.latency._programs import PROGRAMS
from benchmarks.peers import fresh_module, package


def first_call(peer, text, name, options, args):
    """Seconds to decorate a function that is new to `peer` and call it once."""
    function = getattr(fresh_module(text, peer), name)
    njit = package(peer).njit
    start = time.perf_counter()
    njit(**options)(function)(*args)
    return time.perf_counter() - start


def run(session):
    for peer in session.peers:  # "has compiled others", a parallel one among them
        for _, text, name, options, args in (PROGRAMS[0], PROGRAMS[2], PROGRAMS[5]):
            try:
                first_call(peer, text, name, options, args)
            except Exception as error:
                session.failed("first call, warming up", peer, error)
    pairs = []
    for title, text, name, options, args in PROGRAMS:
        values = session.compare(
            f"first call: {title}",
            {peer: lambda peer=peer: first_call(peer, text, name, options, args) for peer in session.peers},
            repeats=7,
            measure=None,
        )
        pairs.append((values.get("cantil"), values.get("numba")))
    session.geometric_mean("first call: geometric mean, numba / cantil", pairs)
