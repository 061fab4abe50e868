"""cantil.pycc: extension modules that need no Cantil."""

import subprocess
import sys

import cantil
import pytest
from cantil.pycc import CC


@pytest.fixture(scope="module")
def module(build):
    return build(
        """
        import numpy as np
        from cantil import njit, prange

        @cc.export("mult", "c16(c16, c16)")
        @cc.export("mult", "f8(f8, f8)")
        def mult(a, b=2.0):
            "Multiplies."
            return a * b

        @cc.export("divide", "f8(i8, i8)")
        def divide(a, b):
            return a / b

        @cc.export("curve", "f8[:](f8[::1])")
        def curve(a):
            return np.sin(a) + np.exp(a)

        @njit(parallel=True)
        def total(a):
            s = 0.0
            for i in prange(a.size):
                s += a[i]
            return s

        cc.export("total", "f8(f8[::1])")(total)

        @cc.export("item", "i8(i8[:], i8)")
        def item(a, i):
            if i < 0:
                raise ValueError("negative index", i)
            return a[i]

        @cc.export("ordered", "f8[:](i8, i8)")
        def ordered(seed, n):
            np.random.seed(seed)
            return np.sort(np.random.random(n))

        @cc.export("solve", "f8[::1](f8[:,::1], f8[::1])")
        def solve(a, b):
            return np.linalg.solve(a, b)

        @cc.export("greet", "void(i8)")
        def greet(n):
            print("hello", n)

        @cc.export("pair", "Tuple((i8, f8[::1]))(f8[::1])")
        def pair(a):
            return a.size, a

        @cc.export("double_all", "void(List(i8, True))")
        def double_all(l):
            for i in range(len(l)):
                l[i] *= 2
        """
    )


def test_numbers_and_signatures(module):
    out = module.run(
        """
        print(m.mult(3, 4), m.mult(3.0), m.mult(1j, 2), m.mult(b=5.0, a=1.0))
        print(m.mult.__doc__, m.mult.__name__, m.mult.signatures)
        import inspect; print(inspect.signature(m.mult))
        """
    )
    assert out.splitlines() == [
        "12.0 6.0 2j 5.0",
        "Multiplies. mult ['(float64, float64) -> float64', '(complex128, complex128) -> complex128']",
        "(a, b=2.0)",
    ]


def test_arrays_vector_math_and_threads(module):
    module.run(
        """
        a = np.linspace(0, 1, 1001)
        assert np.allclose(m.curve(a), np.sin(a) + np.exp(a), rtol=1e-14)
        assert m.total(np.ones(100_001)) == 100_001
        n, same = m.pair(a)
        assert n == 1001 and same is a
        assert m.item(np.arange(10)[::2], 3) == 6
        """
    )


def test_library_parts(module):
    module.run(
        """
        np.random.seed(7)
        assert (m.ordered(7, 100) == np.sort(np.random.random(100))).all()
        a = np.array([[3.0, 1.0], [1.0, 2.0]]); b = np.array([9.0, 8.0])
        assert np.allclose(m.solve(a, b), np.linalg.solve(a, b))
        l = [1, 2, 3]; m.double_all(l); assert l == [2, 4, 6]
        """
    )
    assert module.run("m.greet(3)") == "hello 3\n"


def test_exceptions_are_the_functions_own(module):
    text = module.run("m.divide(1, 0)", fails=True)
    assert text.rstrip().endswith("ZeroDivisionError: division by zero")
    assert 'source.py", line' in text and "in divide" in text
    assert "ValueError: ('negative index', -1)" in module.run("m.item(np.arange(3), -1)", fails=True)
    text = module.run("m.solve(np.zeros((2, 2)), np.ones(2))", fails=True)
    assert "LinAlgError" in text and "ingular" in text


@pytest.mark.parametrize(
    "call, message",
    [
        ("m.total(object())", "total() argument 1: cannot use a value of type 'object'"),
        ("m.total(np.ones(3, 'f4'))", "total() does not take (array(float32, 1d, C))"),
        ("m.mult()", "mult() missing 1 required positional argument: 'a'"),
        ("m.mult(1, c=3)", "mult() got an unexpected keyword argument 'c'"),
        ("m.mult(1, 2, 3)", "mult() takes from 1 to 2 positional arguments but 3 were given"),
    ],
)
def test_wrong_calls(module, call, message):
    text = module.run(call, fails=True)
    assert f"TypeError: {message}" in text


def test_functions_are_pickled_by_name(module):
    module.run("import pickle; assert pickle.loads(pickle.dumps(m.divide)) is m.divide")


def test_code_for_another_cpu_is_refused(build):
    from cantil._aot import exports

    # The list of features is the compiler's; a machine that has them all runs the code.
    wanted = exports.level("graniterapids").features
    built = build(
        """
        @cc.export("one", "i8()")
        def one():
            return 1
        """,
        target_cpu="graniterapids",
    )
    missing = set(wanted) - set(exports.level("host").features)
    if missing:
        text = built.run("m.one()", fails=True)
        assert "ImportError: built was compiled for a CPU with" in text and sorted(missing)[0] in text
    else:
        assert built.run("print(m.one())") == "1\n"


def test_attributes():
    cc = CC("zz")
    assert cc.name == "zz" and cc.output_file.startswith("zz.") and cc.output_file.endswith(".so")
    assert cc.output_dir == str(__import__("pathlib").Path(__file__).resolve().parent)
    cc.output_file = "other.so"
    assert cc.output_file == "other.so"
    with pytest.raises(ValueError):
        CC("a.b")


def test_wrong_exports(tmp_path):
    cc = CC("zz")
    cc.output_dir = str(tmp_path)
    with pytest.raises(ValueError, match="exports nothing"):
        cc.compile()

    @cc.export("f", "i8(i8)")
    def f(x):
        return x

    with pytest.raises(KeyError, match="duplicated export symbol f"):
        cc.export("f", "f8(f8)")(lambda x: x)
    cc.target_cpu = "pentagon"
    with pytest.raises(ValueError, match="no CPU is called 'pentagon'"):
        cc.compile()
    cc.target_cpu = "host"

    @cc.export("g", "i8(i8, i8)")
    def g(x, y=tmp_path):
        return x

    with pytest.raises(ValueError, match="the default of 'y' is a"):
        cc.compile()
    assert list(tmp_path.iterdir()) == []


def test_objects_of_this_process_are_refused(tmp_path):
    from collections import namedtuple

    Point = namedtuple("Point", "x y")
    cc = CC("zz")
    cc.output_dir = str(tmp_path)
    cc.export("f", (cantil.typeof(Point(1.0, 2.0)),))(lambda p: p.x)
    with pytest.raises(TypeError, match="cannot be compiled ahead of time"):
        cc.compile()


def test_missing_tools(tmp_path, monkeypatch):
    from cantil._aot.link import ToolError

    cc = CC("zz")
    cc.output_dir = str(tmp_path)
    cc.export("f", "i8(i8)")(lambda x: x)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ToolError, match="needs objcopy"):
        cc.compile()


def test_setuptools(tmp_path):
    (tmp_path / "source.py").write_text(
        "from cantil.pycc import CC\ncc = CC('built')\n"
        "@cc.export('twice', 'i8(i8)')\ndef twice(x):\n    return 2 * x\n"
    )
    (tmp_path / "setup.py").write_text(
        "from setuptools import setup\nfrom source import cc\n"
        "setup(name='built', version='1', ext_modules=[cc.distutils_extension()])\n"
    )
    package = __import__("pathlib").Path(cantil.__file__).parent.parent
    subprocess.run(
        [sys.executable, "setup.py", "-q", "build_ext", "--inplace"],
        cwd=tmp_path,
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(package)},
        check=True,
        capture_output=True,
    )
    out = subprocess.run(
        [sys.executable, "-c", "import built; print(built.twice(21))"],
        cwd=tmp_path,
        env={"PATH": "/usr/bin:/bin"},
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    assert out == "42\n"
