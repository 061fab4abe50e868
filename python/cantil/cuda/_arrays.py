"""Arrays in a device's memory, and host memory that devices can reach.

The geometry of views (slices, transposes, reshapes) is NumPy's: it is worked out on an array that is never
read, over made-up addresses, and only the resulting place, shape and strides are used.
"""

import math

import numpy as np

from .. import _core, config
from .._types import as_dtype
from ._devices import _same_stream, context_of
from ._memory import IpcArrayHandle, IpcHandle, allocate


class _Geometry:
    """An array's place and layout, for NumPy to calculate with."""

    def __init__(self, pointer, shape, strides, dtype):
        self.__array_interface__ = {
            "version": 3,
            "data": (pointer, False),
            "shape": shape,
            "strides": strides,
            "typestr": dtype.str,
        }


def _strides(shape, item, order):
    strides, step = [], item
    for extent in shape if order == "F" else reversed(shape):
        strides.append(step)
        step *= extent
    return tuple(strides if order == "F" else reversed(strides))


def _basic_index(key):
    parts = key if isinstance(key, tuple) else (key,)
    for part in parts:
        if not (part is None or part is Ellipsis or isinstance(part, (slice, int, np.integer))):
            raise IndexError(f"device arrays are indexed with integers and slices, not {part!r}")
        if isinstance(part, (bool, np.bool_)):
            raise IndexError("device arrays are not indexed with booleans")
    # With an ellipsis a single element is a view too, where NumPy would read it.
    return parts if any(p is Ellipsis for p in parts) else (*parts, Ellipsis)


class DeviceNDArray(_core.DeviceArray):
    """An array in a device's memory. Made by to_device(), device_array() and their like.

    Slices, `T`, `reshape` and `ravel` are views. `array[...] = value` copies into it. Other libraries see it through
    __cuda_array_interface__ and DLPack.
    """

    __cuda_memory__ = True
    __cuda_ndarray__ = True

    @property
    def dtype(self):
        """The NumPy dtype of its elements."""
        return as_dtype(self._numba_type_.dtype)

    @property
    def itemsize(self):
        """Bytes of one element."""
        return self.dtype.itemsize

    @property
    def nbytes(self):
        """Bytes of all elements."""
        return self.size * self.dtype.itemsize

    alloc_size = nbytes

    @property
    def device_ctypes_pointer(self):
        """The device address as a ctypes.c_void_p."""
        import ctypes

        return ctypes.c_void_p(self._pointer)

    @property
    def gpu_data(self):
        """The memory under it."""
        return self._memory

    @property
    def flags(self):
        """C_CONTIGUOUS and F_CONTIGUOUS, a dict."""
        return {"C_CONTIGUOUS": self.is_c_contiguous(), "F_CONTIGUOUS": self.is_f_contiguous()}

    @property
    def __cuda_array_interface__(self):
        """The protocol through which CuPy, PyTorch and others use it in place."""
        return {
            "shape": self.shape,
            "strides": None if self.is_c_contiguous() else self.strides,
            "data": (self._pointer if self.size else 0, self._numba_type_.readonly),
            "typestr": self.dtype.str,
            "stream": None if self.stream is None else self.stream.handle,
            "version": 3,
        }

    def is_c_contiguous(self):
        """Whether it is contiguous, last index fastest."""
        return self._geometry().flags.c_contiguous

    def is_f_contiguous(self):
        """Whether it is contiguous, first index fastest."""
        return self._geometry().flags.f_contiguous

    def bind(self, stream=0):
        """The same array, copied on `stream` by default."""
        return _make(
            self.dtype,
            self.shape,
            self.strides,
            self._device,
            self._memory,
            self._pointer,
            _same_stream(stream),
        )

    def _geometry(self):
        # NumPy may take any address for an array that it does not read; an empty one needs no address at all.
        return np.asarray(_Geometry(self._pointer or 1 << 12, self.shape, self.strides, self.dtype))

    def _like(self, geometry):
        pointer = geometry.__array_interface__["data"][0] if geometry.size else 0
        return _make(
            self.dtype,
            geometry.shape,
            geometry.strides,
            self._device,
            self._memory,
            pointer,
            self.stream,
            self._numba_type_.readonly,
        )

    def __len__(self):
        if not self.ndim:
            raise TypeError("len() of a 0-d array")
        return self.shape[0]

    def __getitem__(self, key):
        parts = _basic_index(key)
        view = self._like(self._geometry()[parts])
        # A single element is a scalar, as in NumPy; with an ellipsis in the key it is an array.
        return (
            view.copy_to_host()[()] if view.ndim == 0 and parts is not key and key is not Ellipsis else view
        )

    getitem = __getitem__

    def __setitem__(self, key, value):
        self.setitem(key, value)

    def setitem(self, key, value, stream=0):
        """Copies `value` (a scalar, a host or a device array) to the elements that `key` selects."""
        target = self._like(self._geometry()[_basic_index(key)])
        if not isinstance(value, DeviceNDArray):
            value = np.broadcast_to(np.asarray(value, dtype=self.dtype), target.shape)
        target.copy_to_device(value, stream)

    @property
    def T(self):
        """The transposed view."""
        return self._like(self._geometry().T)

    def transpose(self, axes=None):
        """A view with the dimensions in another order."""
        return self._like(self._geometry().transpose(axes))

    def reshape(self, *newshape, order="C"):
        """A view with another shape. Raises NotImplementedError where the elements do not lie in that order."""
        if len(newshape) == 1 and isinstance(newshape[0], tuple):
            (newshape,) = newshape
        self._check_order(order)
        return self._like(self._geometry().reshape(newshape, order=order))

    def ravel(self, order="C", stream=0):
        """A view with one dimension. Raises NotImplementedError where the elements do not lie in that order."""
        self._check_order(order)
        return self._like(self._geometry().ravel(order=order))

    def _check_order(self, order):
        if order not in ("C", "F"):
            raise ValueError(f"the order is 'C' or 'F', not {order!r}")
        if not (self.is_f_contiguous() if order == "F" else self.is_c_contiguous()):
            raise NotImplementedError(
                f"reshaping an array that is not contiguous in {order} order needs a copy; copy it first"
            )

    def squeeze(self, axis=None, stream=0):
        """A view without dimensions of extent 1."""
        return self._like(self._geometry().squeeze(axis))

    def view(self, dtype):
        """The same memory as elements of another dtype. Raises ValueError where it does not divide evenly."""
        dtype = np.dtype(dtype)
        if not self.is_c_contiguous() or (self.ndim == 0 and dtype.itemsize != self.itemsize):
            raise ValueError("only C-contiguous arrays can be viewed as another dtype")
        shape = self.shape
        if dtype.itemsize != self.itemsize:
            last = shape[-1] * self.itemsize
            if last % dtype.itemsize:
                raise ValueError("the last dimension does not divide into elements of the new dtype")
            shape = (*shape[:-1], last // dtype.itemsize)
        return _make(
            dtype,
            shape,
            _strides(shape, dtype.itemsize, "C"),
            self._device,
            self._memory,
            self._pointer,
            self.stream,
        )

    def split(self, section, stream=0):
        """Views of `section` elements each, of a 1-D array; the last may be shorter."""
        for start in range(0, self.size, section):
            yield self[start : start + section]

    def copy_to_host(self, ary=None, stream=0):
        """Its elements as a NumPy array: a new one in the same order, or `ary`. Waits, unless a stream is given.

        Raises ValueError when `ary` has another shape or size.
        """
        stream = _same_stream(stream) or self.stream
        order = "F" if self.is_f_contiguous() and not self.is_c_contiguous() else "C"
        if ary is None:
            result = np.empty(self.shape, self.dtype, order=order)
        else:
            result = ary
            if ary.dtype != self.dtype:
                raise TypeError(f"the array has dtype {ary.dtype}, the device array {self.dtype}")
            if ary.shape != self.shape:
                raise ValueError(f"the array has shape {ary.shape}, the device array {self.shape}")
        if self.size == 0:
            return result
        source = self if self.is_c_contiguous() or self.is_f_contiguous() else self._contiguous(stream)
        direct = result.flags.c_contiguous if order == "C" else result.flags.f_contiguous
        target = result if direct else np.empty(self.shape, self.dtype, order=order)
        self._device.copy_to_host(target, source._pointer, self.nbytes, stream)
        if target is not result:
            if stream is not None:
                stream.synchronize()
            result[...] = target
        return result

    def copy_to_device(self, ary, stream=0):
        """Copies a host or device array of the same shape into it. Raises ValueError when the shapes differ."""
        stream = _same_stream(stream) or self.stream
        if isinstance(ary, DeviceNDArray) or hasattr(ary, "__cuda_array_interface__"):
            source = as_cuda_array(ary)
            if source.dtype != self.dtype:
                raise TypeError(f"the array has dtype {source.dtype}, this one {self.dtype}")
        else:
            source = np.asarray(ary, dtype=self.dtype)
        if source.shape != self.shape:
            raise ValueError(f"an array of shape {source.shape} is copied into one of shape {self.shape}")
        if self.size == 0:
            return
        mine = "C" if self.is_c_contiguous() else "F" if self.is_f_contiguous() else None
        if isinstance(source, np.ndarray):
            host = np.asarray(source, order=mine or "C")
            if not (host.flags.c_contiguous if (mine or "C") == "C" else host.flags.f_contiguous):
                host = np.array(host, order=mine or "C")
            if mine:
                self._device.copy_to_device(self._pointer, host, self.nbytes, stream)
            else:
                source = device_array(self.shape, self.dtype, stream=stream or 0)
                self._device.copy_to_device(source._pointer, host, self.nbytes, stream)
                self._copy_elements(source, stream)
            if stream is not None and host is not ary:
                stream.synchronize()  # the temporary must outlive the copy
        else:
            self._copy_elements(source, stream)

    def _copy_elements(self, source, stream):
        same = self.strides == source.strides and (self.is_c_contiguous() or self.is_f_contiguous())
        if same:
            self._device.copy_on_device(self._pointer, source._pointer, self.nbytes, stream)
            return
        if self._device.copy_strided(
            self._pointer,
            list(self.strides),
            source._pointer,
            list(source.strides),
            list(self.shape),
            self.itemsize,
            stream,
        ):
            return
        self._copy_through_host(source, stream)

    def _span(self):
        """(lowest address, bytes from there to the end of the highest element)."""
        reaches = [stride * (extent - 1) for stride, extent in zip(self.strides, self.shape)]
        low = sum(r for r in reaches if r < 0)
        return self._pointer + low, sum(r for r in reaches if r > 0) - low + self.itemsize

    def _fetch_span(self, stream):
        """The memory that the elements lie in, and this array's view of it, on the host."""
        low, size = self._span()
        host = np.empty(size, np.uint8)
        self._device.copy_to_host(host, low, size, stream)
        if stream is not None:
            stream.synchronize()
        return host, np.ndarray(self.shape, self.dtype, host.data, self._pointer - low, self.strides)

    def _copy_through_host(self, source, stream):
        """For layouts that would take the driver too many calls."""
        _, values = source._fetch_span(stream)
        mine, view = self._fetch_span(stream)
        view[...] = values
        low, size = self._span()
        self._device.copy_to_device(low, mine, size, stream)
        if stream is not None:
            stream.synchronize()

    def _contiguous(self, stream=None):
        """A contiguous copy on the device."""
        copy = device_array(self.shape, self.dtype, stream=stream or 0)
        copy._copy_elements(self, stream)
        return copy

    def copy(self, stream=0):
        """A contiguous copy on the device."""
        return self._contiguous(_same_stream(stream))

    def __array__(self, dtype=None, copy=None):
        host = self.copy_to_host()
        return host if dtype is None else host.astype(dtype)

    def get_ipc_handle(self):
        """What another process opens the array with, after pickling: `with handle as array:`.

        Raises cantil.errors.CudaDriverError where the memory cannot be exported: memory of the pool cannot, and is not
        used with CANTIL_CUDA_POOL=0.
        """
        context = context_of(self._device)
        handle = self._device.ipc_handle(self._memory)
        offset = self._pointer - self._memory.device_pointer
        ipc = IpcHandle(
            self._memory, handle, self._memory.bytes - offset, context.device.get_device_identity(), offset
        )
        return IpcArrayHandle(ipc, {"shape": self.shape, "strides": self.strides, "dtype": self.dtype})

    def as_cuda_arg(self):
        """The memory under it."""
        return self._memory

    def __dlpack__(self, *, stream=None, max_version=None, dl_device=None, copy=None):
        """A DLPack capsule over the array; the consumer's `stream` waits for the array's own."""
        from ._dlpack import export

        return export(self, stream, max_version, dl_device, copy)

    def __dlpack_device__(self):
        """(2, device number): CUDA memory."""
        return 2, self._device.ordinal

    def __reduce__(self):
        return to_device, (self.copy_to_host(),)

    def __repr__(self):
        return f"<DeviceNDArray of {self.dtype} {self.shape} on device {self._device.ordinal}>"


def _make(dtype, shape, strides, device, memory, pointer, stream=None, readonly=False):
    return DeviceNDArray(np.dtype(dtype), shape, strides, device, memory, pointer, stream, readonly)


def _shape(shape):
    return (int(shape),) if isinstance(shape, (int, np.integer)) else tuple(int(extent) for extent in shape)


def _bytes(shape, dtype):
    if any(extent < 0 for extent in shape):
        raise ValueError(f"the shape {shape} has a negative extent")
    return math.prod(shape) * dtype.itemsize


def _dtype(dtype):
    """A NumPy dtype from a dtype, a scalar class or a type of cantil.types."""
    return as_dtype(dtype) if isinstance(dtype, _core.Type) else np.dtype(dtype)


def device_array(shape, dtype=np.float64, strides=None, order="C", stream=0):
    """An array on the current device; its elements are undefined."""
    shape, dtype, stream = _shape(shape), _dtype(dtype), _same_stream(stream)
    if order not in ("C", "F"):
        raise ValueError(f"the order is 'C' or 'F', not {order!r}")
    size = _bytes(shape, dtype)
    if strides is None:
        strides = _strides(shape, dtype.itemsize, order)
    elif size:
        strides = (strides,) if isinstance(strides, int) else tuple(strides)
        if any(stride < 0 for stride in strides):
            raise ValueError("device_array takes no negative strides")
        size = sum(stride * (extent - 1) for stride, extent in zip(strides, shape)) + dtype.itemsize
    device = _core.cuda_current()
    memory = allocate(device, size, stream)
    return _make(dtype, shape, strides, device, memory, memory.device_pointer, stream)


def _order_of(array):
    return "F" if _is_f_only(array) else "C"


def _is_f_only(array):
    flags = array.flags
    return flags["F_CONTIGUOUS"] and not flags["C_CONTIGUOUS"]


def _strides_like(ary):
    """Contiguous strides whose dimensions are in an array's order; None where that is C or F order."""
    if ary.flags["C_CONTIGUOUS"] or ary.flags["F_CONTIGUOUS"] or ary.ndim <= 1:
        return None
    strides, step = [0] * ary.ndim, ary.dtype.itemsize
    for axis in sorted(range(ary.ndim), key=lambda axis: abs(ary.strides[axis])):
        strides[axis] = step
        step *= ary.shape[axis]
    return tuple(strides)


def device_array_like(ary, stream=0):
    """device_array() with the shape, dtype and order of an array."""
    return device_array(ary.shape, ary.dtype, _strides_like(ary), _order_of(ary), stream)


def to_device(obj, stream=0, copy=True, to=None):
    """A copy of a host array (or what numpy.asarray takes) on the current device; a device array is returned as it is.

    With `copy=False` the memory is not filled. `to` is a device array to copy into. With a stream the copy
    may go on after the return.
    """
    if isinstance(obj, DeviceNDArray) and to is None:
        return obj
    if to is not None:
        to.copy_to_device(obj, stream)
        return to
    if hasattr(obj, "__cuda_array_interface__"):
        return as_cuda_array(obj)
    host = np.asarray(obj)
    array = device_array(host.shape, host.dtype, order=_order_of(host), stream=stream)
    if copy:
        array.copy_to_device(host, stream)
    return array


def is_cuda_array(obj):
    """Whether an object has __cuda_array_interface__."""
    return hasattr(obj, "__cuda_array_interface__")


def is_device_array(obj):
    """Whether an object is one of our device arrays."""
    return isinstance(obj, DeviceNDArray)


def from_cuda_array_interface(desc, owner=None, sync=True):
    """A DeviceNDArray over memory that another library describes; `owner` is kept alive.

    With `sync` it waits for the stream that the description names (unless CANTIL_CUDA_ARRAY_INTERFACE_SYNC=0); later
    work on the array goes to that stream by default. Raises NotImplementedError for masked arrays.
    """
    if desc.get("version", 0) >= 1 and desc.get("mask") is not None:
        raise NotImplementedError("Masked arrays are not supported")
    shape, dtype = tuple(desc["shape"]), np.dtype(desc["typestr"])
    if dtype.kind == "V" and desc.get("descr"):
        dtype = np.dtype([tuple(field) for field in desc["descr"]])
    strides = desc.get("strides")
    strides = _strides(shape, dtype.itemsize, "C") if strides is None else tuple(strides)
    pointer, readonly = desc["data"]
    device = _core.cuda_current()
    handle, stream = desc.get("stream"), None
    if handle is not None:
        if handle == 0:
            raise ValueError("the stream of __cuda_array_interface__ is 1 for the default stream, never 0")
        stream = device.wrap_stream(int(handle), None)
        if sync and config.CUDA_ARRAY_INTERFACE_SYNC:
            stream.synchronize()
    reach = sum(stride * (extent - 1) for stride, extent in zip(strides, shape) if stride > 0)
    size = reach + dtype.itemsize if math.prod(shape) else 0
    memory = device.borrow(pointer or 0, size, owner)
    return _make(dtype, shape, strides, device, memory, pointer or 0, stream, bool(readonly))


def as_cuda_array(obj, sync=True):
    """A DeviceNDArray over the memory of an object with __cuda_array_interface__.

    Raises TypeError for other objects. With `sync` it waits for the stream that the object names.
    """
    if isinstance(obj, DeviceNDArray):
        return obj
    if not is_cuda_array(obj):
        raise TypeError(f"an object with __cuda_array_interface__ is expected, not {obj!r}")
    return from_cuda_array_interface(obj.__cuda_array_interface__, owner=obj, sync=sync)
