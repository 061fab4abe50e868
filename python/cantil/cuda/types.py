"""The types under their name in numba.cuda's layout."""

from ..types import *  # noqa: F403
from ..types import __all__  # noqa: F401
