"""Unchanged Numba programs: cantil.compat, python -m cantil, Numba's module layout."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap

import cantil
import numpy as np
import pytest
from cantil import deferred_type, types
from cantil.core import errors


def run(tmp_path, program, *args, module=False, **env):
    script = tmp_path / "program.py"
    script.write_text(textwrap.dedent(program))
    command = [
        sys.executable,
        *(["-m", "cantil"] if module else []),
        *(() if module and args[:1] == ("-s",) else [str(script)]),
    ]
    out = subprocess.run(
        [*command, *args], env={**os.environ, **env}, capture_output=True, text=True, cwd=tmp_path
    )
    assert out.returncode == 0, out.stderr
    return out.stdout


def test_installed(tmp_path):
    out = run(
        tmp_path,
        """
        import cantil.compat
        cantil.compat.install()
        import numba
        from numba import njit, cuda, types, typed, prange
        from numba.core import types as core_types, errors, config
        from numba.core.errors import TypingError
        from numba.extending import overload, register_jitable
        from numba.experimental import jitclass, structref
        from numba.typed import List, Dict
        from numba.np.numpy_support import as_dtype, from_dtype
        from numba.np.extensions import cross2d
        from numba.cuda.random import create_xoroshiro128p_states
        from numba.cpython.unsafe.tuple import tuple_setitem
        from numba.core.typing import signature
        from numba.core.dispatcher import Dispatcher
        from numba.core.registry import CPUDispatcher
        import numba.core.sigutils
        import cantil

        @numba.njit
        def f(n):
            s = 0
            for i in numba.prange(n):
                s += i
            return s

        assert f(4) == 6 and isinstance(f, CPUDispatcher)
        assert numba.cuda is cantil.cuda and numba.typed is cantil.typed and core_types.int64 is numba.int64
        assert cantil.typed.__spec__.name == "cantil.typed"
        assert numba.core.errors.TypingError is TypingError is cantil.errors.TypingError
        major, minor = numba.__version__.split(".")[:2]
        assert int(major) == 0 and int(minor) >= 60 and numba.version_info.short == (int(major), int(minor))
        try:
            from numba.core import typeinfer
        except ImportError as e:
            print("ImportError", e)
        try:
            import numba.core.lowering
        except ImportError as e:
            print("ImportError", e)
        try:
            from numba.core.typing.templates import AbstractTemplate
        except ImportError as e:
            print("ImportError", e)
        try:
            from numba.extending import lower_builtin
        except ImportError as e:
            print("ImportError", e)
        """,
    )
    assert out.count("ImportError") == 4 and out.count("internal to Numba") >= 3, out


def test_script(tmp_path):
    program = """
    import sys
    import numpy as np
    import numba
    from numba import njit

    @njit
    def f(a):
        return a.sum()

    if __name__ == "__main__":
        print(f(np.arange(4.0)), sys.argv[1:], numba.njit.__module__.split(".")[0])
    """
    assert run(tmp_path, program, "a", "--b", module=True) == "6.0 ['a', '--b'] cantil\n"
    run(tmp_path, program, "--annotate-html", str(tmp_path / "out.html"), module=True)
    page = (tmp_path / "out.html").read_text()
    assert "<html" in page and "return a.sum()" in page and "float64" in page


def test_command():
    def command(*args):
        return subprocess.run(
            [sys.executable, "-m", "cantil", *args], capture_output=True, text=True, check=True
        ).stdout

    text = command("--help")
    assert "usage" in text and "--annotate-html" in text
    text = command("-s")
    assert "Python" in text and "NumPy" in text and "CPU" in text


def test_top_level_names():
    for (
        name
    ) in "TypingError UnsupportedError NumbaError LoweringError NumbaWarning NumbaPerformanceWarning".split():
        assert getattr(cantil, name) is getattr(errors, name)
    assert cantil.version_info.string == cantil.__version__
    for name in ("gdb", "gdb_init", "gdb_breakpoint"):
        with pytest.raises(NotImplementedError, match="gdb"):
            getattr(cantil, name)()
    assert isinstance(deferred_type(), types.DeferredType)


def test_errors_like_numbas():
    error = errors.TypingError("message", loc=None)
    assert str(error) == error.msg == "message"
    assert "more" in str(error.add_context("more"))
    assert issubclass(errors.NumbaTypeError, TypeError) and str(errors.NumbaKeyError("k")) == "k"
    assert str(errors.NumbaWarning("w")) == "w"


def test_types():
    assert types.List(types.int64).dtype is types.int64 and types.Set(types.int64).dtype is types.int64
    d = types.DictType(types.int64, types.float64)
    assert (
        d.key_type is types.int64
        and d.value_type is types.float64
        and d == types.DictType(types.int64, types.float64)
    )
    assert types.ListType(types.int64).item_type is types.int64
    assert cantil.typeof([1]) == types.List(types.int64) and cantil.typeof({1}) == types.Set(types.int64)
    assert types.literal(3).literal_value == 3 and isinstance(types.literal("a"), types.StringLiteral)
    assert types.unliteral(types.literal(3)) == types.intp and types.maybe_literal(3) is types.literal(3)
    assert types.maybe_literal(2.5) is None
    assert isinstance(types.int64, types.Hashable) and isinstance(
        types.List(types.int64), types.MutableSequence
    )
    assert types.is_nonelike(types.none) and types.is_nonelike(None) and not types.is_nonelike(types.int64)
    from cantil.core import sigutils

    args, ret = sigutils.normalize_signature("f8(i4[:], boolean)")
    assert ret == types.float64 and args == (types.int32[:], types.boolean)
    assert (
        sigutils.is_signature("f8(f8)")
        and sigutils.is_signature((types.int64,))
        and not sigutils.is_signature(3)
    )
    with pytest.raises(TypeError):
        sigutils.normalize_signature(3)


def test_pipelines():
    from cantil import njit
    from cantil.core import compiler

    class Default(compiler.CompilerBase):
        def define_pipelines(self):
            return [compiler.DefaultPassBuilder.define_nopython_pipeline(self.state)]

    class Changed(compiler.CompilerBase):
        def define_pipelines(self):
            pm = compiler.DefaultPassBuilder.define_nopython_pipeline(self.state)
            pm.add_pass_after(Default, Default)
            pm.finalize()
            return [pm]

    assert njit(pipeline_class=Default)(lambda x: x + 1)(1) == 2
    with pytest.raises(errors.UnsupportedError, match="adds the pass"):
        njit(pipeline_class=Changed)(lambda x: x + 1)


def test_errors_end_at_the_users_line():
    @cantil.njit
    def wrong(x):
        y = x + 1
        return y << 1.5

    with pytest.raises(errors.TypingError) as caught:
        wrong(1)
    last = caught.traceback[-1]
    assert str(last.path) == __file__ and "y << 1.5" in str(last.statement)


def test_several_errors_of_a_function():
    @cantil.njit
    def wrong(x):
        y = x << 1.5
        z = y + 1
        w = undefined_name  # noqa: F821
        for i in range(3):
            z += np.zeros(2) << i
        return z + w

    with pytest.raises(errors.TypingError) as caught:
        wrong(1)
    text = str(caught.value)
    assert caught.value.codes == ("C0301", "C0101") or len(caught.value.codes) >= 2, text
    assert "x << 1.5" in text and "undefined_name" in text and len(text.splitlines()) <= 25
    assert "y + 1" not in text
