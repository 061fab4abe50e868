# ruff: noqa: E101
"""Finding a function's source: whatever the way it was written, the node is the one that parsing the whole file gives.

Each definition holds a text constant, its label, by which the oracle finds its node in the file's own tree. These tests
need only cantil/_capture.py, so they run on every Python.
"""

import ast
import doctest
import importlib.util
import linecache
import os
import pty
import subprocess
import sys
import textwrap
import time
import types
from pathlib import Path

import pytest

CAPTURE = Path(__file__).resolve().parents[3] / "python" / "cantil" / "_capture.py"
# The definitions hold such texts on purpose.
pytestmark = pytest.mark.filterwarnings("ignore:.*invalid escape sequence")
_spec = importlib.util.spec_from_file_location("cantil_capture_under_test", CAPTURE)
capture = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(capture)

PLAIN = '''
"""A module."""
import functools

def keep(*functions):
    KEPT.extend(functions)
    return functions[0]

def decorator(*args, **kwargs):
    return lambda f: f

KEPT = []

def plain(x):
    return x, "plain"
keep(plain)

def one_line(x): return x, "one line"
keep(one_line)

@functools.lru_cache()
@decorator(
    1,
    name="multi-line",
)
def decorated(
    a,
    b=(
        1
    ),
):
    return a, b, "decorated"
keep(decorated.__wrapped__)

class Outer:
    class Inner:
        def method(self, x):
            """Docstring.

Text at the margin.
            """
            return x, "method"

        @staticmethod
        @decorator()
        def static(x):
            # a comment
# at the margin
            return x, "static"
        keep(static.__wrapped__ if hasattr(static, "__wrapped__") else static.__func__)
        keep(method)

def maker(k):
    def nested(x):
        def deeper(y):
            return x + y + k, "deeper"
        keep(deeper)
        return deeper(x), "nested"
    keep(nested)
    nested(1)
maker(1)

def strings(x):
    s = """
no indentation here
def not_a_function():
"""
    t = \\
1
    return (
s, t, "strings"
)
keep(strings)

def trailing(x):
    if x:
        return 1
    else:
        return "trailing"

    # the end
keep(trailing)

def unreachable(x):
    return "unreachable"
    if 0:
        x = 1
    assert x
keep(unreachable)

def annotated(x: "int" = 0, *rest: int, key: float = 1.0, **more) -> "tuple":
    value: int = x
    later: float
    return value, rest, key, more, "annotated"
keep(annotated)

def ünïcode(ä):
    ö = "täxt"; return ö, ä, "unicode"
keep(ünïcode)

if True:
	def tabs(x):
		if x:
			return 1
	        # a comment
		return x, "tabs"
	keep(tabs)
\f
def after_form_feed(x):
\f    return x, "after form feed"
keep(after_form_feed)

async def coroutine(x):
    return x, "coroutine"
keep(coroutine)

def generator(n):
    for i in range(n):
        yield i, "generator"
keep(generator)

def docstring_only(x):
    "docstring only"
keep(docstring_only)

def warns(x):
    return "\\d", x, "warns"
keep(warns)

simple = keep(lambda x: (x, "lambda"))
pair = keep(lambda x: (x, "first of two"), lambda x: (x, "second of two"))
same = keep(lambda: "same a", lambda: "same b")
inner = keep(lambda x: (lambda y: (x, y, "inner lambda"), "outer lambda"))
keep(inner(1)[0])
curried = keep(lambda x: lambda y: (x, y, "curried"))
keep(curried(1))
keep(
    lambda x: (
        x,
        "multi-line lambda"
    ),
    lambda x:
        (x,
         "lambda with its body below"),
)
table = {
    "a": keep(lambda x: (x, "in a dict")), "b": keep(lambda x, y=1, *z, k=2, **w: (x, "many parameters")),
    "c":
        keep(lambda x: x if x else "conditional"),
}
def default(f=keep(lambda x: (x, "in a default"))):
    return f
class WithLambda:
    key = keep(lambda self: (self, "in a class"))
    def method(self):
        keep(lambda x: (x, self, "in a method")); return sorted([1], key=keep(lambda x: (x, "an argument")))
WithLambda().method()
keep(lambda x: (x, "parenthesised"))  ; keep((lambda x: ((x), "in brackets")))
comprehension = [keep(lambda x, i=i: (x, i, "in a comprehension")) for i in range(1)]
'''

# A comment may hold anything; a match statement and friends are for the Pythons that have them.
NEWER = {
    (3, 10): """
def matching(x):
    match x:
        case [a, *_]:
            return a
        case {"k": v, **rest}:
            return v, rest
    return "matching"
keep(matching)
""",
    (3, 11): """
def try_star(x):
    try:
        x()
    except* ValueError:
        pass
    return "try star"
keep(try_star)
""",
    (3, 12): """
def typed[T](x: T) -> T:
    return x, "type parameters"
keep(typed)
type_text = keep(lambda x: (f"{x!r:>{10}} { "quoted" }", "f-string"))
""",
}


def source_text():
    return PLAIN + "".join(text for version, text in NEWER.items() if sys.version_info >= version)


def load(path, text, name="definitions"):
    path.write_text(text, encoding="utf-8")
    module = types.ModuleType(name)
    module.__file__ = str(path)
    exec(compile(text, str(path), "exec"), module.__dict__)
    return module


def is_function(node):
    return isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda))


def node_with_label(tree, label):
    """The innermost function around a text constant."""
    found = None

    def visit(node, function):
        nonlocal found
        function = node if is_function(node) else function
        if isinstance(node, ast.Constant) and node.value == label:
            found = function
        for child in ast.iter_child_nodes(node):
            visit(child, function)

    visit(tree, None)
    return found


def label_of(code):
    texts = [
        c for c in code.co_consts if isinstance(c, str) and "%" not in c and not c.startswith("Docstring")
    ]
    texts += [c[-1] for c in code.co_consts if isinstance(c, tuple) and c and isinstance(c[-1], str)]
    return texts


def dump(node, offset):
    """The node with all positions, as they are in the file; decorators are not part of what is captured."""
    ast.increment_lineno(node, offset)
    text = ast.dump(node, include_attributes=True)
    ast.increment_lineno(node, -offset)
    return text


def expected(function, tree):
    """The nodes that hold one of the function's own text constants, else the one around its inner function's."""
    nodes = [node_with_label(tree, label) for label in label_of(function.__code__)]
    if any(nodes):
        return [n for n in nodes if n is not None]
    inner = next(c for c in function.__code__.co_consts if isinstance(c, types.CodeType))
    inside = node_with_label(tree, label_of(inner)[0])
    return [n for n in ast.walk(tree) if is_function(n) and inside in ast.walk(n) and n is not inside]


def check(function, tree, loaded_at):
    found = capture.find_source(function, loaded_at)
    assert found is not None, function
    node, text, first, offset = found
    assert dump(node, offset) in [dump(n, 0) for n in expected(function, tree)], function
    lines = text.splitlines(keepends=True)
    assert lines[node.lineno + offset - first][node.col_offset :].encode()[:3]
    return node


@pytest.fixture(params=["older than the process", "changed since"])
def age(request):
    return request.param


def test_every_way_to_define_a_function(tmp_path, age):
    text = source_text()
    path = tmp_path / "definitions.py"
    module = load(path, text)
    if age == "older than the process":
        os.utime(path, (1e9, 1e9))
    tree = ast.parse(text)
    assert len(module.KEPT) > 30
    for function in module.KEPT:
        check(function, tree, time.time() if age == "older than the process" else 1e6)


def test_all_labels_are_told_apart(tmp_path):
    """The lambdas of one line give different nodes."""
    text = source_text()
    module = load(tmp_path / "definitions.py", text)
    seen = set()
    for function in module.KEPT:
        node, _, _, offset = capture.find_source(function, time.time() + 10)
        seen.add((node.lineno + offset, node.col_offset))
    assert len(seen) == len(set(map(id, (f.__code__ for f in module.KEPT))))


def test_the_function_alone_is_parsed(tmp_path, monkeypatch):
    """A definition in a long file costs what its own lines cost."""
    module = load(tmp_path / "long.py", "x = 1\n" * 5000 + "def f(x):\n    return x\n\ng = lambda x: x\n")
    monkeypatch.setattr(capture, "_parse_file", None)
    for function in (module.f, module.g):
        assert capture.find_source(function, time.time() + 10) is not None


def test_text_is_the_functions_own(tmp_path):
    module = load(tmp_path / "m.py", "a = 1\n\n@staticmethod\ndef f(x):\n    return x\n\n# after\nb = 2\n")
    function = module.f.__func__ if hasattr(module.f, "__func__") else module.f
    node, text, first, offset = capture.find_source(function, time.time() + 10)
    assert text == "@staticmethod\ndef f(x):\n    return x\n"
    assert first == 3
    assert node.lineno + offset == 4


def test_no_source(tmp_path):
    space = {}
    exec("def f(x):\n    return x\ng = lambda x: x", space)
    assert capture.find_source(space["f"], 0) is None
    assert capture.find_source(space["g"], 0) is None


def test_file_that_is_gone(tmp_path):
    module = load(tmp_path / "gone.py", "def f(x):\n    return x\n")
    (tmp_path / "gone.py").unlink()
    assert capture.find_source(module.f, 0) is None


@pytest.mark.parametrize(
    "changed",
    [
        "def f(x):\n    return x - 1\n",
        "# a line more\ndef f(x):\n    return x + 1\n",
        "",
        "def g(x):\n    return x + 1\n",
        "def f(x:\n",
    ],
)
def test_file_changed_since(tmp_path, changed):
    """Another text than the code's is refused, not compiled."""
    path = tmp_path / "changed.py"
    module = load(path, "def f(x):\n    return x + 1\n")
    started = time.time() - 10
    assert capture.find_source(module.f, started) is not None
    path.write_text(changed)
    os.utime(path, (time.time() + 5, time.time() + 5))
    assert capture.find_source(module.f, started) is None


def test_notebook_cells():
    """IPython enters its cells into linecache under made-up names."""
    text = "k = 2\ndef f(x):\n    return x * k\n"
    name = "/tmp/ipykernel_1/123456.py"
    linecache.cache[name] = (len(text), None, text.splitlines(True), name)
    space = {}
    exec(compile(text, name, "exec"), space)
    node, found, first, offset = capture.find_source(space["f"], 0)
    assert (found, first, node.lineno + offset) == ("def f(x):\n    return x * k\n", 2, 2)
    del linecache.cache[name]


def test_doctests():
    text = """
    >>> def f(x):
    ...     return x + 1
    >>> remember(f)
    >>> remember(lambda x: x * 2)
    """
    found = []
    test = doctest.DocTestParser().get_doctest(
        text, {"remember": lambda f: found.append(capture.find_source(f, 0))}, "t", None, 0
    )
    doctest.DocTestRunner(verbose=False).run(test)
    assert [text for _, text, _, _ in found] == [
        "def f(x):\n    return x + 1\n",
        "remember(lambda x: x * 2)\n",
    ]


PROGRAM = f"""
import importlib.util
spec = importlib.util.spec_from_file_location("capture", {str(CAPTURE)!r})
capture = importlib.util.module_from_spec(spec)
spec.loader.exec_module(capture)

def f(x):
    return x + 1

for function in (f, lambda x: x * 3):
    found = capture.find_source(function, 0)
    print("none" if found is None else found[1].strip())
hidden = dict()
exec("def f(x):" + chr(10) + "    return x + 2", hidden)
print(capture.find_source(hidden["f"], 0))
"""
ANSWER = ["def f(x):", "    return x + 1", "for function in (f, lambda x: x * 3):", "None"]


@pytest.mark.parametrize(
    "options",
    [
        ["-c", PROGRAM],
        ["-Ic", PROGRAM],
        ["-W", "ignore", "-c" + PROGRAM],
        ["-X", "utf8", "-uc", PROGRAM, "-c"],
    ],
)
def test_command_line_programs(options):
    out = subprocess.run([sys.executable, *options], capture_output=True, text=True, check=True).stdout
    assert out.splitlines() == ANSWER


def test_program_on_standard_input(tmp_path):
    (tmp_path / "program").write_text(PROGRAM)
    with open(tmp_path / "program") as program:
        out = subprocess.run(
            [sys.executable, "-"], stdin=program, capture_output=True, text=True, check=True
        ).stdout
    assert out.splitlines() == ANSWER


def test_program_through_a_pipe():
    """A short program is found, a long one refused: never something else."""
    out = subprocess.run(
        [sys.executable], input=PROGRAM, capture_output=True, text=True, check=True
    ).stdout.splitlines()
    assert out in (ANSWER, ["none", "none", "None"])


SESSION = """\
def f(x):
    return x - 1

def f(x):
    if x:
        return x + 1

class C:
    y = 1
    def method(self):
        return self

g = lambda x: x * 3
def show(function):
    found = capture.find_source(function, 0)
    print("none" if found is None else repr(found[1]))

old = f
def f(x):
    return x

for function in (old, f, C.method, g): show(function)

exit()
"""


def test_interactive_session(tmp_path):
    """What was typed at the prompt of any Python, in its basic form and with its line editor."""
    start = PROGRAM.split("\n\n")[0]
    (tmp_path / "start.py").write_text(start)
    master, terminal = pty.openpty()
    environment = {**os.environ, "HOME": str(tmp_path), "PYTHON_BASIC_REPL": "1", "TERM": "dumb"}
    environment["PYTHONSTARTUP"] = str(tmp_path / "start.py")
    with subprocess.Popen(
        [sys.executable, "-q"], stdin=terminal, stdout=terminal, stderr=terminal, env=environment
    ) as session:
        os.close(terminal)
        os.write(master, SESSION.encode())
        out = b""
        try:
            while block := os.read(master, 4096):
                out += block
        except OSError:  # how Linux says that the other end is closed
            pass
        os.close(master)
    shown = [line for line in out.decode().splitlines() if line.startswith(("'", "none", '"'))]
    assert shown == [
        repr("def f(x):\n    if x:\n        return x + 1\n"),
        repr("def f(x):\n    return x\n"),
        repr("    def method(self):\n        return self\n"),
        repr("g = lambda x: x * 3\n"),
    ]


def test_syntax_warnings_are_not_repeated(tmp_path, recwarn):
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        module = load(tmp_path / "w.py", 'def f(x):\n    return "\\d", x is 1\n')
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert capture.find_source(module.f, time.time() + 10) is not None


def test_it_takes_about_a_hundred_microseconds(tmp_path):
    body = "".join(f"    y{i} = x * {i} + y{i - 1}\n" for i in range(1, 9))
    module = load(
        tmp_path / "timed.py", textwrap.dedent("def f(x):\n    y0 = 0\n" + body + "    return y8\n")
    )
    best = min(timed(module.f) for _ in range(20))
    assert best < 1e-3  # measured: 75 us; ten times that on a busy machine is still no scan of anything large


def timed(function):
    start = time.perf_counter()
    capture.find_source(function, time.time() + 10)
    return time.perf_counter() - start
