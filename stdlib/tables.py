"""Dicts and sets: rows of entries in the order of insertion, and an index of places into them by hash.

The hash kept with an entry is not negative; -1 marks one that is gone, -2 one whose hash is not known yet.
"""

import operator

from cantil.library import (
    buffer_data,
    call_runtime,
    cast,
    element_type,
    is_class,
    is_counted,
    item_type,
    itemsize_of,
    new_buffer,
    new_object,
    overload,
    primitive_as,
    table_hash,
    type_of,
    unsupported,
)


def _mix(x):
    """Any 64 bits, spread over the 63 lower ones."""
    x ^= x >> cast(32, uint64)
    x *= cast(-7046029254386353131, uint64)
    x ^= x >> cast(29, uint64)
    return cast(x & cast(9223372036854775807, uint64), int64)


@overload(table_hash)
def hash_whole(x: Whole):
    # As it is: keys in a row then stand in a row, and the probing below takes all of it in.
    return cast(x, int64) & 9223372036854775807


@overload(table_hash)
def hash_real(x: Float):
    return _mix(cast(primitive_as(int64, "bitcast", cast(x, float64) + 0.0), uint64))  # -0.0 is 0.0


@overload(table_hash)
def hash_complex(x: Complex):
    return _mix(cast(table_hash(x.real) * 31 + table_hash(x.imag), uint64))


@overload(table_hash)
def hash_tuple(x: Tuple):
    if len(x) == 0:
        return 1
    else:
        return _mix(cast(table_hash(x[0]) * 1000003 + table_hash(x[1:]), uint64))


@overload(table_hash)
def hash_text(x: Text):
    return call_runtime(int64, "cantil_rt_text_hash", x) & 9223372036854775807


@overload(table_hash)
def hash_nothing(x: NoneType):
    return 1


@overload(table_hash)
def hash_other(x: Any):
    unsupported("a key must be a number, a str, bytes, or a tuple of those")
    return 0


def _key_error(key):
    if is_class(type_of(key), "Number") or is_class(type_of(key), "Text") or is_class(type_of(key), "Tuple"):
        raise KeyError(key)
    else:
        raise KeyError


def _rebuild(t, places):
    """Rows and an index with that many places, a power of 2, without the entries that are gone."""
    capacity = (places >> 1) + (places >> 3)
    if places > 1 << 30:
        raise MemoryError
    mask = places - 1
    index = new_buffer(int32, places)
    for i in range(places):
        index[i] = -1
    hashes = new_buffer(int64, capacity)
    keys = new_buffer(element_type(t), capacity)
    at = 0
    for i in range(t.used):
        h = t.hashes[i]
        if h != -1:
            if h == -2:
                h = table_hash(t.keys[i])
            hashes[at] = h
            keys[at] = t.keys[i]
            place = h & mask
            rest = h
            while index[place] >= 0:
                rest >>= 5
                place = (place * 5 + rest + 1) & mask
            index[place] = cast(at, int32)
            at += 1
    if isinstance(t, dict):
        items = new_buffer(item_type(t), capacity)
        k = 0
        for i in range(t.used):
            if t.hashes[i] != -1:
                items[k] = t.items[i]
                k += 1
        t.items = items
    t.index = index
    t.hashes = hashes
    t.keys = keys
    t.used = at
    t.capacity = capacity
    t.mask = mask


def _reserve(t, size):
    places = 8
    while (places >> 1) + (places >> 3) < size:
        places *= 2
    _rebuild(t, places)


def _find(t, key, h):
    """The entry's number, or -1."""
    if t.mask == 0:
        if t.used == 0:
            return -1
        _reserve(t, t.used)
    mask = t.mask
    place = h & mask
    rest = h
    while True:
        e = cast(t.index[place], int64)
        if e == -1:
            return -1
        if e >= 0 and t.hashes[e] == h and t.keys[e] == key:
            return e
        rest >>= 5
        place = (place * 5 + rest + 1) & mask


def _append(t, key, h):
    """A new entry, which must not be there yet."""
    if t.used >= t.capacity or t.mask == 0:
        _reserve(t, t.size + (t.size >> 1) + 4)
    mask = t.mask
    place = h & mask
    rest = h
    while t.index[place] >= 0:
        rest >>= 5
        place = (place * 5 + rest + 1) & mask
    e = t.used
    t.index[place] = cast(e, int32)
    t.hashes[e] = h
    t.keys[e] = key
    t.used = e + 1
    t.size = t.size + 1
    return e


def _empty(row, e):
    if is_counted(element_type(row)):
        hole = new_buffer(element_type(row), 1)
        call_runtime(
            None, "cantil_rt_move", buffer_data(hole, 0), buffer_data(row, e), itemsize_of(element_type(row))
        )


def _remove(t, e):
    mask = t.mask
    rest = t.hashes[e]
    place = rest & mask
    while t.index[place] != e:
        rest >>= 5
        place = (place * 5 + rest + 1) & mask
    t.index[place] = -2
    t.hashes[e] = -1
    _empty(t.keys, e)
    if isinstance(t, dict):
        _empty(t.items, e)
    t.size = t.size - 1
    if t.size == 0:
        _clear(t)


def _clear(t):
    t.size = 0
    t.used = 0
    t.capacity = 0
    t.mask = 0
    t.keys = new_buffer(element_type(t), 0)
    if isinstance(t, dict):
        t.items = new_buffer(item_type(t), 0)


def _key(t, key):
    """A key as the table has it."""
    T = element_type(t)
    if is_class(T, "Number"):
        return cast(key, T)
    else:
        return key


# Dicts.


@overload(operator.setitem)
def dict_setitem(d: Dict, key: Any, value: Any):
    h = table_hash(key)
    e = _find(d, key, h)
    if e < 0:
        e = _append(d, key, h)
    d.items[e] = value


@overload(operator.getitem)
def dict_getitem(d: Dict, key: Any):
    k = _key(d, key)
    e = _find(d, k, table_hash(k))
    if e < 0:
        _key_error(key)
    return d.items[e]


@overload(operator.delitem)
def dict_delitem(d: Dict, key: Any):
    k = _key(d, key)
    e = _find(d, k, table_hash(k))
    if e < 0:
        _key_error(key)
    _remove(d, e)


@overload(operator.contains)
def table_contains(t: Dict | Set, key: Any):
    k = _key(t, key)
    return _find(t, k, table_hash(k)) >= 0


@overload(bool)
def table_bool(t: Dict | Set):
    return t.size != 0


@overload("method:dict.get")
def dict_get(d: Dict, key: Any):
    """The value of a key, or a default.

    >>> {k: x}.get(l, y)
    """
    k = _key(d, key)
    e = _find(d, k, table_hash(k))
    if e < 0:
        return None
    return d.items[e]


@overload("method:dict.get")
def dict_get_default(d: Dict, key: Any, default: Any):
    k = _key(d, key)
    e = _find(d, k, table_hash(k))
    if e < 0:
        return default
    return d.items[e]


@overload("method:dict.pop")
def dict_pop(d: Dict, key: Any):
    """Takes out a key; gives its value, or a default.

    >>> {k: x, l: y}.pop(l)
    """
    k = _key(d, key)
    e = _find(d, k, table_hash(k))
    if e < 0:
        _key_error(key)
    x = d.items[e]
    _remove(d, e)
    return x


@overload("method:dict.pop")
def dict_pop_default(d: Dict, key: Any, default: Any):
    k = _key(d, key)
    e = _find(d, k, table_hash(k))
    if e < 0:
        return default
    x = d.items[e]
    _remove(d, e)
    return x


@overload("method:dict.popitem")
def dict_popitem(d: Dict):
    """Takes out the last key and its value.

    >>> {k: x, l: y}.popitem()
    """
    if d.size == 0:
        raise KeyError("popitem(): dictionary is empty")
    if d.mask == 0:
        _reserve(d, d.used)
    e = d.used - 1
    while d.hashes[e] == -1:
        e -= 1
    key = d.keys[e]
    x = d.items[e]
    _remove(d, e)
    if d.size > 0:
        d.used = e
    return key, x


@overload("method:dict.setdefault")
def dict_setdefault(d: Dict, key: Any, default: Any):
    """The value of a key, which is put in where it is missing.

    >>> {k: x}.setdefault(l, y)
    """
    k = _key(d, key)
    h = table_hash(k)
    e = _find(d, k, h)
    if e < 0:
        e = _append(d, k, h)
        d.items[e] = default
    return d.items[e]


@overload("method:dict.update")
def dict_update(d: Dict, other: Dict):
    """Puts in another dict's items.

    >>> sorted(((v := {k: x}), v.update({l: y}))[0].items())
    """
    for k, x in other.items():
        d[k] = x


@overload("method:dict.clear")
def dict_clear(d: Dict):
    """Takes out everything.

    >>> len(((v := {k: x}), v.clear())[0])
    """
    _clear(d)


@overload("method:set.clear")
def set_clear(s: Set):
    """Takes out everything.

    >>> len(((v := {k, l}), v.clear())[0])
    """
    _clear(s)


@overload("method:dict.copy")
def dict_copy(d: Dict):
    """A new dict of the same items.

    >>> sorted({k: x, l: y}.copy().items())
    """
    r = new_object(type_of(d))
    for k, x in d.items():
        r[k] = x
    return r


@overload(dict)
def dict_of_dict(d: Dict):
    return d.copy()


@overload("method:dict.keys")
def dict_keys(d: Dict):
    """The keys, in the order of insertion.

    >>> list({k: x, l: y}.keys())
    """
    return [k for k in d]


@overload("method:dict.values")
def dict_values(d: Dict):
    """The values, in the order of insertion.

    >>> list({k: x, l: y}.values())
    """
    return [x for x in d.values()]


@overload("method:dict.items")
def dict_items(d: Dict):
    """Keys and values, in the order of insertion.

    >>> list({k: x, l: y}.items())
    """
    return [(k, x) for k, x in d.items()]


@overload(operator.eq)
def dict_eq(a: Dict, b: Dict):
    if a.size != b.size:
        return False
    for k, x in a.items():
        e = _find(b, k, table_hash(k))
        if e < 0:
            return False
        if not b.items[e] == x:
            return False
    return True


@overload(operator.ne)
def table_ne(a: Dict | Set, b: Dict | Set):
    return not a == b


@overload(list)
def list_of_table(t: Dict | Set):
    return [k for k in t]


@overload(sorted)
def sorted_table(t: Dict | Set, key: Any = None, reverse: Whole = False):
    r = [k for k in t]
    r.sort(key, reverse)
    return r


@overload(sum)
def sum_table(t: Dict | Set, start: Any = 0):
    total = start
    for x in t:
        total += x
    return total


@overload(min)
def min_table(t: Dict | Set):
    return min([k for k in t])


@overload(max)
def max_table(t: Dict | Set):
    return max([k for k in t])
