"""Devices, contexts, streams and events."""

import contextlib
import operator
import threading

from .. import _core, config
from .._core import CudaEvent as Event
from .._core import CudaStream as Stream


def _same_stream(stream):
    """None for the default stream, however it was spelled."""
    if stream is None or (isinstance(stream, int) and stream == 0):
        return None
    if isinstance(stream, Stream):
        return stream
    if isinstance(stream, int):
        return _core.cuda_current().wrap_stream(stream, None)
    protocol = getattr(stream, "__cuda_stream__", None)
    if protocol is None:
        raise TypeError(f"a stream is expected, not {stream!r}")
    _, handle = protocol()
    return _core.cuda_current().wrap_stream(handle, stream)


# ---- Streams: what the extension's class does not need C++ for ----


def _wait(self, event):
    """Work given to the stream from now on waits for `event`."""
    self._wait(event)


def _add_callback(self, callback, arg=None):
    """Calls `callback(stream, status, arg)` on a thread of the driver when the work given so far is done."""
    self._add_callback(lambda status: callback(self, status, arg))


@contextlib.contextmanager
def _auto_synchronize(self):
    """`with stream.auto_synchronize():` waits for the stream at the end."""
    yield self
    self.synchronize()


def _async_done(self):
    """An awaitable that is done when the work given so far is done."""
    import asyncio

    loop = asyncio.get_running_loop()
    future = loop.create_future()

    def settle(status):
        if not future.cancelled():
            future.set_result(self) if status == 0 else future.set_exception(
                RuntimeError(f"the stream failed: {status}")
            )

    self._add_callback(lambda status: loop.call_soon_threadsafe(settle, status))
    return future


Stream.wait = _wait
Stream.add_callback = _add_callback
Stream.auto_synchronize = _auto_synchronize
Stream.async_done = _async_done
Stream.__int__ = lambda self: self.handle
Stream.__cuda_stream__ = lambda self: (0, self.handle)
Stream.__repr__ = lambda self: f"<CUDA stream {self.handle} on device {self._device.ordinal}>"


def stream(non_blocking=False, priority=0):
    """A new stream of the current device."""
    return _core.cuda_current().create_stream(non_blocking, priority)


def default_stream():
    """The default stream."""
    return _core.cuda_current().wrap_stream(0, None)


def legacy_default_stream():
    """The default stream that waits for all others, by its own handle."""
    return _core.cuda_current().wrap_stream(1, None)


def per_thread_default_stream():
    """The default stream of the calling thread."""
    return _core.cuda_current().wrap_stream(2, None)


def external_stream(ptr):
    """A stream of another library, by its handle."""
    return _core.cuda_current().wrap_stream(int(ptr), None)


# ---- Events ----


def _record(self, stream=0):
    """Marks this point in a stream's work."""
    self._record(_same_stream(stream) or default_stream())


def _event_wait(self, stream=0):
    """Work given to the stream from now on waits for this event."""
    (_same_stream(stream) or default_stream())._wait(self)


def _elapsed_time(self, evtend):
    """Milliseconds from this event to `evtend`; both must have been reached."""
    return self._elapsed_ms(evtend)


Event.record = _record
Event.wait = _event_wait
Event.elapsed_time = _elapsed_time


def event(timing=True):
    """A new event."""
    return _core.cuda_current().create_event(timing)


def event_elapsed_time(evtstart, evtend):
    """Milliseconds from one event to the other; both must have been reached."""
    return evtstart._elapsed_ms(evtend)


# ---- Devices ----

_threads = threading.local()


def _stack():
    """The devices that this thread goes back to."""
    if not hasattr(_threads, "stack"):
        _threads.stack = []
    return _threads.stack


class Device:
    """One device. Attributes of the driver are read by their name without CU_DEVICE_ATTRIBUTE_:
    `device.MULTIPROCESSOR_COUNT`. `with device:` uses it for the block."""

    def __init__(self, handle):
        self._handle = handle
        self._properties = handle.properties

    @property
    def id(self):
        """Its number."""
        return self._handle.ordinal

    @property
    def name(self):
        """Its name."""
        return self._properties["name"]

    @property
    def compute_capability(self):
        """(major, minor)."""
        return self._properties["compute_capability"]

    @property
    def uuid(self):
        """Its UUID as nvidia-smi writes it."""
        return self._handle.uuid

    @property
    def properties(self):
        """What launches are limited by, a dict."""
        return self._properties

    @property
    def supports_float16(self):
        """Whether it calculates in float16."""
        return self.compute_capability >= (5, 3)

    @property
    def supports_bfloat16(self):
        """Whether it calculates in bfloat16."""
        return self.compute_capability >= (8, 0)

    @property
    def supports_fp8(self):
        """Whether it converts to and from float8."""
        return self.compute_capability >= (8, 9)

    def get_device_identity(self):
        """What names it in every process: PCI domain, bus and device."""
        return {"pci_bus_id": self._properties["pci_bus_id"], "uuid": self.uuid}

    def get_primary_context(self):
        """Its context, the one that all CUDA libraries of the process share."""
        return context_of(self._handle)

    def reset(self):
        """Frees all that lives on the device, other libraries' memory too."""
        from ._memory import _instances

        manager = _instances.pop(self.id, None)
        if manager is not None:
            manager.reset()
        self._handle.reset()

    def __getattr__(self, name):
        if name.startswith("_") or not name.isupper():
            raise AttributeError(name)
        try:
            return self._handle.attribute(name)
        except Exception as error:
            raise AttributeError(name) from error

    def __enter__(self):
        self.get_primary_context().push()
        return self

    def __exit__(self, *_):
        self.get_primary_context().pop()

    def __eq__(self, other):
        return isinstance(other, Device) and other.id == self.id

    def __hash__(self):
        return hash(self.id)

    def __repr__(self):
        return f"<CUDA device {self.id} '{self.name}'>"


def _number_of(device):
    return device.id if isinstance(device, (Device, Context)) else int(device)


class Context:
    """The context of a device: its memory and its work as a whole. It is the primary one, which all libraries share."""

    def __init__(self, device):
        self.device = device

    @property
    def id(self):
        """The device's number."""
        return self.device.id

    @property
    def handle(self):
        """The driver's handle, an int."""
        return self.device._handle.context_handle()

    @property
    def memory_manager(self):
        """What allocates its memory."""
        from ._memory import manager_of

        return manager_of(self)

    def push(self):
        """Uses the context's device in this thread, until pop()."""
        _stack().append(_core.cuda_current().ordinal)
        _core.cuda_select(self.id)

    def pop(self):
        """Goes back to the device that was in use before push(). Raises RuntimeError when it is not in use."""
        stack = _stack()
        if not stack or _core.cuda_current().ordinal != self.id:
            raise RuntimeError(f"the context of device {self.id} is not the one that was pushed last")
        _core.cuda_select(stack.pop())

    def get_memory_info(self):
        """(free, total) bytes of device memory; also by name."""
        from ._memory import MemoryInfo

        return MemoryInfo(*self.memory_manager.get_memory_info())

    def get_memory_statistics(self):
        """A dict of what the pool of device memory has: bytes "used" by arrays, "reserved" from the device, and the
        most of each so far ("used_high", "reserved_high")."""
        return self.device._handle.pool_statistics()

    def trim_memory_pool(self, bytes_to_keep=0):
        """Gives memory that no array uses back to the device."""
        self.device._handle.trim_pool(bytes_to_keep)

    def set_memory_pool_threshold(self, bytes_to_keep):
        """How much unused memory the pool keeps at a synchronisation; all of it where nothing is said."""
        self.device._handle.set_pool_threshold(bytes_to_keep)

    def synchronize(self):
        """Waits for all work on the device. Raises what a kernel has raised."""
        self.device._handle.synchronize()

    def create_stream(self):
        """A new stream."""
        return self.device._handle.create_stream(False, 0)

    def create_external_stream(self, ptr):
        """A stream of another library, by its handle."""
        if not isinstance(ptr, int):
            raise TypeError("ptr for external stream must be an int")
        return self.device._handle.wrap_stream(ptr, None)

    def get_default_stream(self):
        """The default stream."""
        return self.device._handle.wrap_stream(0, None)

    def get_legacy_default_stream(self):
        """The default stream that waits for all others."""
        return self.device._handle.wrap_stream(1, None)

    def get_per_thread_default_stream(self):
        """The default stream of the calling thread."""
        return self.device._handle.wrap_stream(2, None)

    def create_event(self, timing=True):
        """A new event."""
        return self.device._handle.create_event(timing)

    def memalloc(self, bytesize):
        """Device memory of the memory manager."""
        return self.memory_manager.memalloc(bytesize)

    def memallocmanaged(self, bytesize, attach_global=True):
        """Managed memory of the memory manager."""
        return self.memory_manager.memallocmanaged(bytesize, attach_global)

    def memhostalloc(self, bytesize, mapped=False, portable=False, wc=False):
        """Page-locked memory of the memory manager."""
        return self.memory_manager.memhostalloc(bytesize, mapped, portable, wc)

    def mempin(self, owner, pointer, size, mapped=False):
        """Page-locks memory of `owner` by the memory manager."""
        return self.memory_manager.mempin(owner, pointer, size, mapped)

    def get_ipc_handle(self, memory):
        """What other processes open device memory with."""
        return self.memory_manager.get_ipc_handle(memory)

    def open_ipc_handle(self, handle, size):
        """Device memory of another process, by the driver's handle: a MemoryPointer."""
        from ._memory import IpcHandle

        return IpcHandle(None, handle, size).open(self)

    def can_access_peer(self, peer_device):
        """Whether kernels of this device can use the memory of another (a device, or its number)."""
        return self.device._handle.can_access_peer(_number_of(peer_device))

    def enable_peer_access(self, peer_context, flags=0):
        """Lets kernels of this device use the memory of another (a context, or a device's number)."""
        if flags:
            raise ValueError("the flags of enable_peer_access() are reserved, and 0")
        self.device._handle.enable_peer_access(_number_of(peer_context))

    def disable_peer_access(self, peer_context):
        """Ends enable_peer_access()."""
        self.device._handle.disable_peer_access(_number_of(peer_context))

    def get_active_blocks_per_multiprocessor(self, func, blocksize, memsize, flags=None):
        """How many blocks of a compiled kernel run on a multiprocessor at once.

        `func` is a kernel with one specialisation, or a value of `kernel.overloads`.
        """
        kernel, arguments = _specialisation(func)
        return kernel._occupancy((None, arguments), int(blocksize), int(memsize))[0]

    def get_max_potential_block_size(self, func, b2d_func, memsize, blocksizelimit, flags=None):
        """(blocks that fill the device, threads a block) with the best occupancy; see get_active_blocks_….

        `b2d_func` gives the bytes of dynamic shared memory for a block size; 0 or None where `memsize` holds for all.
        """
        kernel, arguments = _specialisation(func)
        if not b2d_func:
            return kernel._suggest((None, arguments), int(memsize), int(blocksizelimit))
        return _best_block(kernel, arguments, b2d_func, int(blocksizelimit))

    @contextlib.contextmanager
    def defer_cleanup(self):
        """Memory is not given back during the `with` block."""
        with self.memory_manager.defer_cleanup():
            yield

    def reset(self):
        """Frees all that lives on the device."""
        self.device.reset()

    def __eq__(self, other):
        return isinstance(other, Context) and other.id == self.id

    def __hash__(self):
        return hash(("context", self.id))

    def __repr__(self):
        return f"<CUDA context {self.handle:#x} of device {self.id}>"


def _specialisation(func):
    """A kernel and the argument types of its only specialisation, or of the one given."""
    if hasattr(func, "kernel") and hasattr(func, "signature"):
        return func.kernel, func.signature.args
    if len(func.signatures) != 1:
        raise ValueError(
            f"{func.__name__} has {len(func.signatures)} specialisations: name one, kernel.overloads[types]"
        )
    return func, func.signatures[0]


def _best_block(kernel, arguments, shared_bytes_of, limit):
    """What the driver does where shared memory depends on the block size: the largest block of the best occupancy."""
    best = (0, 0)
    most = kernel._attributes((None, arguments))[4]
    if limit > 0:
        most = min(most, limit)
    for block in range(most - most % 32 or most, 0, -32):
        active = kernel._occupancy((None, arguments), block, int(shared_bytes_of(block)))[0]
        if active * block > best[0] * best[1]:
            best = (active, block)
    return best[0] * _core.cuda_current().properties["multiprocessors"], best[1]


_contexts = {}


def context_of(device):
    """The context of a device of the extension module: one object for each."""
    context = _contexts.get(device.ordinal)
    if context is None:
        context = _contexts[device.ordinal] = Context(Device(device))
    return context


class _DeviceList:
    """All devices; `gpus.current` is the one in use."""

    @property
    def lst(self):
        """All devices, a list."""
        return [Device(_core.cuda_device(i)) for i in range(len(self))]

    @property
    def current(self):
        """The device in use."""
        return get_current_device()

    def __len__(self):
        return _core.cuda_device_count()

    def __getitem__(self, i):
        if isinstance(i, slice):
            return self.lst[i]
        i = operator.index(i)
        if not -len(self) <= i < len(self):
            raise IndexError(
                f"there {'is' if len(self) == 1 else 'are'} {len(self)} CUDA device(s), no number {i}"
            )
        return Device(_core.cuda_device(i % len(self)))

    def __iter__(self):
        return iter(self.lst)

    def __repr__(self):
        return f"<CUDA devices: {', '.join(map(repr, self.lst))}>"


gpus = _DeviceList()


def device_from_identity(identity):
    """The device with this get_device_identity(). Raises RuntimeError where there is none in this process."""
    for device in gpus:
        if device.get_device_identity() == identity:
            return device
    raise RuntimeError(f"device {identity} is not visible in this process")


def list_devices():
    """All devices."""
    return gpus


def get_current_device():
    """The device in use. Raises cantil.errors.CudaSupportError where there is none."""
    return current_context().device


def current_context(devnum=None):
    """The context of the device in use; with a number, that device is used from now on."""
    if devnum is not None:
        return select_device(devnum).get_primary_context()
    return context_of(_core.cuda_current())


get_context = current_context


def select_device(device_id):
    """Uses another device from now on, in this thread; returns it. Raises IndexError where there is none."""
    device = gpus[device_id]
    _core.cuda_select(device.id)
    return device


def close():
    """Frees all that lives on the devices in use by this process."""
    _stack().clear()
    _core.cuda_current()
    for context in list(_contexts.values()):
        context.device.reset()


reset = close


def synchronize():
    """Waits for all work on the current device. Raises what a kernel has raised."""
    _core.cuda_current().synchronize()


def is_simulated():
    """Whether kernels run on the simulator."""
    return _core.cuda_kind() == "sim"


def is_available():
    """Whether there is a GPU to run on, or the simulator was asked for (CANTIL_CUDA=sim)."""
    return config.CUDA == "sim" or _core.cuda_driver_available()


def is_supported_version():
    """Whether the driver can be used."""
    return is_available()


def is_float16_supported():
    """Whether kernels can use float16: always."""
    return True


def is_bfloat16_supported():
    """Whether the current device calculates in bfloat16 (from compute capability 8.0)."""
    return get_current_device().supports_bfloat16


def is_fp8_supported():
    """Whether the current device has float8 (from compute capability 8.9)."""
    return get_current_device().supports_fp8


def cuda_error():
    """Why there is no driver to use; None where there is one."""
    return None if is_available() else _core.cuda_why_unavailable()


def require_context(function):
    """Kept for compatibility: contexts are made when they are needed."""
    return function


@contextlib.contextmanager
def defer_cleanup():
    """Nothing is freed on the current device during the `with` block; they nest."""
    with current_context().defer_cleanup():
        yield


def detect():
    """Prints the devices and returns whether there is one that kernels can run on."""
    if not is_available():
        print(f"No CUDA device: {_core.cuda_why_unavailable()}")
        return False
    print(f"Found {len(gpus)} CUDA device(s){', simulated' if is_simulated() else ''}")
    for device in gpus:
        major, minor = device.compute_capability
        print(f"id {device.id}: {device.name}")
        print(f"    compute capability: {major}.{minor}")
        print(f"    PCI: {device.properties['pci_bus_id']}")
        print(f"    UUID: {device.uuid}")
        for what, has in (
            ("float16", device.supports_float16),
            ("bfloat16", device.supports_bfloat16),
            ("float8", device.supports_fp8),
        ):
            print(f"    {what}: {'yes' if has else 'no'}")
    return True
