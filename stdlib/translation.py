"""str.translate() and its tables; integers as bytes and back."""

from cantil.library import (
    bytes_type,
    call_runtime,
    cast,
    is_class,
    is_null,
    overload,
    pointer_to,
    primitive_as,
    type_of,
)


def _translated(c, to):
    """What a table has for a character."""
    if is_class(type_of(to), "Whole"):
        return chr(to)
    elif is_class(type_of(to), "NoneType"):
        return ""
    elif is_class(type_of(to), "Optional"):
        if to is None:
            return ""
        return _translated(c, to)
    else:
        return to


@overload("method:str.translate")
def translate(self: Str, table: Dict):
    """With each character replaced by what a table from code points has for it.

    >>> text.translate({ord("n"): "N!", ord("o"): ""})
    """
    parts = [""]
    for c in self:
        k = ord(c)
        if k in table:
            parts.append(_translated(c, table[k]))
        else:
            parts.append(c)
    return "".join(parts)


@overload(str.maketrans)
def maketrans_pairs(x: Str, y: Str):
    """A table for translate().

    >>> text.translate(str.maketrans("nd", "ND"))
    """
    if len(x) != len(y):
        raise ValueError("the first two maketrans arguments must have equal length")
    table = {}
    for i in range(len(x)):
        table[ord(x[i])] = ord(y[i])
    return table


@overload(str.maketrans)
def maketrans_removed(x: Str, y: Str, z: Str):
    if len(x) != len(y):
        raise ValueError("the first two maketrans arguments must have equal length")
    table = {}
    for i in range(len(x)):
        table[ord(x[i])] = y[i]
    for c in z:
        table[ord(c)] = ""
    return table


@overload(str.maketrans)
def maketrans_dict(x: Dict):
    first = [k for k in x]
    if len(first) > 0 and isinstance(first[0], str):
        return {ord(k): v for k, v in x.items()}
    else:
        return {k: v for k, v in x.items()}


@overload("method:number.to_bytes")
def to_bytes(self: Whole, length: Whole = 1, byteorder: Str = "big", signed: Whole = False):
    """An integer as bytes.

    >>> ((k * 1000).to_bytes(4, "little"), (-k).to_bytes(2, "big", signed=True))
    """
    little = byteorder == "little"
    if not little and byteorder != "big":
        raise ValueError("byteorder must be either 'little' or 'big'")
    n = cast(length, int64)
    if n < 0:
        raise ValueError("length argument must be non-negative")
    negative = self < 0
    if negative and not signed:
        raise OverflowError("can't convert negative int to unsigned")
    x = cast(self, int64)
    if n < 8:
        bits = 8 * n
        if signed:
            fits = x == 0 or x == -1 if n == 0 else x >> (bits - 1) == (-1 if negative else 0)
        else:
            fits = cast(self, uint64) >> cast(bits, uint64) == cast(0, uint64)
        if not fits:
            raise OverflowError("int too big to convert")
    r = call_runtime(bytes_type, "cantil_rt_bytes_zeros", n)
    if is_null(r):
        raise MemoryError
    to = primitive_as(pointer_to(uint8), "owner.data", r)
    for i in range(n):
        byte = cast(x >> (8 * i), uint8) if i < 8 else cast(255 if negative else 0, uint8)
        at = i if little else n - 1 - i
        primitive_as(None, "store", primitive_as(pointer_to(uint8), "ptr.index", to, at), byte)
    return r


@overload(int.from_bytes)
def from_bytes(bytes: BytesLike, byteorder: Str = "big", signed: Whole = False):
    """The integer that bytes say.

    >>> (int.from_bytes(b"\\x01\\x02", "little"), int.from_bytes(b"\\xff\\x02", "big", signed=True))
    """
    little = byteorder == "little"
    if not little and byteorder != "big":
        raise ValueError("byteorder must be either 'little' or 'big'")
    n = len(bytes)
    r = cast(0, uint64)
    sign = n > 0 and bytes[n - 1 if little else 0] >= 128 and signed
    for i in range(n):
        byte = bytes[i if little else n - 1 - i]
        if i < 8:
            r |= cast(byte, uint64) << cast(8 * i, uint64)
        elif byte != (255 if sign else 0):
            raise OverflowError("int too large to convert to int64")
    if sign:
        if n < 8:
            r |= cast(-1, uint64) << cast(8 * n, uint64)
        elif cast(r, int64) >= 0:
            raise OverflowError("int too large to convert to int64")
    elif cast(r, int64) < 0:
        raise OverflowError("int too large to convert to int64")
    return cast(r, int64)
