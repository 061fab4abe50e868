"""Functions of lists and other iterables, sorting, arrays of lists, numba.typed's constructors."""

import numpy as np
from cantil.library import (
    dict_of,
    dimensions_of,
    element_of,
    element_type,
    is_class,
    new_buffer,
    new_object,
    number_of,
    number_or_element,
    overload,
    typed_list_of,
)

from .lists import _like

# Functions of any iterable.


@overload(list)
def list_list(a: List):
    return a.copy()


@overload(list)
def list_of_items(a: Array | Range | Tuple):
    return [x for x in a]


@overload(sum)
def sum_items(a: List | Array | Range | Tuple, start: Any = 0):
    total = start
    for x in a:
        total += x
    return total


@overload(any)
def any_items(a: List | Array | Range | Tuple):
    for x in a:
        if x:
            return True
    return False


@overload(all)
def all_items(a: List | Array | Range | Tuple):
    for x in a:
        if not x:
            return False
    return True


@overload(min)
def min_items(a: List | Array1 | Range):
    if len(a) == 0:
        raise ValueError("min() arg is an empty sequence")
    best = a[0]
    for x in a:
        if x < best:
            best = x
    return best


@overload(max)
def max_items(a: List | Array1 | Range):
    if len(a) == 0:
        raise ValueError("max() arg is an empty sequence")
    best = a[0]
    for x in a:
        if x > best:
            best = x
    return best


def _insertion(items, low, high):
    for i in range(low + 1, high):
        x = items[i]
        k = i
        while k > low and x < items[k - 1]:
            items[k] = items[k - 1]
            k -= 1
        items[k] = x


def _merge_sort(items, spare, n):
    """Stable: runs of 16 by insertion, then merged in pairs from one buffer to the other and back. Gives the one
    that holds the result, and whether that is the spare one."""
    width = 16
    for low in range(0, n, width):
        _insertion(items, low, min(low + width, n))
    a = items
    b = spare
    moved = False
    while width < n:
        for low in range(0, n, 2 * width):
            middle = min(low + width, n)
            high = min(low + 2 * width, n)
            i = low
            j = middle
            for k in range(low, high):
                if i < middle and (j >= high or not a[j] < a[i]):
                    b[k] = a[i]
                    i += 1
                else:
                    b[k] = a[j]
                    j += 1
        c = a
        a = b
        b = c
        moved = not moved
        width *= 2
    return a, moved


def _sort(self):
    n = self.size
    result, moved = _merge_sort(self.items, new_buffer(element_type(self), n), n)
    if moved:
        self.items = result
        self.capacity = n


def _sort_by_key(self, key):
    n = self.size
    pairs = [(key(self.items[i]), i) for i in range(n)]
    # Positions make every pair different, so that what is equal keeps its order; the keys alone are compared.
    order = _merge_sort_by(pairs)
    r = _like(self, n)
    for i in range(n):
        r.items[i] = self.items[order.items[i][1]]
    self.items = r.items
    self.capacity = n


def _merge_sort_by(pairs):
    n = len(pairs)
    width = 1
    a = pairs
    b = pairs.copy()
    while width < n:
        for low in range(0, n, 2 * width):
            middle = min(low + width, n)
            high = min(low + 2 * width, n)
            i = low
            j = middle
            for k in range(low, high):
                if i < middle and (j >= high or not a.items[j][0] < a.items[i][0]):
                    b.items[k] = a.items[i]
                    i += 1
                else:
                    b.items[k] = a.items[j]
                    j += 1
        c = a
        a = b
        b = c
        width *= 2
    return a


@overload("method:list.sort")
def sort(self: List, key: Any = None, reverse: Whole = False):
    """Sorts in place; equal items keep their order.

    >>> ((v := [3, k, 2, l]), v.sort())[0]
    """
    if reverse:
        self.reverse()  # so that equal items keep their order
    if key is None:
        _sort(self)
    else:
        _sort_by_key(self, key)
    if reverse:
        self.reverse()


@overload(sorted)
def sorted_list(a: List, key: Any = None, reverse: Whole = False):
    r = a.copy()
    r.sort(key, reverse)
    return r


@overload(sorted)
def sorted_items(a: Array1 | Range | Tuple, key: Any = None, reverse: Whole = False):
    r = list(a)
    r.sort(key, reverse)
    return r


# Arrays of lists.


def _zero_shape(T):
    """The shape that nothing of type T has."""
    if is_class(T, "Number"):
        return ()
    elif is_class(T, "List"):
        return (0,) + _zero_shape(element_of(T))
    else:
        return (0,) * dimensions_of(T)


def _item_shape(x):
    if isinstance(x, list):
        return _list_shape(x)
    elif isinstance(x, np.ndarray):
        return x.shape
    elif isinstance(x, tuple):
        return np.array(x).shape
    else:
        return ()


def _list_shape(x):
    n = x.size
    T = element_type(x)
    if is_class(T, "Number"):
        return (n,)
    elif n == 0:
        return (0,) + _zero_shape(T)
    else:
        return (n,) + _item_shape(x.items[0])


def _put_list(view, x):
    for i in range(x.size):
        item = x.items[i]
        if is_class(element_type(x), "Number"):
            view[i] = item
        else:
            if _item_shape(item) != view.shape[1:]:
                raise ValueError(
                    "setting an array element with a sequence. The requested array has an inhomogeneous shape."
                )
            if isinstance(item, list):
                _put_list(view[i, ...], item)
            elif isinstance(item, tuple):
                view[i, ...] = np.array(item)
            else:
                view[i, ...] = item


@overload(np.array)
def array_of_list(object: List, dtype: Type | NoneType = None):
    r = np.empty(_list_shape(object), number_of(element_type(object)) if dtype is None else dtype)
    _put_list(r, object)
    return r


@overload(np.asarray)
@overload(np.asanyarray)
def asarray_of_list(a: List, dtype: Type | NoneType = None):
    return np.array(a, dtype)


# numba.typed in compiled code.


@overload("cantil.typed.List.empty_list")
def empty_list(item_type: Type, allocated: Whole = 0):
    return new_object(typed_list_of(item_type))


@overload("cantil.typed.List")
def typed_list(iterable: List | Array1 | Range | Tuple):
    r = new_object(typed_list_of(number_or_element(iterable)))
    r.extend(iterable)
    return r


@overload("cantil.typed.Dict.empty")
def empty_dict(key_type: Type, value_type: Type, n_keys: Whole = 0):
    return new_object(dict_of(key_type, value_type))
