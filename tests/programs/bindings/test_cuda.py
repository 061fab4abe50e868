"""cantil.cuda on the device at hand: arrays, views, transfers, launches, streams, events, errors, compiling."""

import pickle

import numpy as np
import pytest
from cantil import cuda, errors, float32, float64, int32, int64, types, void
from cantil.errors import KernelReturnError, LaunchError, TypingError


@cuda.jit
def increment(a):
    i = cuda.grid(1)
    if i < a.size:
        a[i] += 1


@cuda.jit
def add_2d(a, b, out):
    i, j = cuda.grid(2)
    if i < out.shape[0] and j < out.shape[1]:
        out[i, j] = a[i, j] + b[i, j]


def add(a, b, out):
    add_2d[(4, 4), (8, 8)](a, b, out)


ORDERS = {
    "C": lambda: np.arange(12.0).reshape(3, 4),
    "F": lambda: np.asfortranarray(np.arange(12.0).reshape(3, 4)),
    "columns": lambda: np.arange(24.0).reshape(3, 8)[:, ::2],
    "reversed": lambda: np.arange(12.0).reshape(3, 4)[::-1],
    "transposed": lambda: np.arange(12.0).reshape(4, 3).T,
    "broadcast": lambda: np.broadcast_to(np.arange(4.0), (3, 4)),
}


@pytest.mark.parametrize("order", ORDERS)
def test_host_arrays_of_any_layout(order):
    a, out = ORDERS[order](), np.zeros((3, 4))
    add(a, a, out)
    assert np.array_equal(out, a + a)


def test_only_the_elements_of_a_strided_result_change():
    whole = np.zeros((3, 8))
    whole[:, 1::2] = 7
    ones = np.ones((3, 4))
    add(ones, ones, whole[:, ::2])
    assert (whole[:, ::2] == 2).all() and (whole[:, 1::2] == 7).all()


def test_overlapping_host_arrays_share_memory_in_the_kernel():
    """Both arguments see each other's elements, and no copy overwrites the other's result."""

    @cuda.jit
    def write_both(a, b):
        a[0] = 1
        b[0] = 2

    memory = np.zeros(6)
    write_both[1, 1](memory[:4], memory[2:])
    assert memory.tolist() == [1, 0, 2, 0, 0, 0]
    memory = np.zeros(3)
    write_both[1, 1](memory, memory)
    assert memory.tolist() == [2, 0, 0]


def test_readonly_host_arrays_can_be_read():
    a = np.ones((3, 4))
    a.flags.writeable = False
    out = np.zeros((3, 4))
    add(a, a, out)
    assert (out == 2).all()
    with pytest.raises(TypingError):
        increment[1, 32](a[0])


def test_tuples_of_arrays():
    @cuda.jit
    def sums(pair, out):
        i = cuda.grid(1)
        if i < out.size:
            out[i] = pair[0][i] + pair[1][i]

    out = np.zeros(5)
    sums[1, 32]((np.arange(5.0), np.ones(5)), out)
    assert out.tolist() == [1, 2, 3, 4, 5]
    out = cuda.to_device(np.zeros(5))
    sums[1, 32]((cuda.to_device(np.arange(5.0)), np.ones(5)), out)
    assert out.copy_to_host().tolist() == [1, 2, 3, 4, 5]


def test_device_array_attributes():
    d = cuda.device_array((3, 4), np.float32)
    assert (d.shape, d.strides, d.dtype, d.size, d.nbytes, d.ndim, d.itemsize) == (
        (3, 4),
        (16, 4),
        np.float32,
        12,
        48,
        2,
        4,
    )
    assert d.is_c_contiguous() and not d.is_f_contiguous() and len(d) == 3
    assert cuda.device_array(5).shape == (5,)
    assert cuda.device_array((2, 3), order="F").strides == (8, 16)
    assert cuda.device_array((2, 3), dtype=int32).dtype == np.int32
    with pytest.raises(ValueError):
        cuda.device_array((2, -3))
    with pytest.raises(TypeError):
        cuda.device_array(3, dtype=object)


@pytest.mark.parametrize("order", ORDERS)
def test_round_trip(order):
    a = ORDERS[order]()
    d = cuda.to_device(a)
    assert np.array_equal(d.copy_to_host(), a)
    assert np.array_equal(np.asarray(d), a)


@pytest.mark.parametrize("shape", [(), (0,), (3, 0), (1,), (2, 3, 4)])
def test_round_trip_of_shapes(shape):
    a = np.arange(int(np.prod(shape)), dtype=np.int16).reshape(shape)
    back = cuda.to_device(a).copy_to_host()
    assert back.shape == shape and back.dtype == np.int16 and np.array_equal(back, a)


VIEWS = {
    "rows": lambda a: a[1:],
    "row": lambda a: a[1],
    "column": lambda a: a[:, 2],
    "steps": lambda a: a[::2, 1::2],
    "reversed": lambda a: a[::-1, ::-1],
    "new axis": lambda a: a[None, :, 0],
    "ellipsis": lambda a: a[..., 1],
    "T": lambda a: a.T,
    "reshape": lambda a: a.reshape(4, 3),
    "reshape inferred": lambda a: a.reshape((2, -1)),
    "ravel": lambda a: a.ravel(),
    "nothing": lambda a: a[1:1],
    "view": lambda a: a.view(np.int32),
}


@pytest.mark.parametrize("name", VIEWS)
def test_views(name):
    host = np.arange(12.0).reshape(3, 4)
    device = cuda.to_device(host)
    view, expected = VIEWS[name](device), VIEWS[name](host)
    assert (view.shape, view.dtype) == (expected.shape, expected.dtype)
    assert np.array_equal(view.copy_to_host(), expected)
    view[...] = 5
    expected[...] = 5
    assert np.array_equal(device.copy_to_host(), host)


def test_single_elements():
    device = cuda.to_device(np.arange(12.0).reshape(3, 4))
    assert device[1, 2] == 6.0 and isinstance(device[1, 2], np.float64)
    assert device[-1, -1] == 11.0
    device[1, 2] = 60
    assert device.copy_to_host()[1, 2] == 60
    with pytest.raises(IndexError):
        device[3, 0]
    with pytest.raises(IndexError):
        device[[0, 1]]
    with pytest.raises(IndexError):
        device[True]


def test_setitem_copies_arrays():
    device = cuda.to_device(np.zeros((3, 4)))
    device[1] = np.arange(4)
    device[:, 3] = cuda.to_device(np.full(3, 9.0))
    expected = np.zeros((3, 4))
    expected[1] = np.arange(4)
    expected[:, 3] = 9
    assert np.array_equal(device.copy_to_host(), expected)
    with pytest.raises(ValueError):
        device[1] = np.arange(3)


def test_copies_need_matching_arrays():
    device = cuda.to_device(np.zeros(4))
    with pytest.raises(ValueError):
        device.copy_to_host(np.zeros(3))
    with pytest.raises(TypeError):
        device.copy_to_host(np.zeros(4, dtype=np.float32))
    with pytest.raises(ValueError):
        device.copy_to_device(np.zeros(5))
    with pytest.raises(TypeError):
        device.copy_to_device(cuda.to_device(np.zeros(4, dtype=np.float32)))
    target = np.zeros(8)[::2]
    device.copy_to_device(np.arange(4))
    assert device.copy_to_host(target) is target and target.tolist() == [0, 1, 2, 3]
    with pytest.raises(NotImplementedError):
        cuda.to_device(np.zeros((3, 4))).T.ravel()


def test_views_as_arguments():
    device = cuda.to_device(np.zeros((4, 6)))
    increment[1, 32](device[1])
    increment[1, 32](device[:, 2])
    increment[1, 32](device[3, ::-2])
    expected = np.zeros((4, 6))
    expected[1] += 1
    expected[:, 2] += 1
    expected[3, ::-2] += 1
    assert np.array_equal(device.copy_to_host(), expected)


def test_cuda_array_interface():
    class Foreign:
        def __init__(self, array):
            self.__cuda_array_interface__ = array.__cuda_array_interface__
            self.keep = array

    device = cuda.to_device(np.arange(6.0).reshape(2, 3))
    interface = device.__cuda_array_interface__
    assert interface["shape"] == (2, 3) and interface["typestr"] == "<f8" and interface["version"] == 3
    assert interface["data"] == (device._pointer, False) and interface["strides"] is None
    assert device.T.__cuda_array_interface__["strides"] == (8, 24)
    seen = cuda.as_cuda_array(Foreign(device))
    seen[0, 0] = 100
    assert device[0, 0] == 100
    increment[1, 32](Foreign(device[1]))
    assert device.copy_to_host()[1].tolist() == [4, 5, 6]
    assert cuda.is_cuda_array(device) and not cuda.is_cuda_array(np.zeros(2))
    with pytest.raises(TypeError):
        cuda.as_cuda_array(np.zeros(2))


@pytest.mark.parametrize("make", [cuda.mapped_array, cuda.managed_array, cuda.pinned_array])
def test_host_memory_that_devices_reach(make):
    a = make((2, 3), dtype=np.float64)
    a[...] = 1
    add(a, a, a)
    cuda.synchronize()
    assert (a == 2).all()
    increment[1, 32](a[1])
    cuda.synchronize()
    assert a.tolist() == [[2, 2, 2], [3, 3, 3]]


def test_pinning_existing_memory():
    a = np.zeros(100)
    with cuda.pinned(a):
        increment[4, 32](a)
    assert (a == 1).all()


def test_pickled_device_arrays_are_copies():
    device = cuda.to_device(np.arange(4))
    again = pickle.loads(pickle.dumps(device))
    device[0] = 9
    assert again.copy_to_host().tolist() == [0, 1, 2, 3]


def test_streams_and_events():
    stream = cuda.stream()
    begin, end = cuda.event(), cuda.event()
    device = cuda.to_device(np.zeros(1000), stream=stream)
    begin.record(stream)
    for _ in range(3):
        increment[10, 128, stream](device)
    end.record(stream)
    end.synchronize()
    assert end.query() and cuda.event_elapsed_time(begin, end) >= 0
    host = device.copy_to_host(stream=stream)
    stream.synchronize()
    assert (host == 3).all()
    with stream.auto_synchronize() as same:
        assert same is stream
        increment[10, 128, stream](device)
    assert (device.copy_to_host() == 4).all()


def test_stream_callbacks():
    import threading

    stream, seen, done = cuda.stream(), [], threading.Event()

    def callback(given, status, argument):
        seen.append((given is stream, status, argument))
        done.set()

    stream.add_callback(callback, "argument")
    stream.synchronize()
    assert done.wait(10) and seen == [(True, 0, "argument")]


def test_stream_awaited():
    import asyncio

    async def wait():
        stream = cuda.stream()
        device = cuda.to_device(np.zeros(10), stream=stream)
        increment[1, 32, stream](device)
        await stream.async_done()
        return device.copy_to_host()

    assert (asyncio.run(wait()) == 1).all()


def test_configurations():
    a = np.zeros(4)
    for grid, block in [
        (1, 4),
        ((1, 1), (4, 1)),
        ([1], [4]),
        (np.int64(1), np.uint8(4)),
        ((1, 1, 1), (4, 1, 1)),
    ]:
        configured = increment[grid, block]
        assert (configured.griddim, configured.blockdim) == ((1, 1, 1), (4, 1, 1))
        configured(a)
    assert (a == 5).all()
    assert increment[1, 4] is increment[1, 4]
    assert increment[2, 4] is not increment[1, 4]
    assert increment[1, 4].kernel is increment


@pytest.mark.parametrize(
    "configuration",
    [
        1,
        (1,),
        (1, 1, 0, 0, 0),
        (0, 1),
        (1, 0),
        (-1, 1),
        (2**40, 1),
        ((1, 1, 1, 1), 1),
        ((), 1),
        (1, 1, 0, -1),
    ],
)
def test_wrong_configurations(configuration):
    with pytest.raises((LaunchError, OverflowError)):
        increment[configuration]


@pytest.mark.parametrize("configuration", [(1.5, 1), ("1", 1), (1, None), (1, 1, "stream"), (1, 1, 0, 2.5)])
def test_configurations_of_wrong_types(configuration):
    with pytest.raises(TypeError):
        increment[configuration]


@pytest.mark.parametrize(
    "configuration", [(1, 1025), (1, (32, 64)), (1, (1, 1, 65)), ((1, 70000), 1), (1, 32, 0, 10**8)]
)
def test_launches_beyond_the_limits(configuration):
    a = np.zeros(4)
    with pytest.raises((LaunchError, errors.CudaDriverError)) as caught:
        increment[configuration](a)
    assert "C0405" in str(caught.value) or isinstance(caught.value, errors.CudaDriverError)
    assert not a.any()
    increment[1, 4](a)
    assert a.all()


def test_a_kernel_without_a_configuration():
    with pytest.raises(ValueError, match=r"increment.*\[C0406\]"):
        increment(np.zeros(1))


def test_device_functions_cannot_be_launched():
    @cuda.jit(device=True)
    def double(x):
        return x * 2

    with pytest.raises(TypeError, match="device function"):
        double[1, 1](3)
    with pytest.raises(TypeError, match="device function"):
        double(3)


def test_a_kernel_that_returns_a_value():
    @cuda.jit
    def program(a):
        return a[0]

    a = np.zeros(1)
    with pytest.raises(KernelReturnError, match="C0401"):
        program[1, 1](a)
    with pytest.raises(TypeError):
        cuda.compile_ptx(lambda x: x, (int64,), cc=(8, 0))


def test_kernel_exceptions_say_where():
    @cuda.jit
    def program(a):
        i = cuda.grid(1)
        if a[i] < 0:
            raise ValueError("negative", 7)

    a = np.ones(64)
    a[37] = -1
    with pytest.raises(ValueError) as caught:
        program[2, 32](a)
        cuda.synchronize()
    assert caught.value.args == ("tid=[5, 0, 0] ctaid=[1, 0, 0]: negative", 7)
    assert caught.value.thread == (5, 0, 0) and caught.value.block == (1, 0, 0)
    import traceback

    frames = traceback.extract_tb(caught.value.__traceback__)
    assert frames[-1].name == "program" and 'raise ValueError("negative", 7)' in frames[-1].line


def test_an_exception_on_device_arrays_waits_for_synchronisation():
    @cuda.jit
    def program(a):
        raise IndexError("always")

    device = cuda.to_device(np.ones(4))
    program[1, 1](device)
    with pytest.raises(IndexError, match="always"):
        cuda.synchronize()
    cuda.synchronize()
    program[1, 1](device)
    with pytest.raises(IndexError, match="always"):
        device.copy_to_host()
    assert device.copy_to_host().tolist() == [1] * 4


def test_names_of_device_code_on_the_host():
    assert "threadIdx" in repr(cuda.threadIdx.x)
    assert pickle.loads(pickle.dumps(cuda.atomic.add)) is cuda.atomic.add
    for call in (lambda: cuda.grid(1), cuda.syncthreads, lambda: cuda.shared.array(3, float32)):
        with pytest.raises(TypingError, match="C0402"):
            call()
    with pytest.raises(AttributeError):
        cuda.no_such_name


def test_signatures_and_overloads():
    kernel = cuda.jit(increment.py_func)
    kernel[1, 4](np.zeros(4))
    kernel[1, 4](cuda.to_device(np.zeros(4, dtype=np.int32)))
    assert kernel.signatures == [(float64[::1],), (int32[::1],)]
    assert kernel.overloads[(int32[::1],)].signature == void(int32[::1])
    eager = cuda.jit("void(float64[:])")(increment.py_func)
    assert eager.signatures == [(float64[:],)]
    a = np.zeros(4)
    eager[1, 4](a)
    assert a.all() and eager.signatures == [(float64[:],)]
    with pytest.raises(TypeError):
        eager[1, 4](np.zeros(4, dtype=np.int32))


def test_specialize():
    special = increment.specialize(np.zeros(3))
    a = np.zeros(3)
    special[1, 4](a)
    assert a.all()
    with pytest.raises(TypeError):
        special[1, 4](np.zeros(3, dtype=np.int32))


@pytest.mark.parametrize("n", [0, 1, 1000])
def test_forall(n):
    a = np.zeros(max(n, 1))
    increment.forall(n)(a)
    assert (a == (n > 0)).all()
    increment.forall(n, tpb=64)(a)
    assert (a == 2 * (n > 0)).all()
    with pytest.raises(ValueError):
        increment.forall(-1)


def test_inspection():
    kernel = cuda.jit(increment.py_func)
    kernel[1, 4](np.zeros(4))
    (key,) = kernel.signatures
    assert "define" in kernel.inspect_llvm(key)
    assert kernel.inspect_asm()[key]
    assert ".visible .entry" in kernel.inspect_ptx(key, cc=(8, 0))
    assert kernel.get_max_threads_per_block(key) >= 1
    assert kernel.get_shared_mem_per_block() == {key: 0}


def test_inspect_types(capsys):
    increment[1, 4](np.zeros(4))
    increment.inspect_types()
    assert "a[i] += 1" in capsys.readouterr().out


def test_ptx_for_architectures():
    for cc, target in [((8, 6), "sm_86"), ((9, 0, "a"), "sm_90a"), ("sm_120", "sm_120"), ("9.0", "sm_90")]:
        ptx, result = cuda.compile_ptx(increment.py_func, void(float64[::1]), cc=cc)
        assert f".target {target}" in ptx and result == types.void
    with pytest.raises(errors.NumbaError):
        cuda.compile_ptx(increment.py_func, void(float64[::1]), cc=(50, 0))


def test_options():
    with pytest.raises(TypeError, match="no_such_option"):
        cuda.jit(no_such_option=1)
    with pytest.raises(errors.LinkerError, match="code.cu not found"):
        cuda.jit(link=["code.cu"])(increment.py_func)
    ptx, _ = cuda.compile_ptx(
        increment.py_func, void(float64[::1]), cc=(8, 0), launch_bounds=(128, 2), lineinfo=True
    )
    assert ".maxntid 128" in ptx and ".minnctapersm 2" in ptx and ".loc" in ptx
    a = np.zeros(4)
    cuda.jit(max_registers=32, launch_bounds=128, fastmath=True, lineinfo=True)(increment.py_func)[1, 4](a)
    assert a.all()


def test_devices():
    device = cuda.get_current_device()
    assert device.id == 0 and device.compute_capability >= (5, 0) and device.name
    assert device.MAX_THREADS_PER_BLOCK == 1024 and device.WARP_SIZE == 32
    with pytest.raises(AttributeError):
        device.NO_SUCH_ATTRIBUTE
    assert len(cuda.gpus) >= 1 and cuda.gpus[0] == device
    with pytest.raises(IndexError):
        cuda.gpus[99]
    with pytest.raises(IndexError):
        cuda.select_device(99)
    info = cuda.current_context().get_memory_info()
    assert 0 < info.free <= info.total
    assert cuda.is_available() and cuda.detect()


def test_device_memory_is_given_back():
    import gc

    gc.collect()
    before = cuda.current_context().get_memory_info().free
    arrays = [cuda.device_array(1 << 20, np.uint8) for _ in range(8)]
    part = arrays[0][10:20]
    del arrays
    gc.collect()
    part.copy_to_host()
    del part
    gc.collect()
    cuda.synchronize()
    assert abs(cuda.current_context().get_memory_info().free - before) < 1 << 20


def test_a_kernel_from_many_threads():
    from concurrent.futures import ThreadPoolExecutor

    def work(n):
        a = np.zeros(n)
        kernel[4, 64](a)
        return a.sum()

    kernel = cuda.jit(increment.py_func)
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(work, range(1, 101))) == list(range(1, 101))
