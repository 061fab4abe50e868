"""What the sanitizer must find, with the places of both sides."""

import inspect

import numpy as np
import pytest
from cantil import cuda, float32, float64, int32

pytestmark = pytest.mark.targets("sim")

FILE = __file__


def line_of(kernel, mark):
    """The line of a kernel that carries a mark."""
    lines, first = inspect.getsourcelines(kernel.py_func)
    (found,) = [first + k for k, text in enumerate(lines) if f"# {mark}" in text]
    return found


def findings_of(kernel, configuration, *args):
    with pytest.raises(cuda.SanitizerError) as caught:
        kernel[configuration](*args)
    assert caught.value.findings
    for finding in caught.value.findings:
        assert finding.file == FILE
        assert str(finding) in str(caught.value)
    return caught.value.findings


@cuda.jit(sanitize=True)
def missing_barrier(a, out):
    tile = cuda.shared.array(64, float32)
    t = cuda.threadIdx.x
    tile[t] = a[t]  # write
    out[t] = tile[63 - t]  # read


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.int8])
def test_shared_race(dtype):
    findings = findings_of(missing_barrier, (1, 64), np.arange(64).astype(dtype), np.zeros(64))
    kinds = {f.kind for f in findings}
    # Which threads run first is the simulator's affair: some read what is not yet written, some what is.
    assert kinds <= {"race", "uninitialised"}
    assert "race" in kinds
    for f in findings:
        assert f.array == "tile"
        assert f.memory == "shared"
        assert f.shape == (64,)
        if f.kind == "race":
            assert {f.access.line, f.other.line} == {
                line_of(missing_barrier, "write"),
                line_of(missing_barrier, "read"),
            }
            assert {f.access.what, f.other.what} == {"read", "write"}
            assert f.access.thread != f.other.thread


@cuda.jit(sanitize=True)
def reduction_without_barrier(a, out):
    s = cuda.shared.array(128, float64)
    t = cuda.threadIdx.x
    s[t] = a[t]
    cuda.syncthreads()
    step = 64
    while step > 0:
        if t < step:
            s[t] += s[t + step]  # both
        step //= 2
    if t == 0:
        out[0] = s[0]


def test_reduction_without_barrier():
    findings = findings_of(reduction_without_barrier, (1, 128), np.ones(128), np.zeros(1))
    assert all(f.kind == "race" and f.array == "s" for f in findings)
    assert any(f.line == line_of(reduction_without_barrier, "both") for f in findings)


@cuda.jit(sanitize=True)
def lost_update(hist, a):
    i = cuda.grid(1)
    if i < a.size:
        hist[a[i]] += 1  # both


@pytest.mark.parametrize("configuration", [(1, 64), (4, 16), (64, 1)])
def test_global_race(configuration):
    findings = findings_of(lost_update, configuration, np.zeros(4, np.int32), np.full(64, 2, np.int32))
    for f in findings:
        assert (f.kind, f.array, f.memory, f.index) == ("race", "hist", "global", (2,))
        assert f.line == f.other.line == line_of(lost_update, "both")


@cuda.jit(sanitize=True)
def neighbours_of_other_blocks(a):
    i = cuda.grid(1)
    left = a[i - 1] if i > 0 else 0.0  # read
    cuda.syncthreads()
    a[i] = left  # write


def test_race_between_blocks():
    findings = findings_of(neighbours_of_other_blocks, (8, 32), np.arange(256.0))
    assert {f.kind for f in findings} == {"race"}
    for f in findings:
        assert f.block != f.other.block
        assert abs(f.block[0] - f.other.block[0]) == 1


@cuda.jit(sanitize=True)
def atomic_and_plain(total, a, out):
    t = cuda.threadIdx.x
    cuda.atomic.add(total, 0, a[t])  # atomic
    if t == 3:
        out[0] = total[0]  # read


def test_atomic_against_plain_read():
    findings = findings_of(atomic_and_plain, (1, 32), np.zeros(1), np.ones(32), np.zeros(1))
    (f,) = findings
    assert f.kind == "race"
    assert {f.access.what, f.other.what} == {"atomic", "read"}


@cuda.jit(sanitize=True)
def different_values(out):
    out[0] = cuda.threadIdx.x


def test_different_values_to_one_place():
    (f,) = findings_of(different_values, (1, 8), np.zeros(1, np.int32))
    assert (f.kind, f.access.what, f.other.what) == ("race", "write", "write")
    assert f.count == 7


@cuda.jit(sanitize=True)
def beyond(a, out):
    i = cuda.grid(1)
    out[i] = a[i + 1]  # read


def test_out_of_bounds_read():
    a, out = np.arange(8.0), np.zeros(8)
    (f,) = findings_of(beyond, (2, 4), a, out)
    assert (f.kind, f.array, f.index, f.shape) == ("out of bounds", "a", (8,), (8,))
    assert (f.block, f.thread, f.line) == ((1, 0, 0), (3, 0, 0), line_of(beyond, "read"))
    np.testing.assert_array_equal(out[:7], a[1:])


@cuda.jit(sanitize=True)
def below_and_above(a):
    x, y = cuda.grid(2)
    a[x - 20, y] = 1.0


def test_out_of_bounds_write_leaves_memory_alone():
    whole = np.zeros((12, 6))
    a = whole[4:8]
    (f,) = findings_of(below_and_above, ((1, 1), (4, 6)), a)
    assert f.kind == "out of bounds"
    assert f.index == (-16, 0)
    assert f.shape == (4, 6)
    assert not whole.any()


@cuda.jit(sanitize=True)
def atomic_beyond(a):
    cuda.atomic.add(a, cuda.threadIdx.x, 1)


@cuda.jit(sanitize=True)
def shared_beyond(out):
    s = cuda.shared.array((4, 4), int32)
    t = cuda.threadIdx.x
    s[t, 0] = t
    cuda.syncthreads()
    out[t] = s[t, 0]


@cuda.jit(sanitize=True)
def local_beyond(out):
    l = cuda.local.array(4, int32)
    for k in range(5):
        l[k] = k
    out[cuda.grid(1)] = l[0]


@cuda.jit(sanitize=True)
def dynamic_beyond(out):
    s = cuda.shared.array(0, float32)
    s[cuda.threadIdx.x] = 1.0
    cuda.syncthreads()
    out[0] = s[0]


def test_out_of_bounds_elsewhere():
    a = np.zeros(4, np.int32)
    (f,) = findings_of(atomic_beyond, (1, 5), a)
    assert (f.kind, f.access.what, f.index) == ("out of bounds", "atomic", (4,))
    assert (a == 1).all()
    findings = findings_of(shared_beyond, (1, 5), np.zeros(5, np.int32))
    assert {(f.kind, f.array, f.index) for f in findings} == {("out of bounds", "s", (4, 0))}
    (f,) = findings_of(local_beyond, (2, 2), np.zeros(4, np.int32))
    assert (f.array, f.memory, f.index, f.count) == ("l", "local", (4,), 4)
    findings = findings_of(dynamic_beyond, (1, 8, 0, 28), np.zeros(1, np.float32))
    assert findings[0].index == (7,)
    assert findings[0].shape == (7,)


@cuda.jit(sanitize=True)
def half_written(out):
    s = cuda.shared.array(64, float32)
    t = cuda.threadIdx.x
    if t % 2 == 0:
        s[t] = 1.0
    cuda.syncthreads()
    out[t] = s[t]  # read


@cuda.jit(sanitize=True)
def uncleared_histogram(a, out):
    h = cuda.shared.array(8, int32)
    t = cuda.threadIdx.x
    cuda.atomic.add(h, a[t], 1)  # atomic
    cuda.syncthreads()
    if t < 8:
        out[t] = h[t]


@cuda.jit(sanitize=True)
def unset_local(n, out):
    l = cuda.local.array(8, float64)
    for k in range(n):
        l[k] = k
    total = 0.0
    for k in range(8):
        total += l[k]  # read
    out[cuda.grid(1)] = total


def test_uninitialised():
    for blocks in (1, 3):  # what another block has written is none of this one's
        findings = findings_of(half_written, (blocks, 64), np.zeros(64, np.float32))
        findings = [f for f in findings if f.kind != "race"]  # all blocks write to `out`
        assert {(f.kind, f.array, f.line) for f in findings} == {
            ("uninitialised", "s", line_of(half_written, "read"))
        }
        assert findings[0].index[0] % 2 == 1
    findings = findings_of(uncleared_histogram, (1, 8), np.zeros(8, np.int32), np.zeros(8, np.int32))
    assert findings[0].kind == "uninitialised"
    assert findings[0].access.what == "atomic"
    (f,) = findings_of(unset_local, (2, 2), 5, np.zeros(4))
    assert (f.kind, f.array, f.memory, f.index) == ("uninitialised", "l", "local", (5,))
    assert f.line == line_of(unset_local, "read")
    unset_local[2, 2](8, np.zeros(4))


@cuda.jit(sanitize=True)
def barrier_for_some(a):
    t = cuda.threadIdx.x
    if t < 10:
        cuda.syncthreads()  # barrier
    a[t] = t


@cuda.jit(sanitize=True)
def two_barriers(a):
    t = cuda.threadIdx.x
    if a[t] > 4:
        cuda.syncthreads()  # one
    else:
        cuda.syncthreads()  # two
    a[t] = t


def test_divergent_barriers():
    (f,) = findings_of(barrier_for_some, (2, 32), np.zeros(64))[:1]
    assert f.kind == "divergent barrier"
    assert f.line == line_of(barrier_for_some, "barrier")
    assert f.access.what == "barrier"
    assert f.other.what == "end"
    assert f.other.thread == (10, 0, 0)
    (f,) = findings_of(two_barriers, (1, 16), np.arange(16.0))
    assert f.kind == "divergent barrier"
    assert {f.line, f.other.line} == {line_of(two_barriers, "one"), line_of(two_barriers, "two")}


@cuda.jit(device=True)
def put(values, i, x):
    values[i] = x  # write


@cuda.jit(sanitize=True)
def through_a_function(a, out):
    s = cuda.shared.array(32, float64)
    t = cuda.threadIdx.x
    put(s, t, a[t])
    put(out, t, s[31 - t])


def test_races_in_device_functions_name_their_lines():
    findings = findings_of(through_a_function, (1, 32), np.arange(32.0), np.zeros(32))
    races = [f for f in findings if f.kind == "race"]
    assert races
    assert line_of(put, "write") in {races[0].line, races[0].other.line}


def test_one_report_for_one_mistake():
    (f,) = findings_of(beyond, (64, 64), np.zeros(1), np.zeros(4096))
    assert f.count == 4096


def test_error_and_findings_survive_pickling():
    import pickle

    with pytest.raises(cuda.SanitizerError) as caught:
        beyond[2, 4](np.zeros(8), np.zeros(8))
    again = pickle.loads(pickle.dumps(caught.value))
    assert again.findings == caught.value.findings
    assert str(again) == str(caught.value)


def test_the_process_goes_on():
    with pytest.raises(cuda.SanitizerError):
        beyond[2, 4](np.zeros(8), np.zeros(8))
    cuda.synchronize()
    out = np.zeros(8)
    beyond[2, 4](np.arange(9.0), out)
    np.testing.assert_array_equal(out, np.arange(1.0, 9.0))


@cuda.jit(sanitize=True, debug=True)
def raises_too(a):
    i = cuda.grid(1)
    if i == 3:
        raise ValueError("here")
    a[0] = i


def test_exceptions_are_still_raised():
    with pytest.raises((cuda.SanitizerError, ValueError)):
        raises_too[1, 4](np.zeros(1))
    with pytest.raises(ValueError, match="here"):
        cuda.synchronize()
    cuda.synchronize()
