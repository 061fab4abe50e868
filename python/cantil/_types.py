"""Types as Python objects: one class for each kind of type, signatures, and how both are read from text.

Equal types are the same object, made by the extension module; the classes here give them Numba's attributes.
"""

import numpy as np

from . import _core


class Type(_core.Type):
    """A type of compiled code. Indexing it makes an array type, calling it with types a signature."""

    __slots__ = ()

    @property
    def key(self):
        """What tells this type from others: its spelling."""
        return self.name

    def is_precise(self):
        """Whether nothing about the type is open; always so for types that users can hold."""
        return True

    def __getitem__(self, spec):
        ndim, layout = _array_spec(spec)
        return _core.make_array(self, ndim, layout)

    def __call__(self, *args):
        """A signature that returns this type; or, given one value, the value converted to it."""
        if len(args) == 1 and not isinstance(args[0], _core.Type):
            return self.cast_python_value(args[0])
        return Signature(self, args)

    def cast_python_value(self, value):
        """`value` as this type's Python or NumPy object."""
        raise TypeError(f"{self} does not convert Python values")


def _array_spec(spec):
    specs = spec if isinstance(spec, tuple) else (spec,)
    for s in specs:
        if not isinstance(s, slice) or s.start is not None or s.stop is not None or s.step not in (None, 1):
            raise KeyError(f"an array type is written with ':' and '::1', not {s!r}")
    if specs[-1].step == 1:
        layout = "C"
    elif specs[0].step == 1:
        layout = "F"
    else:
        layout = "A"
    if sum(s.step == 1 for s in specs) > 1:
        raise KeyError("only the first or the last dimension can be contiguous")
    return len(specs), layout


class Number(Type):
    """Numbers, and what they share."""

    __slots__ = ()

    @property
    def bitwidth(self):
        """Its size in bits."""
        return self._bits

    def cast_python_value(self, value):
        return np.dtype(self.name).type(value)


class Integer(Number):
    """Signed and unsigned integers of 8 to 64 bits."""

    __slots__ = ()

    @property
    def signed(self):
        """Whether it has negative values."""
        return self._signed

    @property
    def maxval(self):
        """The largest value."""
        return (1 << (self._bits - self._signed)) - 1

    @property
    def minval(self):
        """The smallest value."""
        return -(1 << (self._bits - 1)) if self._signed else 0


class Float(Number):
    """Floating-point numbers of 16, 32 and 64 bits."""

    __slots__ = ()


class Complex(Number):
    """Complex numbers of two 32- or 64-bit parts."""

    __slots__ = ()

    @property
    def underlying_float(self):
        """The type of its parts."""
        return _core.parse_type(f"float{self._bits // 2}")


class Boolean(Type):
    """True or False; one byte in arrays."""

    __slots__ = ()

    @property
    def bitwidth(self):
        """Its size in arrays, in bits."""
        return 8

    def cast_python_value(self, value):
        return bool(value)


class NoneType(Type):
    """None, and the result of functions that return nothing."""

    __slots__ = ()


class BaseTuple(Type):
    """All tuple types."""

    __slots__ = ()

    @property
    def types(self):
        """The types of the elements."""
        return self._elems

    @property
    def count(self):
        """How many elements there are."""
        return len(self._elems)

    def __len__(self):
        return len(self._elems)

    def __iter__(self):
        return iter(self._elems)


class Tuple(BaseTuple):
    """`Tuple(types)`: a tuple with elements of different types (of one type, it is a UniTuple)."""

    __slots__ = ()

    def __new__(cls, types):
        return _core.make_tuple(types)

    def __getitem__(self, i):
        return self._elems[i]


class UniTuple(BaseTuple):
    """`UniTuple(dtype, count)`: a tuple whose elements have one type."""

    __slots__ = ()

    def __new__(cls, dtype, count):
        return _core.make_tuple((dtype,) * count)

    @property
    def dtype(self):
        """The type of each element."""
        return self._elems[0]

    def __getitem__(self, i):
        return self._elems[i]


class NamedTuple(BaseTuple):
    """`NamedTuple(types, class)`: a namedtuple with elements of different types."""

    __slots__ = ()

    def __new__(cls, types, named):
        return _core.make_named_tuple(types, named)

    @property
    def fields(self):
        """The names of the elements."""
        return self._fields

    def __getitem__(self, i):
        return self._elems[i]


class NamedUniTuple(NamedTuple):
    """`NamedUniTuple(dtype, count, class)`: a namedtuple whose elements have one type."""

    __slots__ = ()

    def __new__(cls, dtype, count, named):
        return _core.make_named_tuple((dtype,) * count, named)

    @property
    def dtype(self):
        """The type of each element."""
        return self._elems[0]


class Array(Type):
    """`Array(dtype, ndim, layout, readonly=False, aligned=True)`; the layout is "C", "F" or "A" (any)."""

    __slots__ = ()

    def __new__(cls, dtype, ndim, layout, readonly=False, name=None, aligned=True):
        if name is not None:
            raise TypeError("array types are named by what they are")
        return _core.make_array(dtype, ndim, layout, readonly, aligned)

    @property
    def dtype(self):
        """The type of the elements."""
        return self._elems[0]

    @property
    def ndim(self):
        """The number of dimensions."""
        return self._ndim

    @property
    def layout(self):
        """ "C", "F" or "A"."""
        return self._layout

    @property
    def readonly(self):
        """Whether compiled code may not write to it."""
        return self._readonly

    @property
    def mutable(self):
        """Whether compiled code may write to it."""
        return not self._readonly

    @property
    def aligned(self):
        """Whether its elements lie at multiples of their size."""
        return self._aligned

    @property
    def is_c_contig(self):
        """Whether it is known to be contiguous, last index fastest."""
        return self._layout == "C" or (self._ndim <= 1 and self._layout in "CF")

    @property
    def is_f_contig(self):
        """Whether it is known to be contiguous, first index fastest."""
        return self._layout == "F" or (self._ndim <= 1 and self._layout in "CF")

    @property
    def is_contig(self):
        """Whether it is known to be contiguous."""
        return self._layout in "CF"

    def copy(self, dtype=None, ndim=None, layout=None, readonly=None):
        """The same type but for what is given."""
        return _core.make_array(
            self.dtype if dtype is None else dtype,
            self._ndim if ndim is None else ndim,
            self._layout if layout is None else layout,
            self._readonly if readonly is None else readonly,
            self._aligned,
        )

    def __repr__(self):
        return f"Array({self.dtype!r}, {self._ndim}, {self._layout!r}, {not self._readonly}, aligned={self._aligned})"


class Optional(Type):
    """`Optional(type)`: a value of the type, or None."""

    __slots__ = ()

    def __new__(cls, type):
        return _core.make_optional(type)

    @property
    def type(self):
        """The type when it is not None."""
        return self._elems[0]


class Literal(Type):
    """`Literal(value)`: the type of one value known while compiling."""

    __slots__ = ()

    def __new__(cls, value):
        return _core.make_literal(value)

    @property
    def literal_value(self):
        """The value."""
        raise NotImplementedError

    @property
    def literal_type(self):
        """The type without the value."""
        return _core.unliteral(self)


class IntegerLiteral(Literal):
    """The type of one integer."""

    __slots__ = ()

    @property
    def literal_value(self):
        return self._value


class BooleanLiteral(Literal):
    """The type of True or of False."""

    __slots__ = ()

    @property
    def literal_value(self):
        return bool(self._value)


class StringLiteral(Literal):
    """The type of one string."""

    __slots__ = ()

    @property
    def literal_value(self):
        return self._text


class Signature:
    """The types of a call: `return_type` (None when it is to be inferred) and `args`."""

    __slots__ = ("args", "pysig", "recvr", "return_type")

    def __init__(self, return_type, args, recvr=None, pysig=None):
        self.return_type = return_type
        self.args = tuple(_require(a) for a in args)
        self.recvr = recvr
        self.pysig = pysig

    def __eq__(self, other):
        if not isinstance(other, Signature):
            return NotImplemented
        return self.return_type is other.return_type and self.args == other.args

    def __hash__(self):
        return hash(self.args)

    def __repr__(self):
        return f"({', '.join(map(str, self.args))}) -> {self.return_type}"

    def __reduce__(self):
        return Signature, (self.return_type, self.args)


def as_type(given):
    """The type that `given` stands for: a type, its text, a dtype. Raises TypeError where it is none."""
    return _core.parse_type(given) if isinstance(given, str) else _require(given)


def _require(denoted):
    found = _core.as_type(denoted) if denoted is not None else none
    if found is None:
        raise TypeError(f"{denoted!r} is not a type")
    return found


for _kind, _cls in {
    "none": NoneType,
    "bool": Boolean,
    "int": Integer,
    "float": Float,
    "complex": Complex,
    "tuple": Tuple,
    "unituple": UniTuple,
    "namedtuple": NamedTuple,
    "namedunituple": NamedUniTuple,
    "array": Array,
    "optional": Optional,
    "literal_int": IntegerLiteral,
    "literal_bool": BooleanLiteral,
    "literal_str": StringLiteral,
    **dict.fromkeys(
        "pointer owner object buffer closure choice exception_class exception_instance unknown".split(),
        Type,
    ),
}.items():
    _core.register_type_class(_kind, _cls)

none = _core.parse_type("none")


def typeof(value):
    """The type that `value` has as an argument of a compiled function.

    Raises cantil.errors.NumbaValueError for values that compiled functions do not take.
    """
    found = _core.typeof(value)
    if found is None:
        from .errors import NumbaValueError

        raise NumbaValueError(f"cannot determine the type of {type(value)}")
    return found


def from_dtype(dtype):
    """The type of the elements of arrays with this NumPy dtype.

    Raises cantil.errors.NumbaNotImplementedError for dtypes that compiled code does not know.
    """
    found = _core.as_type(np.dtype(dtype))
    if found is None:
        from .errors import NumbaNotImplementedError

        raise NumbaNotImplementedError(f"compiled code does not know the dtype {dtype}")
    return found


def as_dtype(type):
    """The NumPy dtype of a number type.

    Raises cantil.errors.NumbaNotImplementedError for types that no dtype is like.
    """
    number = type._dtype_number
    if isinstance(type, NamedTuple) and type.name.startswith("Record("):
        return np.dtype(list(zip(type.fields, map(as_dtype, type.types))), align=True)
    if number < 0:
        from .errors import NumbaNotImplementedError

        raise NumbaNotImplementedError(f"{type} has no dtype")
    return np.dtype(np.bool_) if type._kind == "bool" else np.dtype(type.name)


def parse_signature(given):
    """(return type or None, argument types) of a signature object, a tuple of types, or a text such as
    "float64(float64, int64[:])", "void(f4[:], f4[:])" or "(i8, i8)"."""
    if isinstance(given, str):
        from . import types

        names = {name: getattr(types, name) for name in types.__all__}
        names["types"] = types
        try:
            value = eval(given.strip(), {"__builtins__": {}}, names)
        except Exception as error:
            _core.raise_diagnostic("BadSignature", repr(given), f"{type(error).__name__}: {error}")
        return parse_signature(value) if not isinstance(value, str) else _bad(given)
    if isinstance(given, Signature):
        return given.return_type, given.args
    if isinstance(given, tuple):
        try:
            return None, tuple(_require(a) for a in given)
        except TypeError as error:
            _core.raise_diagnostic("BadSignature", repr(given), str(error))
    return _bad(given)


def _bad(given):
    _core.raise_diagnostic(
        "BadSignature", repr(given), "a signature is written as result(arguments) or (arguments)"
    )
