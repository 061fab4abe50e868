"""DLPack: arrays to and from other libraries in place."""

from .. import _core
from ._arrays import _make
from ._devices import _same_stream, default_stream

_CPU, _CUDA, _CUDA_HOST, _CUDA_MANAGED = 1, 2, 3, 13


def _let_wait(array, stream):
    """Makes the consumer's stream wait for the array's, as the protocol numbers streams."""
    if stream == -1:
        return
    if stream is None:
        stream = 1
    if stream == 0 or stream < -1:
        raise ValueError(
            "a DLPack stream on CUDA is -1, 1 (the default stream), 2 or a handle; 0 is ambiguous"
        )
    mine = array.stream or default_stream()
    if mine.handle in (stream, {1: 0}.get(stream)):
        return
    event = array._device.create_event(False)
    event.record(mine)
    event.wait(array._device.wrap_stream(stream, None))


def export(array, stream, max_version, dl_device, copy):
    """The capsule of a device array."""
    if dl_device is not None and tuple(dl_device) != array.__dlpack_device__():
        raise BufferError(
            f"the array is on {array.__dlpack_device__()}, not on {tuple(dl_device)}; copy it first"
        )
    source = array.copy(array.stream or 0) if copy else array
    versioned = max_version is not None and max_version[0] >= 1
    readonly = source._numba_type_.readonly
    if readonly and not versioned:
        raise BufferError("a read-only array needs DLPack 1.0 or later")
    strides = source.strides
    if any(stride % source.itemsize for stride in strides):
        raise BufferError("the strides are no multiples of the elements' size")
    _let_wait(source, stream)
    return _core.dlpack_export(
        source,
        source._pointer if source.size else 0,
        source.dtype.str,
        source.shape,
        [stride // source.itemsize for stride in strides],
        source.__dlpack_device__(),
        versioned,
        readonly,
        bool(copy),
    )


def from_dlpack(obj, stream=0):
    """A DeviceNDArray over the memory of an object with __dlpack__(), or of a capsule, in place.

    Work given to `stream` (the default stream) waits for the producer's. Raises BufferError for memory that is not the
    current device's.
    """
    stream = _same_stream(stream)
    if hasattr(obj, "__dlpack_device__"):
        kind, number = (int(part) for part in obj.__dlpack_device__())
        if kind == _CPU:
            raise BufferError("the array lies in host memory: cuda.to_device() copies it to the device")
        if kind not in (_CUDA, _CUDA_HOST, _CUDA_MANAGED):
            raise BufferError(f"DLPack device type {kind} is no CUDA memory")
        if kind == _CUDA and number != _core.cuda_current().ordinal:
            raise BufferError(f"the array lies on device {number}: use it there, `with cuda.gpus[{number}]:`")
    if hasattr(obj, "__dlpack__"):
        consumer = 1 if stream is None else stream.handle
        try:
            obj = obj.__dlpack__(stream=consumer, max_version=(1, 1))
        except TypeError:
            obj = obj.__dlpack__(stream=consumer)
    pointer, dtype, shape, strides, kind, readonly, owner = _core.dlpack_import(obj)
    if kind not in (_CUDA, _CUDA_HOST, _CUDA_MANAGED):
        raise BufferError(f"DLPack device type {kind} is no CUDA memory")
    device = _core.cuda_current()
    import math

    import numpy as np

    dtype = np.dtype(dtype)
    size = math.prod(shape) * dtype.itemsize
    if strides is not None and size:
        size = sum(s * (n - 1) for s, n in zip(strides, shape) if s > 0) * dtype.itemsize + dtype.itemsize
    if strides is None:
        from ._arrays import _strides

        strides = _strides(shape, dtype.itemsize, "C")
    else:
        strides = tuple(stride * dtype.itemsize for stride in strides)
    memory = device.borrow(pointer, size, owner)
    return _make(dtype, tuple(shape), strides, device, memory, pointer, stream, readonly)
