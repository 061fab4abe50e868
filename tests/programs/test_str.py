"""str: every method and operator against CPython, over texts of all widths, the empty one, and odd bounds."""

import itertools

import pytest
from cantil import _core, njit

TEXTS = [
    "",
    "a",
    "abcabcab",
    "  two  words\t\n",
    "Größe ÄÖÜ straße",
    "\u0130\u01c5\u03a3\u03c2 \u039f\u03a3 a\u0301\u03a3b",
    "ﬁ ŉ \u1e9e",
    "x\u2003y\u2028z",
    "😀b😀",
    "12\u0663\u00b2\u00bd",
    "line\r\nnext\rlast\x0b\x1c\x85end",
    "abc" * 90 + "ä" + "xyz" * 30,
]
PARTS = ["", "a", "ab", "b", "ä", "\u03a3", "😀", "abcabcabc", " ", "\n", "z"]


def outcome(f, *args):
    try:
        return f(*args)
    except Exception as error:
        return type(error), error.args


def check(f, *cases):
    """The same result, exception and message, and nothing left behind."""
    compiled = njit(f)
    for case in cases:
        before = _core.live_blocks()
        expected, actual = outcome(f, *case), outcome(compiled, *case)
        assert actual == expected and type(actual) is type(expected), (f.__name__, case)
        del actual
        assert _core.live_blocks() == before, (f.__name__, case)


def pairs():
    return list(itertools.product(TEXTS, PARTS))


def test_identity_and_length():
    def whole(s):
        return s, len(s), bool(s), not s, s == s, hash(s), [c for c in s]

    check(whole, *[(t,) for t in TEXTS])


def test_operators():
    def operators(a, b):
        return a + b, a == b, a != b, a < b, a <= b, a > b, a >= b, b in a, b not in a, a * 3, 2 * b, a * -1

    check(operators, *pairs())


def test_a_text_is_its_own_object():
    s = "a text with ä"
    assert njit(lambda x: x)(s) is s


def test_indexing():
    def item(s, i):
        return s[i]

    check(item, *[(t, i) for t in TEXTS for i in (0, 1, -1, 5, -5, 400, -400)])


def test_slices():
    def parts(s, i, j, k):
        return s[i:], s[:j], s[i:j], s[i:j:k], s[::k], s[:]

    numbers = (0, 1, 3, -1, -4, 100, -100)
    check(parts, *[(t, i, j, k) for t in TEXTS[:9] for i in numbers for j in numbers for k in (1, 2, -1, -3)])

    def zero(s, k):
        return s[::k]

    check(zero, ("abc", 0))


def test_search():
    def search(s, t):
        return s.find(t), s.rfind(t), s.count(t), s.startswith(t), s.endswith(t), t in s

    check(search, *pairs())

    def search_within(s, t, i, j):
        return (
            s.find(t, i, j),
            s.rfind(t, i, j),
            s.count(t, i, j),
            s.startswith(t, i, j),
            s.endswith(t, i, j),
            s.find(t, i),
            s.rfind(t, i),
            s.count(t, i),
        )

    numbers = (0, 2, -2, 50, -50)
    check(search_within, *[(s, t, i, j) for s in TEXTS[:9] for t in PARTS for i in numbers for j in numbers])


def test_index_raises():
    def index(s, t):
        return s.index(t)

    def rindex(s, t):
        return s.rindex(t, 1, -1)

    check(index, *pairs())
    check(rindex, *pairs())


def test_start_and_end_with_tuples():
    def ends(s):
        return s.startswith(("x", "a")), s.endswith(("b", "😀")), s.startswith(()), s.endswith(("n",), 2, 5)

    check(ends, *[(t,) for t in TEXTS])


def test_replace():
    def replace(s, a, b, n):
        return s.replace(a, b), s.replace(a, b, n)

    check(
        replace,
        *[(s, a, b, n) for s in TEXTS for a in PARTS for b in ("", "x", "ß", "😀😀") for n in (0, 1, 2)],
    )


def test_split():
    def split(s, t):
        return s.split(t), s.split(t, 1), s.rsplit(t), s.rsplit(t, 1), s.split(t, maxsplit=2)

    check(split, *pairs())

    def words(s):
        return s.split(), s.rsplit(), s.split(None, 1), s.rsplit(None, 1), s.splitlines(), s.splitlines(True)

    check(words, *[(t,) for t in TEXTS], ("\ta\x1cb\x85c\u3000",))


def test_partition():
    def partition(s, t):
        return s.partition(t)

    def rpartition(s, t):
        return s.rpartition(t)

    check(partition, *pairs())
    check(rpartition, *pairs())


def test_join():
    def join(s, t):
        return s.join([t, s, t]), s.join((t, t)), s.join(t), s.join([t]), s.join(t.split("b"))

    check(join, *pairs())


def test_strip():
    def strip(s, t):
        return s.strip(), s.lstrip(), s.rstrip(), s.strip(t), s.lstrip(t), s.rstrip(t)

    check(strip, *pairs())


def test_prefix_and_suffix():
    def remove(s, t):
        return s.removeprefix(t), s.removesuffix(t)

    check(remove, *pairs())


def test_padding():
    def pad(s, n, c):
        return s.ljust(n, c), s.rjust(n, c), s.center(n, c), s.ljust(n), s.center(n), s.zfill(n)

    check(
        pad, *[(t, n, c) for t in [*TEXTS, "+1", "-ä"] for n in (-1, 0, 7, 8, 20) for c in ("-", "ä", "😀")]
    )
    check(pad, ("abc", 10, "xx"), ("abc", 10, ""))


def test_expandtabs():
    def expand(s, n):
        return s.expandtabs(), s.expandtabs(n)

    check(expand, *[(t, n) for t in [*TEXTS, "a\tbc\tä\r\t😀\t\n\tx"] for n in (-1, 0, 1, 3, 8)])


def test_case():
    def case(s):
        return s.lower(), s.upper(), s.title(), s.capitalize(), s.swapcase(), s.casefold()

    check(case, *[(t,) for t in TEXTS])


@pytest.mark.parametrize("first", range(0, 0x30000, 0x8000))
def test_case_and_classes_of_all_characters(first):
    @njit
    def classes(s):
        bits = 0
        for i, yes in enumerate(
            (
                s.isalnum(),
                s.isalpha(),
                s.isascii(),
                s.isdecimal(),
                s.isdigit(),
                s.isidentifier(),
                s.islower(),
                s.isnumeric(),
                s.isprintable(),
                s.isspace(),
                s.istitle(),
                s.isupper(),
            )
        ):
            if yes:
                bits |= 1 << i
        return bits, s.lower(), s.upper(), s.title(), s.casefold(), s.swapcase()

    for c in range(first, first + 0x8000, 7):
        s = chr(c)
        assert classes(s) == classes.py_func(s), hex(c)


def test_classes_of_texts():
    def classes(s):
        return (
            s.isalnum(),
            s.isalpha(),
            s.isascii(),
            s.isdecimal(),
            s.isdigit(),
            s.isidentifier(),
            s.islower(),
            s.isnumeric(),
            s.isprintable(),
            s.isspace(),
            s.istitle(),
            s.isupper(),
        )

    check(classes, *[(t,) for t in [*TEXTS, "_a1", "1a", "Ab Cd", "AbC", "\u01c5a", "A1b", "a_ä"]])


def test_ord_and_chr():
    def codes(s):
        return [ord(c) for c in s], [chr(ord(c) + 1) for c in s]

    check(codes, *[(t,) for t in TEXTS])
    check(lambda s: ord(s), ("ab",), ("",))
    check(lambda i: chr(i), (65,), (0x10FFFF,), (0x110000,), (-1,))


def test_growing():
    def grow(n):
        s = ""
        for i in range(n):
            s += chr(97 + i % 26)
        t = s
        s += "!"
        u = t + "?"
        return s, t, u

    check(grow, (0,), (1,), (1000,))

    def wider(n):
        s = ""
        for i in range(n):
            s += chr(i)
        return s

    check(wider, (3000,))


def test_a_caller_keeps_its_text():
    @njit
    def longer(s):
        s += "more and more and more"
        return s

    def caller(s):
        a = s * 30
        a += "x" * 200
        b = longer(a)
        c = longer(a)
        return a, b, c

    check(caller, ("abc",))


def test_literals():
    def literals():
        a = "ab" + "cd"
        b = "x" * 3
        return a, b, a == "abcd", len("größe"), "a" in "abc", ("t", 1), "lit"[1], [("k", 2), ("l", 3)]

    check(literals, ())

    def branches(n):
        if n > 0:
            s = "positive"
        elif n < 0:
            s = "negative"
        else:
            s = ""
        return s

    check(branches, (1,), (-1,), (0,))

    def choose(mode):
        if mode == "sum":
            return 1
        if mode == "product":
            return 2
        return 3

    check(choose, ("sum",), ("product",), ("",))


GLOBAL = "captured ä"
PAIR = ("x", "y")


def test_globals_and_defaults():
    def uses(s="default"):
        return s, GLOBAL, PAIR, GLOBAL + s

    check(uses, (), ("given",))


def test_containers():
    def counts(s):
        d = {}
        for w in s.split():
            d[w] = d.get(w, 0) + 1
        seen = set()
        for w in s.split():
            seen.add(w[:1])
        return sorted(d.items()), d.get("nothing", -1), sorted(seen), "two" in d, [w for w in d]

    check(counts, *[(t,) for t in TEXTS])

    def missing(d_key):
        d = {"a": 1, "b": 2}
        return d[d_key]

    check(missing, ("a",), ("ä",))

    def sorting(s):
        w = s.split()
        w.sort(reverse=True)
        return w, sorted(s.split()), sorted(s), w.count("b"), [x for x in reversed(w)]

    check(sorting, *[(t,) for t in TEXTS], ("b a c b",))

    def tuples(s):
        d = {(s, 1): "one"}
        d[(s, 2)] = s
        return d[(s, 1)], d[(s, 2)], (s, 1) in d, (s, s) == (s, "x"), (s, 1) < (s, 2)

    check(tuples, ("a",), ("ä",))


def test_lists_of_texts_are_passed():
    def change(words):
        words.append("new")
        words[0] = words[0] + "!"
        return len(words)

    for words in (["a", "b"], ["ä", "😀"]):
        mine, other = list(words), list(words)
        assert njit(change)(mine) == change(other)
        assert mine == other


def test_min_and_max():
    def extremes(a, b):
        return min(a, b), max(a, b), min([a, b, "m"]), max([a, b, "m"])

    check(extremes, *pairs())


def test_hash_of_other_runs(monkeypatch):
    import subprocess
    import sys

    code = (
        "from cantil import njit; f = njit(lambda s: hash(s)); t = ['', 'a', 'ä\\u1234', '😀'];"
        "assert [f(x) for x in t] == [hash(x) for x in t]"
    )
    for seed in ("0", "1", "random"):
        monkeypatch.setenv("PYTHONHASHSEED", seed)
        subprocess.run([sys.executable, "-c", code], check=True)


def test_exceptions_with_values():
    def raising(s, x):
        if x == 1:
            raise ValueError(f"bad {s!r}: {x}")
        if x == 2:
            raise KeyError(s)
        if x == 3:
            raise RuntimeError("text", s, x, (s, x))
        if x == 4:
            raise OSError(x, s)
        return s

    check(raising, *[(s, x) for s in ("a", "ä😀") for x in range(7)])


def test_assertion_message():
    def stated(x, s):
        if x == 5:
            raise AssertionError(f"not {x}: " + s)
        return x

    check(stated, (5, "ä"), (4, "ä"))


def test_caught_exceptions_leave_nothing():
    def caught(s, n):
        total = 0
        for i in range(n):
            try:
                if i % 2:
                    raise ValueError(s + str(i))
                raise KeyError(s)
            except ValueError:
                total += 1
            except KeyError:
                total += 2
        return total

    check(caught, ("abc", 20))

    def again(s):
        try:
            raise ValueError(s + "!")
        except ValueError:
            try:
                raise KeyError(s + "?")
            except KeyError:
                pass
            raise

    check(again, ("abc",))
