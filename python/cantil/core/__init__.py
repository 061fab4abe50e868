"""Numba's module layout, for programs that import from it."""

import importlib as _importlib

_MODULES = (
    "cgutils",
    "compiler",
    "compiler_machinery",
    "config",
    "decorators",
    "dispatcher",
    "errors",
    "extending",
    "registry",
    "runtime",
    "sigutils",
    "types",
    "typing",
    "utils",
)


def __getattr__(name):
    if name in _MODULES:
        return _importlib.import_module("." + name, __name__)
    from .._internals import refuse

    refuse("cantil.core", name)
