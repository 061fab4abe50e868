"""Numba's layout: what has to do with CPython."""
