"""cuda.reduce: a function of two values as a reduction of device and host arrays."""

import numpy as np

from .. import _core
from .._types import from_dtype
from ._arrays import device_array, to_device
from ._devices import _same_stream

_THREADS = 256
_MOST_BLOCKS = 1024


def _make_kernel(operator, element):
    from .. import cuda

    @cuda.jit
    def reduce_blocks(values, partials, first, use_first):
        held = cuda.shared.array(_THREADS, element)
        thread = cuda.threadIdx.x
        begin = cuda.blockIdx.x * _THREADS
        n = values.size
        if begin + thread < n:
            total = values[begin + thread]
            step = cuda.gridDim.x * _THREADS
            for i in range(begin + thread + step, n, step):
                total = element(operator(total, values[i]))
            held[thread] = total
        cuda.syncthreads()
        count = min(_THREADS, n - begin)
        width = _THREADS // 2
        while width > 0:
            if thread < width and thread + width < count:
                held[thread] = operator(held[thread], held[thread + width])
            cuda.syncthreads()
            width //= 2
        if thread == 0:
            if use_first and cuda.blockIdx.x == 0:
                partials[0] = operator(first, held[0])
            else:
                partials[cuda.blockIdx.x] = held[0]

    return reduce_blocks


class Reduce:
    """`Reduce(function)`: reduces 1-D arrays with an associative and commutative function of two values.

    Also the decorator `@cuda.reduce`. Kernels are compiled once for each dtype.
    """

    def __init__(self, functor):
        if not callable(functor):
            raise TypeError(f"cuda.reduce takes a function of two values, not {functor!r}")
        self._functor = functor
        self._kernels = {}
        self.__doc__ = getattr(functor, "__doc__", None)

    def _kernel(self, dtype):
        kernel = self._kernels.get(dtype)
        if kernel is None:
            from ._jit import jit

            is_compiled = isinstance(self._functor, _core.Kernel)
            function = getattr(self._functor, "py_func", self._functor)
            operator = self._functor if is_compiled else jit(device=True)(function)
            kernel = self._kernels[dtype] = _make_kernel(operator, from_dtype(dtype))
        return kernel

    def __call__(self, arr, size=None, res=None, init=None, stream=0):
        """The reduction of a 1-D host or device array, or of its first `size` elements.

        `init`, where it is given, is combined with the elements; an empty array reduces to it, or to 0. With `res`, a
        device array, the result is written to its first element and nothing is returned or waited for.
        Raises TypeError for arrays of more than one dimension.
        """
        if arr.ndim != 1:
            raise TypeError(f"a reduction takes a 1-D array, not one of {arr.ndim} dimensions")
        arr = arr[:size]
        dtype = np.dtype(arr.dtype)
        first = dtype.type(0 if init is None else init)
        if arr.size == 0:
            if res is None:
                return first
            res[:1].copy_to_device(np.full(1, first), stream)
            return None
        values = to_device(arr, stream)
        kernel = self._kernel(dtype)
        out = device_array(1, dtype, stream=stream) if res is None else res[:1]
        most = 4 * _core.cuda_current().properties["multiprocessors"]
        blocks = min(-(-arr.size // _THREADS), max(most, 1), _MOST_BLOCKS)
        if blocks == 1:
            kernel[1, _THREADS, stream](values, out, first, init is not None)
        else:
            partials = device_array(blocks, dtype, stream=stream)
            kernel[blocks, _THREADS, stream](values, partials, first, init is not None)
            kernel[1, _THREADS, stream](partials, out, first, False)
        if res is not None:
            return None
        host = out.copy_to_host(stream=stream)
        if _same_stream(stream) is not None:
            stream.synchronize()
        return host[0]


reduce = Reduce
