"""Universal functions: vectorize, guvectorize, and what their objects can do."""

from . import _methods as _methods
from ._decorators import guvectorize, vectorize

__all__ = ["guvectorize", "vectorize"]
