"""Arithmetic and mathematics of float16 numbers in kernels; the operators do the same."""

from ._names import Name

__all__ = """
    hadd hsub hmul hdiv hfma hneg habs hmax hmin heq hne hge hgt hle hlt hsin hcos hlog hlog2 hlog10
    hexp hexp2 hexp10 hsqrt hrsqrt hrcp hceil hfloor htrunc hrint htanh
""".split()

globals().update({name: Name(f"cuda.fp16.{name}", "of float16 numbers") for name in __all__})
