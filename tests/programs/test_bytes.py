"""bytes and bytearray: methods, operators and conversions against CPython."""

import itertools

import numpy as np
import pytest
from cantil import njit
from test_str import check

ROWS = [
    b"",
    b"a",
    b"abcabcab",
    b"  two  Words\t\n",
    bytes(range(256)),
    b"x\x1cy\x85z",
    b"a\r\nb\rc\n",
    b"-12",
    b"Ab1",
]
PARTS = [b"", b"a", b"bc", b" ", b"\xff\x00", b"abcabcabcd"]


def pairs():
    return list(itertools.product(ROWS, PARTS))


def test_operators():
    def operators(a, b):
        return (
            a + b,
            a == b,
            a != b,
            a < b,
            a <= b,
            a > b,
            a >= b,
            b in a,
            a * 2,
            3 * b,
            len(a),
            bool(a),
            hash(a),
        )

    check(operators, *pairs())


def test_items():
    def items(a, i):
        return a[i], i in a, a[i:], a[:i], a[i::2], a[::-1], [x for x in a], list(a), sum(a)

    check(items, *[(a, i) for a in ROWS for i in (0, 1, -1, 7, -7)])


def test_literals():
    def literal():
        a = b"abc\xff"
        return a, a[3], a + b"x", {b"k": 1}[b"k"], (b"a", 1), [b"x", b"y"]

    check(literal, ())


def test_search():
    def search(a, b):
        return a.find(b), a.rfind(b), a.count(b), a.startswith(b), a.endswith(b), a.find(b, 1, -1), a.find(97)

    check(search, *pairs())
    check(lambda a, b: a.index(b), *pairs())
    check(lambda a, b: a.rindex(b), *pairs())
    check(lambda a, x: a.find(x), (b"ab", 98), (b"ab", 256), (b"ab", -1))
    check(lambda a: (a.startswith((b"x", b"ab")), a.endswith((b"b",))), *[(a,) for a in ROWS])


def test_parts():
    def parts(a, b):
        return a.split(b), a.rsplit(b, 1), a.replace(b, b"--"), a.replace(b, b"", 1)

    check(parts, *pairs())
    check(lambda a, b: (a.partition(b), a.rpartition(b)), *pairs())
    check(lambda a: (a.split(), a.rsplit(None, 1), a.splitlines(), a.splitlines(True)), *[(a,) for a in ROWS])
    check(lambda a, b: (b.join([a, b, a]), b.join((a, a))), *pairs())


def test_strip_and_pad():
    def strip(a, b):
        return a.strip(), a.lstrip(), a.rstrip(), a.strip(b), a.removeprefix(b), a.removesuffix(b)

    check(strip, *pairs())

    def pad(a, n):
        return a.ljust(n), a.rjust(n, b"*"), a.center(n, b"-"), a.zfill(n), a.expandtabs(n)

    check(pad, *[(a, n) for a in ROWS for n in (0, 5, 9, 12)])


def test_case():
    def case(a):
        return a.lower(), a.upper(), a.title(), a.capitalize(), a.swapcase()

    def classes(a):
        return (
            a.isalnum(),
            a.isalpha(),
            a.isascii(),
            a.isdigit(),
            a.islower(),
            a.isspace(),
            a.istitle(),
            a.isupper(),
        )

    check(case, *[(a,) for a in ROWS])
    check(classes, *[(a,) for a in ROWS])


def test_text():
    check(lambda a: (str(a), repr(a), f"{a!r:>9}"), *[(a,) for a in ROWS], (b"'",), (b"\"'",))


TEXTS = ["", "abc", "größe", "\u1234x", "😀", "a\ud800b", "\udc80", "ä\ud800\udfffz"]
ERRORS = ["strict", "ignore", "replace", "backslashreplace", "surrogateescape", "surrogatepass", "other"]


def test_encode():
    def encode(s, encoding, errors):
        return s.encode(encoding, errors)

    check(encode, *itertools.product(TEXTS, ["utf-8", "ascii", "latin-1", "UTF8", "iso-8859-1"], ERRORS[:-1]))
    check(encode, *itertools.product(TEXTS[:4], ["utf-8", "ascii", "latin-1"], ["xmlcharrefreplace"]))
    check(lambda s: s.encode(), *[(t,) for t in TEXTS])
    check(lambda s: s.encode("klingon"), ("abc",))


def test_decode():
    bad = [
        b"\x80",
        b"a\xc3",
        b"\xc3(",
        b"\xe2\x82",
        b"\xe2(\xa1",
        b"\xf0\x9f\x98",
        b"\xf5\x80",
        b"\xed\xa0\x80",
    ]
    bad += [
        b"\xe0\x80\x80",
        b"\xf0\x80\x80\x80",
        b"\xf4\x90\x80\x80",
        b"\xc0\x80",
        b"ok\xff\xfe",
        b"\xf0\x9f\x98\x80",
    ]
    good = [t.encode("utf-8", "surrogatepass") for t in TEXTS]

    def decode(b, encoding, errors):
        return b.decode(encoding, errors)

    handlers = ["strict", "ignore", "replace", "backslashreplace", "surrogateescape"]
    check(decode, *itertools.product(bad + good, ["utf-8", "ascii", "latin-1"], handlers))
    check(lambda b: b.decode(), *[(b,) for b in good])
    check(lambda b: str(b, "utf-8"), (b"a\xc3\xa4",))


def test_integers():
    def to(x, n, order, signed):
        return x.to_bytes(n, order, signed=signed)

    numbers = [0, 1, -1, 127, 128, -128, -129, 255, 256, 2**62, -(2**63)]
    check(to, *itertools.product(numbers, [0, 1, 2, 8, 10], ["big", "little"], [True, False]))
    check(to, (1, 1, "middle", False), (1, -1, "big", False))

    def back(b, order, signed):
        return int.from_bytes(b, order, signed=signed)

    rows = [b"", b"\x01", b"\xff", b"\x01\x02\x03", b"\xff" * 8, b"\x00" * 9 + b"\x05", b"\x7f" + b"\xff" * 7]
    for row, order, signed in itertools.product(rows, ["big", "little"], [True, False]):
        if -(2**63) <= int.from_bytes(row, order, signed=signed) < 2**63:
            check(back, (row, order, signed))


def test_constructors():
    def made(n):
        return (
            bytes(n),
            bytes([1, n]),
            bytes((1, 2)),
            bytes(range(n)),
            bytes(),
            bytes(b"x"),
            bytes("ä", "utf-8"),
        )

    check(made, (0,), (3,), (255,))
    check(lambda n: bytes(n), (-1,))
    check(lambda n: bytes([n]), (256,), (-1,))
    check(lambda n: bytearray([n]), (256,), (-1,))


def test_bytearray():
    def build(n):
        b = bytearray()
        for i in range(n):
            b.append(i * 7 % 256)
        b += b"tail"
        b[0] = 255
        b.insert(1, 3)
        x = b.pop()
        c = b[1:-1:2]
        c[0:2] = b"12345"
        del b[0]
        b.reverse()
        return (
            b,
            x,
            c,
            len(b),
            b == c,
            3 in b,
            b"a" in b,
            b.copy(),
            bytes(b),
            b * 2,
            b + c,
            [v for v in b],
            str(b),
        )

    check(build, (1,), (5,), (300,))
    check(lambda b: b[5], (bytearray(b"abc"),))
    check(lambda b: b.pop(), (bytearray(),))


def test_bytearray_methods():
    def methods(b):
        return (
            b.upper(),
            b.find(b"b"),
            b.split(),
            b.strip(),
            b.replace(b"b", b"xx"),
            b.decode("latin-1"),
            b.isalpha(),
        )

    check(methods, *[(bytearray(row),) for row in ROWS])


def test_bytearray_arguments_change():
    def change(b):
        b[0] = 1
        b.append(2)
        return b

    mine, other = bytearray(b"abc"), bytearray(b"abc")
    assert njit(change)(mine) is mine
    change(other)
    assert mine == other


@pytest.mark.parametrize("dtype", [np.uint8, np.int16, np.float64])
def test_arrays(dtype):
    a = np.arange(24).astype(dtype)
    assert njit(lambda a: a.tobytes())(a) == a.tobytes()
    b = a.reshape(4, 6)[::2, 1:].T
    assert njit(lambda a: a.tobytes())(b) == b.tobytes()
    row = a.tobytes()
    back = njit(lambda row, like: np.frombuffer(row, like.dtype))(row, a)
    assert back.dtype == a.dtype and (back == a).all() and not back.flags.writeable
    assert (
        njit(lambda row, like: np.frombuffer(row, like.dtype, 3, 8).sum())(row, a)
        == np.frombuffer(row, dtype, 3, 8).sum()
    )


def test_frombuffer_errors():
    check(lambda b: np.frombuffer(b, np.int32).sum(), (b"12345",))


def test_translate():
    def translate(s):
        return s.translate(str.maketrans("ab", "xy")), s.translate({97: "--", 98: "", 0x1F600: "smile"})

    def removed(s):
        return s.translate(str.maketrans("a", "ä", "b"))

    for f in (translate, removed):
        check(f, ("",), ("abcab",), ("ä😀b",))
    check(lambda s: s.translate(str.maketrans(s, "x")), ("ab",))
