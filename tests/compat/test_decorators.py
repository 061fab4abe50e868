"""Options of jit and what Numba documents of them."""

import os
import subprocess
import sys
import textwrap

import numpy as np
import pytest
from cantil import jit, njit, types
from cantil.core.errors import TypingError, UnsupportedError


def test_locals_give_variables_their_types():
    @njit(locals={"s": types.float32, "n": "int16"})
    def total(n):
        s = 0
        for _ in range(n):
            s += 0.1
        return s, n

    s = np.float32(0)
    for _ in range(10):
        s = np.float32(s + 0.1)
    assert total(10) == (s, 10)
    assert str(total.nopython_signatures[0].return_type) == "Tuple(float32, int16)"
    assert total(65546)[1] == 10


def test_locals_that_cannot_hold_the_value():
    @njit(locals={"s": types.float32})
    def wrong():
        s = 1j
        return s

    with pytest.raises(TypingError, match="complex128 to float32"):
        wrong()


def test_forceinline():
    @njit(forceinline=True)
    def square(x):
        return x * x

    @njit
    def f(x):
        return square(x) + 1

    assert f(3) == 10


def test_object_mode_is_python():
    @jit(forceobj=True, looplift=True)
    def f(x, table):
        table["k"] = [x, str(x)]
        return table

    assert f(None, {}) == {"k": [None, "None"]}
    assert f.signatures == []
    assert f.py_func("a", {}) == {"k": ["a", "a"]}


def test_nothing_falls_back_to_python_unasked():
    with pytest.raises(UnsupportedError, match="forceobj=True"):
        jit(nopython=False)(lambda x: x)


def test_jit_module(tmp_path, monkeypatch):
    (tmp_path / "whole_module.py").write_text(
        textwrap.dedent("""
            from math import sqrt
            from os.path import join
            from cantil import jit_module

            def increase(x):
                return x + 1

            def both(a, b):
                return increase(a) + b

            jit_module(error_model="numpy")

            def later(x):
                return x
        """)
    )
    monkeypatch.syspath_prepend(tmp_path)
    import whole_module

    assert whole_module.both(1, 2) == 4
    assert whole_module.both.signatures and whole_module.increase.targetoptions["error_model"] == "numpy"
    assert not hasattr(whole_module.later, "py_func")
    assert not hasattr(whole_module.join, "py_func")


def test_debug_keeps_source_lines():
    @njit(debug=True)
    def f(x):
        return x + 1

    @njit
    def plain(x):
        return x + 1

    assert f(1) == plain(1) == 2
    assert "!dbg" in f.inspect_llvm(f.signatures[0])
    assert "!dbg" not in plain.inspect_llvm(plain.signatures[0])


def test_inspect_cfg():
    @njit
    def f(n):
        total = 0
        for i in range(n):
            total += i
        return total

    f(3)
    graph = f.inspect_cfg(f.signatures[0])
    assert graph.dot.startswith('digraph "') and "->" in graph.dot and graph.dot.endswith("}")
    assert set(f.inspect_cfg()) == set(f.signatures)


def test_entry_point_of_an_overload():
    @njit
    def f(a, b):
        return a + b

    f(1, 2)
    assert f.overloads[(types.int64, types.int64)].entry_point(3, 4) == 7


@pytest.mark.parametrize(
    "variable, shown",
    [("NUMBA_DUMP_ASSEMBLY", ".text"), ("NUMBA_DUMP_LLVM", "define"), ("NUMBA_DUMP_IR", "func @")],
)
def test_numbas_variables_print_stages(tmp_path, variable, shown):
    script = tmp_path / "script.py"
    script.write_text("from cantil import njit\n\n\n@njit\ndef f(x):\n    return x + 1\n\n\nprint(f(1))\n")
    run = subprocess.run(
        [sys.executable, script],
        env={**os.environ, variable: "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert shown in run.stderr and run.stdout == "2\n"
