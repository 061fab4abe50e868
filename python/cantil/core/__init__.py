"""Numba's module layout, for programs that import from it."""
