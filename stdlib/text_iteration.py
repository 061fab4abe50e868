"""Characters and bytes as items: list(), sorted(), min() and the like over str and bytes."""

from cantil.library import is_class, overload, type_of


def _text_items(x):
    return [c for c in x]


@overload(list)
def list_text(x: Text | ByteArray):
    return _text_items(x)


@overload(set)
def set_text(x: Text | ByteArray):
    return {c for c in x}


@overload(sorted)
def sorted_text(x: Text | ByteArray, key: Any = None, reverse: Whole = False):
    r = _text_items(x)
    r.sort(key, reverse)
    return r


@overload(sum)
def sum_bytes(x: BytesLike, start: Any = 0):
    total = start
    for c in x:
        total += c
    return total


@overload(any)
def any_text(x: Text | ByteArray):
    if is_class(type_of(x), "Str"):
        return len(x) > 0
    else:
        for c in x:
            if c != 0:
                return True
        return False


@overload(all)
def all_text(x: Text | ByteArray):
    if is_class(type_of(x), "Str"):
        return True
    else:
        for c in x:
            if c == 0:
                return False
        return True


@overload(min)
def min_text(x: Text | ByteArray):
    return min(_text_items(x))


@overload(max)
def max_text(x: Text | ByteArray):
    return max(_text_items(x))


@overload(min)
def min_texts(a: Text, b: Text, *rest):
    r = b if b < a else a
    if len(rest) == 0:
        return r
    else:
        return min(r, *rest)


@overload(max)
def max_texts(a: Text, b: Text, *rest):
    r = b if b > a else a
    if len(rest) == 0:
        return r
    else:
        return max(r, *rest)
