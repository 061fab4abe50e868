"""Classes for compiled code: jitclass, and structref in a module of its own."""

from .._jitclass import jitclass

__all__ = ["jitclass", "structref"]


def __getattr__(name):
    import importlib

    if name in ("structref",):
        return importlib.import_module("." + name, __name__)
    raise AttributeError(f"module 'cantil.experimental' has no attribute '{name}'")
