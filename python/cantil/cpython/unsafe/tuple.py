"""Tuples with an element replaced."""

from ..._linecache import compiled_source as _compiled_source
from ...extending import overload as _overload


def tuple_setitem(tup, idx, val):
    """A tuple like `tup` but with `val` at `idx`, an index that need not be constant. Out of range: `tup`."""
    made = list(tup)
    if -len(made) <= idx < len(made):
        made[idx] = val
    return tuple(made)


@_overload(tuple_setitem)
def _tuple_setitem(tup, idx, val):
    n = len(tup)
    items = "".join(f"val if i == {k} else tup[{k}], " for k in range(n))
    source = f"def impl(tup, idx, val):\n    i = idx + {n} if idx < 0 else idx\n    return ({items})\n"
    return _compiled_source("impl", source, {})


__all__ = ["tuple_setitem"]
