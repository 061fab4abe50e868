"""CUDA kernels on the simulator or a GPU: indexing, grids, shared memory, barriers, atomics, calls, transfers."""

import math

import numpy as np
import pytest
from cantil import cuda, float32, float64, int32, int64

pytestmark = pytest.mark.targets("sim", "gpu")


@pytest.fixture(autouse=True)
def on_each_device(target):
    """Names the device in every test's id."""


@cuda.jit
def add(x, y, out):
    i = cuda.grid(1)
    if i < out.size:
        out[i] = x[i] + y[i]


@pytest.mark.parametrize(
    "dtype",
    [np.int8, np.int32, np.int64, np.uint16, np.uint64, np.float32, np.float64, np.complex64, np.complex128],
)
@pytest.mark.parametrize("n, blocks, threads", [(1, 1, 1), (32, 1, 32), (100, 2, 64), (100, 4, 32)])
def test_vector_add(dtype, n, blocks, threads):
    x = np.arange(n).astype(dtype)
    y = (np.arange(n) * 3 + 1).astype(dtype)
    out = np.zeros(n, dtype=dtype)
    add[blocks, threads](x, y, out)
    assert np.array_equal(out, x + y)


def test_host_arrays_come_back_without_being_asked_for():
    x = np.ones(10)
    out = np.zeros(10)
    add[1, 32](x, x, out)
    assert out.tolist() == [2.0] * 10


def test_device_arrays():
    x = cuda.to_device(np.arange(10.0))
    out = cuda.device_array(10, dtype=np.float64)
    add[1, 32](x, x, out)
    assert np.array_equal(out.copy_to_host(), np.arange(10.0) * 2)
    target_array = np.zeros(10)
    assert out.copy_to_host(target_array) is target_array
    assert np.array_equal(target_array, np.arange(10.0) * 2)
    assert out.shape == (10,) and out.dtype == np.float64 and out.size == 10 and out.ndim == 1


def test_a_device_copy_is_a_copy():
    host = np.arange(10.0)
    device = cuda.to_device(host)
    host[:] = -1
    assert np.array_equal(device.copy_to_host(), np.arange(10.0))
    add[1, 32](device, device, device)
    assert np.array_equal(host, np.full(10, -1.0))


def test_device_array_like():
    host = np.zeros((3, 4), dtype=np.int16, order="F")
    device = cuda.device_array_like(host)
    assert device.shape == (3, 4) and device.dtype == np.int16 and device.strides == host.strides


@pytest.mark.parametrize("order", ["C", "F"])
def test_round_trip_keeps_the_order(order):
    host = np.asarray(np.arange(12).reshape(3, 4), order=order)
    back = cuda.to_device(host).copy_to_host()
    assert np.array_equal(back, host) and back.flags.f_contiguous == host.flags.f_contiguous


def test_scalar_arguments():
    @cuda.jit
    def store(out, a, b, c, d):
        out[0] = a
        out[1] = b
        out[2] = c
        if d:
            out[3] = 1

    out = np.zeros(4)
    store[1, 1](out, 7, 2.5, np.float32(0.5), True)
    assert out.tolist() == [7, 2.5, 0.5, 1]


def test_empty_arrays():
    out = np.zeros(0)
    add[1, 32](out, out, out)
    assert out.size == 0


@pytest.mark.parametrize("blocks, threads", [(1, 1), (1, 32), (3, 64), (2, 100)])
def test_grid_stride(blocks, threads):
    @cuda.jit
    def scale(a, factor):
        for i in range(cuda.grid(1), a.size, cuda.gridsize(1)):
            a[i] *= factor

    a = np.arange(1000.0)
    scale[blocks, threads](a, 3)
    assert np.array_equal(a, np.arange(1000.0) * 3)


def test_grid_stride_by_hand():
    @cuda.jit
    def scale(a):
        i = cuda.threadIdx.x + cuda.blockIdx.x * cuda.blockDim.x
        step = cuda.blockDim.x * cuda.gridDim.x
        while i < a.size:
            a[i] += i
            i += step

    a = np.zeros(333, dtype=np.int64)
    scale[3, 32](a)
    assert np.array_equal(a, np.arange(333))


def test_all_indices():
    @cuda.jit
    def record(out):
        x, y, z = cuda.grid(3)
        sx, sy, sz = cuda.gridsize(3)
        out[x, y, z, 0] = cuda.threadIdx.x
        out[x, y, z, 1] = cuda.threadIdx.y
        out[x, y, z, 2] = cuda.threadIdx.z
        out[x, y, z, 3] = cuda.blockIdx.x
        out[x, y, z, 4] = cuda.blockIdx.y
        out[x, y, z, 5] = cuda.blockIdx.z
        out[x, y, z, 6] = cuda.blockDim.x * 100 + cuda.blockDim.y * 10 + cuda.blockDim.z
        out[x, y, z, 7] = cuda.gridDim.x * 100 + cuda.gridDim.y * 10 + cuda.gridDim.z
        out[x, y, z, 8] = sx * 10000 + sy * 100 + sz

    grid, block = (2, 3, 2), (4, 2, 3)
    shape = tuple(g * b for g, b in zip(grid, block))
    out = np.full((*shape, 9), -1, dtype=np.int64)
    record[grid, block](out)
    x, y, z = np.indices(shape)
    expected = [x % 4, y % 2, z % 3, x // 4, y // 2, z // 3, 0 * x + 423, 0 * x + 232, 0 * x + 80606]
    assert np.array_equal(out, np.stack(expected, axis=-1))


def test_grid_2d():
    @cuda.jit
    def outer(a, b, out):
        i, j = cuda.grid(2)
        if i < out.shape[0] and j < out.shape[1]:
            out[i, j] = a[i] * b[j]

    a, b = np.arange(10.0), np.arange(7.0) + 1
    out = np.zeros((10, 7))
    outer[(3, 2), (4, 4)](a, b, out)
    assert np.array_equal(out, np.outer(a, b))


@pytest.mark.parametrize("order", ["C", "F"])
def test_orders(order):
    @cuda.jit
    def transpose(a, out):
        i, j = cuda.grid(2)
        if i < a.shape[0] and j < a.shape[1]:
            out[j, i] = a[i, j]

    a = np.asarray(np.arange(30.0).reshape(5, 6), order=order)
    out = np.zeros((6, 5), order=order)
    transpose[(2, 2), (4, 4)](a, out)
    assert np.array_equal(out, a.T)


def test_negative_indices_and_zero_d():
    @cuda.jit
    def ends(a, b):
        a[-1] = a[0] + 1
        b[()] = a[-2]

    a, b = np.arange(5.0) + 10, np.zeros(())
    ends[1, 1](a, b)
    assert a[-1] == 11 and b[()] == 13


TILE = 8


@cuda.jit
def matmul(a, b, c):
    tile_a = cuda.shared.array((TILE, TILE), float32)
    tile_b = cuda.shared.array((TILE, TILE), float32)
    tx = cuda.threadIdx.x
    ty = cuda.threadIdx.y
    row, col = cuda.blockIdx.y * TILE + ty, cuda.blockIdx.x * TILE + tx
    total = float32(0.0)
    for tile in range((a.shape[1] + TILE - 1) // TILE):
        tile_a[ty, tx] = 0
        tile_b[ty, tx] = 0
        if row < a.shape[0] and tile * TILE + tx < a.shape[1]:
            tile_a[ty, tx] = a[row, tile * TILE + tx]
        if tile * TILE + ty < b.shape[0] and col < b.shape[1]:
            tile_b[ty, tx] = b[tile * TILE + ty, col]
        cuda.syncthreads()
        for k in range(TILE):
            total += tile_a[ty, k] * tile_b[k, tx]
        cuda.syncthreads()
    if row < c.shape[0] and col < c.shape[1]:
        c[row, col] = total


@pytest.mark.parametrize("m, k, n", [(8, 8, 8), (16, 24, 8), (5, 9, 13), (1, 1, 1), (17, 3, 9)])
def test_tiled_matmul(m, k, n):
    rng = np.random.default_rng(18)
    a = rng.integers(-8, 8, (m, k)).astype(np.float32)  # small integers: every order of the sums is exact
    b = rng.integers(-8, 8, (k, n)).astype(np.float32)
    c = np.full((m, n), np.nan, dtype=np.float32)
    matmul[((n + TILE - 1) // TILE, (m + TILE - 1) // TILE), (TILE, TILE)](a, b, c)
    assert np.array_equal(c, a @ b)


THREADS = 64


@cuda.jit
def block_sums(a, out):
    partial = cuda.shared.array(THREADS, float64)
    t = cuda.threadIdx.x
    i = cuda.grid(1)
    partial[t] = a[i] if i < a.size else 0.0
    cuda.syncthreads()
    step = THREADS // 2
    while step > 0:
        if t < step:
            partial[t] += partial[t + step]
        cuda.syncthreads()
        step //= 2
    if t == 0:
        out[cuda.blockIdx.x] = partial[0]


@pytest.mark.parametrize("n", [1, 64, 200])
def test_reduction_in_shared_memory(n):
    a = np.arange(n, dtype=np.float64)
    blocks = (n + THREADS - 1) // THREADS
    out = np.zeros(blocks)
    block_sums[blocks, THREADS](a, out)
    assert np.array_equal(out, np.add.reduceat(a, np.arange(0, n, THREADS)))


def test_scan_with_barriers_in_a_loop():
    @cuda.jit
    def scan(a):
        buffer = cuda.shared.array((2, THREADS), int64)
        t = cuda.threadIdx.x
        current = 0
        buffer[current, t] = a[t]
        cuda.syncthreads()
        distance = 1
        while distance < THREADS:
            value = buffer[current, t]
            if t >= distance:
                value += buffer[current, t - distance]
            current = 1 - current
            buffer[current, t] = value
            cuda.syncthreads()
            distance *= 2
        a[t] = buffer[current, t]

    a = np.random.default_rng(19).integers(0, 100, THREADS)
    expected = np.cumsum(a)
    scan[1, THREADS](a)
    assert np.array_equal(a, expected)


def test_reversal_needs_the_barrier():
    """Each thread reads what another one, of another warp, has written."""

    @cuda.jit
    def reverse(a):
        buffer = cuda.shared.array(256, int32)
        t = cuda.threadIdx.x
        buffer[t] = a[t]
        cuda.syncthreads()
        a[t] = buffer[cuda.blockDim.x - 1 - t]

    a = np.arange(256, dtype=np.int32)
    reverse[1, 256](a)
    assert np.array_equal(a, np.arange(256)[::-1])


def test_early_return_of_whole_blocks_before_a_barrier():
    @cuda.jit
    def program(a, limit):
        buffer = cuda.shared.array(32, int32)
        if cuda.blockIdx.x >= limit:
            return
        t = cuda.threadIdx.x
        buffer[t] = cuda.grid(1)
        cuda.syncthreads()
        a[cuda.grid(1)] = buffer[31 - t]

    a = np.full(128, -1, dtype=np.int32)
    program[4, 32](a, 2)
    expected = np.concatenate([np.arange(32)[::-1], np.arange(32, 64)[::-1], np.full(64, -1)])
    assert np.array_equal(a, expected)


def test_threads_past_the_end_still_reach_the_barrier():
    @cuda.jit
    def program(a, n):
        buffer = cuda.shared.array(64, float64)
        t = cuda.threadIdx.x
        if t < n:
            buffer[t] = a[t]
        cuda.syncthreads()
        if t < n:
            a[t] = buffer[n - 1 - t]

    a = np.arange(50.0)
    program[1, 64](a, 50)
    assert np.array_equal(a, np.arange(50.0)[::-1])


def test_variables_live_across_barriers():
    """Values of every kind, each thread's own, survive several barriers."""

    @cuda.jit
    def program(out):
        buffer = cuda.shared.array(32, int64)
        t = cuda.threadIdx.x
        integer = t * 3
        real = t * 0.5
        pair = (t + 1, t * 0.25)
        flag = t % 3 == 0
        for round in range(4):
            buffer[t] = integer
            cuda.syncthreads()
            integer = buffer[(t + 1) % 32] + round
            cuda.syncthreads()
            real += 1.5
            flag = not flag
        out[t, 0] = integer
        out[t, 1] = real
        out[t, 2] = pair[0] + pair[1]
        out[t, 3] = 1 if flag else 0

    out = np.zeros((32, 4))
    program[1, 32](out)
    t = np.arange(32)
    integer = t * 3
    for round in range(4):
        integer = np.roll(integer, -1) + round
    expected = np.stack([integer, t * 0.5 + 6, t + 1 + t * 0.25, t % 3 == 0], axis=1)
    assert np.array_equal(out, expected)


def test_barrier_inside_a_uniform_branch():
    @cuda.jit
    def program(a, mode):
        buffer = cuda.shared.array(32, int32)
        t = cuda.threadIdx.x
        buffer[t] = a[t]
        if mode == 1:
            cuda.syncthreads()
            a[t] = buffer[31 - t]
        else:
            cuda.syncthreads()
            a[t] = buffer[(t + 1) % 32]

    for mode, expected in ((1, np.arange(32)[::-1]), (2, np.roll(np.arange(32), -1))):
        a = np.arange(32, dtype=np.int32)
        program[1, 32](a, mode)
        assert np.array_equal(a, expected)


def test_barrier_in_a_device_function():
    @cuda.jit(device=True)
    def total_of_block(buffer, value):
        t = cuda.threadIdx.x
        buffer[t] = value
        cuda.syncthreads()
        total = 0
        for i in range(cuda.blockDim.x):
            total += buffer[i]
        cuda.syncthreads()
        return total

    @cuda.jit
    def program(out):
        buffer = cuda.shared.array(32, int64)
        first = total_of_block(buffer, cuda.threadIdx.x)
        out[cuda.grid(1)] = first + total_of_block(buffer, cuda.threadIdx.x * 2)

    out = np.zeros(64, dtype=np.int64)
    program[2, 32](out)
    assert np.array_equal(out, np.full(64, 3 * 496))


def test_barrier_loop_with_a_break_for_all():
    @cuda.jit
    def program(a, out):
        done = cuda.shared.array(1, int32)
        t = cuda.threadIdx.x
        rounds = 0
        while True:
            if t == 0:
                done[0] = 1
            cuda.syncthreads()
            if a[t] > 0:
                a[t] -= 1
                done[0] = 0
            cuda.syncthreads()
            stop = done[0]
            cuda.syncthreads()
            if stop:
                break
            rounds += 1
        out[t] = rounds

    a = np.arange(32)
    out = np.zeros(32, dtype=np.int64)
    program[1, 32](a, out)
    assert not a.any() and np.array_equal(out, np.full(32, 31))


def test_blocks_have_their_own_shared_memory():
    @cuda.jit
    def program(out):
        counter = cuda.shared.array(1, int32)
        t = cuda.threadIdx.x
        if t == 0:
            counter[0] = 0
        cuda.syncthreads()
        cuda.atomic.add(counter, 0, 1)
        cuda.syncthreads()
        if t == 0:
            out[cuda.blockIdx.x] = counter[0]

    out = np.zeros(20, dtype=np.int64)
    program[20, 48](out)
    assert np.array_equal(out, np.full(20, 48))


def test_two_shared_arrays_do_not_overlap():
    @cuda.jit
    def program(out):
        a = cuda.shared.array(32, int32)
        b = cuda.shared.array(32, float64)
        t = cuda.threadIdx.x
        a[t] = t
        b[t] = -t
        cuda.syncthreads()
        out[t] = a[31 - t] * 1000 + b[31 - t]

    out = np.zeros(32)
    program[1, 32](out)
    t = np.arange(32)[::-1]
    assert np.array_equal(out, t * 999.0)


@pytest.mark.parametrize("dtype", [np.int32, np.uint32, np.int64, np.uint64, np.float32, np.float64])
def test_atomic_add(dtype):
    @cuda.jit
    def program(a, counts):
        i = cuda.grid(1)
        if i < a.size:
            cuda.atomic.add(counts, a[i], 1)

    a = np.random.default_rng(20).integers(0, 10, 2000)
    counts = np.zeros(10, dtype=dtype)
    program[10, 200](a, counts)
    assert np.array_equal(counts, np.bincount(a, minlength=10))


def test_atomic_add_gives_the_old_value():
    @cuda.jit
    def program(counter, taken):
        ticket = cuda.atomic.add(counter, 0, 1)
        taken[ticket] += 1

    counter, taken = np.zeros(1, dtype=np.int32), np.zeros(256, dtype=np.int32)
    program[4, 64](counter, taken)
    assert counter[0] == 256 and np.array_equal(taken, np.ones(256))


def test_atomic_add_2d():
    @cuda.jit
    def program(a):
        t = cuda.threadIdx.x
        cuda.atomic.add(a, (t % 2, t % 3), t)

    a = np.zeros((2, 3), dtype=np.int64)
    program[1, 60](a)
    expected = np.zeros((2, 3), dtype=np.int64)
    for t in range(60):
        expected[t % 2, t % 3] += t
    assert np.array_equal(a, expected)


@cuda.jit(device=True)
def clamp(x, low, high):
    if x < low:
        return low
    if x > high:
        return high
    return x


@cuda.jit(device=True)
def clamped_square(x):
    y = clamp(x, -3, 3)
    return y * y


def test_device_functions():
    @cuda.jit
    def program(a, b):
        i = cuda.grid(1)
        if i < a.size:
            a[i] = clamped_square(a[i])
            b[i] = clamp(b[i], 0.25, 0.75)

    a, b = np.arange(-6, 6), np.linspace(0, 1, 12)
    expected = np.clip(a, -3, 3) ** 2, np.clip(b, 0.25, 0.75)
    program[1, 32](a, b)
    assert np.array_equal(a, expected[0]) and np.array_equal(b, expected[1])


def test_device_function_writes_an_array():
    @cuda.jit(device=True)
    def swap(a, i, j):
        a[i], a[j] = a[j], a[i]

    @cuda.jit
    def program(a):
        i = cuda.grid(1)
        if i < a.size // 2:
            swap(a, i, a.size - 1 - i)

    a = np.arange(11)
    program[1, 32](a)
    assert np.array_equal(a, np.arange(11)[::-1])


def test_device_function_with_two_results():
    @cuda.jit(device=True)
    def polar(x, y):
        return math.sqrt(x * x + y * y), x + y

    @cuda.jit
    def program(x, y, out):
        i = cuda.grid(1)
        if i < x.size:
            radius, total = polar(x[i], y[i])
            out[i] = radius * total

    x, y = np.array([3.0, 6.0, 0.0]), np.array([4.0, 8.0, 2.0])
    out = np.zeros(3)
    program[1, 32](x, y, out)
    assert out.tolist() == [35.0, 140.0, 4.0]


def test_recursion_free_loops_per_thread():
    @cuda.jit
    def mandelbrot(out):
        i, j = cuda.grid(2)
        if i < out.shape[0] and j < out.shape[1]:
            c = complex(j / 8.0 - 2.0, i / 8.0 - 1.0)
            z = 0j
            n = 0
            while n < 50 and z.real * z.real + z.imag * z.imag <= 4.0:
                z = z * z + c
                n += 1
            out[i, j] = n

    out = np.zeros((17, 24), dtype=np.int32)
    mandelbrot[(5, 6), (4, 4)](out)
    expected = np.zeros_like(out)
    for i in range(17):
        for j in range(24):
            c, z, n = complex(j / 8 - 2, i / 8 - 1), 0j, 0
            while n < 50 and z.real * z.real + z.imag * z.imag <= 4.0:
                z, n = z * z + c, n + 1
            expected[i, j] = n
    assert np.array_equal(out, expected)


def test_one_kernel_at_several_types():
    for dtype in (np.int16, np.float32, np.float64):
        x = np.arange(5).astype(dtype)
        out = np.zeros(5, dtype=dtype)
        add[1, 32](x, x, out)
        assert np.array_equal(out, x + x)


def test_kernel_with_an_eager_signature():
    @cuda.jit("void(float64[:], int64)")
    def program(a, n):
        i = cuda.grid(1)
        if i < n:
            a[i] = i

    a = np.zeros(40)
    program[1, 64](a, 30)
    assert np.array_equal(a, np.where(np.arange(40) < 30, np.arange(40), 0))


def test_captured_constants():
    factor = 2.5
    offsets = (1, 10, 100)

    @cuda.jit
    def program(a):
        i = cuda.grid(1)
        if i < a.size:
            a[i] = i * factor + offsets[i % 3]

    a = np.zeros(9)
    program[1, 32](a)
    assert np.array_equal(a, np.arange(9) * 2.5 + np.array(offsets * 3))


def test_integer_division_and_remainder_of_indices():
    @cuda.jit
    def program(out):
        i = cuda.grid(1)
        if i < out.shape[0]:
            out[i, 0] = (i - 8) // 3
            out[i, 1] = (i - 8) % 3
            out[i, 2] = (i - 8) / 4

    out = np.zeros((16, 3))
    program[1, 32](out)
    i = np.arange(16) - 8
    assert np.array_equal(out, np.stack([i // 3, i % 3, i / 4], axis=1))


def test_jacobi_launches_follow_each_other():
    @cuda.jit
    def step(a, b):
        i, j = cuda.grid(2)
        if 0 < i < a.shape[0] - 1 and 0 < j < a.shape[1] - 1:
            b[i, j] = 0.25 * (a[i - 1, j] + a[i + 1, j] + a[i, j - 1] + a[i, j + 1])

    start = np.random.default_rng(21).random((9, 10))
    a, b = cuda.to_device(start), cuda.to_device(start)
    expected, other = start.copy(), start.copy()
    for _ in range(6):
        step[(3, 3), (4, 4)](a, b)
        a, b = b, a
        other[1:-1, 1:-1] = 0.25 * (
            expected[:-2, 1:-1] + expected[2:, 1:-1] + expected[1:-1, :-2] + expected[1:-1, 2:]
        )
        expected, other = other, expected
    assert np.array_equal(a.copy_to_host(), expected)


@pytest.mark.parametrize(
    "configuration", [(0, 32), (1, 0), (1, -1), (-1, 1), ((1, 1, 1, 1), 1), (1, (1, 1, 1, 1))]
)
def test_wrong_configurations_are_refused(configuration):
    with pytest.raises((ValueError, TypeError)):
        add[configuration](np.zeros(1), np.zeros(1), np.zeros(1))


def test_more_threads_than_a_block_may_have():
    with pytest.raises(Exception, match="(?i)thread|block|resources|INVALID_VALUE"):
        add[1, 1025](np.zeros(1), np.zeros(1), np.zeros(1))
    out = np.zeros(1)
    add[1, 32](np.ones(1), np.ones(1), out)  # and the next launch works
    assert out[0] == 2


def test_a_kernel_must_not_return_a_value():
    from cantil.core.errors import TypingError

    @cuda.jit
    def program(a):
        return a[0]

    with pytest.raises((TypeError, TypingError)):
        program[1, 1](np.zeros(1))


def test_a_kernel_needs_a_configuration():
    with pytest.raises(Exception, match="(?i)configur|launch"):
        add(np.zeros(1), np.zeros(1), np.zeros(1))
