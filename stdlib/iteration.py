"""Lengths and items of ranges."""

import operator

from cantil.library import overload, range_length


@overload(range_length)
def _range_length(start, stop, step):
    if step > 0:
        if stop <= start:
            return 0
        return (stop - start - 1) // step + 1
    if stop >= start:
        return 0
    return (start - stop - 1) // (-step) + 1


@overload(len)
def range_len(r: Range):
    return _range_length(r.start, r.stop, r.step)


@overload(operator.getitem)
def range_getitem(r: Range, i: Integer):
    """An element.

    >>> range(k)[2]
    """
    n = _range_length(r.start, r.stop, r.step)
    if i < 0:
        i += n
    if i < 0 or i >= n:
        raise IndexError("range object index out of range")
    return r.start + i * r.step


@overload(operator.contains)
def range_contains(r: Range, x: Whole):
    """Membership.

    >>> k in range(l)
    """
    if r.step > 0:
        if x < r.start or x >= r.stop:
            return False
    elif x > r.start or x <= r.stop:
        return False
    return (x - r.start) % r.step == 0


@overload(bool)
def range_bool(r: Range):
    return _range_length(r.start, r.stop, r.step) > 0
