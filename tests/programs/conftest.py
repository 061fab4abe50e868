"""The fixture `target` and the helper `check` for whole programs.

`target` is `cpu`, `sim` or `gpu`. A process has one CUDA device: the GPU where a driver answers (or CANTIL_CUDA=gpu),
else the simulator; what is not run is named in the header. A test, class or module that makes sense on some targets
only says so: `@pytest.mark.targets("cpu")`.
"""

import ctypes
import functools
import os
import sys
from pathlib import Path

import pytest

# Tests are imported one by one (importlib mode); what they share has to be found and its asserts rewritten.
sys.path.insert(0, str(Path(__file__).parent))
pytest.register_assert_rewrite("oracle")


def driver_answers():
    """Whether a CUDA driver is installed and has a device."""
    try:
        driver = ctypes.CDLL("libcuda.so.1")
    except OSError:
        return False
    count = ctypes.c_int(0)
    return driver.cuInit(0) == 0 and driver.cuDeviceGetCount(ctypes.byref(count)) == 0 and count.value > 0


# Before cantil is imported, which reads it; "auto" is resolved here so that the header can tell.
if os.environ.get("CANTIL_CUDA", "auto") == "auto":
    os.environ["CANTIL_CUDA"] = "gpu" if driver_answers() else "sim"
CUDA_TARGET = os.environ["CANTIL_CUDA"]
TARGETS = ("cpu", CUDA_TARGET)


def pytest_configure(config):
    config.addinivalue_line(
        "markers", "targets(*names): the targets this test makes sense on, of cpu, sim, gpu"
    )


def pytest_report_header():
    missing = (
        "gpu (no CUDA driver with a device)" if CUDA_TARGET == "sim" else "sim (CANTIL_CUDA=sim runs it)"
    )
    return f"cantil targets: {', '.join(TARGETS)}; not run: {missing}"


def pytest_generate_tests(metafunc):
    if "target" in metafunc.fixturenames:
        marker = metafunc.definition.get_closest_marker("targets")
        wanted = marker.args if marker else ("cpu", "sim", "gpu")
        metafunc.parametrize("target", [name for name in TARGETS if name in wanted])


@pytest.fixture
def check(target):
    """`check(function, *args)`: compiled for `target` it does what plain Python does; see oracle.check."""
    import oracle

    return functools.partial(oracle.check, target)
