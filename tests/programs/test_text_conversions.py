"""str(), repr(), int(), float(), format(), f-strings and print() against CPython."""

import itertools
import math
import struct
import sys

import numpy as np
import pytest
from cantil import njit
from test_str import TEXTS, check, outcome

FLOATS = [
    0.0, -0.0, 1.0, -1.5, 0.1, 1 / 3, 1e15, 1e16, 123456789.123, 1e-4, 1e-5, 1e300, 5e-324, 1.7976931348623157e308,
    2.5, 3.5, 0.5, 1e22, 1e23, 9.999999, 99999.95, 0.00012345, math.inf, -math.inf, math.nan, 100.0, 12345678.0,
]  # fmt: skip
INTS = [0, 1, -1, 7, 10, 255, -256, 1000, 1234567, -(2**63), 2**63 - 1]


def test_numbers_as_text():
    def text(x):
        return str(x), repr(x), f"{x}", f"{x!r:>30}", ascii(x), f"{x!s}"

    check(text, *[(x,) for x in FLOATS], *[(x,) for x in INTS], (True,), (False,), (None,))
    check(text, *[(complex(a, b),) for a in FLOATS[:6] + FLOATS[-5:] for b in FLOATS[:6] + FLOATS[-5:]])
    assert njit(lambda x: str(x))(2**64 - 1) == str(2**64 - 1)


def test_random_floats():
    f = njit(lambda x: repr(x))
    for bits in np.random.default_rng(0).integers(0, 2**64, 2000, dtype=np.uint64).tolist():
        x = struct.unpack("d", struct.pack("Q", bits))[0]
        assert f(x) == repr(x)


def test_texts_as_text():
    def text(s):
        return str(s), repr(s), ascii(s), f"{s}", f"{s!r}", f"{s!a}", f"{{{s}}}"

    check(text, *[(t,) for t in TEXTS], ("'",), ('"',), ("'\"",), ("\\\x00\x7f\x80\xad\ue000\U000e0001",))


def test_containers_as_text():
    def text(x, s):
        return (
            str((x, s)),
            str((x,)),
            str(()),
            str([x, x]),
            str([s]),
            str({s: x}),
            str({1}),
            str((x, (s, [s]))),
            f"{[x]}",
        )

    check(text, *[(x, s) for x in (1, 2.5) for s in TEXTS[:6]])

    def other(n):
        return str(range(n)), str(range(1, n, 2)), repr(range(n)), f"{range(n)}"

    check(other, (5,))


def test_bases():
    def bases(x):
        return hex(x), oct(x), bin(x)

    check(bases, *[(x,) for x in INTS])


def test_text_to_int():
    def to_int(s):
        return int(s)

    def in_base(s, base):
        return int(s, base)

    good = [
        "0",
        "12",
        "-7",
        "+3",
        " 42\n",
        "1_000",
        "\u0663\u0664",
        "9223372036854775807",
        "-9223372036854775808",
    ]
    bad = ["", " ", "x", "1x", "1 2", "_1", "1_", "1__2", "+", "--1", "0x10", "1.5", "ä", "é1"]
    check(to_int, *[(s,) for s in good + bad])
    texts = [
        "10",
        "ff",
        "0xff",
        "0b11",
        "0o17",
        "z",
        "-0x1F",
        "010",
        "00",
        "0",
        "0x",
        "1_0",
        "0x_f",
        "2",
        " 7 ",
    ]
    check(in_base, *[(s, b) for s in texts for b in (0, 2, 8, 10, 16, 36, 1, 37, -1)])


def test_text_to_float():
    def to_float(s):
        return repr(float(s))

    good = [
        "0",
        "1.5",
        "-2.",
        ".5",
        "1e5",
        "1E-5",
        " 3.25\n",
        "inf",
        "-Infinity",
        "nan",
        "1_0.2_5",
        "1e400",
        "1e-400",
        "\u0663.5",
    ]
    bad = ["", "x", "1e", "1.5.2", ".", "e5", "1_", "1__0", "0x10", "infinit", "1 2", "--1", "+-1"]
    check(to_float, *[(s,) for s in good + bad])


def test_text_to_complex():
    def to_complex(s):
        return repr(complex(s))

    texts = [
        "1",
        "1j",
        "j",
        "-j",
        "1+2j",
        "1-2.5e3j",
        " (1+j) ",
        "(2)",
        "nan+infj",
        "",
        "1+",
        "1+2",
        "()",
        "j1",
        "1 + 2j",
        "(1",
    ]
    check(to_complex, *[(s,) for s in texts])


def same(value, spec):
    f = njit(lambda x, s: format(x, s))
    expected, actual = outcome(format, value, spec), outcome(f, value, spec)
    if isinstance(expected, tuple) and expected[0] is ValueError and sys.version_info >= (3, 12):
        assert actual[0] is ValueError
    else:
        assert actual == expected, (value, spec)


FORMAT = njit(lambda x, s: format(x, s))


def specs(types):
    for fill, sign, alternate, zero, width, grouping, precision, kind in itertools.product(
        ("", "<", "*^", "=", "ä>"),
        ("", "+", " "),
        ("", "#"),
        ("", "0"),
        ("", "12"),
        ("", ",", "_"),
        ("", ".0", ".3"),
        types,
    ):
        yield fill + sign + alternate + zero + width + grouping + precision + kind


def compare(values, types, every=1):
    for spec in itertools.islice(specs(types), 0, None, every):
        for value in values:
            expected, actual = outcome(format, value, spec), outcome(FORMAT, value, spec)
            assert actual == expected, (value, spec)


def test_format_of_int():
    compare([0, 5, -1234567, 2**63 - 1], ["", "d", "b", "o", "x", "X", "n", "c", "s"], 3)
    compare([0, 1234567, -3], ["e", "f", "g", "%", "E", "G", "F"], 7)


def test_format_of_float():
    compare(FLOATS[:16] + FLOATS[-5:], ["", "e", "f", "g", "%", "n", "E", "F", "G", "d"], 5)


def test_format_of_text():
    compare(["", "abc", "größe", "😀"], ["", "s", "d"], 1)


def test_format_of_complex_and_bool():
    compare([1 + 2j, -0.0j, complex(1.5, -1e20), complex(math.nan, math.inf)], ["", "e", "f", "g", "d"], 5)
    compare([True, False], ["", "d", "s", "x", "f"], 5)


def test_format_errors():
    for value in (1, 1.5, "a", 1j):
        for spec in (
            "y",
            "10y",
            ".",
            "..",
            "<<<<",
            ",,",
            "_,",
            ",_",
            "5.5.5",
            "99999999999999999999",
            "ä",
            "z",
            "zd",
            "z.1f",
        ):
            expected, actual = outcome(format, value, spec), outcome(FORMAT, value, spec)
            assert actual == expected, (value, spec)


def test_f_strings():
    def text(x, y, s, w):
        return (
            f"{x:>{w}}|{y:.{w}f}|{s:^{w}}|{x:0{w}d}",
            f"{x}{y}{s}",
            f"plain",  # noqa: F541
            f"{x + 1:x}{s.upper()}",
            f"{x=}",
            f"{y!r:>10}",
            f"{s!r:<12}.",
            f"{x > 1}",
        )

    check(text, (3, 2.5, "ab", 8), (-7, 1e10, "ä😀", 12))


def test_print(capfd):
    def show(x, s):
        print(s)
        print(x, s, [x], (s, x), None, True, sep="|", end="!\n")
        print(s, s, sep=s, end="")
        print()
        print(f"{x:>5}", flush=True)
        print([s], {s: x})

    for s in TEXTS[:9]:
        show(3, s)
    expected = capfd.readouterr().out
    compiled = njit(show)
    for s in TEXTS[:9]:
        compiled(3, s)
    assert capfd.readouterr().out == expected


@pytest.mark.parametrize("T", [np.int8, np.uint8, np.int32, np.uint64, np.float32, np.bool_])
def test_numpy_scalars(T):
    f = njit(lambda a: (str(a[0]), f"{a[0]}"))
    assert f(np.array([1], T)) == (str(T(1)), f"{T(1)}")
