"""Dicts made of other things, and of two dicts."""

import operator

from cantil.library import inplace_BitOr, overload


@overload(dict)
def dict_of_pairs(items: List | Tuple | Iterator | Set):
    """A dict of pairs.

    >>> dict([(1, k), (2, l)])[2]
    """
    return {key: value for key, value in items}


@overload(operator.or_)
def dict_or(a: Dict, b: Dict):
    """A dict of both, with the values of the second.

    >>> ({1: 2} | {k: 3})[k]
    """
    return {**a, **b}


@overload(inplace_BitOr)
def dict_ior(a: Dict, b: Dict | List | Tuple | Iterator):
    a.update(b)


@overload("method:dict.update")
def dict_update_by_pairs(self: Dict, items: List | Tuple | Iterator | Set):
    for key, value in items:
        self[key] = value


@overload(dict.fromkeys)
def fromkeys(iterable: Any, value: Any = None):
    """A dict with a value for each key.

    >>> dict.fromkeys([k, l], 0.5)[l]
    """
    return {key: value for key in iterable}
