"""Lists: an object with how many items there are, and a buffer with room for more."""

import operator

from cantil.library import (
    buffer_data,
    call_runtime,
    cast,
    check_unpack,
    element_type,
    inplace_Add,
    inplace_Mult,
    is_counted,
    itemsize_of,
    list_of,
    new_buffer,
    new_list,
    new_object,
    overload,
    primitive,
    same_type,
    slice_bounds,
    slice_part,
    slice_unit,
    type_of,
    unsupported,
)


@overload(new_list)
def _new_list(T: Type, capacity: Whole):
    a = new_object(list_of(T))
    if capacity > 0:
        a.items = new_buffer(T, capacity)
        a.capacity = capacity
    return a


def _like(a, capacity):
    """A list of the same type: of compiled code's own, or a typed one."""
    r = new_object(type_of(a))
    if capacity > 0:
        r.items = new_buffer(element_type(a), capacity)
        r.capacity = capacity
    return r


def _move(to, i, source, j, n):
    """Items of one buffer into free places of another, or of the same."""
    size = itemsize_of(element_type(to))
    if n > 0:
        if is_counted(element_type(to)) or same_type(type_of(to), type_of(source)):
            call_runtime(None, "cantil_rt_move", buffer_data(to, i), buffer_data(source, j), n * size)


def _grow(a, capacity):
    items = new_buffer(element_type(a), capacity)
    if is_counted(element_type(a)):
        _move(items, 0, a.items, 0, a.size)
    elif a.size > 0:
        primitive(
            "mem.copy", buffer_data(items, 0), buffer_data(a.items, 0), a.size * itemsize_of(element_type(a))
        )
    a.items = items
    a.capacity = capacity


def _reserve(a, size):
    """Room for `size` items, and for more where the list had to grow."""
    if size > a.capacity:
        _grow(a, size + (size >> 1) + 4)


def _copy_items(to, i, source, j, n):
    for k in range(n):
        to[i + k] = source[j + k]


def _place(i, n):
    """A signed index, negative ones counted from the end."""
    k = cast(i, int64)
    if k < 0:
        k += n
    return k


def _inside(k, n):
    return cast(k, uint64) < cast(n, uint64)


@overload("method:list.append")
def append(self: List, x: Any):
    """Adds an item at the end.

    >>> ((v := [3, k, 2, l]), v.append(l))[0]
    """
    n = self.size
    if n >= self.capacity:
        _grow(self, n + (n >> 1) + 4)
    self.items[n] = x
    self.size = n + 1


@overload("method:list.insert")
def insert(self: List, index: Whole, x: Any):
    """Puts an item before the one at an index.

    >>> ((v := [3, k, 2, l]), v.insert(1, l))[0]
    """
    n = self.size
    k = min(max(_place(index, n), 0), n)
    _reserve(self, n + 1)
    _move(self.items, k + 1, self.items, k, n - k)
    self.items[k] = x
    self.size = n + 1


def _remove_at(self, k):
    n = self.size
    if is_counted(element_type(self)):
        hole = new_buffer(element_type(self), 1)
        _move(hole, 0, self.items, k, 1)
    _move(self.items, k, self.items, k + 1, n - 1 - k)
    self.size = n - 1


@overload("method:list.pop")
def pop_last(self: List):
    """Takes out the last item, or the one at an index.

    >>> [3, k, 2].pop(1)
    """
    if self.size == 0:
        raise IndexError("pop from empty list")
    k = self.size - 1
    x = self.items[k]
    _remove_at(self, k)
    return x


@overload("method:list.pop")
def pop_at(self: List, index: Whole):
    if self.size == 0:
        raise IndexError("pop from empty list")
    k = _place(index, self.size)
    if not _inside(k, self.size):
        raise IndexError("pop index out of range")
    x = self.items[k]
    _remove_at(self, k)
    return x


@overload("method:list.clear")
def clear(self: List):
    """Takes out all items.

    >>> ((v := [3, k, 2, l]), v.clear())[0]
    """
    self.size = 0
    self.capacity = 0
    self.items = new_buffer(element_type(self), 0)


@overload("method:list.copy")
def copy(self: List):
    """A new list of the same items.

    >>> [3, k, 2].copy()
    """
    n = self.size
    r = _like(self, n)
    _copy_items(r.items, 0, self.items, 0, n)
    r.size = n
    return r


@overload("method:list.reverse")
def reverse(self: List):
    """Turns the order round.

    >>> ((v := [3, k, 2, l]), v.reverse())[0]
    """
    n = self.size
    items = self.items
    for i in range(n // 2):
        x = items[i]
        items[i] = items[n - 1 - i]
        items[n - 1 - i] = x


@overload("method:list.count")
def count(self: List, x: Any):
    """How many items are equal to a value.

    >>> [3, k, 2, k].count(k)
    """
    r = 0
    for y in self:
        if y == x:
            r += 1
    return r


@overload("method:list.index")
def index(self: List, x: Any, start: Whole = 0, stop: Whole = 9223372036854775807):
    """Where the first item that is equal to a value stands.

    >>> [3, k, 2, k].index(k, 2)
    """
    n = self.size
    first = max(_place(start, n), 0)
    last = min(_place(stop, n), n)
    for k in range(first, last):
        if k < self.size and self.items[k] == x:
            return k
    raise ValueError("list.index(x): x not in list")


@overload("method:list.remove")
def remove(self: List, x: Any):
    """Takes out the first item that is equal to a value.

    >>> ((v := [3, k, 2, l]), v.remove(k))[0]
    """
    for k in range(self.size):
        if self.items[k] == x:
            _remove_at(self, k)
            return
    raise ValueError("list.remove(x): x not in list")


@overload("method:list.extend")
def extend_list(self: List, other: List):
    """Adds the items of another iterable at the end.

    >>> ((v := [3, k, 2, l]), v.extend([l, k]))[0]
    """
    n = self.size
    m = other.size
    _reserve(self, n + m)
    _copy_items(self.items, n, other.items, 0, m)
    self.size = n + m


@overload("method:list.extend")
def extend(self: List, other: Array1 | Range | Tuple):
    for x in other:
        self.append(x)


@overload(inplace_Add)
def inplace_add(self: List, other: List | Array1 | Range | Tuple):
    self.extend(other)


@overload(inplace_Mult)
def inplace_mul(self: List, times: Whole):
    n = self.size
    m = max(cast(times, int64), 0)
    if m == 0:
        self.clear()
    else:
        _reserve(self, n * m)
        for k in range(1, m):
            _copy_items(self.items, n * k, self.items, 0, n)
        self.size = n * m


@overload(operator.getitem)
def getitem(self: List, index: Whole):
    """An item.

    >>> [3, k, 2][-1]
    """
    k = _place(index, self.size)
    if not _inside(k, self.size):
        raise IndexError("list index out of range")
    return self.items[k]


@overload(operator.setitem)
def setitem(self: List, index: Whole, x: Any):
    """An item replaced.

    >>> ((v := [3, k, 2, l]), operator.setitem(v, -2, l))[0]
    """
    k = _place(index, self.size)
    if not _inside(k, self.size):
        raise IndexError("list assignment index out of range")
    self.items[k] = x


@overload(operator.delitem)
def delitem(self: List, index: Whole):
    """An item taken out.

    >>> ((v := [3, k, 2, l]), operator.delitem(v, 1))[0]
    """
    k = _place(index, self.size)
    if not _inside(k, self.size):
        raise IndexError("list assignment index out of range")
    _remove_at(self, k)


def _bounds(s, n):
    """(start, step, length) of a slice over n items."""
    step = slice_part(s, 2)
    if step is None:
        start, length = slice_unit(slice_part(s, 0), slice_part(s, 1), 1, n)
        return start, 1, length
    else:
        start, length = slice_bounds(slice_part(s, 0), slice_part(s, 1), step, n)
        return start, step, length


@overload(operator.getitem)
def getitem_slice(self: List, s: Slice):
    start, step, length = _bounds(s, self.size)
    r = _like(self, length)
    for i in range(length):
        r.items[i] = self.items[start + i * step]
    r.size = length
    return r


@overload(operator.delitem)
def delitem_slice(self: List, s: Slice):
    n = self.size
    start, step, length = _bounds(s, n)
    if length > 0:
        if step < 0:
            start += (length - 1) * step
            step = -step
        r = _like(self, n - length)
        at = 0
        for k in range(n):
            gone = k >= start and (k - start) % step == 0 and (k - start) // step < length
            if not gone:
                r.items[at] = self.items[k]
                at += 1
        self.items = r.items
        self.capacity = n - length
        self.size = n - length


@overload(operator.setitem)
def setitem_slice(self: List, s: Slice, value: List):
    n = self.size
    m = value.size
    start, step, length = _bounds(s, n)
    new = value.copy()  # it may be this list
    if slice_part(s, 2) is None or step == 1:
        r = _like(self, n - length + m)
        _copy_items(r.items, 0, self.items, 0, start)
        _copy_items(r.items, start, new.items, 0, m)
        _copy_items(r.items, start + m, self.items, start + length, n - start - length)
        self.items = r.items
        self.capacity = n - length + m
        self.size = n - length + m
    else:
        if m != length:
            raise ValueError(f"attempt to assign sequence of size {m} to extended slice of size {length}")
        for i in range(m):
            self.items[start + i * step] = new.items[i]


@overload(operator.add)
def add(a: List, b: List):
    """Both lists' items, one after another.

    >>> [3, k] + [l]
    """
    n = a.size
    m = b.size
    if not same_type(element_type(a), element_type(b)):
        unsupported("lists of different element types cannot be concatenated")
    r = _like(a, n + m)
    _copy_items(r.items, 0, a.items, 0, n)
    _copy_items(r.items, n, b.items, 0, m)
    r.size = n + m
    return r


@overload(operator.mul)
def mul(a: List, times: Whole):
    """The items several times.

    >>> [3, k] * l
    """
    n = a.size
    m = max(cast(times, int64), 0)
    r = _like(a, n * m)
    for k in range(m):
        _copy_items(r.items, n * k, a.items, 0, n)
    r.size = n * m
    return r


@overload(operator.mul)
def rmul(times: Whole, a: List):
    return a * times


@overload(operator.eq)
def eq(a: List, b: List):
    """Whether all items are equal.

    >>> [3, k] == [3, k]
    """
    if a.size != b.size:
        return False
    for i in range(a.size):
        if not a.items[i] == b.items[i]:
            return False
    return True


@overload(operator.ne)
def ne(a: List, b: List):
    """Whether the lists differ.

    >>> [3, k] != [3, l]
    """
    return not a == b


def _less(a, b, if_equal):
    n = min(a.size, b.size)
    for i in range(n):
        x = a.items[i]
        y = b.items[i]
        if not x == y:
            return x < y
    if a.size == b.size:
        return if_equal
    return a.size < b.size


@overload(operator.lt)
def lt(a: List, b: List):
    """The first items that differ decide.

    >>> [3, k] < [3, l]
    """
    return _less(a, b, False)


@overload(operator.le)
def le(a: List, b: List):
    """The first items that differ decide.

    >>> [3, k] <= [3, l]
    """
    return _less(a, b, True)


@overload(operator.gt)
def gt(a: List, b: List):
    """The first items that differ decide.

    >>> [3, k] > [3, l]
    """
    return _less(b, a, False)


@overload(operator.ge)
def ge(a: List, b: List):
    """The first items that differ decide.

    >>> [3, k] >= [3, l]
    """
    return _less(b, a, True)


@overload(operator.contains)
def contains(self: List, x: Any):
    """Whether an item is equal to a value.

    >>> k in [3, k, 2]
    """
    for y in self:
        if y == x:
            return True
    return False


@overload(bool)
def to_bool(self: List):
    return self.size != 0


@overload(check_unpack)
def _check_unpack(a: List, n: Whole):
    if a.size > n:
        raise ValueError(f"too many values to unpack (expected {n})")
    if a.size < n:
        raise ValueError(f"not enough values to unpack (expected {n}, got {a.size})")
