"""The version of CUDA: Cantil calls the driver only, so that it is the driver's."""

from ... import _core
from .error import CudaRuntimeError


class Runtime:
    """What Numba has for the CUDA runtime."""

    def get_version(self):
        """(major, minor) of the CUDA that the driver speaks; (0, 0) on the simulator."""
        return get_version()

    def is_supported_version(self):
        """Whether Cantil works with it."""
        return _core.cuda_driver_available()

    @property
    def supported_versions(self):
        """The versions of CUDA from which Cantil takes parts."""
        return ((11, 0), (12, 0), (13, 0))


def get_version():
    """(major, minor) of the CUDA that the driver speaks; (0, 0) on the simulator."""
    version = _core.cuda_driver_version()
    return version // 1000, version % 1000 // 10


runtime = Runtime()

__all__ = ["CudaRuntimeError", "Runtime", "get_version", "runtime"]
