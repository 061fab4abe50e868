"""Kernels on the simulated device."""
