"""Kernels as plain Python, under CANTIL_DISABLE_JIT=1: for a debugger, for prints, for coverage.

Each thread of a block is a Python thread, one running at a time, so that syncthreads() can wait for the others;
blocks run one after another. Everything that the names of device code give is looked up for the running thread.
"""

import collections
import functools
import itertools
import math
import threading

import numpy as np

from .._types import as_dtype


class _Here(threading.local):
    """The running thread's place; nothing outside of a kernel."""

    thread = block = block_dim = grid_dim = state = None


_here = _Here()


class _Place:
    """`x`, `y` and `z` of one of the places in _Here."""

    def __init__(self, which):
        self._which = which

    def _get(self, axis):
        place = getattr(_here, self._which)
        if place is None:
            from .. import _core

            _core.raise_diagnostic("OnlyInKernel", f"cuda.{self._which}")
        return place[axis]

    x = property(lambda self: self._get(0))
    y = property(lambda self: self._get(1))
    z = property(lambda self: self._get(2))


threadIdx, blockIdx, blockDim, gridDim = map(_Place, ("thread", "block", "block_dim", "grid_dim"))
warpsize = 32


def _per_axis(ndim, value):
    values = tuple(value(axis) for axis in "xyz"[:ndim])
    return values[0] if ndim == 1 else values


def grid(ndim):
    """This thread's place in the whole grid."""
    return _per_axis(ndim, lambda a: getattr(blockIdx, a) * getattr(blockDim, a) + getattr(threadIdx, a))


def gridsize(ndim):
    """The threads of the whole grid."""
    return _per_axis(ndim, lambda a: getattr(blockDim, a) * getattr(gridDim, a))


def _number():
    """This thread's number in its block."""
    x, y, z = _here.thread
    w, h, _ = _here.block_dim
    return x + w * (y + h * z)


class _Lane:
    def __index__(self):
        return _number() % warpsize

    __int__ = __index__


laneid = _Lane()


class _Failed(BaseException):
    """Another thread of the block has failed: this one ends."""


class _Block:
    """What the threads of a block share: arrays, whose turn it is, and a barrier that threads can leave for good."""

    def __init__(self, threads, dynamic_bytes):
        self.arrays = {}
        self.dynamic = np.zeros(dynamic_bytes, np.uint8)
        self.turn = threading.Lock()
        self.failure = None
        self._condition = threading.Condition()
        self._alive, self._waiting, self._round = threads, 0, 0
        self._living = set(range(threads))
        self._meetings = {}  # by those who meet: what each has brought

    def wait(self):
        self.turn.release()
        try:
            with self._condition:
                self._waiting += 1
                now = self._round
                self._open_if_complete()
                while self._round == now and self.failure is None:
                    self._condition.wait()
        finally:
            self.turn.acquire()
        if self.failure is not None:
            raise _Failed

    def meet(self, key, members, me, value):
        """Waits for the members that have not ended; what each of them has brought."""
        self.turn.release()
        try:
            with self._condition:
                meeting = self._meetings.setdefault(key, (members, {}, []))
                meeting[1][me] = value
                self._end_meetings()
                while not meeting[2] and self.failure is None:
                    self._condition.wait()
        finally:
            self.turn.acquire()
        if self.failure is not None:
            raise _Failed
        return meeting[1]

    def _end_meetings(self):
        for key, (members, brought, ended) in list(self._meetings.items()):
            if brought.keys() >= members & self._living:
                ended.append(True)
                del self._meetings[key]
                self._condition.notify_all()

    def fail(self, error):
        with self._condition:
            self.failure = self.failure or error
            self._condition.notify_all()

    def leave(self, me):
        with self._condition:
            self._alive -= 1
            self._living.discard(me)
            self._end_meetings()
            self._open_if_complete()

    def _open_if_complete(self):
        if self._waiting and self._waiting == self._alive:
            self._waiting = 0
            self._round += 1
            self._condition.notify_all()


def syncthreads():
    """Waits for all threads of the block."""
    _here.state.wait()


def _block_predicates(predicate):
    everyone = set(range(math.prod(_here.block_dim)))
    return _here.state.meet("block", everyone, _number(), bool(predicate)).values()


def syncthreads_count(predicate):
    """syncthreads() that counts the threads for which the predicate holds."""
    return sum(_block_predicates(predicate))


def syncthreads_and(predicate):
    """syncthreads() that gives 1 where the predicate holds for all threads."""
    return int(all(_block_predicates(predicate)))


def syncthreads_or(predicate):
    """syncthreads() that gives 1 where the predicate holds for some thread."""
    return int(any(_block_predicates(predicate)))


def _together(mask, value=None):
    """What each lane of the mask has brought, by lane."""
    me, mask = _number(), int(mask) & 0xFFFFFFFF
    first = me - me % warpsize
    threads = {first + k for k in range(warpsize) if mask >> k & 1 or first + k == me}
    brought = _here.state.meet((first, mask), threads, me, value)
    return {thread - first: v for thread, v in brought.items() if thread in threads}


def syncwarp(mask=0xFFFFFFFF):
    """Waits for the lanes of the mask."""
    _together(mask)


def shfl_sync(mask, value, src_lane):
    """The value of a lane."""
    return _together(mask, value).get(int(src_lane) & 31, value)


def shfl_up_sync(mask, value, delta):
    """The value of the lane `delta` below."""
    return _together(mask, value).get(int(laneid) - (int(delta) & 31), value)


def shfl_down_sync(mask, value, delta):
    """The value of the lane `delta` above."""
    return _together(mask, value).get(int(laneid) + (int(delta) & 31), value)


def shfl_xor_sync(mask, value, lane_mask):
    """The value of the lane whose number differs in the bits of `lane_mask`."""
    return _together(mask, value).get(int(laneid) ^ (int(lane_mask) & 31), value)


def all_sync(mask, predicate):
    """Whether the predicate holds in all lanes of the mask."""
    return all(_together(mask, bool(predicate)).values())


def any_sync(mask, predicate):
    """Whether the predicate holds in some lane of the mask."""
    return any(_together(mask, bool(predicate)).values())


def eq_sync(mask, predicate):
    """Whether the predicate is the same in all lanes of the mask."""
    return len(set(_together(mask, bool(predicate)).values())) == 1


def _lanes(chosen):
    return sum(1 << lane for lane in chosen)


def ballot_sync(mask, predicate):
    """The lanes of the mask where the predicate holds, a bit each."""
    return int(
        np.uint32(_lanes(k for k, v in _together(mask, bool(predicate)).items() if v)).astype(np.int32)
    )


def match_any_sync(mask, value):
    """The lanes of the mask with the same value, a bit each."""
    return int(np.uint32(_lanes(k for k, v in _together(mask, value).items() if v == value)).astype(np.int32))


def match_all_sync(mask, value):
    """(mask, True) where all lanes of the mask have the same value, else (0, False)."""
    values = _together(mask, value)
    same = all(v == value for v in values.values())
    return (int(np.uint32(_lanes(values)).astype(np.int32)) if same else 0), same


def activemask():
    """This lane: each thread runs for itself here."""
    return 1 << int(laneid)


def lanemask_lt():
    """The lanes below this one, a bit each."""
    return (1 << int(laneid)) - 1


def ldca(array, i):
    """array[i]."""
    return array[i]


ldcg = ldcs = ldlu = ldcv = ldca


def stcg(array, i, value):
    """array[i] = value."""
    array[i] = value


stcs = stwb = stwt = stcg


def nanosleep(ns):
    """Returns at once."""


def threadfence():
    """One thread runs at a time: writes are visible at once."""


threadfence_block = threadfence_system = threadfence


def _dtype(dtype):
    return as_dtype(dtype) if hasattr(dtype, "_dtype_number") else np.dtype(dtype)


class _Shared:
    @staticmethod
    def array(shape, dtype):
        """An array that the block's threads share: the n-th one that each of them asks for."""
        dtype, block = _dtype(dtype), _here.state
        if shape == 0:
            usable = block.dynamic.size // dtype.itemsize * dtype.itemsize
            return block.dynamic[:usable].view(dtype)
        _here.asked += 1
        if _here.asked not in block.arrays:
            block.arrays[_here.asked] = np.zeros(shape, dtype)
        return block.arrays[_here.asked]


class _Local:
    @staticmethod
    def array(shape, dtype):
        """An array of this thread."""
        return np.zeros(shape, _dtype(dtype))


class _Const:
    @staticmethod
    def array_like(array):
        """The array."""
        return array


shared, local, const = _Shared(), _Local(), _Const()


def _update(change):
    def operation(array, index, *values):
        old = array[index]
        array[index] = change(old, *(array.dtype.type(v) for v in values))
        return old

    return staticmethod(operation)


class _Atomic:
    """One thread runs at a time: each operation is atomic as it is."""

    add = _update(lambda old, v: old + v)
    sub = _update(lambda old, v: old - v)
    and_ = _update(lambda old, v: old & v)
    or_ = _update(lambda old, v: old | v)
    xor = _update(lambda old, v: old ^ v)
    max = _update(lambda old, v: v if v > old else old)
    min = _update(lambda old, v: v if v < old else old)
    nanmax = _update(lambda old, v: np.fmax(old, v))
    nanmin = _update(lambda old, v: np.fmin(old, v))
    exch = _update(lambda old, v: v)
    inc = _update(lambda old, limit: 0 if old >= limit else old + 1)
    dec = _update(lambda old, limit: limit if old == 0 or old > limit else old - 1)
    cas = _update(lambda old, expected, v: v if old == expected else old)

    @staticmethod
    def compare_and_swap(array, old, value):
        """cas() on element 0."""
        return _Atomic.cas(array, 0, old, value)


atomic = _Atomic()


def _bits(x):
    width = 8 * np.asarray(x).dtype.itemsize
    return int(x) & ((1 << width) - 1), width


def popc(x):
    """How many bits are set."""
    return _bits(x)[0].bit_count()


def brev(x):
    """The bits in reverse order."""
    value, width = _bits(x)
    return np.asarray(x).dtype.type(int(f"{value:0{width}b}"[::-1], 2))


def clz(x):
    """How many leading bits are zero."""
    value, width = _bits(x)
    return width - value.bit_length()


def ffs(x):
    """The place of the lowest set bit, from 1; 0 where there is none."""
    value = _bits(x)[0]
    return (value & -value).bit_length()


def fma(a, b, c):
    """a * b + c, rounded once where Python can."""
    return math.fma(a, b, c) if hasattr(math, "fma") else a * b + c


def cbrt(x):
    """The cube root."""
    return np.cbrt(x)


def rsqrt(x):
    """One over the square root."""
    return 1 / np.sqrt(x)


def selp(condition, a, b):
    """a where the condition holds, else b."""
    return a if condition else b


def vector(name):
    """A type of vectors, "float32x3": called with numbers and vectors, it puts them one behind another."""
    scalar, _, count = name.rpartition("x")
    cls = collections.namedtuple(name, "xyzw"[: int(count)])
    number = np.dtype(scalar).type

    def make(*parts):
        flat = itertools.chain.from_iterable(p if isinstance(p, tuple) else (p,) for p in parts)
        return cls(*map(number, flat))

    make.__name__ = name
    return make


def _three(dims):
    dims = (dims,) if not isinstance(dims, (tuple, list)) else tuple(dims)
    return tuple(int(d) for d in (*dims, 1, 1)[:3])


def _run_thread(function, args, block, place):
    _here.state, _here.asked = block, 0
    _here.thread, _here.block, _here.block_dim, _here.grid_dim = place
    with block.turn:
        try:
            function(*args)
        except _Failed:
            pass
        except BaseException as error:
            block.fail(error)
    block.leave(_number())  # a thread that has ended is not waited for, as on a GPU


class _Launcher:
    def __init__(self, kernel, grid_dim, block_dim, dynamic_bytes):
        self._kernel, self._grid, self._block, self._bytes = (
            kernel,
            _three(grid_dim),
            _three(block_dim),
            dynamic_bytes,
        )

    def __call__(self, *args):
        from ._arrays import DeviceNDArray

        hosts = [arg.copy_to_host() if isinstance(arg, DeviceNDArray) else arg for arg in args]
        for block_place in itertools.product(*(range(n) for n in reversed(self._grid))):
            self._run_block(hosts, block_place[::-1])
        for arg, host in zip(args, hosts):
            if isinstance(arg, DeviceNDArray):
                arg.copy_to_device(host)

    def _run_block(self, args, block_place):
        places = [p[::-1] for p in itertools.product(*(range(n) for n in reversed(self._block)))]
        block = _Block(len(places), self._bytes)
        workers = [
            threading.Thread(
                target=_run_thread,
                args=(self._kernel.py_func, args, block, (place, block_place, self._block, self._grid)),
                daemon=True,
            )
            for place in places
        ]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        if block.failure is not None:
            raise block.failure


class PlainKernel:
    """A kernel that runs as plain Python."""

    def __init__(self, function):
        functools.update_wrapper(self, function)
        self.py_func = function

    def __getitem__(self, configuration):
        grid_dim, block_dim, *rest = configuration
        return _Launcher(self, grid_dim, block_dim, int(rest[1]) if len(rest) > 1 else 0)

    @property
    def cpu(self):
        """Itself: it runs on the host anyway."""
        return self

    def __call__(self, *args):
        return self.py_func(*args)  # as a device function of another kernel

    def forall(self, ntasks, tpb=0, stream=0, sharedmem=0):
        """A launcher over at least `ntasks` threads."""
        threads = tpb or 64
        return self[max(1, -(-ntasks // threads)), threads, stream, sharedmem]
