"""Random numbers in kernels: xoroshiro128+ with one state per thread, the streams of Numba's `cuda.random`.

    states = create_xoroshiro128p_states(blocks * threads, seed=1)

    @cuda.jit
    def k(states, out):
        i = cuda.grid(1)
        out[i] = xoroshiro128p_uniform_float32(states, i)

The states are 2^64 numbers apart from each other, so that the threads' streams do not overlap.
"""

import functools

import numpy as np

from ._names import Name

xoroshiro128p_dtype = np.dtype([("s0", np.uint64), ("s1", np.uint64)], align=True)

_NAMES = {
    "init_xoroshiro128p_state": "init_xoroshiro128p_state(states, index, seed): sets one state",
    "xoroshiro128p_jump": "xoroshiro128p_jump(states, index): advances one state by 2^64 numbers",
    "xoroshiro128p_next": "xoroshiro128p_next(states, index): the next uint64",
    "xoroshiro128p_uniform_float32": "xoroshiro128p_uniform_float32(states, index): a float32 between 0 and 1",
    "xoroshiro128p_uniform_float64": "xoroshiro128p_uniform_float64(states, index): a float64 in [0, 1)",
    "xoroshiro128p_normal_float32": "xoroshiro128p_normal_float32(states, index): a normally distributed float32",
    "xoroshiro128p_normal_float64": "xoroshiro128p_normal_float64(states, index): a normally distributed float64",
    "uint64_to_unit_float32": "uint64_to_unit_float32(x): 64 random bits as a float32 between 0 and 1",
    "uint64_to_unit_float64": "uint64_to_unit_float64(x): 64 random bits as a float64 in [0, 1)",
}

__all__ = [
    "create_xoroshiro128p_states",
    "init_xoroshiro128p_states",
    "xoroshiro128p_dtype",
    *_NAMES,
]

globals().update({name: Name(f"cuda.random.{name}", doc) for name, doc in _NAMES.items()})


@functools.cache
def _filler():
    from .. import njit

    @njit
    def next_state(state):
        s0, s1 = state
        s1 ^= s0
        return (((s0 << 55) | (s0 >> 9)) ^ s1 ^ (s1 << 14), (s1 << 36) | (s1 >> 28))

    @njit
    def jumped(state):
        zero = np.uint64(0)
        s0, s1 = zero, zero
        for word in (np.uint64(0xBEAC0467EBA5FACB), np.uint64(0xD86B048B86AA9922)):
            for k in range(64):
                if (word >> k) & np.uint64(1) != zero:
                    s0 ^= state[0]
                    s1 ^= state[1]
                state = next_state(state)
        return s0, s1

    @njit
    def fill(words, seed, first):
        z = seed + np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> 30)) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> 27)) * np.uint64(0x94D049BB133111EB)
        z = z ^ (z >> 31)
        state = (z, z)
        for _ in range(first):
            state = jumped(state)
        for i in range(len(words)):
            if i > 0:
                state = jumped(state)
            words[i, 0] = state[0]
            words[i, 1] = state[1]

    return fill


def _states(n, seed, subsequence_start):
    states = np.empty(n, xoroshiro128p_dtype)
    _filler()(states.view(np.uint64).reshape(n, 2), np.uint64(seed % 2**64), int(subsequence_start))
    return states


def init_xoroshiro128p_states(states, seed, subsequence_start=0, stream=0):
    """Sets the states of a device array from a seed: 2^64 numbers apart, from number `subsequence_start` on."""
    states.copy_to_device(_states(states.shape[0], seed, subsequence_start), stream=stream)


def create_xoroshiro128p_states(n, seed, subsequence_start=0, stream=0):
    """A device array of `n` states, set from a seed: 2^64 numbers apart, from number `subsequence_start` on."""
    from ._arrays import to_device

    return to_device(_states(n, seed, subsequence_start), stream=stream)
