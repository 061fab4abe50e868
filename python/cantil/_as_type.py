"""as_numba_type: what Python's own types and annotations are in compiled code."""

import types as _python_types
import typing

from . import _core
from ._types import Optional, Tuple, Type


class AsNumbaType:
    """`as_numba_type(int)` is int64, `as_numba_type(Optional[float])` is Optional(float64).

    `register(python_type, numba_type)`, or as a decorator `@register` over a function that returns a type or None,
    adds to what it knows.
    """

    def __init__(self):
        self._known = {}
        self._functions = []

    def _find(self, given):
        if isinstance(given, Type):
            return given
        try:
            if given in self._known:
                return self._known[given]
        except TypeError:
            pass
        if given is None or given is type(None):
            return _core.parse_type("none")
        found = _core.as_type(given)
        if found is not None:
            return found
        origin, args = typing.get_origin(given), typing.get_args(given)
        if origin is not None:
            made = self._generic(origin, args)
            if made is not None:
                return made
        if given is str:
            return _core.parse_type("unicode_type")
        for function in self._functions:
            made = function(given)
            if made is not None:
                return made
        return None

    def _generic(self, origin, args):
        if origin is typing.Union or origin is getattr(_python_types, "UnionType", None):
            rest = [a for a in args if a is not type(None)]
            if len(rest) == 1 and len(args) == 2:
                return Optional(self(rest[0]))
            return None
        if origin is tuple:
            if len(args) == 2 and args[1] is Ellipsis:
                return None
            return Tuple([self(a) for a in args if a != ()])
        if origin is list and len(args) == 1:
            return _core.make_object("ListType", (self(args[0]),))
        if origin is set and len(args) == 1:
            return _core.make_object("set", (self(args[0]),))
        if origin is dict and len(args) == 2:
            return _core.make_object("DictType", tuple(self(a) for a in args))
        if origin is typing.Annotated:
            return self(args[0])
        return None

    def __call__(self, given):
        """The type. Raises cantil.errors.TypingError where there is none."""
        found = self._find(given)
        if found is None:
            from .errors import TypingError

            raise TypingError(f"cannot infer the type of compiled code of the Python type {given}")
        return found

    def register(self, func_or_type, numba_type=None):
        """Adds a type, or a function that gives one (or None) for a Python type."""
        if numba_type is not None:
            if not isinstance(numba_type, Type):
                raise TypeError(f"{numba_type!r} is not a type")
            self._known[func_or_type] = numba_type
            return None
        self._functions.append(func_or_type)
        return func_or_type


as_numba_type = AsNumbaType()
