"""itertools: each function is a generator. Tuples are of a length known when compiled, as their types are."""

import itertools

from cantil.library import advance, overload, unsupported


def _lists(*iterables):
    if len(iterables) == 0:
        return ()
    return (list(iterables[0]), *_lists(*iterables[1:]))


def _iterators(*iterables):
    if len(iterables) == 0:
        return ()
    return (iter(iterables[0]), *_iterators(*iterables[1:]))


@overload(itertools.count)
def count(start: Number = 0, step: Number = 1):
    """Numbers without end.

    >>> next(itertools.count(k, 2))
    """
    n = start + 0 * step
    while True:
        yield n
        n += step


@overload(itertools.cycle)
def cycle(iterable: Any):
    """The items over and over.

    >>> next(itertools.cycle([k, l]))
    """
    seen = [x for x in iterable]
    while len(seen) > 0:
        for x in seen:
            yield x


@overload(itertools.repeat)
def repeat(object: Any):
    """One value, so many times or without end.

    >>> next(itertools.repeat(k))
    >>> sum(itertools.repeat(k, 3))
    """
    while True:
        yield object


@overload(itertools.repeat)
def repeat_times(object: Any, times: Whole):
    for _ in range(times):
        yield object


@overload(itertools.accumulate)
def accumulate(iterable: Any):
    """Running sums, or what a function makes of the last result and the next item.

    >>> list(itertools.accumulate([1, k, l]))
    >>> list(itertools.accumulate([1, k, l], lambda x, y: x * y, initial=2))
    """
    some = False
    for x in iterable:
        total = total + x if some else x
        some = True
        yield total


@overload(itertools.accumulate)
def accumulate_by(iterable: Any, func: Any, *, initial: NoneType = None):
    some = False
    for x in iterable:
        if some:
            total = total + x if func is None else func(total, x)
        else:
            total = x
        some = True
        yield total


@overload(itertools.accumulate)
def accumulate_from(iterable: Any, func: Any = None, *, initial: Any):
    total = initial
    yield total
    for x in iterable:
        total = total + x if func is None else func(total, x)
        yield total


@overload(itertools.chain)
def chain(*iterables: Any):
    """The items of one iterable after those of another.

    >>> list(itertools.chain([k], (l, 2), range(3)))
    """
    if len(iterables) > 0:
        for x in iterables[0]:
            yield x
        if len(iterables) > 1:
            for x in itertools.chain(*iterables[1:]):
                yield x


@overload(itertools.chain.from_iterable)
def chain_from_iterable(iterable: Any):
    """The items of the items.

    >>> list(itertools.chain.from_iterable([[k], [l, 2]]))
    """
    for items in iterable:
        for x in items:
            yield x


@overload(itertools.compress)
def compress(data: Any, selectors: Any):
    """The items whose selector is true.

    >>> list(itertools.compress([1, k, l], [True, False, True]))
    """
    for x, chosen in zip(data, selectors):
        if chosen:
            yield x


@overload(itertools.dropwhile)
def dropwhile(predicate: Any, iterable: Any):
    """The items from the first on for which the predicate is false.

    >>> list(itertools.dropwhile(lambda x: x < 3, [1, 5, 2, k]))
    """
    dropping = True
    for x in iterable:
        if dropping:
            dropping = bool(predicate(x))
        if not dropping:
            yield x


@overload(itertools.takewhile)
def takewhile(predicate: Any, iterable: Any):
    """The items before the first for which the predicate is false.

    >>> list(itertools.takewhile(lambda x: x < 3, [1, 2, k, 1]))
    """
    for x in iterable:
        if not predicate(x):
            break
        yield x


@overload(itertools.filterfalse)
def filterfalse(predicate: Any, iterable: Any):
    """The items for which the predicate is false.

    >>> list(itertools.filterfalse(lambda x: x < 3, [1, 5, 2, k]))
    """
    for x in iterable:
        if not (x if predicate is None else predicate(x)):
            yield x


@overload(itertools.starmap)
def starmap(function: Any, iterable: Any):
    """What the function gives for tuples of arguments.

    >>> list(itertools.starmap(lambda x, y: x - y, [(k, l), (1, 2)]))
    """
    for args in iterable:
        yield function(*args)


@overload(itertools.pairwise)
def pairwise(iterable: Any):
    """Each item with the one behind it.

    >>> list(itertools.pairwise([1, k, l]))
    """
    some = False
    for x in iterable:
        if some:
            yield last, x
        last = x  # noqa: F841  read by the next round
        some = True


@overload(itertools.islice)
def islice(iterable: Any, stop: Whole | NoneType):
    """The items at a slice's positions.

    >>> list(itertools.islice([1, k, l, 7], 2))
    >>> list(itertools.islice([1, k, l, 7], 1, None, 2))
    """
    if stop is None:
        for x in iterable:
            yield x
    else:
        if stop < 0:
            raise ValueError("Stop argument for islice() must be None or an integer: 0 <= x <= sys.maxsize.")
        n = 0
        if stop > 0:
            for x in iterable:
                yield x
                n += 1
                if n >= stop:
                    break


@overload(itertools.islice)
def islice_between(
    iterable: Any, start: Whole | NoneType, stop: Whole | NoneType, step: Whole | NoneType = None
):
    first = 0 if start is None else start
    by = 1 if step is None else step
    last = 9223372036854775807 if stop is None else stop
    if last < 0:
        raise ValueError("Stop argument for islice() must be None or an integer: 0 <= x <= sys.maxsize.")
    if first < 0:
        raise ValueError("Indices for islice() must be None or an integer: 0 <= x <= sys.maxsize.")
    if by < 1:
        raise ValueError("Step for islice() must be a positive integer or None.")
    n = 0
    wanted = first
    if last > 0:
        for x in iterable:
            if n == wanted and n < last:
                yield x
                wanted += by
            n += 1
            if n >= last:
                break


def _product(pools):
    if len(pools) == 0:
        yield ()
    else:
        for x in pools[0]:
            for rest in _product(pools[1:]):
                yield (x, *rest)


@overload(itertools.product)
def product(*iterables: Any, repeat: LiteralInt = 1):
    """Tuples of an item of each iterable, the last one's changing fastest.

    >>> list(itertools.product([k, l], (0.5, 1.5)))
    >>> list(itertools.product([k, l], repeat=2))
    """
    for items in _product(_lists(*iterables) * repeat):
        yield items


@overload(itertools.product)
def product_times(*iterables: Any, repeat: Any = 1):
    unsupported(
        "itertools.product() takes a constant for repeat, as the length of a tuple is part of its type"
    )


def _pick(pool, places, k: LiteralInt, r: LiteralInt):
    """The r - k items at places[k:]."""
    if k == r:
        return ()
    return (pool[places[k]], *_pick(pool, places, k + 1, r))


@overload(itertools.combinations)
def combinations(iterable: Any, r: LiteralInt):
    """Tuples of r different items, in the order of their places.

    >>> list(itertools.combinations([1, k, l, 7], 2))
    """
    pool = list(iterable)
    n = len(pool)
    if r < 0:
        raise ValueError("r must be non-negative")
    places = [i for i in range(r)]
    going = r <= n
    while going:
        yield _pick(pool, places, 0, r)
        # The last place that can move on; those behind it follow.
        i = r - 1
        while i >= 0 and places[i] == n - r + i:
            i -= 1
        going = i >= 0
        if going:
            places[i] += 1
            for j in range(i + 1, r):
                places[j] = places[j - 1] + 1


@overload(itertools.combinations_with_replacement)
def combinations_with_replacement(iterable: Any, r: LiteralInt):
    """Tuples of r items, which may repeat, in the order of their places.

    >>> list(itertools.combinations_with_replacement([1, k, l], 2))
    """
    pool = list(iterable)
    n = len(pool)
    if r < 0:
        raise ValueError("r must be non-negative")
    places = [0 for i in range(r)]
    going = n > 0 or r == 0
    while going:
        yield _pick(pool, places, 0, r)
        i = r - 1
        while i >= 0 and places[i] == n - 1:
            i -= 1
        going = i >= 0
        if going:
            at = places[i] + 1
            for j in range(i, r):
                places[j] = at


def _permutations(pool, r: LiteralInt):
    n = len(pool)
    places = [i for i in range(n)]
    left = [n - i for i in range(r)]
    going = r <= n
    while going:
        yield _pick(pool, places, 0, r)
        going = False
        for i in range(r - 1, -1, -1):
            left[i] -= 1
            if left[i] > 0:
                j = n - left[i]
                places[i], places[j] = places[j], places[i]
                going = True
                break
            # All have stood here: they move up, and the first goes to the end.
            first = places[i]
            for j in range(i, n - 1):
                places[j] = places[j + 1]
            places[n - 1] = first
            left[i] = n - i


@overload(itertools.permutations)
def permutations(iterable: Any, r: LiteralInt):
    """Tuples of r different items, in all orders; of all items of a tuple where r is left out.

    >>> list(itertools.permutations([1, k, l], 2))
    >>> list(itertools.permutations((1, k, l)))
    """
    for items in _permutations(list(iterable), r):
        yield items


@overload(itertools.permutations)
def permutations_of_all(iterable: Tuple, r: NoneType = None):
    for items in _permutations(list(iterable), len(iterable)):
        yield items


@overload(itertools.combinations)
@overload(itertools.combinations_with_replacement)
@overload(itertools.permutations)
def unknown_length(iterable: Any, r: Any = None):
    unsupported("r must be a constant, as the length of a tuple is part of its type")


def _advance_all(iterators, fillvalue):
    if len(iterators) == 0:
        return False, ()
    taken = advance(iterators[0])
    rest = _advance_all(iterators[1:], fillvalue)
    return taken[0] or rest[0], (taken[1] if taken[0] else fillvalue, *rest[1])


@overload(itertools.zip_longest)
def zip_longest(*iterables: Any, fillvalue: Any = None):
    """Tuples of one item from each iterable, until the last of them ends.

    >>> list(itertools.zip_longest([1, k], [l], fillvalue=7))
    """
    iterators = _iterators(*iterables)
    while True:
        some, items = _advance_all(iterators, fillvalue)
        if not some:
            break
        yield items


@overload(itertools.groupby)
def groupby(iterable: Any, key: Any = None):
    """Pairs of a key and an iterator over the items in a row that have it.

    >>> [(x, list(group)) for x, group in itertools.groupby([1, 1, k, k, 1])]
    """
    some = False
    for x in iterable:
        now = x if key is None else key(x)
        if some and now == last:
            group.append(x)
        else:
            if some:
                yield last, iter(group)
            group = [x]
            last = now
            some = True
    if some:
        yield last, iter(group)
