"""Types of containers and classes, and the abstract classes that programs test types with."""

import abc

from . import _core
from ._types import (
    Array,
    BaseTuple,
    Boolean,
    NamedTuple,
    NoneType,
    Number,
    Tuple,
    Type,
    UniTuple,
)


class List(Type):
    """`List(dtype)`: Python's list, which a call copies in and back."""

    __slots__ = ()

    def __new__(cls, dtype, reflected=False):
        return _core.make_object("list", (dtype,))

    @property
    def dtype(self):
        """The type of the elements."""
        return self._elems[0]

    @property
    def reflected(self):
        """Whether changes are seen in Python: always, for lists that come from there."""
        return True

    @property
    def mutable(self):
        """Whether it can be changed."""
        return True


class Set(Type):
    """`Set(dtype)`: Python's set, which a call copies in and back."""

    __slots__ = ()

    def __new__(cls, dtype, reflected=False):
        return _core.make_object("set", (dtype,))

    @property
    def dtype(self):
        """The type of the elements."""
        return self._elems[0]

    @property
    def reflected(self):
        """Whether changes are seen in Python: always, for sets that come from there."""
        return True


class ListType(Type):
    """`ListType(item_type)`: typed.List."""

    __slots__ = ()

    def __new__(cls, itemty):
        return _core.make_object("ListType", (itemty,))

    @property
    def dtype(self):
        """The type of the elements."""
        return self._elems[0]

    item_type = dtype

    @classmethod
    def refine(cls, itemty):
        """The type for these elements."""
        return cls(itemty)


class SetType(Type):
    """`SetType(key_type)`: typed.Set."""

    __slots__ = ()

    def __new__(cls, keyty):
        return _core.make_object("SetType", (keyty,))

    @property
    def dtype(self):
        """The type of the elements."""
        return self._elems[0]

    key_type = dtype


class DictType(Type):
    """`DictType(key_type, value_type)`: typed.Dict."""

    __slots__ = ()

    def __new__(cls, keyty, valty, initial_value=None):
        return _core.make_object("DictType", (keyty, valty))

    @property
    def key_type(self):
        """The type of the keys."""
        return self._elems[0]

    @property
    def value_type(self):
        """The type of the values."""
        return self._elems[1]

    @property
    def keyvalue_type(self):
        """The type of the items."""
        return _core.make_tuple(self._elems)


class DeferredType(Type):
    """A type that is defined later, for classes that hold each other: `t = deferred_type(); … t.define(T)`."""

    __slots__ = ()

    def __new__(cls):
        return _core.new_deferred()

    def define(self, dtype):
        """Says once which type it is. Raises TypeError when that has been said, or `dtype` is no type."""
        if not isinstance(dtype, Type):
            raise TypeError(f"invalid defined type {dtype!r}")
        if not _core.define_deferred(self, dtype):
            raise TypeError("deferred type already defined")

    def get(self):
        """The type that it was defined as. Raises RuntimeError before that."""
        found = _core.deferred_as(self)
        if found is None:
            raise RuntimeError("deferred type not defined")
        return found


class ClassInstanceType(Type):
    """The type of the instances of a jitclass."""

    __slots__ = ()

    @property
    def classname(self):
        """The class's name."""
        return _core.class_name(self)

    @property
    def struct(self):
        """The fields' types by name."""
        return dict(_core.class_fields(self))


_struct_types = {}  # by class and fields


class StructRef(Type):
    """Base of users' structref types: `T([(name, type), …])` is the type of structrefs with these fields."""

    def __new__(cls, fields):
        given = tuple(map(_field, fields))
        fields = tuple(map(_field, cls.preprocess_fields(None, given)))
        if (cls, fields) not in _struct_types:
            made = _core.new_class("structref.", cls.__name__, cls.__module__, cls)
            if not _core.define_class(made, dict(fields), {}, {}, {}, {}, True):
                raise TypeError(f"{cls.__name__} has too many fields that refer to other memory")
            _struct_types[cls, fields] = made
        return _struct_types[cls, fields]

    def preprocess_fields(self, fields):
        """Called with the pairs of names and types when a type is made; returns those to use."""
        return fields

    @property
    def field_dict(self):
        """The fields' types by name."""
        return dict(_core.class_fields(self))

    struct = field_dict


def _field(pair):
    name, given = pair
    if not isinstance(name, str):
        raise ValueError(f"expecting a str for field name, not {name!r}")
    if not isinstance(given, Type):
        raise ValueError(f"expecting a Numba Type for field type, not {given!r}")
    return name, given


class Omitted:
    """An argument that a call leaves out. Overloads see the default itself."""

    def __init__(self, default):
        self.value = default

    key = property(lambda self: (type(self.value), id(self.value)))


class SliceType(Type):
    """Slices, told apart by which of start, stop and step are given."""

    __slots__ = ()

    @property
    def has_step(self):
        """Whether a step is given."""
        return bool(self._value & 4)


class RangeType(Type):
    """The results of range()."""

    __slots__ = ()

    @property
    def dtype(self):
        """The type of the numbers."""
        return self._elems[0]


class NumberClass(Type):
    """A number type as a value, such as np.float32."""

    __slots__ = ()

    @property
    def instance_type(self):
        """The type itself."""
        return self._elems[0]

    dtype = instance_type


TypeRef = DType = NumberClass


class Function(Type):
    """Functions of the library."""

    __slots__ = ()


class Dispatcher(Type):
    """Compiled functions as values."""

    __slots__ = ()


class BoundFunction(Type):
    """Methods with their receiver."""

    __slots__ = ()

    @property
    def this(self):
        """The type of the receiver."""
        return self._elems[0]


class Module(Type):
    """Modules."""

    __slots__ = ()


class EllipsisType(Type):
    """The ellipsis."""

    __slots__ = ()


def _abstract(name, doc, *members):
    made = abc.ABCMeta(name, (), {"__doc__": doc, "__module__": __name__})
    for member in members:
        made.register(member)
    return made


Any = _abstract("Any", "Every type.", Type)
Dummy = _abstract("Dummy", "Types without a value at run time.", NoneType, Module, EllipsisType, Function)
Opaque = _abstract(
    "Opaque", "Types that compiled code knows nothing of.", NoneType, Module, EllipsisType, Dispatcher
)
Callable = _abstract("Callable", "What can be called.", Function, Dispatcher, BoundFunction, NumberClass)
Hashable = _abstract("Hashable", "What can be a key.", Number, Boolean, BaseTuple)
Sequence = _abstract("Sequence", "Ordered containers.", BaseTuple, List, ListType)
MutableSequence = _abstract("MutableSequence", "Ordered containers that can be changed.", List, ListType)
IterableType = _abstract(
    "IterableType", "What can be iterated over.", Array, BaseTuple, List, ListType, Set, DictType, RangeType
)
SimpleIterableType = IterableType
Buffer = _abstract("Buffer", "Types that are views of memory.", Array)
ConstSized = _abstract("ConstSized", "Containers of known length.", BaseTuple)
BaseAnonymousTuple = _abstract("BaseAnonymousTuple", "Plain tuples.", Tuple, UniTuple)
BaseNamedTuple = _abstract("BaseNamedTuple", "Named tuples.", NamedTuple)
SimpleScalar = _abstract("SimpleScalar", "Single values.", Number, Boolean)


for _kind, _cls in {
    "list": List,
    "set": Set,
    "ListType": ListType,
    "DictType": DictType,
    "SetType": SetType,
    "deferred": DeferredType,
    "class_instance": ClassInstanceType,
    "slice": SliceType,
    "range": RangeType,
    "type_object": NumberClass,
    "builtin": Function,
    "function": Dispatcher,
    "bound_method": BoundFunction,
    "module": Module,
    "ellipsis": EllipsisType,
}.items():
    _core.register_type_class(_kind, _cls)


def unliteral(type):
    """The type without the value that it knows; other types as they are."""
    return _core.unliteral(type) if isinstance(type, _core.Type) else type


def maybe_literal(value):
    """The literal type of a value, or None where it has none."""
    try:
        return _core.make_literal(value)
    except (TypeError, OverflowError):
        return None


def is_nonelike(type):
    """Whether an overload's argument stands for None: the type none, None itself or an omitted None."""
    return type is None or isinstance(type, NoneType) or (isinstance(type, Omitted) and type.value is None)
