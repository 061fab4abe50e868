"""str(), repr(), int(), float(), format() and the like: values as text, and text as values."""

from cantil.library import (
    call_runtime,
    cast,
    field_name,
    is_class,
    is_null,
    overload,
    pointer_to,
    primitive_as,
    primitive_at,
    type_of,
    unicode_type,
)


@overload(str)
def str_nothing():
    return ""


@overload(str)
def str_text(x: Str):
    """A value as text.

    >>> (str(k), str(-x), str(w), str(None), str(k > l), str((k, "a'b", x)), str([text, word]))
    """
    return x


@overload(str)
def str_bool(x: Boolean):
    return "True" if x else "False"


@overload(str)
def str_whole(x: Integer):
    if is_class(type_of(x), "Unsigned"):
        return call_runtime(unicode_type, "cantil_rt_text_of_uint", cast(x, uint64))
    else:
        return call_runtime(unicode_type, "cantil_rt_text_of_int", cast(x, int64))


@overload(str)
def str_float(x: Float):
    if is_class(type_of(x), "float64"):
        return call_runtime(unicode_type, "cantil_rt_text_of_float", x)
    else:
        return call_runtime(unicode_type, "cantil_rt_text_of_float32", cast(x, float32))


@overload(str)
def str_complex(x: Complex):
    if is_class(type_of(x), "complex128"):
        return call_runtime(unicode_type, "cantil_rt_text_of_complex", x.real, x.imag)
    else:
        return call_runtime(unicode_type, "cantil_rt_text_of_complex64", x.real, x.imag)


@overload(str)
def str_none(x: NoneType):
    return "None"


@overload(str)
def str_optional(x: Optional):
    if x is None:
        return "None"
    return str(x)


def _items_text(x):
    """The items of a tuple, with commas between them."""
    if len(x) == 0:
        return ""
    elif len(x) == 1:
        return repr(x[0])
    else:
        return repr(x[0]) + ", " + _items_text(x[1:])


def _fields_text(x, i: LiteralInt):
    """The fields of a named tuple from the i-th on."""
    if i == len(x):
        return ""
    elif i == 0:
        return field_name(x, i) + "=" + repr(x[i]) + _fields_text(x, i + 1)
    else:
        return ", " + field_name(x, i) + "=" + repr(x[i]) + _fields_text(x, i + 1)


@overload(str)
def str_tuple(x: Tuple):
    if field_name(x, -1) != "":
        return field_name(x, -1) + "(" + _fields_text(x, 0) + ")"
    elif len(x) == 1:
        return "(" + repr(x[0]) + ",)"
    else:
        return "(" + _items_text(x) + ")"


@overload(str)
def str_list(x: List):
    r = "["
    first = True
    for item in x:
        if not first:
            r += ", "
        first = False
        r += repr(item)
    return r + "]"


@overload(str)
def str_set(x: Set):
    if len(x) == 0:
        return "set()"
    r = "{"
    first = True
    for item in x:
        if not first:
            r += ", "
        first = False
        r += repr(item)
    return r + "}"


@overload(str)
def str_dict(x: Dict):
    r = "{"
    first = True
    for key, value in x.items():
        if not first:
            r += ", "
        first = False
        r += repr(key)
        r += ": "
        r += repr(value)
    return r + "}"


@overload(str)
def str_range(x: Range):
    if x.step == 1:
        return "range(" + str(x.start) + ", " + str(x.stop) + ")"
    return "range(" + str(x.start) + ", " + str(x.stop) + ", " + str(x.step) + ")"


@overload(repr)
def repr_text(x: Str):
    """A value as Python writes it.

    >>> (repr(text), repr("a'b\\n"), repr(x), repr([text]))
    """
    return call_runtime(unicode_type, "cantil_rt_text_repr", x, False)


@overload(repr)
def repr_other(x: Any):
    return str(x)


@overload(ascii)
def ascii_text(x: Str):
    """A value as Python writes it, in ASCII.

    >>> ascii(text)
    """
    return call_runtime(unicode_type, "cantil_rt_text_repr", x, True)


@overload(ascii)
def ascii_number(x: Number | NoneType):
    return str(x)


@overload(ascii)
def ascii_other(x: Any):
    # Quotes do not change: a repr holds what is not ASCII only inside of quotes.
    r = ""
    for c in repr(x):
        if ord(c) < 128:
            r += c
        else:
            r += call_runtime(unicode_type, "cantil_rt_text_repr", c, True)[1:-1]
    return r


def _magnitude(x):
    """An integer without its sign."""
    if is_class(type_of(x), "Unsigned"):
        return cast(x, uint64)
    else:
        return cast(0, uint64) - cast(x, uint64) if x < 0 else cast(x, uint64)


@overload(hex)
def hex_whole(x: Whole):
    """An integer in base 16.

    >>> hex(-k * 9)
    """
    return call_runtime(unicode_type, "cantil_rt_text_in_base", _magnitude(x), x < 0, 16)


@overload(oct)
def oct_whole(x: Whole):
    """An integer in base 8.

    >>> oct(-k * 9)
    """
    return call_runtime(unicode_type, "cantil_rt_text_in_base", _magnitude(x), x < 0, 8)


@overload(bin)
def bin_whole(x: Whole):
    """An integer in base 2.

    >>> bin(-k * 9)
    """
    return call_runtime(unicode_type, "cantil_rt_text_in_base", _magnitude(x), x < 0, 2)


# Text as numbers.


def _int_of(x, base):
    out = primitive_at(pointer_to(int64), "local.array", 1)
    status = call_runtime(int64, "cantil_rt_text_to_int", x, base, out)
    if status == 1:
        raise ValueError(f"invalid literal for int() with base {base}: {repr(x)[:200]}")
    if status == 2:
        raise OverflowError("int too large to convert to int64")
    return primitive_as(int64, "load", out)


@overload("construct:int64")
def int_text(x: Str | Bytes):
    """The number that a text says.

    >>> (int(" -12_3 "), int("z1", 36), int("0x1F", 0))
    """
    return _int_of(x, 10)


@overload("construct:int64")
def int_text_base(x: Str | Bytes, base: Whole):
    b = cast(base, int64)
    if b != 0 and (b < 2 or b > 36):
        raise ValueError("int() base must be >= 2 and <= 36, or 0")
    return _int_of(x, b)


@overload("construct:float64")
def float_text(x: Str | Bytes):
    """The number that a text says.

    >>> (float(" -1.5e-3\\n"), float("inf"), float("1_0"))
    """
    out = primitive_at(pointer_to(float64), "local.array", 1)
    if call_runtime(int64, "cantil_rt_text_to_float", x, out) != 0:
        raise ValueError(f"could not convert string to float: {repr(x)}")
    return primitive_as(float64, "load", out)


@overload("construct:complex128")
def complex_text(x: Str):
    """The number that a text says.

    >>> (complex(" 1-2.5j "), complex("j"))
    """
    out = primitive_at(pointer_to(float64), "local.array", 2)
    if call_runtime(int64, "cantil_rt_text_to_complex", x, out) != 0:
        raise ValueError("complex() arg is a malformed string")
    return complex(
        primitive_as(float64, "load", out),
        primitive_as(float64, "load", primitive_as(type_of(out), "ptr.index", out, 1)),
    )


# format().


def _formatted(r):
    if is_null(r):
        raise ValueError(call_runtime(unicode_type, "cantil_rt_format_error"))
    return r


@overload(format)
def format_plain(x: Any):
    """A value as a format specification wants it.

    >>> (format(x, "+.3e"), format(-k, "#010x"), format(word, "^9"), format(12345678.5, ",.2f"))
    """
    return str(x)


@overload(format)
def format_text(x: Str, format_spec: Str):
    return _formatted(call_runtime(unicode_type, "cantil_rt_format_text", x, format_spec))


@overload(format)
def format_bool(x: Boolean, format_spec: Str):
    if len(format_spec) == 0:
        return str(x)
    return _formatted(call_runtime(unicode_type, "cantil_rt_format_int", cast(x, uint64), False, format_spec))


@overload(format)
def format_whole(x: Integer, format_spec: Str):
    return _formatted(call_runtime(unicode_type, "cantil_rt_format_int", _magnitude(x), x < 0, format_spec))


@overload(format)
def format_float(x: Float, format_spec: Str):
    if len(format_spec) == 0:
        return str(x)
    return _formatted(call_runtime(unicode_type, "cantil_rt_format_float", cast(x, float64), format_spec))


@overload(format)
def format_complex(x: Complex, format_spec: Str):
    if len(format_spec) == 0:
        return str(x)
    re = cast(x.real, float64)
    im = cast(x.imag, float64)
    return _formatted(call_runtime(unicode_type, "cantil_rt_format_complex", re, im, format_spec))


@overload(format)
def format_other(x: Any, format_spec: Str):
    if len(format_spec) > 0:
        raise TypeError("unsupported format string passed to " + _class_name(x) + ".__format__")
    return str(x)


def _class_name(x):
    if is_class(type_of(x), "Tuple"):
        return "tuple"
    elif is_class(type_of(x), "List"):
        return "list"
    elif is_class(type_of(x), "Dict"):
        return "dict"
    elif is_class(type_of(x), "Set"):
        return "set"
    elif is_class(type_of(x), "Range"):
        return "range"
    elif is_class(type_of(x), "Bytes"):
        return "bytes"
    else:
        return "NoneType"
