"""What a module exports, compiled for each of its CPU levels."""

import inspect
from dataclasses import dataclass, field

from .. import _core
from .._types import Signature

_LITERALS = (type(None), bool, int, float, complex, str)


@dataclass
class Export:
    """A function under its public name, and the signatures to compile, as (return type or None, argument types)."""

    name: str
    dispatcher: object
    signatures: list = field(default_factory=list)

    @property
    def py_func(self):
        return self.dispatcher.py_func


@dataclass
class Variant:
    """One signature, compiled: its description, whether it runs without the GIL, and an object file for each level."""

    signature: Signature
    metadata: bytes
    releases_gil: bool
    objects: list
    entry: str


@dataclass(frozen=True)
class Level:
    """An instruction-set level: LLVM's name of the CPU, and the features that a machine must have."""

    cpu: str
    features: tuple


def level(cpu):
    """The level of a CPU by LLVM's name ('host' is this machine's). Raises ValueError for an unknown one."""
    name = _core.host_cpu() if cpu == "host" else cpu
    features = _core.cpu_features(name)
    if features is None:
        raise ValueError(
            f"no CPU is called {cpu!r} (examples: 'host', 'x86-64-v3', 'znver4', 'skylake-avx512')"
        )
    return Level(name, tuple(features))


# What a portable module has: best first.
PORTABLE = ("x86-64-v4", "x86-64-v3", "x86-64")


def compile_variants(export, levels):
    """The `Variant`s of an export, in the order of its signatures. Raises the compiler's errors."""
    variants = []
    for ret, args in export.signatures:
        compiled = [_core.compile_ahead(export.dispatcher, (ret, args), level.cpu) for level in levels]
        metadata, _, entry, releases_gil, returned = compiled[0]
        variants.append(
            Variant(
                Signature(returned, args), metadata, releases_gil, [code for _, code, *_ in compiled], entry
            )
        )
    return variants


def parameters(function):
    """The signature of a function with defaults that can be written as text. Raises ValueError for others."""
    signature = inspect.signature(function)
    plain = []
    for p in signature.parameters.values():
        if p.default is not p.empty and not _is_literal(p.default):
            raise ValueError(
                f"{function.__name__}(): the default of {p.name!r} is a {type(p.default).__name__}; a module compiled "
                "ahead of time has numbers, strings, None and tuples of them as defaults"
            )
        plain.append(p.replace(annotation=p.empty))
    return signature.replace(parameters=plain, return_annotation=signature.empty)


def _is_literal(value):
    if isinstance(value, tuple):
        return all(map(_is_literal, value))
    return type(value) in _LITERALS
