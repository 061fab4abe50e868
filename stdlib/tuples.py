"""Methods of tuples."""

from cantil.library import overload


@overload("method:tuple.count")
def tuple_count(self: Tuple, value: Any):
    """How often a value occurs.

    >>> (k, 6, l).count(6)
    """
    n = 0
    for x in self:
        if x == value:
            n += 1
    return n


@overload("method:tuple.index")
def tuple_index(self: Tuple, value: Any, start: Whole = 0, stop: Whole = 9223372036854775807):
    """The first place of a value.

    >>> (k, l, 6).index(4)
    """
    first = start + 0
    last = stop + 0
    if first < 0:
        first = max(first + len(self), 0)
    if last < 0:
        last = max(last + len(self), 0)
    i = 0
    for x in self:
        if i >= first and i < last and x == value:
            return i
        i += 1
    raise ValueError("tuple.index(x): x not in tuple")
