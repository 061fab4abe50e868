"""bytes: immutable rows of bytes, in the form of a str whose characters take one byte (device_runtime/text)."""

import operator

from cantil.library import (
    bytes_type,
    call_runtime,
    cast,
    is_null,
    overload,
    pointer_to,
    primitive_as,
    primitive_at,
    slice_bounds,
    slice_part,
    slice_unit,
    unicode_type,
)

_END = 9223372036854775807


def _made(r):
    if is_null(r):
        raise MemoryError
    return r


def _bound(i, otherwise):
    if i is None:
        return otherwise
    else:
        return cast(i, int64)


@overload(operator.eq)
def eq(a: Bytes, b: Bytes):
    return call_runtime(bool, "cantil_rt_text_equal", a, b)


@overload(operator.ne)
def ne(a: Bytes, b: Bytes):
    return not call_runtime(bool, "cantil_rt_text_equal", a, b)


@overload(operator.lt)
def lt(a: Bytes, b: Bytes):
    return call_runtime(int64, "cantil_rt_text_compare", a, b) < 0


@overload(operator.le)
def le(a: Bytes, b: Bytes):
    return call_runtime(int64, "cantil_rt_text_compare", a, b) <= 0


@overload(operator.gt)
def gt(a: Bytes, b: Bytes):
    return call_runtime(int64, "cantil_rt_text_compare", a, b) > 0


@overload(operator.ge)
def ge(a: Bytes, b: Bytes):
    return call_runtime(int64, "cantil_rt_text_compare", a, b) >= 0


@overload(operator.add)
def add(a: Bytes, b: Bytes):
    return _made(call_runtime(bytes_type, "cantil_rt_text_append", a, b))


@overload(operator.mul)
def mul(a: Bytes, times: Whole):
    return _made(call_runtime(bytes_type, "cantil_rt_text_repeat", a, cast(times, int64)))


@overload(operator.mul)
def rmul(times: Whole, a: Bytes):
    return a * times


@overload(operator.contains)
def contains(a: Bytes, b: Bytes):
    return call_runtime(int64, "cantil_rt_text_find", a, b, 0, _END) >= 0


@overload(operator.contains)
def contains_whole(a: Bytes, b: Whole):
    return a.find(b) >= 0


@overload(operator.getitem)
def getitem(s: Bytes, index: Whole):
    """A byte.

    >>> b"abc"[-1]
    """
    n = len(s)
    i = cast(index, int64)
    if i < 0:
        i += n
    if cast(i, uint64) >= cast(n, uint64):
        raise IndexError("index out of range")
    return call_runtime(int64, "cantil_rt_text_ord", s, i)


@overload(operator.getitem)
def getitem_slice(s: Bytes, part: Slice):
    step = slice_part(part, 2)
    if step is None:
        start, length = slice_unit(slice_part(part, 0), slice_part(part, 1), 1, len(s))
        return _made(call_runtime(bytes_type, "cantil_rt_text_slice", s, start, 1, length))
    else:
        start, length = slice_bounds(slice_part(part, 0), slice_part(part, 1), step, len(s))
        return _made(call_runtime(bytes_type, "cantil_rt_text_slice", s, start, step, length))


@overload(hash)
def hash_bytes(s: Bytes):
    return call_runtime(int64, "cantil_rt_text_hash", s)


@overload(ord)
def ord_bytes(c: Bytes):
    if len(c) != 1:
        n = len(c)
        raise TypeError(f"ord() expected a character, but string of length {n} found")
    return call_runtime(int64, "cantil_rt_text_ord", c, 0)


@overload(str)
def str_bytes(x: Bytes):
    return call_runtime(unicode_type, "cantil_rt_bytes_repr", x)


# Encoding.


def _errors(name):
    if name == "strict":
        return 0
    if name == "ignore":
        return 1
    if name == "replace":
        return 2
    if name == "backslashreplace":
        return 3
    if name == "xmlcharrefreplace":
        return 4
    if name == "surrogateescape":
        return 5
    if name == "surrogatepass":
        return 6
    raise LookupError(f"unknown error handler name '{name}'")


def _encoding(name):
    e = call_runtime(int64, "cantil_rt_encoding_number", name)
    if e < 0:
        raise LookupError(f"unknown encoding: {name}")
    return e


def _encoding_name(e):
    return "utf-8" if e == 0 else "ascii" if e == 1 else "latin-1"


@overload("method:str.encode")
def encode(self: Str, encoding: Str = "utf-8", errors: Str = "strict"):
    """As bytes.

    >>> (text.encode(), text.encode("ascii", "backslashreplace"))
    """
    e = _encoding(encoding)
    at = primitive_at(pointer_to(int64), "local.array", 3)
    r = call_runtime(bytes_type, "cantil_rt_text_encode", self, e, _errors(errors), at)
    if is_null(r):
        start = primitive_as(int64, "load", at)
        end = primitive_as(int64, "load", primitive_as(pointer_to(int64), "ptr.index", at, 1))
        reason = "surrogates not allowed"
        if e == 1:
            reason = "ordinal not in range(128)"
        elif e == 2:
            reason = "ordinal not in range(256)"
        raise UnicodeEncodeError(_encoding_name(e), self, start, end, reason)
    return r


@overload("method:bytes.decode")
def decode(self: Bytes, encoding: Str = "utf-8", errors: Str = "strict"):
    """As str.

    >>> text.encode().decode("utf-8")
    """
    e = _encoding(encoding)
    at = primitive_at(pointer_to(int64), "local.array", 3)
    r = call_runtime(unicode_type, "cantil_rt_bytes_decode", self, e, _errors(errors), at)
    if is_null(r):
        start = primitive_as(int64, "load", at)
        end = primitive_as(int64, "load", primitive_as(pointer_to(int64), "ptr.index", at, 1))
        why = primitive_as(int64, "load", primitive_as(pointer_to(int64), "ptr.index", at, 2))
        reason = "ordinal not in range(128)"
        if why == 2:
            reason = "invalid start byte"
        elif why == 3:
            reason = "invalid continuation byte"
        elif why == 4:
            reason = "unexpected end of data"
        raise UnicodeDecodeError(_encoding_name(e), self, start, end, reason)
    return r


@overload(str)
def str_of_bytes(x: Bytes, encoding: Str, errors: Str = "strict"):
    return x.decode(encoding, errors)
