"""Kept for compatibility: Numba's device arrays allocate here."""

from .. import _devices as devices
from . import driver

__all__ = ["devices", "driver"]
