"""CUDA C++ source, compiled by NVRTC."""

from .._compile import compile_cuda_source
from .error import CCSupportError, NvrtcCompilationError, NvrtcError, NvrtcSupportError


def compile(src, name, cc, ltoir=False):
    """(PTX or LTO-IR, log) of CUDA C++ source for a compute capability such as (9, 0).

    Raises NvrtcCompilationError for source that does not compile, NvrtcSupportError where NVRTC is missing.
    """
    return compile_cuda_source(src, name, cc, "ltoir" if ltoir else "ptx")


__all__ = [
    "CCSupportError",
    "NvrtcCompilationError",
    "NvrtcError",
    "NvrtcSupportError",
    "compile",
]
