"""Where an attached profiler begins and ends."""

import contextlib

from .. import _core


def profile_start():
    """Tells a profiler that is attached to the process to collect from now on."""
    _core.cuda_current().start_profiler()


def profile_stop():
    """Tells the profiler to stop collecting."""
    _core.cuda_current().stop_profiler()


@contextlib.contextmanager
def profiling():
    """`with cuda.profiling():` profiles the block."""
    profile_start()
    try:
        yield
    finally:
        profile_stop()
