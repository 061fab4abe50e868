"""How many threads parallel code uses."""

from . import _core


def get_num_threads():
    """The number of threads that parallel code of this thread uses."""
    return _core.get_num_threads()


def set_num_threads(n):
    """Uses `n` threads for parallel code of this thread from now on. Raises ValueError unless 1 <= n <=
    the most there are."""
    _core.set_num_threads(n)


def get_thread_id():
    """The number of this thread among those of the parallel region that it runs in; 0 outside of one."""
    return _core.get_thread_id()


def threading_layer():
    """The name of the library that runs parallel code: "tbb"."""
    return "tbb"
