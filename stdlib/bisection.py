"""bisect: places in sorted sequences."""

import bisect

from cantil.library import overload


@overload(bisect.bisect_left)
def bisect_left(a: Any, x: Any, lo: Whole = 0, hi: Whole | NoneType = None, *, key: Any = None):
    """The first place at which x can be inserted and order is kept.

    >>> bisect.bisect_left([1, 3, 3, 5], 3)
    """
    if lo < 0:
        raise ValueError("lo must be non-negative")
    low = lo + 0
    high = len(a) if hi is None else hi + 0
    while low < high:
        middle = (low + high) // 2
        if (a[middle] if key is None else key(a[middle])) < x:
            low = middle + 1
        else:
            high = middle
    return low


@overload(bisect.bisect_right)
@overload(bisect.bisect)
def bisect_right(a: Any, x: Any, lo: Whole = 0, hi: Whole | NoneType = None, *, key: Any = None):
    """The last place at which x can be inserted and order is kept.

    >>> bisect.bisect_right([1, 3, 3, 5], 3)
    >>> bisect.bisect([1, 3, 3, 5], 4)
    """
    if lo < 0:
        raise ValueError("lo must be non-negative")
    low = lo + 0
    high = len(a) if hi is None else hi + 0
    while low < high:
        middle = (low + high) // 2
        if x < (a[middle] if key is None else key(a[middle])):
            high = middle
        else:
            low = middle + 1
    return low


@overload(bisect.insort_left)
def insort_left(a: List, x: Any, lo: Whole = 0, hi: Whole | NoneType = None, *, key: Any = None):
    """Inserts x before what is equal.

    >>> ((v := [1, 3, 5]), bisect.insort_left(v, 4))[0]
    """
    if key is None:
        a.insert(bisect.bisect_left(a, x, lo, hi), x)
    else:
        a.insert(bisect.bisect_left(a, key(x), lo, hi, key=key), x)


@overload(bisect.insort_right)
@overload(bisect.insort)
def insort_right(a: List, x: Any, lo: Whole = 0, hi: Whole | NoneType = None, *, key: Any = None):
    """Inserts x behind what is equal.

    >>> ((v := [1, 3, 5]), bisect.insort_right(v, 3))[0]
    >>> ((v := [1, 3, 5]), bisect.insort(v, 2))[0]
    """
    if key is None:
        a.insert(bisect.bisect_right(a, x, lo, hi), x)
    else:
        a.insert(bisect.bisect_right(a, key(x), lo, hi, key=key), x)
