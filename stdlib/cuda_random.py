"""cuda.random: the generator xoroshiro128+, one state per thread, with Numba's streams."""

import math

from cantil import cuda
from cantil.library import cast, overload

_TO_UNIT = 1.0 / 9007199254740992.0  # 2^-53
_TWO_PI = 2.0 * math.pi


@overload(cuda.random.init_xoroshiro128p_state)
def init_xoroshiro128p_state(states: Array1, index: Whole, seed: Whole):
    """Sets a state from a seed, by one step of SplitMix64."""
    z = cast(seed, uint64) + 0x9E3779B97F4A7C15
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9
    z = (z ^ (z >> 27)) * 0x94D049BB133111EB
    z = z ^ (z >> 31)
    states[index].s0 = z
    states[index].s1 = z


@overload(cuda.random.xoroshiro128p_next)
def xoroshiro128p_next(states: Array1, index: Whole):
    """The next 64 bits of a state."""
    s0 = states[index].s0
    s1 = states[index].s1
    result = s0 + s1
    s1 = s1 ^ s0
    states[index].s0 = ((s0 << 55) | (s0 >> 9)) ^ s1 ^ (s1 << 14)
    states[index].s1 = (s1 << 36) | (s1 >> 28)
    return result


@overload(cuda.random.xoroshiro128p_jump)
def xoroshiro128p_jump(states: Array1, index: Whole):
    """Advances a state by 2^64 steps."""
    s0 = uint64(0)
    s1 = uint64(0)
    for word in range(2):
        bits = uint64(0xBEAC0467EBA5FACB) if word == 0 else uint64(0xD86B048B86AA9922)
        for k in range(64):
            if (bits >> k) & uint64(1) != uint64(0):
                s0 = s0 ^ states[index].s0
                s1 = s1 ^ states[index].s1
            xoroshiro128p_next(states, index)
    states[index].s0 = s0
    states[index].s1 = s1


@overload(cuda.random.uint64_to_unit_float64)
def uint64_to_unit_float64(x: Whole):
    """A float64 in [0, 1) of the upper 53 bits."""
    return cast(cast(x, uint64) >> 11, float64) * _TO_UNIT


@overload(cuda.random.uint64_to_unit_float32)
def uint64_to_unit_float32(x: Whole):
    """A float32 in [0, 1]."""
    return cast(uint64_to_unit_float64(x), float32)


@overload(cuda.random.xoroshiro128p_uniform_float32)
def xoroshiro128p_uniform_float32(states: Array1, index: Whole):
    """A float32, uniformly distributed between 0 and 1."""
    return uint64_to_unit_float32(xoroshiro128p_next(states, index))


@overload(cuda.random.xoroshiro128p_uniform_float64)
def xoroshiro128p_uniform_float64(states: Array1, index: Whole):
    """A float64, uniformly distributed in [0, 1)."""
    return uint64_to_unit_float64(xoroshiro128p_next(states, index))


@overload(cuda.random.xoroshiro128p_normal_float32)
def xoroshiro128p_normal_float32(states: Array1, index: Whole):
    """A normally distributed float32 (Box-Muller's first)."""
    u1 = xoroshiro128p_uniform_float32(states, index)
    u2 = xoroshiro128p_uniform_float32(states, index)
    return math.sqrt(float32(-2.0) * math.log(u1)) * math.cos(cast(_TWO_PI, float32) * u2)


@overload(cuda.random.xoroshiro128p_normal_float64)
def xoroshiro128p_normal_float64(states: Array1, index: Whole):
    """A normally distributed float64 (Box-Muller's first)."""
    u1 = xoroshiro128p_uniform_float64(states, index)
    u2 = xoroshiro128p_uniform_float64(states, index)
    return math.sqrt(-2.0 * math.log(u1)) * math.cos(_TWO_PI * u2)
