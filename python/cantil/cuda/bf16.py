"""Arithmetic, mathematics and conversions of bfloat16 numbers in kernels; the operators do the same.

Conversions are named by what they do: `float32_to_bfloat16_rd` (rn to the nearest, rz towards zero, rd down, ru up),
`bfloat16_to_int32_rz`, `int16_as_bfloat16` (the same bits); or as CUDA C has them, `float2bfloat16_rn`,
`bfloat162int_rz`.
"""

from ..types import bfloat16
from ._names import Name

_OPERATIONS = """
    hadd hsub hmul hdiv hfma hneg habs hmax hmin heq hne hge hgt hle hlt hsin hcos hlog hlog2 hlog10
    hexp hexp2 hexp10 hsqrt hrsqrt hrcp hceil hfloor htrunc hrint htanh htanh_approx hadd_rn hsub_rn
    hmul_rn hadd_sat hsub_sat hmul_sat hfma_sat hfma_relu hmax_nan hmin_nan hisnan hisinf hequ hneu hgeu
    hgtu hleu hltu
""".split()

_DIRECTIONS = ("_rn", "_rz", "_rd", "_ru")
_INTEGERS = {
    "int16": "short",
    "int32": "int",
    "int64": "ll",
    "uint16": "ushort",
    "uint32": "uint",
    "uint64": "ull",
}


def _conversions():
    for of, short in _INTEGERS.items():
        for direction in _DIRECTIONS:
            yield from (f"{of}_to_bfloat16{direction}", f"{short}2bfloat16{direction}")
            yield from (f"bfloat16_to_{of}{direction}", f"bfloat162{short}{direction}")
    for of, short in (("int8", "char"), ("uint8", "uchar")):
        yield from (f"bfloat16_to_{of}_rz", f"bfloat162{short}_rz")
    for of, short in (("int16", "short"), ("uint16", "ushort")):
        yield from (f"{of}_as_bfloat16", f"{short}_as_bfloat16")
        yield from (f"bfloat16_as_{of}", f"bfloat16_as_{short}")
    for direction in ("", *_DIRECTIONS):
        yield from (f"float32_to_bfloat16{direction}", f"float2bfloat16{direction}")
    yield from ("float64_to_bfloat16", "double2bfloat16", "bfloat16_to_float32", "bfloat162float")


__all__ = ["bfloat16", *_OPERATIONS, *_conversions()]

globals().update({name: Name(f"cuda.bf16.{name}", "of bfloat16 numbers") for name in __all__[1:]})
