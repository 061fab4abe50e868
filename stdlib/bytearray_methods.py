"""bytearray: the methods that it shares with bytes."""

from cantil.library import overload


@overload("method:bytearray.find")
def find(self: ByteArray, sub: Bytes | Whole, start: Whole | NoneType = None, end: Whole | NoneType = None):
    """Where some bytes begin, or -1.

    >>> bytearray(b"abcabc").find(b"bc", 1)
    """
    return bytes(self).find(sub, start, end)


@overload("method:bytearray.rfind")
def rfind(self: ByteArray, sub: Bytes | Whole, start: Whole | NoneType = None, end: Whole | NoneType = None):
    """Where some bytes begin for the last time, or -1.

    >>> bytearray(b"abcabc").rfind(b"bc", 1)
    """
    return bytes(self).rfind(sub, start, end)


@overload("method:bytearray.count")
def count(self: ByteArray, sub: Bytes | Whole, start: Whole | NoneType = None, end: Whole | NoneType = None):
    """How often some bytes occur, without overlaps.

    >>> bytearray(b"abcabc").count(b"bc", 1)
    """
    return bytes(self).count(sub, start, end)


@overload("method:bytearray.index")
def index(self: ByteArray, sub: Bytes | Whole, start: Whole | NoneType = None, end: Whole | NoneType = None):
    """Where some bytes begin.

    >>> bytearray(b"abcabc").index(98)
    """
    return bytes(self).index(sub, start, end)


@overload("method:bytearray.rindex")
def rindex(self: ByteArray, sub: Bytes | Whole, start: Whole | NoneType = None, end: Whole | NoneType = None):
    """Where some bytes begin.

    >>> bytearray(b"abcabc").rindex(98)
    """
    return bytes(self).rindex(sub, start, end)


@overload("method:bytearray.startswith")
def startswith(
    self: ByteArray, part: Bytes | Tuple, start: Whole | NoneType = None, end: Whole | NoneType = None
):
    """Whether bytes stand at one end.

    >>> bytearray(b"abcabc").startswith((b"x", b"abc"))
    """
    return bytes(self).startswith(part, start, end)


@overload("method:bytearray.endswith")
def endswith(
    self: ByteArray, part: Bytes | Tuple, start: Whole | NoneType = None, end: Whole | NoneType = None
):
    """Whether bytes stand at one end.

    >>> bytearray(b"abcabc").endswith((b"x", b"abc"))
    """
    return bytes(self).endswith(part, start, end)


@overload("method:bytearray.removeprefix")
def removeprefix(self: ByteArray, prefix: Bytes):
    """Without a bytes at the beginning.

    >>> bytearray(b"abcabc").removeprefix(b"ab")
    """
    return bytearray(bytes(self).removeprefix(prefix))


@overload("method:bytearray.removesuffix")
def removesuffix(self: ByteArray, suffix: Bytes):
    """Without a bytes at the end.

    >>> bytearray(b"abcabc").removesuffix(b"bc")
    """
    return bytearray(bytes(self).removesuffix(suffix))


@overload("method:bytearray.replace")
def replace(self: ByteArray, old: Bytes, new: Bytes, count: Whole = -1):
    """With one bytes in place of another.

    >>> bytearray(b"abcabc").replace(b"b", b"xy", 1)
    """
    return bytearray(bytes(self).replace(old, new, count))


@overload("method:bytearray.split")
def split(self: ByteArray, sep: Bytes | NoneType = None, maxsplit: Whole = -1):
    """The parts between separators, or between white space.

    >>> bytearray(b"ab c  d").split()
    """
    return [bytearray(x) for x in bytes(self).split(sep, maxsplit)]


@overload("method:bytearray.rsplit")
def rsplit(self: ByteArray, sep: Bytes | NoneType = None, maxsplit: Whole = -1):
    """The parts between separators, counted from the end.

    >>> bytearray(b"ab c  d").rsplit(b" ", 1)
    """
    return [bytearray(x) for x in bytes(self).rsplit(sep, maxsplit)]


@overload("method:bytearray.splitlines")
def splitlines(self: ByteArray, keepends: Whole = False):
    """The lines.

    >>> bytearray(b"ab\\nc").splitlines()
    """
    return [bytearray(x) for x in bytes(self).splitlines(keepends)]


@overload("method:bytearray.partition")
def partition(self: ByteArray, sep: Bytes):
    """What is before a separator, the separator, and what is behind it.

    >>> bytearray(b"abcabc").partition(b"ca")
    """
    x, y, z = bytes(self).partition(sep)
    return bytearray(x), bytearray(y), bytearray(z)


@overload("method:bytearray.rpartition")
def rpartition(self: ByteArray, sep: Bytes):
    """The same at the last separator.

    >>> bytearray(b"abcabc").rpartition(b"a")
    """
    x, y, z = bytes(self).rpartition(sep)
    return bytearray(x), bytearray(y), bytearray(z)


@overload("method:bytearray.strip")
def strip(self: ByteArray, chars: Bytes | NoneType = None):
    """Without white space, or certain characters, at both ends.

    >>> bytearray(b" ab ").strip()
    """
    return bytearray(bytes(self).strip(chars))


@overload("method:bytearray.lstrip")
def lstrip(self: ByteArray, chars: Bytes | NoneType = None):
    """Without white space, or certain characters, at the beginning.

    >>> bytearray(b" ab ").lstrip()
    """
    return bytearray(bytes(self).lstrip(chars))


@overload("method:bytearray.rstrip")
def rstrip(self: ByteArray, chars: Bytes | NoneType = None):
    """Without white space, or certain characters, at the end.

    >>> bytearray(b"xabx").rstrip(b"x")
    """
    return bytearray(bytes(self).rstrip(chars))


@overload("method:bytearray.ljust")
def ljust(self: ByteArray, width: Whole, fillchar: Bytes = b" "):
    """Filled up behind.

    >>> bytearray(b"ab").ljust(k, b"-")
    """
    return bytearray(bytes(self).ljust(width, fillchar))


@overload("method:bytearray.rjust")
def rjust(self: ByteArray, width: Whole, fillchar: Bytes = b" "):
    """Filled up before.

    >>> bytearray(b"ab").rjust(k)
    """
    return bytearray(bytes(self).rjust(width, fillchar))


@overload("method:bytearray.center")
def center(self: ByteArray, width: Whole, fillchar: Bytes = b" "):
    """Filled up on both sides.

    >>> bytearray(b"ab").center(k, b"-")
    """
    return bytearray(bytes(self).center(width, fillchar))


@overload("method:bytearray.zfill")
def zfill(self: ByteArray, width: Whole):
    """Filled up with zeros behind the sign.

    >>> bytearray(b"-12").zfill(k)
    """
    return bytearray(bytes(self).zfill(width))


@overload("method:bytearray.expandtabs")
def expandtabs(self: ByteArray, tabsize: Whole = 8):
    """With spaces in place of tabulators.

    >>> bytearray(b"a\\tb").expandtabs(l)
    """
    return bytearray(bytes(self).expandtabs(tabsize))


@overload("method:bytearray.lower")
def lower(self: ByteArray):
    """In this case, as far as ASCII's letters go.

    >>> bytearray(b"aBc dE").lower()
    """
    return bytearray(bytes(self).lower())


@overload("method:bytearray.upper")
def upper(self: ByteArray):
    """In this case, as far as ASCII's letters go.

    >>> bytearray(b"aBc dE").upper()
    """
    return bytearray(bytes(self).upper())


@overload("method:bytearray.title")
def title(self: ByteArray):
    """In this case, as far as ASCII's letters go.

    >>> bytearray(b"aBc dE").title()
    """
    return bytearray(bytes(self).title())


@overload("method:bytearray.capitalize")
def capitalize(self: ByteArray):
    """In this case, as far as ASCII's letters go.

    >>> bytearray(b"aBc dE").capitalize()
    """
    return bytearray(bytes(self).capitalize())


@overload("method:bytearray.swapcase")
def swapcase(self: ByteArray):
    """In this case, as far as ASCII's letters go.

    >>> bytearray(b"aBc dE").swapcase()
    """
    return bytearray(bytes(self).swapcase())


@overload("method:bytearray.isalnum")
def isalnum(self: ByteArray):
    """Whether all bytes are, as far as ASCII goes.

    >>> (bytearray(b"ab1").isalnum(), bytearray(b"Ab").isalnum())
    """
    return bytes(self).isalnum()


@overload("method:bytearray.isalpha")
def isalpha(self: ByteArray):
    """Whether all bytes are, as far as ASCII goes.

    >>> (bytearray(b"ab1").isalpha(), bytearray(b"Ab").isalpha())
    """
    return bytes(self).isalpha()


@overload("method:bytearray.isascii")
def isascii(self: ByteArray):
    """Whether all bytes are, as far as ASCII goes.

    >>> (bytearray(b"ab1").isascii(), bytearray(b"Ab").isascii())
    """
    return bytes(self).isascii()


@overload("method:bytearray.isdigit")
def isdigit(self: ByteArray):
    """Whether all bytes are, as far as ASCII goes.

    >>> (bytearray(b"ab1").isdigit(), bytearray(b"Ab").isdigit())
    """
    return bytes(self).isdigit()


@overload("method:bytearray.islower")
def islower(self: ByteArray):
    """Whether all bytes are, as far as ASCII goes.

    >>> (bytearray(b"ab1").islower(), bytearray(b"Ab").islower())
    """
    return bytes(self).islower()


@overload("method:bytearray.isspace")
def isspace(self: ByteArray):
    """Whether all bytes are, as far as ASCII goes.

    >>> (bytearray(b"ab1").isspace(), bytearray(b"Ab").isspace())
    """
    return bytes(self).isspace()


@overload("method:bytearray.istitle")
def istitle(self: ByteArray):
    """Whether all bytes are, as far as ASCII goes.

    >>> (bytearray(b"ab1").istitle(), bytearray(b"Ab").istitle())
    """
    return bytes(self).istitle()


@overload("method:bytearray.isupper")
def isupper(self: ByteArray):
    """Whether all bytes are, as far as ASCII goes.

    >>> (bytearray(b"ab1").isupper(), bytearray(b"Ab").isupper())
    """
    return bytes(self).isupper()
