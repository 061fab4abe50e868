"""Cantil against its peers: `python -m benchmarks [group…]`, or `./dev bench`."""
