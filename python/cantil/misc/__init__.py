"""Numba's layout: small things."""

_MODULES = ("special",)


def __getattr__(name):
    if name in _MODULES:
        import importlib

        return importlib.import_module("." + name, __name__)
    raise AttributeError(f"module 'cantil.misc' has no attribute '{name}'")
