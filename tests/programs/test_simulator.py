"""The simulator as a device: what a GPU would refuse, orders of threads, kernel.cpu, and what it says of itself."""

import subprocess
import sys
import textwrap

import numpy as np
import pytest
from cantil import cuda, float64, int32
from cantil.errors import NumbaError

pytestmark = pytest.mark.targets("sim")


@cuda.jit
def scale(a, factor):
    i = cuda.grid(1)
    if i < a.size:
        a[i] *= factor


@cuda.jit
def reverse_blocks(a, out):
    s = cuda.shared.array(32, float64)
    t = cuda.threadIdx.x
    s[t] = a[cuda.grid(1)]
    cuda.syncthreads()
    out[cuda.grid(1)] = s[31 - t]


def test_cpu_runs_on_host_arrays():
    a = np.arange(1000.0)
    scale.cpu[4, 256](a, 2.0)
    np.testing.assert_array_equal(a, 2 * np.arange(1000.0))
    out = np.zeros(64)
    reverse_blocks.cpu[2, 32](np.arange(64.0), out)
    np.testing.assert_array_equal(out, np.arange(64.0).reshape(2, 32)[:, ::-1].ravel())
    assert scale.cpu is scale.cpu
    scale.cpu[1, 1](np.zeros(1, np.float32)[:0], 1)
    view = np.zeros((10, 10))[::2, 3]
    view += 1
    scale.cpu[1, 32](view, 3)
    np.testing.assert_array_equal(view, np.full(5, 3.0))


def test_cpu_raises_at_once():
    @cuda.jit
    def checked(a):
        if a[cuda.grid(1)] < 0:
            raise ValueError("negative")

    with pytest.raises(ValueError, match="negative"):
        checked.cpu[1, 4](np.array([1.0, 1.0, -1.0, 1.0]))
    with pytest.raises(NumbaError, match="cannot determine the type"):
        checked.cpu[1, 4](object())
    with pytest.raises(Exception, match="1024"):
        checked.cpu[1, 2048](np.zeros(2048))


def run(program, **environment):
    import os

    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)],
        capture_output=True,
        text=True,
        env={**os.environ, **environment},
    )
    assert done.returncode == 0, done.stderr
    return done


ORDER = """
import numpy as np
from cantil import cuda

@cuda.jit
def order(count, blocks, warps):
    if cuda.threadIdx.x % 32 == 0:
        place = cuda.atomic.add(count, 0, 1)
        warps[place] = cuda.threadIdx.x // 32
        blocks[place] = cuda.blockIdx.x

blocks, warps = np.zeros(64, np.int32), np.zeros(64, np.int32)
order[8, 256](np.zeros(1, np.int32), blocks, warps)
assert sorted(zip(blocks, warps)) == [(b, w) for b in range(8) for w in range(8)]
# How the warps of each block came, whatever the blocks did meanwhile.
print([list(map(int, warps[blocks == b])) for b in range(8)], list(map(int, blocks)))
"""


def test_schedule_shuffles_blocks_and_warps():
    # One worker, so that the order of blocks is the schedule's alone.
    one = {"CANTIL_NUM_THREADS": "1", "CANTIL_CUDA": "sim"}
    plain = run(ORDER, **one).stdout
    assert plain == run(ORDER, **one).stdout
    assert plain.startswith(str([list(range(8))] * 8))
    seven = run(ORDER, CANTIL_SIM_SCHEDULE="7", **one).stdout
    assert seven == run(ORDER, CANTIL_SIM_SCHEDULE="7", **one).stdout
    assert seven != run(ORDER, CANTIL_SIM_SCHEDULE="8", **one).stdout
    warps, blocks = eval(seven.replace("] [", "], ["))
    assert list(range(8)) not in warps
    assert len({tuple(w) for w in warps}) > 1
    assert blocks != sorted(blocks)


def test_results_do_not_depend_on_the_schedule():
    program = """
    import numpy as np
    from cantil import cuda, float32

    @cuda.jit
    def matmul(a, b, c):
        x, y = cuda.grid(2)
        tx, ty = cuda.threadIdx.x, cuda.threadIdx.y
        s = cuda.shared.array((8, 8), float32)
        t = cuda.shared.array((8, 8), float32)
        total = float32(0)
        for k in range(0, a.shape[1], 8):
            s[tx, ty] = a[x, k + ty]
            t[tx, ty] = b[k + tx, y]
            cuda.syncthreads()
            for n in range(8):
                total += s[tx, n] * t[n, ty]
            cuda.syncthreads()
        c[x, y] = total

    a = np.arange(24 * 16, dtype=np.float32).reshape(24, 16)
    b = np.arange(16 * 32, dtype=np.float32).reshape(16, 32)
    c = np.zeros((24, 32), np.float32)
    matmul[(3, 4), (8, 8)](a, b, c)
    np.testing.assert_allclose(c, a @ b)
    """
    run(program, CANTIL_CUDA="sim", CANTIL_SIM_SCHEDULE="3")


def test_the_warning_names_the_users_line(tmp_path):
    script = tmp_path / "script.py"
    script.write_text(
        "import numpy as np\nfrom cantil import cuda\n\ndef work():\n    cuda.to_device(np.zeros(3))\n\nwork()\n"
    )
    import os

    environment = {**os.environ, "CANTIL_CUDA": "auto"}
    done = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stderr
    assert f"{script}:5: CudaSimulatorWarning" in done.stderr


def test_timing_says_how_barriers_are_met():
    program = """
    import numpy as np
    from cantil import cuda

    @cuda.jit
    def split(a):
        a[cuda.grid(1)] = 1
        cuda.syncthreads()
        a[cuda.grid(1)] += 1

    @cuda.jit
    def fibers(a):
        if a[cuda.grid(1)] > 0:
            cuda.syncthreads()
        a[cuda.grid(1)] = 1

    split[1, 4](np.zeros(4))
    fibers[1, 4](np.zeros(4))
    """
    said = run(program, CANTIL_CUDA="sim", CANTIL_TIMING="1").stderr
    assert "2 thread loop(s)" in said
    assert "fibers, a barrier stands under a condition that may differ between threads (line 13)" in said


def test_capability_and_its_limits():
    program = """
    import numpy as np
    import pytest
    from cantil import cuda, float32
    from cantil.errors import NumbaError

    assert cuda.get_current_device().compute_capability == (7, 5)

    @cuda.jit
    def k(a):
        s = cuda.shared.array(0, float32)
        s[0] = 1
        a[0] = s[0]

    k[1, 1, 0, 64 * 1024](np.zeros(1))
    with pytest.raises(NumbaError, match="65540 bytes of dynamic shared memory"):
        k[1, 1, 0, 64 * 1024 + 4](np.zeros(1))
    """
    run(program, CANTIL_CUDA="sim", CANTIL_SIM_COMPUTE_CAPABILITY="7.5")


def test_device_memory_is_the_devices():
    device = cuda.to_device(np.arange(4.0))
    with pytest.raises(TypeError):
        memoryview(device)
    assert not hasattr(device, "__array_interface__")
    copy = device.copy_to_host()
    copy[0] = 9
    assert device.copy_to_host()[0] == 0
    source = np.arange(4.0)
    device = cuda.to_device(source)
    source[0] = 5
    assert device.copy_to_host()[0] == 0


def test_memory_is_refused_as_by_the_driver():
    with pytest.raises(Exception, match="cuMemAlloc"):
        cuda.device_array(1 << 50, np.uint8)


def test_a_value_kept_for_one_piece_serves_all():
    """The condition of the second barrier's side is loaded wherever it is needed."""

    @cuda.jit
    def last_adds(partial, out):
        last = cuda.shared.array(1, int32)
        t = cuda.threadIdx.x
        if t == 0:
            last[0] = partial.size > 3
        cuda.syncthreads()
        if last[0] and t == 0:
            total = 0.0
            for k in range(cuda.gridDim.x):
                total += partial[k]
            out[0] = total

    for mode in ({}, {"sanitize": True}):
        out = np.zeros(1)
        cuda.jit(**mode)(last_adds.py_func)[1, 64](np.arange(1.0, 8.0), out)
        assert out[0] == 1.0
