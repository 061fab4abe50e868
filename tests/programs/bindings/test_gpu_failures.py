"""Each driver call of a Python session fails once, in turn: it is named, nothing leaks, the next session works."""

import textwrap

import pytest

from tests.programs.bindings.test_gpu_calls import run

SESSION = textwrap.dedent('''
    import gc

    KINDS = ("device", "pool", "host", "registered", "ipc", "stream", "event", "module")

    # Calls that answer a question or give something back: their failure is no failure of the program.
    SILENT = {
        "cuDriverGetVersion", "cuCtxPopCurrent", "cuThreadExchangeStreamCaptureMode", "cuMemFree", "cuMemFreeAsync",
        "cuMemFreeHost", "cuMemHostUnregister", "cuIpcCloseMemHandle", "cuStreamDestroy", "cuEventDestroy",
        "cuModuleUnload", "cuLinkDestroy", "cuCtxGetCurrent", "cuCtxPushCurrent", "cuStreamIsCapturing",
        "cuEventCreate", "cuEventRecord", "cuStreamWaitEvent",
    }


    def make_kernel():
        @cuda.jit
        def fill(a, x):
            i = cuda.grid(1)
            if i < a.size:
                a[i] = x

        run_as(fill, SIGNATURE, fill_on_host)
        return fill


    def session():
        kernel = make_kernel()
        stream = cuda.stream()
        start, end = cuda.event(), cuda.event()
        start.record(stream)
        d = cuda.to_device(np.zeros(64), stream=stream)
        kernel[2, 32, stream](d, 1.0)
        kernel.forall(64, stream=stream)(d, 2.0)
        end.record(stream)
        end.synchronize()
        assert start.elapsed_time(end) >= 0
        stream.synchronize()
        assert d.copy_to_host().tolist() == [2.0] * 64
        host = np.zeros(64)
        kernel[1, 32](host, 3.0)
        assert host.tolist() == [3.0] * 32 + [0.0] * 32
        kernel[1, 32](cuda.Out(host), 4.0)
        d[::2] = np.ones(32)
        d[1:5] = d[2:6]
        assert d[:4].copy_to_host(stream=stream) is not None
        stream.synchronize()
        mapped, managed, pinned = cuda.mapped_array(8), cuda.managed_array(8), cuda.pinned_array(8)
        mapped[:] = managed[:] = 0
        kernel[1, 8](mapped, 5.0)
        kernel[1, 8](managed, 6.0)
        cuda.synchronize()
        assert mapped.tolist() == [5.0] * 8 and managed.tolist() == [6.0] * 8
        with cuda.pinned(np.zeros(9)), cuda.mapped(host) as on_device:
            assert on_device.copy_to_host()[0] == 4.0
        assert cuda.current_context().get_memory_info().total > 0
        assert cuda.from_dlpack(d).copy_to_host()[1] == d[1]
        with cuda.gpus[1]:
            kernel[1, 8](cuda.to_device(np.zeros(8)), 1.0)
            cuda.synchronize()
        with cuda.profiling():
            assert cuda.reduce(lambda a, b: a + b)(np.ones(3)) is not None


    def attempt():
        """The driver's error that the session ends with, or None."""
        try:
            session()
        except errors.CudaDriverError as error:
            return error.call, error.code, str(error)
        return None


    def clean():
        gc.collect()
        for gpu in cuda.gpus:
            with gpu:
                cuda.synchronize()
        gc.collect()
        return live(*KINDS)
''')


def test_every_call_in_turn():
    run(
        SESSION
        + textwrap.dedent("""
    fake.cantil_fake_failed_call.restype = ctypes.c_char_p
    session()
    before = clean()
    fake.cantil_fake_forget_calls()
    session()
    assert clean() == before
    count = fake.cantil_fake_call_count()
    assert count > 100, count
    failed = set()
    for n in range(1, count + 1):
        fake.cantil_fake_fail_call(n, 999)
        error = attempt()
        name = fake.cantil_fake_failed_call()
        name = name.decode() if name else None
        fake.cantil_fake_fail_nothing()
        if name is None:
            break  # what was given back later is not counted again
        failed.add(name)
        if error is None:
            assert name in SILENT, (n, name)
        else:
            call, code, text = error
            assert call == name and code == 999, (n, name, error)
            assert name in text and "CUDA_ERROR_UNKNOWN" in text, text
        session()
        del error
        for _ in range(3):
            after = clean()
        assert after == before, (n, name, dict(zip(KINDS, before)), dict(zip(KINDS, after)))
    assert {"cuLaunchKernel", "cuModuleLoadDataEx", "cuMemcpyHtoDAsync", "cuStreamSynchronize"} <= failed, failed
    print(len(failed), "calls")
    """)
    )


@pytest.mark.parametrize(
    "code, name", [(700, "ILLEGAL_ADDRESS"), (719, "LAUNCH_FAILED"), (702, "LAUNCH_TIMEOUT")]
)
def test_a_lost_context(code, name):
    """What the driver says after a kernel has corrupted the context: every call fails, until the device is reset."""
    run(
        SESSION
        + textwrap.dedent(f"""
    session()
    d = cuda.to_device(np.zeros(4))
    uses = dict(cuCtxSynchronize=cuda.synchronize, cuMemAllocFromPoolAsync=lambda: cuda.device_array(1000))
    for call, use in uses.items():
        fake.cantil_fake_fail_named(call.encode(), 0, {code})
        with pytest.raises(errors.CudaDriverError, match="{name}") as caught:
            use()
        assert caught.value.code == {code}
    fake.cantil_fake_fail_nothing()
    cuda.get_current_device().reset()
    del d
    session()
    """)
    )


@pytest.mark.parametrize(
    "code, name", [(209, "NO_BINARY_FOR_GPU"), (200, "INVALID_IMAGE"), (222, "UNSUPPORTED_PTX")]
)
def test_code_for_another_architecture(code, name):
    run(
        SESSION
        + textwrap.dedent(f"""
    kernel = make_kernel()
    fake.cantil_fake_fail_named(b"cuModuleLoadDataEx", 1, {code})
    with pytest.raises(errors.CudaDriverError, match="{name}"):
        kernel[1, 1](np.zeros(1), 1.0)
    kernel[1, 1](np.zeros(1), 1.0)
    """)
    )


def test_peers_pools_and_ipc():
    run("""
        context = cuda.current_context()
        assert context.can_access_peer(1) and context.can_access_peer(cuda.gpus[1])
        context.enable_peer_access(cuda.gpus[1].get_primary_context())
        context.disable_peer_access(1)
        with pytest.raises(ValueError):
            context.enable_peer_access(1, flags=1)
        a = cuda.device_array(1000)
        assert context.get_memory_statistics()["used"] >= 8000
        context.trim_memory_pool()
        context.set_memory_pool_threshold(1 << 20)
        with pytest.raises(errors.CudaDriverError, match="CANTIL_CUDA_POOL|pool"):
            a.get_ipc_handle()
        second = cuda.gpus[1].get_primary_context()
        second.push()
        assert cuda.get_current_device().id == 1
        with pytest.raises(RuntimeError):
            context.pop()
        second.pop()
        assert cuda.get_current_device().id == 0 and context.handle != second.handle
        with cuda.defer_cleanup():
            before = live("pool")
            del a
            assert live("pool") == before
        assert live("pool") != before
    """)
    run(
        """
        import pickle
        a = cuda.to_device(np.arange(10.0))
        handle = pickle.loads(pickle.dumps(a[2:].get_ipc_handle()))
        with handle as array:
            assert array.shape == (8,) and array._pointer % 4096 == 16 and live("ipc") == [1]
        with pytest.raises(ValueError):
            handle.close()
        raw = a.get_ipc_handle()._ipc_handle.handle
        with cuda.open_ipc_array(raw, 3, np.float64, offset=8) as array:
            assert array.shape == (3,) and array._pointer % 4096 == 8
        with pytest.raises(ValueError):
            a.get_ipc_handle().open()
        del array
        assert live("ipc") == [0]
    """,
        CANTIL_CUDA_POOL="0",
    )


def test_hints_and_memory_managers_on_a_gpu():
    run("""
        run_as(fill, SIGNATURE, fill_on_host)
        a = np.zeros(8)
        fill[1, 8](cuda.In(a), 3.0)
        assert a.tolist() == [0] * 8
        fill[1, 8](cuda.Out(a), 3.0)
        assert a.tolist() == [3] * 8

        class Manager(cuda.HostOnlyCUDAMemoryManager):
            sizes = []

            def initialize(self):
                pass

            def memalloc(self, size):
                memory = self.context.device._handle.allocate_plain(size)
                Manager.sizes.append(size)
                return cuda.MemoryPointer(self.context, memory.device_pointer, size, owner=memory)

            def get_memory_info(self):
                raise NotImplementedError

            def get_ipc_handle(self, memory):
                raise NotImplementedError

            interface_version = 1

        cuda.set_memory_manager(Manager)
        fill[1, 8](a, 4.0)
        d = cuda.to_device(a)
        assert Manager.sizes == [64, 64] and d.copy_to_host().tolist() == [4.0] * 8
        assert live("device") == [1]
        del d
        assert live("device") == [0]
        mapped = cuda.mapped_array(4)
        mapped[:] = 0
        fill[1, 4](mapped, 1.0)
        assert mapped.tolist() == [1.0] * 4
        del mapped
        assert live("host") == [0]
    """)


def test_dlpack_orders_streams():
    run("""
        fake.cantil_fake_call_name.restype = ctypes.c_char_p
        stream, other = cuda.stream(), cuda.stream()
        a = cuda.device_array(4).bind(stream)

        def calls(consumer):
            fake.cantil_fake_forget_calls()
            capsule = a.__dlpack__(stream=consumer)
            return {fake.cantil_fake_call_name(i).decode() for i in range(fake.cantil_fake_call_count())}

        assert "cuStreamWaitEvent" in calls(other.handle) and "cuStreamWaitEvent" in calls(None)
        for consumer in (stream.handle, -1):
            assert not calls(consumer) & {"cuStreamWaitEvent", "cuStreamSynchronize", "cuCtxSynchronize"}
        assert not any("Synchronize" in name for name in calls(other.handle))
    """)
