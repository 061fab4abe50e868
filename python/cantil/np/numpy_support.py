"""NumPy's dtypes and types of compiled code."""

import numpy as _numpy

from .. import types as _types
from .._types import as_dtype, from_dtype

numpy_version = tuple(int(n) for n in _numpy.__version__.split(".")[:2])

__all__ = ["as_dtype", "from_dtype", "is_array", "is_nonelike", "map_layout", "numpy_version"]

is_nonelike = _types.is_nonelike


def is_array(value):
    """Whether `value` is a NumPy array."""
    return isinstance(value, _numpy.ndarray)


def map_layout(value):
    """ "C", "F" or "A": the layout of an array."""
    if value.flags.c_contiguous:
        return "C"
    return "F" if value.flags.f_contiguous else "A"


def map_arrayscalar_type(value):
    """The type of a NumPy scalar. Raises NotImplementedError for others."""
    from .._types import from_dtype as of_dtype

    if not isinstance(value, _numpy.generic):
        raise NotImplementedError(f"{value!r} is no NumPy scalar")
    return of_dtype(value.dtype)


def __getattr__(name):
    if name in ("carray", "farray"):
        import cantil

        return getattr(cantil, name)
    from .._internals import refuse

    refuse("cantil.np.numpy_support", name)
