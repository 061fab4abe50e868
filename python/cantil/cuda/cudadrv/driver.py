"""The driver: devices, contexts, memory, streams, events; and copies between raw memory."""

import ctypes

import numpy as np

from ... import _core
from ...errors import CudaAPIError, CudaDriverError, CudaSupportError, LinkerError
from .._devices import Context, Device, Event, Stream, _same_stream, event_elapsed_time, gpus
from .._linkable import (
    FILE_EXTENSION_MAP,
    LTOIR,
    Archive,
    Cubin,
    CUSource,
    Fatbin,
    LinkableCode,
    Object,
    PTXSource,
)
from .._memory import (
    AutoFreePointer,
    BaseCUDAMemoryManager,
    GetIpcHandleMixin,
    HostOnlyCUDAMemoryManager,
    IpcHandle,
    ManagedMemory,
    ManagedOwnedPointer,
    MappedMemory,
    MappedOwnedPointer,
    MemoryInfo,
    MemoryPointer,
    NumbaCUDAMemoryManager,
    OwnedPointer,
    PinnedMemory,
    _address,
    set_memory_manager,
)
from .._profiling import profile_start, profile_stop, profiling
from .enums import CU_STREAM_DEFAULT
from .runtime import get_version

SUPPORTS_IPC = True
MIN_REQUIRED_CC = (5, 0)


class Driver:
    """The driver as a whole."""

    @property
    def is_available(self):
        """Whether there is a driver with a device."""
        return _core.cuda_driver_available()

    @property
    def initialization_error(self):
        """Why it cannot be used; None where it can."""
        return None if self.is_available else _core.cuda_why_unavailable()

    def get_device(self, devnum=0):
        """A device by its number."""
        return gpus[devnum]

    def get_device_count(self):
        """How many devices there are."""
        return len(gpus)

    def list_devices(self):
        """All devices."""
        return gpus.lst

    def reset(self):
        """Frees all that lives on the devices."""
        from .._devices import reset

        reset()

    def get_version(self):
        """(major, minor) of the CUDA that the driver speaks."""
        return get_version()


driver = Driver()


def device_pointer(obj):
    """The device address of a device array or of memory, an int."""
    return device_ctypes_pointer(obj).value or 0


def device_ctypes_pointer(obj):
    """The device address as a ctypes.c_void_p. Raises TypeError for host objects."""
    require_device_memory(obj)
    return obj.device_ctypes_pointer


def is_device_memory(obj):
    """Whether an object is device memory or an array in it."""
    return getattr(obj, "__cuda_memory__", False)


def require_device_memory(obj):
    """Raises TypeError for what is no device memory."""
    if not is_device_memory(obj):
        raise TypeError("Not a CUDA memory object.")


def device_extents(devmem):
    """(first address, address behind the last byte) of device memory."""
    begin = device_pointer(devmem)
    return begin, begin + device_memory_size(devmem)


def device_memory_size(devmem):
    """Bytes of device memory."""
    if isinstance(devmem, (MemoryPointer, OwnedPointer)):
        return devmem.size
    return devmem.nbytes


def host_pointer(obj, readonly=False):
    """The address of a host array, or the number itself."""
    if isinstance(obj, int):
        return obj
    if isinstance(obj, (MappedMemory, PinnedMemory, ManagedMemory)):
        return _address(obj.host_pointer) if hasattr(obj, "host_pointer") else obj.device_pointer_value
    array = np.asarray(obj)
    if not readonly and not array.flags.writeable:
        raise ValueError("the array is read-only")
    return array.ctypes.data


def host_memory_extents(obj):
    """(first address, address behind the last byte) of a host array."""
    return np.lib.array_utils.byte_bounds(obj) if hasattr(np.lib, "array_utils") else np.byte_bounds(obj)


def host_memory_size(obj):
    """Bytes between the ends of a host array."""
    begin, end = host_memory_extents(obj)
    return end - begin


def memory_size_from_info(shape, strides, itemsize):
    """Bytes that an array of this shape and these strides reaches over."""
    if not all(shape):
        return 0
    low = sum(s * (n - 1) for s, n in zip(strides, shape) if s < 0)
    return sum(s * (n - 1) for s, n in zip(strides, shape) if s > 0) - low + itemsize


def _bytes_at(address, size):
    return np.ctypeslib.as_array((ctypes.c_uint8 * size).from_address(address))


def host_to_device(dst, src, size, stream=0):
    """Copies `size` bytes of host memory to the device; with a stream, in its order."""
    to, source = device_pointer(dst), _bytes_at(host_pointer(src, readonly=True), size)
    _core.cuda_current().copy_to_device(to, source, size, _same_stream(stream))


def device_to_host(dst, src, size, stream=0):
    """Copies `size` bytes of device memory to the host; with a stream, in its order."""
    to = _bytes_at(host_pointer(dst), size)
    _core.cuda_current().copy_to_host(to, device_pointer(src), size, _same_stream(stream))


def device_to_device(dst, src, size, stream=0):
    """Copies `size` bytes on the device; with a stream, in its order."""
    _core.cuda_current().copy_on_device(device_pointer(dst), device_pointer(src), size, _same_stream(stream))


def device_memset(dst, val, size, stream=0):
    """Sets `size` bytes of device memory to `val`; with a stream, in its order."""
    _core.cuda_current().fill(device_pointer(dst), val, 1, size, _same_stream(stream))


__all__ = [
    "CU_STREAM_DEFAULT",
    "FILE_EXTENSION_MAP",
    "LTOIR",
    "MIN_REQUIRED_CC",
    "SUPPORTS_IPC",
    "Archive",
    "AutoFreePointer",
    "BaseCUDAMemoryManager",
    "CUSource",
    "Context",
    "Cubin",
    "CudaAPIError",
    "CudaDriverError",
    "CudaSupportError",
    "Device",
    "Driver",
    "Event",
    "Fatbin",
    "GetIpcHandleMixin",
    "HostOnlyCUDAMemoryManager",
    "IpcHandle",
    "LinkableCode",
    "LinkerError",
    "ManagedMemory",
    "ManagedOwnedPointer",
    "MappedMemory",
    "MappedOwnedPointer",
    "MemoryInfo",
    "MemoryPointer",
    "NumbaCUDAMemoryManager",
    "Object",
    "OwnedPointer",
    "PTXSource",
    "PinnedMemory",
    "Stream",
    "device_ctypes_pointer",
    "device_extents",
    "device_memory_size",
    "device_memset",
    "device_pointer",
    "device_to_device",
    "device_to_host",
    "driver",
    "event_elapsed_time",
    "get_version",
    "host_memory_extents",
    "host_memory_size",
    "host_pointer",
    "host_to_device",
    "is_device_memory",
    "memory_size_from_info",
    "profile_start",
    "profile_stop",
    "profiling",
    "require_device_memory",
    "set_memory_manager",
]
