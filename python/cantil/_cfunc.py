"""cfunc: compiled functions at an address that C code can call."""

import functools

from . import _core
from ._decorators import _normalise, check_function
from ._dispatcher import as_signatures
from ._pickling import reduce_object


class CFunc:
    """A compiled function with C's calling convention. Compiled code calls it, and takes it as an argument, like any
    other compiled function; called from Python it does the same.

    An exception in it cannot reach its C caller: it is reported by sys.unraisablehook, and the caller gets zero.
    """

    __cantil_compiled__ = "_dispatcher"

    def __init__(self, function, pair, options, given):
        expected, given_count = _count_parameters(function), len(pair[1])
        if expected != given_count:
            _core.raise_diagnostic("WrongArgumentCount", function.__qualname__, expected, given_count)
        functools.update_wrapper(self, function)
        self.py_func = function
        self.targetoptions = given
        self._options = options
        self._pair = pair
        self._address, self._native_name, ret, self._from_cache = _core.compile_c(function, options, pair)
        self._dispatcher = _core.Dispatcher(function, options)
        self._dispatcher._declare((ret, pair[1]))
        self._ret = ret

    @property
    def address(self):
        """The function's address, an int."""
        return self._address

    @property
    def native_name(self):
        """The symbol of the function in its object file."""
        return self._native_name

    @property
    def signature(self):
        """Its signature."""
        from ._types import Signature

        return Signature(self._ret, self._pair[1])

    @property
    def cache_hits(self):
        """How often it was taken from the disk cache: 0 or 1."""
        return int(self._from_cache)

    @functools.cached_property
    def ctypes(self):
        """The function as a ctypes function object. Raises TypeError for types that ctypes does not have."""
        import ctypes

        result = None if self._ret._kind == "none" else _ctypes_type(self._ret)
        made = ctypes.CFUNCTYPE(result, *map(_ctypes_type, self._pair[1]))(self._address)
        made._keep_alive = self
        return made

    def inspect_llvm(self):
        """The LLVM IR of the function and its entry point."""
        return _core.inspect_c(self.py_func, self._options, self._pair, "llvm")

    def inspect_asm(self):
        """The machine code as assembler text."""
        return _core.inspect_c(self.py_func, self._options, self._pair, "asm")

    def __call__(self, *args, **kwargs):
        return self._dispatcher(*args, **kwargs)

    def __repr__(self):
        return f"<C callback {self.__qualname__!r} of {self.signature}>"

    def __reduce__(self):
        return reduce_object(self, "cfunc", (self._pair, self._options, self.targetoptions))

    def __copy__(self):
        return self

    def __deepcopy__(self, memo):
        return self


def _count_parameters(function):
    code = function.__code__
    if code.co_flags & 0x0C or code.co_kwonlyargcount:
        raise TypeError(f"{function.__name__}: a C function takes each argument by position, no * or **")
    return code.co_argcount


def _ctypes_type(type):
    """The ctypes type that passes like a type of ours."""
    import ctypes

    if type._kind == "pointer":
        elems = type._elems
        known = elems and elems[0]._kind in ("int", "float", "bool") and elems[0]._bits != 16
        return ctypes.POINTER(_ctypes_type(elems[0])) if known else ctypes.c_void_p
    if type._kind == "bool":
        return ctypes.c_bool
    if type._kind == "int":
        return getattr(ctypes, f"c_{'' if type.signed else 'u'}int{type.bitwidth}")
    if type._kind == "float" and type.bitwidth in (32, 64):
        return {32: ctypes.c_float, 64: ctypes.c_double}[type.bitwidth]
    raise TypeError(f"ctypes has no type like {type}; use the address")


def cfunc(sig, locals=None, cache=None, pipeline_class=None, **options):
    """Compiles a function for a signature and gives it C's calling convention.

    Args:
        sig: the signature: a Signature, or its text ("float64(float64, int32)"). Numbers and pointers can pass.
        locals: the types of variables, by name, where others than the inferred ones are wanted.
        cache: keeps the code on disk.
        options: as those of jit.

    Raises TypeError for unknown options or something that is no function, cantil.errors.TypingError for types that C
    does not have, and what compiling raises.
    """
    (pair,) = as_signatures(sig)
    options = {"locals": locals, "pipeline_class": pipeline_class, **options}
    if cache is not None:
        options["cache"] = cache
    normal = _normalise(dict(options))

    def decorate(function):
        check_function(function, "cfunc")
        return CFunc(function, pair, normal, options)

    return decorate
