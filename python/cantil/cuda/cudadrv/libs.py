"""Where CUDA's parts were found."""

from ... import _core
from .._compile import _package_folders


def get_cudalib(lib, static=False):
    """The file of a library of CUDA's ("nvrtc", "nvJitLink"), or None."""
    found = _core.cuda_library(lib, _package_folders())
    return found


def test():
    """Prints what was found; whether all of it was."""
    complete = True
    for name in ("nvrtc", "nvJitLink"):
        found = get_cudalib(name)
        complete = complete and found is not None
        print(f"{name}: {found or 'not found'}")
    for name in ("ptxas", "nvdisasm"):
        found = _core.cuda_tool(name, _package_folders())
        complete = complete and found is not None
        print(f"{name}: {found or 'not found'}")
    return complete


__all__ = ["get_cudalib", "test"]
