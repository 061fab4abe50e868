"""Host memory that devices reach: pinned, mapped and managed NumPy arrays."""

import contextlib

import numpy as np

from .. import _core
from ._arrays import _bytes, _dtype, _make, _order_of, _shape, _strides_like
from ._devices import _same_stream
from ._memory import allocate_host


class _OnDevice(np.ndarray):
    """A NumPy array that kernels use in place; it also has a device array's protocol."""

    __cuda_memory__ = True
    __cuda_ndarray__ = True

    def _on_device(self):
        """A device array over the same memory."""
        base = self
        while isinstance(base, np.ndarray):
            base = base.base
        memory = base.obj if isinstance(base, memoryview) else base
        if not isinstance(memory, _core.CudaMemory):
            raise ValueError("the array does not lie in memory that the device reaches")
        pointer = self.__array_interface__["data"][0] - memory.host_pointer + memory.device_pointer
        return _make(self.dtype, self.shape, self.strides, _core.cuda_current(), memory, pointer)

    @property
    def __cuda_array_interface__(self):
        return self._on_device().__cuda_array_interface__

    @property
    def device_ctypes_pointer(self):
        """The device address as a ctypes.c_void_p."""
        return self._on_device().device_ctypes_pointer

    @property
    def gpu_data(self):
        """The memory under it."""
        return self._on_device().gpu_data

    def copy_to_host(self, ary=None, stream=0):
        """Its elements as a plain NumPy array, after the work given to the stream so far."""
        return self._on_device().copy_to_host(ary, stream)

    def copy_to_device(self, ary, stream=0):
        """Copies an array of the same shape into it, in the order of the stream."""
        self._on_device().copy_to_device(ary, stream)

    def __reduce__(self):
        return np.array, (np.asarray(self).copy(),)


class MappedNDArray(_OnDevice):
    """What mapped_array() makes."""


class ManagedNDArray(_OnDevice):
    """What managed_array() makes."""


def _buffered(memory, shape, dtype, strides, order, cls=np.ndarray):
    if not memory.nbytes if isinstance(memory, np.ndarray) else not memory.bytes:
        return np.empty(shape, dtype, order=order)
    return cls(shape, dtype, buffer=memory, strides=strides, order=order)


def _size(shape, dtype, strides):
    if strides is None:
        return _bytes(shape, dtype)
    if any(stride < 0 for stride in strides):
        raise ValueError("pinned and mapped arrays take no negative strides")
    return sum(s * (n - 1) for s, n in zip(strides, shape)) + dtype.itemsize if all(shape) else 0


def _locked(shape, dtype, strides, order, cls, mapped, portable, wc):
    shape, dtype = _shape(shape), _dtype(dtype)
    strides = (strides,) if isinstance(strides, int) else strides
    memory, buffer = allocate_host(_core.cuda_current(), _size(shape, dtype, strides), mapped, portable, wc)
    return _buffered(buffer, shape, dtype, strides, order, cls if buffer is memory else np.ndarray)


def pinned_array(shape, dtype=np.float64, strides=None, order="C"):
    """A NumPy array in page-locked memory, which copies to and from a device faster."""
    return _locked(shape, dtype, strides, order, np.ndarray, False, False, False)


def pinned_array_like(ary):
    """pinned_array() with the shape, dtype and order of an array."""
    return pinned_array(ary.shape, ary.dtype, _strides_like(ary), _order_of(ary))


def mapped_array(shape, dtype=np.float64, strides=None, order="C", stream=0, portable=False, wc=False):
    """A NumPy array in page-locked memory that kernels use in place.

    `portable` memory is locked for all devices; `wc` memory is fast for the device to read and slow for the host.
    """
    return _locked(shape, dtype, strides, order, MappedNDArray, True, portable, wc)


def mapped_array_like(ary, stream=0, portable=False, wc=False):
    """mapped_array() with the shape, dtype and order of an array."""
    return mapped_array(ary.shape, ary.dtype, _strides_like(ary), _order_of(ary), portable=portable, wc=wc)


def managed_array(shape, dtype=np.float64, strides=None, order="C", stream=0, attach_global=True):
    """A NumPy array in memory that moves between host and device by itself; kernels use it in place."""
    shape, dtype = _shape(shape), _dtype(dtype)
    strides = (strides,) if isinstance(strides, int) else strides
    memory = _core.cuda_current().allocate_managed(_size(shape, dtype, strides), attach_global)
    return _buffered(memory, shape, dtype, strides, order, ManagedNDArray)


@contextlib.contextmanager
def pinned(*arylist):
    """Page-locks existing arrays for the length of a `with` block."""
    device = _core.cuda_current()
    held = [device.register_host(array, False) for array in arylist if array.size]
    try:
        yield
    finally:
        held.clear()


@contextlib.contextmanager
def mapped(*arylist, stream=0):
    """Page-locks arrays for the length of a `with` block and gives device arrays over them: one, or a list of them.

    The device arrays must not be used after the block.
    """
    device, stream = _core.cuda_current(), _same_stream(stream)
    made = []
    for array in arylist:
        memory = device.register_host(array, True)
        pointer = memory.device_pointer
        made.append(_make(array.dtype, array.shape, array.strides, device, memory, pointer, stream))
    try:
        yield made[0] if len(made) == 1 else made
    finally:
        made.clear()
