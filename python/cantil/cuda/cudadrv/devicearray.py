"""Device arrays."""

import numpy as np

from ... import _core
from .._arrays import DeviceNDArray, to_device
from .._arrays import _strides as _contiguous_strides
from .._host_arrays import ManagedNDArray, MappedNDArray
from .._memory import IpcArrayHandle

DeviceNDArrayBase = _core.DeviceArray

errmsg_contiguous_buffer = (
    "Array contains non-contiguous buffer and cannot be transferred as a single memory region. "
    "Please ensure contiguous buffer with numpy.ascontiguousarray()"
)


def is_cuda_ndarray(obj):
    """Whether an object is a device array."""
    return getattr(obj, "__cuda_ndarray__", False)


def require_cuda_ndarray(obj):
    """Raises ValueError for anything but a device array."""
    if not is_cuda_ndarray(obj):
        raise ValueError("require an cuda ndarray object")


def verify_cuda_ndarray_interface(obj):
    """Raises AttributeError when a device array lacks an attribute."""
    require_cuda_ndarray(obj)
    for name, kind in (("shape", tuple), ("strides", tuple), ("dtype", np.dtype), ("size", int)):
        if not isinstance(getattr(obj, name), kind):
            raise AttributeError(f"{name} must be of type {kind}")


def is_contiguous(ary):
    """Whether an array is contiguous, last index fastest."""
    return tuple(ary.strides) == _contiguous_strides(ary.shape, ary.dtype.itemsize, "C")


def sentry_contiguous(ary):
    """Raises ValueError for an array that is not contiguous in either order."""
    if not (ary.flags["C_CONTIGUOUS"] or ary.flags["F_CONTIGUOUS"]):
        raise ValueError(errmsg_contiguous_buffer)


def auto_device(obj, stream=0, copy=True, user_explicit=False):
    """(device array, whether it is new) of a host or device array."""
    if is_cuda_ndarray(obj) or hasattr(obj, "__cuda_array_interface__"):
        return to_device(obj), False
    return to_device(obj, stream, copy), True


def from_array_like(ary, stream=0, gpu_data=None):
    """A device array with the shape, dtype and strides of an array, over new memory or `gpu_data`."""
    from .._arrays import _make, device_array_like

    if gpu_data is None:
        return device_array_like(ary, stream)
    from .._devices import _same_stream, get_current_device

    pointer = getattr(gpu_data, "device_pointer_value", None)
    pointer = gpu_data.device_pointer if pointer is None else pointer
    device = get_current_device()._handle
    memory = gpu_data
    if not isinstance(memory, _core.CudaMemory):
        memory = device.borrow(pointer, gpu_data.size, gpu_data)
    return _make(ary.dtype, ary.shape, ary.strides, device, memory, pointer, _same_stream(stream))


__all__ = [
    "DeviceNDArray",
    "DeviceNDArrayBase",
    "IpcArrayHandle",
    "ManagedNDArray",
    "MappedNDArray",
    "auto_device",
    "errmsg_contiguous_buffer",
    "from_array_like",
    "is_contiguous",
    "is_cuda_ndarray",
    "require_cuda_ndarray",
    "sentry_contiguous",
    "verify_cuda_ndarray_interface",
]
