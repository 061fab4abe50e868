"""Iterators as values: each is a generator."""

import operator

from cantil.library import overload


@overload(iter)
def iter_items(items: List | Array | Range | Tuple | Set | Dict):
    """An iterator over an iterable.

    >>> next(iter([k, l]))
    >>> next(iter(range(3)))
    """
    for x in items:
        yield x


@overload(enumerate)
def enumerate_items(iterable: Any, start: Whole = 0):
    """Pairs of a count and an item.

    >>> next(enumerate([k, l], 2))
    """
    n = start
    for x in iterable:
        yield n, x
        n += 1


@overload(zip)
def zip_items(*iterables: Any, strict: LiteralBool = False):
    """Tuples of one item from each iterable, until the first of them ends.

    >>> next(zip([k, l], (1.5, 2.5)))
    """
    if strict:
        for x in zip(*iterables, strict=True):
            yield x
    else:
        for x in zip(*iterables):
            yield x


@overload(map)
def map_items(function: Any, *iterables: Any):
    """What a function gives for the items of iterables.

    >>> next(map(lambda x: x + 1, [k, l]))
    """
    for x in map(function, *iterables):
        yield x


@overload(filter)
def filter_items(function: Any, iterable: Any):
    """The items for which a function gives true, or which are true where it is None.

    >>> next(filter(lambda x: x > 0, [-1, 5, k]))
    """
    for x in filter(function, iterable):
        yield x


@overload(reversed)
def reversed_items(items: List | Array | Range | Tuple):
    """The items from the last to the first.

    >>> next(reversed([k, l]))
    """
    for x in reversed(items):
        yield x


@overload(list)
def list_of_iterator(iterator: Iterator):
    return [x for x in iterator]


@overload(set)
def set_of_iterator(iterator: Iterator):
    return {x for x in iterator}


@overload(sorted)
def sorted_iterator(iterator: Iterator, key: Any = None, reverse: Whole = False):
    items = [x for x in iterator]
    items.sort(key, reverse)
    return items


@overload(sum)
def sum_iterator(iterator: Iterator, start: Any = 0):
    total = start
    for x in iterator:
        total = total + x
    return total


@overload(any)
def any_iterator(iterator: Iterator):
    """Whether any item is true; those behind the first such are not asked for.

    >>> any(x > 3 for x in [1, k, l])
    """
    for x in iterator:
        if x:
            return True
    return False


@overload(all)
def all_iterator(iterator: Iterator):
    """Whether all items are true; those behind the first that is not are not asked for.

    >>> all(x > 3 for x in [1, k, l])
    """
    for x in iterator:
        if not x:
            return False
    return True


@overload("method:list.extend")
def extend_by_iterator(self: List, iterator: Iterator):
    for x in iterator:
        self.append(x)


@overload("method:set.update")
def update_by_iterator(self: Set, iterator: Iterator):
    for x in iterator:
        self.add(x)


@overload(operator.contains)
def iterator_contains(iterator: Iterator, x: Any):
    for y in iterator:
        if x == y:
            return True
    return False


@overload(bool)
def iterator_bool(iterator: Iterator):
    return True
