"""Arrays and tuples of known length."""

from ... import types as _types
from ...errors import RequireLiteralValue as _RequireLiteralValue
from ...extending import overload as _overload


def to_fixed_tuple(array, length):
    """In compiled code: the first `length` (a literal) elements of a 1-d array as a tuple."""
    return tuple(array[:length])


@_overload(to_fixed_tuple, prefer_literal=True)
def _to_fixed_tuple(array, length):
    if not isinstance(length, _types.IntegerLiteral):
        raise _RequireLiteralValue("*length* argument must be a constant")
    from ..._linecache import compiled_source

    n = length.literal_value
    items = "".join(f"array[{i}], " for i in range(n))
    return compiled_source("impl", f"def impl(array, length):\n    return ({items})\n", {})
