"""numba.typed: lists and dicts that compiled code and Python share, without copies.

Each method is a compiled function, made for the types at hand when it is first used. An instance made without
types takes them from what is put in first.
"""

from collections.abc import MutableMapping, MutableSequence, MutableSet

from . import _core
from ._decorators import njit
from ._types import typeof

__all__ = ["Dict", "List", "Set"]


@njit
def _append(items, x):
    items.append(x)


@njit
def _get(c, i):
    return c[i]


@njit
def _get_slice(items, start, stop, step):
    return items[start:stop:step]


@njit
def _set(c, i, x):
    c[i] = x


@njit
def _set_slice(items, start, stop, step, x):
    items[start:stop:step] = x


@njit
def _delete(c, i):
    del c[i]


@njit
def _delete_slice(items, start, stop, step):
    del items[start:stop:step]


@njit
def _insert(items, i, x):
    items.insert(i, x)


@njit
def _pop(c, i):
    return c.pop(i)


@njit
def _pop_last(items):
    return items.pop()


@njit
def _extend(items, other):
    items.extend(other)


@njit
def _remove(items, x):
    items.remove(x)


@njit
def _clear(c):
    c.clear()


@njit
def _reverse(items):
    items.reverse()


@njit
def _copy(c):
    return c.copy()


@njit
def _index(items, x, start, stop):
    return items.index(x, start, stop)


@njit
def _count(items, x):
    return items.count(x)


@njit
def _contains(c, x):
    return x in c


@njit
def _equal(a, b):
    return a == b


@njit
def _less(a, b):
    return a < b


@njit
def _less_equal(a, b):
    return a <= b


@njit
def _sort(items, reverse):
    items.sort(reverse=reverse)


@njit
def _sort_by(items, key, reverse):
    items.sort(key=key, reverse=reverse)


@njit
def _entries(d):
    return list(d.items())


@njit
def _keys(d):
    return list(d)


@njit
def _popitem(d):
    return d.popitem()


@njit
def _setdefault(d, key, default):
    return d.setdefault(key, default)


class List(_core.Container, MutableSequence):
    """A list of elements of one type: List(), List(iterable), List.empty_list(int64)."""

    __slots__ = ()
    __hash__ = None

    def __init__(self, iterable=(), *, lsttype=None):
        if lsttype is not None:
            self._create("ListType", (lsttype.dtype,))
        for x in iterable:
            self.append(x)

    @classmethod
    def empty_list(cls, item_type, allocated=0):
        """A new list of elements of `item_type`. `allocated` is a hint."""
        self = cls.__new__(cls)
        self._create("ListType", (item_type,))
        return self

    @property
    def _typed(self):
        return self._parameters is not None

    @property
    def _dtype(self):
        if not self._typed:
            raise RuntimeError("invalid operation on untyped list")
        return self._parameters[0]

    def _need(self):
        if self._parameters is None:
            raise IndexError("list index out of range")

    def __len__(self):
        return self._size

    def append(self, x):
        if self._parameters is None:
            self._create("ListType", (typeof(x),))
        _append(self, x)

    def insert(self, i, x):
        if self._parameters is None:
            self._create("ListType", (typeof(x),))
        _insert(self, i, x)

    def __getitem__(self, i):
        self._need()
        if isinstance(i, slice):
            return _get_slice(self, i.start, i.stop, i.step)
        return _get(self, i)

    def __setitem__(self, i, x):
        self._need()
        if isinstance(i, slice):
            _set_slice(self, i.start, i.stop, i.step, x if isinstance(x, List) else List(x))
        else:
            _set(self, i, x)

    def __delitem__(self, i):
        self._need()
        if isinstance(i, slice):
            _delete_slice(self, i.start, i.stop, i.step)
        else:
            _delete(self, i)

    def __contains__(self, x):
        return self._parameters is not None and _contains(self, x)

    def __iter__(self):
        i = 0
        while i < self._size:
            yield _get(self, i)
            i += 1

    def __eq__(self, other):
        if not isinstance(other, List):
            return NotImplemented
        if self._parameters is None or other._parameters is None:
            return len(self) == len(other) == 0
        return _equal(self, other)

    def __lt__(self, other):
        return _less(self, other)

    def __le__(self, other):
        return _less_equal(self, other)

    def __gt__(self, other):
        return _less(other, self)

    def __ge__(self, other):
        return _less_equal(other, self)

    def extend(self, other):
        if isinstance(other, List) and self._parameters is not None and other._parameters == self._parameters:
            _extend(self, other)
        else:
            for x in other:
                self.append(x)

    def pop(self, i=-1):
        if not self._size:
            raise IndexError("pop from empty list")
        return _pop(self, i)

    def remove(self, x):
        if self._parameters is None:
            raise ValueError("list.remove(x): x not in list")
        _remove(self, x)

    def clear(self):
        if self._parameters is not None:
            _clear(self)

    def reverse(self):
        if self._parameters is not None:
            _reverse(self)

    def copy(self):
        return _copy(self) if self._parameters is not None else List()

    def index(self, x, start=0, stop=2**63 - 1):
        if self._parameters is None:
            raise ValueError("list.index(x): x not in list")
        return _index(self, x, start, stop)

    def count(self, x):
        return _count(self, x) if self._parameters is not None else 0

    def sort(self, key=None, reverse=False):
        if self._parameters is None:
            return
        if key is None:
            _sort(self, bool(reverse))
        else:
            _sort_by(self, key if hasattr(key, "py_func") else njit(key), bool(reverse))

    def __str__(self):
        return "[" + ", ".join(map(repr, self)) + "]"

    def __repr__(self):
        return f"{self._numba_type_ or 'ListType[Undefined]'}({self})"

    def __reduce__(self):
        if self._parameters is None:
            return List, ()
        return _rebuilt_list, (self._parameters[0], list(self))


class Dict(_core.Container, MutableMapping):
    """A dict of keys of one type and values of one type: Dict(), Dict(mapping), Dict.empty(int64, float64)."""

    __slots__ = ()
    __hash__ = None

    def __init__(self, iterable=(), *, dcttype=None):
        if dcttype is not None:
            self._create("DictType", (dcttype.key_type, dcttype.value_type))
        for key, value in iterable.items() if hasattr(iterable, "items") else iterable:
            self[key] = value

    @classmethod
    def empty(cls, key_type, value_type, n_keys=0):
        """A new dict. `n_keys` is a hint."""
        self = cls.__new__(cls)
        self._create("DictType", (key_type, value_type))
        return self

    @property
    def _typed(self):
        return self._parameters is not None

    def __len__(self):
        return self._size

    def __setitem__(self, key, value):
        if self._parameters is None:
            self._create("DictType", (typeof(key), typeof(value)))
        _set(self, key, value)

    def __getitem__(self, key):
        if self._parameters is None:
            raise KeyError(key)
        return _get(self, key)

    def __delitem__(self, key):
        if self._parameters is None:
            raise KeyError(key)
        _delete(self, key)

    def __contains__(self, key):
        return self._parameters is not None and _contains(self, key)

    def __iter__(self):
        return iter(_keys(self) if self._parameters is not None and self._size else ())

    def items(self):
        return _Items(self)

    def __eq__(self, other):
        if isinstance(other, Dict) and other._parameters == self._parameters and self._parameters is not None:
            return _equal(self, other)
        if hasattr(other, "items"):
            return dict(self.items()) == dict(other.items())
        return NotImplemented

    def get(self, key, default=None):
        return self[key] if key in self else default

    def pop(self, key, *default):
        if default and key not in self:
            return default[0]
        if self._parameters is None:
            raise KeyError(key)
        return _pop(self, key)

    def popitem(self):
        if not self._size:
            raise KeyError("dictionary is empty")
        return _popitem(self)

    def setdefault(self, key, default=None):
        if self._parameters is None:
            self[key] = default
        return _setdefault(self, key, default)

    def clear(self):
        if self._parameters is not None:
            _clear(self)

    def copy(self):
        return _copy(self) if self._parameters is not None else Dict()

    def __str__(self):
        return "{" + ", ".join(f"{k!r}: {v!r}" for k, v in self.items()) + "}"

    def __repr__(self):
        return f"{self._numba_type_ or 'DictType[Undefined,Undefined]'}({self})"

    def __reduce__(self):
        if self._parameters is None:
            return Dict, ()
        return _rebuilt_dict, (*self._parameters, list(self.items()))


@njit
def _add(s, x):
    s.add(x)


@njit
def _discard(s, x):
    s.discard(x)


@njit
def _pop_any(s):
    return s.pop()


class Set(_core.Container, MutableSet):
    """A set of elements of one type: Set(), Set(iterable), Set.empty(int64)."""

    __slots__ = ()
    __hash__ = None

    def __init__(self, iterable=(), *, settype=None):
        if settype is not None:
            self._create("SetType", (settype.dtype,))
        for x in iterable:
            self.add(x)

    @classmethod
    def empty(cls, key_type):
        """A new set of elements of `key_type`."""
        self = cls.__new__(cls)
        self._create("SetType", (key_type,))
        return self

    @property
    def _typed(self):
        return self._parameters is not None

    def __len__(self):
        return self._size

    def add(self, x):
        if self._parameters is None:
            self._create("SetType", (typeof(x),))
        _add(self, x)

    def discard(self, x):
        if self._parameters is not None:
            _discard(self, x)

    def remove(self, x):
        if self._parameters is None:
            raise KeyError(x)
        _remove(self, x)

    def pop(self):
        if not self._size:
            raise KeyError("pop from an empty set")
        return _pop_any(self)

    def clear(self):
        if self._parameters is not None:
            _clear(self)

    def copy(self):
        return _copy(self) if self._parameters is not None else Set()

    def __contains__(self, x):
        return self._parameters is not None and _contains(self, x)

    def __iter__(self):
        return iter(_keys(self) if self._parameters is not None and self._size else ())

    def __str__(self):
        return "{" + ", ".join(map(repr, self)) + "}"

    def __repr__(self):
        return f"{self._numba_type_ or 'SetType[Undefined]'}({self})"

    def __reduce__(self):
        if self._parameters is None:
            return Set, ()
        return _rebuilt_set, (self._parameters[0], list(self))


class _Items:
    """The view of a dict's items."""

    def __init__(self, owner):
        self._owner = owner

    def __len__(self):
        return len(self._owner)

    def __iter__(self):
        return iter(_entries(self._owner) if len(self._owner) else ())

    def __contains__(self, pair):
        return pair[0] in self._owner and self._owner[pair[0]] == pair[1]


def _rebuilt_list(item_type, items):
    made = List.empty_list(item_type)
    for x in items:
        made.append(x)
    return made


def _rebuilt_dict(key_type, value_type, items):
    d = Dict.empty(key_type, value_type)
    for key, value in items:
        d[key] = value
    return d


_core.register_container("ListType", List)


def _rebuilt_set(key_type, items):
    made = Set.empty(key_type)
    for x in items:
        made.add(x)
    return made


_core.register_container("DictType", Dict)
_core.register_container("SetType", Set)
