"""cuda.jit, and the parts of Kernel that are not hot."""

import functools
import inspect
from collections import OrderedDict, namedtuple

from .. import _core, config
from .._decorators import check_function, fastmath_bits, is_signature
from .._dispatcher import as_signatures


def _launch_bounds(bounds):
    """(threads a block at most, blocks a multiprocessor at least)."""
    if bounds is None:
        return 0, 0
    if isinstance(bounds, int):
        return bounds, 0
    if len(bounds) > 2:
        raise ValueError("launch_bounds are (threads a block at most, blocks a multiprocessor at least)")
    return (*bounds, 0)[:2]


def normalise(options):
    """The options of cuda.jit as the integers that the extension module reads."""
    options.pop("lto", None)  # nvJitLink optimises where LTO-IR is linked
    if options.pop("locals", None):
        from ..errors import UnsupportedError

        raise UnsupportedError(
            "the option locals is not supported: convert values where another type is wanted, x = float32(0)"
        )
    inline = options.pop("inline", "never")
    if inline not in ("never", "always", False, True):
        raise ValueError(f"inline is 'never' or 'always', not {inline!r}")
    if options.pop("opt", True) not in (True, False, 0, 1, 2, 3):
        raise ValueError("opt is True or False")
    if options.pop("abi", None) not in (None, "numba", "c"):
        raise ValueError("abi is 'numba' or 'c'")
    for harmless in ("abi_info", "nopython"):
        options.pop(harmless, None)
    max_threads, min_blocks = _launch_bounds(options.pop("launch_bounds", None))
    boundscheck = options.pop("boundscheck", None)
    normal = {
        "fastmath": fastmath_bits(options.pop("fastmath", False)),
        "boundscheck": int(bool(config.BOUNDSCHECK if boundscheck is None else boundscheck)),
        "numpy_errors": 1,  # a GPU divides by zero without an exception, as numba-cuda's kernels do
        "debug": int(bool(options.pop("debug", False))),
        "lineinfo": int(bool(options.pop("lineinfo", False))),
        "inline": int(inline in ("always", True)),
        "cache": int(bool(options.pop("cache", config.CACHE))),
        "device": int(bool(options.pop("device", False))),
        "has_extensions": int(bool(options.pop("extensions", None))),
        "has_links": int(bool(options.pop("link", None))),
        "sanitize": int(
            bool(config.SANITIZE if (sanitize := options.pop("sanitize", None)) is None else sanitize)
        ),
        "max_registers": int(options.pop("max_registers", None) or 0),
        "max_threads": max_threads,
        "min_blocks": min_blocks,
    }
    if normal["debug"]:
        normal["numpy_errors"] = 0
    if options:
        raise TypeError(f"unknown option(s) of cuda.jit: {', '.join(sorted(options))}")
    return normal


def make_kernel(function, options, given, signatures=None):
    """The Kernel of a Python function; with signatures, compiled for them and closed for others."""
    kernel = _core.Kernel(function, options)
    functools.update_wrapper(kernel, function)
    kernel.targetoptions = given
    kernel.extensions = list(given.get("extensions") or ())
    if given.get("link"):
        from ._linkable import as_codes

        kernel._links = as_codes(given["link"])
    if signatures is not None:
        close_for(kernel, options, as_signatures(signatures))
    return kernel


def close_for(kernel, options, pairs):
    """Compiles for signatures, and for no others from then on."""
    kernel._explicit = pairs
    for pair in pairs:
        kernel._declare(pair)
    if not options["device"]:  # a device function is compiled with the kernels that call it
        for pair in pairs:
            kernel._compile(pair)
        kernel.disable_compile(True)


def jit(func_or_sig=None, **options):
    """Compiles a Python function to a CUDA kernel, or with `device=True` to a function that kernels call.

    Used as `@cuda.jit`, `@cuda.jit(option=…)`, `@cuda.jit("void(float64[:])")` or `cuda.jit(function)`. A
    kernel is launched as
    `kernel[blocks, threads](…)`, `kernel[blocks, threads, stream, shared memory](…)`; NumPy arrays are
    copied to the device and back, device arrays are used in place.

    Options: `device`, `fastmath`, `max_registers`, `launch_bounds` (threads a block at most, or with
    blocks a multiprocessor at
    least), `lineinfo`, `debug`, `cache` (keep compiled code on disk), `boundscheck`, `inline`,
    `link` (code from elsewhere: see declare_device), `extensions` (objects whose `prepare_args(type, value, stream=,
    retr=)` prepares each argument),
    `sanitize` (on the simulator: check every access to memory, see SanitizerError; the default is CANTIL_SANITIZE).

    Returns a Kernel. Raises TypeError for unknown options or something that is no function.
    """
    signatures = None
    if func_or_sig is not None and is_signature(func_or_sig):
        signatures = func_or_sig or None
        func_or_sig = None
    given = dict(options)
    normal = normalise(dict(options))

    def decorate(function):
        if isinstance(function, _core.Dispatcher):
            function = function.py_func
        if isinstance(function, _core.Kernel):
            raise TypeError(
                f"cuda.jit was called on the kernel {function.__name__}, which is compiled already"
            )
        check_function(function, "cuda.jit")
        if config.DISABLE_JIT:
            from ._plain import PlainKernel

            return function if normal["device"] else PlainKernel(function)
        return make_kernel(function, normal, given, signatures)

    return decorate if func_or_sig is None else decorate(func_or_sig)


def _method(function):
    setattr(_core.Kernel, function.__name__, function)
    return function


def _property(function):
    setattr(_core.Kernel, function.__name__, property(function))
    return function


@_property
def signatures(self):
    """The argument types of each specialisation."""
    return [args for args, *_ in self._compiled()]


class CompiledKernel(namedtuple("CompiledKernel", "signature from_cache type_annotation entry_point kernel")):
    """One compiled specialisation of a kernel, and what it needs of a device.

    `entry_point` is None: a kernel is launched, not called.
    """

    __slots__ = ()

    def _resources(self):
        return self.kernel._attributes((None, self.signature.args))

    @property
    def argument_types(self):
        """The types of the arguments."""
        return self.signature.args

    @property
    def regs_per_thread(self):
        """Registers of a thread."""
        return self._resources()[0]

    @property
    def shared_mem_per_block(self):
        """Bytes of static shared memory of a block."""
        return self._resources()[1]

    @property
    def const_mem_size(self):
        """Bytes of constant memory."""
        return self._resources()[2]

    @property
    def local_mem_per_thread(self):
        """Bytes of local memory of a thread."""
        return self._resources()[3]

    @property
    def max_threads_per_block(self):
        """The most threads that a block can have."""
        return self._resources()[4]

    def max_cooperative_grid_blocks(self, blockdim, dynsmemsize=0):
        """The most blocks of a cooperative launch with blocks of `blockdim` threads."""
        return self.kernel.max_cooperative_grid_blocks(self.signature.args, blockdim, dynsmemsize)

    def inspect_asm(self):
        """The PTX (on the simulator, the host's assembler text)."""
        return self.kernel.inspect_asm(self.signature.args)

    def inspect_llvm(self):
        """The optimised LLVM IR."""
        return self.kernel.inspect_llvm(self.signature.args)

    def inspect_sass(self):
        """The machine code as text."""
        return self.kernel.inspect_sass(self.signature.args)


@_property
def overloads(self):
    """What was compiled, by argument types."""
    from .._types import Signature

    return OrderedDict(
        (args, CompiledKernel(Signature(ret, args), cached, text, None, self))
        for args, ret, cached, text in self._compiled()
    )


@_property
def stats(self):
    """The disk cache's folder, hits and misses."""
    from collections import Counter

    from .._dispatcher import Stats

    if not self._options["cache"]:
        return Stats(None, Counter(), Counter())
    hits, misses = Counter(), Counter()
    for args, _, from_cache, _ in self._compiled():
        (hits if from_cache else misses)[args] += 1
    return Stats(self._cache_path() or None, hits, misses)


@_property
def __signature__(self):
    """The Python signature, for inspect.signature()."""
    return inspect.signature(self.py_func)


@_property
def cpu(self):
    """The kernel as a function of host arrays that needs no GPU: `kernel.cpu[blocks, threads](…)`.

    It runs at once, on this machine's cores, over the NumPy arrays themselves: the same code as on the simulator, also
    where a GPU is the current device. Arrays in a GPU's memory are refused with TypeError.
    """
    made = self.__dict__.get("_on_host")
    if made is None:
        made = make_kernel(self.py_func, {**self._options, "on_host": 1}, self.targetoptions)
        self.__dict__["_on_host"] = made
    return made


@_property
def device(self):
    """Whether it is a device function."""
    return bool(self._options["device"])


@_method
def compile(self, sig):
    """Compiles for a signature, unless that has been done."""
    (pair,) = as_signatures(sig)
    self._compile(pair)


@_method
def configure(self, griddim, blockdim, stream=0, sharedmem=0):
    """The same as kernel[griddim, blockdim, stream, sharedmem]."""
    return self[griddim, blockdim, stream, sharedmem]


@_method
def specialize(self, *args):
    """The kernel for the types of these arguments only: other types are refused."""
    kernel = make_kernel(self.py_func, self._options, self.targetoptions)
    kernel._compile((None, self._types(args)))
    kernel.disable_compile(True)
    kernel._specialized = True
    return kernel


class ForAll:
    """A launch over at least `ntasks` threads, its block chosen for the best occupancy."""

    def __init__(self, kernel, ntasks, tpb, stream, sharedmem):
        if ntasks < 0:
            raise ValueError(f"forall() needs at least 0 tasks, not {ntasks}")
        self._kernel, self._ntasks, self._tpb, self._stream, self._sharedmem = (
            kernel,
            ntasks,
            tpb,
            stream,
            sharedmem,
        )

    def __call__(self, *args):
        if self._ntasks == 0:
            return
        threads = self._tpb
        if not threads:
            _, threads = self._kernel._suggest((None, self._kernel._types(args)), self._sharedmem, 0)
        blocks = (self._ntasks + threads - 1) // threads
        self._kernel[blocks, threads, self._stream, self._sharedmem](*args)


@_method
def forall(self, ntasks, tpb=0, stream=0, sharedmem=0):
    """A launcher for a 1-D grid of at least `ntasks` threads, in blocks of `tpb` (0: of the best size)."""
    return ForAll(self, ntasks, tpb, stream, sharedmem)


@_method
def __repr__(self):
    what = "device function" if self._options["device"] else "kernel"
    return f"<CUDA {what} {self.__module__}.{self.__qualname__}>"


@_method
def __reduce__(self):
    from .._pickling import reduce_object

    explicit = self.__dict__.get("_explicit")
    return reduce_object(self, "kernel", (self._options, self.targetoptions, explicit))


_core.Kernel.__copy__ = lambda self: self
_core.Kernel.__deepcopy__ = lambda self, memo: self


from . import _inspection  # noqa: E402, F401  (it adds methods to the class)
