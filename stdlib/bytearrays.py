"""bytearray: a list of bytes, in a list's form (lists.py); bytes and bytearray made of other things."""

import operator

import numpy as np
from cantil.library import (
    buffer_data,
    bytearray_of,
    bytes_array,
    bytes_type,
    call_runtime,
    cast,
    inplace_Add,
    inplace_Mult,
    is_null,
    itemsize_of,
    new_buffer,
    new_object,
    overload,
    pointer_to,
    primitive,
    primitive_as,
    slice_bounds,
    slice_part,
    slice_unit,
)

from stdlib.lists import _move, _place, _reserve


def _new(n):
    r = new_object(bytearray_of())
    r.items = new_buffer(uint8, n)
    r.capacity = n
    r.size = n
    return r


def _byte(x):
    v = cast(x, int64)
    if v < 0 or v > 255:
        raise ValueError("byte must be in range(0, 256)")
    return cast(v, uint8)


def _address(b):
    """Where the bytes are."""
    if isinstance(b, bytes):
        return primitive_as(pointer_to(uint8), "owner.data", b)
    else:
        return buffer_data(b.items, 0)


def _of(b):
    """A bytearray of bytes."""
    n = len(b)
    r = _new(n)
    if n > 0:
        primitive("mem.copy", buffer_data(r.items, 0), _address(b), n)
    return r


@overload(bytearray)
def bytearray_nothing():
    return _new(0)


@overload(bytearray)
def bytearray_size(x: Whole):
    """Zeros, or bytes and the numbers of an iterable copied.

    >>> (bytearray(3), bytearray(b"abc"), bytearray([1, k]))
    """
    n = cast(x, int64)
    if n < 0:
        raise ValueError("negative count")
    r = _new(n)
    if n > 0:
        primitive("mem.set", buffer_data(r.items, 0), cast(0, int8), n)
    return r


@overload(bytearray)
def bytearray_bytes(x: BytesLike):
    return _of(x)


@overload(bytearray)
def bytearray_text(x: Str, encoding: Str, errors: Str = "strict"):
    return _of(x.encode(encoding, errors))


@overload(bytearray)
def bytearray_items(x: List | Tuple | Range | Set | Array1):
    r = _new(0)
    for v in x:
        r.append(v)
    return r


@overload(bytes)
def bytes_nothing():
    return b""


@overload(bytes)
def bytes_size(x: Whole):
    """Zeros, or bytes and the numbers of an iterable copied.

    >>> (bytes(3), bytes(bytearray(b"abc")), bytes([1, k]), bytes((1, 2)))
    """
    n = cast(x, int64)
    if n < 0:
        raise ValueError("negative count")
    r = call_runtime(bytes_type, "cantil_rt_bytes_zeros", n)
    if is_null(r):
        raise MemoryError
    return r


@overload(bytes)
def bytes_same(x: Bytes):
    return x


@overload(bytes)
def bytes_copy(x: ByteArray):
    return call_runtime(bytes_type, "cantil_rt_bytes_from", buffer_data(x.items, 0), x.size)


@overload(bytes)
def bytes_text(x: Str, encoding: Str, errors: Str = "strict"):
    return x.encode(encoding, errors)


@overload(bytes)
def bytes_array_of(x: Array):
    return x.tobytes()


def _bytes_byte(x):
    v = cast(x, int64)
    if v < 0 or v > 255:
        raise ValueError("bytes must be in range(0, 256)")
    return cast(v, uint8)


@overload(bytes)
def bytes_items(x: List | Tuple | Range | Set):
    r = _new(0)
    for v in x:
        r.append(_bytes_byte(v))
    return bytes(r)


@overload("method:array.tobytes")
def tobytes(self: Array, order: LiteralStr | NoneType = "C"):
    """The memory of the elements, in C order.

    >>> (a.tobytes(), m[::2, 1:].tobytes(), t.tobytes())
    """
    c = np.ascontiguousarray(self)
    size = itemsize_of(self.dtype)
    return call_runtime(bytes_type, "cantil_rt_bytes_from", _array_data(c), c.size * size)


def _array_data(a):
    return primitive_as(pointer_to(a.dtype), "array.data", a)


@overload(np.frombuffer)
def frombuffer(buffer: BytesLike, dtype: Type = float64, count: Whole = -1, offset: Whole = 0):
    """An array over bytes, which are not copied.

    >>> np.frombuffer(b"\\x01\\x02\\x03\\x04", np.uint8)
    """
    size = itemsize_of(dtype)
    n = len(buffer)
    start = cast(offset, int64)
    if start < 0 or start > n:
        raise ValueError("offset must be non-negative and no greater than buffer length")
    left = n - start
    if count < 0:
        if left % size != 0:
            raise ValueError("buffer size must be a multiple of element size")
        items = left // size
    else:
        items = cast(count, int64)
        if items * size > left:
            raise ValueError("buffer is smaller than requested size")
    if start == 0:
        return bytes_array(buffer, dtype, items)
    return bytes_array(buffer, dtype, start // size + items)[start // size :]


# What lists have.


@overload(operator.getitem)
def getitem(self: ByteArray, index: Whole):
    """A byte.

    >>> bytearray(b"abc")[-1]
    """
    k = _place(index, self.size)
    if cast(k, uint64) >= cast(self.size, uint64):
        raise IndexError("bytearray index out of range")
    return cast(self.items[k], int64)


@overload(operator.setitem)
def setitem(self: ByteArray, index: Whole, x: Whole):
    k = _place(index, self.size)
    v = _byte(x)
    if cast(k, uint64) >= cast(self.size, uint64):
        raise IndexError("bytearray index out of range")
    self.items[k] = v


def _bounds(s, n):
    step = slice_part(s, 2)
    if step is None:
        start, length = slice_unit(slice_part(s, 0), slice_part(s, 1), 1, n)
        return start, 1, length
    else:
        start, length = slice_bounds(slice_part(s, 0), slice_part(s, 1), step, n)
        return start, step, length


@overload(operator.getitem)
def getitem_slice(self: ByteArray, s: Slice):
    start, step, length = _bounds(s, self.size)
    r = _new(length)
    for i in range(length):
        r.items[i] = self.items[start + i * step]
    return r


@overload(operator.setitem)
def setitem_slice(self: ByteArray, s: Slice, value: BytesLike):
    n = self.size
    start, step, length = _bounds(s, n)
    new = _of(value)  # it may be this one
    m = new.size
    if slice_part(s, 2) is None or step == 1:
        r = _new(n - length + m)
        for i in range(start):
            r.items[i] = self.items[i]
        for i in range(m):
            r.items[start + i] = new.items[i]
        for i in range(n - start - length):
            r.items[start + m + i] = self.items[start + length + i]
        self.items = r.items
        self.capacity = r.capacity
        self.size = r.size
    else:
        if m != length:
            raise ValueError(f"attempt to assign bytes of size {m} to extended slice of size {length}")
        for i in range(m):
            self.items[start + i * step] = new.items[i]


@overload(operator.delitem)
def delitem(self: ByteArray, index: Whole):
    k = _place(index, self.size)
    if cast(k, uint64) >= cast(self.size, uint64):
        raise IndexError("bytearray index out of range")
    _move(self.items, k, self.items, k + 1, self.size - 1 - k)
    self.size = self.size - 1


@overload("method:bytearray.append")
def append(self: ByteArray, x: Whole):
    """Adds a byte at the end.

    >>> ((v := bytearray(b"ab")), v.append(k))[0]
    """
    v = _byte(x)
    n = self.size
    _reserve(self, n + 1)
    self.items[n] = v
    self.size = n + 1


@overload("method:bytearray.extend")
def extend_bytes(self: ByteArray, x: BytesLike):
    """Adds bytes at the end.

    >>> ((v := bytearray(b"ab")), v.extend(b"cd"))[0]
    """
    n = self.size
    m = len(x)
    _reserve(self, n + m)
    if m > 0:
        primitive("mem.copy", buffer_data(self.items, n), _address(x), m)
    self.size = n + m


@overload("method:bytearray.extend")
def extend(self: ByteArray, x: List | Tuple | Range | Array1):
    for v in x:
        self.append(v)


@overload(inplace_Add)
def inplace_add(self: ByteArray, other: BytesLike):
    self.extend(other)


@overload(inplace_Mult)
def inplace_mul(self: ByteArray, times: Whole):
    r = self * times
    self.items = r.items
    self.capacity = r.capacity
    self.size = r.size


@overload("method:bytearray.insert")
def insert(self: ByteArray, index: Whole, x: Whole):
    """Puts a byte before the one at an index.

    >>> ((v := bytearray(b"ab")), v.insert(1, k))[0]
    """
    v = _byte(x)
    n = self.size
    at = min(max(_place(index, n), 0), n)
    _reserve(self, n + 1)
    _move(self.items, at + 1, self.items, at, n - at)
    self.items[at] = v
    self.size = n + 1


@overload("method:bytearray.pop")
def pop(self: ByteArray, index: Whole = -1):
    """Takes out a byte.

    >>> bytearray(b"abc").pop(1)
    """
    n = self.size
    if n == 0:
        raise IndexError("pop from empty bytearray")
    at = _place(index, n)
    if cast(at, uint64) >= cast(n, uint64):
        raise IndexError("pop index out of range")
    x = cast(self.items[at], int64)
    _move(self.items, at, self.items, at + 1, n - 1 - at)
    self.size = n - 1
    return x


@overload("method:bytearray.remove")
def remove(self: ByteArray, x: Whole):
    """Takes out the first byte of a value.

    >>> ((v := bytearray(b"abc")), v.remove(98))[0]
    """
    at = bytes(self).find(_byte(x))
    if at < 0:
        raise ValueError("value not found in bytearray")
    self.pop(at)


@overload("method:bytearray.reverse")
def reverse(self: ByteArray):
    """Turns the order round.

    >>> ((v := bytearray(b"abc")), v.reverse())[0]
    """
    n = self.size
    for i in range(n // 2):
        x = self.items[i]
        self.items[i] = self.items[n - 1 - i]
        self.items[n - 1 - i] = x


@overload("method:bytearray.clear")
def clear(self: ByteArray):
    """Takes out all bytes.

    >>> ((v := bytearray(b"abc")), v.clear())[0]
    """
    self.size = 0


@overload("method:bytearray.copy")
def copy(self: ByteArray):
    """A new one of the same bytes.

    >>> bytearray(b"abc").copy()
    """
    return _of(self)


@overload(operator.add)
def add(a: ByteArray, b: BytesLike):
    r = _of(a)
    r.extend(b)
    return r


@overload(operator.add)
def add_to_bytes(a: Bytes, b: ByteArray):
    return a + bytes(b)


@overload(operator.mul)
def mul(a: ByteArray, times: Whole):
    return _of(bytes(a) * times)


@overload(operator.mul)
def rmul(times: Whole, a: ByteArray):
    return a * times


@overload(operator.eq)
def eq(a: ByteArray, b: BytesLike):
    return bytes(a) == bytes(b)


@overload(operator.eq)
def eq_bytes(a: Bytes, b: ByteArray):
    return a == bytes(b)


@overload(operator.ne)
def ne(a: ByteArray, b: BytesLike):
    return bytes(a) != bytes(b)


@overload(operator.ne)
def ne_bytes(a: Bytes, b: ByteArray):
    return a != bytes(b)


@overload(operator.lt)
def lt(a: ByteArray, b: BytesLike):
    return bytes(a) < bytes(b)


@overload(operator.le)
def le(a: ByteArray, b: BytesLike):
    return bytes(a) <= bytes(b)


@overload(operator.gt)
def gt(a: ByteArray, b: BytesLike):
    return bytes(a) > bytes(b)


@overload(operator.ge)
def ge(a: ByteArray, b: BytesLike):
    return bytes(a) >= bytes(b)


@overload(operator.contains)
def contains(a: ByteArray, x: Bytes | Whole):
    return x in bytes(a)


@overload(bool)
def to_bool(a: ByteArray):
    return a.size != 0


@overload(str)
def str_bytearray(x: ByteArray):
    return "bytearray(" + repr(bytes(x)) + ")"


@overload("method:bytearray.decode")
def decode(self: ByteArray, encoding: Str = "utf-8", errors: Str = "strict"):
    """As str.

    >>> bytearray(b"abc").decode()
    """
    return bytes(self).decode(encoding, errors)
