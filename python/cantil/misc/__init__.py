"""Numba's layout: small things."""
