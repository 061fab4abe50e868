"""Extending compiled code, under its name in Numba's layout."""

from ..extending import *  # noqa: F403
from ..extending import __all__, __getattr__  # noqa: F401
