"""What Numba has for libNVVM: Cantil compiles with LLVM, and takes NVIDIA's libdevice only."""

from .error import NvvmError, NvvmSupportError, NvvmWarning


def is_available():
    """Whether kernels can be compiled to PTX: always."""
    return True


def get_supported_ccs():
    """The compute capabilities that PTX is made for."""
    known = "50 52 53 60 61 62 70 72 75 80 86 87 88 89 90 100 101 103 110 120 121"
    return tuple((int(cc[:-1]), int(cc[-1])) for cc in known.split())


def get_arch_option(major, minor):
    """`compute_80` for (8, 0)."""
    return f"compute_{major}{minor}"


__all__ = [
    "NvvmError",
    "NvvmSupportError",
    "NvvmWarning",
    "get_arch_option",
    "get_supported_ccs",
    "is_available",
]
