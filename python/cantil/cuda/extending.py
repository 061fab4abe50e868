"""Extending kernels from Python: cantil.extending, with the target of kernels where none is said."""

from .. import extending as _extending
from ..extending import (
    SentryLiteralArgs,
    as_numba_type,
    intrinsic,
    is_jitted,
    register_jitable,
)


def _for_kernels(decorator):
    def decorate(*args, **kwargs):
        kwargs.setdefault("target", "cuda")
        return decorator(*args, **kwargs)

    decorate.__name__ = decorate.__qualname__ = decorator.__name__
    decorate.__doc__ = decorator.__doc__
    return decorate


overload = _for_kernels(_extending.overload)
overload_attribute = _for_kernels(_extending.overload_attribute)
overload_method = _for_kernels(_extending.overload_method)
overload_classmethod = _for_kernels(_extending.overload_classmethod)

__all__ = [
    "SentryLiteralArgs",
    "as_numba_type",
    "intrinsic",
    "is_jitted",
    "overload",
    "overload_attribute",
    "overload_classmethod",
    "overload_method",
    "register_jitable",
]


def __getattr__(name):
    return getattr(_extending, name)
