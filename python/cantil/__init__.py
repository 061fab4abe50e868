"""Cantil: Python functions as CUDA kernels and native code."""

from ._core import __version__

__all__ = ["__version__"]
