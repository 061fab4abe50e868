"""Threads of parallel code: how many, how the work is split, and the names of Numba's threading layers."""

from contextlib import contextmanager
from operator import index

from . import _core, config

_LAYERS = ("tbb", "omp", "workqueue")
# What Numba's words for a layer's abilities leave to choose from. oneTBB, which runs all of them here, is safe
# in every respect.
_KINDS = {
    "default": _LAYERS,
    "safe": ("tbb",),
    "threadsafe": ("tbb", "omp"),
    "forksafe": ("tbb", "workqueue"),
}


def get_num_threads():
    """The number of threads that parallel code of this thread uses."""
    return _core.get_num_threads()


def set_num_threads(n):
    """Uses `n` threads for parallel code of this thread from now on. Raises ValueError unless 1 <= n <=
    the most there are, TypeError for what is no integer."""
    try:
        n = index(n)
    except TypeError:
        raise TypeError("The number of threads specified must be an integer") from None
    _core.set_num_threads(n)


def get_thread_id():
    """The number of this thread among those of the parallel region that it runs in; 0 outside of one."""
    return _core.get_thread_id()


def get_parallel_chunksize():
    """How many iterations of a parallel loop this thread wants to be one piece of work; 0 for as Cantil sees
    fit."""
    return _core.get_parallel_chunksize()


def set_parallel_chunksize(n):
    """Asks for pieces of about `n` iterations in this thread's parallel loops from now on, 0 for as Cantil sees
    fit; gives the former setting. Raises ValueError where n is negative, TypeError for what is no integer.
    """
    try:
        n = index(n)
    except TypeError:
        raise TypeError("The parallel chunksize must be an integer") from None
    return _core.set_parallel_chunksize(n)


@contextmanager
def parallel_chunksize(n):
    """`with parallel_chunksize(n): …` sets the size of pieces for what runs inside."""
    before = set_parallel_chunksize(n)
    try:
        yield
    finally:
        _core.set_parallel_chunksize(before)


def choose_layer():
    """Takes config.THREADING_LAYER for the layer; it is fixed when the first parallel loop runs. Raises
    ValueError for a name that is none."""
    wanted = config.THREADING_LAYER
    if wanted in _LAYERS:
        return _core.threading_layer(_LAYERS.index(wanted))
    if wanted not in _KINDS:
        raise ValueError(
            f"Invalid value '{wanted}' for environment variable NUMBA_THREADING_LAYER: it is one of "
            f"{', '.join([*_LAYERS, *_KINDS])}"
        )
    priority = config.THREADING_LAYER_PRIORITY
    if sorted(priority) != sorted(_LAYERS):
        raise ValueError(
            f"THREADING_LAYER_PRIORITY has to name each of {', '.join(_LAYERS)} once; got {priority}"
        )
    first = next(name for name in priority if name in _KINDS[wanted])
    return _core.threading_layer(_LAYERS.index(first))


def threading_layer():
    """The name of the threading layer: "tbb", "omp" or "workqueue". Raises ValueError before any parallel code
    has run.

    oneTBB's threads do the work under each name. With "tbb" a loop is cut into more pieces than there are
    threads, so that uneven iterations balance; with the two others into one equal piece for each thread, as
    Numba's layers of these names do.
    """
    if not _core.parallel_used():
        raise ValueError("Threading layer is not initialized.")
    return _LAYERS[_core.threading_layer(-1)]
