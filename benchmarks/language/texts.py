"""str: calls, dicts with text keys, building, finding and counting, and the first call of a function over texts."""

import time

from benchmarks.launch.calls import timer
from benchmarks.peers import fresh_module, package

TEXT = """
from @PEER@ import njit


@njit
def through(s):
    return s


@njit
def length(s):
    return len(s)


@njit
def insert(n):
    d = {"": 0}
    for i in range(n):
        d[str(i)] = i
    return len(d)


@njit
def look_up(words, rounds):
    d = {"": 0}
    for w in words:
        d[w] = len(w)
    total = 0
    for _ in range(rounds):
        for w in words:
            total += d[w]
    return total


@njit
def append(n):
    s = ""
    for i in range(n):
        s += "ab"
    return len(s)


@njit
def concatenate(a, b, n):
    total = 0
    for i in range(n):
        total += len(a + b)
    return total


@njit
def find(s, t):
    return s.find(t)


@njit
def count(s, t):
    return s.count(t)


@njit
def split(s):
    return len(s.split())


@njit
def characters(s):
    n = 0
    for c in s:
        if c == "a":
            n += 1
    return n
"""

FIRST = """
def words(text):
    counts = {"": 0}
    for w in text.split():
        counts[w] = counts.get(w, 0) + 1
    keys = sorted([k for k in counts.keys()])
    total = 0
    for k in keys:
        total += len(str(counts[k])) + len(k)
    return total
"""


def plain(text):
    """The module's functions without a compiler: CPython's."""
    return text.replace("@njit", "").replace("from @PEER@ import njit", "")


def run(session):
    loaded = {}
    for peer in session.peers:
        try:
            loaded[peer] = fresh_module(TEXT, peer)
        except Exception as error:
            session.failed("texts", peer, error)
    python = {}
    exec(plain(TEXT), python)
    words = [f"word {i}" for i in range(1000)]
    long = "lorem ipsum dolor sit amet, " * 40000
    wide = long + "\u1234"
    cases = [
        ("call (str) -> str", "through", ("some text",)),
        ("call (str) -> int", "length", ("some text",)),
        ("dict of str keys: 200 000 inserted", "insert", (200_000,)),
        ("dict of str keys: 100 000 looked up", "look_up", (words, 100)),
        ("s += two characters, 100 000 times", "append", (100_000,)),
        ("a + b of 20 characters, 10 000 times", "concatenate", ("a" * 20, "b" * 20, 10_000)),
        ("find a word at the end of 1.1 MB", "find", (long + "needle", "needle")),
        ("find, two bytes a character", "find", (wide + "needle", "needle")),
        ("count a word in 1.1 MB", "count", (long, "dolor")),
        ("count a character in 1.1 MB", "count", (long, "o")),
        ("split 1.1 MB", "split", (long,)),
        ("characters of 1.1 MB", "characters", (long,)),
    ]
    for title, name, args in cases:
        actions = {peer: timer(getattr(module, name), args) for peer, module in loaded.items()}
        actions["python"] = timer(python[name], args)
        session.compare(title, actions, repeats=5, measure=None)

    def first(peer):
        function = fresh_module(FIRST, peer).words
        njit = package(peer).njit
        start = time.perf_counter()
        njit(function)("the quick brown fox jumps over the lazy dog the end")
        return time.perf_counter() - start

    session.compare(
        "first call: split, dict, sorted, str()",
        {peer: lambda peer=peer: first(peer) for peer in loaded},
        repeats=3,
        measure=None,
    )
