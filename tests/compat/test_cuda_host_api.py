"""What numba-cuda documents of its host API, on the simulator: arguments, memory, managers, contexts, streams."""

import gc
import math
import os
import pickle
import subprocess
import sys
import textwrap

import numpy as np
import pytest

os.environ.setdefault("CANTIL_CUDA", "sim")

from cantil import cuda, float32, int32  # noqa: E402  (after the choice of the device)
from cantil.errors import CudaDriverError, NumbaError  # noqa: E402

pytestmark = pytest.mark.skipif(not cuda.is_simulated(), reason="about the simulator")


@cuda.jit
def double_into(a, out, counted):
    i = cuda.grid(1)
    if i < a.size:
        out[i] = a[i] * 2
        counted[i] += 1
        a[i] = -1


def test_argument_hints():
    a, out, counted = np.arange(5.0), np.full(5, 7.0), np.ones(5)
    double_into[1, 32](cuda.In(a), cuda.Out(out), cuda.InOut(counted))
    assert a.tolist() == [0, 1, 2, 3, 4]  # not copied back
    assert out.tolist() == [0, 2, 4, 6, 8]
    assert counted.tolist() == [2] * 5
    stream = cuda.stream()
    double_into[1, 32, stream](cuda.In(a), cuda.Out(out), counted)
    assert counted.tolist() == [3] * 5
    d = cuda.to_device(a)
    double_into[1, 32](cuda.InOut(d), cuda.Out(out), counted=cuda.InOut(counted))
    assert d.copy_to_host().tolist() == [-1] * 5
    fortran = np.asfortranarray(np.ones((3, 4)))

    @cuda.jit
    def fill(x):
        i, j = cuda.grid(2)
        if i < x.shape[0] and j < x.shape[1]:
            x[i, j] = 10 * i + j

    fill[(1, 1), (8, 8)](cuda.Out(fortran))
    assert fortran.tolist() == [[10 * i + j for j in range(4)] for i in range(3)]
    strided = np.zeros((4, 6))[::2, ::3]
    fill[(1, 1), (8, 8)](cuda.Out(strided))
    assert strided.tolist() == [[0, 1], [10, 11]]
    with pytest.raises(TypeError, match="copy back"):
        fill[1, 1](cuda.Out(3))


def test_extensions_prepare_arguments():
    class Meters:
        def __init__(self, values):
            self.values = values

    class Unwrap:
        def prepare_args(self, ty, val, stream, retr):
            if isinstance(val, Meters):
                retr.append(lambda: val.values.append("done"))
                return None, np.asarray(val.values[:2])
            return ty, val

    out = np.zeros(2)

    @cuda.jit(extensions=[Unwrap()])
    def copy(a, b):
        b[cuda.grid(1)] = a[cuda.grid(1)]

    meters = Meters([3.0, 4.0])
    copy[1, 2](meters, out)
    assert out.tolist() == [3, 4]
    assert meters.values[-1] == "done"


DTYPES = "int8 uint8 int16 uint16 int32 uint32 int64 uint64 float32 float64 complex64 complex128".split()


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("size", [1, 31, 256, 257, 5000])
def test_reduce(dtype, size):
    @cuda.reduce
    def add(a, b):
        return a + b

    values = np.arange(size).astype(dtype)
    assert add(values) == values.sum(dtype=dtype)
    assert add(cuda.to_device(values)).dtype == dtype


def test_reduce_options():
    largest = cuda.Reduce(lambda a, b: a if a > b else b)
    product = cuda.Reduce(cuda.jit(device=True)(lambda a, b: a * b))
    values = np.array([-5, -3, -9], np.int32)
    assert largest(values) == -3
    assert largest(values, init=4) == 4
    assert largest(values, size=1) == -5
    assert largest(values[:0]) == 0 and largest(values[:0], init=7) == 7
    assert product(values[::2]) == 45
    res = cuda.device_array(3, np.int32)
    res[:] = 1
    stream = cuda.stream()
    assert product(values, res=res, stream=stream) is None
    stream.synchronize()
    assert res.copy_to_host().tolist() == [-135, 1, 1]
    with pytest.raises(TypeError, match="1-D"):
        product(values.reshape(3, 1))
    with pytest.raises(TypeError):
        cuda.Reduce(3)
    either = cuda.reduce(lambda a, b: a or b)
    assert either(np.array([False, True, False])) is np.True_ or either(np.array([False, True, False]))


def test_names_of_numba():
    from cantil.cuda.cudadrv import driver, error, nvvm, runtime
    from cantil.cuda.cudadrv.devicearray import DeviceNDArray, is_cuda_ndarray
    from cantil.cuda.cudadrv.devices import get_context
    from cantil.cuda.cudadrv.linkable_code import CUSource

    for name in cuda.__all__:
        assert getattr(cuda, name) is not None
    assert issubclass(error.CudaSupportError, ImportError)
    assert issubclass(driver.CudaAPIError, error.CudaDriverError)
    assert issubclass(driver.LinkerError, RuntimeError)
    assert isinstance(cuda.device_array(3), DeviceNDArray) and is_cuda_ndarray(cuda.device_array(3))
    assert get_context() is cuda.current_context()
    assert CUSource is cuda.CUSource
    assert nvvm.is_available()
    assert len(runtime.get_version()) == 2
    assert cuda.is_float16_supported()
    assert cuda.int32 is int32 and cuda.types.float32 is float32
    assert isinstance(cuda.is_bfloat16_supported(), bool) and isinstance(cuda.is_fp8_supported(), bool)


def test_contexts_and_devices(capsys):
    context = cuda.current_context()
    assert context is cuda.current_context() and context is cuda.gpus[0].get_primary_context()
    assert context == cuda.current_context(0) and context.device == cuda.get_current_device()
    context.push()
    context.pop()
    with pytest.raises(RuntimeError):
        context.pop()
    with cuda.gpus[0] as device, cuda.gpus[0]:
        assert device.id == 0
    assert cuda.select_device(0) == cuda.gpus.current
    for wrong in (1, -2, 99):
        with pytest.raises(IndexError):
            cuda.gpus[wrong]
        with pytest.raises(IndexError):
            cuda.select_device(wrong)
    assert [d.id for d in cuda.list_devices()] == [0] == [d.id for d in cuda.gpus[:]]
    assert cuda.gpus[0].MULTIPROCESSOR_COUNT >= 1
    with pytest.raises(AttributeError):
        cuda.gpus[0].NO_SUCH_ATTRIBUTE
    assert not context.can_access_peer(0)
    with pytest.raises(CudaDriverError):
        context.enable_peer_access(context)
    assert cuda.detect()
    assert "simulated" in capsys.readouterr().out
    info = context.get_memory_info()
    assert 0 < info.free <= info.total
    with cuda.profiling():
        pass
    with cuda.nvtx.annotate("range"):
        cuda.nvtx.mark("point")


def test_memory_is_counted_and_cleanup_deferred():
    context = cuda.current_context()
    gc.collect()
    before = context.get_memory_statistics()["used"]
    d = cuda.device_array(1 << 20, np.uint8)
    assert context.get_memory_statistics()["used"] == before + (1 << 20)
    with cuda.defer_cleanup(), cuda.defer_cleanup():
        del d
        assert context.get_memory_statistics()["used"] == before + (1 << 20)
    assert context.get_memory_statistics()["used"] == before
    assert context.get_memory_statistics()["used_high"] >= before + (1 << 20)


def run(program, **environment):
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)],
        capture_output=True,
        text=True,
        env={**os.environ, "CANTIL_CUDA": "sim", **environment},
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_out_of_memory_of_a_small_device():
    run(
        """
        import numpy as np
        from cantil import cuda
        from cantil.errors import CudaDriverError
        assert cuda.current_context().get_memory_info() == (1 << 20, 1 << 20)
        a = cuda.device_array(900 << 10, np.uint8)
        for make in (cuda.device_array, cuda.pinned_array, cuda.mapped_array, cuda.managed_array):
            try:
                make(200 << 10, np.uint8)
            except CudaDriverError as error:
                assert error.code == 2 and "204800 bytes" in str(error), error
            else:
                raise AssertionError(make)
        del a
        cuda.device_array(900 << 10, np.uint8)
        """,
        CANTIL_SIM_MEMORY="1M",
    )
    with pytest.raises(AssertionError, match="CANTIL_SIM_MEMORY"):
        run("from cantil import cuda; cuda.device_array(3)", CANTIL_SIM_MEMORY="much")


MANAGER = """
import ctypes, numpy as np
from cantil import cuda

class Manager(cuda.HostOnlyCUDAMemoryManager):
    live = {}

    def initialize(self):
        pass

    def memalloc(self, size):
        memory = np.empty(size, np.uint8)
        address = memory.ctypes.data
        Manager.live[address] = memory
        pointer = ctypes.c_uint64(address)
        return cuda.MemoryPointer(self.context, pointer, size, finalizer=lambda: Manager.live.pop(address))

    def get_memory_info(self):
        return cuda.MemoryInfo(free=5, total=sum(m.size for m in Manager.live.values()))

    def get_ipc_handle(self, memory):
        raise OSError("none")

    @property
    def interface_version(self):
        return 1

_numba_memory_manager = Manager
"""


def test_memory_manager():
    run(
        MANAGER
        + """
cuda.set_memory_manager(Manager)
d = cuda.to_device(np.arange(10.0))
assert [m.size for m in Manager.live.values()] == [80]
assert cuda.current_context().get_memory_info() == (5, 80)
view = d[2:5]
del d
assert len(Manager.live) == 1
assert view.copy_to_host().tolist() == [2, 3, 4]
del view
assert not Manager.live
assert cuda.pinned_array(4).sum() is not None
mapped = cuda.mapped_array(4)
mapped[:] = 3

@cuda.jit
def add(a):
    a[cuda.grid(1)] += 1

add[1, 4](mapped)
assert mapped.tolist() == [4] * 4
with cuda.defer_cleanup():
    pass

class Wrong(Manager):
    interface_version = 2

try:
    cuda.set_memory_manager(Wrong)
except RuntimeError as error:
    assert "version 2" in str(error)
else:
    raise AssertionError
"""
    )


def test_memory_manager_by_name(tmp_path):
    (tmp_path / "my_manager.py").write_text(MANAGER)
    run(
        """
        import my_manager, numpy as np
        from cantil import cuda
        d = cuda.device_array(8)
        assert len(my_manager.Manager.live) == 1
        """,
        NUMBA_CUDA_MEMORY_MANAGER="my_manager",
        PYTHONPATH=os.pathsep.join([str(tmp_path), *sys.path]),
    )


def test_memory_pointers():
    context = cuda.current_context()
    memory = context.memalloc(64)
    memory.memset(7)
    host = np.zeros(64, np.uint8)
    cuda.driver.device_to_host(host, memory, 64)
    assert host.tolist() == [7] * 64
    view = memory.view(8, 16)
    assert view.size == 8 and view.device_pointer_value == memory.device_pointer_value + 8
    cuda.driver.host_to_device(view, np.arange(8, dtype=np.uint8), 8)
    cuda.driver.device_to_host(host, memory, 64)
    assert host[8:16].tolist() == list(range(8))
    cuda.driver.device_memset(memory, 1, 64)
    other = context.memalloc(64)
    cuda.driver.device_to_device(other, memory, 64)
    cuda.driver.device_to_host(host, other, 64)
    assert host.tolist() == [1] * 64
    with pytest.raises(RuntimeError):
        memory.view(5, 3)
    freed = []
    pointer = cuda.MemoryPointer(context, 4096, 16, finalizer=lambda: freed.append(1))
    pointer.free()
    assert freed == [1]
    with pytest.raises(RuntimeError, match="dead"):
        pointer.free()
    pinned = context.memhostalloc(32)
    assert np.asarray(pinned).shape == (32,)
    managed = context.memallocmanaged(32)
    assert managed.device_pointer_value == np.asarray(managed).ctypes.data


@pytest.mark.parametrize("make", [cuda.mapped_array, cuda.managed_array])
def test_host_arrays_that_kernels_use_in_place(make):
    a = make((3, 4), np.float32, order="F")
    a[:] = 1

    @cuda.jit
    def add(x):
        i, j = cuda.grid(2)
        if i < x.shape[0] and j < x.shape[1]:
            x[i, j] += i

    add[(1, 1), (4, 4)](a)
    assert a.tolist() == [[1] * 4, [2] * 4, [3] * 4]
    assert a.T.flags.c_contiguous
    again = cuda.as_cuda_array(a)
    add[(1, 1), (4, 4)](again)
    assert a[2].tolist() == [5] * 4
    assert again.copy_to_host().tolist() == a.tolist() == a.copy_to_host().tolist()
    assert make(0).size == 0
    assert type(pickle.loads(pickle.dumps(a))) is np.ndarray


def test_mapped_and_pinned_blocks():
    a, b = np.zeros(4), np.ones(4)
    with cuda.mapped(a, b) as (x, y):
        x[:] = 5
        assert y.copy_to_host().tolist() == [1] * 4
    assert a.tolist() == [5] * 4
    with cuda.mapped(a) as x:
        assert x.copy_to_host().tolist() == [5] * 4
    with cuda.pinned(a, b):
        cuda.to_device(a)
    like = cuda.device_array_like(np.zeros((2, 3, 4)).transpose(1, 0, 2))
    assert like.strides == (32, 96, 8)
    assert cuda.pinned_array_like(np.zeros((2, 3), order="F")).flags.f_contiguous
    assert cuda.mapped_array_like(np.zeros((2, 3, 4)).transpose(1, 0, 2)).strides == (32, 96, 8)


def test_cuda_array_interface():
    d = cuda.to_device(np.arange(12.0).reshape(3, 4))
    interface = d.__cuda_array_interface__
    assert interface["version"] == 3 and interface["strides"] is None and interface["stream"] is None

    class Foreign:
        pass

    def foreign(**changes):
        object_ = Foreign()
        object_.__cuda_array_interface__ = {**interface, **changes}
        object_.keep = d
        return object_

    for version in (0, 1, 2, 3):
        same = cuda.as_cuda_array(foreign(version=version))
        assert same.copy_to_host().tolist() == d.copy_to_host().tolist()
    strided = cuda.as_cuda_array(foreign(shape=(3, 2), strides=(32, 16)))
    assert strided.copy_to_host().tolist() == [[0, 2], [4, 6], [8, 10]]
    with pytest.raises(NotImplementedError, match="Masked"):
        cuda.as_cuda_array(foreign(mask=foreign()))
    with pytest.raises(ValueError, match="stream"):
        cuda.as_cuda_array(foreign(stream=0))
    assert cuda.as_cuda_array(foreign(stream=1)).stream.handle == 1
    assert cuda.as_cuda_array(foreign(stream=2), sync=False).stream.handle == 2
    readonly = cuda.as_cuda_array(foreign(data=(interface["data"][0], True)))
    assert readonly.__cuda_array_interface__["data"][1]

    @cuda.jit
    def write(a):
        a[0, 0] = 1

    with pytest.raises(NumbaError, match="read-only|readonly"):
        write[1, 1](readonly)
    with pytest.raises(TypeError):
        cuda.as_cuda_array(np.zeros(3))
    assert cuda.is_cuda_array(d) and not cuda.is_cuda_array(np.zeros(3))
    assert cuda.to_device(np.zeros((0, 3))).__cuda_array_interface__["data"][0] == 0
    write[1, 1](foreign())
    assert d.copy_to_host()[0, 0] == 1


@pytest.mark.parametrize("versioned", [False, True])
def test_dlpack(versioned):
    host = np.arange(24, dtype=np.int16).reshape(4, 6)
    d = cuda.to_device(host)
    for view, values in ((d, host), (d.T, host.T), (d[1:, ::2], host[1:, ::2]), (d[:0], host[:0])):
        capsule = view.__dlpack__(max_version=(1, 0) if versioned else None)
        back = cuda.from_dlpack(capsule)
        assert back.dtype == np.int16
        np.testing.assert_array_equal(back.copy_to_host(), values)
        with pytest.raises(TypeError):
            cuda.from_dlpack(capsule)  # a capsule is used once
    back = cuda.from_dlpack(d)
    back[0, 0] = 99
    assert d[0, 0] == 99
    del d
    gc.collect()
    assert back[0, 0] == 99
    copied = cuda.from_dlpack(back.__dlpack__(copy=True, max_version=(1, 0)))
    copied[0, 0] = 1
    assert back[0, 0] == 99
    assert back.__dlpack_device__() == (2, 0)
    with pytest.raises(BufferError):
        cuda.from_dlpack(host)
    with pytest.raises(BufferError):
        back.__dlpack__(dl_device=(1, 0))
    with pytest.raises(ValueError):
        back.__dlpack__(stream=0)
    with pytest.raises((BufferError, RuntimeError)):
        np.from_dlpack(back)  # NumPy takes host memory only
    for dtype in ("float16", "complex128", "bool", "uint64"):
        values = np.ones(3, dtype)
        np.testing.assert_array_equal(cuda.from_dlpack(cuda.to_device(values)).copy_to_host(), values)
    unused = back.__dlpack__()
    del unused, back
    gc.collect()


def test_occupancy():
    kernel = cuda.jit("void(float64[:], float64[:], float64[:])")(double_into.py_func)
    context = cuda.current_context()
    grid, block = context.get_max_potential_block_size(kernel, 0, 0, 0)
    assert block == 1024 and grid >= 1
    grid, block = context.get_max_potential_block_size(kernel, lambda threads: threads * 64, 0, 512)
    assert 0 < block <= 512
    assert context.get_active_blocks_per_multiprocessor(kernel, 256, 0) == 8
    assert context.get_active_blocks_per_multiprocessor(kernel, 256, 100 << 10) == 2


def test_callbacks_and_async_done():
    import asyncio

    stream, seen = cuda.stream(), []
    stream.add_callback(lambda s, status, arg: seen.append((s is stream, status, arg)), "arg")
    stream.synchronize()
    assert seen == [(True, 0, "arg")]

    async def wait():
        return await stream.async_done()

    assert asyncio.run(wait()) is stream
    start, end = cuda.event(), cuda.event()
    start.record(stream)
    end.record(stream)
    end.wait(stream)
    end.synchronize()
    assert cuda.event_elapsed_time(start, end) >= 0 and end.query()
    with pytest.raises(CudaDriverError):
        cuda.event(timing=False).elapsed_time(end)
    external = cuda.external_stream(stream.handle)
    assert int(external) == stream.handle and stream.__cuda_stream__() == (0, stream.handle)


def test_device_memory_is_not_the_hosts():
    d = cuda.device_array(4)
    with pytest.raises((TypeError, BufferError)):
        memoryview(d)
    with pytest.raises(BufferError):
        memoryview(d.gpu_data)
    assert not math.isnan(cuda.to_device(np.zeros(1))[0])
    with pytest.raises(CudaDriverError):
        d.get_ipc_handle()
