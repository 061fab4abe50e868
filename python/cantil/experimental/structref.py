"""structref: records on the heap whose types are parameterised by their fields' types.

    @structref.register
    class PointType(types.StructRef):
        pass

    class Point(structref.StructRefProxy):
        def __new__(cls, x, y):
            return structref.StructRefProxy.__new__(cls, x, y)

    structref.define_proxy(Point, PointType, ["x", "y"])

Methods and attributes are added with extending.overload_method and overload_attribute.
"""

from .. import _core
from .._decorators import njit
from .._linecache import compiled_source
from .._object_types import StructRef, unliteral
from ..extending import overload

__all__ = [
    "StructRefProxy",
    "define_attributes",
    "define_boxing",
    "define_constructor",
    "define_proxy",
    "new",
    "register",
]


def new(struct_type):
    """In compiled code: a structref of this type, with fields of zero."""
    raise NotImplementedError("structref.new() can only be called from compiled code")


def register(struct_type):
    """Class decorator: makes a class derived from types.StructRef a type of compiled code."""
    if struct_type is StructRef:
        raise ValueError("cannot register types.StructRef")
    if not (isinstance(struct_type, type) and issubclass(struct_type, StructRef)):
        raise TypeError(f"{struct_type!r} is not derived from types.StructRef")
    return struct_type


def define_constructor(py_class, struct_typeclass, fields):
    """Makes `py_class(…)` callable in compiled code."""
    if not fields:
        body = "    return new(struct_type)\n"
    else:
        body = "    made = new(struct_type)\n"
        body += "".join(f"    made.{name} = {name}\n" for name in fields)
        body += "    return made\n"
    source = f"def constructor({', '.join(fields)}):\n{body}"

    def constructor_for(*args):
        struct_type = struct_typeclass([(name, unliteral(t)) for name, t in zip(fields, args, strict=True)])
        return compiled_source("constructor", source, {"new": new, "struct_type": struct_type})

    names = ", ".join(fields)
    choose = f"def choose({names}):\n    return constructor_for({names})\n"
    overload(py_class)(compiled_source("choose", choose, {"constructor_for": constructor_for}))


def define_attributes(struct_typeclass):
    """Kept for compatibility: the fields of a structref are its attributes."""


def define_boxing(struct_typeclass, obj_class):
    """Says that instances become objects of `obj_class` in Python."""
    if struct_typeclass is StructRef:
        raise ValueError("cannot register types.StructRef")
    _core.register_proxy(struct_typeclass, obj_class)
    obj_class._numba_box_ = classmethod(lambda cls, *_: None)


def define_proxy(py_class, struct_typeclass, fields):
    """Ties a Python class to a type: its constructor in compiled code, and what results become in Python."""
    define_constructor(py_class, struct_typeclass, fields)
    define_boxing(struct_typeclass, py_class)
    names = ", ".join(fields)
    source = f"def make({names}):\n    return py_class({names})\n"
    py_class._make = staticmethod(njit(compiled_source("make", source, {"py_class": py_class})))


def _rebuilt(cls, *fields):
    return cls._make(*fields)


class StructRefProxy(_core.Instance):
    """Base of the Python classes that stand for structrefs. `__new__` takes the fields in order."""

    __slots__ = ()

    def __new__(cls, *args):
        """A new structref with these fields."""
        return cls._make(*args)

    @property
    def _type(self):
        return self._numba_type_

    def __reduce__(self):
        t = self._numba_type_
        return _rebuilt, (type(self), *(_core.Field(t, name).__get__(self, None) for name in t.field_dict))
