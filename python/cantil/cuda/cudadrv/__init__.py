"""The names under which Numba has the parts of its driver binding; what stands behind them is Cantil's."""

from . import devicearray, devices, driver, enums, error, libs, linkable_code, ndarray, nvrtc, nvvm, runtime

__all__ = [
    "devicearray",
    "devices",
    "driver",
    "enums",
    "error",
    "libs",
    "linkable_code",
    "ndarray",
    "nvrtc",
    "nvvm",
    "runtime",
]
