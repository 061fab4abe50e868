"""Sets."""

import operator

from cantil.library import (
    inplace_BitAnd,
    inplace_BitOr,
    inplace_BitXor,
    inplace_Sub,
    new_object,
    number_or_element,
    overload,
    table_hash,
    type_of,
    typed_set_of,
)

from .tables import _append, _find, _key, _key_error, _remove, _reserve


@overload("cantil.typed.Set.empty")
def empty_typed_set(key_type: Type):
    return new_object(typed_set_of(key_type))


@overload("cantil.typed.Set")
def typed_set(iterable: List | Set | Array1 | Range | Tuple):
    r = new_object(typed_set_of(number_or_element(iterable)))
    for x in iterable:
        r.add(x)
    return r


@overload("method:set.add")
def set_add(s: Set, x: Any):
    """Puts in an element.

    >>> sorted(((v := {k, l, 1}), v.add(9))[0])
    """
    k = _key(s, x)
    h = table_hash(k)
    if _find(s, k, h) < 0:
        _append(s, k, h)


@overload("method:set.discard")
def set_discard(s: Set, x: Any):
    """Takes out an element if it is there.

    >>> sorted(((v := {k, l, 1}), v.discard(k))[0])
    """
    k = _key(s, x)
    e = _find(s, k, table_hash(k))
    if e >= 0:
        _remove(s, e)


@overload("method:set.remove")
def set_remove(s: Set, x: Any):
    """Takes out an element.

    >>> sorted(((v := {k, l, 1}), v.remove(l))[0])
    """
    k = _key(s, x)
    e = _find(s, k, table_hash(k))
    if e < 0:
        _key_error(x)
    _remove(s, e)


@overload("method:set.pop")
def set_pop(s: Set):
    """Takes out some element.

    >>> {k}.pop()
    """
    if s.size == 0:
        raise KeyError("pop from an empty set")
    if s.mask == 0:
        _reserve(s, s.used)
    e = 0
    while s.hashes[e] == -1:
        e += 1
    x = s.keys[e]
    _remove(s, e)
    return x


@overload("method:set.copy")
def set_copy(s: Set):
    """A new set of the same elements.

    >>> sorted({k, l}.copy())
    """
    r = new_object(type_of(s))
    for x in s:
        r.add(x)
    return r


@overload(set)
def set_of_items(a: List | Set | Array1 | Range | Tuple):
    return {x for x in a}


@overload("method:set.update")
def set_update(s: Set, other: List | Set | Array1 | Range | Tuple):
    """Puts in another iterable's elements.

    >>> sorted(((v := {k, l, 1}), v.update([9, l]))[0])
    """
    for x in other:
        s.add(x)


@overload("method:set.union")
def set_union(a: Set, b: List | Set | Array1 | Range | Tuple):
    """Elements of either.

    >>> sorted({k, l}.union([9, l]))
    """
    r = a.copy()
    r.update(b)
    return r


@overload(operator.or_)
def set_or(a: Set, b: Set):
    """Elements of either set.

    >>> sorted({k, l} | {9, l})
    """
    return a.union(b)


@overload("method:set.intersection")
def set_intersection(a: Set, b: Set):
    """Elements of both.

    >>> sorted({k, l}.intersection({9, l}))
    """
    r = new_object(type_of(a))
    for x in a:
        if x in b:
            r.add(x)
    return r


@overload(operator.and_)
def set_and(a: Set, b: Set):
    """Elements of both sets.

    >>> sorted({k, l} & {9, l})
    """
    return a.intersection(b)


@overload("method:set.difference")
def set_difference(a: Set, b: Set):
    """Elements that the other has not.

    >>> sorted({k, l}.difference({9, l}))
    """
    r = new_object(type_of(a))
    for x in a:
        if x not in b:
            r.add(x)
    return r


@overload(operator.sub)
def set_sub(a: Set, b: Set):
    """Elements that the other set has not.

    >>> sorted({k, l} - {9, l})
    """
    return a.difference(b)


@overload("method:set.symmetric_difference")
def set_symmetric_difference(a: Set, b: Set):
    """Elements of one only.

    >>> sorted({k, l}.symmetric_difference({9, l}))
    """
    r = a.difference(b)
    for x in b:
        if x not in a:
            r.add(x)
    return r


@overload(operator.xor)
def set_xor(a: Set, b: Set):
    """Elements of one set only.

    >>> sorted({k, l} ^ {9, l})
    """
    return a.symmetric_difference(b)


@overload("method:set.isdisjoint")
def set_isdisjoint(a: Set, b: Set):
    """Whether no element is in both.

    >>> {k, l}.isdisjoint({9, l})
    """
    for x in a:
        if x in b:
            return False
    return True


@overload("method:set.issubset")
@overload(operator.le)
def set_issubset(a: Set, b: Set):
    """Whether all elements are in the other.

    >>> {k}.issubset({k, l})
    """
    if a.size > b.size:
        return False
    for x in a:
        if x not in b:
            return False
    return True


@overload("method:set.issuperset")
@overload(operator.ge)
def set_issuperset(a: Set, b: Set):
    """Whether all elements of the other are in it.

    >>> {k, l}.issuperset({k})
    """
    return b.issubset(a)


@overload(operator.lt)
def set_lt(a: Set, b: Set):
    return a.size < b.size and a.issubset(b)


@overload(operator.gt)
def set_gt(a: Set, b: Set):
    return b.size < a.size and b.issubset(a)


@overload(operator.eq)
def set_eq(a: Set, b: Set):
    return a.size == b.size and a.issubset(b)


@overload("method:set.intersection_update")
@overload(inplace_BitAnd)
def set_iand(a: Set, b: Set):
    """Keeps what is in the other too.

    >>> sorted(((v := {k, l, 1}), v.intersection_update({9, l}))[0])
    """
    for x in a:
        if x not in b:
            a.remove(x)


@overload("method:set.difference_update")
@overload(inplace_Sub)
def set_isub(a: Set, b: Set):
    """Takes out what is in the other.

    >>> sorted(((v := {k, l, 1}), v.difference_update({9, l}))[0])
    """
    for x in b.copy():
        a.discard(x)


@overload(inplace_BitOr)
def set_ior(a: Set, b: Set):
    a.update(b)


@overload("method:set.symmetric_difference_update")
@overload(inplace_BitXor)
def set_ixor(a: Set, b: Set):
    """Keeps what is in one only.

    >>> sorted(((v := {k, l, 1}), v.symmetric_difference_update({9, l}))[0])
    """
    for x in b.copy():
        if x in a:
            a.remove(x)
        else:
            a.add(x)
