"""Operations of warps and combining barriers, on the simulator or a GPU: in lockstep, under conditions, on fibers."""

import numpy as np
import pytest
from cantil import cuda, float32, int32, int64

pytestmark = pytest.mark.targets("sim", "gpu")


@pytest.fixture(autouse=True)
def on_each_device(target):
    """Names the device in every test's id."""


FULL = 0xFFFFFFFF
DTYPES = [
    np.bool_,
    np.int8,
    np.uint8,
    np.int16,
    np.uint16,
    np.int32,
    np.uint32,
    np.int64,
    np.uint64,
    np.float16,
    np.float32,
    np.float64,
    np.complex64,
    np.complex128,
]


def values(n, dtype):
    rng = np.random.default_rng(7)
    if np.dtype(dtype).kind == "b":
        return rng.integers(0, 2, n).astype(bool)
    if np.dtype(dtype).kind == "c":
        return (rng.normal(size=n) + 1j * rng.normal(size=n)).astype(dtype)
    if np.dtype(dtype).kind == "f":
        return rng.normal(size=n).astype(dtype)
    info = np.iinfo(dtype)
    return rng.integers(info.min, info.max, n, dtype=dtype, endpoint=True)


@cuda.jit
def shuffles(a, lanes, idx, up, down, xor):
    i = cuda.grid(1)
    if i < a.size:
        idx[i] = cuda.shfl_sync(FULL, a[i], lanes[i])
        up[i] = cuda.shfl_up_sync(FULL, a[i], 3)
        down[i] = cuda.shfl_down_sync(FULL, a[i], 5)
        xor[i] = cuda.shfl_xor_sync(FULL, a[i], 6)


@pytest.mark.parametrize("dtype", DTYPES)
def test_shuffles(dtype):
    n = 128
    a = values(n, dtype)
    lanes = np.random.default_rng(1).integers(0, 64, n)
    out = [np.zeros(n, dtype) for _ in range(4)]
    shuffles[2, 64](a, lanes, *out)
    warps = a.reshape(-1, 32)
    k = np.arange(32)
    assert np.array_equal(out[0], warps.repeat(32, 0)[np.arange(n), lanes % 32])
    assert np.array_equal(out[1], warps[:, np.where(k >= 3, k - 3, k)].ravel())
    assert np.array_equal(out[2], warps[:, np.where(k < 27, k + 5, k)].ravel())
    assert np.array_equal(out[3], warps[:, k ^ 6].ravel())


def test_result_types_are_the_values():
    @cuda.jit
    def k(out):
        v = cuda.shfl_sync(FULL, int32(2000000000), 0)
        out[cuda.threadIdx.x] = v + v  # int64, as of any int32
        assert cuda.shfl_sync(FULL, True, 0)

    out = np.zeros(32, np.int64)
    k[1, 32](out)
    assert (out == 4000000000).all()


@pytest.mark.parametrize("threads", [1, 20, 32, 50, 96, 1024])
def test_votes_and_matches(threads):
    @cuda.jit
    def k(a, all_, any_, equal, ballot, match, match_all, same):
        i = cuda.grid(1)
        p = a[i] > 2
        all_[i] = cuda.all_sync(FULL, p)
        any_[i] = cuda.any_sync(FULL, a[i] == 7)
        equal[i] = cuda.eq_sync(FULL, a[i] > 100)
        ballot[i] = cuda.ballot_sync(FULL, p)
        match[i] = cuda.match_any_sync(FULL, a[i])
        m, s = cuda.match_all_sync(FULL, a[i] // 8)
        match_all[i] = m
        same[i] = s

    n = 2 * threads
    a = np.random.default_rng(3).integers(0, 8, n)
    bools = [np.zeros(n, np.bool_) for _ in range(3)]
    ints = [np.zeros(n, np.int32) for _ in range(3)]
    same = np.zeros(n, np.bool_)
    k[2, threads](a, *bools, *ints, same)
    for block in range(2):
        for first in range(0, threads, 32):
            at = slice(block * threads + first, block * threads + min(first + 32, threads))
            warp = a[at]
            bits = np.uint32(1) << np.arange(warp.size, dtype=np.uint32)
            everyone = np.bitwise_or.reduce(bits)
            assert (bools[0][at] == (warp > 2).all()).all()
            assert (bools[1][at] == (warp == 7).any()).all()
            assert bools[2][at].all()
            assert (ints[0][at].view(np.uint32) == bits[warp > 2].sum()).all()
            expected = [bits[warp == v].sum() for v in warp]
            assert (ints[1][at].view(np.uint32) == expected).all()
            assert (ints[2][at].view(np.uint32) == everyone).all() and same[at].all()


def test_matches_of_floats_and_differing_values():
    @cuda.jit
    def k(a, out, all_):
        i = cuda.threadIdx.x
        out[i] = cuda.match_any_sync(FULL, a[i])
        m, s = cuda.match_all_sync(FULL, a[i])
        all_[i] = m != 0 or s

    a = np.tile([0.5, 1.5], 16)
    out, all_ = np.zeros(32, np.int32), np.zeros(32, np.bool_)
    for dtype in (np.float64, np.float32, np.int64):
        k[1, 32](a.astype(dtype) if dtype != np.int64 else np.arange(32) % 2, out, all_)
        assert out.view(np.uint32).tolist() == [0x55555555, 0xAAAAAAAA] * 16
        assert not all_.any()


def test_masks_that_name_some_lanes():
    @cuda.jit
    def k(a, sums, ballots):
        i = cuda.threadIdx.x
        lane = cuda.laneid
        mask = 0x0000FFFF if lane < 16 else 0xFFFF0000
        ballots[i] = cuda.ballot_sync(mask, a[i] & 1)
        v = a[i]
        for k in range(4):
            v += cuda.shfl_xor_sync(mask, v, 1 << k)
        sums[i] = v

    a = np.arange(64)
    sums, ballots = np.zeros(64, np.int64), np.zeros(64, np.int32)
    k[1, 64](a, sums, ballots)
    assert np.array_equal(sums, a.reshape(-1, 16).sum(1).repeat(16))
    assert ballots.view(np.uint32).tolist() == ([0xAAAA] * 16 + [0xAAAA0000] * 16) * 2


def test_lanes_and_masks():
    @cuda.jit
    def k(lane, below, active):
        i = cuda.threadIdx.x
        lane[i] = cuda.laneid
        below[i] = cuda.lanemask_lt()
        active[i] = cuda.activemask()

    lane, below, active = (np.zeros(40, np.int64) for _ in range(3))
    k[1, 40](lane, below, active)
    assert np.array_equal(lane, np.arange(40) % 32)
    assert np.array_equal(below, (1 << np.arange(40) % 32) - 1)
    assert active.tolist() == [FULL] * 32 + [0xFF] * 8


@cuda.jit(device=True)
def warp_sum(v):
    for k in range(5):
        v += cuda.shfl_down_sync(FULL, v, 16 >> k)
    return v


@cuda.jit
def block_sum(a, out):
    shared = cuda.shared.array(32, float32)
    i = cuda.grid(1)
    t = cuda.threadIdx.x
    v = a[i] if i < a.size else float32(0)
    v = warp_sum(v)
    if t % 32 == 0:
        shared[t // 32] = v
    cuda.syncthreads()
    if t < 32:
        v = shared[t] if t < cuda.blockDim.x // 32 else float32(0)
        v = warp_sum(v)
        if t == 0:
            cuda.atomic.add(out, 0, v)


@pytest.mark.parametrize("n, blocks, threads", [(1, 1, 32), (1000, 4, 256), (4096, 4, 1024), (100, 2, 64)])
def test_block_sum(n, blocks, threads):
    a = np.arange(n, dtype=np.float32)
    out = np.zeros(1, np.float32)
    block_sum[blocks, threads](a, out)
    assert out[0] == a.sum()


def test_threads_that_have_returned_are_not_counted():
    @cuda.jit
    def k(a, out, n):
        i = cuda.threadIdx.x
        if i >= n:
            return
        m = cuda.ballot_sync(FULL, True)
        c = cuda.syncthreads_count(a[i] > 0)
        d = cuda.all_sync(FULL, a[i] > 0)
        out[i] = m * 1000 + c * 10 + d

    a = np.array([1] * 7 + [0] * 57)
    out = np.zeros(64, np.int64)
    k[1, 64](a, out, 7)
    assert out.tolist() == [127 * 1000 + 71] * 7 + [0] * 57


def test_syncthreads_that_combine():
    @cuda.jit
    def k(a, count, all_, any_):
        i = cuda.grid(1)
        count[i] = cuda.syncthreads_count(a[i] > 3)
        all_[i] = cuda.syncthreads_and(a[i] < 6)
        any_[i] = cuda.syncthreads_or(a[i] == 6)

    a = np.random.default_rng(5).integers(0, 7, 300)
    out = [np.zeros(300, np.int32) for _ in range(3)]
    k[3, 100](a, *out)
    for b in range(3):
        at = slice(100 * b, 100 * b + 100)
        assert (out[0][at] == (a[at] > 3).sum()).all()
        assert (out[1][at] == (a[at] < 6).all()).all()
        assert (out[2][at] == (a[at] == 6).any()).all()


def test_a_loop_that_the_block_leaves_together():
    @cuda.jit
    def k(a, rounds):
        i = cuda.threadIdx.x
        n = 0
        while cuda.syncthreads_or(a[i] > 0):
            a[i] -= 1
            n += 1
        rounds[i] = n

    a = np.arange(50)
    rounds = np.zeros(50, np.int64)
    k[1, 50](a, rounds)
    assert (rounds == 49).all() and a.max() == 0


def test_warp_operations_in_both_branches():
    @cuda.jit
    def k(a, out):
        i = cuda.threadIdx.x
        if i < 32:
            out[i] = cuda.shfl_xor_sync(FULL, a[i], 1)
        else:
            out[i] = cuda.shfl_xor_sync(FULL, a[i], 2) + 100

    a = np.arange(64)
    out = np.zeros(64, np.int64)
    k[1, 64](a, out)
    assert np.array_equal(out, np.r_[np.arange(32) ^ 1, (np.arange(32, 64) ^ 2) + 100])


def test_lanes_at_different_places():
    # Half of the warp counts itself in a loop that the other half leaves earlier: fibers.
    @cuda.jit
    def k(n, out):
        i = cuda.threadIdx.x
        total = 0
        for r in range(n[i]):
            m = cuda.activemask()
            total += cuda.popc(m)
            cuda.syncwarp(m)
        out[i] = total

    n = np.array([2] * 10 + [5] * 22)
    out = np.zeros(32, np.int64)
    k[1, 32](n, out)
    assert out.tolist() == [64] * 10 + [2 * 32 + 3 * 22] * 22


def test_compaction_by_ballots():
    @cuda.jit
    def k(a, out, count):
        i = cuda.grid(1)
        keep = i < a.size and a[i] % 3 == 0
        m = cuda.ballot_sync(FULL, keep)
        base = 0
        if cuda.laneid == 0:
            base = cuda.atomic.add(count, 0, cuda.popc(m))
        base = cuda.shfl_sync(FULL, base, 0)
        if keep:
            out[base + cuda.popc(m & cuda.lanemask_lt())] = a[i]

    a = np.random.default_rng(2).integers(0, 1000, 777)
    out, count = np.zeros(777, np.int64), np.zeros(1, np.int64)
    k[7, 128](a, out, count)
    expected = a[a % 3 == 0]
    assert count[0] == expected.size and np.array_equal(np.sort(out[: count[0]]), np.sort(expected))


def test_scan_by_shuffles_in_two_dimensions():
    @cuda.jit
    def k(a, out):
        x, y = cuda.threadIdx.x, cuda.threadIdx.y
        v = a[y, x]
        for s in range(5):
            u = cuda.shfl_up_sync(FULL, v, 1 << s)
            if cuda.laneid >= 1 << s:
                v += u
        out[y, x] = v

    a = np.arange(4 * 16).reshape(4, 16)
    out = np.zeros_like(a)
    k[1, (16, 4)](a, out)
    assert np.array_equal(out.reshape(2, 32), np.cumsum(a.reshape(2, 32), axis=1))


def test_warp_synchronous_shared_memory():
    @cuda.jit
    def k(a, out):
        s = cuda.shared.array(64, int64)
        i = cuda.threadIdx.x
        s[i] = a[i]
        cuda.syncwarp()
        v = s[i ^ 1]
        cuda.syncwarp()
        s[i] = v * 2
        cuda.syncwarp()
        out[i] = s[(i & 32) + (31 - i % 32)]

    a = np.arange(64)
    out = np.zeros(64, np.int64)
    k[1, 64](a, out)
    doubled = 2 * (np.arange(64) ^ 1)
    assert np.array_equal(out, doubled.reshape(2, 32)[:, ::-1].ravel())


@pytest.mark.targets("sim")
def test_lanes_that_never_come_are_reported():
    @cuda.jit
    def k(n, out):
        i = cuda.threadIdx.x
        for r in range(n[i]):
            out[i] = cuda.shfl_sync(FULL, i, 0)
        cuda.syncthreads()

    n = np.array([1] * 31 + [2])
    with pytest.raises(Exception, match="for lanes of their warp that never come.*0xffffffff"):
        k[1, 32](n, np.zeros(32, np.int64))


@pytest.mark.parametrize("blocks, threads", [(1, 8), (4, 64), (7, 33)])
def test_barriers_of_the_grid(blocks, threads):
    @cuda.jit
    def k(a, out):
        grid = cuda.cg.this_grid()
        i = cuda.grid(1)
        a[i] = i
        for r in range(3):
            grid.sync()
            t = a[(i + 1) % a.size]
            grid.sync()
            a[i] = t
        out[i] = a[i]

    n = blocks * threads
    out = np.zeros(n, np.int64)
    k[blocks, threads](np.zeros(n, np.int64), out)
    assert np.array_equal(out, np.roll(np.arange(n), -3))


def test_bits():
    @cuda.jit
    def k(a, popc, clz, ffs, brev):
        i = cuda.grid(1)
        popc[i] = cuda.popc(a[i])
        clz[i] = cuda.clz(a[i])
        ffs[i] = cuda.ffs(a[i])
        brev[i] = cuda.brev(a[i])

    for dtype, bits in [(np.int32, 32), (np.uint32, 32), (np.int64, 64), (np.uint64, 64)]:
        a = np.array([0, 1, 2, 12, 2**31 - 1, 2**20], dtype)
        popc, clz, ffs, brev = (np.zeros(6, np.uint64) for _ in range(4))
        k[1, 6](a, popc, clz, ffs, brev)
        assert popc.tolist() == [int(v).bit_count() for v in a]
        assert clz.tolist() == [bits - int(v).bit_length() for v in a]
        assert ffs.tolist() == [(int(v) & -int(v)).bit_length() for v in a]
        assert brev.tolist() == [int(f"{int(v):0{bits}b}"[::-1], 2) for v in a]


def test_nanosleep_and_fences_do_nothing_to_values():
    @cuda.jit
    def k(a):
        a[cuda.grid(1)] += 1
        cuda.nanosleep(20)
        cuda.threadfence()
        cuda.threadfence_block()
        cuda.threadfence_system()
        a[cuda.grid(1)] += 1

    a = np.zeros(4)
    k[1, 4](a)
    assert (a == 2).all()
