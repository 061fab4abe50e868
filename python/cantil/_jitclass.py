"""jitclass: Python classes whose instances live in compiled code."""

import inspect
import typing

from . import _core, config
from ._as_type import as_numba_type
from ._decorators import njit
from ._linecache import compiled_source
from ._types import Type

# Methods with a meaning of their own in compiled code.
_OPERATORS = (
    "abs add and bool call ceil complex contains delitem divmod eq float floor floordiv ge getitem gt hash iadd iand "
    "ifloordiv ilshift imatmul imod imul index init int invert ior ipow irshift isub itruediv ixor le len lshift lt "
    "matmul mod mul ne neg or pos pow radd rand repr rfloordiv rlshift rmatmul rmod rmul ror round rpow rrshift rshift "
    "rsub rtruediv rxor setitem str sub truediv trunc xor"
).split()
_SPECIAL = {f"__{name}__" for name in _OPERATORS}
_IGNORED = {
    *("__dict__ __weakref__ __module__ __doc__ __qualname__ __annotations__ __firstlineno__".split()),
    *(
        "__static_attributes__ __slots__ __annotate__ __annotate_func__ __annotations_cache__ "
        "__conditional_annotations__"
    ).split(),
    *("__orig_bases__ __parameters__ __classcell__ __match_args__".split()),
}


class ClassType:
    """What `C.class_type` is: `instance_type` is the type of C's instances."""

    def __init__(self, cls, instance_type):
        self.class_def = cls
        self.class_name = cls.__name__
        self.instance_type = instance_type

    @property
    def struct(self):
        """The fields' types by name."""
        return dict(_core.class_fields(self.instance_type))

    def __repr__(self):
        return f"class({self.instance_type})"


class JitClassType(type):
    """The class of compiled classes. Calling one makes an instance."""

    def __new__(mcs, name, bases, members, **kwargs):
        for base in bases:
            if isinstance(base, JitClassType):
                raise TypeError("cannot subclass from a jitclass")
        return super().__new__(mcs, name, bases, members, **kwargs)

    def __call__(cls, *args, **kwargs):
        return cls._construct(*args, **kwargs)

    def __repr__(cls):
        return f"<class '{cls.__module__}.{cls.__qualname__}'>"


def _checked_spec(spec):
    if spec is None:
        return {}
    items = spec.items() if hasattr(spec, "items") else spec
    fields = {}
    for item in items:
        name, given = item
        if not isinstance(name, str):
            raise TypeError(f"spec keys should be strings, got {name!r}")
        if not isinstance(given, Type):
            raise TypeError(f"spec values should be Numba type instances, got {given!r}")
        fields[name] = given
    return fields


def _annotated(cls, fields):
    """The fields that the class's annotations add."""
    try:
        hints = typing.get_type_hints(cls)
    except Exception:  # a name that is only there for type checkers
        hints = {}
        for base in reversed(cls.__mro__):
            hints.update(inspect.get_annotations(base))
    for name, hint in hints.items():
        if name not in fields and typing.get_origin(hint) is not typing.ClassVar:
            fields[name] = as_numba_type(hint)
    return fields


def _members(cls):
    found = {}
    for base in reversed(cls.__mro__[:-1]):
        found.update(base.__dict__)
    return {name: value for name, value in found.items() if name not in _IGNORED}


def _constructor(face, init, cls):
    """A compiled function that makes an instance, with the parameters of __init__."""
    parameters, call, defaults = [], [], {}
    kind = inspect.Parameter
    before = None
    for p in list(inspect.signature(init).parameters.values())[1:]:
        if p.kind is kind.VAR_KEYWORD:
            raise TypeError(f"the constructor of {cls.__name__} takes **{p.name}, which compiled code cannot")
        if before is kind.POSITIONAL_ONLY and p.kind is not before:
            parameters.append("/")
        if p.kind is kind.KEYWORD_ONLY and before not in (kind.KEYWORD_ONLY, kind.VAR_POSITIONAL):
            parameters.append("*")
        text = f"*{p.name}" if p.kind is kind.VAR_POSITIONAL else p.name
        if p.default is not kind.empty:
            defaults[f"default_{p.name}"] = p.default
            parameters.append(f"{text}=default_{p.name}")
        else:
            parameters.append(text)
        call.append(f"{p.name}={p.name}" if p.kind is kind.KEYWORD_ONLY else text)
        before = p.kind
    if before is kind.POSITIONAL_ONLY:
        parameters.append("/")
    source = f"def __init__({', '.join(parameters)}):\n    return _class({', '.join(call)})\n"
    function = compiled_source("__init__", source, {"_class": face, "__name__": cls.__module__, **defaults})
    function.__qualname__ = f"{cls.__qualname__}.__init__"
    return njit(function)


def _no_init(self):
    pass


def _compile(cls, spec):
    if not isinstance(cls, type):
        raise TypeError("jitclass takes a class")
    fields = _annotated(cls, _checked_spec(spec))
    members = _members(cls)
    for name in fields:
        if name in members and not isinstance(members[name], (int, float, str, bool, type(None), tuple)):
            raise NameError(f"name shadowing: {name}")
        members.pop(name, None)  # a default beside the annotation is for Python's eyes
    methods, statics, properties, constants = {}, {}, {}, {}
    for name, value in members.items():
        if inspect.isfunction(value):
            if name.startswith("__") and name.endswith("__") and name not in _SPECIAL:
                raise TypeError(f"Method '{name}' is not supported.")
            methods[name] = njit(value)
        elif isinstance(value, _core.Dispatcher):
            methods[name] = value
        elif isinstance(value, staticmethod):
            function = value.__func__
            statics[name] = function if isinstance(function, _core.Dispatcher) else njit(function)
        elif isinstance(value, property):
            if value.fdel is not None:
                raise TypeError(f"deleter is not supported: {name}")
            if value.fget is None:
                raise TypeError(f"the property '{name}' has no getter")
            properties[name] = (njit(value.fget), njit(value.fset) if value.fset else None)
        elif isinstance(value, classmethod):
            raise TypeError(f"class methods are not supported: {name}")
        elif (
            isinstance(value, (int, float, complex, str, bytes, tuple))
            or value is None
            or _core.typeof(value) is not None
        ):
            constants[name] = value
        else:
            raise TypeError(f"class members are not yet supported: {name}")

    instance_type = _core.new_class("instance.jitclass.", cls.__name__, cls.__module__, None)
    namespace = {
        "__slots__": (),
        "__module__": cls.__module__,
        "__qualname__": cls.__qualname__,
        "__doc__": cls.__doc__,
        "__reduce__": _reduce,
        "__annotations__": inspect.get_annotations(cls),
        "class_type": None,
        **methods,
        **{name: staticmethod(f) for name, f in statics.items()},
        **{name: property(get, put, doc=members[name].__doc__) for name, (get, put) in properties.items()},
        **constants,
    }
    for name in fields:
        namespace[name] = _core.Field(instance_type, name)
    face = JitClassType(cls.__name__, (_core.Instance,), namespace)
    face.class_type = ClassType(face, instance_type)
    if not _core.define_class(instance_type, fields, methods, statics, properties, constants, False):
        raise TypeError(
            f"{cls.__name__} has too many fields that refer to other memory (about 30 arrays are the most)"
        )
    _core.register_face(instance_type, face)
    init = cls.__init__ if inspect.isfunction(cls.__init__) else _no_init
    face._construct = staticmethod(_constructor(face, init, cls))
    as_numba_type.register(face, instance_type)
    return face


def _rebuilt(cls, values):
    made = _core.blank_instance(cls.class_type.instance_type)
    for name, value in values.items():
        setattr(made, name, value)
    return made


def _reduce(self):
    cls = type(self)
    return _rebuilt, (cls, {name: getattr(self, name) for name, _ in _core.class_fields(self._numba_type_)})


def jitclass(cls_or_spec=None, spec=None):
    """Compiles a class: its instances hold fields of fixed types, and its methods are compiled when they are first
    called, from compiled code or from Python.

    Used as `@jitclass`, `@jitclass(spec)` or `jitclass(cls, spec)`. `spec` gives the fields, as a list of (name, type)
    pairs or a dict; annotations of the class add to it (`x: float` is float64). A field may be of a deferred_type, an
    instance (`Other.class_type.instance_type`) or a typed container.

    Methods, properties with setters, static methods, operator methods and constants are taken over; class methods,
    deleters and inheritance from compiled classes are not.

    Raises TypeError for members and specs that it does not take.
    """
    if cls_or_spec is not None and spec is None and not isinstance(cls_or_spec, type):
        spec, cls_or_spec = cls_or_spec, None

    def decorate(cls):
        return cls if config.DISABLE_JIT else _compile(cls, spec)

    if cls_or_spec is None:
        _checked_spec(spec)
        return decorate
    return decorate(cls_or_spec)
