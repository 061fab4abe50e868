"""What `python -m cantil -s` prints."""

import os
import platform
import sys

from . import __version__, _core


def lines():
    """One line a fact about this installation and machine."""
    import numpy

    yield f"Cantil {__version__}, Python {platform.python_version()} ({sys.executable}), NumPy {numpy.__version__}"
    yield f"Machine: {platform.machine()}, {platform.platform()}, {len(os.sched_getaffinity(0))} cores usable"
    yield f"Threads of parallel code: {_core.get_num_threads()}"
    for name, value in sorted(os.environ.items()):
        if name.startswith(("CANTIL_", "NUMBA_")):
            yield f"{name}={value}"
    if not _core.cuda_driver_available():
        yield f"CUDA: no driver ({_core.cuda_why_unavailable()}); kernels run on the simulator"
        return
    from . import cuda

    version = _core.cuda_driver_version()
    yield f"CUDA: driver for {version // 1000}.{version % 1000 // 10}"
    for device in cuda.gpus:
        major, minor = device.compute_capability
        yield f"  device {device.id}: {device.name}, compute capability {major}.{minor}"
