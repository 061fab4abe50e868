"""The types under their name in Numba's layout."""

from ..types import *  # noqa: F403
from ..types import __all__  # noqa: F401
