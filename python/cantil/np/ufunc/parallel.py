"""Threads, under their name in Numba's layout."""

from . import __getattr__  # noqa: F401
