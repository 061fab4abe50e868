"""The errors under their name in Numba's layout."""

from ..errors import *  # noqa: F403
from ..errors import __all__  # noqa: F401
