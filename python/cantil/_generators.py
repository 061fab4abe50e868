"""What a compiled generator function gives to Python: an iterator over the generator that compiled code runs on."""

from collections.abc import Iterator

from . import _core
from ._decorators import njit

__all__ = ["Generator"]


@njit
def _advance(generator):
    return next(generator)


class Generator(_core.Container, Iterator):
    """An iterator that runs compiled code, from one yield to the next.

    It can be passed to compiled functions, which go on with it where it stands.
    """

    __slots__ = ()

    def __next__(self):
        return _advance(self)

    def __repr__(self):
        return f"<{self._numba_type_} object at {self._identity:#x}>"


_core.register_container("generator", Generator)
