"""Functions that trust their caller."""

_MODULES = ("tuple",)


def __getattr__(name):
    if name in _MODULES:
        import importlib

        return importlib.import_module("." + name, __name__)
    raise AttributeError(f"module 'cantil.cpython.unsafe' has no attribute '{name}'")
