"""Numba's layout: what has to do with NumPy."""
