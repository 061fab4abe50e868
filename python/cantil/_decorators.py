"""jit and njit."""

import inspect
import sys

from . import _core, config
from ._dispatcher import make_dispatcher

_FASTMATH = {"nnan": 1, "ninf": 2, "nsz": 4, "arcp": 8, "contract": 16, "afn": 32, "reassoc": 64, "fast": 127}
_INLINE = {
    "never": 0,
    "always": 1,
}  # never: as far as types are concerned; LLVM still inlines small functions


def fastmath_bits(fastmath):
    """True, False, or a set of LLVM's flag names, as the bits of ir::FastMath."""
    if isinstance(fastmath, bool):
        return 127 if fastmath else 0
    if isinstance(fastmath, dict):
        fastmath = [name for name, on in fastmath.items() if on]
    elif isinstance(fastmath, str):
        fastmath = [fastmath]
    bits = 0
    for name in fastmath:
        if name not in _FASTMATH:
            raise ValueError(f"fastmath knows {', '.join(_FASTMATH)}; not {name!r}")
        bits |= _FASTMATH[name]
    return bits


def _refuse(option, why):
    from .errors import UnsupportedError

    raise UnsupportedError(f"the option {option} is not supported: {why}")


def _normalise(options):
    """The options of jit() as the integers that the extension module reads."""
    if not options.pop("nopython", True):
        _refuse(
            "nopython=False", "nothing falls back to Python unasked; forceobj=True runs a function as Python"
        )
    if options.pop("looplift", False):
        _refuse("looplift=True", "it belongs to forceobj=True; put the loop into a function of its own")
    if (pipeline := options.pop("pipeline_class", None)) is not None:
        from .core.compiler import check_pipeline

        check_pipeline(pipeline)
    for harmless in ("no_cpython_wrapper", "no_cfunc_wrapper", "_dbg_extend_lifetimes", "_dbg_optnone"):
        options.pop(harmless, None)  # about wrappers that Cantil does not make
    if not options.pop("_nrt", True):
        _refuse("_nrt=False", "compiled code may allocate")

    error_model = options.pop("error_model", "python")
    if error_model not in ("python", "numpy"):
        raise ValueError(f"error_model is 'python' or 'numpy', not {error_model!r}")
    inline = options.pop("inline", "never")
    if options.pop("forceinline", False):
        inline = "always"
    if inline not in _INLINE:
        _refuse(f"inline={inline!r}", "inline is 'never' or 'always'")
    boundscheck = options.pop("boundscheck", None)
    if boundscheck is None:
        boundscheck = config.BOUNDSCHECK
    elif config.BOUNDSCHECK is False:
        boundscheck = False
    parallel = options.pop("parallel", False)
    if parallel:
        from ._threads import choose_layer

        choose_layer()
    normal = {
        "fastmath": fastmath_bits(options.pop("fastmath", False)),
        "boundscheck": int(bool(boundscheck)),
        "numpy_errors": int(error_model == "numpy"),
        "parallel": int(bool(parallel)),
        "nogil": int(bool(options.pop("nogil", False))),
        "debug": int(bool(options.pop("debug", False))),
        "inline": _INLINE[inline],
        "cache": int(bool(options.pop("cache", config.CACHE))),
        "locals": _declared(options.pop("locals", None) or {}),
    }
    if options:
        raise TypeError(f"unknown option(s) of jit: {', '.join(sorted(options))}")
    return normal


def _declared(types):
    """The types that jit(locals=…) gives to variables, by name."""
    from ._types import as_type

    return {str(name): as_type(given) for name, given in types.items()}


def is_signature(value):
    """Whether jit's first argument is a signature (or a list of them) and not a function."""
    from ._types import Signature

    return isinstance(value, (str, tuple, list, Signature))


def check_function(function, decorator):
    """Raises TypeError unless `function` is a plain Python function."""
    if isinstance(function, _core.Dispatcher):
        raise TypeError(
            f"{decorator} was called on the function {function.__name__}, which is compiled already"
        )
    if not inspect.isfunction(function):
        raise TypeError(f"{decorator} takes a Python function (or signatures), not {function!r}")


def jit(signature_or_function=None, **options):
    """Compiles a Python function to native code, when it is first called with arguments of some types.

    Used as `@jit`, `@jit(option=…)`, `@jit("float64(float64)")`, `@jit([signature, …])` or
    `jit(function)`. With signatures it compiles at once, and only for those.

    Options: `cache` (keep compiled code on disk), `parallel` (prange runs on all cores), `fastmath` (True
    or a set of LLVM's
    flag names), `nogil` (release the GIL while running), `boundscheck` (IndexError for indices out of
    range), `error_model` ("python" raises ZeroDivisionError, "numpy" gives inf or nan), `inline`, `debug`
    (source lines in the machine code), `locals` (types of variables by name, where others than the inferred
    ones are wanted), `forceobj` (runs the function as Python: for code that shares a decorator with others).

    Returns a Dispatcher. Raises TypeError for unknown options or something that is no function,
    cantil.errors.UnsupportedError for options of Numba that Cantil does not have.
    """
    if signature_or_function is None or is_signature(signature_or_function):
        signatures = signature_or_function
        if isinstance(signatures, list) and not signatures:
            signatures = None
    else:
        check_function(signature_or_function, "jit")
        signatures = None
    given = dict(options)
    if given.get("forceobj"):
        from ._object_mode import ObjectMode

        if signature_or_function is None or is_signature(signature_or_function):
            return lambda function: ObjectMode(function, given)
        return ObjectMode(signature_or_function, given)
    normal = _normalise(dict(options))

    def decorate(function):
        check_function(function, "jit")
        if config.DISABLE_JIT:
            return function
        return make_dispatcher(function, normal, {"nopython": True, **given}, signatures)

    if signature_or_function is None or is_signature(signature_or_function):
        return decorate
    return decorate(signature_or_function)


def jit_module(**options):
    """Compiles every function that the calling module has defined so far, as jit(**options) does.

    Call it at the end of a module. Functions from elsewhere and compiled ones are left as they are.
    """
    module = sys._getframe(1).f_globals
    decorate = jit(**options)
    for name, value in list(module.items()):
        if inspect.isfunction(value) and value.__module__ == module["__name__"]:
            module[name] = decorate(value)


def njit(signature_or_function=None, **options):
    """The same as jit()."""
    return jit(signature_or_function, **options)
