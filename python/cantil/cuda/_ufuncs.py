"""vectorize and guvectorize with target="cuda": kernels over arrays, on a GPU or the simulator."""

import functools
import math

import numpy as np

from .. import types
from .._pickling import reduce_object
from .._types import as_dtype, typeof
from .._ufuncs._methods import element_type
from ._arrays import _Geometry, as_cuda_array, device_array, is_cuda_array, to_device
from ._jit import jit


@functools.cache
def _helpers():
    @jit(device=True)
    def items(arrays, i):
        if len(arrays) == 0:
            return ()
        return (arrays[0][i],) + items(arrays[1:], i)  # noqa: RUF005 (compiled code concatenates)

    return items


def _elementwise_kernel(core):
    from . import grid

    items = _helpers()

    def apply(out, *operands):
        i = grid(1)
        if i < out.shape[0]:
            out[i] = core(*items(operands, i))

    return jit(apply)


def _subarray_kernel(core):
    from . import grid

    items = _helpers()

    def apply(*operands):
        i = grid(1)
        if i < operands[-1].shape[0]:
            core(*items(operands, i))

    return jit(apply)


def _refuse_options(options, what):
    options.pop("nopython", None)
    if options.pop("cache", False):
        raise TypeError("caching is not supported")
    if options:
        raise KeyError(
            f"Unrecognized options. cuda {what} target does not support option: '{sorted(options)[0]}'"
        )


def _strided(array, shape, strides):
    """A view of a device array."""
    return array._like(
        np.asarray(_Geometry(array._pointer or 1 << 12, tuple(shape), tuple(strides), array.dtype))
    )


def _broadcast(array, shape):
    """A view of a device array that repeats axes of length 1."""
    missing = len(shape) - array.ndim
    strides = [0] * missing + [
        0 if have == 1 and want != 1 else stride
        for have, want, stride in zip(array.shape, shape[missing:], array.strides)
    ]
    return _strided(array, shape, strides)


def _flat(array, shape, core_shape, stream):
    """An array broadcast to the loop's shape, with one axis for all of it: a view where there can be one."""
    count = math.prod(shape)
    core = len(core_shape)
    loop = array.shape[: array.ndim - core]
    core_strides = array.strides[array.ndim - core :]
    if math.prod(loop) == 1:
        return _strided(array, (count, *core_shape), (0, *core_strides))
    if loop != shape:
        array = _broadcast(array, (*shape, *core_shape))
    if len(shape) == 1:
        return array
    if not array.is_c_contiguous():
        array = array.copy(stream)
    return array.reshape(count, *core_shape)


def _as_inputs(args):
    """Device arrays as ours, everything else as NumPy's; and whether there was a device array."""
    found = [as_cuda_array(a) if is_cuda_array(a) else np.asarray(a) for a in args]
    return found, any(map(is_cuda_array, found))


class _DeviceUfunc:
    """What both kinds share."""

    max_blocksize = 1 << 30

    def __init__(self, function):
        functools.update_wrapper(self, function)
        self.py_func = function
        self._core = jit(device=True)(function)

    def _launch(self, kernel, count, stream, args):
        if not count:
            return
        threads = 0
        if self.max_blocksize < 1024:
            threads = self.max_blocksize
        kernel.forall(count, threads, stream)(*args)

    def __repr__(self):
        return f"<cantil.cuda.{type(self).__name__} {self.__name__!r}>"

    def __reduce__(self):
        return reduce_object(self, self._pickled_as, self._made_with)

    def __copy__(self):
        return self

    def __deepcopy__(self, memo):
        return self


class CudaUfunc(_DeviceUfunc):
    """A universal function on a device.

    Called with NumPy arrays and numbers it gives a NumPy array; with a device array among them, a device array. Arrays
    have to be of a signature's exact types, numbers are converted. `stream=` and `out=` are keywords. `functions` has
    (result dtype, kernel) by argument dtypes; `max_blocksize` limits the threads of a block.
    """

    _pickled_as = "cuda_ufunc"

    def __init__(self, function, pairs, identity):
        super().__init__(function)
        self._made_with = pairs, identity
        self.nin = self._core.py_func.__code__.co_argcount
        self.nout, self.nargs = 1, self.nin + 1
        self.identity = identity
        self._kernel = _elementwise_kernel(self._core)
        self.functions = {}
        self._lazy = not pairs
        for pair in pairs:
            self._add(*pair)

    def add(self, sig):
        """Adds a signature. Raises what compiling raises."""
        from .._dispatcher import as_signatures

        for pair in as_signatures(sig):
            self._add(*pair)

    def _add(self, ret, args):
        if len(args) != self.nin:
            raise TypeError(
                f"{self.__name__} takes {self.nin} argument(s), the signature {args} has {len(args)}"
            )
        result = ret
        if result is None or result is types.none:
            from ._compile import compile_ptx

            result = compile_ptx(self.py_func, args, device=True)[1]
        key = tuple(map(as_dtype, args))
        self.functions[key] = as_dtype(result), self._kernel

    @property
    def types(self):
        """The signatures, in NumPy's letters."""
        return [
            f"{''.join(d.char for d in key)}->{result.char}" for key, (result, _) in self.functions.items()
        ]

    ntypes = property(lambda self: len(self.functions), doc="The number of signatures.")

    def _find(self, args, scalars):
        """The signature for these arguments: the arrays' exact dtypes; numbers take what the arrays leave open."""
        dtypes = [np.asarray(a).dtype if s else a.dtype for a, s in zip(args, scalars)]
        if tuple(dtypes) in self.functions:
            return tuple(dtypes)
        fitting = [key for key in self.functions if all(s or k == d for k, d, s in zip(key, dtypes, scalars))]
        if len(fitting) > 1:
            raise TypeError(
                "Failed to resolve ufunc due to ambiguous signature. Too many untyped scalars. Use numpy dtype "
                "object to type tag."
            )
        if fitting:
            return fitting[0]
        if not self._lazy:
            raise TypeError(
                "No matching version.  GPU ufunc requires array arguments to have the exact types.  This behaves like "
                "regular ufunc with casting='no'."
            )
        self._add(
            None, tuple(typeof(a) if s else element_type(np.empty(0, a.dtype)) for a, s in zip(args, scalars))
        )
        return self._find(args, scalars)

    def __call__(self, *args, stream=0, out=None):
        if len(args) == self.nin + 1 and out is None:
            *args, out = args
        if len(args) != self.nin:
            raise TypeError(f"{self.__name__}() takes {self.nin} operand(s), {len(args)} were given")
        if isinstance(out, tuple):
            (out,) = out
        scalars = [isinstance(a, (int, float, complex, np.number, np.bool_)) for a in args]
        args = [
            a if s else as_cuda_array(a) if is_cuda_array(a) else np.asarray(a) for a, s in zip(args, scalars)
        ]
        key = self._find(args, scalars)
        result, kernel = self.functions[key]
        args = [np.asarray(a, dtype=d) if s else a for a, s, d in zip(args, scalars, key)]
        on_device = any(map(is_cuda_array, args))
        try:
            shape = np.broadcast_shapes(*(a.shape for a in args))
        except ValueError:
            raise ValueError(
                "operands could not be broadcast together with shapes " + " ".join(str(a.shape) for a in args)
            ) from None
        operands = [_flat(to_device(a, stream), shape, (), stream) for a in args]
        count = math.prod(shape)
        if out is not None:
            if tuple(out.shape) != shape:
                raise ValueError(f"the shape of out is {out.shape}, the result's is {shape}")
            if out.dtype != result:
                raise TypeError(f"the dtype of out is {out.dtype}, the result's is {result}")
        target = as_cuda_array(out) if out is not None and is_cuda_array(out) else None
        direct = target is not None and target.is_c_contiguous()
        flat = target.reshape(count) if direct else device_array(count, result, stream=stream)
        self._launch(kernel, count, stream, (flat, *operands))
        made = flat.reshape(*shape) if shape else flat
        if target is not None:
            if not direct:
                target.copy_to_device(made, stream)
            return out
        if out is not None:
            host = made.copy_to_host(stream=stream)
            if stream:
                stream.synchronize()
            out[...] = host
            return out
        if on_device:
            return made
        host = flat.copy_to_host(stream=stream)
        if stream:
            stream.synchronize()
        return host.reshape(shape) if shape else host[0]

    def reduce(self, arg, stream=0):
        """Folds a one-dimensional array with the function, in pairs, which have to be associative and commutative.

        Raises TypeError for an empty array and for functions that do not take two operands.
        """
        if self.nin != 2:
            raise TypeError(
                f"{self.__name__} is reduced with {self.nin} operand(s): it must be a binary ufunc"
            )
        if arg.ndim != 1:
            raise TypeError("must use 1d array")
        n = arg.shape[0]
        if n == 0:
            raise TypeError("Reduction on an empty array.")
        if n == 1:
            return arg[0]
        array = to_device(arg, stream)
        rest = array[:0]
        current = device_array(n, array.dtype, stream=stream)
        current.copy_to_device(array, stream)
        while n > 1:
            half, odd = n // 2, n % 2
            left, right = current[:half], current[half : 2 * half]
            if odd:
                rest = current[n - 1 : n]
                self(current[:1], rest, out=current[:1], stream=stream)
            self(left, right, out=left, stream=stream)
            n = half
        host = current[:1].copy_to_host(stream=stream)
        if stream:
            stream.synchronize()
        return host[0]


class CudaGufunc(_DeviceUfunc):
    """A generalised universal function on a device: one thread for each place of the outer loop.

    Called with NumPy arrays it gives NumPy arrays; with a device array among the arguments, device arrays. `stream=`
    and `out=` are keywords, results can also be given behind the operands. `max_blocksize` limits the threads
    of a block.
    """

    _pickled_as = "cuda_gufunc"

    def __init__(self, function, pairs, layout):
        super().__init__(function)
        self._made_with = pairs, layout
        self._layout = layout
        self.signature = layout.text
        self.nin, self.nout = len(layout.inputs), len(layout.outputs)
        self.nargs = self.nin + self.nout
        self._kernel = _subarray_kernel(self._core)
        self._results = {}  # dtypes of the operands -> of the results
        self._lazy = not pairs
        for _, args in pairs:
            dtypes = [as_dtype(getattr(t, "dtype", t)) for t in args]
            self._results[tuple(dtypes[: self.nin])] = dtypes[self.nin :]

    def _find(self, dtypes, outputs):
        if dtypes in self._results:
            return dtypes
        for known in self._results:
            if all(map(np.can_cast, dtypes, known)):
                return known
        if not self._lazy or any(o is None for o in outputs):
            raise TypeError("no matching signature")
        self._results[dtypes] = [o.dtype for o in outputs]
        return dtypes

    def __call__(self, *args, stream=0, out=None):
        nin, nout = self.nin, self.nout
        outputs = [None] * nout
        if out is not None:
            if len(args) > nin:
                raise ValueError("cannot specify argument 'out' as both positional and keyword")
            outputs = list(out) if isinstance(out, tuple) else [out]
        if len(args) == nin + nout:
            args, outputs = args[:nin], list(args[nin:])
        if len(args) != nin:

            def counted(n):
                return f"{n} positional argument{'s' * (n != 1)}"

            raise TypeError(
                f"This gufunc accepts {counted(nin)} (when providing input only) or {counted(nin + nout)} (when "
                f"providing input and output). Got {counted(len(args))}."
            )
        inputs, on_device = _as_inputs(args)
        on_device = on_device or any(o is not None and is_cuda_array(o) for o in outputs)
        loop, sizes = self._shapes(inputs)
        key = self._find(tuple(a.dtype for a in inputs), outputs)
        inputs = [a if a.dtype == d else self._cast(a, d) for a, d in zip(inputs, key)]
        operands = []
        for a, dims in zip(inputs, self._layout.inputs):
            core = tuple(sizes[d] for d in dims)
            operands.append(_flat(to_device(a, stream), loop, core, stream))
        count = math.prod(loop)
        results, made = [], []
        for given, dims, dtype in zip(outputs, self._layout.outputs, self._results[key]):
            core = tuple(sizes[d] if d in sizes else int(d) for d in dims)
            if given is not None and tuple(given.shape) != (*loop, *core):
                raise ValueError("output shape mismatch")
            target = as_cuda_array(given) if given is not None and is_cuda_array(given) else None
            if target is None or not target.is_c_contiguous() or target.dtype != dtype:
                target = device_array((*loop, *core), dtype, stream=stream)
            made.append(target)
            # A result without dimensions is an array of one element.
            results.append(target.reshape(count, *(core or (1,))))
        parameters = [*operands, *results]
        if not nout:  # the function changes its operands
            parameters = operands
        self._launch(self._kernel, count, stream, parameters)
        if not nout:
            for given, operand in zip(args, operands):
                if isinstance(given, np.ndarray) and given.flags.writeable:
                    given[...] = operand.copy_to_host(stream=stream).reshape(given.shape)
            return None
        final = []
        for given, target in zip(outputs, made):
            if given is not None and is_cuda_array(given):
                if as_cuda_array(given)._pointer != target._pointer:
                    as_cuda_array(given).copy_to_device(target, stream)
                final.append(given)
            elif given is not None:
                given[...] = target.copy_to_host(stream=stream)
                final.append(given)
            else:
                final.append(target if on_device else target.copy_to_host(stream=stream))
        if stream and not on_device:
            stream.synchronize()
        return final[0] if nout == 1 else tuple(final)

    def _cast(self, array, dtype):
        if not isinstance(array, np.ndarray):
            raise TypeError(
                f"compatible signature is possible by casting but {type(array)} does not support .astype()"
            )
        return array.astype(dtype)

    def _shapes(self, inputs):
        """The loop's shape, and the core dimensions' sizes by name."""
        loops, sizes = [], {}
        for number, (array, dims) in enumerate(zip(inputs, self._layout.inputs), 1):
            if array.ndim < len(dims):
                raise ValueError(f"arg #{number}: insufficient inner dimension")
            outer = array.ndim - len(dims)
            for axis, (name, size) in enumerate(zip(dims, array.shape[outer:])):
                wanted = int(name) if name.isdigit() else sizes.setdefault(name, size)
                if wanted != size:
                    raise ValueError(f"arg #{number}: shape[{outer + axis}] mismatch argument")
            loops.append(array.shape[:outer])
        try:
            return np.broadcast_shapes(*loops), sizes
        except ValueError:
            raise ValueError(f"outer dimension mismatch: {', '.join(map(str, loops))}") from None


def make_ufunc(function, pairs, identity, options):
    """The universal function on a device of a Python function."""
    _refuse_options(options, "vectorize")
    return CudaUfunc(function, pairs, identity)


def make_gufunc(function, pairs, layout, options):
    """The generalised universal function on a device of a Python function."""
    _refuse_options(options, "guvectorize")
    return CudaGufunc(function, pairs, layout)
