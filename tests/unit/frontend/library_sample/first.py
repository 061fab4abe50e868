"""A library file with every kind of thing that one may hold."""

import math
import operator as op

import numpy as np
from cantil.library import overload, overload_method, primitive
from numpy.linalg import norm

from .inner.second import LIMIT, helper

_MASK = (1 << 53) - 1
_SEED = 0x9E3779B97F4A7C15
_WEIGHTS = (0.5, -1.5, math.inf)
_SINGLE = np.float32(0.1)
_TABLE = np.array([[1, 2], [3, 4]], dtype=np.int16)
_ALIAS = np.float64


def _twice(x):
    return 2 * x


@overload(np.abs)
def absolute(x: Real):
    """The absolute value."""
    return _twice(x) if x > math.pi else np.linalg.norm(x, _MASK)


@overload(op.add)
@overload("numpy.add")
def add(a, b=_MASK, *, where=None, scale=1 << 4, dtype=np.float32, kinds=(int, 1.5)):
    if isinstance(a, float32):
        raise ValueError("no")
    return primitive(
        "add", a, b, _SEED, _WEIGHTS, _SINGLE, _TABLE, _ALIAS, helper, LIMIT, norm, len, np.newaxis
    )


@overload_method("array", "sum")
def array_sum(a):
    """Only a docstring."""


@overload("method:array.mean")
def array_mean(a):
    return array_sum(a) / a.size


@overload(np.absolute)
def absolute_again(x: Complex):
    return cuda_value(x)
