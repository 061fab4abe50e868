"""What the CUDA driver and NVIDIA's libraries raise."""

from ...errors import CudaDriverError, CudaSupportError, LinkerError


class CudaRuntimeError(Exception):
    """Kept for compatibility: Cantil uses no CUDA runtime."""


class NvvmError(Exception):
    """Kept for compatibility: Cantil compiles with LLVM, not with libNVVM."""

    def __str__(self):
        return "\n".join(map(str, self.args))


class NvvmSupportError(ImportError):
    """Kept for compatibility."""


class NvvmWarning(Warning):
    """Kept for compatibility."""


class NvrtcError(LinkerError):
    """NVRTC, which compiles CUDA C++, failed."""


class NvrtcCompilationError(NvrtcError):
    """CUDA C++ source that does not compile; the text has the compiler's log."""


class NvrtcBuiltinOperationFailure(NvrtcError):
    """Kept for compatibility."""


class NvrtcSupportError(CudaSupportError):
    """NVRTC is not installed."""


class CCSupportError(RuntimeError):
    """A compute capability that a tool does not know."""


__all__ = [
    "CCSupportError",
    "CudaDriverError",
    "CudaRuntimeError",
    "CudaSupportError",
    "LinkerError",
    "NvrtcBuiltinOperationFailure",
    "NvrtcCompilationError",
    "NvrtcError",
    "NvrtcSupportError",
    "NvvmError",
    "NvvmSupportError",
    "NvvmWarning",
]
