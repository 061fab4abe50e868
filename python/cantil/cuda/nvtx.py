"""Ranges and marks that Nsight Systems shows on its time line: `with cuda.nvtx.annotate("step"):`.

They go to NVTX by NVIDIA's package `nvtx`, or by a toolkit's libnvToolsExt; where neither is there, no profiler can
listen, and they cost a function call.
"""

import contextlib
import functools


class _Library:
    """The three calls on libnvToolsExt."""

    def __init__(self, library):
        self._library = library

    def push_range(self, message):
        self._library.nvtxRangePushA(message.encode())

    def pop_range(self):
        self._library.nvtxRangePop()

    def mark(self, message):
        self._library.nvtxMarkA(message.encode())


class _Nothing:
    """Where nobody can listen."""

    def push_range(self, message):
        pass

    def pop_range(self):
        pass

    def mark(self, message):
        pass


@functools.cache
def _backend():
    try:
        import nvtx
    except ImportError:
        pass
    else:
        return nvtx
    import ctypes
    import ctypes.util

    for name in ("libnvToolsExt.so.1", ctypes.util.find_library("nvToolsExt")):
        try:
            return _Library(ctypes.CDLL(name)) if name else _Nothing()
        except OSError:
            continue
    return _Nothing()


def range_push(message):
    """Begins a range in this thread; ranges nest."""
    _backend().push_range(message)


def range_pop():
    """Ends the range that was begun last in this thread."""
    _backend().pop_range()


def mark(message):
    """Marks this moment."""
    _backend().mark(message)


@contextlib.contextmanager
def annotate(message):
    """A range around a `with` block or, as a decorator, around each call of a function."""
    range_push(message)
    try:
        yield
    finally:
        range_pop()
