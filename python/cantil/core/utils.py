"""Small things that programs take from Numba's utilities."""

import sys
from inspect import signature as pysignature  # noqa: F401

PYVERSION = sys.version_info[:2]
MACHINE_BITS = 64
IS_PY3 = True


def __getattr__(name):
    from .._internals import refuse

    refuse("cantil.core.utils", name)
