"""Cantil: Python functions as CUDA kernels and native code, in Numba's programming model.

    from cantil import njit, prange, cuda

Everything but the extension module is imported when it is first used.
"""

from ._core import __version__

# Public name -> the module that has it. Types (int64, float32, …) are looked up in cantil.types.
_NAMES = {
    "jit": "_decorators",
    "njit": "_decorators",
    "jit_module": "_decorators",
    "vectorize": "_ufuncs",
    "guvectorize": "_ufuncs",
    "stencil": "_stencils",
    "cfunc": "_cfunc",
    "prange": "_prange",
    "objmode": "_object_blocks",
    "literal_unroll": "_literals",
    "typeof": "_types",
    "from_dtype": "_types",
    "get_num_threads": "_threads",
    "set_num_threads": "_threads",
    "get_thread_id": "_threads",
    "threading_layer": "_threads",
    "literally": "_special",
    "gdb": "_special",
    "gdb_init": "_special",
    "gdb_breakpoint": "_special",
    "deferred_type": "types",
    "version_info": "_versions",
    **dict.fromkeys(
        (
            "ByteCodeSupportError CompilerError ConstantInferenceError DeprecationError ForbiddenConstruct "
            "ForceLiteralArg IRError InternalError LiteralTypingError LoweringError NonexistentTargetError "
            "NotDefinedError NumbaAssertionError NumbaAttributeError NumbaDebugInfoWarning "
            "NumbaDeprecationWarning NumbaError NumbaExperimentalFeatureWarning NumbaIRAssumptionWarning "
            "NumbaIndexError NumbaInvalidConfigWarning NumbaKeyError NumbaNotImplementedError "
            "NumbaParallelSafetyWarning NumbaPedanticWarning NumbaPendingDeprecationWarning "
            "NumbaPerformanceWarning NumbaRuntimeError NumbaSystemWarning NumbaTypeError NumbaTypeSafetyWarning "
            "NumbaValueError NumbaWarning RedefinedError RequireLiteralValue TypingError UnsupportedBytecodeError "
            "UnsupportedError UnsupportedParforsError UnsupportedRewriteError UntypedAttributeError "
            "VerificationError"
        ).split(),
        "errors",
    ),
    "get_parallel_chunksize": "_threads",
    "set_parallel_chunksize": "_threads",
    "parallel_chunksize": "_threads",
}
_MODULES = (
    "compat",
    "config",
    "core",
    "cuda",
    "errors",
    "experimental",
    "extending",
    "pycc",
    "typed",
    "types",
)
_TYPES = (
    "int8 int16 int32 int64 uint8 uint16 uint32 uint64 float16 float32 float64 complex64 complex128 "
    "boolean bool_ void none intp uintp intc uintc size_t ssize_t byte char uchar short ushort int_ uint "
    "long_ ulong longlong ulonglong float_ double b1 i1 i2 i4 i8 u1 u2 u4 u8 f2 f4 f8 c8 c16 optional"
).split()

__all__ = ["__version__", *_NAMES, *_MODULES, *_TYPES]


def __getattr__(name):
    import importlib

    if name in _NAMES:
        value = getattr(importlib.import_module("." + _NAMES[name], __name__), name)
    elif name in _MODULES:
        value = importlib.import_module("." + name, __name__)
    elif name in _TYPES:
        value = getattr(importlib.import_module(".types", __name__), name)
    else:
        raise AttributeError(f"module 'cantil' has no attribute '{name}'")
    globals()[name] = value
    return value


def __dir__():
    return sorted({*globals(), *__all__})
