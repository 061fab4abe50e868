"""min and max with a key or a default, of iterables that have no order of their own, and of several values."""

from cantil.library import overload


@overload(min)
def min_iterable(iterable: Iterator | Tuple, *, key: NoneType = None):
    some = False
    for x in iterable:
        if not some or x < best:
            best = x
        some = True
    if not some:
        raise ValueError("min() iterable argument is empty")
    return best


@overload(max)
def max_iterable(iterable: Iterator | Tuple, *, key: NoneType = None):
    some = False
    for x in iterable:
        if not some or x > best:
            best = x
        some = True
    if not some:
        raise ValueError("max() iterable argument is empty")
    return best


@overload(min)
def min_default(
    iterable: List | Array1 | Range | Tuple | Set | Dict | Iterator, *, default: Any, key: Any = None
):
    """The least item, by a key where there is one; the default where there is no item.

    >>> min([k, l], key=lambda x: -x)
    >>> min([k, l], default=1)
    """
    best = default
    some = False
    for x in iterable:
        order = x if key is None else key(x)
        if not some or order < least:
            best = x
            least = order  # noqa: F841
        some = True
    return best


@overload(max)
def max_default(
    iterable: List | Array1 | Range | Tuple | Set | Dict | Iterator, *, default: Any, key: Any = None
):
    """The greatest item, by a key where there is one; the default where there is no item.

    >>> max([k, l], key=lambda x: -x)
    >>> max([k, l], default=1)
    """
    best = default
    some = False
    for x in iterable:
        order = x if key is None else key(x)
        if not some or order > most:
            best = x
            most = order  # noqa: F841
        some = True
    return best


@overload(min)
def min_by_key(iterable: List | Array1 | Range | Tuple | Set | Dict | Iterator, *, key: Any):
    some = False
    for x in iterable:
        order = key(x)
        if not some or order < least:
            best = x
            least = order  # noqa: F841
        some = True
    if not some:
        raise ValueError("min() iterable argument is empty")
    return best


@overload(max)
def max_by_key(iterable: List | Array1 | Range | Tuple | Set | Dict | Iterator, *, key: Any):
    some = False
    for x in iterable:
        order = key(x)
        if not some or order > most:
            best = x
            most = order  # noqa: F841
        some = True
    if not some:
        raise ValueError("max() iterable argument is empty")
    return best


@overload(min)
def min_several(first: Any, second: Any, *others: Any, key: Any = None):
    items = (first, second, *others)
    return min(items) if key is None else min(items, key=key)


@overload(max)
def max_several(first: Any, second: Any, *others: Any, key: Any = None):
    items = (first, second, *others)
    return max(items) if key is None else max(items, key=key)
