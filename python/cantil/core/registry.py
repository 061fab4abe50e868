"""What jit makes of a function, by Numba's name for it."""

from .._core import Dispatcher as CPUDispatcher  # noqa: F401


def __getattr__(name):
    from .._internals import refuse

    refuse("cantil.core.registry", name)
