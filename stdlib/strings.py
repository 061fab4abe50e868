"""str: what its methods and operators take, over the C++ functions that do the work (device_runtime/text)."""

import operator

from cantil.library import (
    call_runtime,
    cast,
    is_null,
    list_of,
    overload,
    slice_bounds,
    slice_part,
    slice_unit,
    unicode_type,
)

_END = 9223372036854775807


def _made(text):
    """A text that there was memory for."""
    if is_null(text):
        raise MemoryError
    return text


def _bound(i, otherwise):
    """A bound of a slice as methods take it."""
    if i is None:
        return otherwise
    else:
        return cast(i, int64)


# Operators.


@overload(operator.eq)
def eq(a: Str, b: Str):
    """Whether all characters are equal.

    >>> text == word
    """
    return call_runtime(bool, "cantil_rt_text_equal", a, b)


@overload(operator.ne)
def ne(a: Str, b: Str):
    """Whether some characters differ.

    >>> text != word
    """
    return not call_runtime(bool, "cantil_rt_text_equal", a, b)


@overload(operator.lt)
def lt(a: Str, b: Str):
    """Order by the characters' code points.

    >>> text < word
    """
    return call_runtime(int64, "cantil_rt_text_compare", a, b) < 0


@overload(operator.le)
def le(a: Str, b: Str):
    """Order by the characters' code points.

    >>> text <= word
    """
    return call_runtime(int64, "cantil_rt_text_compare", a, b) <= 0


@overload(operator.gt)
def gt(a: Str, b: Str):
    """Order by the characters' code points.

    >>> text > word
    """
    return call_runtime(int64, "cantil_rt_text_compare", a, b) > 0


@overload(operator.ge)
def ge(a: Str, b: Str):
    """Order by the characters' code points.

    >>> text >= word
    """
    return call_runtime(int64, "cantil_rt_text_compare", a, b) >= 0


@overload(operator.add)
def add(a: Str, b: Str):
    """One behind the other.

    >>> text + word
    """
    return _made(call_runtime(unicode_type, "cantil_rt_text_append", a, b))


@overload(operator.mul)
def mul(a: Str, times: Whole):
    """Several times.

    >>> word * l
    """
    return _made(call_runtime(unicode_type, "cantil_rt_text_repeat", a, cast(times, int64)))


@overload(operator.mul)
def rmul(times: Whole, a: Str):
    return a * times


@overload(operator.contains)
def contains(a: Str, b: Str):
    """Whether a text stands in another.

    >>> word in text
    """
    return call_runtime(int64, "cantil_rt_text_find", a, b, 0, _END) >= 0


@overload(operator.getitem)
def getitem(s: Str, index: Whole):
    """A character.

    >>> text[-3]
    """
    n = len(s)
    i = cast(index, int64)
    if i < 0:
        i += n
    if cast(i, uint64) >= cast(n, uint64):
        raise IndexError("string index out of range")
    return call_runtime(unicode_type, "cantil_rt_text_char", s, i)


@overload(operator.getitem)
def getitem_slice(s: Str, part: Slice):
    """Some characters.

    >>> text[-2:1:-2]
    """
    step = slice_part(part, 2)
    if step is None:
        start, length = slice_unit(slice_part(part, 0), slice_part(part, 1), 1, len(s))
        return _made(call_runtime(unicode_type, "cantil_rt_text_slice", s, start, 1, length))
    else:
        start, length = slice_bounds(slice_part(part, 0), slice_part(part, 1), step, len(s))
        return _made(call_runtime(unicode_type, "cantil_rt_text_slice", s, start, step, length))


@overload(hash)
def hash_text(s: Str):
    return call_runtime(int64, "cantil_rt_text_hash", s)


@overload(ord)
def ord_text(c: Str):
    """The code point of a character.

    >>> ord(text[3])
    """
    if len(c) != 1:
        n = len(c)
        raise TypeError(f"ord() expected a character, but string of length {n} found")
    return call_runtime(int64, "cantil_rt_text_ord", c, 0)


@overload(chr)
def chr_whole(i: Whole):
    """The character of a code point.

    >>> chr(228 + k)
    """
    c = cast(i, int64)
    if cast(c, uint64) >= cast(0x110000, uint64):
        raise ValueError("chr() arg not in range(0x110000)")
    return call_runtime(unicode_type, "cantil_rt_text_chr", c)


# Searching.


@overload("method:str.find")
def find(self: Str, sub: Str, start: Whole | NoneType = None, end: Whole | NoneType = None):
    """Where a text begins, or -1.

    >>> text.find(word, l, -1)
    """
    return call_runtime(int64, "cantil_rt_text_find", self, sub, _bound(start, 0), _bound(end, _END))


@overload("method:str.rfind")
def rfind(self: Str, sub: Str, start: Whole | NoneType = None, end: Whole | NoneType = None):
    """Where a text begins for the last time, or -1.

    >>> text.rfind("n", l)
    """
    return call_runtime(int64, "cantil_rt_text_rfind", self, sub, _bound(start, 0), _bound(end, _END))


@overload("method:str.index")
def index(self: Str, sub: Str, start: Whole | NoneType = None, end: Whole | NoneType = None):
    """Where a text begins.

    >>> text.index(word)
    """
    r = call_runtime(int64, "cantil_rt_text_find", self, sub, _bound(start, 0), _bound(end, _END))
    if r < 0:
        raise ValueError("substring not found")
    return r


@overload("method:str.rindex")
def rindex(self: Str, sub: Str, start: Whole | NoneType = None, end: Whole | NoneType = None):
    """Where a text begins for the last time.

    >>> text.rindex("n")
    """
    r = call_runtime(int64, "cantil_rt_text_rfind", self, sub, _bound(start, 0), _bound(end, _END))
    if r < 0:
        raise ValueError("substring not found")
    return r


@overload("method:str.count")
def count(self: Str, sub: Str, start: Whole | NoneType = None, end: Whole | NoneType = None):
    """How often a text occurs, without overlaps.

    >>> text.count("n", 2)
    """
    return call_runtime(int64, "cantil_rt_text_count", self, sub, _bound(start, 0), _bound(end, _END))


@overload("method:str.startswith")
def startswith(self: Str, prefix: Str, start: Whole | NoneType = None, end: Whole | NoneType = None):
    """Whether a text begins with another, or one of a tuple.

    >>> text.startswith(("A", "Gr"))
    """
    return call_runtime(bool, "cantil_rt_text_starts", self, prefix, _bound(start, 0), _bound(end, _END))


@overload("method:str.startswith")
def startswith_any(self: Str, prefix: Tuple, start: Whole | NoneType = None, end: Whole | NoneType = None):
    if len(prefix) == 0:
        return False
    elif self.startswith(prefix[0], start, end):
        return True
    else:
        return self.startswith(prefix[1:], start, end)


@overload("method:str.endswith")
def endswith(self: Str, suffix: Str, start: Whole | NoneType = None, end: Whole | NoneType = None):
    """Whether a text ends with another, or one of a tuple.

    >>> text.endswith(("A", "3"))
    """
    return call_runtime(bool, "cantil_rt_text_ends", self, suffix, _bound(start, 0), _bound(end, _END))


@overload("method:str.endswith")
def endswith_any(self: Str, suffix: Tuple, start: Whole | NoneType = None, end: Whole | NoneType = None):
    if len(suffix) == 0:
        return False
    elif self.endswith(suffix[0], start, end):
        return True
    else:
        return self.endswith(suffix[1:], start, end)


@overload("method:str.removeprefix")
def removeprefix(self: Str, prefix: Str):
    """Without a text at the beginning.

    >>> text.removeprefix("Gr")
    """
    if len(prefix) > 0 and self.startswith(prefix):
        return self[len(prefix) :]
    return self


@overload("method:str.removesuffix")
def removesuffix(self: Str, suffix: Str):
    """Without a text at the end.

    >>> text.removesuffix(" 3")
    """
    if len(suffix) > 0 and self.endswith(suffix):
        return self[: len(self) - len(suffix)]
    return self


# Taking apart and putting together.


@overload("method:str.replace")
def replace(self: Str, old: Str, new: Str, count: Whole = -1):
    """With one text in place of another.

    >>> text.replace("n", word, 2)
    """
    return _made(call_runtime(unicode_type, "cantil_rt_text_replace", self, old, new, cast(count, int64)))


def _separator(sep):
    if len(sep) == 0:
        raise ValueError("empty separator")


@overload("method:str.split")
def split(self: Str, sep: Str | NoneType = None, maxsplit: Whole = -1):
    """The parts between separators, or between white space.

    >>> text.split("n", 2)
    """
    T = list_of(unicode_type)
    if sep is None:
        return call_runtime(T, "cantil_rt_text_split_space", self, cast(maxsplit, int64), False)
    else:
        _separator(sep)
        return call_runtime(T, "cantil_rt_text_split", self, sep, cast(maxsplit, int64))


@overload("method:str.rsplit")
def rsplit(self: Str, sep: Str | NoneType = None, maxsplit: Whole = -1):
    """The parts between separators, counted from the end.

    >>> text.rsplit(None, 2)
    """
    T = list_of(unicode_type)
    if sep is None:
        return call_runtime(T, "cantil_rt_text_rsplit_space", self, cast(maxsplit, int64), False)
    else:
        _separator(sep)
        return call_runtime(T, "cantil_rt_text_rsplit", self, sep, cast(maxsplit, int64))


@overload("method:str.splitlines")
def splitlines(self: Str, keepends: Whole = False):
    """The lines.

    >>> (text + "\\r\\n" + word).splitlines(True)
    """
    T = list_of(unicode_type)
    return call_runtime(T, "cantil_rt_text_splitlines", self, cast(keepends, bool), False)


@overload("method:str.partition")
def partition(self: Str, sep: Str):
    """What is before a separator, the separator, and what is behind it.

    >>> text.partition(", ")
    """
    _separator(sep)
    i = self.find(sep)
    if i < 0:
        return self, "", ""
    return self[:i], sep, self[i + len(sep) :]


@overload("method:str.rpartition")
def rpartition(self: Str, sep: Str):
    """The same at the last separator.

    >>> text.rpartition("n")
    """
    _separator(sep)
    i = self.rfind(sep)
    if i < 0:
        return "", "", self
    return self[:i], sep, self[i + len(sep) :]


@overload("method:str.join")
def join_list(self: Str, iterable: List):
    """Texts with this one between them.

    >>> word.join([text, word, text])
    """
    return _made(call_runtime(unicode_type, "cantil_rt_text_join", self, iterable))


@overload("method:str.join")
def join_text(self: Str, iterable: Str):
    return self.join([c for c in iterable])


@overload("method:str.join")
def join_tuple(self: Str, iterable: Tuple):
    if len(iterable) == 0:
        return ""
    else:
        return self.join([t for t in iterable])


@overload("method:str.join")
def join_table(self: Str, iterable: Dict | Set):
    return self.join([t for t in iterable])


# White space and width.


@overload("method:str.strip")
def strip(self: Str, chars: Str | NoneType = None):
    """Without white space, or certain characters, at both ends.

    >>> text.strip("3G ")
    """
    if chars is None:
        return call_runtime(unicode_type, "cantil_rt_text_strip_space", self, 3, False)
    else:
        return call_runtime(unicode_type, "cantil_rt_text_strip", self, chars, 3)


@overload("method:str.lstrip")
def lstrip(self: Str, chars: Str | NoneType = None):
    """Without white space, or certain characters, at the beginning.

    >>> text.lstrip("3G ")
    """
    if chars is None:
        return call_runtime(unicode_type, "cantil_rt_text_strip_space", self, 1, False)
    else:
        return call_runtime(unicode_type, "cantil_rt_text_strip", self, chars, 1)


@overload("method:str.rstrip")
def rstrip(self: Str, chars: Str | NoneType = None):
    """Without white space, or certain characters, at the end.

    >>> text.rstrip("3G ")
    """
    if chars is None:
        return call_runtime(unicode_type, "cantil_rt_text_strip_space", self, 2, False)
    else:
        return call_runtime(unicode_type, "cantil_rt_text_strip", self, chars, 2)


def _fill(c):
    if len(c) != 1:
        raise TypeError("The fill character must be exactly one character long")
    return call_runtime(int64, "cantil_rt_text_ord", c, 0)


@overload("method:str.ljust")
def ljust(self: Str, width: Whole, fillchar: Str = " "):
    """Filled up behind.

    >>> word.ljust(9, "-")
    """
    missing = cast(width, int64) - len(self)
    return _made(call_runtime(unicode_type, "cantil_rt_text_pad", self, 0, missing, _fill(fillchar)))


@overload("method:str.rjust")
def rjust(self: Str, width: Whole, fillchar: Str = " "):
    """Filled up before.

    >>> word.rjust(9, "-")
    """
    missing = cast(width, int64) - len(self)
    return _made(call_runtime(unicode_type, "cantil_rt_text_pad", self, missing, 0, _fill(fillchar)))


@overload("method:str.center")
def center(self: Str, width: Whole, fillchar: Str = " "):
    """Filled up on both sides.

    >>> word.center(9, "-")
    """
    w = cast(width, int64)
    missing = max(w - len(self), 0)
    left = missing // 2 + (missing & w & 1)
    return _made(
        call_runtime(unicode_type, "cantil_rt_text_pad", self, left, missing - left, _fill(fillchar))
    )


@overload("method:str.zfill")
def zfill(self: Str, width: Whole):
    """Filled up with zeros behind the sign.

    >>> "-12".zfill(k)
    """
    return _made(call_runtime(unicode_type, "cantil_rt_text_zfill", self, cast(width, int64)))


@overload("method:str.expandtabs")
def expandtabs(self: Str, tabsize: Whole = 8):
    """With spaces in place of tabulators.

    >>> text.expandtabs(l)
    """
    return _made(call_runtime(unicode_type, "cantil_rt_text_expandtabs", self, cast(tabsize, int64)))
