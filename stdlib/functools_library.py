"""functools, and the operators that are made from names or places."""

import functools
import operator

from cantil.library import overload


@overload(functools.reduce)
def reduce(function: Any, iterable: Any):
    """What a function of two arguments makes of all items, from left to right.

    >>> functools.reduce(lambda x, y: x * y, [2, k, l])
    >>> functools.reduce(lambda x, y: x * y, [2, k, l], 0.5)
    """
    some = False
    for x in iterable:
        total = function(total, x) if some else x
        some = True
    if not some:
        raise TypeError("reduce() of empty iterable with no initial value")
    return total


@overload(functools.reduce)
def reduce_from(function: Any, iterable: Any, initial: Any):
    total = initial
    for x in iterable:
        total = function(total, x)
    return total


@overload(functools.partial)
def partial(func: Any, *args: Any):
    """A function with its first arguments given.

    >>> functools.partial(lambda x, y: x - y, k)(l)
    """
    return lambda *rest: func(*args, *rest)


def _items(obj, places):
    if len(places) == 0:
        return ()
    return (obj[places[0]], *_items(obj, places[1:]))


@overload(operator.itemgetter)
def itemgetter(item: Literal):
    """A function that gives the item at a place, or a tuple of several.

    >>> operator.itemgetter(1)((k, l))
    """
    return lambda obj: obj[item]


@overload(operator.itemgetter)
def itemgetter_any(item: Any):
    return lambda obj: obj[item]


@overload(operator.itemgetter)
def itemgetter_two(item: Literal, second: Literal):
    return lambda obj: (obj[item], obj[second])


@overload(operator.itemgetter)
def itemgetter_three(item: Literal, second: Literal, third: Literal):
    return lambda obj: (obj[item], obj[second], obj[third])


@overload(operator.itemgetter)
def itemgetter_several(item: Any, second: Any, *items: Any):
    return lambda obj: (obj[item], obj[second], *_items(obj, items))


@overload(operator.attrgetter)
def attrgetter(attr: LiteralStr):
    """A function that gives an attribute.

    >>> operator.attrgetter("real")(w)
    """
    return lambda obj: getattr(obj, attr)


@overload(operator.methodcaller)
def methodcaller(name: LiteralStr, *args: Any):
    """A function that calls a method.

    >>> operator.methodcaller("conjugate")(w)
    """
    return lambda obj: getattr(obj, name)(*args)


@overload(operator.length_hint)
def length_hint(obj: Any, default: Whole = 0):
    """The length.

    >>> operator.length_hint([1, k])
    """
    return len(obj)


@overload(operator.index)
def index(a: Whole):
    """The number itself.

    >>> operator.index(k)
    """
    return int(a)


@overload(operator.countOf)
def count_of(a: Any, b: Any):
    """How often a value occurs.

    >>> operator.countOf([1, k, k], k)
    """
    n = 0
    for x in a:
        if x == b:
            n += 1
    return n


@overload(operator.indexOf)
def index_of(a: Any, b: Any):
    """The first place of a value.

    >>> operator.indexOf([1, k, k], k)
    """
    n = 0
    for x in a:
        if x == b:
            return n
        n += 1
    raise ValueError("sequence.index(x): x not in sequence")
