"""Devices, contexts, streams and events."""

import contextlib

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


class Device:
    """One device. Attributes of the driver are read by their lower-case name: `device.MULTIPROCESSOR_COUNT`."""

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

    def get_primary_context(self):
        """Its context."""
        return Context(self)

    def reset(self):
        """Frees all that lives on the device, other libraries' memory too."""
        self._handle.reset()

    def __getattr__(self, name):
        if name.startswith("_") or not name.isupper():
            raise AttributeError(name)
        try:
            return self._handle.attribute(name)
        except Exception as error:
            raise AttributeError(name) from error

    def __enter__(self):
        self._before = _core.cuda_current().ordinal
        _core.cuda_select(self.id)
        return self

    def __exit__(self, *_):
        _core.cuda_select(self._before)

    def __eq__(self, other):
        return isinstance(other, Device) and other.id == self.id

    def __hash__(self):
        return hash(self.id)

    def __repr__(self):
        return f"<CUDA device {self.id} '{self.name}'>"


class Context:
    """The context of a device: its memory and its work as a whole."""

    def __init__(self, device):
        self.device = device

    @property
    def id(self):
        """The device's number."""
        return self.device.id

    def get_memory_info(self):
        """(free, total) bytes of device memory; also by name."""
        from collections import namedtuple

        info = namedtuple("MemoryInfo", "free total")
        return info(*self.device._handle.memory_info())

    def synchronize(self):
        """Waits for all work on the device. Raises what a kernel has raised."""
        self.device._handle.synchronize()

    def create_stream(self):
        """A new stream."""
        return self.device._handle.create_stream(False, 0)

    def get_default_stream(self):
        """The default stream."""
        return self.device._handle.wrap_stream(0, None)

    def create_event(self, timing=True):
        """A new event."""
        return self.device._handle.create_event(timing)

    def memalloc(self, bytesize):
        """Device memory."""
        return self.device._handle.allocate(bytesize)

    def reset(self):
        """Frees all that lives on the device."""
        self.device.reset()

    def __repr__(self):
        return f"<context of {self.device!r}>"


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
        if not 0 <= i < len(self):
            raise IndexError(f"there are {len(self)} CUDA devices")
        return Device(_core.cuda_device(i))

    def __iter__(self):
        return iter(self.lst)

    def __repr__(self):
        return f"<CUDA devices: {', '.join(map(repr, self.lst))}>"


gpus = _DeviceList()


def list_devices():
    """All devices."""
    return gpus


def get_current_device():
    """The device in use. Raises cantil.errors.CudaSupportError where there is none."""
    return Device(_core.cuda_current())


def current_context(devnum=None):
    """The context of the device in use, or of another one."""
    return Context(get_current_device() if devnum is None else gpus[devnum])


def select_device(device_id):
    """Uses another device from now on, in this thread; returns its context."""
    if not 0 <= device_id < _core.cuda_device_count():
        raise ValueError(f"there is no CUDA device {device_id}, only {_core.cuda_device_count()}")
    _core.cuda_select(device_id)
    return current_context()


def close():
    """Frees all that lives on the current device."""
    _core.cuda_current().reset()


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


def cuda_error():
    """Why there is no driver to use; None where there is one."""
    return None if is_available() else _core.cuda_why_unavailable()


def require_context(function):
    """Kept for compatibility: contexts are made when they are needed."""
    return function


@contextlib.contextmanager
def defer_cleanup():
    """Kept for compatibility: memory is given back in the order of its stream, which waits for nothing."""
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
    return True
