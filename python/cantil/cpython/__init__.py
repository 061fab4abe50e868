"""Numba's layout: what has to do with CPython."""

_MODULES = ("unsafe",)


def __getattr__(name):
    if name in _MODULES:
        import importlib

        return importlib.import_module("." + name, __name__)
    raise AttributeError(f"module 'cantil.cpython' has no attribute '{name}'")
