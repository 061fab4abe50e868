"""What jit makes of a function."""

from .._core import Dispatcher  # noqa: F401


def __getattr__(name):
    from .._internals import refuse

    refuse("cantil.core.dispatcher", name)
