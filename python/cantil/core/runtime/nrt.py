"""Counts of the memory of compiled code."""

from . import rtsys  # noqa: F401
