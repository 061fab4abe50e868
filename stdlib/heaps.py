"""heapq: lists whose items are no greater than those at twice their place."""

import heapq

from cantil.library import overload


def _rise(heap, root, at):
    """Moves the item at a place up, as long as the one above it is greater."""
    item = heap[at]
    while at > root:
        above = (at - 1) >> 1
        if not item < heap[above]:
            break
        heap[at] = heap[above]
        at = above
    heap[at] = item


def _settle(heap, root):
    """Puts the item at `root` in order with those below: the lesser ones move up to the end, it rises from there."""
    n = len(heap)
    item = heap[root]
    at = root
    below = 2 * at + 1
    while below < n:
        if below + 1 < n and not heap[below] < heap[below + 1]:
            below += 1
        heap[at] = heap[below]
        at = below
        below = 2 * at + 1
    heap[at] = item
    _rise(heap, root, at)


@overload(heapq.heappush)
def heappush(heap: List, item: Any):
    """Adds an item.

    >>> ((v := [1, 5, 3]), heapq.heappush(v, 2))[0]
    """
    heap.append(item)
    _rise(heap, 0, len(heap) - 1)


@overload(heapq.heappop)
def heappop(heap: List):
    """Takes the least item out.

    >>> heapq.heappop([1, 5, 3])
    """
    last = heap.pop()
    if len(heap) == 0:
        return last
    least = heap[0]
    heap[0] = last
    _settle(heap, 0)
    return least


@overload(heapq.heapify)
def heapify(x: List):
    """Puts a list in the order of a heap.

    >>> ((v := [5, 4, k, l, 1]), heapq.heapify(v))[0]
    """
    for i in range(len(x) // 2 - 1, -1, -1):
        _settle(x, i)


@overload(heapq.heapreplace)
def heapreplace(heap: List, item: Any):
    """Takes the least item out, then adds one.

    >>> heapq.heapreplace([1, 5, 3], 7)
    """
    if len(heap) == 0:
        raise IndexError("index out of range")
    least = heap[0]
    heap[0] = item
    _settle(heap, 0)
    return least


@overload(heapq.heappushpop)
def heappushpop(heap: List, item: Any):
    """Adds an item, then takes the least one out.

    >>> heapq.heappushpop([1, 5, 3], 0)
    """
    if len(heap) > 0 and heap[0] < item:
        least = heap[0]
        heap[0] = item
        _settle(heap, 0)
        return least
    return item


@overload(heapq.nsmallest)
def nsmallest(n: Whole, iterable: Any, key: Any = None):
    """The n least items in ascending order.

    >>> heapq.nsmallest(2, [5, 1, k, l])
    """
    return sorted(iterable, key=key)[: max(n, 0)]


@overload(heapq.nlargest)
def nlargest(n: Whole, iterable: Any, key: Any = None):
    """The n greatest items in descending order.

    >>> heapq.nlargest(2, [5, 1, k, l])
    """
    return sorted(iterable, key=key, reverse=True)[: max(n, 0)]


@overload(heapq.merge)
def merge(*iterables: Any, key: Any = None, reverse: Whole = False):
    """The items of sorted iterables in one order.

    >>> list(heapq.merge([1, 5], [2, 7]))
    """
    every = [x for part in iterables for x in part]
    every.sort(key, reverse)
    for x in every:
        yield x
