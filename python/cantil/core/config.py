"""The settings under their name in Numba's layout."""

from ..config import *  # noqa: F403
