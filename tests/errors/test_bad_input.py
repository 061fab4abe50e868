"""What a user can get wrong outside the program itself: each gives an error of its class, a clean process, and the
next call works. Where a driver is needed it is the fake one, in a process of its own."""

import linecache
import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
import rejected

HEAD = """
import numpy as np
import cantil
from cantil import cuda, errors, njit

@cuda.jit
def fill(a, value):
    i = cuda.grid(1)
    if i < a.size:
        a[i] = value

def refused(error, call, *codes):
    try:
        call()
    except error as e:
        assert e.codes == codes, (e.codes, str(e))
        return e
    raise AssertionError("accepted")

def simulated():
    a = np.zeros(40)
    fill[2, 32](a, 3.0)
    assert (a == 3.0).all()
"""


def in_a_process(program, **settings):
    """Runs a program in a process that has to end by itself, well and in silence; returns what it printed."""
    assert rejected.FAKE_DRIVER.exists(), "run ./dev build"
    done = subprocess.run(
        [sys.executable, "-c", HEAD + textwrap.dedent(program)],
        env=os.environ | settings,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, f"{done.returncode}\n{done.stdout}{done.stderr}"
    assert done.stderr == "", done.stderr
    return done.stdout


FAKE = {"CANTIL_CUDA": "gpu", "CANTIL_LIBCUDA": str(rejected.FAKE_DRIVER)}


@pytest.mark.parametrize(
    "value", [object(), {1: 2}, [1, "a"], frozenset([1])], ids=["object", "dict", "list", "frozenset"]
)
def test_wrong_types_leave_the_function_usable(value):
    from cantil import errors, njit

    @njit
    def double(x):
        return x * 2

    assert double(2) == 4
    with pytest.raises(errors.TypingError):
        double(value)
    assert double(3) == 6
    assert double(1.5) == 3.0
    assert len(double.signatures) == 2


def test_a_failed_compilation_is_not_remembered():
    """The reason may be gone at the next call: names are looked up again."""
    from cantil import errors, njit

    names = {}
    source = "def scaled(x):\n    return x * factor\n"
    linecache.cache["later.py"] = (len(source), None, source.splitlines(True), "later.py")
    exec(compile(source, "later.py", "exec"), names)
    scaled = njit(names["scaled"])
    for _ in range(2):
        with pytest.raises(errors.TypingError, match="'factor' is not defined"):
            scaled(2.0)
    names["factor"] = 2.5
    assert scaled(2.0) == 5.0


def test_a_failed_compilation_of_a_callee_is_not_remembered():
    from cantil import errors, njit

    factor = offset = None

    @njit
    def inner(x):
        return x * factor

    @njit
    def outer(x):
        return inner(x) + offset

    with pytest.raises(errors.TypingError):
        outer(2.0)
    factor = 2.5
    with pytest.raises(errors.TypingError):
        outer(2.0)
    offset = 1.0
    assert outer(2.0) == 6.0


def test_missing_source():
    from cantil import errors, njit

    names = {}
    exec("def increment(x):\n    return x + 1\n", names)
    with pytest.raises(errors.SourceNotFoundError) as caught:
        njit(names["increment"])(1)
    assert caught.value.codes == ("C0107",)
    rejected.assert_next_call_works()


def test_unsupported_syntax():
    from cantil import errors, njit

    @njit
    def program(x):
        with x:
            return 1

    for _ in range(2):
        with pytest.raises(errors.UnsupportedError) as caught:
            program(1)
        assert caught.value.codes == ("C0201",)
    rejected.assert_next_call_works()


@pytest.mark.parametrize("settings", [{"CANTIL_CUDA": "sim"}, FAKE], ids=["sim", "fake driver"])
def test_launches_beyond_the_limits(settings):
    in_a_process(
        """
        a = cuda.device_array(40)
        for configuration in (1, 2048), (1, (32, 64)), (1, (1, 1, 128)), ((1, 70000), 1), (1, 32, 0, 10**9):
            e = refused(errors.LaunchError, lambda: fill[configuration](a, 1.0), "C0405")
            assert "fill" in str(e), e
        for configuration in 1, (0, 32), (1, 0), (1, -1), ((1, 1, 1, 1), 32), (1, 32, 0, -1):
            refused(errors.LaunchError, lambda: fill[configuration](a, 1.0), "C0405")
        refused(errors.LaunchError, lambda: fill(a, 1.0), "C0406")
        fill[2, 32](a, 3.0)
        cuda.synchronize()
        """,
        **settings,
    )


def test_a_kernel_that_returns_a_value():
    in_a_process(
        """
        def wrong(a):
            return a[0]

        kernel = cuda.jit(wrong)
        for _ in range(2):
            refused(errors.KernelReturnError, lambda: kernel[1, 1](np.zeros(2)), "C0401")
            refused(TypeError, lambda: cuda.compile_ptx(wrong, "void(float64[:])", cc=(8, 0)), "C0401")
        simulated()
        """,
        CANTIL_CUDA="sim",
    )


def test_a_missing_driver():
    in_a_process(
        """
        for _ in range(2):
            refused(errors.CudaSupportError, lambda: cuda.to_device(np.zeros(3)), "C0407")
            refused(errors.CudaSupportError, lambda: fill[1, 32](np.zeros(3), 1.0), "C0407")
        assert not cuda.is_available()
        assert njit(lambda x: x + 1)(1) == 2
        assert ".visible .entry" in cuda.compile_ptx(fill.py_func, "void(float64[:], float64)", cc=(8, 0))[0]
        """,
        CANTIL_CUDA="gpu",
        CANTIL_LIBCUDA="/nowhere/libcuda.so.1",
    )


def test_a_driver_without_a_device():
    in_a_process(
        """
        refused(errors.CudaSupportError, lambda: cuda.to_device(np.zeros(3)), "C0407")
        assert njit(lambda x: x + 1)(1) == 2
        """,
        **FAKE,
        CANTIL_FAKE_SET="device_count=0",
    )


def test_ptx_that_the_driver_refuses():
    in_a_process(
        """
        a = cuda.device_array(40)
        e = refused(errors.LinkerError, lambda: fill[2, 32](a, 1.0), "C0408")
        assert e.code == 218 and "cuModuleLoadDataEx" in e.call, (e.code, e.call)
        fill[2, 32](a, 3.0)
        cuda.synchronize()
        """,
        **FAKE,
        CANTIL_FAKE_FAIL="cuModuleLoadDataEx:1:218",
    )


def test_ptx_that_is_too_new_for_the_driver():
    in_a_process(
        """
        a = cuda.device_array(40)
        for _ in range(2):
            refused(errors.CudaSupportError, lambda: fill[2, 32](a, 1.0), "C0411")
        a.copy_to_host()
        """,
        **FAKE,
        CANTIL_FAKE_SET="driver_version=11000",
    )


def test_a_driver_call_that_fails():
    in_a_process(
        """
        e = refused(errors.CudaDriverError, lambda: cuda.to_device(np.zeros(3)), "C0408")
        assert e.code == 1 and e.call == "cuMemcpyHtoD", (e.code, e.call)
        assert cuda.to_device(np.arange(3.0)).copy_to_host().tolist() == [0, 1, 2]
        """,
        **FAKE,
        CANTIL_FAKE_FAIL="cuMemcpyHtoD:1:1",
    )
