"""Benchmarks of the language beyond numbers and arrays."""
