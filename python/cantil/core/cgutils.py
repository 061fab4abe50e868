"""Helpers of Numba's code generation: Cantil's intrinsics have a builder of their own."""


def __getattr__(name):
    from .._internals import refuse

    refuse("cantil.core.cgutils", name)
