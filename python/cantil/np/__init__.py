"""Numba's layout: what has to do with NumPy."""

_MODULES = ("extensions", "numpy_support", "ufunc", "unsafe")


def __getattr__(name):
    if name in _MODULES:
        import importlib

        return importlib.import_module("." + name, __name__)
    raise AttributeError(f"module 'cantil.np' has no attribute '{name}'")
