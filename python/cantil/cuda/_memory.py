"""Memory as objects, and memory managers: plug-ins that allocate device memory in Cantil's place.

The interface is Numba's "external memory management": a manager derives from BaseCUDAMemoryManager, or from
HostOnlyCUDAMemoryManager where it allocates device memory only, and is set with set_memory_manager() or by naming
its module in CANTIL_CUDA_MEMORY_MANAGER (NUMBA_CUDA_MEMORY_MANAGER).
"""

import abc
import contextlib
import ctypes
import importlib
import weakref
from collections import namedtuple

import numpy as np

from .. import _core, config

_INTERFACE_VERSION = 1

MemoryInfo = namedtuple("MemoryInfo", "free total")
MemoryInfo.__doc__ = "Bytes of device memory: free, and in all."


def _address(pointer):
    """An address as an int, from an int, a ctypes pointer or a driver binding's object."""
    if isinstance(pointer, ctypes._SimpleCData):
        return pointer.value or 0
    return int(pointer)


class MemoryPointer:
    """Memory on a device: an address and a size in bytes.

    `owner` is kept alive. `finalizer` is called once, when the last owner is gone or free() is called.
    """

    __cuda_memory__ = True

    def __init__(self, context, pointer, size, owner=None, finalizer=None):
        self.context = context
        self.device_pointer = pointer
        self.size = self._cuda_memsize_ = size
        self.handle = pointer
        self.is_managed = finalizer is not None
        self.refct = 1
        self._owner = owner
        self._finalizer = weakref.finalize(self, finalizer) if finalizer is not None else None

    @property
    def owner(self):
        """What keeps the memory: itself where nothing else does."""
        return self if self._owner is None else self._owner

    def own(self):
        """A counted reference: the memory is freed with the last one."""
        return OwnedPointer(weakref.proxy(self))

    def free(self):
        """Frees the memory now. Raises RuntimeError for memory that was freed before."""
        if self._finalizer is not None:
            if not self._finalizer.alive:
                raise RuntimeError("Freeing dead memory")
            self._finalizer()

    def memset(self, byte, count=None, stream=0):
        """Sets each byte, or the first `count`."""
        from ._devices import _same_stream

        count = self.size if count is None else count
        _core.cuda_current().fill(self.device_pointer_value, byte, 1, count, _same_stream(stream))

    def view(self, start, stop=None):
        """The bytes from `start` to `stop`, which keep the whole alive."""
        size = (self.size if stop is None else stop) - start
        if size < 0:
            raise RuntimeError("size cannot be negative")
        view = MemoryPointer(self.context, self.device_pointer_value + start, size, owner=self.owner)
        if isinstance(self.owner, (MemoryPointer, OwnedPointer)):
            return OwnedPointer(weakref.proxy(self.owner), view)
        return view

    @property
    def device_ctypes_pointer(self):
        """The address as a ctypes.c_void_p."""
        return ctypes.c_void_p(self.device_pointer_value)

    @property
    def device_pointer_value(self):
        """The address as an int."""
        return _address(self.device_pointer)


class AutoFreePointer(MemoryPointer):
    """Memory that is freed with the last of its OwnedPointers."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.refct -= 1


class _HostView:
    """What NumPy needs to see host memory as bytes."""

    @property
    def __array_interface__(self):
        return {
            "version": 3,
            "data": (self._host_address, False),
            "shape": (self.size,),
            "typestr": "|u1",
            "strides": None,
        }


class MappedMemory(AutoFreePointer, _HostView):
    """Page-locked host memory that the device uses in place; `pointer` is its address on the host."""

    def __init__(self, context, pointer, size, owner=None, finalizer=None, device_pointer=None):
        self._host_address = _address(pointer)
        on_device = self._host_address if device_pointer is None else device_pointer
        super().__init__(context, on_device, size, owner=owner, finalizer=finalizer)
        self.host_pointer = pointer
        self._bufptr_, self._buflen_ = self._host_address, size

    def own(self):
        """A counted reference."""
        return MappedOwnedPointer(weakref.proxy(self))


class PinnedMemory(_HostView):
    """Page-locked host memory."""

    def __init__(self, context, pointer, size, owner=None, finalizer=None):
        self.context = context
        self.owned = owner
        self.size = size
        self.host_pointer = pointer
        self.handle = pointer
        self.is_managed = finalizer is not None
        self._host_address = self._bufptr_ = _address(pointer)
        self._buflen_ = size
        if finalizer is not None:
            weakref.finalize(self, finalizer)

    def own(self):
        """Itself."""
        return self


class ManagedMemory(AutoFreePointer, _HostView):
    """Memory with one address on host and device."""

    def __init__(self, context, pointer, size, owner=None, finalizer=None):
        super().__init__(context, pointer, size, owner=owner, finalizer=finalizer)
        self._host_address = self._bufptr_ = _address(pointer)
        self._buflen_ = size

    def own(self):
        """A counted reference."""
        return ManagedOwnedPointer(weakref.proxy(self))


class OwnedPointer:
    """A counted reference to memory; it has the memory's attributes."""

    def __init__(self, memptr, view=None):
        self._mem = memptr
        self._view = memptr if view is None else view
        memory = memptr
        if memory.is_managed:
            memory.refct += 1

            def release():
                try:
                    memory.refct -= 1
                    if memory.refct == 0:
                        memory.free()
                except ReferenceError:
                    pass  # the memory itself is gone

            weakref.finalize(self, release)

    def __getattr__(self, name):
        return getattr(self._view, name)


class MappedOwnedPointer(OwnedPointer):
    """A counted reference to mapped memory."""

    @property
    def __array_interface__(self):
        return self._view.__array_interface__


class ManagedOwnedPointer(MappedOwnedPointer):
    """A counted reference to managed memory."""


class BaseCUDAMemoryManager(metaclass=abc.ABCMeta):
    """What a memory manager implements; one instance is made for each context."""

    def __init__(self, *args, **kwargs):
        if "context" not in kwargs:
            raise RuntimeError("Memory manager requires a context")
        self.context = kwargs.pop("context")

    @abc.abstractmethod
    def memalloc(self, size):
        """Device memory of `size` bytes: a MemoryPointer."""

    @abc.abstractmethod
    def memhostalloc(self, size, mapped, portable, wc):
        """Page-locked host memory: a MappedMemory or PinnedMemory."""

    @abc.abstractmethod
    def mempin(self, owner, pointer, size, mapped):
        """Page-locks memory of `owner`: a MappedMemory or PinnedMemory."""

    @abc.abstractmethod
    def initialize(self):
        """Called before the manager is used for the first time, and possibly again."""

    @abc.abstractmethod
    def get_ipc_handle(self, memory):
        """An IpcHandle to memory that memalloc() made."""

    @abc.abstractmethod
    def get_memory_info(self):
        """A MemoryInfo; NotImplementedError where that cannot be said."""

    @abc.abstractmethod
    def reset(self):
        """Frees all memory of the context."""

    @abc.abstractmethod
    def defer_cleanup(self):
        """A context manager during which nothing is freed."""

    @property
    @abc.abstractmethod
    def interface_version(self):
        """The version of this interface: 1."""


class _Kept:
    """An argumentless function that lets go of what it holds when it is called."""

    def __init__(self, held):
        self._held = held

    def __call__(self):
        self._held = None


def _forget(allocations, key, kept):
    allocations.pop(key, None)
    kept()


class HostOnlyCUDAMemoryManager(BaseCUDAMemoryManager):
    """A base for managers of device memory: host and managed memory are Cantil's business."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.allocations = {}

    def _keep(self, memory, cls, key, owner=None):
        """An object of `cls` for memory that the extension module owns."""
        if cls is PinnedMemory:
            return cls(self.context, key, memory.bytes, owner=owner, finalizer=_Kept(memory))
        extra = {"device_pointer": memory.device_pointer} if cls is MappedMemory else {}
        made = cls(self.context, key, memory.bytes, owner=owner, finalizer=_Kept(memory), **extra)
        self.allocations[key] = made
        made._finalizer.detach()

        made._finalizer = weakref.finalize(made, _forget, self.allocations, key, _Kept(memory))
        return made.own()

    def memhostalloc(self, size, mapped=False, portable=False, wc=False):
        """Page-locked host memory."""
        memory = self.context.device._handle.allocate_host(size, mapped, portable, wc)
        return self._keep(memory, MappedMemory if mapped else PinnedMemory, memory.host_pointer)

    def mempin(self, owner, pointer, size, mapped=False):
        """Page-locks memory of `owner`."""
        whole = np.ctypeslib.as_array((ctypes.c_uint8 * size).from_address(_address(pointer)))
        memory = self.context.device._handle.register_host(whole, mapped)
        return self._keep(memory, MappedMemory if mapped else PinnedMemory, _address(pointer), owner)

    def memallocmanaged(self, size, attach_global=True):
        """Managed memory."""
        memory = self.context.device._handle.allocate_managed(size, attach_global)
        return self._keep(memory, ManagedMemory, memory.host_pointer)

    def reset(self):
        """Forgets the host memory it has made."""
        self.allocations.clear()

    @contextlib.contextmanager
    def defer_cleanup(self):
        """Nothing is freed during the `with` block."""
        device = self.context.device._handle
        device.suspend_cleanup()
        try:
            yield
        finally:
            device.resume_cleanup()


class GetIpcHandleMixin:
    """get_ipc_handle() for managers whose memory the driver can export."""

    def get_ipc_handle(self, memory):
        """An IpcHandle of the allocation that `memory` lies in."""
        device = self.context.device
        memory = getattr(memory, "_memory", memory)
        if not isinstance(memory, _core.CudaMemory):
            memory = device._handle.borrow(memory.device_pointer_value, memory.size, memory)
        handle = device._handle.ipc_handle(memory)
        return IpcHandle(memory, handle, memory.bytes, device.get_device_identity())


class NumbaCUDAMemoryManager(GetIpcHandleMixin, HostOnlyCUDAMemoryManager):
    """Cantil's own: device memory from the context's pool."""

    def initialize(self):
        """Nothing is to be done."""

    def memalloc(self, size):
        """Device memory."""
        memory = self.context.device._handle.allocate(size)
        made = AutoFreePointer(self.context, memory.device_pointer, size, finalizer=_Kept(memory))
        self.allocations[memory.device_pointer] = made
        made._finalizer.detach()

        key = memory.device_pointer
        made._finalizer = weakref.finalize(made, _forget, self.allocations, key, _Kept(memory))
        return made.own()

    def get_memory_info(self):
        """Free and total bytes."""
        return MemoryInfo(*self.context.device._handle.memory_info())

    @property
    def interface_version(self):
        """1."""
        return _INTERFACE_VERSION


_plugin = None  # the class, where one was set
_instances = {}  # by device number
_configured = False


def _read_configuration():
    global _configured
    if _configured:
        return
    _configured = True
    name = config.CUDA_MEMORY_MANAGER
    if name in ("", "default"):
        return
    try:
        set_memory_manager(importlib.import_module(name)._numba_memory_manager)
    except Exception as error:
        raise RuntimeError(f"Failed to use memory manager from {name}") from error


def set_memory_manager(mm_plugin):
    """Lets a memory manager, a class derived from BaseCUDAMemoryManager, allocate from now on.

    Raises RuntimeError for another version of the interface. Arrays that exist keep their memory.
    """
    global _plugin, _configured
    version = mm_plugin(context=None).interface_version
    if version != _INTERFACE_VERSION:
        raise RuntimeError(
            f"EMM Plugin interface has version {version} - version {_INTERFACE_VERSION} required"
        )
    _configured = True
    _instances.clear()
    _plugin = None if mm_plugin is NumbaCUDAMemoryManager else mm_plugin
    _core.cuda_set_allocator(None if _plugin is None else _allocate_by_plugin)


def manager_of(context):
    """The memory manager of a context."""
    _read_configuration()
    manager = _instances.get(context.id)
    if manager is None:
        manager = (_plugin or NumbaCUDAMemoryManager)(context=context)
        manager.initialize()
        _instances[context.id] = manager
    return manager


def _allocate_by_plugin(device, size, stream=None):
    from ._devices import context_of

    pointer = manager_of(context_of(device)).memalloc(size)
    return device.borrow(pointer.device_pointer_value, size, pointer)


def allocate(device, size, stream=None):
    """Device memory, from the memory manager where one was set."""
    _read_configuration()
    if _plugin is None or size == 0:
        return device.allocate(size, stream)
    return _allocate_by_plugin(device, size, stream)


def allocate_host(device, size, mapped, portable, wc):
    """Page-locked host memory and a buffer over it, from the memory manager where one was set."""
    _read_configuration()
    if _plugin is None or size == 0:
        memory = device.allocate_host(size, mapped, portable, wc)
        return memory, memory
    from ._devices import context_of

    memory = manager_of(context_of(device)).memhostalloc(size, mapped=mapped, portable=portable, wc=wc)
    return memory, np.asarray(memory)


class IpcHandle:
    """Device memory that other processes can open; it is sent to them by pickling it.

    Raises cantil.errors.CudaDriverError where the memory cannot be exported.
    """

    def __init__(self, base, handle, size, source_info=None, offset=0):
        self.base = base
        self.handle = handle
        self.size = size
        self.source_info = source_info
        self.offset = offset
        self._opened = None

    def can_access_peer(self, context):
        """Whether a context's device reaches the memory's device."""
        if self.source_info is None:
            raise RuntimeError("IPC handle doesn't have source info")
        if self.source_info == context.device.get_device_identity():
            return True
        from ._devices import device_from_identity

        return context.can_access_peer(device_from_identity(self.source_info).id)

    def open(self, context):
        """The memory, in this process: a MemoryPointer. Raises ValueError when it is open, or was made here."""
        if self._opened is not None:
            raise ValueError("IpcHandle is already opened")
        if self.base is not None:
            raise ValueError("opening IpcHandle from original process")
        if self.source_info is not None and not self.can_access_peer(context):
            raise RuntimeError(
                "the memory is on a device that this context's device cannot reach; open it there, and copy"
            )
        self._opened = context.device._handle.open_ipc(bytes(self.handle), self.size + self.offset)
        memory = self._opened
        return MemoryPointer(context, memory.device_pointer + self.offset, self.size, owner=memory)

    open_direct = open

    def open_array(self, context, shape, dtype, strides=None):
        """The memory as a device array."""
        from ._arrays import _make, _shape, _strides

        pointer = self.open(context)
        shape, dtype = _shape(shape), np.dtype(dtype)
        strides = _strides(shape, dtype.itemsize, "C") if strides is None else tuple(strides)
        device = context.device._handle
        memory = device.borrow(pointer.device_pointer_value, self.size, pointer)
        return _make(dtype, shape, strides, device, memory, pointer.device_pointer_value)

    def close(self):
        """Lets go of the memory. Raises ValueError when it is not open."""
        if self._opened is None:
            raise ValueError("IpcHandle not opened")
        self._opened = None

    def __reduce__(self):
        return IpcHandle, (None, bytes(self.handle), self.size, self.source_info, self.offset)


class IpcArrayHandle:
    """A device array that other processes can open: `with handle as array:`."""

    def __init__(self, ipc_handle, array_desc):
        self._array_desc = array_desc
        self._ipc_handle = ipc_handle

    def open(self):
        """The array, in this process."""
        from ._devices import current_context

        return self._ipc_handle.open_array(current_context(), **self._array_desc)

    def close(self):
        """Lets go of it."""
        self._ipc_handle.close()

    def __enter__(self):
        return self.open()

    def __exit__(self, *_):
        self.close()

    def __reduce__(self):
        return IpcArrayHandle, (self._ipc_handle, self._array_desc)


@contextlib.contextmanager
def open_ipc_array(handle, shape, dtype, strides=None, offset=0):
    """`with open_ipc_array(handle, shape, dtype) as array:` a device array over another process's memory.

    `handle` is the driver's, as bytes or a sequence of integers; `offset` is in bytes.
    """
    from ._devices import current_context

    size = int(np.prod(shape)) * np.dtype(dtype).itemsize
    ipc = IpcHandle(None, bytes(handle), size, offset=offset)
    yield ipc.open_array(current_context(), shape=shape, strides=strides, dtype=dtype)
    ipc.close()
