"""Settings, read from the environment once. CANTIL_* names come first, Numba's are honoured where they
mean the same."""

import os as _os
import sys as _sys
from types import ModuleType as _ModuleType


def _setting(name, default="", numba=None):
    for variable in (f"CANTIL_{name}", f"NUMBA_{numba or name}"):
        value = _os.environ.get(variable)
        if value not in (None, ""):
            return value
    return default


def _switch(name, numba=None):
    return _setting(name, "0", numba) not in ("0", "false", "False")


#: Run decorated functions as plain Python.
DISABLE_JIT = _switch("DISABLE_JIT")
#: Check indices in every function that does not say otherwise; None leaves it to the function.
BOUNDSCHECK = _switch("BOUNDSCHECK") if _setting("BOUNDSCHECK") else None
#: Run kernels of the simulator with the sanitizer, where they do not say otherwise.
SANITIZE = _switch("SANITIZE")
#: "auto", "gpu" or "sim": where kernels run. What asks for the simulator's abilities asks for the simulator.
CUDA = (
    "sim"
    if not _os.environ.get("CANTIL_CUDA") and (_switch("ENABLE_CUDASIM") or SANITIZE)
    else _setting("CUDA", "auto").lower()
)
#: Whether kernels run on the simulator because that was asked for.
ENABLE_CUDASIM = CUDA == "sim"
#: Whether the disk cache says what it does.
DEBUG_CACHE = _switch("DEBUG_CACHE")
#: Facts about the machine, by Numba's names.
IS_WIN32 = IS_OSX = IS_32BITS = False
MACHINE_BITS = 64
#: Numba's switches for warnings about launches: kept, so that programs can set them.
CUDA_LOW_OCCUPANCY_WARNINGS = _setting("CUDA_LOW_OCCUPANCY_WARNINGS", "1") not in ("0", "false", "False")
CUDA_WARN_ON_IMPLICIT_COPY = _setting("CUDA_WARN_ON_IMPLICIT_COPY", "1") not in ("0", "false", "False")
#: Memory allocated in kernels: Cantil's kernels allocate none.
CUDA_ENABLE_NRT = False
#: The module of a memory manager for CUDA, or "default".
CUDA_MEMORY_MANAGER = _setting("CUDA_MEMORY_MANAGER", "default")
#: Whether arrays of other libraries are waited for, where they name a stream.
CUDA_ARRAY_INTERFACE_SYNC = _setting("CUDA_ARRAY_INTERFACE_SYNC", "1") not in ("0", "false", "False")
#: The folder of the disk cache; empty for __pycache__ beside the source.
CACHE_DIR = _setting("CACHE_DIR")
#: Keep compiled code on disk in every function that does not say otherwise.
CACHE = _switch("CACHE")
#: The most threads that parallel code uses; 0 for all cores.
NUMBA_NUM_THREADS = int(_setting("NUM_THREADS", "0")) or len(_os.sched_getaffinity(0))
#: How parallel loops are split, by the names of Numba's threading layers: "tbb", "omp", "workqueue", or what is
#: asked of one: "default", "safe", "threadsafe", "forksafe". Counts until the first parallel loop runs.
THREADING_LAYER = _setting("THREADING_LAYER", "default").lower()
#: The order in which "default" and the like choose.
THREADING_LAYER_PRIORITY = _setting("THREADING_LAYER_PRIORITY", "tbb omp workqueue").split()

# Numba's switches that print a stage, as stages of CANTIL_DUMP, which is read at the first compilation.
_STAGES = {
    "DUMP_IR": "ir",
    "DUMP_LLVM": "llvm",
    "DUMP_OPTIMIZED": "llvm-opt",
    "DUMP_ASSEMBLY": "asm",
    "DUMP_ANNOTATION": "types",
}
if _asked := [
    stage for name, stage in _STAGES.items() if _os.environ.get(f"NUMBA_{name}", "0") not in ("", "0")
]:
    _os.environ["CANTIL_DUMP"] = ",".join([*filter(None, [_os.environ.get("CANTIL_DUMP")]), *_asked])

if CUDA not in ("auto", "gpu", "sim"):
    raise ValueError(f"CANTIL_CUDA is auto, gpu or sim, not {CUDA!r}")


class _Config(_ModuleType):
    """This module: an assignment to a setting that is read once takes effect all the same."""

    def __setattr__(self, name, value):
        super().__setattr__(name, value)
        if name in ("THREADING_LAYER", "THREADING_LAYER_PRIORITY"):
            from ._threads import choose_layer

            choose_layer()


_sys.modules[__name__].__class__ = _Config
