"""The GPU side of the bindings against the fake driver: what it is given, what comes back, what its failures become.

Kernels are compiled to PTX as for a GPU; what "runs" is a Python function that reads the parameter block and the fake
device's memory. Each test is a process of its own, because a process has one driver.
"""

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
FAKE = ROOT / "build" / "tests" / "host_api" / "libcuda_fake.so"

PRELUDE = '''
import ctypes, os, re, struct, warnings
import numpy as np
import pytest
from cantil import cuda, errors, float64

fake = ctypes.CDLL(os.environ["CANTIL_LIBCUDA"])
THREE = ctypes.POINTER(ctypes.c_uint)
BODY = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_size_t, THREE, THREE)
bodies = []


def entry_of(kernel, signature):
    ptx, _ = cuda.compile_ptx(kernel.py_func, signature, cc=cuda.get_current_device().compute_capability)
    return re.search(r"\\.entry (\\w+)", ptx)[1]


def run_as(kernel, signature, function):
    """Launches of `kernel` call function(parameters, grid, block)."""
    body = BODY(lambda p, n, g, b: function(ctypes.string_at(p, n), tuple(g[:3]), tuple(b[:3])))
    bodies.append(body)
    fake.cantil_fake_kernel(entry_of(kernel, signature).encode(), body)


def device_memory(pointer, n, dtype=np.float64):
    kind = np.ctypeslib.as_ctypes_type(dtype)
    return np.ctypeslib.as_array(ctypes.cast(pointer, ctypes.POINTER(kind)), (n,))


@cuda.jit
def fill(a, x):
    i = cuda.grid(1)
    if i < a.size:
        a[i] = x


def fill_on_host(parameters, grid, block):
    owner, pointer, n, x = struct.unpack("=qqqd", parameters)
    assert owner == 0
    device_memory(pointer, n)[: grid[0] * block[0]] = x


SIGNATURE = "void(float64[::1], float64)"


def live(*kinds):
    return [fake.cantil_fake_live(kind.encode()) for kind in kinds]


def works():
    """A launch with a host array does all that it should."""
    run_as(fill, SIGNATURE, fill_on_host)
    a = np.zeros(40)
    fill[1, 32](a, 2.5)
    assert (a[:32] == 2.5).all() and not a[32:].any()
'''


def run(program, **environment):
    assert FAKE.exists(), f"{FAKE} is missing: run ./dev build"
    source = PRELUDE + textwrap.dedent(program) + '\nassert live("misuse") == [0]\nprint("done")\n'
    path = os.pathsep.join([p for p in sys.path if p])
    variables = {
        **os.environ,
        "CANTIL_LIBCUDA": str(FAKE),
        "CANTIL_CUDA": "gpu",
        "PYTHONPATH": path,
        **environment,
    }
    folder = Path(os.environ.get("TMPDIR", "/tmp"))
    script = folder / f"gpu_calls_{os.getpid()}.py"
    script.write_text(source)
    try:
        done = subprocess.run(
            [sys.executable, script], env=variables, capture_output=True, text=True, timeout=120
        )
    finally:
        script.unlink()
    assert done.returncode == 0 and done.stdout.endswith("done\n"), done.stdout + done.stderr
    return done


def test_host_arrays_travel_both_ways():
    run("works(); works()")


def test_device_arrays_stay():
    run("""
        run_as(fill, SIGNATURE, fill_on_host)
        d = cuda.to_device(np.zeros(8))
        fill[1, 32](d, 3.0)
        assert d.copy_to_host().tolist() == [3.0] * 8
        part = d[2:4]
        fill[1, 32](part, 4.0)
        assert d.copy_to_host().tolist() == [3, 3, 4, 4, 3, 3, 3, 3]
    """)


def test_scalars_keep_their_types():
    run("""
        import cantil
        seen = []

        @cuda.jit
        def take(a, b, c, d, e, f):
            a[0] = b + c + d + e + f

        args = (np.int8(-3), 7, np.float32(0.5), True, np.uint16(9))
        types = [cantil.typeof(x) for x in args]
        d = cuda.to_device(np.zeros(1))
        run_as(take, (float64[::1], *types), lambda p, g, b: seen.append(p))
        take[1, 1](d, *args)
        assert struct.unpack("=qqqb7xqfBxH", seen[0])[3:] == (-3, 7, 0.5, 1, 9), seen
    """)


def test_launches_with_device_arrays_call_the_driver_twice():
    run("""
        run_as(fill, SIGNATURE, fill_on_host)
        d = cuda.to_device(np.zeros(8))
        configured = fill[1, 32]
        configured(d, 1.0)
        fake.cantil_fake_forget_calls()
        configured(d, 2.0)
        fake.cantil_fake_call_name.restype = ctypes.c_char_p
        calls = [fake.cantil_fake_call_name(i).decode() for i in range(fake.cantil_fake_call_count())]
        assert calls[-1].startswith("cuLaunchKernel") and set(calls[:-1]) <= {"cuCtxGetCurrent"}, calls
    """)


def test_streams_and_dynamic_shared_memory_reach_the_driver():
    run("""
        class Record(ctypes.Structure):
            _fields_ = [("kernel", ctypes.c_char_p), ("grid", ctypes.c_uint * 3), ("block", ctypes.c_uint * 3),
                        ("shared", ctypes.c_uint), ("stream", ctypes.c_void_p), ("cooperative", ctypes.c_int)]

        fake.cantil_fake_last_launch.restype = Record
        stream = cuda.stream()
        d = cuda.to_device(np.zeros(8), stream=stream)
        fill[(2, 3), (4, 5, 6), stream, 1024](d, 1.0)
        last = fake.cantil_fake_last_launch()
        assert (tuple(last.grid), tuple(last.block), last.shared) == ((2, 3, 1), (4, 5, 6), 1024)
        assert last.stream == stream.handle and not last.cooperative
        stream.synchronize()
    """)


def test_everything_is_given_back():
    run("""
        works()
        before = live("device", "pool", "host", "stream", "event")
        d = cuda.to_device(np.zeros(100))
        s, e, p = cuda.stream(), cuda.event(), cuda.pinned_array(10)
        e.record(s)
        fill[1, 32, s](d, 1.0)
        cuda.synchronize()
        del d, s, e, p
        fill[1, 32](np.zeros(3), 1.0)
        cuda.synchronize()
        after = live("device", "pool", "host", "stream", "event")
        assert after == before, (before, after)
    """)


def test_out_of_memory():
    run("""
        works()
        with pytest.raises(errors.CudaDriverError, match="OUT_OF_MEMORY") as caught:
            cuda.device_array(1 << 60, np.uint8)
        assert caught.value.code == 2
        works()
    """)


@pytest.mark.parametrize(
    "call",
    [
        "cuMemAlloc",
        "cuMemAllocAsync",
        "cuMemcpyHtoD",
        "cuMemcpyHtoDAsync",
        "cuMemcpyDtoH",
        "cuMemcpyDtoHAsync",
        "cuLaunchKernel",
        "cuModuleLoadDataEx",
        "cuCtxSynchronize",
    ],
)
def test_a_failing_call_is_named_and_the_next_launch_works(call):
    run(f"""
        fake.cantil_fake_failed_call.restype = ctypes.c_char_p
        cuda.synchronize()
        fake.cantil_fake_fail_named(b"{call}", 1, 700)
        try:
            works()
        except errors.CudaDriverError as error:
            assert "{call}" in str(error) and "ILLEGAL_ADDRESS" in str(error) and error.code == 700
            assert fake.cantil_fake_failed_call() is not None
        else:
            assert fake.cantil_fake_failed_call() is None  # this back end does not need the call
        fake.cantil_fake_fail_nothing()
        works()
    """)


def test_ptx_that_the_driver_refuses():
    run("""
        @cuda.jit
        def bad_instruction(a):
            a[0] = 1

        with pytest.raises(errors.LinkerError, match="Not a name of any known instruction"):
            bad_instruction[1, 1](np.zeros(1))
        works()
    """)


def test_limits_of_the_device():
    run("""
        with pytest.raises(errors.LaunchError, match="1025"):
            fill[1, 1025](np.zeros(1), 1.0)
        works()
    """)


def test_kernel_exceptions_are_found_at_the_next_synchronisation():
    """The kernel leaves site, block and thread in its module's error buffer; reading it makes it clean."""
    run("""
        @cuda.jit
        def fails(a):
            if a[0] < 0:
                raise ValueError("negative")

        fake.cantil_fake_global.restype = ctypes.c_void_p

        def leave_error(parameters, grid, block):
            buffer = device_memory(fake.cantil_fake_global(b"cantil_error"), 7, np.int32)
            assert buffer[0] == 0
            buffer[:] = [1, 2, 0, 0, 5, 6, 0]

        d = cuda.to_device(np.zeros(1))
        fails[1, 1](d)
        cuda.synchronize()
        run_as(fails, "void(float64[::1])", leave_error)
        for wait in (cuda.synchronize, d.copy_to_host, cuda.default_stream().synchronize):
            fails[1, 1](d)
            with pytest.raises(ValueError) as caught:
                wait()
            assert caught.value.args == ("tid=[5, 6, 0] ctaid=[2, 0, 0]: negative",)
            assert caught.value.block == (2, 0, 0) and caught.value.thread == (5, 6, 0)
            cuda.synchronize()
        with pytest.raises(ValueError):
            fails[1, 1](np.zeros(1))
        works()
    """)


def test_no_device():
    done = run(
        """
        assert not cuda.is_available()
        with pytest.raises(errors.CudaSupportError, match="(?i)device"):
            cuda.to_device(np.zeros(3))
        assert cuda.detect() is False
    """,
        CANTIL_FAKE_SET="device_count=0",
    )
    assert "No CUDA device" in done.stdout


def test_auto_falls_back_to_the_simulator_with_a_warning():
    run(
        """
        with pytest.warns(errors.CudaSimulatorWarning, match="simulator"):
            d = cuda.to_device(np.zeros(3))
        fill[1, 32](d, 1.0)
        assert d.copy_to_host().tolist() == [1.0] * 3
        assert not cuda.is_available() and cuda.is_simulated()
    """,
        CANTIL_FAKE_SET="device_count=0",
        CANTIL_CUDA="auto",
    )


def test_auto_takes_the_gpu():
    run(
        """
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            works()
        assert not cuda.is_simulated() and cuda.is_available()
    """,
        CANTIL_CUDA="auto",
    )


def test_numba_variable_asks_for_the_simulator():
    environment = {"CANTIL_CUDA": "", "NUMBA_ENABLE_CUDASIM": "1"}
    run("assert cuda.is_simulated() and cuda.is_available()", **environment)


def test_a_missing_driver():
    run(
        """
        with pytest.raises(errors.CudaSupportError):
            cuda.to_device(np.zeros(3))
        assert not cuda.is_available()
        from cantil import njit
        assert njit(lambda x: x + 1)(2) == 3
    """.replace("fake", "fake"),
        CANTIL_FAKE_SET="driver_version=5000",
    )


def test_two_devices():
    run("""
        run_as(fill, SIGNATURE, fill_on_host)
        assert len(cuda.gpus) == 2
        first = cuda.to_device(np.zeros(4))
        with cuda.gpus[1]:
            assert cuda.get_current_device().id == 1
            second = cuda.to_device(np.zeros(4))
            fill[1, 4](second, 5.0)
            cuda.synchronize()
        assert cuda.get_current_device().id == 0
        fill[1, 4](first, 6.0)
        assert second.copy_to_host().tolist() == [5.0] * 4 and first.copy_to_host().tolist() == [6.0] * 4
    """)


def test_strided_copies():
    run("""
        host = np.arange(24.0).reshape(4, 6)
        d = cuda.to_device(host)
        for index in [np.s_[:, ::2], np.s_[::-1], np.s_[1:3, 4], np.s_[::2, ::-3]]:
            assert np.array_equal(d[index].copy_to_host(), host[index])
            value = np.random.default_rng(1).random(host[index].shape)
            d[index] = value
            host[index] = value
            assert np.array_equal(d.copy_to_host(), host)
        big = cuda.device_array((300, 7))
        big.copy_to_device(np.arange(2100.0).reshape(300, 7))
        view = big[::3, ::2].T
        assert np.array_equal(view.copy_to_host(), np.arange(2100.0).reshape(300, 7)[::3, ::2].T)
    """)


def test_mapped_and_managed_memory_is_used_in_place():
    run("""
        run_as(fill, SIGNATURE, fill_on_host)
        for make in (cuda.mapped_array, cuda.managed_array):
            a = make(8)
            a[:] = 0
            fill[1, 4](a[4:], 2.0)
            cuda.synchronize()
            assert a.tolist() == [0, 0, 0, 0, 2, 2, 2, 2]
    """)
