"""bytes: the methods that it shares with str."""

from cantil.library import bytes_type, call_runtime, cast, is_null, list_of, overload

_END = 9223372036854775807


def _made(r):
    if is_null(r):
        raise MemoryError
    return r


def _bound(i, otherwise):
    if i is None:
        return otherwise
    else:
        return cast(i, int64)


def _separator(sep):
    if len(sep) == 0:
        raise ValueError("empty separator")


def _fill(c):
    return call_runtime(int64, "cantil_rt_text_ord", c, 0)


# Searching. A number stands for the byte.


def _sub(x):
    if isinstance(x, int):
        if x < 0 or x > 255:
            raise ValueError("byte must be in range(0, 256)")
        return call_runtime(bytes_type, "cantil_rt_text_chr", cast(x, int64))
    else:
        return x


@overload("method:bytes.find")
def find(self: Bytes, sub: Bytes | Whole, start: Whole | NoneType = None, end: Whole | NoneType = None):
    """Where some bytes begin, or -1.

    >>> b"abcabc".find(b"bc", 1)
    """
    return call_runtime(int64, "cantil_rt_text_find", self, _sub(sub), _bound(start, 0), _bound(end, _END))


@overload("method:bytes.rfind")
def rfind(self: Bytes, sub: Bytes | Whole, start: Whole | NoneType = None, end: Whole | NoneType = None):
    """Where some bytes begin for the last time, or -1.

    >>> b"abcabc".rfind(b"bc", 1)
    """
    return call_runtime(int64, "cantil_rt_text_rfind", self, _sub(sub), _bound(start, 0), _bound(end, _END))


@overload("method:bytes.count")
def count(self: Bytes, sub: Bytes | Whole, start: Whole | NoneType = None, end: Whole | NoneType = None):
    """How often some bytes occur, without overlaps.

    >>> b"abcabc".count(b"bc", 1)
    """
    return call_runtime(int64, "cantil_rt_text_count", self, _sub(sub), _bound(start, 0), _bound(end, _END))


@overload("method:bytes.index")
def index(self: Bytes, sub: Bytes | Whole, start: Whole | NoneType = None, end: Whole | NoneType = None):
    """Where some bytes begin.

    >>> b"abcabc".index(98)
    """
    r = self.find(sub, start, end)
    if r < 0:
        raise ValueError("subsection not found")
    return r


@overload("method:bytes.rindex")
def rindex(self: Bytes, sub: Bytes | Whole, start: Whole | NoneType = None, end: Whole | NoneType = None):
    """Where some bytes begin.

    >>> b"abcabc".rindex(98)
    """
    r = self.rfind(sub, start, end)
    if r < 0:
        raise ValueError("subsection not found")
    return r


@overload("method:bytes.startswith")
def startswith(self: Bytes, part: Bytes, start: Whole | NoneType = None, end: Whole | NoneType = None):
    """Whether bytes stand at one end.

    >>> b"abcabc".startswith((b"x", b"abc"))
    """
    return call_runtime(bool, "cantil_rt_text_starts", self, part, _bound(start, 0), _bound(end, _END))


@overload("method:bytes.startswith")
def startswith_any(self: Bytes, part: Tuple, start: Whole | NoneType = None, end: Whole | NoneType = None):
    if len(part) == 0:
        return False
    elif self.startswith(part[0], start, end):
        return True
    else:
        return self.startswith(part[1:], start, end)


@overload("method:bytes.endswith")
def endswith(self: Bytes, part: Bytes, start: Whole | NoneType = None, end: Whole | NoneType = None):
    """Whether bytes stand at one end.

    >>> b"abcabc".endswith((b"x", b"abc"))
    """
    return call_runtime(bool, "cantil_rt_text_ends", self, part, _bound(start, 0), _bound(end, _END))


@overload("method:bytes.endswith")
def endswith_any(self: Bytes, part: Tuple, start: Whole | NoneType = None, end: Whole | NoneType = None):
    if len(part) == 0:
        return False
    elif self.endswith(part[0], start, end):
        return True
    else:
        return self.endswith(part[1:], start, end)


@overload("method:bytes.removeprefix")
def removeprefix(self: Bytes, prefix: Bytes):
    """Without a bytes at the beginning.

    >>> b"abcabc".removeprefix(b"ab")
    """
    if len(prefix) > 0 and self.startswith(prefix):
        return self[len(prefix) :]
    return self


@overload("method:bytes.removesuffix")
def removesuffix(self: Bytes, suffix: Bytes):
    """Without a bytes at the end.

    >>> b"abcabc".removesuffix(b"bc")
    """
    if len(suffix) > 0 and self.endswith(suffix):
        return self[: len(self) - len(suffix)]
    return self


@overload("method:bytes.replace")
def replace(self: Bytes, old: Bytes, new: Bytes, count: Whole = -1):
    """With one bytes in place of another.

    >>> b"abcabc".replace(b"b", b"xy", 1)
    """
    return _made(call_runtime(bytes_type, "cantil_rt_text_replace", self, old, new, cast(count, int64)))


@overload("method:bytes.split")
def split(self: Bytes, sep: Bytes | NoneType = None, maxsplit: Whole = -1):
    """The parts between separators, or between white space.

    >>> b"ab c  d".split()
    """
    T = list_of(bytes_type)
    if sep is None:
        return call_runtime(T, "cantil_rt_text_split_space", self, cast(maxsplit, int64), True)
    else:
        _separator(sep)
        return call_runtime(T, "cantil_rt_text_split", self, sep, cast(maxsplit, int64))


@overload("method:bytes.rsplit")
def rsplit(self: Bytes, sep: Bytes | NoneType = None, maxsplit: Whole = -1):
    """The parts between separators, counted from the end.

    >>> b"ab c  d".rsplit(b" ", 1)
    """
    T = list_of(bytes_type)
    if sep is None:
        return call_runtime(T, "cantil_rt_text_rsplit_space", self, cast(maxsplit, int64), True)
    else:
        _separator(sep)
        return call_runtime(T, "cantil_rt_text_rsplit", self, sep, cast(maxsplit, int64))


@overload("method:bytes.splitlines")
def splitlines(self: Bytes, keepends: Whole = False):
    """The lines.

    >>> b"ab\\nc".splitlines()
    """
    T = list_of(bytes_type)
    return call_runtime(T, "cantil_rt_text_splitlines", self, cast(keepends, bool), True)


@overload("method:bytes.partition")
def partition(self: Bytes, sep: Bytes):
    """What is before a separator, the separator, and what is behind it.

    >>> b"abcabc".partition(b"ca")
    """
    _separator(sep)
    i = self.find(sep)
    if i < 0:
        return self, b"", b""
    return self[:i], sep, self[i + len(sep) :]


@overload("method:bytes.rpartition")
def rpartition(self: Bytes, sep: Bytes):
    """The same at the last separator.

    >>> b"abcabc".rpartition(b"a")
    """
    _separator(sep)
    i = self.rfind(sep)
    if i < 0:
        return b"", b"", self
    return self[:i], sep, self[i + len(sep) :]


@overload("method:bytes.join")
def join_list(self: Bytes, iterable: List):
    """Bytes with this one between them.

    >>> b"-".join([b"a", b"b"])
    """
    return _made(call_runtime(bytes_type, "cantil_rt_text_join", self, iterable))


@overload("method:bytes.join")
def join_tuple(self: Bytes, iterable: Tuple):
    if len(iterable) == 0:
        return b""
    else:
        return self.join([t for t in iterable])


@overload("method:bytes.join")
def join_table(self: Bytes, iterable: Dict | Set):
    return self.join([t for t in iterable])


@overload("method:bytes.strip")
def strip(self: Bytes, chars: Bytes | NoneType = None):
    """Without white space, or certain characters, at both ends.

    >>> b" ab ".strip()
    """
    if chars is None:
        return call_runtime(bytes_type, "cantil_rt_text_strip_space", self, 3, True)
    else:
        return call_runtime(bytes_type, "cantil_rt_text_strip", self, chars, 3)


@overload("method:bytes.lstrip")
def lstrip(self: Bytes, chars: Bytes | NoneType = None):
    """Without white space, or certain characters, at the beginning.

    >>> b" ab ".lstrip()
    """
    if chars is None:
        return call_runtime(bytes_type, "cantil_rt_text_strip_space", self, 1, True)
    else:
        return call_runtime(bytes_type, "cantil_rt_text_strip", self, chars, 1)


@overload("method:bytes.rstrip")
def rstrip(self: Bytes, chars: Bytes | NoneType = None):
    """Without white space, or certain characters, at the end.

    >>> b"xabx".rstrip(b"x")
    """
    if chars is None:
        return call_runtime(bytes_type, "cantil_rt_text_strip_space", self, 2, True)
    else:
        return call_runtime(bytes_type, "cantil_rt_text_strip", self, chars, 2)


@overload("method:bytes.ljust")
def ljust(self: Bytes, width: Whole, fillchar: Bytes = b" "):
    """Filled up behind.

    >>> b"ab".ljust(k, b"-")
    """
    missing = cast(width, int64) - len(self)
    return _made(call_runtime(bytes_type, "cantil_rt_text_pad", self, 0, missing, _fill(fillchar)))


@overload("method:bytes.rjust")
def rjust(self: Bytes, width: Whole, fillchar: Bytes = b" "):
    """Filled up before.

    >>> b"ab".rjust(k)
    """
    missing = cast(width, int64) - len(self)
    return _made(call_runtime(bytes_type, "cantil_rt_text_pad", self, missing, 0, _fill(fillchar)))


@overload("method:bytes.center")
def center(self: Bytes, width: Whole, fillchar: Bytes = b" "):
    """Filled up on both sides.

    >>> b"ab".center(k, b"-")
    """
    w = cast(width, int64)
    missing = max(w - len(self), 0)
    left = missing // 2 + (missing & w & 1)
    return _made(call_runtime(bytes_type, "cantil_rt_text_pad", self, left, missing - left, _fill(fillchar)))


@overload("method:bytes.zfill")
def zfill(self: Bytes, width: Whole):
    """Filled up with zeros behind the sign.

    >>> b"-12".zfill(k)
    """
    return _made(call_runtime(bytes_type, "cantil_rt_text_zfill", self, cast(width, int64)))


@overload("method:bytes.expandtabs")
def expandtabs(self: Bytes, tabsize: Whole = 8):
    """With spaces in place of tabulators.

    >>> b"a\\tb".expandtabs(l)
    """
    return _made(call_runtime(bytes_type, "cantil_rt_text_expandtabs", self, cast(tabsize, int64)))


@overload("method:bytes.lower")
def lower(self: Bytes):
    """In this case, as far as ASCII's letters go.

    >>> b"aBc dE".lower()
    """
    return call_runtime(bytes_type, "cantil_rt_text_case", self, 0, True)


@overload("method:bytes.upper")
def upper(self: Bytes):
    """In this case, as far as ASCII's letters go.

    >>> b"aBc dE".upper()
    """
    return call_runtime(bytes_type, "cantil_rt_text_case", self, 1, True)


@overload("method:bytes.title")
def title(self: Bytes):
    """In this case, as far as ASCII's letters go.

    >>> b"aBc dE".title()
    """
    return call_runtime(bytes_type, "cantil_rt_text_case", self, 2, True)


@overload("method:bytes.capitalize")
def capitalize(self: Bytes):
    """In this case, as far as ASCII's letters go.

    >>> b"aBc dE".capitalize()
    """
    return call_runtime(bytes_type, "cantil_rt_text_case", self, 3, True)


@overload("method:bytes.swapcase")
def swapcase(self: Bytes):
    """In this case, as far as ASCII's letters go.

    >>> b"aBc dE".swapcase()
    """
    return call_runtime(bytes_type, "cantil_rt_text_case", self, 4, True)


@overload("method:bytes.isalnum")
def isalnum(self: Bytes):
    """Whether all bytes are, as far as ASCII goes.

    >>> (b"ab1".isalnum(), b"Ab".isalnum())
    """
    return call_runtime(bool, "cantil_rt_text_is", self, 0, True)


@overload("method:bytes.isalpha")
def isalpha(self: Bytes):
    """Whether all bytes are, as far as ASCII goes.

    >>> (b"ab1".isalpha(), b"Ab".isalpha())
    """
    return call_runtime(bool, "cantil_rt_text_is", self, 1, True)


@overload("method:bytes.isascii")
def isascii(self: Bytes):
    """Whether all bytes are, as far as ASCII goes.

    >>> (b"ab1".isascii(), b"Ab".isascii())
    """
    return call_runtime(bool, "cantil_rt_text_is", self, 2, True)


@overload("method:bytes.isdigit")
def isdigit(self: Bytes):
    """Whether all bytes are, as far as ASCII goes.

    >>> (b"ab1".isdigit(), b"Ab".isdigit())
    """
    return call_runtime(bool, "cantil_rt_text_is", self, 4, True)


@overload("method:bytes.islower")
def islower(self: Bytes):
    """Whether all bytes are, as far as ASCII goes.

    >>> (b"ab1".islower(), b"Ab".islower())
    """
    return call_runtime(bool, "cantil_rt_text_is", self, 6, True)


@overload("method:bytes.isspace")
def isspace(self: Bytes):
    """Whether all bytes are, as far as ASCII goes.

    >>> (b"ab1".isspace(), b"Ab".isspace())
    """
    return call_runtime(bool, "cantil_rt_text_is", self, 9, True)


@overload("method:bytes.istitle")
def istitle(self: Bytes):
    """Whether all bytes are, as far as ASCII goes.

    >>> (b"ab1".istitle(), b"Ab".istitle())
    """
    return call_runtime(bool, "cantil_rt_text_is", self, 10, True)


@overload("method:bytes.isupper")
def isupper(self: Bytes):
    """Whether all bytes are, as far as ASCII goes.

    >>> (b"ab1".isupper(), b"Ab".isupper())
    """
    return call_runtime(bool, "cantil_rt_text_is", self, 11, True)
