"""The types of compiled code: `int64`, `float32`, `float64[:, ::1]`, `Tuple((int64, float64))`…

Calling a type with types makes a signature: `float64(int64, float64)`; calling it with a value converts the value.
"""

import struct as _struct

from . import _core
from ._object_types import (  # noqa: F401 - as are these
    Any,
    BaseAnonymousTuple,
    BaseNamedTuple,
    BoundFunction,
    Buffer,
    Callable,
    ClassInstanceType,
    ConstSized,
    DeferredType,
    DictType,
    Dispatcher,
    DType,
    Dummy,
    EllipsisType,
    Function,
    Hashable,
    IterableType,
    List,
    ListType,
    Module,
    MutableSequence,
    NumberClass,
    Omitted,
    Opaque,
    RangeType,
    Sequence,
    Set,
    SetType,
    SimpleIterableType,
    SimpleScalar,
    SliceType,
    StructRef,
    TypeRef,
    is_nonelike,
    maybe_literal,
    unliteral,
)
from ._types import (  # noqa: F401 - they are this module's contents
    Array,
    BaseTuple,
    Boolean,
    BooleanLiteral,
    Complex,
    Float,
    Integer,
    IntegerLiteral,
    Literal,
    NamedTuple,
    NamedUniTuple,
    NoneType,
    Number,
    Optional,
    StringLiteral,
    Tuple,
    Type,
    UniTuple,
    from_dtype,
)


def _named(*names):
    return [_core.parse_type(name) for name in names]


int8, int16, int32, int64 = _named("int8", "int16", "int32", "int64")
uint8, uint16, uint32, uint64 = _named("uint8", "uint16", "uint32", "uint64")
float16, float32, float64 = _named("float16", "float32", "float64")
(bfloat16,) = _named("bfloat16")
complex64, complex128 = _named("complex64", "complex128")
boolean, none = _named("bool", "none")
unicode_type, bytes_type = _named("unicode_type", "bytes(uint8, 1d, C)")
string = unicode_type
bool_ = b1 = boolean
void = none

i1, i2, i4, i8 = int8, int16, int32, int64
u1, u2, u4, u8 = uint8, uint16, uint32, uint64
f2, f4, f8 = float16, float32, float64
c8, c16 = complex64, complex128


def _c_integer(code, signed=True):
    return _core.parse_type(f"{'' if signed else 'u'}int{8 * _struct.calcsize(code)}")


intp = ssize_t = _c_integer("P")
uintp = size_t = _c_integer("P", signed=False)
char, uchar, byte = int8, uint8, uint8
short, ushort = _c_integer("h"), _c_integer("h", signed=False)
intc, uintc = _c_integer("i"), _c_integer("i", signed=False)
int_, uint = intp, uintp
long_, ulong = _c_integer("l"), _c_integer("l", signed=False)
longlong, ulonglong = _c_integer("q"), _c_integer("q", signed=False)
float_, double = float32, float64

optional = Optional


def CPointer(dtype):
    """The address of a value of a type, as functions of C and CUDA C++ take it."""
    return _core.parse_type(f"CPointer({dtype})")


voidptr = CPointer(uint8)
literal = Literal
deferred_type = DeferredType
npy_rng = _core.parse_type("NumPyRandomGeneratorType")

ellipsis, slice2_type, slice3_type = _named("...", "slice<a:b>", "slice<a:b:c>")
range_state32_type, range_state64_type, unsigned_range_state64_type = _named(
    "range_state_int32", "range_state_int64", "range_state_uint64"
)

integer_domain = frozenset([int8, int16, int32, int64, uint8, uint16, uint32, uint64])
signed_domain = frozenset([int8, int16, int32, int64])
unsigned_domain = frozenset([uint8, uint16, uint32, uint64])
real_domain = frozenset([float32, float64])
complex_domain = frozenset([complex64, complex128])
number_domain = real_domain | integer_domain | complex_domain

__all__ = [name for name in globals() if not name.startswith("_")]
